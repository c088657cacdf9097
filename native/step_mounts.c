/*
 * The root file system and what is mounted in it, by the descriptor-based mount API.
 */
#define _GNU_SOURCE
#include "copy_up.h"
#include "launch.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

/* sys/mount.h can't be included beside linux/mount.h with every C library. */
#define MNT_DETACH 2
int mount(const char *, const char *, const char *, unsigned long, const void *);
int umount2(const char *, int);

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

static int set_attributes(struct launch *l, int fd, bool recursive, uint64_t set, uint64_t clear,
			  uint64_t propagation)
{
	struct mount_attr attr = {
		.attr_set = set,
		.attr_clr = clear,
		.propagation = propagation,
	};

	if (!set && !clear && !propagation)
		return 0;
	return (int)check(l, "mount_setattr",
			  syscall(SYS_mount_setattr, fd, "",
				  AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attr,
				  sizeof(attr)));
}

static int set_propagation(struct launch *l, int fd, const struct plan_step *s, int i)
{
	for (uint32_t n = 0; n < list_count(s, i); n++) {
		uint64_t word = strtoull(list_text(l, s, i, n), NULL, 10);

		if (set_attributes(l, fd, word & MS_REC, 0, 0, word & ~(uint64_t)MS_REC) < 0)
			return -1;
	}
	return 0;
}

/* Attaches a detached mount to what the descriptor `target` names. */
int attach_tree(struct launch *l, int tree, int target)
{
	return (int)check(l, "move_mount",
			  syscall(SYS_move_mount, tree, "", target, "",
				  MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
}

int clone_tree(struct launch *l, int dir, const char *path, bool recursive, int flags)
{
	return (int)check(l, "open_tree",
			  syscall(SYS_open_tree, dir, path,
				  OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags |
					  (recursive ? AT_RECURSIVE : 0)));
}

int step_open_tree(struct launch *l, const struct plan_step *s)
{
	uint64_t index = s->arg[ARG_OPEN_TREE_INDEX];
	const char *path = text_arg(l, s, ARG_OPEN_TREE_PATH);
	int tree;

	if (index >= MAX_TREES) {
		errno = EMFILE;
		return (int)check(l, "open_tree", -1);
	}
	tree = clone_tree(l, AT_FDCWD, path, s->arg[ARG_OPEN_TREE_RECURSIVE], 0);
	l->trees[index] = tree;
	if (tree < 0)
		return -1;
	/* A copy of a shared mount is its peer: what is mounted inside must not reach the host. */
	return set_attributes(l, tree, true, 0, 0, MS_SLAVE);
}

int step_root_propagation(struct launch *l, const struct plan_step *s)
{
	return (int)check(l, "mount",
			  mount(NULL, "/", NULL, s->arg[ARG_ROOT_PROPAGATION_FLAGS], NULL));
}

/* The mount that the path lies in: the longest prefix that is a mount point. */
static int make_parent_private(struct launch *l, const char *path)
{
	char prefix[PATH_MAX];

	if (strlen(path) >= sizeof(prefix)) {
		errno = ENAMETOOLONG;
		return (int)check(l, "mount", -1);
	}
	strcpy(prefix, path);
	while (mount(NULL, prefix, NULL, MS_PRIVATE, NULL) < 0) {
		char *slash = strrchr(prefix, '/');

		if (errno != EINVAL || strcmp(prefix, "/") == 0)
			return (int)check(l, "mount", -1);
		slash[slash == prefix] = '\0';
	}
	return 0;
}

/* The host's /dev/null, for masked files: the container's may be anything (CVE-2025-31133). */
static int keep_null_device(struct launch *l)
{
	struct stat st;

	l->null_device = clone_tree(l, AT_FDCWD, "/dev/null", false, 0);
	if (l->null_device < 0 || check(l, "fstat", fstat(l->null_device, &st)) < 0)
		return -1;
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
		return 0;
	errno = ENODEV;
	return (int)check(l, "fstat(/dev/null)", -1);
}

/*
 * Binds the rootfs on itself, so that it is a mount that pivot_root takes, and keeps it as the
 * root of every later path. Its parent mount becomes private: pivot_root refuses a shared one.
 */
int step_rootfs(struct launch *l, const struct plan_step *s)
{
	const char *path = text_arg(l, s, ARG_ROOTFS_PATH);
	uint64_t index = s->arg[ARG_ROOTFS_TREE];
	int tree;
	int target;
	int result;

	target = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s->arg[ARG_ROOTFS_FLAGS] & FLAG_ROOTFS_NO_BIND) {
		l->root = target;
		return (int)check(l, "open", target) < 0 ? -1 : 0;
	}
	/* First: the copy of a shared mount would be shared, of an unbindable one refused. */
	if (s->arg[ARG_ROOTFS_FLAGS] & FLAG_ROOTFS_PARENT_PRIVATE &&
	    make_parent_private(l, path) < 0)
		return -1;
	if (index == PLAN_NO_TREE)
		tree = clone_tree(l, AT_FDCWD, path, true, 0);
	else
		tree = l->trees[index];
	if (tree < 0)
		return -1;
	/* A user namespace's root may be unable to walk to the rootfs; the parent could. */
	if (target < 0 && index != PLAN_NO_TREE)
		target = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (check(l, "open", target) < 0)
		return -1;
	result = attach_tree(l, tree, target);
	close(target);
	l->root = tree;
	return result < 0 ? -1 : keep_null_device(l);
}

int step_refuse_symlink(struct launch *l, const struct plan_step *s)
{
	const char *path = text_arg(l, s, ARG_REFUSE_SYMLINK_PATH);
	struct stat st;
	int fd = open_beneath(l, l->root, path, O_PATH | O_NOFOLLOW, RESOLVE_IN_ROOT);

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	if (check(l, "fstat", fstat(fd, &st)) == 0 && S_ISLNK(st.st_mode)) {
		errno = ELOOP;
		check(l, "openat2", -1);
	} else {
		errno = 0;
	}
	close(fd);
	return errno ? -1 : 0;
}

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
	fd = make_in_root(l, path, as_file, 0755);
	if (fd < 0 || !(flags & FLAG_MOUNT_NO_SYMLINK))
		return fd;
	close(fd);
	return open_beneath(l, l->root, path, O_PATH, resolve);
}

