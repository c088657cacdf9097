/*
 * What koffi loads: waits for a cgroup to run out of memory, and for its container to end. The
 * kernel wakes us; nothing is polled.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "generated/plan_ops.h"

struct tsoci_watch {
	int init; /* pidfd: readable once the init has ended */
	int stop; /* eventfd: the caller has had enough */
	int notice; /* v1: eventfd that the kernel writes to; v2: memory.events */
	int file; /* v1: memory.oom_control, open for as long as the notices are wanted */
	long kills; /* v2: oom_kill of memory.events as it was last seen */
};

int tsoci_watch_open(int pid, const char *dir, int v2, struct tsoci_watch **out);
int tsoci_watch_wait(struct tsoci_watch *w, int timeout);
int tsoci_watch_stop(struct tsoci_watch *w);
int tsoci_watch_close(struct tsoci_watch *w);

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
static int register_notice(struct tsoci_watch *w, const char *dir)
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

static int open_notice(struct tsoci_watch *w, const char *dir, int v2)
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

static void close_if(int fd)
{
	if (fd >= 0)
		close(fd);
}

int tsoci_watch_close(struct tsoci_watch *w)
{
	close_if(w->init);
	close_if(w->stop);
	close_if(w->notice);
	close_if(w->file);
	free(w);
	return 0;
}

/* `dir` is the cgroup of the memory controller, empty for none. 0 or a negative errno. */
int tsoci_watch_open(int pid, const char *dir, int v2, struct tsoci_watch **out)
{
	struct tsoci_watch *w = calloc(1, sizeof(*w));
	int result = 0;

	if (!w)
		return -ENOMEM;
	w->notice = w->file = -1;
	w->stop = eventfd(0, EFD_CLOEXEC);
	w->init = (int)syscall(SYS_pidfd_open, pid, 0);
	if (w->stop < 0 || w->init < 0)
		result = -errno;
	else
		result = open_notice(w, dir, v2);
	if (result < 0) {
		tsoci_watch_close(w);
		return result;
	}
	*out = w;
	return 0;
}

/* v1 tells the end of the cgroup the same way, so that alone is no lack of memory. */
static int has_run_out(struct tsoci_watch *w)
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

/* Bits of WATCH_*, 0 when the time is over (milliseconds), or a negative errno. */
int tsoci_watch_wait(struct tsoci_watch *w, int timeout)
{
	struct pollfd fds[] = {
		{ .fd = w->init, .events = POLLIN },
		{ .fd = w->stop, .events = POLLIN },
		{ .fd = w->notice, .events = w->file >= 0 ? POLLIN : POLLPRI },
	};
	int found = 0;

	if (poll(fds, 3, timeout) < 0)
		return errno == EINTR ? 0 : -errno;
	/* What ended for lack of memory is told before its end. */
	if ((fds[0].revents || fds[2].revents) && has_run_out(w))
		found |= WATCH_OOM;
	if (fds[0].revents)
		found |= WATCH_ENDED;
	if (fds[1].revents)
		found |= WATCH_STOPPED;
	return found;
}

/* From another thread than the one that waits. */
int tsoci_watch_stop(struct tsoci_watch *w)
{
	uint64_t one = 1;

	return write(w->stop, &one, sizeof(one)) == sizeof(one) ? 0 : -errno;
}
