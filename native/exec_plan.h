/*
 * The plan of an exec, without JavaScript.
 */
#ifndef TSOCI_EXEC_PLAN_H
#define TSOCI_EXEC_PLAN_H

#include "command_line.h"

/*
 * A request for the executor, made of the steps that create stored. -1 leaves the line to the
 * engine: whatever is not certain, and every error, with the same result.
 */
int exec_plan_make(const struct command_line *line);

#endif
