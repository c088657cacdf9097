/*
 * Runs a plan: the parent's steps and the child's, and reports the first that failed.
 */
#define _GNU_SOURCE
#include "launch.h"
#include "errno_name.h"
#include "fault.h"
#include "interrupt.h"
#include "log.h"
#include "log.h"
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARENA_SIZE (16u << 20) /* reserved, not touched until used */

static step_function *const steps[] = {
#define ENTRY(op, function) [op] = function,
	PLAN_OP_FUNCTIONS(ENTRY)
#undef ENTRY
};

long check(struct launch *l, const char *call, long result)
{
	/* What failed first is what is told: the child's call, not that it answers no more. */
	if (result < 0 && !l->failure->recorded) {
		size_t n = strnlen(call, sizeof(l->failure->call) - 1);

		memcpy(l->failure->call, call, n);
		l->failure->call[n] = '\0';
	}
	return result;
}

void detail(struct launch *l, const char *text, size_t length)
{
	struct failure *f = l->failure;
	size_t room = sizeof(f->detail) - f->detail_length;

	if (length > room)
		length = room;
	memcpy(f->detail + f->detail_length, text, length);
	f->detail_length += length;
}

void *arena_take(struct launch *l, size_t size)
{
	void *p = l->arena + l->arena_used;

	size = (size + 7) & ~(size_t)7;
	if (size > l->arena_size - l->arena_used) {
		errno = ENOMEM;
		check(l, "expand", -1);
		return NULL;
	}
	l->arena_used += size;
	return p;
}

const char *expand(struct launch *l, uint64_t index)
{
	char *out = l->arena + l->arena_used;
	size_t n;

	if (!plan_is_template(&l->plan, index))
		return plan_raw(&l->plan, index, NULL);
	n = plan_expand(&l->plan, index, l->slots, out, l->arena_size - l->arena_used);
	if (n == (size_t)-1) {
		errno = ENOMEM;
		check(l, "expand", -1);
		return NULL;
	}
	return arena_take(l, n + 1);
}

const char *text_arg(struct launch *l, const struct plan_step *s, int i)
{
	return expand(l, s->arg[i]);
}

const char *list_text(struct launch *l, const struct plan_step *s, int i, uint32_t item)
{
	return expand(l, plan_list_item(&l->plan, s->arg[i], item));
}

char **list_vector(struct launch *l, const struct plan_step *s, int i, size_t extra)
{
	uint32_t count = list_count(s, i);
	char **vector = arena_take(l, (count + extra + 1) * sizeof(char *));

	if (!vector)
		return NULL;
	for (uint32_t n = 0; n < count; n++) {
		vector[n] = (char *)list_text(l, s, i, n);
		if (!vector[n])
			return NULL;
	}
	memset(vector + count, 0, (extra + 1) * sizeof(char *));
	return vector;
}

