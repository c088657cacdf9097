/*
 * The executor: what its steps share.
 */
#ifndef TSOCI_LAUNCH_H
#define TSOCI_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <limits.h>
#include <sys/types.h>

#include "plan.h"

#define FAILURE_MAGIC 0x4c494146u /* "FAIL" */

/* What could not be done. The same bytes reach TypeScript, which finds the words. */
struct failure {
	uint32_t magic;
	uint32_t kind; /* enum failure_kind */
	uint32_t section;
	uint32_t index;
	int32_t errnum;
	int32_t status; /* wait status of a hook */
	uint32_t detail_length;
	uint32_t recorded; /* section, index and errno are those of the first failure */
	char call[32];
	char detail[4032]; /* hook output, kernel's mount log, path */
};

#define MAX_NET_DEVICES 64

/* A network device that is in the container now. */
struct moved_device {
	char name[16]; /* on the host */
	int index; /* in the container */
	bool up;
};

/* While devices are moved, and until nothing can fail any more (step_network.c). */
struct network {
	int outside; /* rtnetlink socket; 0 while there is none */
	int inside;
	int own_namespace;
	int namespace;
	uint32_t count;
	struct moved_device moved[MAX_NET_DEVICES];
};

#define MAX_CGROUPS 32

struct launch {
	struct plan plan;
	const char *slots[SLOT_COUNT];
	const void *request; /* plan and binding */
	size_t request_size;
	struct failure *failure; /* shared by parent and child */
	bool *owes_poststop; /* so is this: of its hooks some have begun, or it was complete */
	char *arena; /* expanded templates */
	size_t arena_used;
	size_t arena_size;

	volatile pid_t child; /* read by the handler of interrupt.c */
	int child_pidfd;
	int sync; /* this side's end of the handshake */
	int host_proc; /* the host's /proc, verified */
	int state_dir;
	int stored_plan; /* of a container that exists */
	bool has_lock; /* of state_dir */
	bool deleted; /* by somebody else, while others were let in */
	int lock;
	int gate; /* the fifo that `start` writes to */
	struct failure *report; /* file in the state directory: what failed after the gate */
	int root; /* the container's / */
	const char *rootfs_path; /* the same on the host; NULL once it is / */
	int null_device; /* the host's, verified; detached until it is the first mask */
	bool null_attached;
	int empty; /* read-only tmpfs that covers masked directories */
	int self; /* the mount that our own file is run from; closed before the container runs */
	int console_socket;
	int console_master;
	int handler; /* sealed copy of a program that runs in the process's place */
	struct network network;
	struct {
		int v2; /* directory that the child is born in */
		char v2_path[PATH_MAX];
		int files[MAX_CGROUPS]; /* files that it writes itself to */
		uint32_t count;
		uint64_t flags;
	} cgroups; /* open for the child */
	int notify; /* where the container says that it is ready */
	const char *exec_path; /* what find-executable found */
	const char *home; /* HOME=..., when the config has none */
	bool in_child;
	bool ids_mapped; /* before the child existed: the process between has the namespace */
	bool dumpable; /* the plan asks for an init that is */
	bool groups_denied; /* a joined user namespace: the groups of the caller stay */
	bool after_gate;
	bool chdir_refused; /* root may not enter cwd; its user perhaps may */
	long end_of_waits; /* now_ms() until which what was killed is waited for; 0 before that */
	bool undoing; /* best effort: report the first failure, go on */
	void (*end_helpers)(void); /* those of the front door; NULL for none */
	int exit_status; /* what the front exits with */
	char numbers[8][32]; /* storage of slots that are numbers */
	char cgroup_text[65536]; /* storage of the own-cgroup slots */
	char cgroup_parent[PATH_MAX];
	struct {
		pid_t pid;
		uint64_t start_time;
	} init; /* of a container that exists */
};

typedef int step_function(struct launch *l, const struct plan_step *s);

#define DECLARE_STEP(op, function) step_function function;
PLAN_OP_FUNCTIONS(DECLARE_STEP)
#undef DECLARE_STEP

/* Keeps the name of the call that failed; passes its result on. */
long check(struct launch *l, const char *call, long result);

/* Adds text to the failure record: a path, the output of a hook. */
void detail(struct launch *l, const char *text, size_t length);

/* An argument as text, slots filled. NULL with ENOMEM when the arena is full. */
const char *text_arg(struct launch *l, const struct plan_step *s, int i);
const char *list_text(struct launch *l, const struct plan_step *s, int i, uint32_t item);
const char *expand(struct launch *l, uint64_t index);

/* NULL-terminated vector of a list argument, with `extra` free places in front of the NULL. */
char **list_vector(struct launch *l, const struct plan_step *s, int i, size_t extra);
void *arena_take(struct launch *l, size_t size);

static inline uint32_t list_count(const struct plan_step *s, int i)
{
	return plan_list_count(s->arg[i]);
}

long now_ms(void); /* CLOCK_MONOTONIC */

/* How long any one wait may take, in milliseconds; -1 for ever. */
#define DEADLINE_DEFAULT 600
extern long deadline_ms;

/* Has the caller said so? */
extern bool deadline_is_asked;

/* For what is over sooner where all is well: its own limit, unless the caller has said one. */
static inline long deadline_or(long usual_ms)
{
	return deadline_is_asked ? deadline_ms : usual_ms;
}

/* Makes a socket's recv give up then, with EAGAIN. */
int limit_receive(int socket);

/* How long whoever was killed may take to end. */
#define END_MS 10000

/*
 * How many milliseconds what was killed may still take, all waits of a launch together; -1 for
 * ever.
 */
long left_to_end(struct launch *l);

/* EAGAIN of such a recv is ETIMEDOUT to whoever is told. */
void name_timeout(struct launch *l);

