/*
 * The reader of CRIU's answers.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "../criu_message.h"
#include "walk.h"

#define BYTES(text) (text), sizeof(text) - 1

static const struct {
	const char *bytes;
	size_t length;
	bool sound;
	uint64_t type;
	uint64_t success;
	uint64_t error;
	uint64_t pid;
	const char *script;
	const char *message;
} cases[] = {
	{ BYTES(""), true, 0, 0, 0, 0, "", "" },
	{ BYTES("\x08\x02\x10\x01"), true, 2, 1, 0, 0, "", "" },
	/* A pid of a restore, one of a notification with its name, and a message. */
	{ BYTES("\x08\x02\x10\x01\x22\x03\x08\xac\x02"), true, 2, 1, 0, 300, "", "" },
	{ BYTES("\x08\x06\x2a\x07\x0a\x03pre\x10\x07"), true, 6, 0, 0, 7, "pre", "" },
	{ BYTES("\x38\x16\x4a\x02no"), true, 0, 0, 22, 0, "", "no" },
	/* Fields of fixed length, and ones that nobody knows, are passed over. */
	{ BYTES("\x79"
		"12345678"
		"\x7d"
		"1234"
		"\x10\x01"),
	  true, 0, 1, 0, 0, "", "" },
	{ BYTES("\xfa\x07\x02xx\x10\x01"), true, 0, 1, 0, 0, "", "" },
	/* Text where a number is awaited, and the other way round. */
	{ BYTES("\x4a\x00"), true, 0, 0, 0, 0, "", "" },
	{ BYTES("\x48\x05\x28\x05"), true, 0, 0, 0, 0, "", "" },
	/* Lengths beyond the end, and groups, which nobody uses. */
	{ BYTES("\x4a\x03no"), false, 0, 0, 0, 0, "", "" },
	{ BYTES("\x4a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), false, 0, 0, 0, 0, "", "" },
	{ BYTES("\x2a\x02\x0a\x03"), false, 0, 0, 0, 0, "", "" },
	{ BYTES("\x0b"), false, 0, 0, 0, 0, "", "" },
	{ BYTES("\x08"), false, 0, 0, 0, 0, "", "" },
	{ BYTES("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), false, 0, 0, 0, 0, "", "" },
};

static bool is_text(struct bytes b, const char *text)
{
	return b.length == strlen(text) && (b.length == 0 || memcmp(b.at, text, b.length) == 0);
}

void test_criu_message(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		unsigned char *copy = exact_copy(cases[i].bytes, cases[i].length);
		struct criu_response r;

		EXPECT(read_criu_response((struct bytes){ copy, cases[i].length }, &r) ==
			       cases[i].sound,
		       "(case %zu)", i);
		if (cases[i].sound)
			EXPECT(r.type == cases[i].type && r.success == cases[i].success &&
				       r.error == cases[i].error && r.pid == cases[i].pid &&
				       is_text(r.script, cases[i].script) &&
				       is_text(r.message, cases[i].message),
			       "(case %zu)", i);
		/* Any part of it: whatever it says, within its bounds. */
		for (size_t length = 0; length < cases[i].length; length++) {
			unsigned char *part = exact_copy(cases[i].bytes, length);

			read_criu_response((struct bytes){ part, length }, &r);
			free(part);
		}
		free(copy);
	}
}
