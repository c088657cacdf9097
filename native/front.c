/*
 * The front door: what callers spawn. Verbs on a container that exists are done right here; for
 * a new one the JavaScript engine writes a plan and is gone before the executor carries it out.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caller.h"
#include "command_line.h"
#include "engine.h"
#include "errno_name.h"
#include "exec_plan.h"
#include "grace.h"
#include "interrupt.h"
#include "launch.h"
#include "list.h"
#include "log.h"
#include "self.h"
#include "trace.h"
#include "unpack.h"
#include "verb.h"
#include "watch.h"

/* argv[0] of what goes on elsewhere, and what follows it. */
#define LAUNCH_NAME "tsoci:launch" /* of a library's call: PLAN_FD FAILURE_FD ARGV... */
#define EXECUTOR_NAME "tsoci:executor" /* PLAN_FD FAILURE_FD SELF_FD PATH PIDS ARGV... */
#define CHECK_NAME "/tsoci:check" /* a copy of us, in a container of install-check */
#define WATCH_NAME "tsoci:watch" /* of the engine\'s call: PID DIR V2 */
#define UNPACK_NAME "tsoci:unpack" /* of the engine's call; see unpack.h */
#define IMAGE_NAME "tsoci-image" /* of the build: SCRIPT EXECUTABLE */
#define VERB_NAME "tsoci:verb" /* of a library's call: FAILURE_FD VERB ROOT ID SIGNAL FLAGS... */

static struct launch container;

static void say(const char *what)
{
	dprintf(2, "%s: %s\n", what, strerror(errno));
}

/* Where the executable is; the executor is told, since its own file is nowhere. */
static char own_path[PATH_MAX];

/* Of the front door's two, which may be about to end still: the engine, and who asks for grace. */
static volatile pid_t helpers[2];

/* The caller must not find what is left of them; the wait of a `run` may have reaped them. */
static void reap_helpers(void)
{
	for (size_t i = 0; i < 2; i++) {
		if (helpers[i] > 0 && waitpid(helpers[i], NULL, WNOHANG) == 0) {
			kill(helpers[i], SIGKILL);
			while (waitpid(helpers[i], NULL, 0) < 0 && errno == EINTR)
				;
		}
		helpers[i] = 0; /* once it is reaped its pid may be somebody else's */
	}
}

static void find_own_path(void)
{
	ssize_t n = readlink("/proc/self/exe", own_path, sizeof(own_path) - 1);

	own_path[n < 0 ? 0 : n] = '\0';
}

/* The record goes to whoever finds words for it: the library, or the engine in our place. */
static _Noreturn void report(struct launch *l, int failure, int plan, char **arguments)
{
	int fd = failure;

	if (fd < 0)
		fd = memfd_create("failure", MFD_CLOEXEC);
	if (fd < 0 || pwrite(fd, l->failure, sizeof(*l->failure), 0) != sizeof(*l->failure)) {
		/* Without a record the engine would do what we have failed to do. */
		dprintf(2, "tsoci: %s: %s\n", l->failure->call, errno_name(l->failure->errnum));
		_exit(failure_status);
	}
	if (failure >= 0)
		_exit(failure_status);
	become_engine(own_path, arguments, (struct handed_down){ plan, -1, fd });
}

/* -1 for anything but a number of an open descriptor. */
static int fd_argument(const char *word)
{
	char *end;
	long fd = strtol(word, &end, 10);

	if (*end || end == word || fd < 3 || fd > INT_MAX)
		return -1;
	return fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0 ? -1 : (int)fd;
}

#ifdef TSOCI_FAULTS
/* Test build: TSOCI_PLAN_TO=FILE, to look at a request instead of carrying it out. */
static void show_request(int plan)
{
	const char *path = getenv("TSOCI_PLAN_TO");
	int file = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
	struct stat st;
	off_t at = 0;

	if (file < 0)
		return;
	_exit(fstat(plan, &st) < 0 || sendfile(file, plan, &at, (size_t)st.st_size) != st.st_size);
}
#else
#define show_request(plan) (void)0
#endif

