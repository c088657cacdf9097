/*
 * The gate: a fifo that the init of a created container waits at, until `start` opens it.
 */
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int step_make_gate(struct launch *l, const struct plan_step *s)
{
	const char *path = text_arg(l, s, ARG_MAKE_GATE_PATH);

	if (check(l, "mkfifo", mkfifoat(l->state_dir, path, 0600)) < 0)
		return -1;
	/* For both directions, so that the child's read waits instead of seeing an end. */
	l->gate = openat(l->state_dir, path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	return (int)check(l, "open", l->gate) < 0 ? -1 : 0;
}

int step_gate(struct launch *l, const struct plan_step *s)
{
	int tries = 3;
	char byte;
	ssize_t n;

	(void)s;
	l->after_gate = true;
	close(l->sync);
	l->sync = -1;
	do
		n = read(l->gate, &byte, 1);
	while (n < 0 && (errno == EINTR || tries-- > 0)); /* nobody is there to be told */
	return (int)check(l, "read", n) < 0 ? -1 : 0;
}

/* What becomes of its name, until it has none; whatever lies there goes with the directory. */
#define OPENED ".exec.fifo.0" /* as remains.c knows a file that is half made */

/* The name goes first: one that stays would say that the container waits still. */
static int write_to_gate(struct launch *l, const char *path, int gate)
{
	int saved;

	if (check(l, "rename(exec.fifo)", renameat(l->state_dir, path, l->state_dir, OPENED)) < 0)
		return -1;
	if (check(l, "write(exec.fifo)", write(gate, "0", 1)) < 0) {
		saved = errno;
		renameat(l->state_dir, OPENED, l->state_dir, path);
		errno = saved;
		return -1;
	}
	unlinkat(l->state_dir, OPENED, 0);
	return 0;
}

/* The fifo has no reader left once exec (or death) has closed the init's descriptor. */
static int await_exec(struct launch *l, int gate)
{
	struct pollfd one = { .fd = gate, .events = 0 };
	int tries = 3;
	int ready;
	int saved;

	do
		ready = poll(&one, 1, (int)deadline_ms);
	while (ready < 0 && (errno == EINTR || tries-- > 0));
	if (ready > 0)
		return 0;
	/* A hook that hangs, most likely: nothing of it may run on. */
	saved = ready == 0 ? ETIMEDOUT : errno;
	kill_init(l);
	errno = saved;
	if (ready == 0)
		name_timeout(l);
	return (int)check(l, "poll(exec.fifo)", -1);
}

static int read_report(struct launch *l, int report)
{
	if (read(report, l->failure, sizeof(*l->failure)) != sizeof(*l->failure) ||
	    l->failure->magic != FAILURE_MAGIC)
		forget_failure(l);
	if (l->failure->kind == FAILURE_NONE &&
	    died_before_exec(l, l->init.pid, l->init.start_time))
		return -1;
	errno = l->failure->errnum;
	return l->failure->kind == FAILURE_NONE ? 0 : -1;
}

/* Opens the gate and waits until the init has become the user's program. */
int step_open_gate(struct launch *l, const struct plan_step *s)
{
	const char *path = text_arg(l, s, ARG_OPEN_GATE_PATH);
	/* Before anything happens: what it tells must not be missed. */
	int report =
		openat(l->state_dir, "failure", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int gate;
	int result = -1;

	if (report < 0 && errno != ENOENT)
		return (int)check(l, "open(failure)", -1);
	gate = openat(l->state_dir, path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (gate < 0 && errno == ENXIO)
		l->failure->kind = FAILURE_INIT_DIED;
	if (check(l, "open(exec.fifo)", gate) >= 0 && write_to_gate(l, path, gate) == 0 &&
	    await_exec(l, gate) == 0)
		result = report < 0 ? 0 : read_report(l, report);
	if (gate >= 0)
		close(gate);
	if (report >= 0)
		close(report);
	return result;
}
