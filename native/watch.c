/*
 * Waits for a cgroup to run out of memory, and for its container to end, and writes a byte for
 * each. The kernel wakes us; nothing is polled.
 */
#define _GNU_SOURCE
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct watch {
	int init; /* pidfd: readable once the init has ended */
	int notice; /* v1: eventfd that the kernel writes to; v2: memory.events */
	int file; /* v1: memory.oom_control, open for as long as the notices are wanted */
	long kills; /* v2: oom_kill of memory.events as it was last seen */
};

/* Reading is also what makes the next change wake a poll. */
static long read_kills(int fd)
{
	char text[512];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	char *at;

	if (n < 0)
		return -1;
	text[n] = '\0';
	at = strstr(text, "oom_kill ");
	return at ? atol(at + strlen("oom_kill ")) : 0;
}

static int open_in(const char *dir, const char *name, int flags)
{
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(path, flags | O_CLOEXEC);
}

/* v1: an eventfd is registered for the file, by their numbers, in cgroup.event_control. */
static int register_notice(struct watch *w, const char *dir)
{
	char line[32];
	int control;
	int result;

	w->file = open_in(dir, "memory.oom_control", O_RDONLY);
	w->notice = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	control = open_in(dir, "cgroup.event_control", O_WRONLY);
	if (w->file < 0 || w->notice < 0 || control < 0) {
		result = -errno;
	} else {
		int n = snprintf(line, sizeof(line), "%d %d", w->notice, w->file);

		result = write(control, line, (size_t)n) == n ? 0 : -errno;
	}
	if (control >= 0)
		close(control);
	return result;
}

static int open_notice(struct watch *w, const char *dir, int v2)
{
	if (!*dir)
		return 0;
	if (!v2)
		return register_notice(w, dir);
	w->notice = open_in(dir, "memory.events", O_RDONLY);
	if (w->notice < 0)
		return -errno;
	w->kills = read_kills(w->notice);
	return 0;
}

/* v1 tells the end of the cgroup the same way, so that alone is no lack of memory. */
static int has_run_out(struct watch *w)
{
	uint64_t count;
	long kills;
	char one;

	if (w->notice < 0)
		return 0;
	if (w->file >= 0)
		return read(w->notice, &count, sizeof(count)) == sizeof(count) &&
		       pread(w->file, &one, 1, 0) == 1;
	kills = read_kills(w->notice);
	if (kills <= w->kills)
		return 0;
	w->kills = kills;
	return 1;
}

static void tell(char what)
{
	if (write(STDOUT_FILENO, &what, 1) != 1)
		_exit(1);
}

/* PID DIR V2: `DIR` is the cgroup of the memory controller, empty for none. */
void watch_main(char **argv)
{
	struct watch w = { .notice = -1, .file = -1 };
	int result;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!argv[1] || !argv[2] || !argv[3])
		_exit(EINVAL);
	w.init = (int)syscall(SYS_pidfd_open, atoi(argv[1]), 0);
	result = w.init < 0 ? -errno : open_notice(&w, argv[2], argv[3][0] == '1');
	if (result < 0)
		_exit(-result);
	tell('r');
	for (;;) {
		struct pollfd fds[] = {
			{ .fd = w.init, .events = POLLIN },
			{ .fd = w.notice, .events = w.file >= 0 ? POLLIN : POLLPRI },
		};

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			_exit(errno);
		/* What ended for lack of memory is told before its end. */
		if (has_run_out(&w))
			tell('o');
		if (fds[0].revents) {
			tell('e');
			_exit(0);
		}
	}
}
