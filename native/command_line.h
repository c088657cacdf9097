/*
 * As much of the command line as the front door must understand.
 */
#ifndef TSOCI_COMMAND_LINE_H
#define TSOCI_COMMAND_LINE_H

#include <limits.h>
#include <stdbool.h>

#include "generated/plan_ops.h"

#define MAX_WORDS 4096

struct command_line {
	bool certain; /* a verb on an existing container, every word of it understood */
	bool launches; /* the engine is to write a plan */
	enum verb verb;
	char root[PATH_MAX];
	const char *id;
	char signal[16]; /* decimal */
};

void read_command_line(struct command_line *line, char **words);

#endif
