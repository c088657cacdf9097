/*
 * The processes in a container's cgroups: signalled, ended, waited for.
 */
#define _GNU_SOURCE
#include "cgroup_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_BATCH 128
#define MAX_AWAITED 512

/* A number of the list, and the process that had it when we looked. */
struct member {
	long pid;
	int fd;
	bool listed; /* still */
};

/* A signal on its way to all of them. */
struct round {
	int parent; /* of the cgroup that we are at */
	const char *name;
	struct member batch[MAX_BATCH];
	int taken;
	int spare; /* kept for the second look */
	int spare_of;
	long signal;
	int sent;
	bool awaits;
	long end; /* of the waits, as now_ms(); LONG_MAX for never */
	int ends[MAX_AWAITED]; /* of those that are waited for */
	int awaited;
};

typedef int number_function(long number, struct round *r);

/* Calls each for every number of the list, which may be of any length. */
static int each_number(int list, number_function *each, struct round *r)
{
	char text[4096];
	long number = 0;
	bool any = false;

	for (;;) {
		ssize_t n = read(list, text, sizeof(text));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != ENODEV) /* the cgroup has gone meanwhile */
			return -1;
		for (ssize_t i = 0; i < n; i++) {
			if (text[i] >= '0' && text[i] <= '9') {
				number = number * 10 + (text[i] - '0');
				any = true;
				continue;
			}
			if (any && each(number, r) < 0)
				return -1;
			number = 0;
			any = false;
		}
		if (n <= 0)
			return any ? each(number, r) : 0;
	}
}

/* Calls each for every member of the cgroup that we are at. */
static int each_member(struct round *r, number_function *each)
{
	int list = open_in_cgroup(r->parent, r->name, "cgroup.procs", O_RDONLY);
	int result;
	int saved;

	if (list < 0)
		return errno == ENOENT || errno == ENODEV ? 0 : -1;
	result = each_number(list, each, r);
	/* v2: a threaded one lists threads alone. */
	if (result < 0 && errno == EOPNOTSUPP) {
		close(list);
		list = open_in_cgroup(r->parent, r->name, "cgroup.threads", O_RDONLY);
		if (list < 0)
			return errno == ENOENT || errno == ENODEV ? 0 : -1;
		result = each_number(list, each, r);
	}
	saved = errno;
	close(list);
	errno = saved;
	return result;
}

static void await_ends(struct round *r)
{
	for (int i = 0; i < r->awaited; i++) {
		long left = r->end - now_ms();

		wait_pidfd(r->ends[i], left > 0 ? left : 0);
		close(r->ends[i]);
	}
	r->awaited = 0;
}

static int look_again(long pid, struct round *r)
{
	for (int i = 0; i < r->taken; i++)
		r->batch[i].listed |= r->batch[i].pid == pid;
	return 0;
}

/*
 * Who was listed may have ended before he was taken hold of, and his number be another's by then.
 * Only whose number is listed after that is a member, for no other has it as long as he lives.
 */
static int signal_batch(struct round *r)
{
	int failed = 0;
	int result;

	if (r->spare >= 0)
		close(r->spare);
	r->spare = -1;
	result = r->taken > 0 ? each_member(r, look_again) : 0;
	for (int i = 0; i < r->taken; i++) {
		struct member *m = &r->batch[i];

		if (m->listed) {
			if (syscall(SYS_pidfd_send_signal, m->fd, (int)r->signal, NULL, 0) == 0)
				r->sent++;
			else if (errno != ESRCH)
				failed = errno;
		}
		if (m->listed && r->awaits && r->awaited < MAX_AWAITED)
			r->ends[r->awaited++] = m->fd;
		else
			close(m->fd);
	}
	r->taken = 0;
	if (failed)
		errno = failed;
	return failed ? -1 : result;
}

static bool has_none_left(int fd)
{
	return fd < 0 && (errno == EMFILE || errno == ENFILE);
}

static int take(long pid, struct round *r)
{
	if (r->spare < 0)
		r->spare = fcntl(r->spare_of, F_DUPFD_CLOEXEC, 3);
	return r->spare < 0 ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
}

