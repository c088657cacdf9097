/*
 * Lines for the user. Written by both sides of a launch, so without malloc, stdio and time zones;
 * each line is one write to a file that is appended to.
 */
#define _GNU_SOURCE
#include "log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE 3072 /* the end of a hook's output has its place */

static const char *file = "";
static bool is_json;
static bool errors_only;

void log_settle(const struct command_line *line)
{
	const char *format = flag_value(line, "log-format");
	const char *level = flag_value(line, "log-level");

	file = log_path(line);
	is_json = format && strcmp(format, "json") == 0;
	errors_only = level && strcmp(level, "error") == 0;
}

/* Not CLOCK_MONOTONIC: that is another one in the container's time namespace. */
uint64_t log_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* RFC 3339 in UTC. gmtime(3) would look for a time zone, perhaps in the container. */
static void write_time(char *out, size_t room, uint64_t at)
{
	uint64_t seconds = at / 1000000;
	uint64_t of_day = seconds % 86400;
	/* Days since 0000-03-01, in eras of 400 years. */
	uint64_t days = seconds / 86400 + 719468;
	uint64_t era = days / 146097;
	uint64_t day_of_era = days % 146097;
	uint64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	uint64_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	uint64_t shifted = (5 * day_of_year + 2) / 153;
	uint64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
	uint64_t year = year_of_era + era * 400 + (month <= 2);

	snprintf(out, room, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", (unsigned int)year,
		 (unsigned int)month, (unsigned int)(day_of_year - (153 * shifted + 2) / 5 + 1),
		 (unsigned int)(of_day / 3600), (unsigned int)(of_day / 60 % 60),
		 (unsigned int)(of_day % 60), (unsigned int)(at / 1000 % 1000));
}

void log_escape(char *out, size_t room, const char *text)
{
	size_t n = 0;

	for (; *text && n + 7 < room; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\') {
			out[n++] = '\\';
			out[n++] = *text;
		} else if (c < ' ') {
			n += (size_t)snprintf(out + n, room - n, "\\u%04x", c);
		} else {
			out[n++] = *text;
		}
	}
	out[n] = '\0';
}

bool log_line(int fd, const char *level, const char *text)
{
	char line[2 * MESSAGE];
	char escaped[2 * MESSAGE - 128];
	char time[40];
	int length;

	if (fd < 0)
		return false;
	log_escape(escaped, sizeof(escaped), text);
	write_time(time, sizeof(time), log_now());
	length = snprintf(line, sizeof(line),
			  is_json ? "{\"level\":\"%2$s\",\"msg\":\"%3$s\",\"time\":\"%1$s\"}\n" :
				    "time=\"%1$s\" level=%2$s msg=\"%3$s\"\n",
			  time, level, escaped);
	return length > 0 && (size_t)length < sizeof(line) &&
	       write(fd, line, (size_t)length) == length;
}

void log_warning(const char *format, ...)
{
	char text[MESSAGE];
	va_list values;
	bool told = false;
	int fd;

	if (errors_only)
		return;
	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	if (*file) {
		fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
			  0644);
		told = log_line(fd, "warning", text);
		if (fd >= 0)
			close(fd);
	}
	if (told)
		return;

	/* A hook's output, or a name, may tell a terminal what to do. */
	for (unsigned char *c = (unsigned char *)text; *c; c++)
		if ((*c < ' ' && *c != '\n' && *c != '\t') || *c == 0x7f)
			*c = '?';
	dprintf(2, "warning: %s\n", text);
}

void log_error(const char *text, const char *hint)
{
	char line[MESSAGE];
	int fd = *file ? open(file,
			      O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
			      0644) :
			 -1;

	dprintf(2, "error: %s\nhint: %s\n", text, hint);
	snprintf(line, sizeof(line), "%s (%s)", text, hint);
	log_line(fd, "error", line);
	if (fd >= 0)
		close(fd);
}
