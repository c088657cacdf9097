/*
 * The key of a kept plan.
 */
#ifndef TSOCI_PLAN_KEY_H
#define TSOCI_PLAN_KEY_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "command_line.h"

/* All that a plan depends on, as bytes, and what of the command line is a slot. */
struct plan_key {
	char *bytes;
	size_t size;
	size_t config_size; /* they begin with the config's text, and the facts follow */
	char bundle[PATH_MAX];
	char pid_file[PATH_MAX];
	char console_socket[PATH_MAX];
	const char *preserve_fds;
};

/* False when a plan for this command line can't be known: then the engine decides. */
bool plan_key_make(struct plan_key *key, const struct command_line *line, const char *own_path);

/* A memfd with the facts of a key, or -1. */
int plan_key_facts(const struct plan_key *key);

/* The same for the process file of an exec; the plan is kept with its container. */
bool plan_key_of_process(struct plan_key *key, const char *file, bool detach, bool socket,
			 const char *own_path);

/* A path of the command line, PATH_MAX long. False for one that TypeScript would normalize. */
bool absolute_path(char *out, const char *path);

#endif
