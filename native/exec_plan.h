/*
 * The plan of an exec, without JavaScript.
 */
#ifndef TSOCI_EXEC_PLAN_H
#define TSOCI_EXEC_PLAN_H

#include "command_line.h"
#include "plan_key.h"

/* What stays with the container when the engine has compiled a process file. */
struct exec_plan {
	int state_dir;
	struct plan_key key; /* no bytes: not to be kept */
};

/*
 * A request for the executor, made of the steps that create stored or of a plan that was kept. -1
 * leaves the line to the engine: whatever is not certain, and every error, with the same result.
 */
int exec_plan_make(struct exec_plan *exec, const struct command_line *line, const char *own_path);

/* Keeps what the engine made of the line. */
void exec_plan_keep(const struct exec_plan *exec, int request);

#endif
