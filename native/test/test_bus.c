/*
 * What systemd answers, whole and damaged: an answer is understood, refused, or waited for, and
 * nothing else.
 */
#define _GNU_SOURCE
#include "check.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../bus.h"

static struct bus bus;
static int other; /* systemd's end */

static void open_pair(long timeout_ms)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		_exit(2);
	memset(&bus, 0xff, sizeof(bus));
	bus.fd = ends[0];
	bus.serial = 0;
	bus.unit = "box.scope";
	other = ends[1];
	bus_set_timeout(&bus, timeout_ms);
}

static void close_pair(void)
{
	close(other);
	bus_close(&bus);
}

struct reply {
	unsigned char bytes[512];
	size_t size;
};

static void pad(struct reply *r, size_t to)
{
	while (r->size % to)
		r->bytes[r->size++] = 0;
}

static void put(struct reply *r, const void *bytes, size_t length)
{
	memcpy(r->bytes + r->size, bytes, length);
	r->size += length;
}

static void put_number(struct reply *r, uint32_t number)
{
	pad(r, 4);
	put(r, &number, sizeof(number));
}

static void put_text(struct reply *r, const char *text)
{
	put_number(r, (uint32_t)strlen(text));
	put(r, text, strlen(text) + 1);
}

static void put_field(struct reply *r, const char *start, const char *text)
{
	pad(r, 8);
	put(r, start, 4); /* code, then the type as a signature */
	if (start[2] == 'g') {
		unsigned char length = (unsigned char)strlen(text);

		put(r, &length, 1);
		put(r, text, strlen(text) + 1);
	} else {
		put_text(r, text);
	}
}

static void begin(struct reply *r, unsigned char type)
{
	unsigned char start[16] = { 'l', type, 1, 1 };

	memset(r, 0, sizeof(*r));
	put(r, start, sizeof(start));
}

/* The fields are in: what follows is the body. */
static size_t end_fields(struct reply *r)
{
	uint32_t length = (uint32_t)r->size - 16;

	memcpy(r->bytes + 12, &length, sizeof(length));
	pad(r, 8);
	return r->size;
}

static void end(struct reply *r, size_t body)
{
	uint32_t length = (uint32_t)(r->size - body);

	memcpy(r->bytes + 4, &length, sizeof(length));
}

/* An answer with one text, to the first request. */
static struct reply answer(unsigned char type, const char *error, const char *signature,
			   const char *text)
{
	struct reply r;
	size_t body;

	begin(&r, type);
	pad(&r, 8);
	put(&r, "\5\1u\0", 4);
	put_number(&r, 1);
	if (error)
		put_field(&r, "\4\1s\0", error);
	put_field(&r, "\10\1g\0", signature);
	body = end_fields(&r);
	if (*signature == 'v')
		put(&r, "\1s\0", 3);
	put_text(&r, text);
	end(&r, body);
	return r;
}

static struct reply job_removed(const char *job, const char *unit, const char *result)
{
	struct reply r;
	size_t body;

	begin(&r, 4);
	put_field(&r, "\3\1s\0", "JobRemoved");
	put_field(&r, "\10\1g\0", "uoss");
	body = end_fields(&r);
	put_number(&r, 7);
	put_text(&r, job);
	put_text(&r, unit);
	put_text(&r, result);
	end(&r, body);
	return r;
}

static void tell(const struct reply *r)
{
	if (send(other, r->bytes, r->size, MSG_NOSIGNAL) != (ssize_t)r->size)
		_exit(2);
}

static int ask(void)
{
	bus_begin(&bus, "org.freedesktop.systemd1.Manager", "StopUnit", "ss");
	dbus_put_text(&bus.out, "box.scope");
	dbus_put_text(&bus.out, "replace");
	return bus_call(&bus);
}

