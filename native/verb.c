/*
 * Verbs on a container that exists: its stored plan knows what each of them does.
 */
#define _GNU_SOURCE
#include "verb.h"
#include "cgroup_walk.h"
#include "remains.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const uint32_t transitions[VERB_COUNT][STATUS_COUNT] = { TRANSITION_TABLE };
static const char *const status_words[] = { "creating", "created", "running", "paused", "stopped" };

static const enum plan_section sections[VERB_COUNT] = {
	[VERB_STATE] = SECTION_STATE,	[VERB_START] = SECTION_START,
	[VERB_PAUSE] = SECTION_PAUSE,	[VERB_RESUME] = SECTION_RESUME,
	[VERB_KILL] = SECTION_KILL,	[VERB_KILL_ALL] = SECTION_KILL_ALL,
	[VERB_DELETE] = SECTION_DELETE, [VERB_DELETE_FORCE] = SECTION_DELETE,
};

static int fail(struct launch *l, enum failure_kind kind, const char *call)
{
	l->failure->kind = kind;
	l->failure->errnum = errno;
	check(l, call, -1);
	return -1;
}

/* O_NOFOLLOW, and owned by us: a directory of somebody else's making is not a container. */
static int open_state_dir(struct launch *l, const char *root, const char *id)
{
	char path[PATH_MAX];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s/%s", root, id) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return fail(l, FAILURE_BAD_STATE, "open");
	}
	l->state_dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (l->state_dir < 0)
		return fail(l, errno == ENOENT ? FAILURE_NOT_FOUND : FAILURE_BAD_STATE, "open");
	if (fstat(l->state_dir, &st) < 0)
		return fail(l, FAILURE_BAD_STATE, "fstat");
	if (st.st_uid != geteuid()) {
		errno = EPERM;
		return fail(l, FAILURE_BAD_STATE, "fstat");
	}
	return 0;
}

/* What a vandal, or a kill, makes of a file; not that we can't read it at the moment. */
static bool is_damage(int error)
{
	return error == ENOENT || error == EBADMSG || error == ELOOP || error == EISDIR ||
	       error == ENXIO;
}

