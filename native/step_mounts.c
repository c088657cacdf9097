/*
 * What is mounted in the root file system, by the descriptor-based mount API.
 */
#define _GNU_SOURCE
#include "copy_up.h"
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

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

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
