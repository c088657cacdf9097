/*
 * Namespaces: clone and join.
 */
#define _GNU_SOURCE
#include "cgroup_walk.h"
#include "launch.h"
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_JOINS 16

struct join {
	int fd;
	int type;
	bool done;
};

/* Lives in memory shared with the process between; tells the parent the child's pid. */
struct between {
	pid_t child;
};

static pid_t try_clone(uint64_t flags, int *pidfd, int cgroup)
{
	struct clone_args args = {
		.flags = flags | (pidfd ? CLONE_PIDFD : 0) | (cgroup < 0 ? 0 : CLONE_INTO_CGROUP),
		/* With CLONE_PARENT the kernel takes the caller's own, and refuses another word. */
		.exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.cgroup = cgroup < 0 ? 0 : (uint64_t)cgroup,
	};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

pid_t clone_process(struct launch *l, uint64_t flags, int *pidfd)
{
	pid_t pid = -1;

	if (l->cgroups.v2 >= 0) {
		pid = try_clone(flags, pidfd, l->cgroups.v2);
		if (pid < 0 && errno == EBUSY && reopen_like_init(l))
			pid = try_clone(flags, pidfd, l->cgroups.v2);
		/* Before Linux 5.7 there is no such flag; and pids.max counts a birth, not an
		 * entry. */
		if (pid < 0 && enter_later(l) < 0)
			return -1;
		close(l->cgroups.v2);
		l->cgroups.v2 = -1;
	}
	return pid < 0 ? try_clone(flags, pidfd, -1) : pid;
}

static int open_joins(struct launch *l, const struct plan_step *s, struct join *joins, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const char *path = list_text(l, s, ARG_CLONE_JOIN_PATHS, i);

		joins[i].type = atoi(list_text(l, s, ARG_CLONE_JOIN_TYPES, i));
		joins[i].done = false;
		/* A fifo, where a namespace should be, would be waited for. */
		joins[i].fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (check(l, "open", joins[i].fd) < 0) {
			detail(l, path, strlen(path));
			return -1;
		}
		/* A file that is no namespace, or one of another type, is the user's mistake. */
		if (ioctl(joins[i].fd, NS_GET_NSTYPE) != joins[i].type) {
			detail(l, path, strlen(path));
			errno = EINVAL;
			return (int)check(l, "ioctl(NS_GET_NSTYPE)", -1);
		}
	}
	return 0;
}

/* All namespaces of a container's init, by one descriptor that no other process can slip under. */
static int open_init(struct launch *l, const struct plan_step *s, struct join *join)
{
	pid_t pid = atoi(text_arg(l, s, ARG_CLONE_INIT_PID));
	uint64_t start_time = strtoull(text_arg(l, s, ARG_CLONE_INIT_START_TIME), NULL, 10);
	char state;

	join->fd = (int)syscall(SYS_pidfd_open, pid, 0);
	join->type = (int)s->arg[ARG_CLONE_INIT_FLAGS];
	join->done = false;
	if (check(l, "pidfd_open", join->fd) < 0)
		return -1;
	if (read_start_time(l, pid, &state) == start_time && state != 'Z')
		return 0;
	errno = ESRCH;
	return (int)check(l, "pidfd_open", -1);
}

/*
 * Joining needs privilege over the user namespace that owns each namespace. Whoever starts as
 * root can join the others before the user namespace; an ordinary user only after it.
 */
static int join_all(struct launch *l, struct join *joins, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (joins[i].type != CLONE_NEWUSER && setns(joins[i].fd, joins[i].type) == 0)
			joins[i].done = true;
	for (uint32_t i = 0; i < n; i++) {
		if (joins[i].done || joins[i].type != CLONE_NEWUSER)
			continue;
		if (check(l, "setns(user)", setns(joins[i].fd, CLONE_NEWUSER)) < 0)
			return -1;
		joins[i].done = true;
	}
	for (uint32_t i = 0; i < n; i++)
		if (!joins[i].done && check(l, "setns", setns(joins[i].fd, joins[i].type)) < 0)
			return -1;
	return 0;
}

static void enter_child(struct launch *l, int end)
{
	close(l->sync);
	l->sync = end;
	l->child = 0;
	child_main(l);
}

static void record_clone(struct launch *l)
{
	l->failure->kind = FAILURE_STEP;
	l->failure->section = SECTION_CLONE;
	l->failure->recorded = 1;
	l->failure->errnum = errno;
}

/*
 * A process between, for what one clone can't do: join namespaces first, and give a new time
 * namespace its offsets while it is empty. CLONE_PARENT makes the child our child all the same.
 */
