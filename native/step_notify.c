/*
 * sd_notify(3) across the container: it tells a socket of ours that it is ready, and we tell the
 * one that the caller names. The container never gets at that one.
 */
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define BARRIER_MS 30000 /* as long as systemd's own clients wait */

int step_notify_dir(struct launch *l, const struct plan_step *s)
{
	const char *path = text_arg(l, s, ARG_NOTIFY_DIR_PATH);

	if (check(l, "mkdirat", mkdirat(l->state_dir, path, 0755)) < 0)
		return -1;
	/* Whatever the caller's umask is: the user of the container must get in. */
	return (int)check(l, "fchmodat", fchmodat(l->state_dir, path, 0755, 0));
}

/* Only where the caller of this very command waits: it may be another than that of create. */
int step_notify_listen(struct launch *l, const struct plan_step *s)
{
	const char *path = text_arg(l, s, ARG_NOTIFY_LISTEN_PATH);
	const char *host = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (!host || !*host)
		return 0;
	l->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (check(l, "socket", l->notify) < 0)
		return -1;
	/* Of a start that was killed. */
	unlinkat(l->state_dir, path, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", l->state_dir,
		 path);
	if (check(l, "bind", bind(l->notify, (struct sockaddr *)&address, sizeof(address))) < 0)
		return -1;
	return (int)check(l, "fchmodat", fchmodat(l->state_dir, path, 0777, 0));
}

/* Until whoever listens has read all that came before: it closes what it gets. */
static void await_barrier(int host)
{
	struct pollfd gone = { .fd = -1 };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	if (send_fd(host, ends[1], "BARRIER=1") == 0) {
		close(ends[1]);
		ends[1] = -1;
		gone.fd = ends[0];
		while (poll(&gone, 1, (int)deadline_or(BARRIER_MS)) < 0 && errno == EINTR)
			;
	}
	if (ends[1] >= 0)
		close(ends[1]);
	close(ends[0]);
}

static bool says_ready(const char *message)
{
	for (const char *line = message; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "READY=1", 7) == 0 && (line[7] == '\n' || !line[7]))
			return true;
	}
	return false;
}

bool forward_ready(struct launch *l, pid_t main_pid)
{
	char message[4096];
	ssize_t n = recv(l->notify, message, sizeof(message) - 1, 0);
	int host;

	if (n <= 0)
		return false;
	message[n] = '\0';
	if (!says_ready(message))
		return false;
	/* Nothing else is taken over from the container: it could name any process the main one. */
	n = snprintf(message, sizeof(message), "READY=1\nMAINPID=%d\n", main_pid);
	host = connect_socket(l, getenv("NOTIFY_SOCKET"), SOCK_DGRAM);
	/* The container runs: who waits in vain says so itself. */
	if (host >= 0) {
		if (send(host, message, (size_t)n, MSG_NOSIGNAL) == n)
			await_barrier(host);
		close(host);
	}
	close(l->notify);
	l->notify = -1;
	return true;
}

int step_notify_wait(struct launch *l, const struct plan_step *s)
{
	pid_t pid = l->child > 0 ? l->child : l->init.pid;
	struct pollfd fds[2] = { { .events = POLLIN }, { .events = POLLIN } };
	int timeout = deadline_ms < 0 ? -1 : (int)deadline_ms;
	int ready;

	(void)s;
	if (l->notify < 0)
		return 0;
	/* It may take long: other verbs are to have their turn. */
	flock(l->state_dir, LOCK_UN);
	fds[0].fd = l->notify;
	fds[1].fd = l->child > 0 ? l->child_pidfd : (int)syscall(SYS_pidfd_open, pid, 0);
	while (fds[1].fd >= 0) {
		ready = poll(fds, 2, timeout);
		if (ready == 0) {
			errno = ETIMEDOUT;
			name_timeout(l);
			return (int)check(l, "poll(READY=1)", -1);
		}
		if (ready < 0 && errno != EINTR)
			break;
		/* A last word of one that has ended counts. */
		if (fds[0].revents & POLLIN && forward_ready(l, pid))
			break;
		if (fds[1].revents)
			break;
	}
	return 0;
}
