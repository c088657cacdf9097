/*
 * The state directory: what a container leaves there, and the status that follows from it.
 */
#define _GNU_SOURCE
#include "cgroup_walk.h"
#include "launch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The directory of all containers: private, whatever made its parents. */
static int make_root(const char *path)
{
	char partial[PATH_MAX];
	size_t length = strlen(path);

	if (length >= sizeof(partial)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	for (size_t i = 1; i <= length; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(partial, path, i);
		partial[i] = '\0';
		if (mkdir(partial, i == length ? 0700 : 0755) < 0 && errno != EEXIST)
			return -1;
	}
	return 0;
}

/* The one that was just made; where others may write to ROOT it could be theirs by now. */
static int open_own_directory(struct launch *l, const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0) {
		int saved = errno;

		rmdir(dir); /* the undo knows it by its descriptor */
		errno = saved;
		return -1;
	}
	if (fstat(fd, &st) < 0 || st.st_uid != geteuid()) {
		close(fd);
		errno = EPERM;
		return -1;
	}
	l->state_dir = fd;
	return 0;
}

int step_state_dir(struct launch *l, const struct plan_step *s)
{
	const char *dir = text_arg(l, s, ARG_STATE_DIR_DIR);

	if (mkdir(dir, 0700) < 0) {
		if (errno == ENOENT &&
		    check(l, "mkdir", make_root(text_arg(l, s, ARG_STATE_DIR_ROOT))) < 0)
			return -1;
		if (mkdir(dir, 0700) < 0) {
			if (errno == EEXIST)
				l->failure->kind = FAILURE_EXISTS;
			return (int)check(l, "mkdir", -1);
		}
	}
	if (check(l, "open", open_own_directory(l, dir)) < 0)
		return -1;
	/* Held until this process ends, or waits for the container: one verb at a time. */
	if (check(l, "flock", lock_within_deadline(l, l->state_dir)) < 0)
		return -1;
	l->has_lock = true;
	return 0;
}

int step_store(struct launch *l, const struct plan_step *s)
{
	const char *content = text_arg(l, s, ARG_STORE_CONTENT);
	size_t length;

	if (!content)
		return -1;
	length = strlen(content);
	return (int)check(l, "open",
			  store_file(l->state_dir, text_arg(l, s, ARG_STORE_PATH), content, length,
				     (mode_t)s->arg[ARG_STORE_MODE]));
}

/*
 * The plan and its slots as they are now, own cgroups included: whoever deletes the container may
 * be in other ones.
 */
int step_store_plan(struct launch *l, const struct plan_step *s)
{
	size_t size;
	char *bytes = plan_request(l->plan.base, l->plan.size, l->slots, &size);
	int result;

	if (!bytes)
		return (int)check(l, "malloc", -1);
	result = store_file(l->state_dir, text_arg(l, s, ARG_STORE_PLAN_PATH), bytes, size, 0600);
	free(bytes);
	return (int)check(l, "open", result);
}