static int hold(long pid, struct round *r)
{
	int fd;

	/* 0: a process of another pid namespace, not ours to name. Never ourselves. */
	if (pid <= 0 || pid == getpid())
		return 0;
	if (r->taken == MAX_BATCH && signal_batch(r) < 0)
		return -1;
	fd = take(pid, r);
	if (has_none_left(fd)) {
		if (signal_batch(r) < 0)
			return -1;
		await_ends(r);
		fd = take(pid, r);
	}
	if (fd < 0) /* has it ended, or is it a thread? */
		return errno == ESRCH || errno == EINVAL || errno == ENOENT ? 0 : -1;
	r->batch[r->taken++] = (struct member){ .pid = pid, .fd = fd };
	return 0;
}

/*
 * v1: what is frozen does not die. The container may have frozen a cgroup of its own making; its
 * own one the verbs thaw.
 */
static int thaw_one(struct launch *l, int parent, const char *name, void *arg)
{
	int file = open_in_cgroup(parent, name, "freezer.state", O_WRONLY);

	int result;
	int saved;

	(void)l;
	(void)arg;
	if (file < 0)
		return errno == ENOENT || errno == ENODEV ? 0 : -1;
	result = write(file, "THAWED", 6) < 0 && errno != ENODEV ? -1 : 0;
	saved = errno;
	close(file);
	errno = saved;
	return result;
}

int thaw_cgroups(struct launch *l, const char *dir)
{
	return (int)check(l, "thaw", each_directory(l, dir, thaw_one, NULL));
}

static int signal_one_cgroup(struct launch *l, int parent, const char *name, void *arg)
{
	struct round *r = arg;
	int result;
	int saved;

	(void)l;
	r->parent = parent;
	r->name = name;
	result = each_member(r, hold);
	saved = errno;
	if (signal_batch(r) == 0)
		errno = saved;
	else
		result = -1;
	return result;
}

/* Nobody sends 0 to end a process: who does not end by itself is not waited for long. */
static long end_of_wait(struct launch *l, long signal)
{
	long left = left_to_end(l);

	if (signal == 0 && (left < 0 || left > 1000))
		left = 1000;
	return left < 0 ? LONG_MAX : now_ms() + left;
}

/* How many were signalled; -1 with errno. */
static int signal_all(struct launch *l, const char *dir, long signal, bool awaits)
{
	static struct round r;
	int result;

	r = (struct round){
		.spare = -1,
		.spare_of = l->host_proc,
		.signal = signal,
		.awaits = awaits,
		.end = awaits ? end_of_wait(l, signal) : 0,
	};
	result = (int)check(l, "opendir", each_directory(l, dir, signal_one_cgroup, &r));
	await_ends(&r);
	return result < 0 ? -1 : r.sent;
}

int signal_members(struct launch *l, const char *dir, long signal)
{
	return signal_all(l, dir, signal, false) < 0 ? -1 : 0;
}

void await_members(struct launch *l, const char *dir)
{
	signal_all(l, dir, 0, true);
}

/* Forks in between make new rounds; what does not end, as on a dead file system, makes no more. */
int end_members(struct launch *l, const char *dir)
{
	int sent;

	kill_cgroup(dir);
	do
		sent = signal_all(l, dir, SIGKILL, true);
	while (sent > 0 && left_to_end(l) != 0);
	return sent < 0 ? -1 : 0;
}

/* v2 ends them all at once, those that are being born as well. */
void kill_cgroup(const char *dir)
{
	int file = open_in_cgroup(AT_FDCWD, dir, "cgroup.kill", O_WRONLY);

	if (file < 0)
		return;
	(void)!write(file, "1", 1);
	close(file);
}

static int find_process(struct launch *l, int parent, const char *name, void *arg)
{
	(void)l;
	*(bool *)arg |= has_processes(parent, name);
	return 0;
}

bool has_members(struct launch *l, const char *dir)
{
	bool found = false;

	each_directory(l, dir, find_process, &found);
	return found;
}
