/* What koffi loads; a part of the executable as well, for the engine in it. */
#define _GNU_SOURCE
#include "libtsoci.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

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
	struct stat st;
	int other;

	if (fd < 0)
		return -errno;
	other = ioctl(fd, parent ? NS_GET_PARENT : NS_GET_USERNS);
	close(fd);
	if (other < 0)
		return errno == EPERM || errno == EINVAL ? 0 : -errno;
	if (fstat(other, &st) < 0)
		st.st_ino = 0;
	close(other);
	return (long long)st.st_ino;
}

/* Uid of the one who made a user namespace, as seen from ours; -errno. */
long long tsoci_namespace_owner_uid(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uid_t uid = 0;
	int result;

	if (fd < 0)
		return -errno;
	result = ioctl(fd, NS_GET_OWNER_UID, &uid) < 0 ? -errno : 0;
	close(fd);
	return result < 0 ? result : (long long)uid;
}

/*
 * The lock of a container, whose verbs come one after the other: a descriptor that holds it until
 * it is closed. -EWOULDBLOCK while somebody else does, -ENOENT for a directory that is gone by now.
 */
int tsoci_lock(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int error = 0;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || fstat(fd, &st) < 0)
		error = errno;
	else if (st.st_nlink == 0)
		error = ENOENT;
	if (error == 0)
		return fd;
	close(fd);
	return -error;
}
