/*
 * A container in the foreground: signals forwarded, the terminal relayed, the exit status kept.
 */
#define _GNU_SOURCE
#include "interrupt.h"
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

long deadline_ms = DEADLINE_DEFAULT * 1000L;
bool deadline_is_asked;

int limit_receive(int socket)
{
	struct timeval limit = { .tv_sec = deadline_ms / 1000,
				 .tv_usec = deadline_ms % 1000 * 1000 };

	return deadline_ms < 0 ? 0 :
				 setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

void name_timeout(struct launch *l)
{
	if (errno == EAGAIN)
		errno = ETIMEDOUT;
	if (errno == ETIMEDOUT)
		give_up(l, deadline_ms);
}

void give_up(struct launch *l, long after_ms)
{
	errno = ETIMEDOUT;
	if (!l->failure->recorded)
		l->failure->status = (int32_t)(after_ms / 1000);
}

long left_to_end(struct launch *l)
{
	long limit = deadline_or(END_MS);
	long now = now_ms();

	if (limit < 0)
		return -1;
	if (l->end_of_waits == 0)
		l->end_of_waits = now + limit;
	return l->end_of_waits > now ? l->end_of_waits - now : 0;
}

static void on_alarm(int number)
{
	(void)number;
}

int lock_within_deadline(struct launch *l, int fd)
{
	struct sigaction action = { .sa_handler = on_alarm }; /* no SA_RESTART: flock returns */
	/* Again and again: the first may come before flock waits. */
	struct itimerval timer = {
		.it_interval = { .tv_usec = 100000 },
		.it_value = { .tv_sec = deadline_ms / 1000, .tv_usec = deadline_ms % 1000 * 1000 },
	};
	struct itimerval none = { 0 };
	sigset_t alarm;
	int result;

	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return -1;
	if (deadline_ms < 0)
		return flock(fd, LOCK_EX);
	sigaction(SIGALRM, &action, NULL);
	/* The caller may have blocked it, or step_wait has. */
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarm, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	result = flock(fd, LOCK_EX);
	setitimer(ITIMER_REAL, &none, NULL);
	signal(SIGALRM, SIG_DFL);
	if (result < 0 && errno == EINTR) {
		errno = ETIMEDOUT;
		name_timeout(l);
	}
	return result;
}

static struct termios saved_terminal;
static bool terminal_is_raw;

int step_caller_terminal(struct launch *l, const struct plan_step *s)
{
	(void)s;
	return check(l, "isatty", isatty(0) ? 0 : -1) < 0 ? -1 : 0;
}

static void restore_terminal(void)
{
	if (terminal_is_raw)
		tcsetattr(0, TCSANOW, &saved_terminal);
	terminal_is_raw = false;
}

static void make_terminal_raw(void)
{
	struct termios raw;

	if (tcgetattr(0, &saved_terminal) < 0)
		return;
	raw = saved_terminal;
	cfmakeraw(&raw);
	raw.c_oflag |= OPOST; /* the container's pty leaves newlines to us */
	if (tcsetattr(0, TCSANOW, &raw) == 0)
		terminal_is_raw = true;
}

static void copy_size(int master)
{
	struct winsize size;

	/* One whose size nobody knows has none to copy. */
	if (ioctl(0, TIOCGWINSZ, &size) == 0 && (size.ws_row || size.ws_col))
		ioctl(master, TIOCSWINSZ, &size);
}

/* Bytes on their way in one direction. */
struct stream {
	int from;
	int to;
	size_t begin;
	size_t end;
	bool open;
	char bytes[16384];
};

static void stream_read(struct stream *s)
{
	ssize_t n = read(s->from, s->bytes, sizeof(s->bytes));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* EIO: the last process has closed the other side of the pty. */
	if (n <= 0) {
		s->open = false;
		return;
	}
	s->begin = 0;
	s->end = (size_t)n;
}

static void stream_write(struct stream *s)
{
	ssize_t n = write(s->to, s->bytes + s->begin, s->end - s->begin);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0)
		s->open = false;
	else
		s->begin += (size_t)n;
	if (n < 0 || s->begin == s->end)
		s->begin = s->end = 0;
}

static bool pending(const struct stream *s)
{
	return s->begin < s->end;
}

