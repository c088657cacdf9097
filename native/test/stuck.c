/*
 * Never ends by itself, and no freezer holds it: it writes a page that nobody provides, and the
 * kernel lets nothing but SIGKILL end that wait. Prints a line just before.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static long check(const char *call, long result)
{
	if (result < 0) {
		perror(call);
		exit(1);
	}
	return result;
}

int main(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	int faults = (int)check("userfaultfd", syscall(SYS_userfaultfd, O_CLOEXEC));
	int ends[2];
	void *page;

	check("UFFDIO_API", ioctl(faults, UFFDIO_API, &api));
	page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	range.range.start = (unsigned long)page;
	range.range.len = size;
	check("UFFDIO_REGISTER", ioctl(faults, UFFDIO_REGISTER, &range));
	check("pipe2", pipe2(ends, O_CLOEXEC));
	puts("stuck");
	fflush(stdout);
	check("write", write(ends[1], page, size));
	return 1;
}
