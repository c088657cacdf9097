/*
 * Signals to the init and to all that is in the cgroups, and the freezer that holds them meanwhile.
 */
#define _GNU_SOURCE
#include "cgroup_walk.h"
#include "grace.h"
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define FREEZE_MS 10000

int step_cgroup_kill(struct launch *l, const struct plan_step *s)
{
	const char *dir = text_arg(l, s, ARG_CGROUP_KILL_DIR);

	int own = owns_cgroups(l);

	if (own <= 0)
		return own;
	if (s->arg[ARG_CGROUP_KILL_FLAGS] & FLAG_CGROUP_FREEZER && thaw_cgroups(l, dir) < 0)
		return -1;
	return end_members(l, dir);
}

/* A file of a freezer: DIR/freezer.state. */
int thaw_freezer(struct launch *l, const char *file)
{
	const char *slash = strrchr(file, '/');
	char dir[PATH_MAX];

	if (!slash || strcmp(slash, "/freezer.state") != 0 || slash - file >= PATH_MAX)
		return 0;
	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - file), file);
	return thaw_cgroups(l, dir);
}

static int freeze(const char *file, const char *value)
{
	return *file ? write_file(AT_FDCWD, file, value, strlen(value)) : 0;
}

/* v1 has no event for a freezer that has done its work, and one that a fork outran tries again. */
static int await_frozen(struct launch *l, const char *file)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	long limit = deadline_or(FREEZE_MS);
	long end = now_ms() + limit;
	char state[16];

	for (int tries = 0; limit < 0 || now_ms() < end; tries++) {
		if (check(l, "read", read_small(AT_FDCWD, file, state, sizeof(state))) < 0)
			return -1;
		if (strncmp(state, "FROZEN", 6) == 0)
			return 0;
		if (tries % 50 == 49)
			freeze(file, "FROZEN");
		nanosleep(&pause, NULL);
	}
	freeze(file, "THAWED");
	give_up(l, limit);
	return (int)check(l, "freezer.state", -1);
}

/* v2: cgroup.events says `frozen 1` once every process has stopped, and wakes who polls it. */
static int await_event(struct launch *l, const char *file)
{
	char path[PATH_MAX + 64];
	char text[256];
	struct pollfd one = { .events = POLLPRI };
	long limit = deadline_or(FREEZE_MS);
	long end = now_ms() + limit;

	snprintf(path, sizeof(path), "%.*s/cgroup.events", (int)(strrchr(file, '/') - file), file);
	one.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (check(l, "open", one.fd) < 0)
		return -1;
	while (limit < 0 || now_ms() < end) {
		ssize_t n = pread(one.fd, text, sizeof(text) - 1, 0);

		text[n > 0 ? n : 0] = '\0';
		if (strstr(text, "frozen 1")) {
			close(one.fd);
			return 0;
		}
		poll(&one, 1, 500);
	}
	close(one.fd);
	freeze(file, "0");
	give_up(l, limit);
	return (int)check(l, "cgroup.events", -1);
}

int step_freeze(struct launch *l, const struct plan_step *s)
{
	const char *file = text_arg(l, s, ARG_FREEZE_FILE);
	const char *value = text_arg(l, s, ARG_FREEZE_VALUE);

	if (!*file) {
		errno = ENOTSUP;
		return (int)check(l, "freeze", -1);
	}
	if (check(l, "write", write_file(AT_FDCWD, file, value, strlen(value))) < 0)
		return -1;
	if (strcmp(value, "FROZEN") == 0)
		return await_frozen(l, file);
	return strcmp(value, "1") == 0 ? await_event(l, file) : 0;
}

int signal_init(struct launch *l, long number)
{
	int fd = (int)syscall(SYS_pidfd_open, l->init.pid, 0);
	uint64_t start_time;
	int result;
	char state;

	if (check(l, "pidfd_open", fd) < 0)
		return -1;
	/* The pid may have gone to somebody else between our look and the open. */
	start_time = read_start_time(l, l->init.pid, &state);
	if (start_time != l->init.start_time) {
		int reason = start_time > 0 || errno == ENOENT ? ESRCH : errno;

		close(fd);
		errno = reason;
		return (int)check(l, "pidfd_send_signal", -1);
	}
	result = (int)check(l, "pidfd_send_signal",
			    syscall(SYS_pidfd_send_signal, fd, (int)number, NULL, 0));
	close(fd);
	return result;
}

/* Whoever froze it has to let it go: where that is. */
static int name_freezer(struct launch *l)
{
	char path[32];
	char text[4096];
	char words[PATH_MAX + 64];
	char *line;

	snprintf(path, sizeof(path), "%d/cgroup", l->init.pid);
	if (read_small(l->host_proc, path, text, sizeof(text)) < 0)
		text[0] = '\0';
	line = strstr(text, ":freezer:");
	line = line ? line + strlen(":freezer:") : strstr(text, "0::");
	snprintf(words, sizeof(words), "process %d does not end; it is in the cgroup %.*s",
		 l->init.pid, line ? (int)strcspn(line, "\n") : 1, line ? line : "?");
	detail(l, words, strlen(words));
	give_up(l, deadline_or(END_MS));
	return (int)check(l, "poll(pidfd)", -1);
}

