/*
 * Sockets of the host, and descriptors that go over one.
 */
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A stream socket of the host; a name that begins with @ is an abstract one (unix(7)). */
int connect_socket(struct launch *l, const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t length = sizeof(address);
	int by_path = -1;
	int result;
	int fd;

	if (*path == '@') {
		size_t name = strlen(path);

		if (name > sizeof(address.sun_path)) {
			errno = ENAMETOOLONG;
			return (int)check(l, "connect", -1);
		}
		memcpy(address.sun_path + 1, path + 1, name - 1);
		length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + name);
	} else {
		/* Longer paths than an address holds are reached through a descriptor. */
		by_path = open(path, O_PATH | O_CLOEXEC);
		if (check(l, "open", by_path) < 0)
			return -1;
		snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", by_path);
	}
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	result = (int)check(l, "socket", fd);
	if (fd >= 0)
		result = (int)check(l, "connect", connect(fd, (struct sockaddr *)&address, length));
	if (by_path >= 0)
		close(by_path);
	if (result < 0 && fd >= 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int send_fd(int socket, int fd, const char *name)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec payload = { .iov_base = (void *)name, .iov_len = strlen(name) };
	struct msghdr message = {
		.msg_iov = &payload,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

ssize_t receive_message(int socket, void *room, size_t size, int *fd)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec payload = { .iov_base = room, .iov_len = size };
	struct msghdr message = {
		.msg_iov = &payload,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	struct cmsghdr *header;
	ssize_t n;

	/* With a time limit it is not taken up again after a stop (signal(7)). */
	do
		n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	*fd = -1;
	header = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (header && header->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(header), sizeof(int));
	return n;
}

int receive_fd(int socket)
{
	char text[64];
	int fd;
	ssize_t n = receive_message(socket, text, sizeof(text), &fd);

	if (n == 0)
		errno = ECONNRESET;
	if (n > 0 && fd < 0)
		errno = EPROTO;
	return fd;
}
