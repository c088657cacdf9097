/*
 * A connection to systemd.
 */
#define _GNU_SOURCE
#include "bus.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_SKIP (1u << 27) /* no message is longer */

static const char destination[] = "org.freedesktop.systemd1";
static const char manager[] = "/org/freedesktop/systemd1";

/* Waiting: */

void bus_set_timeout(struct bus *b, long timeout_ms)
{
	if (timeout_ms < 0)
		timeout_ms = INT_MAX; /* as long as poll can wait */
	b->timeout_ms = timeout_ms;
	clock_gettime(CLOCK_MONOTONIC, &b->deadline);
	b->deadline.tv_sec += timeout_ms / 1000;
	b->deadline.tv_nsec += timeout_ms % 1000 * 1000000;
	if (b->deadline.tv_nsec >= 1000000000) {
		b->deadline.tv_sec++;
		b->deadline.tv_nsec -= 1000000000;
	}
}

static int wait_for(struct bus *b, short events)
{
	struct pollfd one = { .fd = b->fd, .events = events };
	struct timespec now;
	long long left;
	int n;

	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
		left = (b->deadline.tv_sec - now.tv_sec) * 1000LL +
		       (b->deadline.tv_nsec - now.tv_nsec) / 1000000;
		n = poll(&one, 1, left > 0 ? (int)left : 0);
	} while (n < 0 && errno == EINTR);
	if (n == 0)
		errno = ETIMEDOUT;
	return n > 0 ? 0 : -1;
}

static int send_all(struct bus *b, const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0) {
		ssize_t n = send(b->fd, at, length, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (wait_for(b, POLLOUT) < 0)
				return -1;
			continue;
		}
		if (n < 0)
			return -1;
		at += n;
		length -= (size_t)n;
	}
	return 0;
}

static int receive_all(struct bus *b, void *bytes, size_t length)
{
	char *at = bytes;

	while (length > 0) {
		ssize_t n = recv(b->fd, at, length, MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (wait_for(b, POLLIN) < 0)
				return -1;
			continue;
		}
		if (n == 0)
			errno = ECONNRESET;
		if (n <= 0)
			return -1;
		at += n;
		length -= (size_t)n;
	}
	return 0;
}

/* Connecting: */

static int receive_line(struct bus *b, char *line, size_t room)
{
	size_t n = 0;

	do {
		if (n == room - 1) {
			errno = EBADMSG;
			return -1;
		}
		if (receive_all(b, line + n, 1) < 0)
			return -1;
	} while (line[n++] != '\n');
	line[n] = '\0';
	return 0;
}

/*
 * The id is told in hexadecimal digits of its decimal ones; the kernel vouches for it. BEGIN goes
 * in the same write: systemd lets lie what it reads together with it, until more arrives.
 */
static int authenticate(struct bus *b, const char *uid, size_t length)
{
	char line[256] = "";
	char *at = line + 1;

	if (length > 10) {
		errno = EINVAL;
		return -1;
	}
	at += sprintf(at, "AUTH EXTERNAL ");
	for (size_t i = 0; i < length; i++)
		at += sprintf(at, "%02x", (unsigned char)uid[i]);
	at += sprintf(at, "\r\nBEGIN\r\n");
	if (send_all(b, line, (size_t)(at - line)) < 0 || receive_line(b, line, sizeof(line)) < 0)
		return -1;
	if (strncmp(line, "OK ", 3) == 0)
		return 0;
	errno = EACCES;
	return -1;
}

