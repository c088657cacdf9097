/*
 * Runs another program: a hook, newuidmap.
 */
#define _GNU_SOURCE
#include "errno_name.h"
#include "interrupt.h"
#include "launch.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT_TAIL 2048

long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int wait_pidfd(int pidfd, long timeout_ms)
{
	struct pollfd one = { .fd = pidfd, .events = POLLIN };
	long end = now_ms() + timeout_ms;

	for (;;) {
		long left = timeout_ms < 0 ? -1 : end - now_ms();
		int n = poll(&one, 1, timeout_ms < 0 ? -1 : left > 0 ? (int)left : 0);

		if (n >= 0 || errno != EINTR)
			return n;
	}
}

/* What it writes goes to our file in memory, or to one that the user named. */
static int open_output(const char *path, int otherwise)
{
	return *path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : otherwise;
}

static _Noreturn void become_program(int input, int output, const struct program *program)
{
	sigset_t none;
	int errors;
	int out;

	setpgid(0, 0);
	/* Nobody would wait for it any more. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) {
		dprintf(output, "prctl(PR_SET_PDEATHSIG): %s", errno_name(errno));
		_exit(127);
	}
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	out = open_output(program->output, output);
	errors = out < 0 ? -1 : open_output(program->errors, output);
	if (errors < 0) {
		dprintf(output, "%s: %s", out < 0 ? program->output : program->errors,
			errno_name(errno));
		_exit(127);
	}
	if (program->dir >= 0 && fchdir(program->dir) < 0)
		_exit(127);
	if (dup2(input, 0) < 0 || dup2(out, 1) < 0 || dup2(errors, 2) < 0)
		_exit(127);
	syscall(SYS_close_range, 3, ~0U, 0);
	execve(program->path, program->argv, program->envp);
	dprintf(2, "%s: %s", program->path, errno_name(errno));
	_exit(127);
}

/* The end of what it wrote goes into the failure record. */
static void keep_output(struct launch *l, int output)
{
	char tail[OUTPUT_TAIL];
	off_t size = lseek(output, 0, SEEK_END);
	ssize_t n;

	if (size <= 0)
		return;
	n = pread(output, tail, sizeof(tail), size > OUTPUT_TAIL ? size - OUTPUT_TAIL : 0);
	if (n > 0)
		detail(l, tail, (size_t)n);
}

static void reap_program(pid_t pid, int *status)
{
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
}

/* And what it has started. */
static void end_program(pid_t pid, int *status)
{
	int saved = errno;

	kill(pid, SIGKILL);
	kill(-pid, SIGKILL);
	reap_program(pid, status);
	errno = saved;
}

static int give_input(int fd, const char *input)
{
	size_t length = strlen(input);
	ssize_t n = pwrite(fd, input, length, 0);

	/* Half of it: the caller's RLIMIT_FSIZE is in the midst. */
	if (n >= 0 && (size_t)n < length)
		errno = EFBIG;
	return n >= 0 && (size_t)n == length ? 0 : -1;
}

int run_program(struct launch *l, const struct program *program)
{
	/* Files in memory, not pipes: no writer ever waits, no daemon it leaves holds us up. */
	int in = memfd_create("input", MFD_CLOEXEC);
	int out = memfd_create("output", MFD_CLOEXEC);
	int result = -1;
	int pidfd = -1;
	long timeout_ms = program->timeout_ms < 0 ? deadline_ms : program->timeout_ms;
	int status = 1 << 8; /* if nobody can tell */
	bool ended;
	pid_t pid;

	if (check(l, "memfd_create", in) < 0 || check(l, "memfd_create", out) < 0)
		goto out;
	if (give_input(in, program->input) < 0) {
		check(l, "write", -1);
		goto out;
	}
	pid = fork();
	if (check(l, "fork", pid) < 0)
		goto out;
	if (pid == 0)
		become_program(in, out, program);
	end_if_interrupted(pid, l->undoing);
	pidfd = (int)check(l, "pidfd_open", syscall(SYS_pidfd_open, pid, 0));
	ended = pidfd >= 0 && wait_pidfd(pidfd, timeout_ms) != 0;
	end_if_interrupted(0, false); /* its pid is somebody else's once it is reaped */
	if (pidfd < 0) {
		end_program(pid, &status);
		goto out;
	}
	if (!ended) {
		end_program(pid, &status);
		keep_output(l, out);
		l->failure->status = (int32_t)(timeout_ms / 1000);
		errno = ETIMEDOUT;
		check(l, program->path, -1);
		goto out;
	}
	reap_program(pid, &status);
	if (status == 0) {
		result = 0;
		goto out;
	}
	keep_output(l, out);
	l->failure->status = status;
	errno = ECANCELED;
	check(l, program->path, -1);
out:
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	if (pidfd >= 0)
		close(pidfd);
	return result;
}

static void warn_of_hook(struct launch *l, const char *path)
{
	struct failure *failure = l->failure;
	int status = failure->status;
	char how[64];

	if (errno == ETIMEDOUT)
		snprintf(how, sizeof(how), "did not end within %d s", status);
	else if (errno != ECANCELED)
		snprintf(how, sizeof(how), "failed: %s", errno_name(errno));
	else if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "failed: signal %d", WTERMSIG(status));
	else
		snprintf(how, sizeof(how), "failed: exit status %d", WEXITSTATUS(status));
	log_warning("poststop hook \"%s\" %s%s%.*s", path, how, failure->detail_length ? ": " : "",
		    (int)failure->detail_length, failure->detail);
}

/*
 * Only these may fail: what they were to take back is nothing the caller can wait for. When a
 * launch is undone its own failure is what is told.
 */
static void run_poststop(struct launch *l, const struct program *hook)
{
	struct failure first = *l->failure;

	if (!*l->owes_poststop)
		return;
	forget_failure(l);
	if (run_program(l, hook) < 0)
		warn_of_hook(l, hook->path);
	*l->failure = first;
}

int step_hook(struct launch *l, const struct plan_step *s)
{
	char **env = list_vector(l, s, ARG_HOOK_ENV, 1);
	long seconds = (long)s->arg[ARG_HOOK_TIMEOUT];
	struct program hook = {
		.path = text_arg(l, s, ARG_HOOK_PATH),
		.argv = list_vector(l, s, ARG_HOOK_ARGS, 0),
		.input = text_arg(l, s, ARG_HOOK_STATE),
		.timeout_ms = seconds ? seconds * 1000 : -1,
		.dir = s->arg[ARG_HOOK_FLAGS] & FLAG_HOOK_IN_ROOTFS ? l->root : -1,
		.output = text_arg(l, s, ARG_HOOK_OUTPUT),
		.errors = text_arg(l, s, ARG_HOOK_ERRORS),
	};

	if (!hook.path || !hook.argv || !env || !hook.input || !hook.output || !hook.errors)
		return -1;
	if (s->arg[ARG_HOOK_FLAGS] & FLAG_HOOK_INHERIT)
		env = environ;
	if (s->arg[ARG_HOOK_FLAGS] & FLAG_HOOK_PROCESS_ENV && l->home)
		env[list_count(s, ARG_HOOK_ENV)] = (char *)l->home;
	hook.envp = env;
	if (s->arg[ARG_HOOK_FLAGS] & FLAG_HOOK_POSTSTOP) {
		run_poststop(l, &hook);
		return 0;
	}
	*l->owes_poststop = true; /* one that fails has perhaps done half of its work */
	if (run_program(l, &hook) == 0)
		return 0;
	l->failure->kind = FAILURE_HOOK;
	return -1;
}
