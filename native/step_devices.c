/*
 * Device nodes, and the terminal.
 */
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
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

int step_make_node(struct launch *l, const struct plan_step *s)
{
	const char *name;
	int dir = open_parent(l, text_arg(l, s, ARG_MAKE_NODE_PATH), &name);
	mode_t mode = (mode_t)s->arg[ARG_MAKE_NODE_MODE];
	dev_t device = makedev((unsigned int)s->arg[ARG_MAKE_NODE_MAJOR],
			       (unsigned int)s->arg[ARG_MAKE_NODE_MINOR]);
	struct stat st;
	int result = -1;

	if (dir < 0)
		return -1;
	if (mknodat(dir, name, mode, device) < 0) {
		if (errno != EEXIST) {
			check(l, "mknodat", -1);
			goto out;
		}
		/* One that is there already must be the very device that was asked for. */
		if (check(l, "fstatat", fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW)) < 0)
			goto out;
		if ((st.st_mode & S_IFMT) != (mode & S_IFMT) ||
		    (!S_ISFIFO(mode) && st.st_rdev != device)) {
			errno = EEXIST;
			check(l, "mknodat", -1);
			goto out;
		}
	}
	result = (int)check(l, "fchownat",
			    fchownat(dir, name, (uid_t)s->arg[ARG_MAKE_NODE_UID],
				     (gid_t)s->arg[ARG_MAKE_NODE_GID], AT_SYMLINK_NOFOLLOW));
out:
	close(dir);
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
	int tree = clone_tree(l, AT_FDCWD, text_arg(l, s, ARG_BIND_NODE_SOURCE), false, 0);
	int target =
		tree < 0 || check_device(l, tree, s) < 0 ? -1 : make_in_root(l, path, true, 0666);
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