/* The kernel says why it refused an option: lines behind a letter and a space. */
static void mount_log(struct launch *l, int fs)
{
	char line[256];
	ssize_t n;
	int saved = errno;

	while ((n = read(fs, line, sizeof(line))) > 0) {
		if (l->failure->detail_length)
			detail(l, "; ", 2);
		if (n > 2)
			detail(l, line + 2, (size_t)n - 2 - (line[n - 1] == '\n'));
	}
	errno = saved;
}

static int configure(struct launch *l, int fs, const struct plan_step *s)
{
	const char *source = text_arg(l, s, ARG_MOUNT_SOURCE);

	if (*source &&
	    check(l, "fsconfig(source)",
		  syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "source", source, 0)) < 0)
		return -1;
	for (uint32_t i = 0; i < list_count(s, ARG_MOUNT_OPTIONS); i++) {
		const char *option = list_text(l, s, ARG_MOUNT_OPTIONS, i);
		const char *equals = strchr(option, '=');
		char key[128];
		size_t length = equals ? (size_t)(equals - option) : strlen(option);
		long result;

		if (length >= sizeof(key)) {
			errno = EINVAL;
			return (int)check(l, "fsconfig", -1);
		}
		memcpy(key, option, length);
		key[length] = '\0';
		if (equals)
			result = syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, key, equals + 1, 0);
		else
			result = syscall(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, key, NULL, 0);
		if (check(l, "fsconfig", result) < 0)
			return -1;
	}
	return 0;
}

/* A tmpfs over a directory keeps that directory's mode: /tmp stays sticky. */
static int configure_mode(struct launch *l, int fs, int target)
{
	struct stat st;
	char mode[8];

	if (check(l, "fstat", fstat(target, &st)) < 0)
		return -1;
	snprintf(mode, sizeof(mode), "%o", st.st_mode & 07777);
	return (int)check(l, "fsconfig(mode)",
			  syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "mode", mode, 0));
}

