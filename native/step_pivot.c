/*
 * The container's root becomes the new /, and nothing of the old one stays.
 */
#define _GNU_SOURCE
#include "launch.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* sys/mount.h can't be included beside linux/mount.h with every C library. */
#define MNT_DETACH 2
int mount(const char *, const char *, const char *, unsigned long, const void *);
int umount2(const char *, int);

/* All that is mounted at the path, one over the other. What is locked there, or nothing, is left.
 */
static void detach_stack(const char *path)
{
	while (umount2(path, MNT_DETACH) == 0)
		;
}

/* To the / of whoever joins our mount namespace later: its topmost, whatever ours was. */
static int go_to_top(struct launch *l)
{
	int own = open_proc_namespace(l, "self/ns/mnt");
	int result;

	if (own < 0)
		return -1;
	result = setns(own, CLONE_NEWNS);
	/* It wants CAP_SYS_CHROOT: without, only what lies below our root is looked for. */
	if (result < 0 && errno == EPERM)
		result = 0;
	close(own);
	return (int)check(l, "setns(mnt)", result);
}

/* Is / the root of the mount that the descriptor is of? */
static int is_at_root(struct launch *l, int fd)
{
	int top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct mount_place found;
	struct mount_place root;
	int result = -1;

	if (check(l, "open", top) < 0)
		return -1;
	if (find_mount(l, top, &found) == 0 && find_mount(l, fd, &root) == 0)
		result = found.id == root.id && found.is_root;
	close(top);
	return result;
}

int refuse_covered_root(struct launch *l)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int result;

	if (check(l, "open", root) < 0)
		return -1;
	result = go_to_top(l) < 0 ? -1 : is_at_root(l, root);
	close(root);
	if (result != 0)
		return result < 0 ? -1 : 0;
	errno = EBUSY;
	return (int)check(l, "open(/)", -1);
}

/*
 * Is a mount below our root that is not the empty one which every namespace has at its bottom?
 * Whoever may unmount would find it. Before Linux 6.8 nobody can tell.
 */
static bool covers_another(struct launch *l)
{
	enum { MASK = 1, ID = 5, PARENT = 6, WORDS = 64, BASIC = 2, UNIQUE_ID = 0x4000 };
	enum { SYSCALL = 457, STATX_ID = 18 };
	uint64_t status[WORDS] = { 0 };
	uint64_t request[] = { 24, 0, BASIC }; /* struct mnt_id_req: size, mount, what to tell */

	if (syscall(SYS_statx, l->root, "", AT_EMPTY_PATH, UNIQUE_ID, status) < 0 ||
	    !((uint32_t)status[0] & UNIQUE_ID))
		return false;
	request[1] = status[STATX_ID];
	for (int i = 0; i < 2; i++, request[1] = status[PARENT])
		if (syscall(SYSCALL, request, status, sizeof(status), 0) < 0 ||
		    !(status[MASK] & BASIC))
			return false;
	return status[PARENT] != status[ID];
}

/*
 * pivot_root(".", ".") stacks the old root on the new one, so nothing in the container is borrowed
 * for put_old. The old root becomes a slave before it is detached: the unmount must not travel to
 * the host. More may be mounted over it.
 */
static int pivot_once(struct launch *l)
{
	int old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (check(l, "open", old) < 0 || check(l, "fchdir", fchdir(l->root)) < 0 ||
	    check(l, "pivot_root", syscall(SYS_pivot_root, ".", ".")) < 0 ||
	    check(l, "fchdir", fchdir(old)) < 0 ||
	    check(l, "mount", mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL)) < 0)
		return -1;
	detach_stack(".");
	close(old);
	return go_to_top(l);
}

/* In a chroot of the caller's the first time leaves what is around it, and there we are then. */
static int pivot(struct launch *l)
{
	int done = pivot_once(l) < 0 ? -1 : is_at_root(l, l->root);

	if (done == 0)
		done = pivot_once(l) < 0 ? -1 : is_at_root(l, l->root);
	if (done < 0)
		return -1;
	/* In a user namespace of the container's the kernel locks it there. */
	if (done && (maps_ids(l) || !covers_another(l)))
		return 0;
	errno = EBUSY;
	return (int)check(l, "umount2", -1);
}

