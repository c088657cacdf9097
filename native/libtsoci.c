/* What koffi loads: system calls that JavaScript has no function for. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int tsoci_memory_file(const char *name);
long long tsoci_namespace_relation(const char *path, int parent);

/* A file that has no path, for what wants to be written to a descriptor. */
int tsoci_memory_file(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/*
 * Inode of the user namespace that owns a namespace, or of its parent. 0 when that is out of sight
 * or there is none, -errno for an error.
 */
long long tsoci_namespace_relation(const char *path, int parent)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct statx st;
	int other;

	if (fd < 0)
		return -errno;
	other = ioctl(fd, parent ? NS_GET_PARENT : NS_GET_USERNS);
	close(fd);
	if (other < 0)
		return errno == EPERM || errno == EINVAL ? 0 : -errno;
	if (statx(other, "", AT_EMPTY_PATH, STATX_INO, &st) < 0)
		st.stx_ino = 0;
	close(other);
	return (long long)st.stx_ino;
}