static int new_filesystem(struct launch *l, const struct plan_step *s, int target)
{
	const char *type = text_arg(l, s, ARG_MOUNT_TYPE);
	uint64_t attributes = s->arg[ARG_MOUNT_ATTRIBUTES];
	/* fsmount knows this one since Linux 5.14 only. */
	uint64_t later = attributes & MOUNT_ATTR_NOSYMFOLLOW;
	int fs = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
	int tree = -1;

	if (check(l, "fsopen", fs) < 0)
		return -1;
	if (configure(l, fs, s) == 0 &&
	    (target < 0 || !(s->arg[ARG_MOUNT_FLAGS] & FLAG_MOUNT_DIR_MODE) ||
	     configure_mode(l, fs, target) == 0) &&
	    check(l, "fsconfig(create)",
		  syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)) == 0)
		tree = (int)check(l, "fsmount",
				  syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes & ~later));
	if (tree < 0)
		mount_log(l, fs);
	close(fs);
	if (tree >= 0 && set_attributes(l, tree, false, later, 0, 0) < 0) {
		close(tree);
		return -1;
	}
	return tree;
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
	const char *path = text_arg(l, s, ARG_MOUNT_TARGET);
	uint64_t flags = s->arg[ARG_MOUNT_FLAGS];
	bool made;
	int target = open_target(l, path, false, flags, &made);
	int tree;
	int result = -1;

	if (target < 0)
		return -1;
	/* Only a directory that was there has a mode to keep. */
	tree = new_filesystem(l, s, made ? -1 : target);
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
	if (set_propagation(l, tree, s, ARG_MOUNT_PROPAGATION) < 0 ||
	    attach_tree(l, tree, target) < 0)
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

int step_bind(struct launch *l, const struct plan_step *s)
{
	const char *path = text_arg(l, s, ARG_BIND_TARGET);
	const char *source = text_arg(l, s, ARG_BIND_SOURCE);
	uint64_t flags = s->arg[ARG_BIND_FLAGS];
	uint64_t index = s->arg[ARG_BIND_TREE];
	struct stat st;
	bool made;
	int target = -1;
	int result = -1;
	int tree;

	if (index == PLAN_NO_TREE)
		tree = clone_tree(l, AT_FDCWD, source, flags & FLAG_MOUNT_RECURSIVE,
				  flags & FLAG_MOUNT_SRC_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0);
	else
		tree = l->trees[index];
	if (tree < 0)
		return -1;
	if (check(l, "fstat", fstat(tree, &st)) < 0 ||
	    (target = open_target(l, path, !S_ISDIR(st.st_mode), flags, &made)) < 0)
		goto out;
	if (set_attributes(l, tree, false, s->arg[ARG_BIND_SET], s->arg[ARG_BIND_CLEAR], 0) < 0 ||
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
	int target = open_in_root(l, text_arg(l, s, ARG_REMOUNT_TARGET), O_PATH);
	int result;

	if (target < 0)
		return -1;
	result = set_attributes(l, target, false, s->arg[ARG_REMOUNT_SET],
				s->arg[ARG_REMOUNT_CLEAR], 0);
	close(target);
	return result;
}

/*
 * pivot_root(".", ".") stacks the old root on the new one, so nothing in the container is
 * borrowed for put_old. The old root becomes a slave before it is detached: the unmount must not
 * travel to the host.
 */
static int pivot(struct launch *l)
{
	int old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (check(l, "open", old) < 0 || check(l, "fchdir", fchdir(l->root)) < 0 ||
	    check(l, "pivot_root", syscall(SYS_pivot_root, ".", ".")) < 0 ||
	    check(l, "fchdir", fchdir(old)) < 0 ||
	    check(l, "mount", mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL)) < 0 ||
	    check(l, "umount2", umount2(".", MNT_DETACH)) < 0)
		return -1;
	close(old);
	return (int)check(l, "chdir", chdir("/"));
}

/* For a root that pivot_root refuses (initramfs). Weaker: the old mounts stay reachable below. */
static int move_and_chroot(struct launch *l)
{
	if (check(l, "fchdir", fchdir(l->root)) < 0 ||
	    check(l, "mount", mount(".", "/", NULL, MS_MOVE, NULL)) < 0 ||
	    check(l, "chroot", chroot(".")) < 0)
		return -1;
	return (int)check(l, "chdir", chdir("/"));
}

int step_pivot_root(struct launch *l, const struct plan_step *s)
{
	uint64_t flags = s->arg[ARG_PIVOT_ROOT_FLAGS];

	if (flags & FLAG_PIVOT_NO_MOUNT) {
		if (check(l, "fchdir", fchdir(l->root)) < 0 || check(l, "chroot", chroot(".")) < 0)
			return -1;
		return (int)check(l, "chdir", chdir("/"));
	}
	return flags & FLAG_PIVOT_CHROOT ? move_and_chroot(l) : pivot(l);
}

