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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* sys/mount.h can't be included beside linux/mount.h with every C library. */
int mount(const char *, const char *, const char *, unsigned long, const void *);

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
int enter_child_mounts(struct launch *l, struct place *before)
{
	before->namespace = open_proc_namespace(l, "self/ns/mnt");
	before->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	before->cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (before->namespace < 0 || check(l, "open", before->root) == -1 ||
	    check(l, "open", before->cwd) == -1 ||
	    check(l, "setns(mnt)", setns(l->child_pidfd, CLONE_NEWNS)) < 0) {
		forget_place(before);
		return -1;
	}
	return 0;
}

int leave_child_mounts(struct launch *l, struct place *before)
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
	return open_proc_namespace(l, path);
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
static pid_t clone_aside(struct launch *l, uint64_t flags, int *pidfd)
{
	int v2 = l->cgroups.v2;
	pid_t pid;

	l->cgroups.v2 = -1;
	pid = clone_process(l, flags, pidfd);
	l->cgroups.v2 = v2;
	return pid;
}

static void end_aside(pid_t pid, int pidfd)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(pidfd);
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
	pid = clone_aside(l, CLONE_NEWUSER, &pidfd);
	if (pid == 0) {
		while (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
			pause();
		_exit(1);
	}
	if (check(l, "clone3", pid) > 0 && (seen = host_pid(l, pidfd)) > 0 &&
	    write_map(l, seen, "uid_map", uid_map) == 0 &&
	    write_map(l, seen, "gid_map", gid_map) == 0)
		fd = open_user_namespace(l, seen);
	saved = errno;
	if (pid > 0)
		end_aside(pid, pidfd);
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

/*
 * In a mount namespace of the child's user namespace, made for this copy alone: the kernel locks
 * the flags of all that is ours in it. What lies below a source that is bound alone is left out
 * before, for there the kernel would not uncover what it covers.
 */
static int open_locked(struct launch *l, const char *path, uint64_t flags, int user)
{
	bool recursive = flags & FLAG_LEND_RECURSIVE;
	struct stat st;
	int place;
	int target;
	int tree;

	if (check(l, "unshare(mnt)", unshare(CLONE_NEWNS)) < 0 ||
	    check(l, "mount", mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL)) < 0)
		return -1;
	tree = clone_tree(l, AT_FDCWD, path, recursive,
			  flags & FLAG_LEND_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0);
	/* By a path of ours: root of the user namespace may be unable to walk to the source. */
	if (tree < 0 || check(l, "fstat", fstat(tree, &st)) < 0 || (place = scratch(l)) < 0 ||
	    check(l, "fchdir", fchdir(place)) < 0 ||
	    check(l, "mknod", S_ISDIR(st.st_mode) ? mkdir("it", 0700) : mknod("it", S_IFREG, 0)) <
		    0)
		return -1;
	target = open("it", O_PATH | O_CLOEXEC);
	if (check(l, "open", target) < 0 || attach_tree(l, tree, target) < 0 ||
	    check(l, "setns(user)", setns(user, CLONE_NEWUSER)) < 0 ||
	    check(l, "unshare(mnt)", unshare(CLONE_NEWNS)) < 0)
		return -1;
	return clone_tree(l, AT_FDCWD, "it", recursive, 0);
}

/* By a process of its own: none comes back from a user namespace. */
static int open_aside(struct launch *l, const char *path, uint64_t flags)
{
	int user = open_user_namespace(l, l->child);
	int ends[2];
	int error = ECONNRESET;
	int tree = -1;
	int pidfd;
	pid_t pid;

	if (user < 0 ||
	    check(l, "socketpair", socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) < 0)
		return -1;
	pid = clone_aside(l, 0, &pidfd);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* Once in the user namespace it is in reach of who may trace there. */
		prctl(PR_SET_DUMPABLE, 0);
		tree = open_locked(l, path, flags, user);
		error = errno;
		if (tree < 0)
			send(ends[1], &error, sizeof(error), 0);
		else
			send_fd(ends[1], tree, "tree");
		_exit(0);
	}
	close(ends[1]);
	close(user);
	if (check(l, "clone3", pid) > 0) {
		receive_message(ends[0], &error, sizeof(error), &tree);
		end_aside(pid, pidfd);
	}
	close(ends[0]);
	if (tree < 0 && pid > 0)
		errno = error;
	return tree;
}

static int open_in_child(struct launch *l, const char *path, uint64_t flags)
{
	struct stat in_child;
	struct stat on_host;
	struct place before;
	int tree;

	if (enter_child_mounts(l, &before) < 0)
		return -1;
	tree = open_lent(l, path, flags);
	/* Mounts below the source are locked there. On the host they can be left out. */
	if (tree < 0 && (errno != EINVAL || stat(path, &in_child) < 0))
		in_child.st_ino = 0;
	if (leave_child_mounts(l, &before) < 0) {
		if (tree >= 0)
			close(tree);
		return -1;
	}
	if (tree >= 0 || !in_child.st_ino || flags & FLAG_LEND_RECURSIVE)
		return tree;
	if (stat(path, &on_host) == 0 && on_host.st_dev == in_child.st_dev &&
	    on_host.st_ino == in_child.st_ino)
		tree = open_aside(l, path, flags);
	if (tree < 0)
		errno = EINVAL;
	return tree < 0 ? (int)check(l, "open_tree", -1) : tree;
}

/* A copy of a shared mount of ours is its peer: what is mounted inside must not come out by it. */
static int open_on_host(struct launch *l, const char *path, uint64_t flags)
{
	int tree =
		flags & FLAG_LEND_LOCKED ? open_aside(l, path, flags) : open_lent(l, path, flags);

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
