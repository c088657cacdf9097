/*
 * The handshake between parent and child: each stage is one byte on a socket pair.
 */
#define _GNU_SOURCE
#include "interrupt.h"
#include "launch.h"
#include "trace.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

int send_stage(struct launch *l, uint64_t stage)
{
	unsigned char byte = (unsigned char)stage;

	return check(l, "send", send(l->sync, &byte, 1, MSG_NOSIGNAL)) == 1 ? 0 : -1;
}

int receive_stage(struct launch *l, uint64_t stage)
{
	unsigned char byte = 0;
	ssize_t n;

	do
		n = recv(l->sync, &byte, 1, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		name_timeout(l);
	if (n <= 0)
		return (int)check(l, "recv", n);
	if (byte != stage) {
		errno = EPROTO;
		return (int)check(l, "recv", -1);
	}
	return 1;
}

/* One that runs already is looked at no further. */
static bool is_killed(struct launch *l)
{
	struct pollfd end = { .fd = l->child_pidfd, .events = POLLIN };

	return end.fd >= 0 && poll(&end, 1, 0) == 1 &&
	       died_before_exec(l, l->child, strtoull(l->slots[SLOT_START_TIME], NULL, 10));
}

int expect_stage(struct launch *l, uint64_t stage)
{
	int n;

	/* While the child works: whoever closes it last waits some milliseconds for the kernel. */
	close_self(l);
	n = receive_stage(l, stage);
	/* Killed with bytes of ours unread; a delete --force may come between. */
	if (n < 0 && errno == ECONNRESET)
		n = 0;
	/* exec closes the child's end, and so does its death: the record tells them apart. */
	if (l->failure->kind != FAILURE_NONE)
		return -1;
	if (n == 0 && stage == STAGE_EXEC)
		return is_killed(l) ? -1 : 0;
	/* It has died with a message of ours that it did not read. */
	if (n < 0 && errno == ECONNRESET)
		n = 0;
	if (n == 0) {
		l->failure->kind = FAILURE_INIT_DIED;
		errno = ECHILD;
		return -1;
	}
	return n < 0 ? -1 : 0;
}

int step_expect(struct launch *l, const struct plan_step *s)
{
	return expect_stage(l, s->arg[ARG_EXPECT_STAGE]);
}

int step_release(struct launch *l, const struct plan_step *s)
{
	/* A signal for the container, which step_wait forwards, must not end us in between. */
	if (s->arg[ARG_RELEASE_STAGE] == STAGE_RELEASED && has_step(l, SECTION_AFTER, OP_WAIT))
		hold_interrupts();
	return send_stage(l, s->arg[ARG_RELEASE_STAGE]);
}

int step_report(struct launch *l, const struct plan_step *s)
{
	/* From here on the container outlives its parent. */
	if (s->arg[ARG_REPORT_STAGE] == STAGE_READY) {
		trace_say(*l->slots[SLOT_INIT_PID] ? "setns_init: about to exec" :
						     "init: closing the pipe to signal completion");
		trace_leave_caller();
		if (check(l, "prctl(PR_SET_PDEATHSIG)", prctl(PR_SET_PDEATHSIG, 0)) < 0)
			return -1;
	}
	return send_stage(l, s->arg[ARG_REPORT_STAGE]);
}

int await_stage(struct launch *l, uint64_t stage)
{
	int n = receive_stage(l, stage);

	/* The parent is gone: nobody is left to report to. */
	if (n == 0)
		_exit(1);
	/* Only now: an ordinary user could not have written the maps of an undumpable child. */
	if (n > 0)
		set_dumpable(l);
	return n < 0 ? -1 : 0;
}

int step_await(struct launch *l, const struct plan_step *s)
{
	return await_stage(l, s->arg[ARG_AWAIT_STAGE]);
}
