/*
 * The directory that an archive is unpacked to: going into parts of it, and removing them.
 */
#define _GNU_SOURCE
#include "unpack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

int tree_fail(struct tree *t, enum unpack_fault fault, const char *other)
{
	t->fault = fault;
	if (other)
		snprintf(t->other, sizeof(t->other), "%s", other);
	return -1;
}

int tree_write_fault(struct tree *t)
{
	t->errnum = errno;
	return tree_fail(t, UNPACK_WRITE, NULL);
}

int tree_archive_fault(struct tree *t)
{
	t->errnum = errno;
	return tree_fail(t, t->tar.fault, NULL);
}

void tree_omit(struct tree *t, enum unpack_omitted what, int errnum, const char *format, ...)
{
	va_list arguments;

	if (t->omitted[what].count++ > 0)
		return;
	t->omitted[what].errnum = errnum;
	va_start(arguments, format);
	vsnprintf(t->omitted[what].first, sizeof(t->omitted[what].first), format, arguments);
	va_end(arguments);
}

/* A path of the archive, as its container would see it. */
int tree_open(const struct tree *t, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	do
		fd = (int)syscall(SYS_openat2, t->root, *path ? path : ".", &how, sizeof(how));
	while (fd < 0 && errno == EAGAIN);
	return fd;
}

/* Names the first part of a path that leads to no directory. */
static int fail_on_the_way(struct tree *t, char *path)
{
	int errnum = errno;
	char *slash = path;
	struct stat st;
	int fd;

	do {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		fd = tree_open(t, path, O_PATH | O_DIRECTORY);
		if (fd >= 0) {
			close(fd);
		} else {
			fd = tree_open(t, path, O_PATH | O_NOFOLLOW);
			if (fd < 0 || fstat(fd, &st) < 0 || S_ISDIR(st.st_mode)) {
				if (fd >= 0)
					close(fd);
				break;
			}
			close(fd);
			return tree_fail(t,
					 S_ISLNK(st.st_mode)  ? UNPACK_THROUGH_SYMLINK :
					 S_ISFIFO(st.st_mode) ? UNPACK_THROUGH_FIFO :
					 S_ISREG(st.st_mode)  ? UNPACK_THROUGH_FILE :
								UNPACK_THROUGH_DEVICE,
					 path);
		}
		if (slash)
			*slash = '/';
	} while (slash);
	errno = errnum;
	return tree_write_fault(t);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A directory that the archive has not brought, and that another entry needs. */
static int make_missing(struct tree *t, const char *path, size_t len)
{
	char name[PATH_MAX];
	const char *base;

	memcpy(name, path, len);
	name[len] = '\0';
	base = base_name(name);
	if (tree_enter(t, path, base == name ? 0 : (size_t)(base - name) - 1) < 0)
		return -1;
	if (mkdirat(t->fd, base, 0755) < 0) {
		if (errno == EEXIST) {
			errno = ENOENT;
			return fail_on_the_way(t, name);
		}
		return tree_write_fault(t);
	}
	if (t->has_default_acl) {
		int fd = openat(t->fd, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		clear_acls(fd, NULL);
		if (fd >= 0)
			close(fd);
	}
	return 0;
}

int tree_leave(struct tree *t)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, t->stat.st_mtim };
	int result = 0;

	if (t->fd < 0)
		return 0;
	/* Whoever may not write in it could for as long as we did. */
	if (t->uid != 0 && (t->stat.st_mode & 0700) != 0700)
		result = fchmod(t->fd, t->stat.st_mode & 07777);
	if (result == 0)
		result = futimens(t->fd, times);
	close(t->fd);
	t->fd = -1;
	return result < 0 ? tree_write_fault(t) : 0;
}

int tree_enter(struct tree *t, const char *path, size_t len)
{
	char name[PATH_MAX];

	if (t->fd >= 0 && t->path_len == len && memcmp(t->path, path, len) == 0)
		return 0;
	if (tree_leave(t) < 0)
		return -1;
	memcpy(name, path, len);
	name[len] = '\0';
	t->fd = tree_open(t, name, O_RDONLY | O_DIRECTORY);
	if (t->fd < 0 && t->mode == MODE_WHITEOUTS && (errno == ENOENT || errno == ENOTDIR))
		return 0; /* there is nothing to remove */
	if (t->fd < 0 && errno == ENOENT && len > 0) {
		if (make_missing(t, path, len) < 0 || tree_leave(t) < 0)
			return -1;
		t->fd = tree_open(t, name, O_RDONLY | O_DIRECTORY);
	}
	if (t->fd < 0)
		return fail_on_the_way(t, name);
	if (fstat(t->fd, &t->stat) < 0)
		return tree_write_fault(t);
	if (t->uid != 0 && (t->stat.st_mode & 0700) != 0700 &&
	    fchmod(t->fd, (t->stat.st_mode & 07777) | 0700) < 0)
		return tree_write_fault(t);
	t->has_default_acl = fgetxattr(t->fd, "system.posix_acl_default", NULL, 0) > 0;
	memcpy(t->path, path, len);
	t->path_len = len;
	return 0;
}

/*
 * Removes one thing in `dir`: 0, or -1. A directory that is not empty is opened instead, and its
 * descriptor returned.
 */
static int remove_one(int dir, const char *name)
{
	int fd;

	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	if (unlinkat(dir, name, AT_REMOVEDIR) == 0)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return -1;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	/* Of an ordinary user, who has taken away their own permission. */
	if (fchmodat(dir, name, 0700, 0) < 0)
		return -1;
	return openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Removes what it can of a directory; the descriptor of one in it that is not empty, 0, or -1. */
static int remove_some(int dir)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;
	int result = 0;

	if (!stream)
		return -1;
	while (result == 0 && (entry = readdir(stream)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = remove_one(dir, entry->d_name);
	}
	closedir(stream);
	return result;
}

/* With one descriptor at a time, however deep the tree is: nobody else moves anything in it. */
int empty_tree(int dir)
{
	unsigned long depth = 0;

	for (;;) {
		int next = remove_some(dir);

		if (next < 0) {
			int errnum = errno;

			close(dir);
			errno = errnum;
			return -1;
		}
		if (next == 0 && depth == 0) {
			close(dir);
			return 0;
		}
		depth += next > 0 ? 1 : -1ul;
		if (next == 0)
			next = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(dir);
		if (next < 0)
			return -1;
		dir = next;
	}
}

int remove_tree(int dir, const char *name)
{
	int fd = remove_one(dir, name);

	if (fd <= 0)
		return fd;
	return empty_tree(fd) < 0 ? -1 : unlinkat(dir, name, AT_REMOVEDIR);
}
