/*
 * Detached mounts: cloned, given attributes and propagation, attached.
 */
#define _GNU_SOURCE
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/stat.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int set_attributes(struct launch *l, int fd, bool recursive, uint64_t set, uint64_t clear,
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

int set_propagation(struct launch *l, int fd, const struct plan_step *s, int i)
{
	for (uint32_t n = 0; n < list_count(s, i); n++) {
		uint64_t word = strtoull(list_text(l, s, i, n), NULL, 10);

		if (set_attributes(l, fd, word & MS_REC, 0, 0, word & ~(uint64_t)MS_REC) < 0)
			return -1;
	}
	return 0;
}

static bool is_directory(int fd)
{
	return faccessat(fd, ".", F_OK, 0) == 0 || errno != ENOTDIR;
}

/* Attaches a detached mount to what the descriptor `target` names. */
int attach_tree(struct launch *l, int tree, int target)
{
	long result = syscall(SYS_move_mount, tree, "", target, "",
			      MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);

	/* mount(2) says ENOTDIR of a directory on a file and the reverse, and callers look for it.
	 */
	if (result < 0 && errno == EINVAL)
		errno = is_directory(tree) == is_directory(target) ? EINVAL : ENOTDIR;
	return (int)check(l, "move_mount", result);
}

int clone_tree(struct launch *l, int dir, const char *path, bool recursive, int flags)
{
	return (int)check(l, "open_tree",
			  syscall(SYS_open_tree, dir, path,
				  OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags |
					  (recursive ? AT_RECURSIVE : 0)));
}

int scratch(struct launch *l)
{
	int fs = (int)check(l, "fsopen", syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC));
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int tree = -1;

	if (check(l, "open", root) >= 0 && fs >= 0 &&
	    check(l, "fsconfig(create)",
		  syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)) == 0)
		tree = (int)check(l, "fsmount", syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0));
	if (tree >= 0 && attach_tree(l, tree, root) < 0) {
		close(tree);
		tree = -1;
	}
	if (fs >= 0)
		close(fs);
	if (root >= 0)
		close(root);
	return tree;
}

/* By words of struct statx: not every C library has it, or all of it. */
int find_mount(struct launch *l, int fd, struct mount_place *place)
{
	enum { ATTRIBUTES = 1, MOUNT_ID = 18, WORDS = 32 };
	uint64_t status[WORDS];
	long result = syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_MNT_ID, status);

	if (check(l, "statx", result) < 0)
		return -1;
	place->id = status[MOUNT_ID];
	place->is_root = status[ATTRIBUTES] & STATX_ATTR_MOUNT_ROOT;
	return 0;
}