/* Is it being made, or removed? Then it is no container, yet or any more. */
static bool is_changing(struct launch *l)
{
	int saved = errno;
	struct stat st;
	bool is_held = flock(l->state_dir, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
	bool is_gone = fstat(l->state_dir, &st) == 0 && st.st_nlink == 0;

	if (!is_held)
		flock(l->state_dir, LOCK_UN);
	errno = saved;
	return is_held || is_gone;
}

/* Whoever makes the directory takes the lock, and writes the plan, a moment later. */
static int open_plan(struct launch *l)
{
	struct timespec moment = { .tv_nsec = 1000000 };

	for (int tries = 0; tries < 10; tries++) {
		int fd = openat(l->state_dir, "plan",
				O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

		if (fd >= 0)
			return fd;
		if (errno != ENOENT || l->has_lock)
			break;
		if (is_changing(l))
			return fail(l, FAILURE_NOT_FOUND, "open(plan)");
		nanosleep(&moment, NULL);
	}
	return fail(l, FAILURE_BAD_STATE, "open(plan)");
}

/* *foreign: another version made it, which TypeScript knows a way out of (src/runtime/renew.ts). */
static int load_plan(struct launch *l, bool needs_init, bool *foreign)
{
	int fd = open_plan(l);
	struct stat st;
	void *bytes;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0) {
		fail(l, FAILURE_BAD_STATE, "fstat(plan)");
		close(fd);
		return -1;
	}
	if (!S_ISREG(st.st_mode) || st.st_size == 0) {
		errno = EBADMSG;
		close(fd);
		return fail(l, FAILURE_BAD_STATE, "read(plan)");
	}
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	l->stored_plan = fd;
	if (bytes == MAP_FAILED)
		return fail(l, FAILURE_BAD_STATE, "mmap(plan)");
	if (launch_load(l, bytes, (size_t)st.st_size) < 0) {
		*foreign = plan_is_foreign(bytes, (size_t)st.st_size);
		return fail(l, FAILURE_BAD_STATE, "read(plan)");
	}
	/* The plan alone tells the cgroups, and with them every process: enough to delete. */
	if (read_init(l) < 0 && (needs_init || !is_damage(errno)))
		return fail(l, FAILURE_BAD_STATE, "read(state.json)");
	/* Before there is one the fifo is there, and whoever makes the container has the lock. */
	if (needs_init && l->init.pid == 0 &&
	    faccessat(l->state_dir, "creating.fifo", F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
		bool changing = is_changing(l);

		errno = ENOENT;
		return fail(l, changing ? FAILURE_NOT_FOUND : FAILURE_BAD_STATE,
			    "open(state.json)");
	}
	snprintf(l->numbers[1], sizeof(l->numbers[1]), "%d", l->init.pid);
	l->slots[SLOT_PID] = l->numbers[1];
	return 0;
}

static bool changes(enum verb verb)
{
	return verb == VERB_START || verb == VERB_PAUSE || verb == VERB_RESUME ||
	       verb == VERB_DELETE || verb == VERB_DELETE_FORCE;
}

/* The lock of a directory that was removed while we waited is worth nothing. */
static int lock_state(struct launch *l)
{
	struct stat st;

	if (lock_within_deadline(l, l->state_dir) < 0) {
		/* Not the state is wrong, but whoever holds it. */
		bool late = errno == ETIMEDOUT;

		l->failure->section = SECTION_COUNT;
		return fail(l, late ? FAILURE_STEP : FAILURE_BAD_STATE, "flock");
	}
	if (fstat(l->state_dir, &st) < 0)
		return fail(l, FAILURE_BAD_STATE, "fstat");
	if (st.st_nlink == 0) {
		errno = ENOENT;
		return fail(l, FAILURE_NOT_FOUND, "open");
	}
	l->has_lock = true;
	return 0;
}

/* What delete --force finds without a plan: true when it is gone, with all that it had. */
static bool end_remains(struct launch *l, const char *root, const char *id)
{
	if (remove_remains(l, root, id) == 0)
		return true;
	fail(l, FAILURE_BAD_STATE, "rmdir");
	return false;
}

/* Whoever makes it has the lock, and its plan may be there once we have. */
static int load_locked(struct launch *l, bool *foreign)
{
	if (lock_state(l) < 0)
		return -1;
	forget_failure(l);
	return load_plan(l, false, foreign);
}

int open_container(struct launch *l, const char *root, const char *id)
{
	bool foreign;

	if (open_host_proc(l) < 0 || open_state_dir(l, root, id) < 0)
		return -1;
	return load_plan(l, true, &foreign);
}

int run_verb(struct launch *l, enum verb verb, const char *root, const char *id, const char *signal)
{
	enum status status;
	bool foreign = false;
	uint32_t refusal;
	int result;

	if (check(l, "open(/proc)", open_host_proc(l)) < 0)
		return fail(l, FAILURE_STEP, "open(/proc)");
	if (open_state_dir(l, root, id) < 0)
		goto missing;
	if (load_plan(l, verb != VERB_DELETE_FORCE, &foreign) < 0) {
		if (verb != VERB_DELETE_FORCE || foreign)
			return -1;
		if (load_locked(l, &foreign) < 0) {
			if (l->has_lock && !foreign && is_damage(l->failure->errnum) &&
			    end_remains(l, root, id))
				return 0;
			goto missing;
		}
	}
	/* Without one: what create has found in the config. */
	if (*signal)
		l->slots[SLOT_SIGNAL] = signal;
	else if (!l->slots[SLOT_SIGNAL] || !*l->slots[SLOT_SIGNAL])
		l->slots[SLOT_SIGNAL] = "15";
	signal = l->slots[SLOT_SIGNAL];
	/* Whoever creates holds the lock for as long as a hook takes: end its init first. */
	if (verb == VERB_DELETE_FORCE && derive_status(l) == STATUS_CREATING)
		kill_init(l);
	if (changes(verb) && lock_state(l) < 0)
		goto missing;
	status = derive_status(l);
	if (status == STATUS_COUNT)
		return fail(l, FAILURE_BAD_STATE, "status");
	l->slots[SLOT_STATUS] = status_words[status];
	if (status == STATUS_STOPPED && verb == VERB_STATE)
		l->slots[SLOT_PID] = "0";
	refusal = transitions[verb][status];
	if (verb == VERB_KILL && status == STATUS_STOPPED && atoi(signal) == SIGKILL &&
	    has_survivors(l)) {
		l->init.pid = 0;
		refusal = FAILURE_NONE;
	}
	if (refusal != FAILURE_NONE) {
		errno = 0;
		l->failure->section = verb;
		l->failure->index = status;
		return fail(l, refusal, "");
	}
	if (verb == VERB_KILL_ALL && status == STATUS_STOPPED)
		l->init.pid = 0;
	*l->owes_poststop = true;
	l->undoing = verb == VERB_DELETE_FORCE;
	result = run_section(l, sections[verb]);
	/* runtime.md "Lifecycle", steps 8 and 10: it goes on with the end of the container. */
	if (result < 0 && verb == VERB_START && l->failure->kind == FAILURE_HOOK) {
		l->undoing = true;
		run_section(l, SECTION_DELETE);
	}
	return result;
missing:
	if (verb != VERB_DELETE_FORCE || l->failure->kind != FAILURE_NOT_FOUND)
		return -1;
	forget_failure(l);
	return 0;
}
