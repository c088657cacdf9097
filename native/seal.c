/*
 * Copies of programs that nobody can write to: what runs inside a container's namespaces must not
 * lead back to the file on the host (CVE-2019-5736).
 */
#define _GNU_SOURCE
#include "seal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static int fill(int copy, int file)
{
	struct stat st;

	if (fstat(file, &st) < 0)
		return -1;
	for (off_t done = 0; done < st.st_size;) {
		ssize_t sent = sendfile(copy, file, &done, (size_t)(st.st_size - done));

		if (sent == 0)
			errno = EIO; /* it shrank under us */
		if (sent <= 0)
			return -1;
	}
	return fcntl(copy, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}

int sealed_copy(int file, const char *name)
{
	int copy = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (copy < 0 || fill(copy, file) == 0)
		return copy;
	close(copy);
	return -1;
}
