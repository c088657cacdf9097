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
#include <time.h>
#include <unistd.h>

/* *call: the one that failed. */
static int try_to_connect(const char *path, int type, const char **call)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t length = sizeof(address);
	int by_path = -1;
	int saved;
	int fd;

	*call = "connect";
	if (*path == '@') {
		size_t name = strlen(path);

		if (name > sizeof(address.sun_path)) {
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(address.sun_path + 1, path + 1, name - 1);
		length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + name);
	} else {
		/* Longer paths than an address holds are reached through a descriptor. */
		by_path = open(path, O_PATH | O_CLOEXEC);
		if (by_path < 0) {
			*call = "open";
			return -1;
		}
		snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", by_path);
	}
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		*call = "socket";
	else if (connect(fd, (struct sockaddr *)&address, length) < 0) {
		saved = errno;
		close(fd);
		errno = saved;
		fd = -1;
	}
	saved = errno;
	if (by_path >= 0)
		close(by_path);
	errno = saved;
	return fd;
}

int connect_socket(struct launch *l, const char *path, int type)
{
	const char *call;
	int fd = try_to_connect(path, type, &call);

	return (int)check(l, call, fd);
}

#define ARRIVAL_MS 1000

int connect_when_there(struct launch *l, const char *path, int type)
{
	struct timespec moment = { .tv_nsec = 5000000 };
	long end = now_ms() + ARRIVAL_MS;
	const char *call;
	int fd;

	while ((fd = try_to_connect(path, type, &call)) < 0 &&
	       (errno == ENOENT || errno == ECONNREFUSED) && now_ms() < end)
		if (nanosleep(&moment, NULL) < 0)
			break;
	return (int)check(l, call, fd);
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
