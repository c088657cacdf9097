/*
 * A connection to systemd: requests and their answers, each with a deadline.
 *
 * Just as much of D-Bus as it takes (D-Bus Specification). What comes in is bounded, and not one
 * length in it is believed.
 */
#ifndef TSOCI_BUS_H
#define TSOCI_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define BUS_MESSAGE_ROOM 65536
#define BUS_TEXT_ROOM 512

struct bus {
	int fd;
	uint32_t serial;
	bool full; /* the request does not fit */
	struct timespec deadline;
	size_t size; /* of the request */
	size_t body; /* where the body begins */
	unsigned char out[BUS_MESSAGE_ROOM];
	unsigned char in[BUS_MESSAGE_ROOM];
	size_t in_size;
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

/* Begins a request to systemd's manager; then the body, in order; then bus_call. */
void bus_begin(struct bus *b, const char *interface, const char *member, const char *signature);
void bus_put_text(struct bus *b, const char *text);
void bus_put_number(struct bus *b, uint32_t number);
void bus_put_signature(struct bus *b, const char *signature);
void bus_put_bytes(struct bus *b, const void *bytes, size_t length);
void bus_align(struct bus *b, size_t to);
/* An array: its place, to be told to bus_end_array once the elements are in. */
size_t bus_begin_array(struct bus *b);
void bus_end_array(struct bus *b, size_t array);

/*
 * Sends, and waits for the answer: 0, or -1 with errno; EREMOTEIO means that b->error and b->text
 * have what systemd said.
 */
int bus_call(struct bus *b);

/* Waits until the job in b->text is done; its result is in b->result. */
int bus_wait_job(struct bus *b);

#endif
