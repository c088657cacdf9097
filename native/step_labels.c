/*
 * What security modules call things: the profile or label of the process, of its keyring, of paths.
 */
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

/*
 * An attribute of this thread, in the procfs that was verified: a file that lies over it, or a
 * /proc that is none, would take the label and drop it (CVE-2019-16884, CVE-2023-28642).
 */
static int open_attribute(struct launch *l, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "thread-self/attr/%s", name);
	return open_proc(l, path, O_WRONLY);
}

static int write_and_close(struct launch *l, int fd, const char *value)
{
	/* With no bytes at all, too: that clears it. */
	ssize_t n = write(fd, value, strlen(value));
	int saved = errno;

	close(fd);
	errno = saved;
	return check(l, "write", n) < 0 ? -1 : 0;
}

static int write_attribute(struct launch *l, const char *name, const char *value)
{
	int fd = open_attribute(l, name);

	return fd < 0 ? -1 : write_and_close(l, fd, value);
}

int step_apparmor(struct launch *l, const struct plan_step *s)
{
	const char *profile = text_arg(l, s, ARG_APPARMOR_PROFILE);
	char *command = arena_take(l, strlen(profile) + sizeof("exec "));
	int fd;

	if (!command)
		return -1;
	sprintf(command, "exec %s", profile);
	/* Its own directory since Linux 5.8; before that the only module had the names to itself.
	 */
	fd = open_attribute(l, "apparmor/exec");
	if (fd < 0 && errno == ENOENT)
		fd = open_attribute(l, "exec");
	return fd < 0 ? -1 : write_and_close(l, fd, command);
}

int step_selinux_exec(struct launch *l, const struct plan_step *s)
{
	return write_attribute(l, "exec", text_arg(l, s, ARG_SELINUX_EXEC_LABEL));
}

int step_label_path(struct launch *l, const struct plan_step *s)
{
	const char *label = text_arg(l, s, ARG_LABEL_PATH_LABEL);
	int fd = open_in_root(l, text_arg(l, s, ARG_LABEL_PATH_PATH), O_RDONLY);
	int result;

	if (fd < 0)
		return -1;
	result = fsetxattr(fd, "security.selinux", label, strlen(label), 0);
	check(l, "fsetxattr(security.selinux)", result);
	close(fd);
	return result;
}

static long join_keyring(struct launch *l, const char *name, const char *label)
{
	long ring;
	int saved;

	if (!*label)
		return syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name);
	if (write_attribute(l, "keycreate", label) < 0)
		return -1;
	ring = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name);
	saved = errno;
	/* Labels of keys that the process makes are its own affair. */
	if (write_attribute(l, "keycreate", "") < 0)
		return -1;
	errno = saved;
	return ring;
}

int step_keyring(struct launch *l, const struct plan_step *s)
{
	const char *label = text_arg(l, s, ARG_KEYRING_LABEL);
	long ring = join_keyring(l, text_arg(l, s, ARG_KEYRING_NAME), label);
	char about[256];
	char *at = about;
	long n;

	/* A kernel without keyrings, or a seccomp filter of ours that hides them. */
	if (ring < 0 && !*label && (errno == ENOSYS || errno == EPERM))
		return 0;
	if (check(l, "keyctl(KEYCTL_JOIN_SESSION_KEYRING)", ring) < 0)
		return -1;
	/* "type;uid;gid;perm;name": let the user of the container search it. */
	n = syscall(SYS_keyctl, KEYCTL_DESCRIBE, ring, about, sizeof(about) - 1);
	if (n <= 0 || n >= (long)sizeof(about))
		return 0;
	about[n] = '\0';
	for (int i = 0; i < 3 && at; i++) {
		at = strchr(at, ';');
		if (at)
			at++;
	}
	if (at)
		syscall(SYS_keyctl, KEYCTL_SETPERM, ring, strtoul(at, NULL, 16) | 0x80000);
	return 0;
}
