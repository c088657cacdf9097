/*
 * Device nodes, and the terminal.
 */
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

#include "tree.h"

/* sys/mount.h can't be included beside linux/mount.h with every C library. */
#define MNT_DETACH 2
int umount2(const char *, int);

/* The directory of a path in the root, made when missing; *name is its last component. */
static int open_parent(struct launch *l, const char *path, const char **name)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(path, '/');

	*name = slash ? slash + 1 : path;
	if (!slash || slash == path)
		return open_in_root(l, "/", O_PATH | O_DIRECTORY);
	if ((size_t)(slash - path) >= sizeof(directory)) {
		errno = ENAMETOOLONG;
		return (int)check(l, "openat2", -1);
	}
	memcpy(directory, path, (size_t)(slash - path));
	directory[slash - path] = '\0';
	return make_in_root(l, directory, false, 0755);
}

/* One that is there already must be the very device that was asked for; then it has its mode as
 * well. */
static int take_node(struct launch *l, int dir, const char *name, mode_t mode, dev_t device,
		     uint64_t flags)
{
	int fd = open_beneath(l, dir, name, O_PATH | O_NOFOLLOW, RESOLVE_BENEATH);
	struct stat st;
	char by_fd[64];
	int result = -1;

	if (fd < 0)
		return -1;
	if (check(l, "fstat", fstat(fd, &st)) < 0)
		goto out;
	if ((st.st_mode & S_IFMT) != (mode & S_IFMT) || (!S_ISFIFO(mode) && st.st_rdev != device)) {
		errno = EEXIST;
		check(l, "mknodat", -1);
		goto out;
	}
	snprintf(by_fd, sizeof(by_fd), "self/fd/%d", fd);
	result = flags & FLAG_NODE_MODE ?
			 (int)check(l, "fchmodat", fchmodat(l->host_proc, by_fd, mode & 07777, 0)) :
			 0;
out:
	close(fd);
	return result;
}

int step_make_node(struct launch *l, const struct plan_step *s)
{
	const char *name;
	int dir = open_parent(l, text_arg(l, s, ARG_MAKE_NODE_PATH), &name);
	mode_t mode = (mode_t)s->arg[ARG_MAKE_NODE_MODE];
	dev_t device = makedev((unsigned int)s->arg[ARG_MAKE_NODE_MAJOR],
			       (unsigned int)s->arg[ARG_MAKE_NODE_MINOR]);
	int result = -1;
	int made;

	if (dir < 0)
		return -1;
	made = mknodat(dir, name, mode, device);
	if (made < 0 && errno == EEXIST)
		made = take_node(l, dir, name, mode, device, s->arg[ARG_MAKE_NODE_FLAGS]);
	else
		check(l, "mknodat", made);
	if (made == 0)
		result =
			(int)check(l, "fchownat",
				   fchownat(dir, name, (uid_t)s->arg[ARG_MAKE_NODE_UID],
					    (gid_t)s->arg[ARG_MAKE_NODE_GID], AT_SYMLINK_NOFOLLOW));
	close(dir);
	return result;
}

/* Only a file system of the initial user namespace has nodes that open. */
static int make_lent_node(struct launch *l, const struct plan_step *s, int dir)
{
	int64_t uid = outside_id(l, "uid_map", s->arg[ARG_LEND_NODE_UID]);
	int64_t gid = outside_id(l, "gid_map", s->arg[ARG_LEND_NODE_GID]);
	dev_t device = makedev((unsigned int)s->arg[ARG_LEND_NODE_MAJOR],
			       (unsigned int)s->arg[ARG_LEND_NODE_MINOR]);

	/* An id without a map, as engines send the host's own, stays root's: in there it is nobody.
	 */
	if (check(l, "mknodat", mknodat(dir, "it", (mode_t)s->arg[ARG_LEND_NODE_MODE], device)) <
		    0 ||
	    check(l, "fchownat", fchownat(dir, "it", (uid_t)uid, (gid_t)gid, 0)) < 0 ||
	    /* Over the umask. */
	    check(l, "fchmodat",
		  fchmodat(dir, "it", (mode_t)s->arg[ARG_LEND_NODE_MODE] & 07777, 0)) < 0)
		return -1;
	return clone_tree(l, dir, "it", false, 0);
}