/*
 * Is the init on its way out? As that of a pid namespace it waits for all in there to be reaped,
 * also for what has a tracer, as CRIU is.
 */
static bool is_exiting(struct launch *l)
{
	char path[32];
	char text[1024];
	char *at;
	unsigned int flags;

	snprintf(path, sizeof(path), "%d/stat", l->init.pid);
	if (read_small(l->host_proc, path, text, sizeof(text)) < 0)
		return true;
	at = strrchr(text, ')');
	return at && sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) == 1 &&
	       flags & 4; /* PF_EXITING of the kernel */
}

int kill_init(struct launch *l)
{
	uint64_t start_time;
	char state;
	int saved;
	int fd;

	if (l->init.pid <= 0)
		return 0;
	fd = (int)syscall(SYS_pidfd_open, l->init.pid, 0);
	if (fd < 0)
		return errno == ESRCH ? 0 : (int)check(l, "pidfd_open", -1);
	start_time = read_start_time(l, l->init.pid, &state);
	saved = errno;
	if (start_time == l->init.start_time) {
		syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
		/* v1: what is frozen does not die, nor does the init whose processes are. */
		if (owns_cgroups(l) > 0)
			thaw_freezer(l, freezer_file(l));
		if (wait_pidfd(fd, left_to_end(l)) == 0 && !is_exiting(l)) {
			close(fd);
			return name_freezer(l);
		}
	}
	close(fd);
	errno = saved;
	return start_time > 0 || saved == ESRCH || saved == ENOENT ?
		       0 :
		       (int)check(l, "read(stat)", -1);
}

int step_kill_init(struct launch *l, const struct plan_step *s)
{
	(void)s;
	return kill_init(l);
}

/*
 * Every process of the container. Frozen meanwhile, so that a fork can't get away; thawed on
 * every way out.
 */
int step_signal_all(struct launch *l, const struct plan_step *s)
{
	const char *freezer = text_arg(l, s, ARG_SIGNAL_ALL_FREEZER);
	bool v1 = strstr(freezer, "freezer.state");
	long number = atol(text_arg(l, s, ARG_SIGNAL_ALL_NUMBER));
	int result = 0;

	if (list_count(s, ARG_SIGNAL_ALL_DIRS) == 0)
		return l->init.pid > 0 ? signal_init(l, number) : 0;
	freeze(freezer, v1 ? "FROZEN" : "1");
	for (uint32_t i = 0; i < list_count(s, ARG_SIGNAL_ALL_DIRS); i++)
		if (signal_members(l, list_text(l, s, ARG_SIGNAL_ALL_DIRS, i), number) < 0)
			result = -1;
	/* Whatever has happened: nobody would look for a freezer. */
	if (v1 && number == SIGKILL ? thaw_freezer(l, freezer) < 0 :
				      freeze(freezer, v1 ? "THAWED" : "0") < 0)
		result = (int)check(l, "thaw", -1);
	return result;
}

bool has_survivors(struct launch *l)
{
	const struct plan_step *s;
	uint32_t count;
	bool found = false;

	s = plan_section(&l->plan, SECTION_KILL, &count);
	if (count == 0 || s->op != OP_SIGNAL || owns_cgroups(l) <= 0)
		return false;
	for (uint32_t i = 0; i < list_count(s, ARG_SIGNAL_KILL_DIRS); i++)
		found |= has_members(l, list_text(l, s, ARG_SIGNAL_KILL_DIRS, i));
	return found;
}

/* An init that is gone has the pid 0: then it is about those that have outlived it. */
int step_signal(struct launch *l, const struct plan_step *s)
{
	long number = atol(text_arg(l, s, ARG_SIGNAL_NUMBER));
	const char *thaw = text_arg(l, s, ARG_SIGNAL_THAW);
	int result = 0;

	if (l->init.pid > 0 && signal_init(l, number) < 0)
		return -1;
	if (number != SIGKILL)
		return 0;
	/* Where the init is not the first process of its pid namespace the others outlive it. */
	for (uint32_t i = 0; i < list_count(s, ARG_SIGNAL_KILL_DIRS); i++) {
		const char *dir = list_text(l, s, ARG_SIGNAL_KILL_DIRS, i);

		/* Frozen meanwhile, so that a fork can't get away; v2 sees to that itself. */
		freeze(thaw, "FROZEN");
		kill_cgroup(dir);
		if (signal_members(l, dir, number) < 0)
			result = -1;
	}
	return thaw_freezer(l, thaw) < 0 ? -1 : result;
}

#define DYING_MS 200

void release_from_freezer(pid_t child)
{
	struct pollfd end = { .fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN };
	char pid[16];
	int procs;

	if (end.fd < 0)
		return;
	if (poll(&end, 1, DYING_MS) == 0 && (procs = open_own_freezer()) >= 0) {
		snprintf(pid, sizeof(pid), "%d", child);
		(void)!write(procs, pid, strlen(pid));
		close(procs);
	}
	close(end.fd);
}