void launch_init(struct launch *l)
{
	memset(l, 0, sizeof(*l));
	l->self = l->child_pidfd = l->sync = l->host_proc = l->state_dir = l->lock = -1;
	l->stored_plan = -1;
	l->notify = l->cgroups.v2 = -1;
	l->gate = l->root = l->null_device = l->empty = l->console_socket = l->console_master =
		l->handler = -1;
	l->failure = mmap(NULL, sizeof(struct failure) + sizeof(bool), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	l->owes_poststop = (bool *)(l->failure + 1);
	l->arena_size = ARENA_SIZE;
	l->arena = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (l->failure == MAP_FAILED || l->arena == MAP_FAILED) {
		dprintf(2, "tsoci: mmap: %s\n", errno_name(errno));
		_exit(failure_status);
	}
	forget_failure(l);
}

void forget_failure(struct launch *l)
{
	*l->failure = (struct failure){ .magic = FAILURE_MAGIC };
}

int launch_load(struct launch *l, const void *request, size_t size)
{
	l->request = request;
	l->request_size = size;
	if (plan_read(&l->plan, request, size) < 0 ||
	    plan_read_binding(l->slots, (const char *)request + l->plan.size, size - l->plan.size) <
		    0) {
		l->failure->kind = FAILURE_BAD_PLAN;
		l->failure->errnum = errno;
		return -1;
	}
	return 0;
}

static void record_step(struct launch *l, enum plan_section section, uint32_t index)
{
	struct failure *f = l->failure;

	/* The child has been here already: its parent only learns of it. */
	if (f->recorded)
		return;
	/* A step may have been more precise (hook, init-died). */
	if (f->kind == FAILURE_NONE)
		f->kind = FAILURE_STEP;
	f->recorded = 1;
	f->section = section;
	f->index = index;
	f->errnum = errno;
}

int run_section(struct launch *l, enum plan_section section)
{
	uint32_t count;
	const struct plan_step *s = plan_section(&l->plan, section, &count);
	int result = 0;

	for (uint32_t i = 0; i < count; i++, s = plan_next(s)) {
		size_t mark = l->arena_used;
		bool keep = l->in_child;

		if (l->deleted)
			break;
		/* What could not be undone is not forgotten: the next delete tries again. */
		if (result < 0 && s->op == OP_REMOVE_STATE)
			break;
		uint64_t begin = tracing ? log_now() : 0;
		int done;

		if (tracing &&
		    (s->op == OP_EXEC || s->op == OP_BECOME)) /* does not return when it is done */
			trace_step(l, section, i, s, begin, false);
		done = inject_fault(l, section, i) == 0 ? steps[s->op](l, s) : -1;
		if (done == 0 && interrupted && !l->in_child && !l->undoing) {
			errno = EINTR;
			done = (int)check(l, "interrupted", -1);
		}
		if (tracing && ((s->op != OP_EXEC && s->op != OP_BECOME) || done < 0))
			trace_step(l, section, i, s, begin, done < 0);
		if (done == 0) {
			if (!keep)
				l->arena_used = mark;
			continue;
		}
		if (result == 0 && (!l->undoing || l->failure->kind == FAILURE_NONE))
			record_step(l, section, i);
		result = -1;
		if (!l->undoing)
			return -1;
	}
	return result;
}

static void end_child(struct launch *l)
{
	pid_t child = l->child;

	if (child <= 0)
		return;
	kill(child, SIGKILL);
	l->child = 0; /* once it is reaped its pid may be somebody else's */
	release_from_freezer(child);
	while (waitpid(child, NULL, __WALL) < 0 && errno == EINTR)
		;
}

/*
 * Taking back needs descriptors, and so does telling of it, when there are none left for anything
 * else (RLIMIT_NOFILE).
 */
static int spares[6];

static int keep_spares(struct launch *l)
{
	for (size_t i = 0; i < sizeof(spares) / sizeof(*spares); i++)
		spares[i] = fcntl(l->host_proc, F_DUPFD_CLOEXEC, 3);
	return (int)check(l, "dup", spares[sizeof(spares) / sizeof(*spares) - 1]) < 0 ? -1 : 0;
}

static void use_spares(void)
{
	for (size_t i = 0; i < sizeof(spares) / sizeof(*spares); i++)
		if (spares[i] > 0) /* none were kept where there is no procfs */
			close(spares[i]);
}

static void undo(struct launch *l)
{
	end_child(l);
	use_spares();
	/* An id in use belongs to somebody else: there is nothing of ours to undo. */
	if (l->failure->kind == FAILURE_EXISTS)
		return;
	l->undoing = true;
	if (run_section(l, SECTION_UNDO) < 0)
		log_warning("not all of it could be undone: tsoci delete --force %s tries again",
			    l->slots[SLOT_ID]);
}

int launch(struct launch *l)
{
	/* Writing to a hook, or to a child, that has gone is an error to report, not a death. */
	signal(SIGPIPE, SIG_IGN);
	heed_interrupts(&l->child);
	if (open_host_proc(l) < 0 || keep_spares(l) < 0 || fill_own_cgroups(l) < 0) {
		int saved = errno;

		use_spares();
		errno = saved;
		record_step(l, SECTION_PREPARE, UINT32_MAX);
		return -1;
	}
	for (enum plan_section section = SECTION_PREPARE; section <= SECTION_AFTER; section++) {
		if (section == SECTION_CHILD || section == SECTION_LAUNCH)
			continue;
		if (section == SECTION_AFTER)
			*l->owes_poststop = true;
		if (run_section(l, section) == 0)
			continue;
		tell_death(l);
		undo(l);
		return -1;
	}
	hold_interrupts();
	if (!interrupted)
		return 0;
	errno = EINTR; /* after the last step: whoever asked is not told that all is done */
	check(l, "interrupted", -1);
	record_step(l, SECTION_AFTER, UINT32_MAX);
	undo(l);
	return -1;
}

void close_self(struct launch *l)
{
	if (l->self >= 0)
		close(l->self);
	l->self = -1;
}

static void reset_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

bool has_step(struct launch *l, enum plan_section section, uint32_t op)
{
	uint32_t count;
	const struct plan_step *s = plan_section(&l->plan, section, &count);

	for (; count > 0; count--, s = plan_next(s))
		if (s->op == op)
			return true;
	return false;
}

bool maps_ids(struct launch *l)
{
	return has_step(l, SECTION_PARENT, OP_ID_MAP);
}

static void end_by_signal(int number)
{
	_exit(128 + number);
}

/*
 * The kernel keeps signals without a handler from the first process of a pid namespace: asked to
 * end, a container that was not started would stay. exec takes the handlers away.
 */
static void heed_signals(void)
{
	static const int asking[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

	for (size_t i = 0; getpid() == 1 && i < sizeof(asking) / sizeof(*asking); i++)
		signal(asking[i], end_by_signal);
}

/* For hooks on this side: our pid as the host's procfs has it, in whatever pid namespace we are. */
static void fill_own_pid(struct launch *l)
{
	ssize_t n = readlinkat(l->host_proc, "self", l->numbers[1], sizeof(l->numbers[1]) - 1);

	l->numbers[1][n < 0 ? 0 : n] = '\0';
	l->slots[SLOT_PID] = l->numbers[1];
}

/*
 * Nobody in the container may trace its init before it has become the user's program. But an
 * ordinary user's own exec, and hooks, find the namespaces of an init that waits at the gate only
 * when it is dumpable: so it is where the container joins no namespace of others.
 */
void set_dumpable(const struct launch *l)
{
	prctl(PR_SET_DUMPABLE, l->dumpable);
}

_Noreturn void child_main(struct launch *l)
{
	l->in_child = true;
	close_self(l);
	trace_say("child process in init()");
	/*
	 * Until the container is complete it must not outlive its parent, and nobody inside a
	 * joined namespace may ptrace it (CVE-2016-9962). exec sets dumpable again. Where ids are
	 * mapped it waits until they are: an ordinary user can't write the maps of an undumpable
	 * process, and nobody else is in that namespace yet.
	 */
	if (check(l, "prctl(PR_SET_PDEATHSIG)", prctl(PR_SET_PDEATHSIG, SIGKILL)) < 0 ||
	    (!maps_ids(l) && check(l, "prctl(PR_SET_DUMPABLE)", prctl(PR_SET_DUMPABLE, 0)) < 0)) {
		record_step(l, SECTION_CLONE, 0);
		_exit(1);
	}
	/* The lock belongs to the open file that we share with the parent. */
	if (l->state_dir >= 0)
		close(l->state_dir);
	l->state_dir = -1;
	close_systemd();
	fill_own_pid(l);
	snprintf(l->numbers[3], sizeof(l->numbers[3]), "%d", getpid());
	l->slots[SLOT_OWN_PID] = l->numbers[3];
	reset_signals();
	heed_signals();
	umask(0); /* modes are the plan's, to the bit */
	if (run_section(l, SECTION_CHILD) == 0)
		run_section(l, SECTION_LAUNCH);
	if (l->after_gate && l->report)
		memcpy(l->report, l->failure, sizeof(*l->failure));
	_exit(1);
}
