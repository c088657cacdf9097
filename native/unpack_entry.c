/*
 * What an entry makes, and the attributes that it gives it.
 */
#define _GNU_SOURCE
#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define LATE_LIMIT 4096

/* The last entry of a name wins, as in tar. A layer's takes the place of whole directories. */
static int make_way(struct tree *t, const char *base)
{
	int result = unlinkat(t->fd, base, 0);

	if (result < 0 && (errno == EISDIR || errno == EPERM))
		result = t->mode == MODE_LAYER ? remove_tree(t->fd, base) :
						 unlinkat(t->fd, base, AT_REMOVEDIR);
	if (result == 0 || errno == ENOENT)
		return 0;
	if (errno == ENOTEMPTY || errno == EEXIST)
		return tree_fail(t, UNPACK_KEEPS_DIR, NULL);
	return tree_write_fault(t);
}

/* Runs a call again once what is in its way is gone. */
#define MAKE(t, base, call) \
	({ \
		int made_ = (call); \
		if (made_ < 0 && errno == EEXIST) \
			made_ = make_way(t, base) < 0 ? -2 : (call); \
		made_ == -1 ? tree_write_fault(t) : made_; \
	})

/* Only root can give files away; anyone else keeps them. */
static bool owns_already(const struct tree *t)
{
	const struct tar_entry *e = &t->tar.entry;

	/* What is made in a directory with setgid has its group, and with some mounts always. */
	return t->uid != 0 || (e->uid == t->uid && e->gid == t->gid && t->stat.st_gid == t->gid);
}

static int own(struct tree *t, int result)
{
	char owner[32];

	if (result == 0)
		return 0;
	if (errno != EINVAL)
		return tree_write_fault(t);
	snprintf(owner, sizeof(owner), "%u:%u", t->tar.entry.uid, t->tar.entry.gid);
	return tree_fail(t, UNPACK_OWNER_MAP, owner);
}

static void times_of(const struct tree *t, struct timespec times[2])
{
	times[0] = times[1] = t->tar.entry.mtime;
}

/* chown takes setuid bits and capabilities away, so it comes first. */
static int dress_fd(struct tree *t, int fd, mode_t mode, bool is_new)
{
	const struct tar_entry *e = &t->tar.entry;
	struct timespec times[2];

	times_of(t, times);
	if (!(is_new && owns_already(t)) && t->uid == 0 && own(t, fchown(fd, e->uid, e->gid)) < 0)
		return -1;
	if (t->has_default_acl)
		clear_acls(fd, NULL);
	if ((!is_new || (mode & 07000) || t->has_default_acl) && fchmod(fd, mode) < 0)
		return tree_write_fault(t);
	unpack_xattrs(t, fd, NULL);
	return futimens(fd, times) < 0 ? tree_write_fault(t) : 0;
}

/* What can't be opened. Its name is looked up in the directory itself, and not followed. */
static int dress_name(struct tree *t, const char *base)
{
	const struct tar_entry *e = &t->tar.entry;
	struct timespec times[2];

	times_of(t, times);
	if (!owns_already(t) &&
	    own(t, fchownat(t->fd, base, e->uid, e->gid, AT_SYMLINK_NOFOLLOW)) < 0)
		return -1;
	if (t->has_default_acl || t->tar.local_len || t->tar.global_len) {
		if (fchdir(t->fd) < 0)
			return tree_write_fault(t);
		if (t->has_default_acl)
			clear_acls(-1, base);
		unpack_xattrs(t, -1, base);
	}
	if (e->type != ENTRY_SYMLINK && fchmodat(t->fd, base, e->mode, 0) < 0)
		return tree_write_fault(t);
	return utimensat(t->fd, base, times, AT_SYMLINK_NOFOLLOW) < 0 ? tree_write_fault(t) : 0;
}

