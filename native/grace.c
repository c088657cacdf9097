/*
 * Moving a process to another cgroup takes a lock that every fork of the system looks at. The first
 * to take it waits for an RCU grace period, 5 to 15 milliseconds; who comes soon after does not. So
 * while the engine compiles, a process that does nothing else moves itself to the cgroup where it
 * is, and the container's does not have to wait.
 */
#define _GNU_SOURCE
#include "grace.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "launch.h"

#define INTERVAL_MS 5 /* less than a grace period lasts */
#define TIMES 100 /* longer than any compile */

/* Our cgroup's file, in the hierarchy whose line of /proc/self/cgroup has `mark`. */
static int open_procs(const char *lines, const char *mark, const char *mount)
{
	char path[PATH_MAX];
	const char *line = strstr(lines, mark);

	if (!line)
		return -1;
	line += strlen(mark);
	if (snprintf(path, sizeof(path), "%s%.*s/cgroup.procs", mount, (int)strcspn(line, "\n"),
		     line) >= (int)sizeof(path))
		return -1;
	return open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
}

int open_own_freezer(void)
{
	char lines[8192];

	if (read_small(AT_FDCWD, "/proc/self/cgroup", lines, sizeof(lines)) <= 0)
		return -1;
	return open_procs(lines, ":freezer:", "/sys/fs/cgroup/freezer");
}

pid_t ask_for_grace(void)
{
	struct timespec interval = { .tv_nsec = INTERVAL_MS * 1000000 };
	char lines[8192];
	pid_t pid;
	int fd;

	if (read_small(AT_FDCWD, "/proc/self/cgroup", lines, sizeof(lines)) <= 0)
		return -1;
	fd = open_procs(lines, ":freezer:", "/sys/fs/cgroup/freezer");
	if (fd < 0)
		fd = open_procs(lines, "0::", "/sys/fs/cgroup");
	if (fd < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int i = 0; i < TIMES && write(fd, "0", 1) == 1; i++)
			nanosleep(&interval, NULL);
		_exit(0);
	}
	close(fd);
	return pid;
}