static _Noreturn void between_main(struct launch *l, const struct plan_step *s, int end,
				   struct join *joins, uint32_t n_joins, struct between *shared)
{
	const char *offsets = text_arg(l, s, ARG_CLONE_TIME_OFFSETS);
	uint64_t late = s->arg[ARG_CLONE_LATE];
	int offsets_file = -1;
	pid_t pid;

	l->in_child = true;
	close_self(l);
	if (check(l, "prctl(PR_SET_PDEATHSIG)", prctl(PR_SET_PDEATHSIG, SIGKILL)) < 0)
		goto failed;
	/* While our files in /proc are ours: of a process that is not dumpable they are root's. */
	if (*offsets) {
		offsets_file = open_proc(l, "self/timens_offsets", O_WRONLY);
		if (offsets_file < 0)
			goto failed;
	}
	/*
	 * In a user namespace of others its root could trace us, and would have our descriptors of
	 * the host. In a new one nobody is, and whoever maps its ids must be allowed to.
	 */
	if (!maps_ids(l) && check(l, "prctl(PR_SET_DUMPABLE)", prctl(PR_SET_DUMPABLE, 0)) < 0)
		goto failed;
	if (join_all(l, joins, n_joins) < 0)
		goto failed;
	if (late & CLONE_NEWUSER) {
		int own = l->sync;

		if (check(l, "unshare(user)", unshare(CLONE_NEWUSER)) < 0)
			goto failed;
		l->sync = end;
		shared->child = getpid();
		if (send_stage(l, STAGE_UNSHARED) < 0 || await_stage(l, STAGE_UNSHARED) < 0)
			goto failed;
		l->sync = own;
		if (check(l, "setresgid", setresgid(0, 0, 0)) < 0 ||
		    check(l, "setresuid", setresuid(0, 0, 0)) < 0)
			goto failed;
	}
	if (late & CLONE_NEWTIME) {
		if (check(l, "unshare(time)", unshare(CLONE_NEWTIME)) < 0)
			goto failed;
		if (*offsets && check(l, "write(timens_offsets)",
				      write(offsets_file, offsets, strlen(offsets))) < 0)
			goto failed;
	}
	pid = clone_process(l, s->arg[ARG_CLONE_FLAGS] | CLONE_PARENT, NULL);
	if (check(l, "clone3", pid) < 0)
		goto failed;
	if (pid == 0)
		enter_child(l, end);
	shared->child = pid;
	_exit(0);
failed:
	record_clone(l);
	_exit(1);
}

/*
 * Of all that an init is in, only its pid namespace needs a process that is born there: the child
 * joins the others itself, and no process between is needed.
 */
static int clone_beside(struct launch *l, const struct plan_step *s, int end)
{
	struct join init;
	int own = open_proc_namespace(l, "self/ns/pid");
	int dumpable = prctl(PR_GET_DUMPABLE);
	pid_t pid;

	if (own < 0 || open_init(l, s, &init) < 0)
		return -1;
	if (init.type & CLONE_NEWPID && check(l, "setns(pid)", setns(init.fd, CLONE_NEWPID)) < 0)
		return -1;
	/* From its first moment the child is visible to whoever is in that namespace. */
	if (check(l, "prctl(PR_SET_DUMPABLE)", prctl(PR_SET_DUMPABLE, 0)) < 0)
		return -1;
	pid = clone_process(l, s->arg[ARG_CLONE_FLAGS], &l->child_pidfd);
	if (pid == 0) {
		l->in_child = true;
		if (init.type & ~CLONE_NEWPID &&
		    check(l, "setns", setns(init.fd, init.type & ~CLONE_NEWPID)) < 0) {
			record_clone(l);
			_exit(1);
		}
		close(init.fd);
		close(own);
		enter_child(l, end);
	}
	prctl(PR_SET_DUMPABLE, dumpable);
	close(init.fd);
	l->child = pid;
	check(l, "clone3", pid);
	/* While children would be born elsewhere no thread can be made: the engine has some. */
	if (init.type & CLONE_NEWPID)
		setns(own, CLONE_NEWPID);
	close(own);
	return pid < 0 ? -1 : 0;
}