static int write_all(struct tree *t, int fd, const char *at, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return tree_write_fault(t);
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_data(struct tree *t, int fd)
{
	const struct tar_entry *e = &t->tar.entry;
	uint64_t room = e->sparse ? 0 : UINT64_MAX;
	size_t next = 0;
	const char *piece;
	ssize_t n;

	while ((n = tar_data(&t->tar, &piece)) > 0) {
		while (n > 0) {
			size_t part;

			/* The map adds up to the data, so there is an extent for each byte. */
			while (room == 0) {
				if (next == e->extents)
					return tree_fail(t, UNPACK_SPARSE_FIT, NULL);
				room = t->tar.extent[next].length;
				if (room &&
				    lseek(fd, (off_t)t->tar.extent[next].offset, SEEK_SET) < 0)
					return tree_write_fault(t);
				next++;
			}
			part = (uint64_t)n < room ? (size_t)n : (size_t)room;
			if (write_all(t, fd, piece, part) < 0)
				return -1;
			piece += part;
			n -= (ssize_t)part;
			room -= e->sparse ? part : 0;
		}
	}
	if (n < 0)
		return tree_archive_fault(t);
	return e->sparse && ftruncate(fd, (off_t)e->real_size) < 0 ? tree_write_fault(t) : 0;
}

static int make_file(struct tree *t, const char *base)
{
	mode_t mode = t->tar.entry.mode;
	int fd = MAKE(t, base,
		      openat(t->fd, base, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			     mode & 0777));
	int result;

	if (fd < 0)
		return -1;
	result = write_data(t, fd) < 0 ? -1 : dress_fd(t, fd, mode, true);
	close(fd);
	return result;
}

/* An ordinary user must be able to enter a directory for as long as something is made below it. */
static int set_late(struct tree *t, mode_t mode)
{
	size_t i = 0;

	while (i < t->lates && strcmp(t->late[i].path, t->name) != 0)
		i++;
	if (i == t->lates) {
		if ((mode & 0500) == 0500)
			return 0;
		if (!t->late)
			t->late = calloc(LATE_LIMIT, sizeof(*t->late));
		if (!t->late || i == LATE_LIMIT)
			return tree_fail(t, UNPACK_MEMORY, NULL);
		t->late[i].path = strdup(t->name);
		if (!t->late[i].path)
			return tree_fail(t, UNPACK_MEMORY, NULL);
		t->lates++;
	}
	t->late[i].mode = mode;
	return 0;
}

static int open_directory(struct tree *t, const char *base)
{
	int fd;

	if (!*base)
		return openat(t->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = openat(t->fd, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 || errno != EACCES)
		return fd;
	/* Of an earlier layer, and of an ordinary user without the permission. */
	if (fchmodat(t->fd, base, 0700, 0) < 0)
		return -1;
	return openat(t->fd, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int make_directory(struct tree *t, const char *base)
{
	mode_t mode = t->uid == 0 ? t->tar.entry.mode : t->tar.entry.mode | 0500;
	bool is_new = *base && mkdirat(t->fd, base, mode & 0777) == 0;
	struct timespec times[2];
	int result;
	int fd;

	if (*base && !is_new && errno != EEXIST)
		return tree_write_fault(t);
	if (t->uid != 0 && set_late(t, t->tar.entry.mode) < 0)
		return -1;
	if (is_new && owns_already(t) && !(mode & 07000) && !t->has_default_acl &&
	    !t->tar.local_len && !t->tar.global_len) {
		times_of(t, times);
		return utimensat(t->fd, base, times, 0) < 0 ? tree_write_fault(t) : 0;
	}
	fd = open_directory(t, base);
	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP)) {
		if (make_way(t, base) < 0)
			return -1;
		is_new = mkdirat(t->fd, base, mode & 0777) == 0;
		fd = open_directory(t, base);
	}
	if (fd < 0)
		return tree_write_fault(t);
	if (!is_new)
		clear_xattrs(fd);
	result = dress_fd(t, fd, mode, is_new);
	close(fd);
	return result;
}

static int make_symlink(struct tree *t, const char *base)
{
	struct bytes target = t->tar.entry.link;

	if (target.len == 0 || target.len >= PATH_MAX || memchr(target.at, 0, target.len))
		return tree_fail(t, UNPACK_SYMLINK_TARGET, NULL);
	memcpy(t->other, target.at, target.len);
	t->other[target.len] = '\0';
	return MAKE(t, base, symlinkat(t->other, t->fd, base)) < 0 ? -1 : dress_name(t, base);
}

static int make_special(struct tree *t, const char *base)
{
	const struct tar_entry *e = &t->tar.entry;
	mode_t kind = e->type == ENTRY_FIFO ? S_IFIFO : e->type == ENTRY_CHAR ? S_IFCHR : S_IFBLK;
	int made;

	if (kind != S_IFIFO && t->uid != 0) {
		tree_omit(t, OMITTED_DEVICES, EPERM, "%s", t->name);
		return 0;
	}
	made = MAKE(t, base,
		    mknodat(t->fd, base, kind | (e->mode & 0777), makedev(e->major, e->minor)));
	/* Root in a user namespace. */
	if (made < 0 && kind != S_IFIFO && t->fault == UNPACK_WRITE && t->errnum == EPERM) {
		t->fault = 0;
		tree_omit(t, OMITTED_DEVICES, EPERM, "%s", t->name);
		return 0;
	}
	return made < 0 ? -1 : dress_name(t, base);
}

static int make_link(struct tree *t, const char *base)
{
	static char path[PATH_MAX];
	enum unpack_fault fault = unpack_name(t->tar.entry.link, path);
	struct stat target;
	struct stat there;
	size_t at;
	int dir;
	int result;

	snprintf(t->other, sizeof(t->other), "%.*s", (int)t->tar.entry.link.len,
		 t->tar.entry.link.at);
	if (fault || !*path)
		return tree_fail(t, UNPACK_LINK_NAME, NULL);
	at = last_name(path);
	path[at ? at - 1 : 0] = at ? '\0' : path[0];
	dir = tree_open(t, at ? path : "", O_PATH | O_DIRECTORY);
	if (dir < 0 || fstatat(dir, path + at, &target, AT_SYMLINK_NOFOLLOW) < 0) {
		if (dir >= 0)
			close(dir);
		/* A name of what was left out, most likely. */
		if (!t->omitted[OMITTED_DEVICES].count)
			return tree_fail(t, UNPACK_LINK_MISSING, NULL);
		tree_omit(t, OMITTED_DEVICES, EPERM, "%s", t->name);
		return 0;
	}
	if (S_ISDIR(target.st_mode)) {
		close(dir);
		return tree_fail(t, UNPACK_LINK_DIR, NULL);
	}
	if (fstatat(t->fd, base, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    there.st_dev == target.st_dev && there.st_ino == target.st_ino) {
		close(dir);
		return 0; /* as in GNU tar */
	}
	/* It does not follow a symlink at the end, but gives it a second name. */
	result = MAKE(t, base, linkat(dir, path + at, t->fd, base, 0));
	close(dir);
	return result < 0 ? -1 : 0;
}

void set_late_modes(struct tree *t)
{
	while (t->lates > 0) {
		struct late_mode *late = &t->late[--t->lates];
		int fd = tree_open(t, late->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

		/* Another entry may have taken its place. */
		if (fd >= 0) {
			fchmod(fd, late->mode);
			close(fd);
		}
		free(late->path);
	}
	free(t->late);
	t->late = NULL;
}

int unpack_entry(struct tree *t, const char *base)
{
	switch (t->tar.entry.type) {
	case ENTRY_FILE:
		return make_file(t, base);
	case ENTRY_DIR:
		return make_directory(t, base);
	case ENTRY_SYMLINK:
		return make_symlink(t, base);
	case ENTRY_LINK:
		return make_link(t, base);
	case ENTRY_FIFO:
	case ENTRY_CHAR:
	case ENTRY_BLOCK:
		return make_special(t, base);
	}
	return 0;
}
