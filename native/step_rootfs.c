/*
 * The root file system: cut off from the host's mounts, and bound.
 */
#define _GNU_SOURCE
#include "launch.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* sys/mount.h can't be included beside linux/mount.h with every C library. */
int mount(const char *, const char *, const char *, unsigned long, const void *);

int step_root_propagation(struct launch *l, const struct plan_step *s)
{
	return (int)check(l, "mount",
			  mount(NULL, "/", NULL, s->arg[ARG_ROOT_PROPAGATION_FLAGS], NULL));
}

/* Of the mount that the path lies in: the longest prefix that is a mount point. */
static int set_parent_propagation(struct launch *l, const char *path, unsigned long flags)
{
	char prefix[PATH_MAX];

	if (strlen(path) >= sizeof(prefix)) {
		errno = ENAMETOOLONG;
		return (int)check(l, "mount", -1);
	}
	strcpy(prefix, path);
	while (mount(NULL, prefix, NULL, flags, NULL) < 0) {
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
 * root of every later path. Its parent mount is shared no more: pivot_root refuses a shared one.
 */
int step_rootfs(struct launch *l, const struct plan_step *s)
{
	const char *path = text_arg(l, s, ARG_ROOTFS_PATH);
	uint64_t flags = s->arg[ARG_ROOTFS_FLAGS];
	int tree;
	int target;
	int result;

	if (flags & FLAG_ROOTFS_NO_BIND) {
		l->root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		return (int)check(l, "open", l->root) < 0 ? -1 : 0;
	}
	l->rootfs_path = path;
	/* First: the copy of a shared mount would be shared, of an unbindable one refused. */
	if (flags & FLAG_ROOTFS_PARENT_PRIVATE && set_parent_propagation(l, path, MS_PRIVATE) < 0)
		return -1;
	/* The copy of a slave is one as well: what the host mounts there arrives in it. */
	if (flags & FLAG_ROOTFS_PARENT_SLAVE && set_parent_propagation(l, path, MS_SLAVE) < 0)
		return -1;
	/* A user namespace's root may be unable to walk to the rootfs; the parent is not. */
	if (flags & FLAG_ROOTFS_BORROW) {
		l->root = borrow_tree(l);
		return l->root < 0 ? -1 : keep_null_device(l);
	}
	tree = clone_tree(l, AT_FDCWD, path, true, 0);
	target = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (tree < 0 || check(l, "open", target) < 0)
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

int step_root_attributes(struct launch *l, const struct plan_step *s)
{
	uint64_t propagation = s->arg[ARG_ROOT_ATTRIBUTES_PROPAGATION];

	if (set_attributes(l, l->root, propagation & MS_REC, 0, 0,
			   propagation & ~(uint64_t)MS_REC) < 0)
		return -1;
	return set_attributes(l, l->root, false, s->arg[ARG_ROOT_ATTRIBUTES_SET], 0, 0);
}
