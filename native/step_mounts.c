/*
 * What is mounted in the root file system, by the descriptor-based mount API.
 */
#define _GNU_SOURCE
#include "copy_up.h"
#include "filesystem.h"
#include "launch.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* sys/mount.h can't be included beside linux/mount.h with every C library. */
#define MNT_DETACH 2
int umount2(const char *, int);

/*
 * Where a mount goes: a descriptor inside the root. A missing target is made, as a file or a
 * directory like its source; none of it by a path that the container could turn elsewhere.
 */
static int open_target(struct launch *l, const char *path, bool as_file, uint64_t flags, bool *made)
{
	uint64_t resolve = RESOLVE_IN_ROOT;
	int fd;

	if (flags & FLAG_MOUNT_NO_SYMLINK)
		resolve |= RESOLVE_NO_SYMLINKS;
	fd = open_beneath(l, l->root, path,
			  O_PATH | (flags & FLAG_MOUNT_DEST_NOFOLLOW ? O_NOFOLLOW : 0), resolve);
	*made = fd < 0 && errno == ENOENT;
	if (!*made)
		return fd;
	fd = make_missing(l, path, as_file, 0755);
	if (fd < 0 || !(flags & FLAG_MOUNT_NO_SYMLINK))
		return fd;
	close(fd);
	return open_beneath(l, l->root, path, O_PATH, resolve);
}

/*
 * A destination that has the host's path of the rootfs in front is meant inside it, as runc and
 * crun take it. /proc is for those that say so.
 */
static const char *target_arg(struct launch *l, const struct plan_step *s, int i)
{
	const char *path = text_arg(l, s, i);
	size_t length = l->rootfs_path ? strlen(l->rootfs_path) : 0;
	const char *inside = path + length;

	if (length < 2 || strncmp(path, l->rootfs_path, length) != 0 || *inside != '/' ||
	    strcmp(inside, "/proc") == 0 || strncmp(inside, "/proc/", 6) == 0)
		return path;
	return inside;
}

static int fill_from(struct launch *l, int target, int tree)
{
	int from = openat(target, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int to = openat(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = from < 0 || to < 0 ? -1 : copy_up(from, to, 0);

	check(l, "tmpcopyup", result);
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	return result;
}

int step_mount(struct launch *l, const struct plan_step *s)
{
	const char *path = target_arg(l, s, ARG_MOUNT_TARGET);
	uint64_t flags = s->arg[ARG_MOUNT_FLAGS];
	bool made;
	int target = open_target(l, path, false, flags, &made);
	int tree;
	int result = -1;

	if (target < 0)
		return -1;
	/* Only a directory that was there has a mode to keep. */
	tree = flags & FLAG_MOUNT_CLASSIC ?
		       classic_filesystem(l, s, target_arg(l, s, ARG_MOUNT_TARGET), target, made) :
		       new_filesystem(l, s, made ? -1 : target);
	if (tree < 0 && flags & FLAG_MOUNT_CGROUP_BIND && (errno == EPERM || errno == EBUSY)) {
		/* Not ours to mount: show the one we have. */
		l->failure->detail_length = 0;
		tree = clone_tree(l, AT_FDCWD, text_arg(l, s, ARG_MOUNT_SOURCE), true, 0);
		if (tree >= 0 &&
		    set_attributes(l, tree, true, s->arg[ARG_MOUNT_ATTRIBUTES], 0, 0) < 0)
			goto out;
	}
	if (tree < 0)
		goto out;
	if (flags & FLAG_MOUNT_COPY_UP && fill_from(l, target, tree) < 0)
		goto out;
	if (flags & FLAG_MOUNT_IDMAP && map_ids(l, tree, text_arg(l, s, ARG_MOUNT_UID_MAP),
						text_arg(l, s, ARG_MOUNT_GID_MAP), false) < 0)
		goto out;
	if (set_propagation(l, tree, s, ARG_MOUNT_PROPAGATION) < 0 ||
	    (!(flags & FLAG_MOUNT_CLASSIC) && attach_tree(l, tree, target) < 0))
		goto out;
	result = 0;
	/* The root of a mount over / is the root from now on. */
	if (strcmp(path, "/") == 0) {
		close(l->root);
		l->root = tree;
		tree = -1;
	}
out:
	if (tree >= 0)
		close(tree);
	close(target);
	return result;
}

/* 0 when the source is a symlink, and is one again at the path; 1 when it is another file. */
static int copy_symlink(struct launch *l, const char *source, const char *path)
{
	char link[PATH_MAX];
	ssize_t n = readlink(source, link, sizeof(link) - 1);

	if (n < 0 && errno == EINVAL)
		return 1;
	if (check(l, "readlink", n) < 0)
		return -1;
	link[n] = '\0';
	return make_symlink(l, path, link);
}

/*
 * What is reset is not asked for by name: a flag that is locked in a user namespace may stay. What
 * is asked for by name is set, or refused with EPERM.
 */
static int set_bind_attributes(struct launch *l, int tree, const struct plan_step *s)
{
	uint64_t set = s->arg[ARG_BIND_SET];
	uint64_t clear = s->arg[ARG_BIND_CLEAR];
	uint64_t reset = s->arg[ARG_BIND_RESET];
	struct mount_attr attr = { .attr_set = set, .attr_clr = clear | reset };

	if (!reset)
		return set_attributes(l, tree, false, set, clear, 0);
	if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) == 0)
		return 0;
	/* One by one: not all of them are locked. */
	for (uint64_t bit = 1; bit <= reset; bit <<= 1) {
		attr = (struct mount_attr){ .attr_clr = bit & reset };
		syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof(attr));
	}
	return set_attributes(l, tree, false, set, clear, 0);
}

