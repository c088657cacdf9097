/*
 * What the process is given, up to exec.
 */
#define _GNU_SOURCE
#include "launch.h"
#include "passwd.h"
#include "seal.h"
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int step_prlimit(struct launch *l, const struct plan_step *s)
{
	struct rlimit64 limit = {
		.rlim_cur = s->arg[ARG_PRLIMIT_SOFT],
		.rlim_max = s->arg[ARG_PRLIMIT_HARD],
	};

	return (int)check(l, "prlimit64",
			  syscall(SYS_prlimit64, l->child, s->arg[ARG_PRLIMIT_RESOURCE], &limit,
				  NULL));
}

int step_send_pidfd(struct launch *l, const struct plan_step *s)
{
	int socket = connect_when_there(l, text_arg(l, s, ARG_SEND_PIDFD_PATH), SOCK_STREAM);
	int result;

	if (socket < 0)
		return -1;
	result = send_fd(socket, l->child_pidfd, "pidfd");
	check(l, "sendmsg", result);
	close(socket);
	return result;
}

int step_oom_score(struct launch *l, const struct plan_step *s)
{
	const char *value = text_arg(l, s, ARG_OOM_SCORE_VALUE);
	char path[64];

	snprintf(path, sizeof(path), "%d/oom_score_adj", l->child);
	return (int)check(l, "oom_score_adj", write_file(l->host_proc, path, value, strlen(value)));
}

int step_umask(struct launch *l, const struct plan_step *s)
{
	(void)l;
	umask((mode_t)s->arg[ARG_UMASK_MASK]);
	return 0;
}

int step_personality(struct launch *l, const struct plan_step *s)
{
	/* It returns the one before. */
	int before = personality((unsigned long)s->arg[ARG_PERSONALITY_DOMAIN]);

	return check(l, "personality", before) < 0 ? -1 : 0;
}

int step_no_new_privs(struct launch *l, const struct plan_step *s)
{
	(void)s;
	return (int)check(l, "prctl(PR_SET_NO_NEW_PRIVS)", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

/*
 * A working directory reached through a leaked descriptor lies outside the container
 * (CVE-2024-21626): the kernel then answers with a path that does not begin with /.
 */
static int cwd_is_inside(struct launch *l)
{
	char cwd[4096];

	if (check(l, "getcwd", syscall(SYS_getcwd, cwd, sizeof(cwd))) < 0)
		return -1;
	if (cwd[0] == '/')
		return 0;
	errno = EXDEV;
	return (int)check(l, "getcwd", -1);
}

/* By descriptor and without magic links: no /proc/self/fd/N leads out. */
int step_make_directory(struct launch *l, const struct plan_step *s)
{
	int dir = make_in_root(l, text_arg(l, s, ARG_MAKE_DIRECTORY_PATH), false, 0755);

	if (dir < 0)
		/* Root may be nobody on a file server: the user may find it there. */
		return errno == EACCES ? 0 : -1;
	close(dir);
	return 0;
}

/* Nor does the process go out by one. */
int step_chdir(struct launch *l, const struct plan_step *s)
{
	const char *path = text_arg(l, s, ARG_CHDIR_PATH);
	uint64_t flags = s->arg[ARG_CHDIR_FLAGS];
	int result;
	int dir;

	if (flags & FLAG_CHDIR_RETRY && !l->chdir_refused)
		return 0;
	dir = open_as_user(path, O_PATH);
	result = dir < 0 ? -1 : fchdir(dir);
	if (dir >= 0)
		close(dir);
	/* Root may be nobody on a file server: the user gets a second try. */
	if (result < 0 && errno == EACCES && !(flags & FLAG_CHDIR_RETRY)) {
		l->chdir_refused = true;
		return 0;
	}
	if (check(l, "chdir", result) < 0)
		return -1;
	return cwd_is_inside(l);
}

static const char *environment_value(struct launch *l, const struct plan_step *s, int i,
				     const char *name)
{
	size_t length = strlen(name);
	const char *found = NULL;

	/* Of duplicates the last counts. */
	for (uint32_t n = 0; n < list_count(s, i); n++) {
		const char *entry = list_text(l, s, i, n);

		if (entry && strncmp(entry, name, length) == 0 && entry[length] == '=')
			found = entry + length + 1;
	}
	return found;
}

static int is_executable(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -1;
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		errno = EACCES;
		return -1;
	}
	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0)
		return 0;
	/* A filter that is on already may refuse faccessat2, and allow what is older. */
	return errno == EPERM ? (int)syscall(SYS_faccessat, AT_FDCWD, path, X_OK) : -1;
}

/* Engines want `create` to fail, not `start`, so this looks before the gate. */
int step_find_executable(struct launch *l, const struct plan_step *s)
{
	const char *name = list_text(l, s, ARG_FIND_EXECUTABLE_ARGS, 0);
	const char *path = environment_value(l, s, ARG_FIND_EXECUTABLE_ENV, "PATH");
	int refused = ENOENT;

	if (strchr(name, '/')) {
		l->exec_path = name;
		return (int)check(l, "find-executable", is_executable(name));
	}
	while (path && *name) {
		size_t length = strcspn(path, ":");
		char *candidate = arena_take(l, length + strlen(name) + 3);

		if (!candidate)
			return -1;
		sprintf(candidate, "%.*s/%s", (int)(length ? length : 1), length ? path : ".",
			name);
		if (is_executable(candidate) == 0) {
			l->exec_path = candidate;
			return 0;
		}
		if (errno == EACCES)
			refused = EACCES;
		path = path[length] ? path + length + 1 : NULL;
	}
	errno = refused;
	return (int)check(l, "find-executable", -1);
}

