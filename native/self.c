/*
 * The executor's own file, as nobody can write to it: by a read-only mount that is in no mount
 * namespace, or else as a sealed copy in memory.
 */
#define _GNU_SOURCE
#include "self.h"
#include "seal.h"
#include "trace.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Nothing is copied, so it costs neither time nor memory. Whoever opens /proc/PID/exe comes by this
 * mount, and with it closed nobody can change it or clone it: the kernel refuses both for a mount
 * that stands nowhere. It takes CAP_SYS_ADMIN, and Linux 5.12.
 */
static int open_mount(void)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID };
	int mount = (int)syscall(SYS_open_tree, AT_FDCWD, "/proc/self/exe", OPEN_TREE_CLONE);

	if (mount >= 0 &&
	    syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0) {
		close(mount);
		return -1;
	}
	return mount;
}

static int open_copy(void)
{
	int own = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int copy = own < 0 ? -1 : sealed_copy(own, "tsoci");

	if (own >= 0)
		close(own);
	return copy;
}

void become_read_only_self(char **argv, int place)
{
	char number[16];
	int file = open_mount();

	argv[place] = number;
	if (file >= 0) {
		/* Closing it waits for the kernel: the executor does so while its child works. */
		snprintf(number, sizeof(number), "%d", file);
		syscall(SYS_execveat, file, "", argv, environ, AT_EMPTY_PATH);
		close(file);
	}
	file = open_copy();
	if (file < 0)
		return;
	snprintf(number, sizeof(number), "-1");
	syscall(SYS_execveat, file, "", argv, environ, AT_EMPTY_PATH);
}

bool is_read_only_self(void)
{
	int own = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct statvfs fs;
	bool safe = false;

	if (own < 0)
		return false;
	safe = (fcntl(own, F_GET_SEALS) > 0 && fcntl(own, F_GET_SEALS) & F_SEAL_WRITE) ||
	       (fstatvfs(own, &fs) == 0 && fs.f_flag & ST_RDONLY);
	close(own);
	return safe;
}

/* Who looks for runc's words about this finds them, and what is done here instead. */
void say_how_read_only(bool by_mount)
{
	trace_say(by_mount ? "own file by a read-only mount, in place of 'runc exeseal: using "
			     "/proc/self/exe clone' and of 'runc exeseal: using overlayfs for "
			     "sealed /proc/self/exe'" :
			     "own file as a sealed copy in memory, as 'runc exeseal: using "
			     "/proc/self/exe clone'");
}
