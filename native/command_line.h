/*
 * As much of the command line as the front door must understand.
 */
#ifndef TSOCI_COMMAND_LINE_H
#define TSOCI_COMMAND_LINE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "generated/plan_ops.h"

#define MAX_FLAGS 64

struct command_line {
	const char *command; /* NULL: not one of those that the front door knows */
	bool launches; /* the engine is to write a plan */
	bool understood; /* every word of it */
	bool lists; /* understood, and wants no more than the ids */
	bool certain; /* understood, and a verb on an existing container */
	enum verb verb;
	char root[PATH_MAX];
	const char *id;
	char **rest; /* exec: what follows the id, up to NULL */
	char signal[16]; /* decimal; empty when none is named */
	int n_flags;
	struct {
		const char *name;
		const char *value; /* "true" of a boolean */
	} flags[MAX_FLAGS];
};

/* Exit status of a failure of our own: what exec runs may end with 1 itself. */
extern int failure_status;

void read_command_line(struct command_line *line, char **words);

/* The first n words of an argument vector, with room for them in front of `rest`; NULL with errno.
 */
char **words_before(size_t n, char **rest);

/* May a container be called that? */
bool is_id(const char *id);

bool in_initial_user_namespace(void);

/* Value of a flag, the last one given, or NULL. */
const char *flag_value(const struct command_line *line, const char *name);

/* File of --log, without the word that may stand in front of it; empty for none. */
const char *log_path(const struct command_line *line);

#endif
