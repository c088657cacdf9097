/*
 * An agent for SCMP_ACT_NOTIFY: takes one listener, prints the state that came with it, and
 * answers every call with ENOMEDIUM, until the last process with the filter has gone.
 *
 * Usage: seccomp_agent SOCKET
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static _Noreturn void give_up(const char *call)
{
	perror(call);
	exit(1);
}

static int accept_listener(int server)
{
	static char state[65536];
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec payload = { .iov_base = state, .iov_len = sizeof(state) };
	struct msghdr message = {
		.msg_iov = &payload,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	int connection = accept(server, NULL, NULL);
	struct cmsghdr *header;
	ssize_t n;
	int listener;

	if (connection < 0)
		give_up("accept");
	n = recvmsg(connection, &message, 0);
	header = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (!header || header->cmsg_type != SCM_RIGHTS)
		give_up("recvmsg");
	memcpy(&listener, CMSG_DATA(header), sizeof(int));
	fwrite(state, 1, (size_t)n, stdout);
	/* One state for each connection, which is closed then. */
	while ((n = read(connection, state, sizeof(state))) > 0)
		fwrite(state, 1, (size_t)n, stdout);
	fflush(stdout);
	close(connection);
	return listener;
}

static void answer(int listener)
{
	struct seccomp_notif call = { 0 };
	struct seccomp_notif_resp response = { .error = -ENOMEDIUM };

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
		return;
	response.id = call.id;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int server = socket(AF_UNIX, SOCK_STREAM, 0);
	struct pollfd listener = { .events = POLLIN };

	if (argc != 2 || strlen(argv[1]) >= sizeof(address.sun_path))
		return 2;
	strcpy(address.sun_path, argv[1]);
	if (bind(server, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(server, 4) < 0)
		give_up("bind");
	listener.fd = accept_listener(server);
	while (poll(&listener, 1, -1) == 1 && !(listener.revents & POLLHUP))
		if (listener.revents & POLLIN)
			answer(listener.fd);
	return 0;
}
