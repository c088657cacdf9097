/*
 * The stopwatch of scripts/bench.ts: spawns commands in turn and times them.
 *
 * Usage: bench_spawn ROUNDS <commands. One command a line, fields separated by tabs:
 *   time|run GROUP FILE3 PROGRAM ARGV0 ARGV1...
 *   await GROUP PIDFILE
 * Each round runs the lines of each group in order; their order changes from round to round, since
 * what a runtime leaves to the kernel to clean up slows the one behind it. `time` counts towards
 * its group, `run` does not; `await` waits until the process whose pid is in PIDFILE has ended.
 * FILE3, if not empty, is descriptor 3. Prints for each round and group: GROUP NANOSECONDS
 * MAXRSS_KB.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_LINES 256
#define MAX_FIELDS 64
#define MAX_GROUPS 16

struct line {
	int group;
	char *field[MAX_FIELDS + 1];
	int count;
};

static struct line lines[MAX_LINES];
static int line_count;
static char *groups[MAX_GROUPS];
static int group_count;
static long long spent[MAX_GROUPS];
static long peak[MAX_GROUPS];

static _Noreturn void give_up(const struct line *line, const char *why)
{
	fprintf(stderr, "%s:", why);
	for (int i = 0; i < line->count; i++)
		fprintf(stderr, " %s", line->field[i]);
	fputc('\n', stderr);
	exit(1);
}

static int find_group(const char *name)
{
	for (int i = 0; i < group_count; i++)
		if (strcmp(groups[i], name) == 0)
			return i;
	if (group_count == MAX_GROUPS)
		abort();
	groups[group_count] = strdup(name);
	return group_count++;
}

static void read_lines(void)
{
	char *text = NULL;
	size_t room = 0;
	ssize_t n;

	while ((n = getline(&text, &room, stdin)) > 0 && line_count < MAX_LINES) {
		struct line *line = &lines[line_count++];
		char *rest = strdup(text);

		rest[strcspn(rest, "\n")] = '\0';
		while (rest && line->count < MAX_FIELDS)
			line->field[line->count++] = strsep(&rest, "\t");
		if (line->count < 3)
			give_up(line, "too short");
		line->group = find_group(line->field[1]);
	}
	free(text);
}

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void spawn_line(const struct line *line, bool timed)
{
	posix_spawn_file_actions_t files;
	struct rusage usage;
	long long start;
	int status;
	int error;
	pid_t pid;

	posix_spawn_file_actions_init(&files);
	for (int fd = 0; fd < 3; fd++)
		posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
	if (*line->field[2])
		posix_spawn_file_actions_addopen(&files, 3, line->field[2], O_RDWR, 0);
	start = now_ns();
	error = posix_spawn(&pid, line->field[3], &files, NULL, (char **)line->field + 4, environ);
	if (error)
		give_up(line, strerror(error));
	while (wait4(pid, &status, 0, &usage) < 0)
		if (errno != EINTR)
			give_up(line, strerror(errno));
	if (timed) {
		spent[line->group] += now_ns() - start;
		if (usage.ru_maxrss > peak[line->group])
			peak[line->group] = usage.ru_maxrss;
	}
	posix_spawn_file_actions_destroy(&files);
	if (status != 0)
		give_up(line, "failed");
}

static void await_end(const struct line *line)
{
	FILE *file = fopen(line->field[2], "r");
	struct pollfd one = { .events = POLLIN };
	int pid;

	if (!file || fscanf(file, "%d", &pid) != 1)
		give_up(line, "no pid");
	fclose(file);
	one.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (one.fd >= 0) {
		if (poll(&one, 1, 10000) != 1)
			give_up(line, "does not end");
		close(one.fd);
	}
	waitpid(pid, NULL, 0);
}

static void run_group(int group)
{
	for (int i = 0; i < line_count; i++) {
		const struct line *line = &lines[i];

		if (line->group != group)
			continue;
		if (strcmp(line->field[0], "await") == 0)
			await_end(line);
		else
			spawn_line(line, strcmp(line->field[0], "time") == 0);
	}
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 1;

	/* The inits of containers become our children, to be reaped. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	read_lines();
	for (int round = 0; round < rounds; round++) {
		memset(spent, 0, sizeof(spent));
		memset(peak, 0, sizeof(peak));
		for (int i = 0; i < group_count; i++) {
			int turn = (round / 2 + i) % group_count;

			run_group(round % 2 ? group_count - 1 - turn : turn);
		}
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		for (int i = 0; i < group_count; i++)
			printf("%s %lld %ld\n", groups[i], spent[i], peak[i]);
		fflush(stdout);
	}
	return 0;
}
