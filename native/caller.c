/*
 * What a caller leaves in the process that it starts us in: exec keeps descriptors that are closed
 * and signals that are ignored.
 */
#define _GNU_SOURCE
#include "caller.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

void settle_caller(void)
{
	/* Else a file of ours would be what errors, or the container, are written to. */
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			_exit(1);
	/* Ignored, the kernel reaps our children itself, and nobody knows how they ended. */
	signal(SIGCHLD, SIG_DFL);
	/* A write beyond the caller's RLIMIT_FSIZE is an error, with its undo, and no death. */
	signal(SIGXFSZ, SIG_IGN);
}
