/*
 * Reads messages of CRIU's rpc.proto; src/plan/criu-message.ts writes them.
 */
#include "criu_message.h"

#include <string.h>

/* Numbers of rpc.proto. */
enum {
	RESPONSE_TYPE = 1,
	RESPONSE_SUCCESS = 2,
	RESPONSE_RESTORE = 4,
	RESPONSE_NOTIFY = 5,
	RESPONSE_ERRNO = 7,
	RESPONSE_MESSAGE = 9
};
enum { NOTIFY_SCRIPT = 1, NOTIFY_PID = 2, RESTORE_PID = 1 };

static bool take_varint(struct bytes *b, uint64_t *value)
{
	*value = 0;
	for (int shift = 0; b->length > 0 && shift < 64; shift += 7) {
		unsigned char byte = *b->at++;

		b->length--;
		*value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

/* One field: its number, and its value as a number or as bytes. */
static bool take_field(struct bytes *b, uint64_t *number, uint64_t *value, struct bytes *inner)
{
	static const size_t fixed[] = { [1] = 8, [5] = 4 };
	uint64_t key;
	unsigned int kind;

	if (!take_varint(b, &key))
		return false;
	*number = key >> 3;
	kind = key & 7;
	*value = 0;
	inner->length = 0;
	if (kind == 0)
		return take_varint(b, value);
	if (kind == 2 && !take_varint(b, value))
		return false;
	if (kind == 1 || kind == 5)
		*value = fixed[kind];
	else if (kind != 2)
		return false;
	if (*value > b->length)
		return false;
	inner->at = b->at;
	inner->length = (size_t)*value;
	b->at += inner->length;
	b->length -= inner->length;
	return true;
}

bool read_criu_response(struct bytes b, struct criu_response *r)
{
	memset(r, 0, sizeof(*r));
	while (b.length > 0) {
		uint64_t number;
		uint64_t value;
		struct bytes inner;

		if (!take_field(&b, &number, &value, &inner))
			return false;
		if (number == RESPONSE_TYPE)
			r->type = value;
		else if (number == RESPONSE_SUCCESS)
			r->success = value;
		else if (number == RESPONSE_ERRNO)
			r->error = value;
		else if (number == RESPONSE_MESSAGE)
			r->message = inner;
		while ((number == RESPONSE_RESTORE || number == RESPONSE_NOTIFY) &&
		       inner.length > 0) {
			bool notify = number == RESPONSE_NOTIFY;
			uint64_t field;
			struct bytes text;

			if (!take_field(&inner, &field, &value, &text))
				return false;
			if (notify && field == NOTIFY_SCRIPT)
				r->script = text;
			else if (field == (notify ? NOTIFY_PID : RESTORE_PID))
				r->pid = value;
		}
	}
	return true;
}