/* Takes what is mounted at the path out of our namespace, or out of sight where it is locked. */
static int hide_mount(struct launch *l, const char *path)
{
	struct mount_place place = { .is_root = false };
	int fd;

	/* Gone with another one that it was in. */
	if (mount(NULL, path, NULL, MS_SLAVE | MS_REC, NULL) < 0)
		return errno == ENOENT || errno == EINVAL ? 0 : (int)check(l, "mount", -1);
	detach_stack(path);
	fd = open(path, O_PATH | O_CLOEXEC);
	if (check(l, "open", fd) < 0)
		return -1;
	find_mount(l, fd, &place);
	close(fd);
	if (!place.is_root)
		return 0;
	return (int)check(l, "mount", mount("tmpfs", path, "tmpfs", 0, NULL));
}

/* A path of mountinfo: space, tab, newline and backslash come in octal. */
static void unescape(char *path)
{
	char *to = path;

	for (const char *from = path; *from; to++) {
		if (from[0] == '\\' && from[1] && from[2] && from[3]) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/*
 * Where the old mounts stay, a whole procfs or sysfs among them would let a user namespace inside
 * the container mount another one, without the masks. One line of mountinfo: id, parent, device,
 * root, path, options, ... " - " type.
 */
static int hide_pseudo_filesystems(struct launch *l)
{
	size_t room = 4u << 20; /* of the arena, which is not touched before it is used */
	char *text = arena_take(l, room);
	char own[64];
	char real[PATH_MAX];
	ssize_t rootfs;

	snprintf(own, sizeof(own), "self/fd/%d", l->root);
	rootfs = readlinkat(l->host_proc, own, real, sizeof(real));
	if (check(l, "readlinkat", rootfs) < 0)
		return -1;
	if (!text ||
	    check(l, "read(mountinfo)", read_small(l->host_proc, "self/mountinfo", text, room)) < 0)
		return -1;
	for (char *rest, *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *type = strstr(line, " - ");
		char *words = line;
		char *root = NULL;
		char *path = NULL;

		if (!type || (strncmp(type + 3, "proc ", 5) && strncmp(type + 3, "sysfs ", 6)))
			continue;
		for (int i = 0; i < 5 && words; i++) {
			char *word = strsep(&words, " ");

			root = i == 3 ? word : root;
			path = i == 4 ? word : path;
		}
		if (!root || !path || strcmp(root, "/") != 0)
			continue;
		unescape(path);
		if (strncmp(path, real, (size_t)rootfs) == 0 &&
		    (path[rootfs] == '/' || path[rootfs] == '\0'))
			continue;
		if (hide_mount(l, path) < 0)
			return -1;
	}
	return 0;
}

/* For a root that pivot_root refuses (initramfs). Weaker: the old mounts stay reachable below. */
static int move_and_chroot(struct launch *l)
{
	if (hide_pseudo_filesystems(l) < 0)
		return -1;
	if (check(l, "fchdir", fchdir(l->root)) < 0 ||
	    check(l, "mount", mount(".", "/", NULL, MS_MOVE, NULL)) < 0 || go_to_top(l) < 0)
		return -1;
	switch (is_at_root(l, l->root)) {
	case 1:
		return 0;
	case 0:
		errno = EBUSY;
		check(l, "mount", -1);
	}
	return -1;
}

int step_pivot_root(struct launch *l, const struct plan_step *s)
{
	uint64_t flags = s->arg[ARG_PIVOT_ROOT_FLAGS];

	if (flags & FLAG_PIVOT_NO_MOUNT) {
		if (check(l, "fchdir", fchdir(l->root)) < 0 || check(l, "chroot", chroot(".")) < 0)
			return -1;
		return (int)check(l, "chdir", chdir("/"));
	}
	return flags & FLAG_PIVOT_CHROOT ? move_and_chroot(l) : pivot(l);
}
