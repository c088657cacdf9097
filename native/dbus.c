/*
 * Messages of D-Bus: written as the specification has them, and read without belief in a length.
 */
#define _GNU_SOURCE
#include "dbus.h"

#include <string.h>

enum { PATH = 1, INTERFACE, MEMBER, ERROR_NAME, REPLY_SERIAL, DESTINATION, SENDER, SIGNATURE };

/* Writing: */

void dbus_put_bytes(struct dbus_request *r, const void *bytes, size_t length)
{
	if (r->full || length > sizeof(r->bytes) - r->size) {
		r->full = true;
		return;
	}
	memcpy(r->bytes + r->size, bytes, length);
	r->size += length;
}

void dbus_align(struct dbus_request *r, size_t to)
{
	static const char zero[8];

	dbus_put_bytes(r, zero, (to - r->size % to) % to);
}

void dbus_put_number(struct dbus_request *r, uint32_t number)
{
	dbus_align(r, 4);
	dbus_put_bytes(r, &number, sizeof(number));
}

void dbus_put_text(struct dbus_request *r, const char *text)
{
	dbus_put_number(r, (uint32_t)strlen(text));
	dbus_put_bytes(r, text, strlen(text) + 1);
}

void dbus_put_signature(struct dbus_request *r, const char *signature)
{
	unsigned char length = (unsigned char)strlen(signature);

	dbus_put_bytes(r, &length, 1);
	dbus_put_bytes(r, signature, (size_t)length + 1);
}

/* Its elements begin at a multiple of eight, as those of every array that we send but of numbers.
 */
size_t dbus_begin_array(struct dbus_request *r)
{
	size_t array;

	dbus_put_number(r, 0);
	array = r->size;
	dbus_align(r, 8);
	return array;
}

void dbus_end_array(struct dbus_request *r, size_t array)
{
	size_t start = (array + 7) & ~(size_t)7;
	uint32_t length = (uint32_t)(r->size - start);

	if (!r->full)
		memcpy(r->bytes + array - sizeof(length), &length, sizeof(length));
}

static void put_field(struct dbus_request *r, unsigned char code, const char *type,
		      const char *value)
{
	dbus_align(r, 8);
	dbus_put_bytes(r, &code, 1);
	dbus_put_signature(r, type);
	if (*type == 'g')
		dbus_put_signature(r, value);
	else
		dbus_put_text(r, value);
}

void dbus_begin(struct dbus_request *r, uint32_t serial, const char *to, const char *path,
		const char *interface, const char *member, const char *signature)
{
	/* Byte order, type, flags, version; length of the body; serial; length of the fields. */
	const unsigned char start[DBUS_HEADER] = { 'l', DBUS_METHOD_CALL, 0, 1 };
	uint32_t length;

	r->full = false;
	r->size = 0;
	dbus_put_bytes(r, start, sizeof(start));
	memcpy(r->bytes + 8, &serial, sizeof(serial));
	put_field(r, PATH, "o", path);
	put_field(r, DESTINATION, "s", to);
	put_field(r, INTERFACE, "s", interface);
	put_field(r, MEMBER, "s", member);
	if (*signature)
		put_field(r, SIGNATURE, "g", signature);
	length = (uint32_t)(r->size - DBUS_HEADER);
	memcpy(r->bytes + 12, &length, sizeof(length));
	dbus_align(r, 8);
	r->body = r->size;
}

bool dbus_end(struct dbus_request *r)
{
	uint32_t length = (uint32_t)(r->size - r->body);

	memcpy(r->bytes + 4, &length, sizeof(length));
	return !r->full;
}

/* Reading: */

static const void *take(struct dbus_reader *r, size_t align, size_t length)
{
	size_t at = (r->at + align - 1) & ~(align - 1);

	if (r->bad || at > r->end || length > r->end - at) {
		r->bad = true;
		return NULL;
	}
	r->at = at + length;
	return r->base + at;
}

uint32_t dbus_take_number(struct dbus_reader *r)
{
	const void *bytes = take(r, 4, sizeof(uint32_t));
	uint32_t number = 0;

	if (bytes)
		memcpy(&number, bytes, sizeof(number));
	return number;
}

/* A text, a path, or a signature; "" when there is none. */
const char *dbus_take_text(struct dbus_reader *r, bool is_signature)
{
	size_t length;
	const char *text;

	if (is_signature) {
		const unsigned char *byte = take(r, 1, 1);

		length = byte ? *byte : 0;
	} else {
		length = dbus_take_number(r);
	}
	text = length < SIZE_MAX ? take(r, 1, length + 1) : NULL;
	if (!text || text[length] != '\0') {
		r->bad = true;
		return "";
	}
	return text;
}

static void read_fields(struct dbus_message *m, struct dbus_reader *r)
{
	while (!r->bad && r->at < r->end) {
		const unsigned char *code = take(r, 8, 1);
		const char *type = dbus_take_text(r, true);
		const char *text = "";
		uint32_t number = 0;

		if (strcmp(type, "u") == 0)
			number = dbus_take_number(r);
		else if (strcmp(type, "s") == 0 || strcmp(type, "o") == 0)
			text = dbus_take_text(r, false);
		else if (strcmp(type, "g") == 0)
			text = dbus_take_text(r, true);
		else
			r->bad = true; /* the specification knows no other */
		if (r->bad)
			return;
		if (*code == REPLY_SERIAL)
			m->reply_serial = number;
		else if (*code == MEMBER)
			m->member = text;
		else if (*code == ERROR_NAME)
			m->error = text;
		else if (*code == SIGNATURE)
			m->signature = text;
	}
}

static uint32_t number_at(const unsigned char *bytes)
{
	uint32_t number;

	memcpy(&number, bytes, sizeof(number));
	return number;
}

static uint64_t body_at(const unsigned char *head)
{
	return (DBUS_HEADER + (uint64_t)number_at(head + 12) + 7) & ~(uint64_t)7;
}

uint64_t dbus_size(const unsigned char *head)
{
	return head[0] == 'l' ? body_at(head) + number_at(head + 4) : 0;
}

bool dbus_read(const unsigned char *bytes, struct dbus_message *m)
{
	struct dbus_reader fields = {
		.base = bytes,
		.at = DBUS_HEADER,
		.end = DBUS_HEADER + number_at(bytes + 12),
	};

	read_fields(m, &fields);
	m->type = bytes[1];
	/* What is aligned in the message is aligned in the body: it begins at a multiple of eight.
	 */
	m->body =
		(struct dbus_reader){ .base = bytes + body_at(bytes), .end = number_at(bytes + 4) };
	return !fields.bad;
}
