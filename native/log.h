/*
 * Lines for the user: warnings, and those of --debug, as src/log.ts writes them.
 */
#ifndef TSOCI_LOG_H
#define TSOCI_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "command_line.h"

/* Keeps what the flags say: --log, --log-format, --log-level. */
void log_settle(const struct command_line *line);

/* To the file of --log; to standard error where there is none. */
__attribute__((format(printf, 1, 2))) void log_warning(const char *format, ...);

/* To standard error, and to the file of --log. */
void log_error(const char *text, const char *hint);

/* One line in the format of the log, by one write; -1 for a file that there is not. Is it there? */
bool log_line(int fd, const char *level, const char *text);

/* Within quotes of JSON. What has no room is left out. */
void log_escape(char *out, size_t room, const char *text);

/* Microseconds of a clock that is the same in every time namespace. */
uint64_t log_now(void);

#endif
