/*
 * Ctrl-C, and other requests to stop, while a container is made. A wait ends when the one that it
 * is for has ended, so the signal's handler ends that one: no call has to be looked at for EINTR,
 * and no signal comes at the wrong moment. The step that waited then fails, and all is undone.
 */
#define _GNU_SOURCE
#include "interrupt.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

static const int requests[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
#define REQUESTS (sizeof(requests) / sizeof(*requests))

volatile sig_atomic_t interrupted;

static volatile pid_t *child;
static volatile pid_t program;

static void end_those(void)
{
	pid_t pid = program;

	if (pid > 0 && kill(-pid, SIGKILL) < 0)
		kill(pid, SIGKILL); /* it has not made its group yet */
	pid = child ? *child : 0;
	if (pid > 0)
		kill(pid, SIGKILL);
}

static void on_request(int number)
{
	int saved = errno;

	interrupted = number;
	end_those();
	errno = saved;
}

static void on_request_of_engine(int number)
{
	interrupted = number;
	if (*child > 0)
		kill(*child, number);
}

static void heed_by(void (*handler)(int), volatile pid_t *of)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
	struct sigaction before;

	child = of;
	for (size_t i = 0; i < REQUESTS; i++)
		/* What the caller has shut its ears to, as nohup does, stays unheard. */
		if (sigaction(requests[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(requests[i], &action, NULL);
}

void heed_interrupts(volatile pid_t *of)
{
	heed_by(on_request, of);
}

void pass_interrupts_on(volatile pid_t *engine)
{
	heed_by(on_request_of_engine, engine);
}

void forget_interrupts(void)
{
	struct sigaction before;

	for (size_t i = 0; i < REQUESTS; i++)
		if (sigaction(requests[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			signal(requests[i], SIG_DFL);
}

void hold_interrupts(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
}

void end_if_interrupted(pid_t of, bool undoes)
{
	program = of;
	if (of > 0 && interrupted && !undoes)
		end_those();
}

_Noreturn void end_as_interrupted(void)
{
	sigset_t all;

	signal(interrupted, SIG_DFL);
	sigfillset(&all);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	raise(interrupted);
	_exit(128 + interrupted);
}
