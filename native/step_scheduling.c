/*
 * When and where the process runs: scheduler, I/O priority, CPUs, memory nodes.
 */
#define _GNU_SOURCE
#include "launch.h"
#include "trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* struct sched_attr of linux/sched/types.h, version 1; it can't be included beside sched.h. */
struct scheduler_attributes {
	uint32_t size;
	uint32_t policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime;
	uint64_t deadline;
	uint64_t period;
	uint32_t util_min;
	uint32_t util_max;
};

#ifndef PR_SCHED_CORE
#define PR_SCHED_CORE 62
#define PR_SCHED_CORE_CREATE 1
#define PR_SCHED_CORE_SHARE_FROM 3
#endif
#define SCHED_CORE_THREAD 0
#define SCHED_CORE_PROCESS 1
#define SCHEDULER_DEFAULT_CLAMP UINT32_MAX
#define IO_PRIORITY_WHO_PROCESS_GROUP 2
#define ALL_CPUS 65536 /* as many as no kernel is built for: it takes those that it has */

int step_scheduler(struct launch *l, const struct plan_step *s)
{
	struct scheduler_attributes attributes = {
		.size = sizeof(attributes),
		.policy = (uint32_t)s->arg[ARG_SCHEDULER_POLICY],
		.flags = s->arg[ARG_SCHEDULER_FLAGS],
		.nice = (int32_t)s->arg[ARG_SCHEDULER_NICE],
		.priority = (uint32_t)s->arg[ARG_SCHEDULER_PRIORITY],
		.runtime = s->arg[ARG_SCHEDULER_RUNTIME],
		.deadline = s->arg[ARG_SCHEDULER_DEADLINE],
		.period = s->arg[ARG_SCHEDULER_PERIOD],
		/* The specification has flags for clamps and no values: the system's, not 0. */
		.util_min = SCHEDULER_DEFAULT_CLAMP,
		.util_max = SCHEDULER_DEFAULT_CLAMP,
	};

	return (int)check(l, "sched_setattr", syscall(SYS_sched_setattr, l->child, &attributes, 0));
}

/* The child leads its process group. */
int step_io_priority(struct launch *l, const struct plan_step *s)
{
	return (int)check(l, "ioprio_set",
			  syscall(SYS_ioprio_set, IO_PRIORITY_WHO_PROCESS_GROUP, l->child,
				  (int)s->arg[ARG_IO_PRIORITY_PRIORITY]));
}

/* In runc's words: what looks for them finds them. The first 64 CPUs. */
static void say_affinity(void)
{
	unsigned long mask[ALL_CPUS / 8 / sizeof(long)] = { 0 };
	char text[64];

	if (!tracing || syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask) < 0)
		return;
	snprintf(text, sizeof(text), "nsexec[%d]: affinity: 0x%lx", getpid(), mask[0]);
	trace_say(text);
}

/*
 * Of the caller itself: the parent's goes to the child with the clone. Without a list it is every
 * CPU, also those that come later: the caller may be bound to a few, and that is its own affair.
 * The kernel takes away what the cgroup does not allow.
 */
int step_cpu_affinity(struct launch *l, const struct plan_step *s)
{
	static unsigned char all[ALL_CPUS / 8];
	size_t size;
	const char *cpus = plan_raw(&l->plan, s->arg[ARG_CPU_AFFINITY_CPUS], &size);

	if (size > 0) {
		if (check(l, "sched_setaffinity", syscall(SYS_sched_setaffinity, 0, size, cpus)) <
		    0)
			return -1;
		say_affinity();
		return 0;
	}
	memset(all, 0xff, sizeof(all));
	/* Nobody asked: where a sandbox around us refuses it, the caller's stays. */
	syscall(SYS_sched_setaffinity, 0, sizeof(all), all);
	return 0;
}

/* What a process of exec shares is taken by its parent first, and inherited from that. */
int step_core_scheduling(struct launch *l, const struct plan_step *s)
{
	const char *of = text_arg(l, s, ARG_CORE_SCHEDULING_OF);

	if (*of)
		return (int)check(l, "prctl(PR_SCHED_CORE)",
				  prctl(PR_SCHED_CORE, PR_SCHED_CORE_SHARE_FROM, atoi(of),
					SCHED_CORE_THREAD, 0));
	return (int)check(l, "prctl(PR_SCHED_CORE)",
			  prctl(PR_SCHED_CORE, PR_SCHED_CORE_CREATE, 0, SCHED_CORE_PROCESS, 0));
}

int step_memory_policy(struct launch *l, const struct plan_step *s)
{
	size_t size;
	const char *nodes = plan_raw(&l->plan, s->arg[ARG_MEMORY_POLICY_NODES], &size);
	/* One more than there are bits: the kernel subtracts one before it counts. */
	unsigned long most = size > 0 ? size * 8 + 1 : 0;

	return (int)check(l, "set_mempolicy",
			  syscall(SYS_set_mempolicy, (int)s->arg[ARG_MEMORY_POLICY_MODE],
				  size > 0 ? nodes : NULL, most));
}