static void test_answers(void)
{
	struct reply r = answer(2, NULL, "o", "/job/7");
	struct reply done = job_removed("/job/7", "box.scope", "done");
	struct reply foreign = job_removed("/job/7", "other.scope", "failed");

	/* The job may end before, or after, the answer that names it. */
	open_pair(1000);
	tell(&foreign);
	tell(&done);
	tell(&r);
	EXPECT(ask() == 0 && strcmp(bus.text, "/job/7") == 0);
	EXPECT(bus_wait_job(&bus) == 0 && strcmp(bus.result, "done") == 0);
	close_pair();
	open_pair(1000);
	tell(&r);
	tell(&foreign);
	tell(&done);
	EXPECT(ask() == 0 && bus_wait_job(&bus) == 0 && strcmp(bus.result, "done") == 0);
	close_pair();

	open_pair(1000);
	r = answer(2, NULL, "v", "/user.slice");
	tell(&r);
	EXPECT(ask() == 0 && strcmp(bus.text, "/user.slice") == 0);
	close_pair();

	open_pair(1000);
	r = answer(3, "org.example.Error", "s", "no");
	tell(&r);
	EXPECT(ask() < 0 && errno == EREMOTEIO);
	EXPECT(strcmp(bus.error, "org.example.Error") == 0 && strcmp(bus.text, "no") == 0);
	close_pair();
}

static void test_silence(void)
{
	struct reply other_answer = answer(2, NULL, "s", "late");

	other_answer.bytes[20] = 99; /* the answer to another request */
	open_pair(50);
	EXPECT(ask() < 0 && errno == ETIMEDOUT);
	close_pair();
	open_pair(50);
	tell(&other_answer);
	EXPECT(ask() < 0 && errno == ETIMEDOUT);
	close_pair();
	/* A job that nobody names never ends. */
	open_pair(50);
	other_answer = answer(2, NULL, "s", "");
	tell(&other_answer);
	EXPECT(ask() == 0 && bus_wait_job(&bus) < 0 && errno == EBADMSG);
	close_pair();
}

/* Cut short at every length, and with each byte wrong in several ways. */
static void test_damage(void)
{
	static const unsigned char wrong[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	struct reply whole[] = {
		answer(2, NULL, "o", "/job/7"),
		answer(3, "org.example.Error", "s", "no"),
		answer(2, NULL, "v", "/user.slice"),
		job_removed("/job/7", "box.scope", "done"),
	};

	for (size_t n = 0; n < sizeof(whole) / sizeof(*whole); n++) {
		struct reply *r = &whole[n];

		for (size_t length = 0; length < r->size; length++) {
			struct reply cut = *r;

			cut.size = length;
			open_pair(1000);
			tell(&cut);
			shutdown(other, SHUT_WR);
			EXPECT(ask() < 0 && errno == ECONNRESET, "(cut to %zu: %d)", length, errno);
			close_pair();
		}
		for (size_t i = 0; i < r->size * sizeof(wrong); i++) {
			struct reply bad = *r;
			int result;

			bad.bytes[i / sizeof(wrong)] = wrong[i % sizeof(wrong)];
			open_pair(1000);
			tell(&bad);
			shutdown(other, SHUT_WR);
			errno = 0;
			result = ask();
			EXPECT(result == 0 || errno == ECONNRESET || errno == EBADMSG ||
				       errno == EREMOTEIO,
			       "(byte %zu: %d)", i / sizeof(wrong), errno);
			EXPECT(strnlen(bus.text, BUS_TEXT_ROOM) < BUS_TEXT_ROOM);
			EXPECT(strnlen(bus.error, BUS_TEXT_ROOM) < BUS_TEXT_ROOM);
			close_pair();
		}
	}
}

static void test_sizes(void)
{
	static unsigned char large[DBUS_ROOM];
	struct reply long_one, r = answer(2, NULL, "s", "fine");
	uint32_t body = sizeof(large);
	size_t done = 0;
	int room = 4 * DBUS_ROOM;

	/* A message that does not fit is passed over. */
	begin(&long_one, 4);
	end_fields(&long_one);
	memcpy(long_one.bytes + 4, &body, sizeof(body));
	open_pair(1000);
	setsockopt(other, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	tell(&long_one);
	while (done < sizeof(large)) {
		ssize_t n = send(other, large + done, sizeof(large) - done, MSG_NOSIGNAL);

		if (n < 0)
			break;
		done += (size_t)n;
	}
	tell(&r);
	EXPECT(ask() == 0 && strcmp(bus.text, "fine") == 0);
	/* And a request that does not fit is not sent. */
	bus_begin(&bus, "interface", "Member", "s");
	memset(large, 'x', sizeof(large) - 1);
	dbus_put_text(&bus.out, (const char *)large);
	EXPECT(bus_call(&bus) < 0 && errno == E2BIG);
	close_pair();
}

void test_bus(void)
{
	test_answers();
	test_silence();
	test_damage();
	test_sizes();
}