int step_failure_file(struct launch *l, const struct plan_step *s)
{
	int file = openat(l->state_dir, text_arg(l, s, ARG_FAILURE_FILE_PATH),
			  O_CREAT | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600);
	void *report = MAP_FAILED;

	/* Mapped, so that an init that waits holds no descriptor of it. */
	if (check(l, "open", file) >= 0 &&
	    check(l, "ftruncate", ftruncate(file, sizeof(*l->report))) == 0) {
		report =
			mmap(NULL, sizeof(*l->report), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
		check(l, "mmap", report == MAP_FAILED ? -1 : 0);
	}
	if (file >= 0)
		close(file);
	if (report == MAP_FAILED)
		return -1;
	l->report = report;
	return 0;
}

int step_rename(struct launch *l, const struct plan_step *s)
{
	return (int)check(l, "rename",
			  renameat(l->state_dir, text_arg(l, s, ARG_RENAME_FROM), l->state_dir,
				   text_arg(l, s, ARG_RENAME_TO)));
}

int step_unlink(struct launch *l, const struct plan_step *s)
{
	return (int)check(l, "unlink", unlinkat(l->state_dir, text_arg(l, s, ARG_UNLINK_PATH), 0));
}

int step_pid_file(struct launch *l, const struct plan_step *s)
{
	const char *path = text_arg(l, s, ARG_PID_FILE_PATH);
	const char *pid = l->slots[SLOT_PID];

	if (!*path)
		return 0;
	return (int)check(l, "open(pid file)", write_for_caller(path, pid, strlen(pid)));
}

/*
 * How far our clock is ahead of the host's, in ticks: in a time namespace the kernel tells when a
 * process has begun by the clock of whoever reads it.
 */
static uint64_t ticks_ahead(struct launch *l)
{
	static uint64_t ticks;
	static bool known;
	char text[256];
	char *line;
	long long seconds;
	long nanoseconds;

	if (known)
		return ticks;
	known = true;
	if (read_small(l->host_proc, "self/timens_offsets", text, sizeof(text)) > 0 &&
	    (line = strstr(text, "boottime")) &&
	    sscanf(line, "boottime %lld %ld", &seconds, &nanoseconds) == 2)
		ticks = (uint64_t)(seconds * 100 + nanoseconds / 10000000);
	return ticks;
}

/* proc_pid_stat(5): field 22, and 3 in *state. 0 when there is no such process, or with errno. */
uint64_t read_start_time(struct launch *l, pid_t pid, char *state)
{
	char path[32];
	char text[1024];
	char *at;

	snprintf(path, sizeof(path), "%d/stat", pid);
	errno = ESRCH;
	if (pid <= 0 || read_small(l->host_proc, path, text, sizeof(text)) < 0)
		return 0;
	errno = EBADMSG;
	/* The name in field 2 may hold anything, ")" too: look from the end. */
	at = strrchr(text, ')');
	if (!at || at[1] == '\0')
		return 0;
	*state = at[2];
	at += 2;
	for (int field = 3; field < 22 && at; field++) {
		at = strchr(at, ' ');
		if (at)
			at++;
	}
	return at ? strtoull(at, NULL, 10) - ticks_ahead(l) : 0;
}

/* state.json begins {"pid":N,"startTime":N, as src/plan/state-files.ts writes it. */
int read_init(struct launch *l)
{
	char text[128];
	int fd = openat(l->state_dir, "state.json",
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); /* not for a fifo */
	int pid;
	unsigned long long start_time;
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n < 0)
		return -1;
	text[n] = '\0';
	if (sscanf(text, "{\"pid\":%d,\"startTime\":%llu,", &pid, &start_time) != 2 || pid <= 0) {
		errno = EBADMSG;
		return -1;
	}
	l->init.pid = pid;
	l->init.start_time = start_time;
	return 0;
}