int step_bind(struct launch *l, const struct plan_step *s)
{
	const char *path = target_arg(l, s, ARG_BIND_TARGET);
	const char *source = text_arg(l, s, ARG_BIND_SOURCE);
	uint64_t flags = s->arg[ARG_BIND_FLAGS];
	struct stat st;
	bool made;
	int target = -1;
	int result = -1;
	int tree;

	if (flags & FLAG_MOUNT_COPY_SYMLINK) {
		result = copy_symlink(l, source, path);
		if (result <= 0)
			return result;
		result = -1;
	}
	if (flags & FLAG_MOUNT_BORROW)
		tree = borrow_tree(l);
	else
		tree = clone_tree(l, AT_FDCWD, source, flags & FLAG_MOUNT_RECURSIVE,
				  flags & FLAG_MOUNT_SRC_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0);
	if (tree < 0)
		return -1;
	if (check(l, "fstat", fstat(tree, &st)) < 0 ||
	    (target = open_target(l, path, !S_ISDIR(st.st_mode), flags, &made)) < 0)
		goto out;
	if (set_bind_attributes(l, tree, s) < 0 ||
	    set_attributes(l, tree, true, s->arg[ARG_BIND_RECURSIVE_SET],
			   s->arg[ARG_BIND_RECURSIVE_CLEAR], 0) < 0 ||
	    set_propagation(l, tree, s, ARG_BIND_PROPAGATION) < 0 ||
	    attach_tree(l, tree, target) < 0)
		goto out;
	result = 0;
	if (strcmp(path, "/") == 0) {
		close(l->root);
		l->root = tree;
		tree = -1;
	}
out:
	if (tree >= 0)
		close(tree);
	if (target >= 0)
		close(target);
	return result;
}

int step_remount(struct launch *l, const struct plan_step *s)
{
	int mounted = open_in_root(l, target_arg(l, s, ARG_REMOUNT_TARGET), O_PATH);
	int result = -1;

	if (mounted < 0)
		return -1;
	if ((list_count(s, ARG_REMOUNT_OPTIONS) == 0 ||
	     reconfigure_filesystem(l, mounted, s) == 0) &&
	    set_attributes(l, mounted, false, s->arg[ARG_REMOUNT_SET], s->arg[ARG_REMOUNT_CLEAR],
			   0) == 0 &&
	    set_attributes(l, mounted, true, s->arg[ARG_REMOUNT_RECURSIVE_SET],
			   s->arg[ARG_REMOUNT_RECURSIVE_CLEAR], 0) == 0 &&
	    set_propagation(l, mounted, s, ARG_REMOUNT_PROPAGATION) == 0)
		result = 0;
	close(mounted);
	return result;
}

/* By descriptor: what is unmounted is what was looked at. Who uses it keeps it until then. */
int step_unmount(struct launch *l, const struct plan_step *s)
{
	int mounted = open_in_root(l, text_arg(l, s, ARG_UNMOUNT_TARGET), O_PATH);
	struct mount_place place;
	struct mount_place root;
	char by_fd[64];
	int result = -1;

	if (mounted < 0)
		return -1;
	snprintf(by_fd, sizeof(by_fd), "self/fd/%d", mounted);
	if (find_mount(l, mounted, &place) < 0 || find_mount(l, l->root, &root) < 0)
		goto out;
	/* With the root, by whatever name, all files of the container would be gone. */
	if (!place.is_root || place.id == root.id) {
		errno = place.is_root ? EBUSY : EINVAL;
		check(l, "umount2", -1);
		goto out;
	}
	if (check(l, "fchdir", fchdir(l->host_proc)) == 0)
		result = (int)check(l, "umount2", umount2(by_fd, MNT_DETACH));
out:
	close(mounted);
	return result;
}