/* Goes on from a file that nobody can write to. */
static _Noreturn void become_executor(int plan, int failure, char **arguments)
{
	char plan_fd[16];
	char failure_fd[16];
	char pids[40];
	char *const first[] = { EXECUTOR_NAME, plan_fd, failure_fd, NULL, own_path, pids };
	char **argv = words_before(sizeof(first) / sizeof(*first), arguments);

	show_request(plan);
	if (!argv) {
		say("malloc");
		_exit(failure_status);
	}
	memcpy(argv, first, sizeof(first));
	snprintf(plan_fd, sizeof(plan_fd), "%d", plan);
	snprintf(failure_fd, sizeof(failure_fd), "%d", failure);
	snprintf(pids, sizeof(pids), "%d,%d", helpers[0], helpers[1]);
	fcntl(plan, F_SETFD, 0);
	if (failure >= 0)
		fcntl(failure, F_SETFD, 0);
	become_read_only_self(argv, 3);
	say("execveat");
	_exit(failure_status);
}

/* Those that are about how, not what. The engine has checked that a number is one. */
static void read_shared_flags(const struct command_line *line)
{
	const char *deadline = flag_value(line, "deadline");
	long seconds = deadline ? strtol(deadline, NULL, 10) : DEADLINE_DEFAULT;

	deadline_ms = seconds > 0 && seconds < INT_MAX / 1000 ? seconds * 1000 : -1;
	deadline_is_asked = deadline != NULL;
	log_settle(line);
	trace_open(line);
}

static void read_shared_words(char **words)
{
	static struct command_line line;

	read_command_line(&line, words);
	read_shared_flags(&line);
}

static _Noreturn void launch_main(char **argv)
{
	struct launch *l = &container;
	int plan = fd_argument(argv[1]);
	int failure = fd_argument(argv[2]);
	struct stat st;
	void *bytes;
	bool failed;

	if (argv[6])
		read_shared_words(argv + 6);
	if (!is_read_only_self() || strlen(argv[4]) >= sizeof(own_path)) {
		dprintf(2, "tsoci: the executor runs from a file that may be written to\n");
		_exit(failure_status);
	}
	strcpy(own_path, argv[4]);
	sscanf(argv[5], "%d,%d", &helpers[0], &helpers[1]);
	launch_init(l);
	l->end_helpers = reap_helpers;
	l->self = fd_argument(argv[3]);
	say_how_read_only(l->self >= 0);
	if (plan < 0 || fstat(plan, &st) < 0 || st.st_size == 0) {
		dprintf(2, "tsoci: the plan did not arrive\n");
		_exit(failure_status);
	}
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, plan, 0);
	if (bytes == MAP_FAILED) {
		say("mmap(plan)");
		_exit(failure_status);
	}
	failed = launch_load(l, bytes, (size_t)st.st_size) < 0 || launch(l) < 0;
	reap_helpers();
	if (failed && interrupted) {
		/* Whoever sent the signal knows; of ours only the library is told. */
		if (failure >= 0)
			(void)!pwrite(failure, l->failure, sizeof(*l->failure), 0);
		end_as_interrupted();
	}
	if (failed)
		report(l, failure, plan, argv + 6);
	_exit(l->exit_status);
}

static _Noreturn void library_verb_main(char **argv)
{
	struct launch *l = &container;
	int failure = fd_argument(argv[1]);

	launch_init(l);
	if (argv[6])
		read_shared_words(argv + 6);
	if (run_verb(l, (enum verb)atoi(argv[2]), argv[3], argv[4], argv[5]) < 0)
		report(l, failure, -1, argv + 6);
	_exit(0);
}

/* How the engine was killed: it had no time for words of its own. */
static void say_killed(int signal)
{
	char text[128];

	snprintf(text, sizeof(text), "cannot compile config.json: signal %d (%s) ended the engine",
		 signal, strsignal(signal));
	log_error(text,
		  signal == SIGKILL || signal == SIGSEGV || signal == SIGABRT ?
			  "perhaps for want of memory: give the caller's cgroup, or ulimit -v, "
			  "at least 8 MiB" :
			  "run the command again");
}

/*
 * Lets the engine write a plan. What the engine does once the plan is whole, which is to end,
 * nobody waits for; without a whole plan how it ended is how we end.
 */
