/*
 * A passwd file (passwd(5)), as the C library reads it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "passwd.h"

#define MOST (1 << 20) /* more than that is no list of users */

bool home_of_line(const char *line, uint64_t uid, char *home, size_t room)
{
	const char *field[6];
	char *end;
	unsigned long found;
	size_t length;

	line += strspn(line, " \t");
	/* A comment, and what asks for a name service. */
	if (strchr("#+-", *line))
		return false;
	field[0] = line;
	for (int i = 1; i < 6; i++) {
		field[i] = strchr(field[i - 1], ':');
		if (!field[i])
			return false;
		field[i]++;
	}
	if (field[2][0] < '0' || field[2][0] > '9')
		return false;
	errno = 0;
	found = strtoul(field[2], &end, 10);
	if (errno || *end != ':' || found != uid)
		return false;
	length = strcspn(field[5], ":\r");
	if (length == 0 || length + sizeof("HOME=") > room)
		return false;
	snprintf(home, room, "HOME=%.*s", (int)length, field[5]);
	return true;
}

bool find_home(int file, uint64_t uid, char *home, size_t room)
{
	static char buffer[4096];
	size_t have = 0;
	size_t total = 0;
	bool skipping = false; /* a line that is longer than the buffer */

	for (;;) {
		ssize_t n = total < MOST ? read(file, buffer + have, sizeof(buffer) - 2 - have) : 0;
		char *line = buffer;
		char *end;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		/* The last line may have no end. */
		if (n == 0 && have > 0 && !skipping)
			buffer[have++] = '\n';
		have += (size_t)n;
		total += (size_t)n;
		while ((end = memchr(line, '\n', have - (size_t)(line - buffer)))) {
			*end = '\0';
			if (!skipping && home_of_line(line, uid, home, room))
				return true;
			skipping = false;
			line = end + 1;
		}
		if (n == 0)
			return false;
		have -= (size_t)(line - buffer);
		memmove(buffer, line, have);
		if (have == sizeof(buffer) - 2) {
			skipping = true;
			have = 0;
		}
	}
}