/*
 * HOME of a user whose config names none: its line in the container's passwd file. The text is the
 * container's, and no more of it is believed than this line says.
 */
int step_find_home(struct launch *l, const struct plan_step *s)
{
	static char home[1024] = "HOME=/";
	char name[32];
	struct stat st;
	int place;
	int file = -1;

	if (environment_value(l, s, ARG_FIND_HOME_ENV, "HOME"))
		return 0;
	l->home = home;
	/* Opening a device may do something, and reading one may never end. procfs has no sizes. */
	place = open_in_root(l, "/etc/passwd", O_PATH);
	if (place >= 0 && fstat(place, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
		snprintf(name, sizeof(name), "self/fd/%d", place);
		file = openat(l->host_proc, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	}
	if (place >= 0)
		close(place);
	if (file < 0)
		return 0;
	find_home(file, s->arg[ARG_FIND_HOME_UID], home, sizeof(home));
	close(file);
	return 0;
}

/*
 * Numbers that the caller has handed on are not always open (podman's --preserve-fd=3,5): whatever
 * of ours has taken the place of one has the flag, and goes.
 */
static void close_own_below(unsigned int end, const int *kept, size_t n)
{
	/* Ours are the lowest that were free. */
	for (unsigned int fd = 3; fd < end && fd < 1u << 20; fd++) {
		int flags = fcntl((int)fd, F_GETFD);
		bool keep = flags < 0 || !(flags & FD_CLOEXEC);

		for (size_t i = 0; i < n; i++)
			keep |= kept[i] == (int)fd;
		if (!keep)
			close((int)fd);
	}
}

/*
 * Closes everything but stdio, what the caller asked to keep, and what leads to the gate. An init
 * that waits there may share a pid namespace with others: nothing of the host is left to find in
 * its /proc/PID/fd. Those that stay close on exec.
 */
int step_close_fds(struct launch *l, const struct plan_step *s)
{
	unsigned int from = 3 + (unsigned int)atoi(text_arg(l, s, ARG_CLOSE_FDS_KEEP));
	int kept[] = { l->sync, l->gate, l->handler, -1, -1 };

	trace_fds(kept + 3);
	close_own_below(from, kept, sizeof(kept) / sizeof(*kept));
	for (;;) {
		unsigned int next = ~0U;

		for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
			if (kept[i] >= (int)from && (unsigned int)kept[i] < next)
				next = (unsigned int)kept[i];
		if (next > from &&
		    check(l, "close_range",
			  syscall(SYS_close_range, from, next - (next != ~0U), 0)) < 0)
			return -1;
		if (next == ~0U)
			break;
		if (check(l, "fcntl", fcntl((int)next, F_SETFD, FD_CLOEXEC)) < 0)
			return -1;
		from = next + 1;
	}
	l->host_proc = l->root = l->null_device = l->empty = l->console_socket = -1;
	return 0;
}

/* runtime.md "Start": an error if `process` was not set. */
int step_no_process(struct launch *l, const struct plan_step *s)
{
	(void)s;
	errno = ENOEXEC;
	return (int)check(l, "start", -1);
}

int step_open_handler(struct launch *l, const struct plan_step *s)
{
	int file = open(text_arg(l, s, ARG_OPEN_HANDLER_PATH), O_RDONLY | O_CLOEXEC);

	if (check(l, "open", file) < 0)
		return -1;
	if (check(l, "access", faccessat(file, "", X_OK, AT_EMPTY_PATH | AT_EACCESS)) == 0)
		l->handler = (int)check(l, "sendfile", sealed_copy(file, "handler"));
	close(file);
	return l->handler < 0 ? -1 : 0;
}

int step_exec(struct launch *l, const struct plan_step *s)
{
	char **args = list_vector(l, s, ARG_EXEC_ARGS, 0);
	char **env = list_vector(l, s, ARG_EXEC_ENV, 1);

	if (!args || !env)
		return -1;
	if (l->home)
		env[list_count(s, ARG_EXEC_ENV)] = (char *)l->home;
	if (l->handler >= 0)
		syscall(SYS_execveat, l->handler, "", args, env, AT_EMPTY_PATH);
	else
		execve(l->exec_path, args, env);
	return (int)check(l, "execve", -1);
}

/* A program of the host, found by the caller's PATH; of his descriptors it has the standard
 * streams. */
int step_become(struct launch *l, const struct plan_step *s)
{
	char **args = list_vector(l, s, ARG_BECOME_ARGS, 0);
	char **env = list_vector(l, s, ARG_BECOME_ENV, 0);

	if (!args || !env ||
	    check(l, "close_range", syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC)) < 0)
		return -1;
	execvpe(args[0], args, env);
	return (int)check(l, "execve", -1);
}
