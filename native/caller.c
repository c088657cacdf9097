/*
 * What a caller leaves in the process that it starts us in: exec keeps descriptors that are closed
 * and signals that are ignored.
 */
#define _GNU_SOURCE
#include "caller.h"
#include "errno_name.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/* What every verb takes at most on cgroup v2; each hierarchy of v1 takes another to join it. */
#define FEWEST 20

static bool has_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= FEWEST)
		return true;
	dprintf(2,
		"tsoci: too few file descriptors: RLIMIT_NOFILE is %d, at least %d are needed "
		"(ulimit -n)\n",
		(int)limit.rlim_cur, FEWEST);
	return false;
}

bool settle_caller(void)
{
	/* Else a file of ours would be what errors, or the container, are written to. */
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (errno == EBADF && open("/dev/null", O_RDWR) == fd)
			continue;
		dprintf(2, "tsoci: cannot open /dev/null as descriptor %d: %s\n", fd,
			errno_name(errno));
		return false;
	}
	/* Ignored, the kernel reaps our children itself, and nobody knows how they ended. */
	signal(SIGCHLD, SIG_DFL);
	/* A write beyond the caller's RLIMIT_FSIZE is an error, with its undo, and no death. */
	signal(SIGXFSZ, SIG_IGN);
	return has_descriptors();
}
