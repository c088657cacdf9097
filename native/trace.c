/*
 * What is done and how long it takes: --trace FILE, and the lines of --debug.
 */
#define _GNU_SOURCE
#include "trace.h"
#include "errno_name.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_FD 300 /* out of the way of those that the caller hands to the container */

bool tracing;
static int trace_fd = -1;
static int debug_fd = -1;
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
		log_warning("--%s \"%s\": %s", flag, path, errno_name(errno));
	if (fd >= 0)
		close(fd);
	return high;
}

void trace_open(const struct command_line *line)
{
	const char *trace = flag_value(line, "trace");
	const char *log = log_path(line);
	const char *level = flag_value(line, "log-level");

	if (trace && *trace)
		trace_fd = open_high(trace, "trace");
	if (flag_value(line, "debug") || (level && strcmp(level, "debug") == 0)) {
		debug_is_caller = !*log;
		debug_fd = debug_is_caller ? fcntl(2, F_DUPFD_CLOEXEC, FIRST_FD) :
					     open_high(log, "log");
	}
	tracing = trace_fd >= 0 || debug_fd >= 0;
}

void trace_say(const char *text)
{
	log_line(debug_fd, "debug", text);
}

static void write_span(const char *section, uint32_t index, const char *step, const char *at,
		       uint64_t begin, const char *error)
{
	uint64_t taken = log_now() - begin;
	char line[1024];
	char text[256];
	char pointer[512];
	int length;

	log_escape(pointer, sizeof(pointer), at);
	length = snprintf(line, sizeof(line),
			  "{\"start\":%llu,\"us\":%llu,\"section\":\"%s\",\"index\":%u,"
			  "\"step\":\"%s\"%s%s%s%s%s%s}\n",
			  (unsigned long long)begin, (unsigned long long)taken, section, index,
			  step, *at ? ",\"at\":\"" : "", pointer, *at ? "\"" : "",
			  *error ? ",\"error\":\"" : "", error, *error ? "\"" : "");
	if (trace_fd >= 0 && length > 0 && (size_t)length < sizeof(line))
		(void)!write(trace_fd, line, (size_t)length);
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
