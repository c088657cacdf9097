/*
 * Messages of D-Bus (D-Bus Specification), as far as it takes to talk to systemd.
 */
#ifndef TSOCI_DBUS_H
#define TSOCI_DBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DBUS_ROOM 65536
#define DBUS_HEADER 16 /* bytes in front of the first header field */

enum dbus_type { DBUS_METHOD_CALL = 1, DBUS_METHOD_RETURN, DBUS_ERROR, DBUS_SIGNAL };

struct dbus_request {
	bool full; /* it does not fit */
	size_t size;
	size_t body; /* where that begins */
	unsigned char bytes[DBUS_ROOM];
};

/* Begins a call; then the body, in order; then dbus_end, which is false for one that does not fit.
 */
void dbus_begin(struct dbus_request *r, uint32_t serial, const char *to, const char *path,
		const char *interface, const char *member, const char *signature);
void dbus_put_text(struct dbus_request *r, const char *text);
void dbus_put_number(struct dbus_request *r, uint32_t number);
void dbus_put_signature(struct dbus_request *r, const char *signature);
void dbus_put_bytes(struct dbus_request *r, const void *bytes, size_t length);
void dbus_align(struct dbus_request *r, size_t to);
/* An array: its place, to be told to dbus_end_array once the elements are in. */
size_t dbus_begin_array(struct dbus_request *r);
void dbus_end_array(struct dbus_request *r, size_t array);
bool dbus_end(struct dbus_request *r);

struct dbus_reader {
	const unsigned char *base;
	size_t at;
	size_t end;
	bool bad;
};

struct dbus_message {
	unsigned char type;
	uint32_t reply_serial;
	const char *member;
	const char *error;
	const char *signature;
	struct dbus_reader body;
};

/* How long the message with these DBUS_HEADER bytes is; 0 for one that can't be read. */
uint64_t dbus_size(const unsigned char *head);

/* Reads a whole one: its header, and where the body is. False when it is none. */
bool dbus_read(const unsigned char *bytes, struct dbus_message *m);

uint32_t dbus_take_number(struct dbus_reader *r);

/* A text, a path, or a signature; "" when there is none. */
const char *dbus_take_text(struct dbus_reader *r, bool is_signature);

#endif