static int clone_between(struct launch *l, const struct plan_step *s, int end)
{
	uint32_t n = list_count(s, ARG_CLONE_JOIN_PATHS);
	struct join joins[MAX_JOINS];
	struct between *shared;
	pid_t pid;
	int status = 1 << 8; /* if nobody can tell */
	int saved = 0;

	if (n >= MAX_JOINS || n != list_count(s, ARG_CLONE_JOIN_TYPES)) {
		errno = EINVAL;
		return (int)check(l, "setns", -1);
	}
	if (open_joins(l, s, joins, n) < 0)
		return -1;
	if (*text_arg(l, s, ARG_CLONE_INIT_PID) && open_init(l, s, &joins[n++]) < 0)
		return -1;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return (int)check(l, "mmap", -1);
	pid = clone_process(l, 0, NULL);
	if (check(l, "clone3", pid) < 0)
		return -1;
	if (pid == 0)
		between_main(l, s, end, joins, n, shared);
	for (uint32_t i = 0; i < n; i++)
		close(joins[i].fd);
	if (s->arg[ARG_CLONE_LATE] & CLONE_NEWUSER) {
		/* The maps are written to the process between: its child inherits the namespace. */
		if (receive_stage(l, STAGE_UNSHARED) == 1) {
			uint32_t count;
			const struct plan_step *map =
				plan_section(&l->plan, SECTION_PARENT, &count);

			l->child = shared->child;
			while (count > 0 && map->op != OP_ID_MAP)
				map = plan_next(map), count--;
			if (count > 0 && step_id_map(l, map) == 0) {
				send_stage(l, STAGE_UNSHARED);
			} else {
				saved = errno;
				kill(pid, SIGKILL);
			}
		}
		l->child = 0;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status != 0) {
		if (!saved && WIFSIGNALED(status)) {
			l->failure->kind = FAILURE_INIT_DIED;
			l->failure->status = status;
			saved = ECHILD;
		}
		errno = saved ? saved : l->failure->errnum ? l->failure->errnum : errno;
		if (shared->child > 0 && shared->child != pid)
			kill(shared->child, SIGKILL);
		return -1;
	}
	l->child = shared->child;
	munmap(shared, sizeof(*shared));
	l->child_pidfd = (int)syscall(SYS_pidfd_open, l->child, 0);
	return (int)check(l, "pidfd_open", l->child_pidfd) < 0 ? -1 : 0;
}

/* Does a child join an init, and nothing that takes a process between? */
static bool is_in_init_alone(struct launch *l, const struct plan_step *s)
{
	return *text_arg(l, s, ARG_CLONE_INIT_PID) && !s->arg[ARG_CLONE_LATE] &&
	       list_count(s, ARG_CLONE_JOIN_PATHS) == 0 &&
	       !(s->arg[ARG_CLONE_INIT_FLAGS] & (CLONE_NEWUSER | CLONE_NEWTIME));
}

int step_clone(struct launch *l, const struct plan_step *s)
{
	int ends[2];
	int result = 0;

	if (check(l, "socketpair", socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) < 0)
		return -1;
	l->sync = ends[0];
	if (check(l, "setsockopt", limit_receive(l->sync)) < 0)
		return -1;
	/* Stages in runc's words: what looks for them finds them. */
	trace_say("nsexec container setup");
	if (is_in_init_alone(l, s)) {
		result = clone_beside(l, s, ends[1]);
	} else if (s->arg[ARG_CLONE_LATE] || list_count(s, ARG_CLONE_JOIN_PATHS) > 0 ||
		   *text_arg(l, s, ARG_CLONE_INIT_PID)) {
		result = clone_between(l, s, ends[1]);
	} else {
		pid_t pid = clone_process(l, s->arg[ARG_CLONE_FLAGS], &l->child_pidfd);

		if (pid == 0)
			enter_child(l, ends[1]);
		if (check(l, "clone3", pid) < 0)
			result = -1;
		else
			l->child = pid;
	}
	close(ends[1]);
	close_cgroups(l);
	if (result == 0) {
		char state;
		uint64_t start_time = read_start_time(l, l->child, &state);

		/* Without it nobody would know the init again. */
		if (check(l, "read(stat)", start_time ? 0 : -1) < 0)
			return -1;
		snprintf(l->numbers[1], sizeof(l->numbers[1]), "%d", l->child);
		snprintf(l->numbers[2], sizeof(l->numbers[2]), "%llu",
			 (unsigned long long)start_time);
		l->slots[SLOT_PID] = l->numbers[1];
		l->slots[SLOT_START_TIME] = l->numbers[2];
	}
	return result;
}

int step_unshare(struct launch *l, const struct plan_step *s)
{
	return (int)check(l, "unshare", unshare((int)s->arg[ARG_UNSHARE_FLAGS]));
}

int step_setsid(struct launch *l, const struct plan_step *s)
{
	(void)s;
	/* EPERM: already a session leader, as a joined or detached child may be. */
	if (setsid() < 0 && errno != EPERM)
		return (int)check(l, "setsid", -1);
	return 0;
}
