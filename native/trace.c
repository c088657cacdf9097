/*
 * What is done and how long it takes: --trace FILE, and the lines of --debug. Written by both sides
 * of a launch, so without malloc, stdio and time zones; each line is one write to a file that is
 * appended to.
 */
#define _GNU_SOURCE
#include "trace.h"
#include "errno_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FIRST_FD 300 /* out of the way of those that the caller hands to the container */

bool tracing;
static int trace_fd = -1;
static int debug_fd = -1;
static bool debug_json;
static bool debug_is_caller;

static const char *const ops[] = { PLAN_OP_NAMES };
static const char *const sections[] = { PLAN_SECTION_NAMES };

static int open_high(const char *path, const char *flag)
{
	/* A regular file never blocks, and never ends a writer by SIGPIPE. */
	int fd =
		open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
	struct stat st;
	int high = -1;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		high = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD);
	else if (fd >= 0)
		errno = EINVAL;
	if (high < 0)
		dprintf(2, "warning: --%s \"%s\": %s\n", flag, path, errno_name(errno));
	if (fd >= 0)
		close(fd);
	return high;
}

void trace_open(const struct command_line *line)
{
	const char *trace = flag_value(line, "trace");
	const char *log = log_path(line);
	const char *format = flag_value(line, "log-format");
	const char *level = flag_value(line, "log-level");

	if (trace && *trace)
		trace_fd = open_high(trace, "trace");
	if (flag_value(line, "debug") || (level && strcmp(level, "debug") == 0)) {
		debug_json = format && strcmp(format, "json") == 0;
		debug_is_caller = !*log;
		debug_fd = debug_is_caller ? fcntl(2, F_DUPFD_CLOEXEC, FIRST_FD) :
					     open_high(log, "log");
	}
	tracing = trace_fd >= 0 || debug_fd >= 0;
}

/* Not CLOCK_MONOTONIC: that is another one in the container's time namespace. */
uint64_t trace_now(void)
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

/* Within quotes of JSON. What has no room is left out. */
static void escape(char *out, size_t room, const char *text)
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

static void write_line(int fd, const char *line, int length, size_t room)
{
	if (fd >= 0 && length > 0 && (size_t)length < room)
		(void)!write(fd, line, (size_t)length);
}

void trace_say(const char *text)
{
	char line[1024];
	char escaped[768];
	char time[40];

	if (debug_fd < 0)
		return;
	escape(escaped, sizeof(escaped), text);
	write_time(time, sizeof(time), trace_now());
	write_line(debug_fd, line,
		   debug_json ? snprintf(line, sizeof(line),
					 "{\"level\":\"debug\",\"msg\":\"%s\",\"time\":\"%s\"}\n",
					 escaped, time) :
				snprintf(line, sizeof(line), "time=\"%s\" level=debug msg=\"%s\"\n",
					 time, escaped),
		   sizeof(line));
}

static void write_span(const char *section, uint32_t index, const char *step, const char *at,
		       uint64_t begin, const char *error)
{
	uint64_t taken = trace_now() - begin;
	char line[1024];
	char text[256];
	char pointer[512];

	escape(pointer, sizeof(pointer), at);
	write_line(trace_fd, line,
		   snprintf(line, sizeof(line),
			    "{\"start\":%llu,\"us\":%llu,\"section\":\"%s\",\"index\":%u,"
			    "\"step\":\"%s\"%s%s%s%s%s%s}\n",
			    (unsigned long long)begin, (unsigned long long)taken, section, index,
			    step, *at ? ",\"at\":\"" : "", pointer, *at ? "\"" : "",
			    *error ? ",\"error\":\"" : "", error, *error ? "\"" : ""),
		   sizeof(line));
	if (debug_fd < 0)
		return;
	snprintf(text, sizeof(text), "%s %s%s%.100s%s: %llu us%s%s", section, step, *at ? " [" : "",
		 at, *at ? "]" : "", (unsigned long long)taken, *error ? ": " : "", error);
	trace_say(text);
}

void trace_step(struct launch *l, enum plan_section section, uint32_t index,
		const struct plan_step *s, uint64_t begin, bool failed)
{
	int error = errno;
	const char *name = failed ? errno_name(error) : "";

	write_span(sections[section], index, ops[s->op], plan_raw(&l->plan, s->at, NULL), begin,
		   name);
	errno = error;
}

void trace_phase(const char *name, uint64_t begin)
{
	if (tracing)
		write_span("engine", 0, name, "", begin, "");
}

void trace_fds(int fds[2])
{
	fds[0] = trace_fd;
	fds[1] = debug_fd;
}

void trace_leave_caller(void)
{
	if (debug_is_caller && debug_fd >= 0) {
		close(debug_fd);
		debug_fd = -1;
	}
}
