/*
 * The answers of CRIU, of which six fields are enough.
 */
#ifndef TSOCI_CRIU_MESSAGE_H
#define TSOCI_CRIU_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRIU_PRE_DUMP 4 /* the type of the answer to one */
#define CRIU_NOTIFY 6 /* the type of a notification, and of its answer */

struct bytes {
	const unsigned char *at;
	size_t length;
};

struct criu_response {
	uint64_t type;
	uint64_t success;
	uint64_t error;
	uint64_t pid; /* of a restored init, or of a notification */
	struct bytes script;
	struct bytes message;
};

/* False for bytes that are no message. */
bool read_criu_response(struct bytes b, struct criu_response *r);

#endif
