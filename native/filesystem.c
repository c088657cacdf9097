/*
 * New file systems, and the options of those that are mounted.
 */
#define _GNU_SOURCE
#include "filesystem.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

/* sys/mount.h can't be included beside linux/mount.h with every C library. */
int mount(const char *, const char *, const char *, unsigned long, const void *);

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

/* Hands list argument `list` of the step to the file system. */
static int configure(struct launch *l, int fs, const struct plan_step *s, int list)
{
	for (uint32_t i = 0; i < list_count(s, list); i++) {
		const char *option = list_text(l, s, list, i);
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

int new_filesystem(struct launch *l, const struct plan_step *s, int target)
{
	const char *type = text_arg(l, s, ARG_MOUNT_TYPE);
	uint64_t attributes = s->arg[ARG_MOUNT_ATTRIBUTES];
	/* fsmount knows this one since Linux 5.14 only. */
	uint64_t later = attributes & MOUNT_ATTR_NOSYMFOLLOW;
	int fs = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
	const char *source = text_arg(l, s, ARG_MOUNT_SOURCE);
	int tree = -1;

	if (check(l, "fsopen", fs) < 0)
		return -1;
	if ((!*source ||
	     check(l, "fsconfig(source)",
		   syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "source", source, 0)) == 0) &&
	    configure(l, fs, s, ARG_MOUNT_OPTIONS) == 0 &&
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

/* The options as one text, for mount(2). */
static const char *join_options(struct launch *l, const struct plan_step *s, const char *mode)
{
	char *joined = arena_take(l, PATH_MAX);
	size_t used;

	if (!joined)
		return NULL;
	used = (size_t)snprintf(joined, PATH_MAX, "%s", mode);
	for (uint32_t i = 0; i < list_count(s, ARG_MOUNT_OPTIONS); i++) {
		const char *option = list_text(l, s, ARG_MOUNT_OPTIONS, i);
		/* A label may have a comma in it; the kernel takes quotes around the value. */
		bool quoted = strncmp(option, "context=", 8) == 0;
		size_t length = strlen(option) + (quoted ? 2 : 0);

		if (used + length + 2 > PATH_MAX) {
			errno = E2BIG;
			check(l, "mount", -1);
			return NULL;
		}
		if (used)
			joined[used++] = ',';
		snprintf(joined + used, PATH_MAX - used, quoted ? "context=\"%s\"" : "%s",
			 quoted ? option + 8 : option);
		used += length;
	}
	return joined;
}

int classic_filesystem(struct launch *l, const struct plan_step *s, const char *path, int target,
		       bool made)
{
	bool keep_mode = !made && s->arg[ARG_MOUNT_FLAGS] & FLAG_MOUNT_DIR_MODE;
	const char *options;
	struct stat st;
	struct mount_place below;
	struct mount_place above;
	char by_fd[64];
	char mode[16] = "";
	int tree;

	if (keep_mode && check(l, "fstat", fstat(target, &st)) < 0)
		return -1;
	if (keep_mode)
		snprintf(mode, sizeof(mode), "mode=%o", st.st_mode & 07777);
	options = join_options(l, s, mode);
	if (!options)
		return -1;
	snprintf(by_fd, sizeof(by_fd), "self/fd/%d", target);
	if (find_mount(l, target, &below) < 0 || check(l, "fchdir", fchdir(l->host_proc)) < 0 ||
	    check(l, "mount",
		  mount(text_arg(l, s, ARG_MOUNT_SOURCE), by_fd, text_arg(l, s, ARG_MOUNT_TYPE),
			s->arg[ARG_MOUNT_CLASSIC], options)) < 0 ||
	    check(l, "chdir", chdir("/")) < 0)
		return -1;
	tree = open_in_root(l, path, O_PATH);
	if (tree < 0)
		return -1;
	if (find_mount(l, tree, &above) == 0) {
		if (above.id != below.id && above.is_root &&
		    set_attributes(l, tree, false, s->arg[ARG_MOUNT_ATTRIBUTES], 0, 0) == 0)
			return tree;
		if (above.id == below.id) {
			errno = EXDEV;
			check(l, "statx", -1);
		}
	}
	close(tree);
	return -1;
}

int reconfigure_filesystem(struct launch *l, int mounted, const struct plan_step *s)
{
	int fs = (int)syscall(SYS_fspick, mounted, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
	int result = -1;

	if (check(l, "fspick", fs) < 0)
		return -1;
	if (configure(l, fs, s, ARG_REMOUNT_OPTIONS) == 0)
		result = (int)check(l, "fsconfig(reconfigure)",
				    syscall(SYS_fsconfig, fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL,
					    0));
	if (result < 0)
		mount_log(l, fs);
	close(fs);
	return result;
}
