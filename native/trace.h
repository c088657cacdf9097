/*
 * What is done and how long it takes: --trace FILE, and the lines of --debug.
 */
#ifndef TSOCI_TRACE_H
#define TSOCI_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "command_line.h"
#include "launch.h"
#include "log.h"

/* Is anything told at all? All that a step pays for when nothing is. */
extern bool tracing;

/* Opens the files that the flags name. What can't be opened is a warning. */
void trace_open(const struct command_line *line);

void trace_step(struct launch *l, enum plan_section section, uint32_t index,
		const struct plan_step *s, uint64_t begin, bool failed);

/* Something that is no step: the engine's work. */
void trace_phase(const char *name, uint64_t begin);

/* A line of --debug alone. */
void trace_say(const char *text);

/* Descriptors that the child keeps until exec; -1 for none. */
void trace_fds(int fds[2]);

/* The caller's standard error is not written to any more: nobody may read it. */
void trace_leave_caller(void);

#endif