/* In the child's mount namespace, for before Linux 6.15 only an attached mount can be cloned. */
int step_lend_node(struct launch *l, const struct plan_step *s)
{
	struct place before;
	char by_fd[64];
	int result = -1;
	int tree = -1;
	int dir;

	if (expect_stage(l, STAGE_LEND) < 0 || enter_child_mounts(l, &before) < 0)
		return -1;
	dir = scratch(l);
	if (dir >= 0) {
		tree = make_lent_node(l, s, dir);
		snprintf(by_fd, sizeof(by_fd), "self/fd/%d", dir);
		if (tree >= 0 && (check(l, "fchdir", fchdir(l->host_proc)) < 0 ||
				  check(l, "umount2", umount2(by_fd, MNT_DETACH)) < 0)) {
			close(tree);
			tree = -1;
		}
		close(dir);
	}
	if (leave_child_mounts(l, &before) == 0 && tree >= 0)
		result = (int)check(l, "sendmsg", send_fd(l->sync, tree, "tree"));
	if (tree >= 0)
		close(tree);
	return result;
}

/* Is the file that very device? By that name the host may have another, or no device at all. */
static int check_device(struct launch *l, int fd, const struct plan_step *s)
{
	dev_t device = makedev((unsigned int)s->arg[ARG_BIND_NODE_MAJOR],
			       (unsigned int)s->arg[ARG_BIND_NODE_MINOR]);
	struct stat st;

	if (check(l, "fstat", fstat(fd, &st)) < 0)
		return -1;
	if ((st.st_mode & S_IFMT) == (mode_t)s->arg[ARG_BIND_NODE_KIND] && st.st_rdev == device)
		return 0;
	errno = ENODEV;
	return (int)check(l, "fstat", -1);
}

int step_bind_node(struct launch *l, const struct plan_step *s)
{
	const char *path = text_arg(l, s, ARG_BIND_NODE_PATH);
	int tree = s->arg[ARG_BIND_NODE_FLAGS] & FLAG_NODE_BORROW ?
			   borrow_tree(l) :
			   clone_tree(l, AT_FDCWD, text_arg(l, s, ARG_BIND_NODE_SOURCE), false, 0);
	int target =
		tree < 0 || check_device(l, tree, s) < 0 ||
				set_attributes(l, tree, false,
					       MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, 0, 0) < 0 ?
			-1 :
			make_in_root(l, path, true, 0666);
	int result = target < 0 ? -1 : attach_tree(l, tree, target);

	if (tree >= 0)
		close(tree);
	if (target >= 0)
		close(target);
	return result;
}

int make_symlink(struct launch *l, const char *path, const char *target)
{
	const char *name;
	int dir = open_parent(l, path, &name);
	int result;

	if (dir < 0)
		return -1;
	result = symlinkat(target, dir, name);
	/* The image's own, whatever it is: nothing of ours goes through it. */
	if (result < 0 && errno == EEXIST)
		result = 0;
	check(l, "symlinkat", result);
	close(dir);
	return result;
}

int step_symlink(struct launch *l, const struct plan_step *s)
{
	return make_symlink(l, text_arg(l, s, ARG_SYMLINK_PATH),
			    text_arg(l, s, ARG_SYMLINK_TARGET));
}

int step_console_connect(struct launch *l, const struct plan_step *s)
{
	l->console_socket =
		connect_when_there(l, text_arg(l, s, ARG_CONSOLE_CONNECT_PATH), SOCK_STREAM);
	return l->console_socket < 0 ? -1 : 0;
}

