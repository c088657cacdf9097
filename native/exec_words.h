/*
 * What the command line of an exec names.
 */
#ifndef TSOCI_EXEC_WORDS_H
#define TSOCI_EXEC_WORDS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "command_line.h"

struct exec_words {
	char **args;
	const char *env[MAX_FLAGS];
	int n_env;
	const char *cwd; /* NULL: the container's */
	uint64_t uid;
	uint64_t gid;
	bool has_uid;
	bool has_gid;
	char gids[MAX_FLAGS][16];
	int n_gids;
	bool terminal;
	bool detach;
	char pid_file[PATH_MAX];
	char console_socket[PATH_MAX];
	const char *preserve_fds;
};

/* False for a flag, or a value, that is left to the engine. */
bool read_exec_words(struct exec_words *w, const struct command_line *line);

/* The rules of src/plan/terminal.ts; the engine has the words for who breaks them. */
bool may_have_console(const struct exec_words *w);

#endif
