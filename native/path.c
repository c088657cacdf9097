/*
 * Files and paths. Inside a rootfs a path is only ever resolved by openat2 under its root.
 */
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define MAX_SYMLINKS 40

/* The root of a procfs, and no part of one: of that its inode number tells. */
int open_host_proc(struct launch *l)
{
	enum { PROC_ROOT_INODE = 1 };
	struct statfs fs;
	struct stat st;

	l->host_proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (check(l, "open(/proc)", l->host_proc) < 0 ||
	    check(l, "fstatfs(/proc)", fstatfs(l->host_proc, &fs)) < 0 ||
	    check(l, "fstat(/proc)", fstat(l->host_proc, &st)) < 0)
		return -1;
	if (fs.f_type == PROC_SUPER_MAGIC && st.st_ino == PROC_ROOT_INODE)
		return 0;
	errno = ENOTSUP;
	return (int)check(l, "fstatfs(/proc)", -1);
}

int open_beneath(struct launch *l, int root, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = resolve | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	/* EAGAIN: something was renamed while the kernel looked; it asks to try again. */
	for (int tries = 0; tries < 128; tries++) {
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return (int)check(l, "openat2", fd);
}

/* A file of the host's procfs, that no other mount lies over. */
int open_proc(struct launch *l, const char *path, int flags)
{
	return open_beneath(l, l->host_proc, path, flags, RESOLVE_BENEATH | RESOLVE_NO_XDEV);
}

/* What leads to a namespace is looked at first: where it leads to is another file system. */
int open_proc_namespace(struct launch *l, const char *path)
{
	int link = open_proc(l, path, O_PATH | O_NOFOLLOW);

	if (link < 0)
		return -1;
	close(link);
	return (int)check(l, "open(ns)", openat(l->host_proc, path, O_RDONLY | O_CLOEXEC));
}

int open_in_root(struct launch *l, const char *path, int flags)
{
	return open_beneath(l, l->root, path, flags, RESOLVE_IN_ROOT);
}

/*
 * Opens a path of the container as its user, once nothing of the host is open any more. The filter
 * is on: a profile that does not know openat2 gets the older call.
 */
int open_as_user(const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	return fd < 0 && (errno == ENOSYS || errno == EPERM) ? open(path, flags | O_CLOEXEC) : fd;
}

/* A new last component under dir, or what another process has just put there. */
static int make_component(int dir, const char *name, bool as_file, mode_t mode)
{
	if (as_file) {
		int fd = openat(dir, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_WRONLY,
				mode);

		if (fd < 0)
			return errno == EEXIST ? 0 : -1;
		close(fd);
		return 0;
	}
	return mkdirat(dir, name, mode) < 0 && errno != EEXIST ? -1 : 0;
}

/*
 * Walks the path inside the root one component at a time and makes what is missing. `walked` is
 * what has been walked, without symlinks; `rest` what is to come. A symlink is read and put in
 * front of the rest, so that one that dangles is made where it points to, inside the root.
 */
static int walk_and_make(struct launch *l, const char *path, bool as_file, mode_t mode)
{
	char walked[PATH_MAX] = "";
	char rest[PATH_MAX];
	int links = 0;

	if (strlen(path) >= sizeof(rest))
		goto too_long;
	strcpy(rest, path);
	for (;;) {
		char component[256];
		char target[PATH_MAX];
		char *from = rest + strspn(rest, "/");
		size_t length = strcspn(from, "/");
		size_t walked_length = strlen(walked);
		const char *after = from + length + strspn(from + length, "/");
		bool last = *after == '\0';
		struct stat st;
		ssize_t n;
		int dir;
		int found;

		if (length == 0)
			return open_in_root(l, *walked ? walked : ".", O_PATH);
		if (length >= sizeof(component))
			goto too_long;
		memcpy(component, from, length);
		component[length] = '\0';
		memmove(rest, after, strlen(after) + 1);
		if (strcmp(component, ".") == 0)
			continue;
		if (strcmp(component, "..") == 0) {
			char *slash = strrchr(walked, '/');

			*(slash ? slash : walked) = '\0';
			continue;
		}
		dir = open_in_root(l, *walked ? walked : ".", O_PATH | O_DIRECTORY);
		if (dir < 0)
			return -1;
		found = fstatat(dir, component, &st, AT_SYMLINK_NOFOLLOW);
		if (found < 0 && errno == ENOENT)
			found = make_component(dir, component, last && as_file, last ? mode : 0755);
		else if (found == 0 && S_ISLNK(st.st_mode)) {
			n = readlinkat(dir, component, target, sizeof(target) - 1);
			close(dir);
			if (n < 0)
				return (int)check(l, "readlinkat", n);
			if (++links > MAX_SYMLINKS) {
				errno = ELOOP;
				return (int)check(l, "readlinkat", -1);
			}
			target[n] = '\0';
			if ((size_t)n + 1 + strlen(rest) >= sizeof(rest))
				goto too_long;
			memmove(rest + n + 1, rest, strlen(rest) + 1);
			memcpy(rest, target, (size_t)n);
			rest[n] = '/';
			if (target[0] == '/')
				walked[0] = '\0';
			continue;
		}
		close(dir);
		if (check(l, last && as_file ? "openat" : "mkdirat", found) < 0)
			return -1;
		if (walked_length + 1 + length >= sizeof(walked))
			goto too_long;
		walked[walked_length] = '/';
		memcpy(walked + walked_length + 1, component, length + 1);
	}
too_long:
	errno = ENAMETOOLONG;
	return (int)check(l, "openat2", -1);
}

/* Mostly the last component alone is missing. -1 when the walk has to look. */
static int make_last(struct launch *l, const char *path, bool as_file, mode_t mode)
{
	const char *last = strrchr(path, '/');
	size_t length = last ? (size_t)(last - path) : 0;
	char parent[PATH_MAX];
	int dir;
	int fd = -1;

	if (!last || length >= sizeof(parent) || last[1 + strspn(last + 1, ".")] == '\0')
		return -1;
	memcpy(parent, path, length);
	strcpy(parent + length, length ? "" : "/");
	dir = open_in_root(l, parent, O_PATH | O_DIRECTORY);
	if (dir < 0)
		return -1;
	if (make_component(dir, last + 1, as_file, mode) == 0)
		fd = open_beneath(l, dir, last + 1, O_PATH, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	close(dir);
	return fd;
}

/* O_PATH descriptor of a path in the root where nothing was. */
int make_missing(struct launch *l, const char *path, bool as_file, mode_t mode)
{
	int fd = make_last(l, path, as_file, mode);

	return fd < 0 ? walk_and_make(l, path, as_file, mode) : fd;
}

/* The same of a path that may be there. */
int make_in_root(struct launch *l, const char *path, bool as_file, mode_t mode)
{
	int fd = open_in_root(l, path, O_PATH);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	return make_missing(l, path, as_file, mode);
}

/* Below a directory, the host's procfs above all, no other mount lies over the file. */
static int open_below(int dir, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC | O_NOCTTY),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
	};

	return dir == AT_FDCWD ? openat(dir, path, (int)how.flags) :
				 (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

int write_file(int dir, const char *path, const char *bytes, size_t length)
{
	int fd = open_below(dir, path, O_WRONLY);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, bytes, length);
	if (n >= 0 && (size_t)n != length) {
		errno = EIO;
		n = -1;
	}
	int saved = errno;
	close(fd);
	errno = saved;
	return n < 0 ? -1 : 0;
}

/* The whole of a small file, NUL-terminated; its length, or -1. */
int read_small(int dir, const char *path, char *out, size_t room)
{
	int fd = open_below(dir, path, O_RDONLY | O_NONBLOCK);
	size_t have = 0;
	ssize_t n;

	if (fd < 0)
		return -1;
	while (have < room - 1 && (n = read(fd, out + have, room - 1 - have)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int saved = errno;

			close(fd);
			errno = saved;
			return -1;
		}
		have += (size_t)n;
	}
	close(fd);
	out[have] = '\0';
	return (int)have;
}

/* Whole or not at all: a temporary file beside it, then a rename. */
int store_file(int dir, const char *path, const char *bytes, size_t length, mode_t mode)
{
	char temporary[PATH_MAX];
	const char *base = strrchr(path, '/');
	size_t directory = base ? (size_t)(base - path) + 1 : 0;
	size_t done = 0;
	int fd;
	int saved;

	if (snprintf(temporary, sizeof(temporary), "%.*s.%s.%d", (int)directory, path,
		     path + directory, getpid()) >= (int)sizeof(temporary)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	unlinkat(dir, temporary, 0);
	fd = openat(dir, temporary, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return -1;
	while (done < length) {
		ssize_t n = write(fd, bytes + done, length - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			goto failed;
		done += (size_t)n;
	}
	close(fd);
	fd = -1;
	if (renameat(dir, temporary, dir, path) == 0)
		return 0;
failed:
	saved = errno;
	if (fd >= 0)
		close(fd);
	unlinkat(dir, temporary, 0);
	errno = saved;
	return -1;
}

/*
 * A file at a path that the caller names. Who watches for it finds it whole; but what is there and
 * is no plain file, as a device, a fifo or a link, stays and is written to.
 */
int write_for_caller(const char *path, const char *bytes, size_t length)
{
	struct stat st;
	int fd;
	int saved;
	ssize_t n;

	if (lstat(path, &st) < 0 ? errno == ENOENT : S_ISREG(st.st_mode))
		return store_file(AT_FDCWD, path, bytes, length, 0644);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644);
	if (fd < 0)
		return -1;
	n = write(fd, bytes, length);
	saved = n >= 0 && (size_t)n < length ? EIO : errno;
	close(fd);
	errno = saved;
	return n >= 0 && (size_t)n == length ? 0 : -1;
}