/* A bind mount from the descriptor, onto a file made without following anything. */
static int bind_console(struct launch *l, int terminal)
{
	const char *name;
	int dir = open_parent(l, "/dev/console", &name);
	int target = -1;
	int tree = -1;
	int result = -1;

	if (dir < 0)
		return -1;
	target = openat(dir, name,
			O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_RDONLY | O_NOCTTY | O_NONBLOCK, 0666);
	if (target >= 0)
		close(target);
	target = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (check(l, "openat(/dev/console)", target) >= 0) {
		struct stat st;

		if (fstat(target, &st) == 0 && S_ISLNK(st.st_mode)) {
			errno = ELOOP;
			check(l, "openat(/dev/console)", -1);
		} else {
			tree = clone_tree(l, terminal, "", false, AT_EMPTY_PATH);
			if (tree >= 0)
				result = attach_tree(l, tree, target);
		}
	}
	if (tree >= 0)
		close(tree);
	if (target >= 0)
		close(target);
	close(dir);
	return result;
}

/*
 * The pty comes from the container's own devpts, and its peer by ioctl: no path that the
 * container could replace is opened (CVE-2025-52565).
 */
int step_console(struct launch *l, const struct plan_step *s)
{
	int unlock = 0;
	struct statfs fs;
	struct winsize size = {
		.ws_row = (unsigned short)s->arg[ARG_CONSOLE_ROWS],
		.ws_col = (unsigned short)s->arg[ARG_CONSOLE_COLUMNS],
	};
	int terminal;
	int master;

	if (s->arg[ARG_CONSOLE_FLAGS] & FLAG_CONSOLE_OF_HOST)
		master = (int)check(l, "open(/dev/pts/ptmx)",
				    open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
	else
		master = open_beneath(l, l->root, "/dev/pts/ptmx", O_RDWR | O_NOCTTY,
				      RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	if (master < 0 || check(l, "fstatfs", fstatfs(master, &fs)) < 0)
		return -1;
	if (fs.f_type != DEVPTS_SUPER_MAGIC) {
		errno = EXDEV;
		return (int)check(l, "open(/dev/pts/ptmx)", -1);
	}
	terminal = ioctl(master, TIOCSPTLCK, &unlock);
	if (check(l, "ioctl(TIOCSPTLCK)", terminal) < 0)
		return -1;
	terminal = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (check(l, "ioctl(TIOCGPTPEER)", terminal) < 0)
		return -1;
	if ((size.ws_row || size.ws_col) &&
	    check(l, "ioctl(TIOCSWINSZ)", ioctl(terminal, TIOCSWINSZ, &size)) < 0)
		return -1;
	if (s->arg[ARG_CONSOLE_FLAGS] & FLAG_CONSOLE_BIND && bind_console(l, terminal) < 0)
		return -1;
	if (check(l, "sendmsg(console)",
		  send_fd(l->console_socket >= 0 ? l->console_socket : l->sync, master,
			  "/dev/ptmx")) < 0)
		return -1;
	close(master);
	if (check(l, "ioctl(TIOCSCTTY)", ioctl(terminal, TIOCSCTTY, 0)) < 0)
		return -1;
	for (int fd = 0; fd <= 2; fd++)
		if (check(l, "dup3", dup2(terminal, fd)) < 0)
			return -1;
	close(terminal);
	return 0;
}

int step_console_receive(struct launch *l, const struct plan_step *s)
{
	struct termios termios;

	(void)s;
	l->console_master = receive_fd(l->sync);
	if (l->console_master < 0 && l->failure->kind == FAILURE_NONE)
		l->failure->kind = FAILURE_INIT_DIED;
	if (check(l, "recvmsg(console)", l->console_master) < 0)
		return -1;
	/* Our own terminal turns a newline into two characters; once is enough. */
	if (tcgetattr(l->console_master, &termios) == 0) {
		termios.c_oflag &= ~(tcflag_t)ONLCR;
		tcsetattr(l->console_master, TCSANOW, &termios);
	}
	return 0;
}
