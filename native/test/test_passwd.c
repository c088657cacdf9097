/*
 * The reader of passwd lines.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "../passwd.h"
#include "walk.h"

static const struct {
	const char *line;
	uint64_t uid;
	const char *home; /* NULL: not the user's line, or no home in it */
} cases[] = {
	{ "root:x:0:0:root:/root:/bin/sh", 0, "HOME=/root" },
	{ "root:x:0:0:root:/root:/bin/sh", 1, NULL },
	{ "user:x:1000:1000:A. User,,,:/home/user:", 1000, "HOME=/home/user" },
	{ "user:x:1000:1000::/home/user", 1000, "HOME=/home/user" },
	{ "user::1000:1000::/:/bin/sh:more", 1000, "HOME=/" },
	{ "max:x:4294967295:0::/max:", 4294967295, "HOME=/max" },
	{ "wrap:x:4294967296:0::/wrap:", 0, NULL },
	{ "wrap:x:18446744073709551616:0::/wrap:", 0, NULL },
	{ "sign:x:-1:0::/sign:", UINT64_MAX, NULL },
	{ "plus:x:+0:0::/plus:", 0, NULL },
	{ "space:x: 0:0::/space:", 0, NULL },
	{ "hex:x:0x0:0::/hex:", 0, NULL },
	{ "tail:x:0a:0::/tail:", 0, NULL },
	{ "none:x::0::/none:", 0, NULL },
	{ "home:x:0:0:::/bin/sh", 0, NULL },
	{ "home:x:0:0::", 0, NULL },
	{ "short:x:0:0:", 0, NULL },
	{ "short:x:0", 0, NULL },
	{ "+::0:0::/nis:", 0, "HOME=/nis" },
	{ ":::::", 0, NULL },
	{ "", 0, NULL },
	{ ":", 0, NULL },
};

static void test_cases(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *line = exact_copy(cases[i].line, strlen(cases[i].line) + 1);
		char home[32] = "untouched";
		bool found = home_of_line(line, cases[i].uid, home, sizeof(home));

		EXPECT(found == (cases[i].home != NULL), "(\"%s\")", line);
		EXPECT(strcmp(home, found && cases[i].home ? cases[i].home : "untouched") == 0,
		       "(\"%s\": %s)", line, home);
		free(line);
	}
}

/* A home that just fits, and one byte less room. */
static void test_room(void)
{
	static const char line[] = "root:x:0:0:root:/root:/bin/sh";

	for (size_t room = 0; room < 16; room++) {
		char *home = malloc(room ? room : 1);

		EXPECT(home_of_line(line, 0, home, room) == (room >= sizeof("HOME=/root")),
		       "(room %zu)", room);
		free(home);
	}
}

/* A line cut anywhere is read to its end and no further. */
static void test_cuts(void)
{
	static const char line[] = "user:x:1000:1000:A. User:/home/user:/bin/sh";

	for (size_t length = 0; length < sizeof(line); length++) {
		char *copy = exact_copy(line, length + 1);
		char home[32];

		copy[length] = '\0';
		EXPECT(home_of_line(copy, 1000, home, sizeof(home)) ==
			       (length > strlen("user:x:1000:1000:A. User:")),
		       "(%zu)", length);
		free(copy);
	}
}

void test_passwd(void)
{
	test_cases();
	test_room();
	test_cuts();
}
