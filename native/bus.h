/*
 * A connection to systemd: requests and their answers, each with a deadline.
 */
#ifndef TSOCI_BUS_H
#define TSOCI_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "dbus.h"

#define BUS_TEXT_ROOM 512

struct bus {
	int fd;
	uint32_t serial;
	long timeout_ms;
	struct timespec deadline;
	struct dbus_request out;
	unsigned char in[DBUS_ROOM];
	/* The answer: a text of it, or an error. */
	char error[BUS_TEXT_ROOM]; /* its name, empty for none */
	char text[BUS_TEXT_ROOM]; /* the first text or path of the body */
	/* Of the last job that was removed of the unit that is watched. */
	const char *unit;
	char job[BUS_TEXT_ROOM];
	char result[BUS_TEXT_ROOM];
};

/* "systemd:UID:PATH", "bus:UID:PATH" or "bus:UID:@NAME"; 0, or -1 with errno. */
int bus_open(struct bus *b, const char *address, long timeout_ms);
void bus_close(struct bus *b);

/* What follows has this long. */
void bus_set_timeout(struct bus *b, long timeout_ms);

/* Begins a request to systemd's manager; then the body, into b->out; then bus_call. */
void bus_begin(struct bus *b, const char *interface, const char *member, const char *signature);

/*
 * Sends, and waits for the answer: 0, or -1 with errno; EREMOTEIO means that b->error and b->text
 * have what systemd said.
 */
int bus_call(struct bus *b);

/* Waits until the job in b->text is done; its result is in b->result. */
int bus_wait_job(struct bus *b);

#endif