/* errno is ETIMEDOUT, after that long. */
void give_up(struct launch *l, long after_ms);

/* flock(LOCK_EX), with the deadline. */
int lock_within_deadline(struct launch *l, int fd);

/*
 * While the container runs on its own other verbs have their turn: it can be paused, and deleted by
 * force. In that case nothing is left for us to remove, nor any hook to run.
 */
void let_others_in(struct launch *l);
int lock_again(struct launch *l);

void launch_init(struct launch *l);

/* Nothing has failed after all. */
void forget_failure(struct launch *l);

int launch_load(struct launch *l, const void *request, size_t size);

/* Runs a section; 0, or -1 with the failure recorded. */
int run_section(struct launch *l, enum plan_section section);

/* Lets go of the mount that our own file is run from: the kernel then lets nobody change it. */
void close_self(struct launch *l);

/*
 * Lets a killed child end. The freezer of v1 holds one that joined a paused container, until it is
 * out of there.
 */
void release_from_freezer(pid_t child);

/*
 * What failed on this side has failed because the child was killed: that, and the signal, is the
 * failure.
 */
void tell_death(struct launch *l);

/* True when it was killed before it was the user's program; the record has its wait status. */
bool died_before_exec(struct launch *l, pid_t pid, uint64_t start_time);

/* A whole launch, and what undoes it on failure. */
int launch(struct launch *l);

/* Is such a step in the section? */
bool has_step(struct launch *l, enum plan_section section, uint32_t op);

/* Does the parent map ids of a new user namespace? */
bool maps_ids(struct launch *l);

/* Clones into the child's cgroup (step_namespaces.c). */
pid_t clone_process(struct launch *l, uint64_t flags, int *pidfd);

/* The handshake (step_handshake.c). */
/* What an id of the child's user namespace is here; -1 and EINVAL for none. */
int64_t outside_id(struct launch *l, const char *file, uint64_t inside);

int send_stage(struct launch *l, uint64_t stage);
int receive_stage(struct launch *l, uint64_t stage); /* 1; 0 when the other side is gone; or -1 */
int expect_stage(struct launch *l, uint64_t stage);
int await_stage(struct launch *l, uint64_t stage);

/* The child's side: never returns. */
_Noreturn void child_main(struct launch *l);
void set_dumpable(const struct launch *l);

/* Status of the container in l->state_dir, from what can be observed. */
int read_init(struct launch *l);
/* The file that tells whether the container is frozen; empty for none. */
const char *freezer_file(struct launch *l);
int kill_init(struct launch *l);
int thaw_freezer(struct launch *l, const char *file); /* v1: and all below it */
int signal_init(struct launch *l, long number); /* never another process of that pid */
enum status derive_status(struct launch *l);
uint64_t read_start_time(struct launch *l, pid_t pid, char *state);
int empty_state_dir(struct launch *l);

/* The rootfs as CRIU wants it, in the state directory during a restore (step_criu.c). */
#define CRIU_ROOT "criu-root"
void remove_criu_root(struct launch *l);

/* fds and paths (path.c) */
int open_host_proc(struct launch *l);
int open_proc(struct launch *l, const char *path, int flags);
int open_proc_namespace(struct launch *l, const char *path);
int open_beneath(struct launch *l, int root, const char *path, int flags, uint64_t resolve);
int open_in_root(struct launch *l, const char *path, int flags);
int make_symlink(struct launch *l, const char *path, const char *target);
int open_as_user(const char *path, int flags);
int make_missing(struct launch *l, const char *path, bool as_file, mode_t mode);
int make_in_root(struct launch *l, const char *path, bool as_file, mode_t mode);
int write_file(int dir, const char *path, const char *bytes, size_t length);
int read_small(int dir, const char *path, char *out, size_t room);
int store_file(int dir, const char *path, const char *bytes, size_t length, mode_t mode);
int write_for_caller(const char *path, const char *bytes, size_t length);

/*
 * Sockets (socket.c). A socket of the host: a path, or with @ an abstract name (unix(7)). Whoever
 * is to listen may have been started together with us, and be slower: connect_when_there() waits a
 * second.
 */
int connect_socket(struct launch *l, const char *path, int type);
int connect_when_there(struct launch *l, const char *path, int type);
int send_fd(int socket, int fd, const char *name);
ssize_t receive_message(int socket, void *room, size_t size, int *fd); /* -1 for none */
int receive_fd(int socket);

/* Another program (program.c): a hook, newuidmap. */
struct program {
	const char *path;
	char *const *argv;
	char *const *envp;
	const char *input;
	long timeout_ms; /* -1: none */
	int dir; /* its working directory, -1: ours */
	const char *output; /* file for its stdout, "": the end is kept for an error */
	const char *errors; /* the same for its stderr */
};

/* 0 when it exits with 0; else the end of its output is in the failure record. */
int run_program(struct launch *l, const struct program *program);

/*
 * Wait status of a child that has ended, which stays to be reaped; 0 when it lives. One that has
 * closed its end of a socket is about to die.
 */
int end_of(pid_t child, bool is_dying);

/* 1 when the process has ended, 0 after timeout_ms (-1: none), -1 with errno. */
int wait_pidfd(int pidfd, long timeout_ms);

/* Tells the caller's NOTIFY_SOCKET, once the container has said READY=1: true. */
bool forward_ready(struct launch *l, pid_t main_pid);

int fill_own_cgroups(struct launch *l);

/* -1 with EBUSY where another mount lies over our /, or around it (step_pivot.c). */
int refuse_covered_root(struct launch *l);

/* Lets the container's network namespace go (step_network.c). */
void forget_network(struct launch *l);

/* The child has nothing to say to systemd. */
void close_systemd(void);

#endif
