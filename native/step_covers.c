/*
 * What is covered in the root file system: masked and read-only paths. And sysctls, written before.
 */
#define _GNU_SOURCE
#include "launch.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/*
 * /proc and /sys must be the real thing: an image or a shared volume that puts something else there
 * would have the cover land elsewhere (CVE-2019-19921, CVE-2023-27561). What the kernel, or a mount
 * of the config, has below them nobody else can replace.
 */
static int open_guarded(struct launch *l, const char *path, uint64_t flags)
{
	const char *top = flags & FLAG_PATH_PROC ? "/proc" : "/sys";
	unsigned long magic = flags & FLAG_PATH_PROC ? PROC_SUPER_MAGIC : SYSFS_MAGIC;
	struct statfs fs;
	int dir;
	int fd = -1;

	if (!(flags & (FLAG_PATH_PROC | FLAG_PATH_SYS)))
		return open_in_root(l, path, O_PATH);
	dir = open_beneath(l, l->root, top, O_PATH | O_DIRECTORY,
			   RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	if (dir >= 0 && fstatfs(dir, &fs) == 0 && (unsigned long)fs.f_type == magic) {
		fd = open_beneath(l, dir, path + strlen(top) + 1, O_PATH, RESOLVE_BENEATH);
	} else {
		errno = EXDEV;
		check(l, "fstatfs", -1);
	}
	if (dir >= 0)
		close(dir);
	return fd;
}

/* Paths that are not there need no cover; nor what nobody in the container can walk to. */
static int absent(uint64_t flags)
{
	if (errno == EACCES && flags & FLAG_PATH_CLOSED)
		return 0;
	return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
}

/* One empty read-only tmpfs covers every masked directory. */
static int empty_directory(struct launch *l, const char *label)
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
	    (!*label ||
	     check(l, "fsconfig(context)",
		   syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "context", label, 0)) == 0) &&
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
	uint64_t flags = s->arg[ARG_MASK_PATH_FLAGS];
	int target = open_guarded(l, text_arg(l, s, ARG_MASK_PATH_PATH), flags);
	struct stat st;
	int result = -1;
	int cover = -1;

	if (target < 0)
		return absent(flags);
	if (check(l, "fstat", fstat(target, &st)) < 0)
		goto out;
	cover = S_ISDIR(st.st_mode) ? empty_directory(l, text_arg(l, s, ARG_MASK_PATH_LABEL)) :
				      null_file(l);
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
	uint64_t flags = s->arg[ARG_READONLY_PATH_FLAGS];
	int target = open_guarded(l, text_arg(l, s, ARG_READONLY_PATH_PATH), flags);
	int result = -1;
	int tree;

	if (target < 0)
		return absent(flags);
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