/* 1, or 0; -1 when nobody can tell. */
static int exists(int dir, const char *name)
{
	if (faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return errno == ENOENT ? 0 : -1;
}

const char *freezer_file(struct launch *l)
{
	uint32_t count;
	const struct plan_step *s = plan_section(&l->plan, SECTION_STATE, &count);

	return count == 0 || s->op != OP_PRINT_STATE ? "" : text_arg(l, s, ARG_PRINT_STATE_FREEZER);
}

/* 1, or 0; -1 when nobody can tell. */
static int is_frozen(struct launch *l)
{
	const char *file = freezer_file(l);
	char state[16];

	if (!*file)
		return 0;
	/* Somebody may have removed the cgroup, or never let us have one. */
	if (read_small(AT_FDCWD, file, state, sizeof(state)) < 0)
		return errno == ENOENT || errno == ENODEV || errno == EACCES ? 0 : -1;
	/* v1: FROZEN or FREEZING; v2: 1. */
	return state[0] == 'F' || state[0] == '1';
}

/* The main thread may end before the others: then it is a zombie that is no child to wait for. */
static bool has_live_threads(struct launch *l, pid_t pid)
{
	char path[32];
	DIR *stream;
	struct dirent *entry;
	bool found = false;

	snprintf(path, sizeof(path), "%d/task", pid);
	stream = fdopendir(openat(l->host_proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	while (stream && !found && (entry = readdir(stream)))
		found = atoi(entry->d_name) > 0 && atoi(entry->d_name) != pid;
	if (stream)
		closedir(stream);
	return found;
}

/* 1, or 0; -1 when nobody can tell. */
static int is_alive(struct launch *l)
{
	char state = 'X';
	uint64_t start_time = read_start_time(l, l->init.pid, &state);

	if (start_time == 0)
		return errno == ESRCH || errno == ENOENT ? 0 : -1;
	return start_time == l->init.start_time && state != 'X' &&
	       (state != 'Z' || has_live_threads(l, l->init.pid));
}

/*
 * Nothing is stored that could be stale: the status is what can be seen now. STATUS_COUNT with
 * errno when it can't be seen: what lives must not be taken for what has ended.
 */
enum status derive_status(struct launch *l)
{
	int alive = is_alive(l);
	int creating = exists(l->state_dir, "creating.fifo");
	int frozen;
	int waiting;

	if (alive < 0 || creating < 0)
		return STATUS_COUNT;
	if (creating) {
		/* Whoever creates it holds the lock; if nobody does, it was never finished. */
		if (alive || flock(l->state_dir, LOCK_EX | LOCK_NB) < 0)
			return STATUS_CREATING;
		flock(l->state_dir, LOCK_UN);
		return STATUS_STOPPED;
	}
	if (!alive)
		return STATUS_STOPPED;
	/* Before it has started as well: else nothing would let it go on. */
	frozen = is_frozen(l);
	if (frozen != 0)
		return frozen < 0 ? STATUS_COUNT : STATUS_PAUSED;
	waiting = exists(l->state_dir, "exec.fifo");
	if (waiting < 0)
		return STATUS_COUNT;
	return waiting ? STATUS_CREATED : STATUS_RUNNING;
}

/* All of it: the caller's pipe may be full, and may not block. */
static int print(const char *text, size_t length)
{
	struct pollfd out = { .fd = 1, .events = POLLOUT };

	while (length > 0) {
		ssize_t n = write(1, text, length);

		if (n < 0 && errno == EAGAIN)
			poll(&out, 1, -1);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		if (n > 0) {
			text += n;
			length -= (size_t)n;
		}
	}
	return 0;
}

int step_print_state(struct launch *l, const struct plan_step *s)
{
	const char *text = text_arg(l, s, ARG_PRINT_STATE_CONTENT);

	return text ? (int)check(l, "write", print(text, strlen(text))) : -1;
}

/*
 * Removes whatever files are there: those of a store that was killed halfway have odd names. The
 * plan first: to who reads meanwhile what has none is no container any more.
 */
int empty_state_dir(struct launch *l)
{
	DIR *stream = fdopendir(fcntl(l->state_dir, F_DUPFD_CLOEXEC, 0));
	struct dirent *entry;

	if (check(l, "opendir", stream ? 0 : -1) < 0)
		return -1;
	rewinddir(stream);
	unlinkat(l->state_dir, "plan", 0);
	while ((entry = readdir(stream)))
		if (entry->d_type != DT_DIR)
			unlinkat(l->state_dir, entry->d_name, 0);
		else if (strcmp(entry->d_name, CRIU_ROOT) == 0)
			remove_criu_root(l);
		else if (strcmp(entry->d_name, "notify") == 0 &&
			 (unlinkat(l->state_dir, "notify/notify.sock", 0) == 0 || errno == ENOENT))
			unlinkat(l->state_dir, "notify", AT_REMOVEDIR);
	closedir(stream);
	return 0;
}

int step_remove_state(struct launch *l, const struct plan_step *s)
{
	const char *path = text_arg(l, s, ARG_REMOVE_STATE_DIR);

	*l->owes_poststop = false; /* they have run */
	if (l->state_dir < 0)
		return 0;
	if (empty_state_dir(l) < 0)
		return -1;
	return rmdir(path) < 0 && errno != ENOENT ? (int)check(l, "rmdir", -1) : 0;
}