static int open_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	hold_interrupts();
	return signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* True when one was for the container. */
static bool forward_signals(struct launch *l, int signals, struct stream *out)
{
	struct signalfd_siginfo info;
	bool any = false;

	while (read(signals, &info, sizeof(info)) == sizeof(info)) {
		int number = (int)info.ssi_signo;

		/* Of SIGPIPE that of our own writes is nobody's. */
		if (number == SIGCHLD || (number == SIGPIPE && info.ssi_pid == (uint32_t)getpid()))
			continue;
		if (number == SIGWINCH && out) {
			copy_size(l->console_master);
			continue;
		}
		syscall(SYS_pidfd_send_signal, l->child_pidfd, number, NULL, 0);
		any = true;
	}
	return any;
}

/* Reaps what the kernel has handed us; true when it was the init. */
static bool reap(struct launch *l, int *status)
{
	pid_t pid;

	while ((pid = waitpid(-1, status, WNOHANG)) > 0)
		if (pid == l->child)
			return true;
	return false;
}

void let_others_in(struct launch *l)
{
	if (l->has_lock)
		flock(l->state_dir, LOCK_UN);
}

int lock_again(struct launch *l)
{
	struct stat st;

	if (!l->has_lock)
		return 0;
	if (check(l, "flock", lock_within_deadline(l, l->state_dir)) < 0 ||
	    check(l, "fstat", fstat(l->state_dir, &st)) < 0)
		return -1;
	l->deleted = st.st_nlink == 0;
	return 0;
}

int step_wait(struct launch *l, const struct plan_step *s)
{
	static struct stream in = { .from = 0 };
	static struct stream out = { .to = 1 };
	bool tty = l->console_master >= 0;
	int signals = open_signals();
	int status = 0;
	bool ended = false;

	(void)s;
	forget_network(l);
	if (check(l, "signalfd", signals) < 0)
		return -1;
	let_others_in(l);
	if (tty) {
		in.to = out.from = l->console_master;
		in.open = out.open = true;
		fcntl(l->console_master, F_SETFL, O_RDWR | O_NONBLOCK);
		copy_size(l->console_master);
		/* JavaScript puts the terminal's settings back as it ends: that must come first. */
		if (l->end_helpers)
			l->end_helpers();
		make_terminal_raw();
	}
	while (!ended || (tty && out.open)) {
		struct pollfd fds[6] = {
			{ .fd = signals, .events = POLLIN },
			{ .fd = ended ? -1 : l->child_pidfd, .events = POLLIN },
			{ .fd = in.open && !pending(&in) ? in.from : -1, .events = POLLIN },
			{ .fd = tty ? l->console_master : -1 },
			{ .fd = pending(&out) ? out.to : -1, .events = POLLOUT },
			{ .fd = l->notify, .events = POLLIN },
		};

		if (tty) {
			fds[3].events = (short)((pending(&in) ? POLLOUT : 0) |
						(pending(&out) ? 0 : POLLIN));
			/* Hung up it is told whether asked for or not, again and again. */
			if (!out.open || fds[3].events == 0)
				fds[3].fd = -1;
		}
		/* Once the init has ended only what is in the pty already is waited for. */
		if (poll(fds, 6, ended && !pending(&out) ? 100 : -1) == 0 && ended)
			break;
		/* Then it is us that a signal is for, when nobody reads that. */
		if (fds[0].revents && forward_signals(l, signals, tty ? &out : NULL) && ended)
			break;
		/* We are the service that is waited for, as long as we wait for the container. */
		if (fds[5].revents & POLLIN)
			forward_ready(l, getpid());
		if (fds[1].revents & POLLIN)
			ended = reap(l, &status);
		if (fds[2].revents)
			stream_read(&in);
		if (fds[3].revents & POLLOUT)
			stream_write(&in);
		if (fds[3].revents & (POLLIN | POLLHUP | POLLERR) && !pending(&out))
			stream_read(&out);
		if (fds[4].revents)
			stream_write(&out);
	}
	restore_terminal();
	/* Signals stay blocked: it is the container that they would end, and that has ended. */
	close(signals);
	l->child = 0;
	l->exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return lock_again(l);
}