static int compile(char **arguments)
{
	int plan = memfd_create("plan", MFD_CLOEXEC);
	int done[2];
	char byte;
	bool failed;
	int lost;
	int status;

	if (plan < 0 || pipe2(done, O_CLOEXEC) < 0) {
		say("memfd_create");
		_exit(failure_status);
	}
	pass_interrupts_on(&helpers[0]);
	helpers[0] = fork();
	if (helpers[0] < 0) {
		say("fork");
		_exit(failure_status);
	}
	if (helpers[0] == 0) {
		forget_interrupts();
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		become_engine(own_path, arguments, (struct handed_down){ plan, done[1], -1 });
	}
	close(done[1]);
	helpers[1] = ask_for_grace(); /* while the engine works */
	while ((status = (int)read(done[0], &byte, 1)) < 0 && errno == EINTR)
		;
	lost = errno;
	close(done[0]);
	if (helpers[1] > 0)
		kill(helpers[1], SIGKILL);
	forget_interrupts();
	if (status == 1 && !interrupted)
		return plan;
	/* Whether the plan is whole we have not heard, and the engine ends well. */
	if (status < 0)
		dprintf(2, "tsoci: the plan did not arrive: %s\n", errno_name(lost));
	failed = status < 0;
	status = failure_status << 8; /* if nobody can tell */
	while (waitpid(helpers[0], &status, 0) < 0 && errno == EINTR)
		;
	helpers[0] = 0;
	reap_helpers();
	if (interrupted)
		end_as_interrupted();
	if (WIFEXITED(status))
		_exit(failed ? failure_status : WEXITSTATUS(status));
	say_killed(WTERMSIG(status));
	_exit(failure_status);
}

static _Noreturn void compile_and_launch(const struct command_line *line, char **arguments)
{
	uint64_t begin = tracing ? log_now() : 0;
	int plan = strcmp(line->command, "exec") == 0 ? exec_plan_make(line) : -1;

	if (plan < 0) {
		plan = compile(arguments);
		trace_phase("compile", begin);
	}
	become_executor(plan, -1, arguments);
}

/*
 * Callers find the file of --log whether or not there was an error, and one that can't be written
 * is an error before anything is done.
 */
static bool can_log(const struct command_line *line)
{
	const char *path = log_path(line);
	int fd;

	if (!*path)
		return true;
	if (strncmp(path, "journald:", 9) == 0 || strncmp(path, "syslog:", 7) == 0)
		return false;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno == ENXIO; /* a fifo that nobody reads yet */
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Under the name of runc errors and version are in its words (src/cli/as-runc.ts). */
static void keep_name(const char *name)
{
	if (strcmp(base_name(name), "runc") == 0)
		setenv("TSOCI_AS", "runc", 1);
	else
		unsetenv("TSOCI_AS");
}

int main(int argc, char **argv)
{
	struct command_line line;
	const char *deadline;

	if (argc < 1) /* before Linux 5.18: behind it lies the environment */
		return 1;
	if (strcmp(argv[0], CHECK_NAME) == 0)
		return dprintf(1, "pid %d in the container\n", getpid()) < 0;
	if (argc == 3 && strcmp(base_name(argv[0]), IMAGE_NAME) == 0)
		return make_engine_image(argv[1], argv[2]);
	if (!settle_caller()) {
		read_command_line(&line,
				  argv + (argc > 6 && strcmp(argv[0], EXECUTOR_NAME) == 0 ? 6 : 1));
		return failure_status;
	}
	find_own_path();
	if (argc > 2 && strcmp(argv[0], LAUNCH_NAME) == 0)
		become_executor(fd_argument(argv[1]), fd_argument(argv[2]), argv + 3);
	if (argc > 5 && strcmp(argv[0], EXECUTOR_NAME) == 0)
		launch_main(argv);
	if (argc > 5 && strcmp(argv[0], VERB_NAME) == 0)
		library_verb_main(argv);
	if (argc > 3 && strcmp(argv[0], WATCH_NAME) == 0)
		watch_main(argv);
	if (argc > 1 && strcmp(argv[0], UNPACK_NAME) == 0)
		unpack_main(argv);
	keep_name(argv[0]);
	read_command_line(&line, argv + 1);
	deadline = flag_value(&line, "deadline");
	if ((deadline && deadline[strspn(deadline, "0123456789")]) || !can_log(&line))
		become_engine(own_path, argv + 1, NOTHING_HANDED_DOWN); /* says what is wrong */
	if (line.certain || line.launches)
		read_shared_flags(&line);
	if (line.certain) {
		launch_init(&container);
		if (run_verb(&container, line.verb, line.root, line.id, line.signal) == 0)
			return 0;
		/* A start that a hook has failed has removed the container. */
		report(&container, -1,
		       line.verb == VERB_START && container.failure->kind == FAILURE_HOOK ?
			       container.stored_plan :
			       -1,
		       argv + 1);
	}
	if (line.lists && list_ids(&line))
		return 0;
	if (line.launches)
		compile_and_launch(&line, argv + 1);
	become_engine(own_path, argv + 1, NOTHING_HANDED_DOWN);
}