static int connect_to(struct bus *b, const char *path)
{
	struct timeval limit = { .tv_sec = b->timeout_ms / 1000,
				 .tv_usec = b->timeout_ms % 1000 * 1000 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(path);

	if (length == 0 || length >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, length);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	else
		length++;
	b->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (b->fd < 0)
		return -1;
	/* Where too many wait already, connect would wait without end. */
	setsockopt(b->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(b->fd, (struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) == 0)
		return 0;
	if (errno == EAGAIN)
		errno = ETIMEDOUT;
	return -1;
}

static void begin(struct bus *b, const char *to, const char *path, const char *interface,
		  const char *member, const char *signature)
{
	dbus_begin(&b->out, ++b->serial, to, path, interface, member, signature);
}

/* A bus wants to be greeted, and to be told what we want to hear of. */
static int greet(struct bus *b)
{
	static const char name[] = "org.freedesktop.DBus";

	begin(b, name, "/org/freedesktop/DBus", name, "Hello", "");
	if (bus_call(b) < 0)
		return -1;
	begin(b, name, "/org/freedesktop/DBus", name, "AddMatch", "s");
	dbus_put_text(&b->out, "type='signal',sender='org.freedesktop.systemd1',"
			       "interface='org.freedesktop.systemd1.Manager',member='JobRemoved'");
	if (bus_call(b) < 0)
		return -1;
	bus_begin(b, "org.freedesktop.systemd1.Manager", "Subscribe", "");
	return bus_call(b);
}

int bus_open(struct bus *b, const char *address, long timeout_ms)
{
	const char *uid = strchr(address, ':');
	const char *path = uid ? strchr(uid + 1, ':') : NULL;
	int saved;

	b->fd = -1;
	b->serial = 0;
	b->unit = NULL;
	bus_set_timeout(b, timeout_ms);
	if (!path) {
		errno = EINVAL;
		return -1;
	}
	if (connect_to(b, path + 1) == 0 &&
	    authenticate(b, uid + 1, (size_t)(path - uid - 1)) == 0 &&
	    (strncmp(address, "systemd:", 8) == 0 || greet(b) == 0))
		return 0;
	saved = errno;
	bus_close(b);
	errno = saved;
	return -1;
}

void bus_close(struct bus *b)
{
	if (b->fd >= 0)
		close(b->fd);
	b->fd = -1;
}

void bus_begin(struct bus *b, const char *interface, const char *member, const char *signature)
{
	begin(b, destination, manager, interface, member, signature);
}

/* Receiving: */

static int skip(struct bus *b, uint64_t length)
{
	while (length > 0) {
		size_t part = length < sizeof(b->in) ? (size_t)length : sizeof(b->in);

		if (receive_all(b, b->in, part) < 0)
			return -1;
		length -= part;
	}
	return 0;
}

/* One message; of one that is too long to be an answer to us, nothing. */
static int receive(struct bus *b, struct dbus_message *m)
{
	uint64_t total;

	memset(m, 0, sizeof(*m));
	m->member = m->error = m->signature = "";
	if (receive_all(b, b->in, DBUS_HEADER) < 0)
		return -1;
	total = dbus_size(b->in);
	if (total == 0 || total > MAX_SKIP) {
		errno = EBADMSG;
		return -1;
	}
	if (total > sizeof(b->in))
		return skip(b, total - DBUS_HEADER);
	if (receive_all(b, b->in + DBUS_HEADER, (size_t)total - DBUS_HEADER) < 0)
		return -1;
	if (dbus_read(b->in, m))
		return 0;
	errno = EBADMSG;
	return -1;
}

static void keep(char *out, const char *text)
{
	snprintf(out, BUS_TEXT_ROOM, "%s", text);
}

/* JobRemoved(u id, o job, s unit, s result). */
static void note_job(struct bus *b, struct dbus_message *m)
{
	const char *job, *unit, *result;

	if (!b->unit || strcmp(m->member, "JobRemoved") != 0 || strcmp(m->signature, "uoss") != 0)
		return;
	dbus_take_number(&m->body);
	job = dbus_take_text(&m->body, false);
	unit = dbus_take_text(&m->body, false);
	result = dbus_take_text(&m->body, false);
	if (m->body.bad || strcmp(unit, b->unit) != 0)
		return;
	keep(b->job, job);
	keep(b->result, result);
}

/* The first text of the body, also inside a variant. */
static void note_text(struct bus *b, struct dbus_message *m)
{
	const char *type = m->signature;
	const char *text;

	b->text[0] = '\0';
	if (*type == 'v')
		type = dbus_take_text(&m->body, true);
	if (*type != 's' && *type != 'o')
		return;
	text = dbus_take_text(&m->body, false);
	if (!m->body.bad)
		keep(b->text, text);
}

int bus_call(struct bus *b)
{
	struct dbus_message m;

	if (!dbus_end(&b->out)) {
		errno = E2BIG;
		return -1;
	}
	if (b->fd < 0) {
		errno = ENOTCONN;
		return -1;
	}
	b->job[0] = b->result[0] = b->error[0] = b->text[0] = '\0';
	if (send_all(b, b->out.bytes, b->out.size) < 0)
		return -1;
	for (;;) {
		if (receive(b, &m) < 0)
			return -1;
		if (m.type == DBUS_SIGNAL)
			note_job(b, &m);
		if ((m.type != DBUS_METHOD_RETURN && m.type != DBUS_ERROR) ||
		    m.reply_serial != b->serial)
			continue;
		note_text(b, &m);
		if (m.type == DBUS_METHOD_RETURN)
			return 0;
		keep(b->error, m.error);
		errno = EREMOTEIO;
		return -1;
	}
}

int bus_wait_job(struct bus *b)
{
	struct dbus_message m;

	if (!*b->text) {
		errno = EBADMSG;
		return -1;
	}
	while (strcmp(b->job, b->text) != 0) {
		if (receive(b, &m) < 0)
			return -1;
		if (m.type == DBUS_SIGNAL)
			note_job(b, &m);
	}
	return 0;
}