int step_root_attributes(struct launch *l, const struct plan_step *s)
{
	uint64_t propagation = s->arg[ARG_ROOT_ATTRIBUTES_PROPAGATION];

	if (set_attributes(l, l->root, propagation & MS_REC, 0, 0,
			   propagation & ~(uint64_t)MS_REC) < 0)
		return -1;
	return set_attributes(l, l->root, false, s->arg[ARG_ROOT_ATTRIBUTES_SET], 0, 0);
}

/*
 * A path under /proc or /sys must lead to the real thing: an image or a shared volume that puts
 * something else there would have the mask land elsewhere (CVE-2019-19921, CVE-2023-27561).
 */
static int open_guarded(struct launch *l, const char *path, uint64_t flags)
{
	struct statfs fs;
	int fd = open_beneath(l, l->root, path, O_PATH,
			      RESOLVE_IN_ROOT | (flags ? RESOLVE_NO_SYMLINKS : 0));
	long magic = flags & FLAG_PATH_PROC ? PROC_SUPER_MAGIC : SYSFS_MAGIC;

	if (fd < 0 || !flags)
		return fd;
	if (check(l, "fstatfs", fstatfs(fd, &fs)) == 0 &&
	    (fs.f_type == magic || fs.f_type == TMPFS_MAGIC || fs.f_type == CGROUP2_SUPER_MAGIC))
		return fd;
	errno = EXDEV;
	check(l, "fstatfs", -1);
	close(fd);
	return -1;
}

/* Paths that are not there need no cover. */
static int absent(void)
{
	return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
}

/* One empty read-only tmpfs covers every masked directory. */
static int empty_directory(struct launch *l)
{
	int tree = -1;
	int fs;

	if (l->empty >= 0)
		return clone_tree(l, l->empty, "", false, AT_EMPTY_PATH);
	fs = (int)check(l, "fsopen", syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC));
	if (fs < 0)
		return -1;
	if (check(l, "fsconfig", syscall(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, "ro", NULL, 0)) ==
		    0 &&
	    check(l, "fsconfig(create)",
		  syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)) == 0)
		tree = (int)check(l, "fsmount",
				  syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC,
					  MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
						  MOUNT_ATTR_NOEXEC));
	close(fs);
	if (tree >= 0)
		l->empty = fcntl(tree, F_DUPFD_CLOEXEC, 0);
	return tree;
}

/* Before Linux 6.15 only an attached mount can be cloned: the first mask is the mount itself. */
static int null_file(struct launch *l)
{
	if (l->null_attached)
		return clone_tree(l, l->null_device, "", false, AT_EMPTY_PATH);
	l->null_attached = true;
	return (int)check(l, "fcntl", fcntl(l->null_device, F_DUPFD_CLOEXEC, 0));
}

int step_mask_path(struct launch *l, const struct plan_step *s)
{
	int target =
		open_guarded(l, text_arg(l, s, ARG_MASK_PATH_PATH), s->arg[ARG_MASK_PATH_FLAGS]);
	struct stat st;
	int result = -1;
	int cover = -1;

	if (target < 0)
		return absent();
	if (check(l, "fstat", fstat(target, &st)) < 0)
		goto out;
	cover = S_ISDIR(st.st_mode) ? empty_directory(l) : null_file(l);
	if (cover >= 0) {
		result = attach_tree(l, cover, target);
		close(cover);
	}
out:
	close(target);
	return result;
}

int step_readonly_path(struct launch *l, const struct plan_step *s)
{
	int target = open_guarded(l, text_arg(l, s, ARG_READONLY_PATH_PATH),
				  s->arg[ARG_READONLY_PATH_FLAGS]);
	int result = -1;
	int tree;

	if (target < 0)
		return absent();
	tree = clone_tree(l, target, "", true, AT_EMPTY_PATH);
	if (tree >= 0 && set_attributes(l, tree, false, MOUNT_ATTR_RDONLY, 0, 0) == 0)
		result = attach_tree(l, tree, target);
	if (tree >= 0)
		close(tree);
	close(target);
	return result;
}

int step_sysctl(struct launch *l, const struct plan_step *s)
{
	const char *path = text_arg(l, s, ARG_SYSCTL_PATH);
	const char *value = text_arg(l, s, ARG_SYSCTL_VALUE);
	int fd = open_beneath(l, l->host_proc, path, O_WRONLY,
			      RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, value, strlen(value));
	check(l, "write", n);
	close(fd);
	return n < 0 ? -1 : 0;
}
