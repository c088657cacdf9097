/*
 * Mounts that the parent lends the child: those that the root of a user namespace could not reach,
 * and those whose ids are mapped. And the maps of a new file system, which the child makes itself.
 */
#define _GNU_SOURCE
#include "launch.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What setns(2) moves along with the mount namespace. */
struct place {
	int namespace;
	int root;
	int cwd;
};

static void forget_place(struct place *place)
{
	close(place->namespace);
	close(place->root);
	close(place->cwd);
}

/*
 * The child's mount namespace, and not ours: there the mounts that the config has so far are seen,
 * and a copy keeps the flags that are locked in a user namespace. One of ours would come unlocked.
 */
static int enter_child_mounts(struct launch *l, struct place *before)
{
	before->namespace = openat(l->host_proc, "self/ns/mnt", O_RDONLY | O_CLOEXEC);
	before->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	before->cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (check(l, "open(ns/mnt)", before->namespace) == -1 ||
	    check(l, "open", before->root) == -1 || check(l, "open", before->cwd) == -1 ||
	    check(l, "setns(mnt)", setns(l->child_pidfd, CLONE_NEWNS)) < 0) {
		forget_place(before);
		return -1;
	}
	return 0;
}

static int leave_child_mounts(struct launch *l, struct place *before)
{
	int saved = errno;
	int result = 0;

	if (check(l, "setns(mnt)", setns(before->namespace, CLONE_NEWNS)) < 0 ||
	    check(l, "fchdir", fchdir(before->root)) < 0 || check(l, "chroot", chroot(".")) < 0 ||
	    check(l, "fchdir", fchdir(before->cwd)) < 0)
		result = -1;
	else
		errno = saved;
	forget_place(before);
	return result;
}

static int write_map(struct launch *l, pid_t pid, const char *file, const char *map)
{
	char path[64];

	snprintf(path, sizeof(path), "%d/%s", pid, file);
	return (int)check(l, file, write_file(l->host_proc, path, map, strlen(map)));
}

static int open_user_namespace(struct launch *l, pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "%d/ns/user", pid);
	return (int)check(l, "open(ns/user)", openat(l->host_proc, path, O_RDONLY | O_CLOEXEC));
}

/* The number of a process as host_proc has it: in the child's pid namespace it is another. */
static pid_t host_pid(struct launch *l, int pidfd)
{
	char path[64];
	char text[512];
	const char *line;

	snprintf(path, sizeof(path), "self/fdinfo/%d", pidfd);
	if (check(l, "read(fdinfo)", read_small(l->host_proc, path, text, sizeof(text))) < 0)
		return -1;
	line = strstr(text, "\nPid:");
	if (line)
		return atoi(line + 5);
	errno = ESRCH;
	return (pid_t)check(l, "read(fdinfo)", -1);
}

/* Not in the child's cgroup: it is there for a moment only. */
static pid_t clone_aside(struct launch *l, int *pidfd)
{
	int v2 = l->cgroups.v2;
	pid_t pid;

	l->cgroups.v2 = -1;
	pid = clone_process(l, CLONE_NEWUSER, pidfd);
	l->cgroups.v2 = v2;
	return pid;
}

/*
 * A namespace with this map: a process holds it until there is a descriptor. Its files in /proc
 * must be ours, which they are while it is dumpable; the plan does this only where nobody else is
 * in the child's user namespace.
 */
static int make_user_namespace(struct launch *l, const char *uid_map, const char *gid_map)
{
	bool dumpable = prctl(PR_GET_DUMPABLE) == 1;
	int pidfd = -1;
	int fd = -1;
	pid_t seen;
	pid_t pid;
	int saved;

	if (l->in_child)
		prctl(PR_SET_DUMPABLE, 1);
	pid = clone_aside(l, &pidfd);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	if (check(l, "clone3", pid) > 0 && (seen = host_pid(l, pidfd)) > 0 &&
	    write_map(l, seen, "uid_map", uid_map) == 0 &&
	    write_map(l, seen, "gid_map", gid_map) == 0)
		fd = open_user_namespace(l, seen);
	saved = errno;
	if (pid > 0) {
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		close(pidfd);
	}
	if (l->in_child)
		prctl(PR_SET_DUMPABLE, dumpable);
	errno = saved;
	return fd;
}

int map_ids(struct launch *l, int tree, const char *uid_map, const char *gid_map, bool recursive)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
	int fd = *uid_map ? make_user_namespace(l, uid_map, gid_map) :
			    open_user_namespace(l, l->child);
	int result;
	int saved;

	if (fd < 0)
		return -1;
	attr.userns_fd = (uint64_t)fd;
	result = (int)check(l, "mount_setattr(MOUNT_ATTR_IDMAP)",
			    syscall(SYS_mount_setattr, tree, "",
				    AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attr,
				    sizeof(attr)));
	saved = errno;
	close(fd);
	errno = saved;
	return result;
}

static int open_lent(struct launch *l, const char *path, uint64_t flags)
{
	int tree = clone_tree(l, AT_FDCWD, path, flags & FLAG_LEND_RECURSIVE,
			      flags & FLAG_LEND_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0);
	int target;
	int result;

	if (tree < 0 || !(flags & FLAG_LEND_ATTACH))
		return tree;
	target = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	result = (int)check(l, "open", target) < 0 ? -1 : attach_tree(l, tree, target);
	if (target >= 0)
		close(target);
	if (result == 0)
		return tree;
	close(tree);
	return -1;
}

static int open_in_child(struct launch *l, const char *path, uint64_t flags)
{
	struct place before;
	int tree;

	if (enter_child_mounts(l, &before) < 0)
		return -1;
	tree = open_lent(l, path, flags);
	if (leave_child_mounts(l, &before) == 0)
		return tree;
	if (tree >= 0)
		close(tree);
	return -1;
}

/* A copy of a shared mount of ours is its peer: what is mounted inside must not come out by it. */
static int open_on_host(struct launch *l, const char *path, uint64_t flags)
{
	int tree = open_lent(l, path, flags);

	if (tree < 0 || set_attributes(l, tree, true, 0, 0, MS_SLAVE) == 0)
		return tree;
	close(tree);
	return -1;
}

int step_lend_tree(struct launch *l, const struct plan_step *s)
{
	const char *path = text_arg(l, s, ARG_LEND_TREE_PATH);
	uint64_t flags = s->arg[ARG_LEND_TREE_FLAGS];
	int result = -1;
	int tree;

	if (expect_stage(l, STAGE_LEND) < 0)
		return -1;
	tree = flags & FLAG_LEND_HOST ? open_on_host(l, path, flags) :
					open_in_child(l, path, flags);
	if (tree < 0)
		return -1;
	if (!(flags & FLAG_LEND_IDMAP) ||
	    map_ids(l, tree, text_arg(l, s, ARG_LEND_TREE_UID_MAP),
		    text_arg(l, s, ARG_LEND_TREE_GID_MAP), flags & FLAG_LEND_IDMAP_RECURSIVE) == 0)
		result = (int)check(l, "sendmsg", send_fd(l->sync, tree, "tree"));
	close(tree);
	return result;
}

/* The child's side: the next tree that the parent has for it. */
int borrow_tree(struct launch *l)
{
	int tree;

	if (send_stage(l, STAGE_LEND) < 0)
		return -1;
	tree = receive_fd(l->sync);
	/* The parent has failed, and said why. */
	if (tree < 0 && errno == ECONNRESET)
		_exit(1);
	return (int)check(l, "recvmsg", tree);
}
