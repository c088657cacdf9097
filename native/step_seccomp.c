/*
 * The system call filter, and the agent that some filters ask.
 */
#define _GNU_SOURCE
#include "launch.h"
#include "trace.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The parent hands the listener over: the child may be where no socket of the host is. */
int step_seccomp(struct launch *l, const struct plan_step *s)
{
	uint64_t flags = s->arg[ARG_SECCOMP_FLAGS];
	size_t size;
	const char *program = plan_raw(&l->plan, s->arg[ARG_SECCOMP_PROGRAM], &size);
	struct sock_fprog filter = {
		.len = (unsigned short)(size / sizeof(struct sock_filter)),
		.filter = (struct sock_filter *)program,
	};
	char about[40];
	long listener;
	int sent;

	if (tracing) {
		snprintf(about, sizeof(about), "seccomp filter flags: %u", (unsigned int)flags);
		trace_say(about);
	}
	listener =
		check(l, "seccomp", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter));
	if (listener < 0)
		return -1;
	if (!(flags & SECCOMP_FILTER_FLAG_NEW_LISTENER))
		return 0;
	sent = send_fd(l->sync, (int)listener, "seccompFd");
	close((int)listener);
	return (int)check(l, "sendmsg", sent);
}

int step_seccomp_agent(struct launch *l, const struct plan_step *s)
{
	const char *state = text_arg(l, s, ARG_SECCOMP_AGENT_STATE);
	int listener = receive_fd(l->sync);
	int agent;
	int sent;

	if (listener < 0 && l->failure->kind == FAILURE_NONE)
		l->failure->kind = FAILURE_INIT_DIED;
	if (check(l, "recvmsg", listener) < 0)
		return -1;
	agent = connect_when_there(l, text_arg(l, s, ARG_SECCOMP_AGENT_PATH), SOCK_STREAM);
	sent = agent < 0 ? -1 : (int)check(l, "sendmsg", send_fd(agent, listener, state));
	if (agent >= 0)
		close(agent);
	close(listener);
	return sent;
}
