/*
 * The reader of passwd lines.
 */
#include "check.h"

#include <stdio.h>
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
	{ "+::0:0::/nis:", 0, NULL },
	{ "+nis:x:0:0::/nis:", 0, NULL },
	{ "-nis:x:0:0::/nis:", 0, NULL },
	{ "#root:x:0:0::/note:", 0, NULL },
	{ " \troot:x:0:0::/root:", 0, "HOME=/root" },
	{ "user:x:1000:1000::/home/user\r", 1000, "HOME=/home/user" },
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

/* Which user's home a file gives of this text, over and over. */
static bool look_up(const char *text, size_t length, size_t size, uint64_t uid, char home[64])
{
	FILE *file = tmpfile();
	bool found;

	for (size_t done = 0; done < size; done += length)
		fwrite(text, 1, size - done < length ? size - done : length, file);
	rewind(file);
	found = find_home(fileno(file), uid, home, 64);
	fclose(file);
	return found;
}

static void test_files(void)
{
	static const struct {
		const char *text;
		const char *home;
	} files[] = {
		{ "a:x:1:1::/a:\nb:x:7:7::/b:\n", "HOME=/b" },
		{ "a:x:1:1::/a:\nb:x:7:7::/b:", "HOME=/b" }, /* no newline at its end */
		{ "a:x:1:1::/a:\nb:x:7:7::/b", "HOME=/b" },
		{ "a:x:1:1::/a:\r\nb:x:7:7::/b:/bin/sh\r\n", "HOME=/b" },
		{ "\n\n# b:x:7:7::/c:\nb:x:7:7::/b:\n", "HOME=/b" },
		{ "b:x:7:7::/b:\nc:x:7:7::/c:\n", "HOME=/b" }, /* the first counts */
		{ "b:x:7:7:\n:/b:\n", NULL },
		{ "", NULL },
		{ "\n", NULL },
	};
	char home[64];
	char *lines;
	size_t size = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		size_t length = strlen(files[i].text);
		bool found = look_up(files[i].text, length, length, 7, home);

		EXPECT(found == (files[i].home != NULL), "(file %zu)", i);
		EXPECT(!found || strcmp(home, files[i].home) == 0, "(file %zu: %s)", i, home);
	}
	/* Lines around the size of the buffer; one that is longer is none, the next is one. */
	lines = malloc(10000);
	for (size_t length = 4080; length < 4110; length++) {
		memset(lines, 'x', length);
		lines[length] = '\n';
		size = length + 1 + (size_t)sprintf(lines + length + 1, "b:x:7:7::/b:");
		EXPECT(look_up(lines, size, size, 7, home), "(a line of %zu)", length);
	}
	size = (size_t)sprintf(lines, "b:x:7:7::/b:");
	memset(lines + size, 'x', 8000);
	EXPECT(!look_up(lines, size + 8000, size + 8000, 7, home), "(a long line)");
	/* No more than a MiB of it. */
	EXPECT(!look_up("x:x:1:1::/:\n", 12, 1 << 21, 7, home), "(a large file)");
	free(lines);
}

void test_passwd(void)
{
	test_files();
	test_cases();
	test_room();
	test_cuts();
}
