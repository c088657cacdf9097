/*
 * One line of a passwd file (passwd(5)).
 */
#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "passwd.h"

bool home_of_line(const char *line, uint64_t uid, char *home, size_t room)
{
	const char *field[6];
	char *end;
	unsigned long found;
	size_t length;

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
	length = strcspn(field[5], ":");
	if (length == 0 || length + sizeof("HOME=") > room)
		return false;
	snprintf(home, room, "HOME=%.*s", (int)length, field[5]);
	return true;
}
