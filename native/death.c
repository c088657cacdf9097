/*
 * Children that end before they are what they were to become: how, for whoever is told.
 */
#define _GNU_SOURCE
#include "interrupt.h"
#include "launch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DYING_MS 1000

int end_of(pid_t child, bool is_dying)
{
	int pidfd = is_dying ? (int)syscall(SYS_pidfd_open, child, 0) : -1;
	siginfo_t info = { 0 };

	if (pidfd >= 0) {
		wait_pidfd(pidfd, DYING_MS);
		close(pidfd);
	}
	if (waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) < 0)
		return 0;
	return info.si_code == CLD_EXITED ? info.si_status << 8 : info.si_status;
}

void tell_death(struct launch *l)
{
	struct failure *f = l->failure;
	bool is_dying = f->kind == FAILURE_INIT_DIED;
	int saved = errno;
	int status;

	/* Before the child is there its number is CRIU's, or nobody's. */
	if (l->child <= 0 || l->child_pidfd < 0 || interrupted ||
	    (!is_dying && f->kind != FAILURE_STEP))
		return;
	status = end_of(l->child, is_dying);
	if (is_dying || WIFSIGNALED(status)) {
		f->kind = FAILURE_INIT_DIED;
		f->status = status;
	}
	errno = saved;
}

#define FORKED_ONLY 0x40 /* PF_FORKNOEXEC of the kernel: has never called exec */

/* Without a report: by a memory limit, or from outside. */
bool died_before_exec(struct launch *l, pid_t pid, uint64_t start_time)
{
	char path[32];
	char text[1024];
	char *at;
	char state;
	unsigned int flags;

	snprintf(path, sizeof(path), "%d/stat", pid);
	if (read_start_time(l, pid, &state) != start_time || state != 'Z' ||
	    read_small(l->host_proc, path, text, sizeof(text)) < 0)
		return false;
	at = strrchr(text, ')');
	if (!at || sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) != 1 ||
	    !(flags & FORKED_ONLY))
		return false;
	/* proc_pid_stat(5): the last field is how it ended. */
	l->failure->status = atoi(strrchr(text, ' '));
	l->failure->kind = FAILURE_INIT_DIED;
	errno = ECHILD;
	return true;
}
