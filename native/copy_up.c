/*
 * tmpcopyup: what a directory held goes into the tmpfs that covers it.
 */
#define _GNU_SOURCE
#include "copy_up.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_DEPTH 64 /* each level has its buffer on the stack */
#define ENTRIES_SIZE 4096

/* As getdents64(2) lays it out. */
struct entry {
	uint64_t inode;
	int64_t offset;
	unsigned short length;
	unsigned char type;
	char name[];
};

static int copy_file(int from, int to, const char *name, const struct stat *st)
{
	int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	int out;
	ssize_t n;

	if (in < 0)
		return -1;
	out = openat(to, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0) {
		close(in);
		return -1;
	}
	while ((n = sendfile(out, in, NULL, 1 << 20)) > 0)
		;
	if (n == 0)
		n = fchown(out, st->st_uid, st->st_gid);
	if (n == 0)
		n = fchmod(out, st->st_mode & 07777);
	if (n == 0)
		n = futimens(out, (struct timespec[]){ st->st_atim, st->st_mtim });
	close(in);
	close(out);
	return n < 0 ? -1 : 0;
}

static int copy_link(int from, int to, const char *name)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(from, name, target, sizeof(target) - 1);

	if (n < 0)
		return -1;
	target[n] = '\0';
	return symlinkat(target, to, name);
}

static int copy_entry(int from, int to, const char *name, int depth)
{
	struct stat st;
	int in;
	int out;
	int result;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (S_ISREG(st.st_mode))
		return copy_file(from, to, name, &st);
	if (S_ISLNK(st.st_mode))
		result = copy_link(from, to, name);
	else if (!S_ISDIR(st.st_mode))
		result = mknodat(to, name, st.st_mode, st.st_rdev);
	else
		result = mkdirat(to, name, st.st_mode & 07777);
	if (result < 0 || fchownat(to, name, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (!S_ISDIR(st.st_mode))
		return 0;
	in = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	out = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	result = in < 0 || out < 0 ? -1 : copy_up(in, out, depth + 1);
	/* chown has dropped set-group-id; and the times are those before we filled it. */
	if (result == 0)
		result = fchmod(out, st.st_mode & 07777);
	if (result == 0)
		result = futimens(out, (struct timespec[]){ st.st_atim, st.st_mtim });
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return result;
}

int copy_up(int from, int to, int depth)
{
	_Alignas(struct entry) char entries[ENTRIES_SIZE];
	long n;

	if (depth > MAX_DEPTH) {
		errno = ELOOP;
		return -1;
	}
	while ((n = syscall(SYS_getdents64, from, entries, sizeof(entries))) > 0) {
		const struct entry *e;

		for (long at = 0; at < n; at += e->length) {
			e = (const struct entry *)(entries + at);
			if (strcmp(e->name, ".") == 0 || strcmp(e->name, "..") == 0)
				continue;
			if (copy_entry(from, to, e->name, depth) < 0)
				return -1;
		}
	}
	return n < 0 ? -1 : 0;
}
