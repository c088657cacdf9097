/*
 * Checkpoint and restore: CRIU does them, as `criu swrk`, and answers on a socket. What it is asked
 * for are bytes that src/plan/criu.ts has written.
 */
#define _GNU_SOURCE
#include "criu_message.h"
#include "interrupt.h"
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where CRIU looks for its directories, by /proc/PID/fd; src/plan/criu.ts says the same. */
#define IMAGES_FD 240
#define WORK_FD 241
#define FIRST_FILE 4 /* of the descriptors that CRIU is given, behind stdio and the socket */
#define MAX_FILES 16

/* The state directory of a container that exists, locked, and its init. */
int step_open_state(struct launch *l, const struct plan_step *s)
{
	const char *dir = text_arg(l, s, ARG_OPEN_STATE_DIR);
	char state;

	l->state_dir = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (check(l, "open", l->state_dir) < 0 ||
	    check(l, "flock", lock_within_deadline(l, l->state_dir)) < 0)
		return -1;
	l->has_lock = true;
	l->init.pid = atoi(text_arg(l, s, ARG_OPEN_STATE_PID));
	l->init.start_time = strtoull(text_arg(l, s, ARG_OPEN_STATE_START_TIME), NULL, 10);
	snprintf(l->numbers[1], sizeof(l->numbers[1]), "%d", l->init.pid);
	l->slots[SLOT_PID] = l->numbers[1];
	if (read_start_time(l, l->init.pid, &state) == l->init.start_time && state != 'Z')
		return 0;
	errno = ESRCH;
	return (int)check(l, "flock", -1);
}

static char criu_root[PATH_MAX]; /* of this process's mount namespace; empty for none */

/* By its path: the state directory was opened in the mount namespace that we have left. */
void remove_criu_root(struct launch *l)
{
	while (*criu_root && umount2(criu_root, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		;
	unlinkat(l->state_dir, CRIU_ROOT, AT_REMOVEDIR);
}

/*
 * CRIU wants the rootfs as a mount of its own. It is made where no other process sees it: nothing
 * is left on the host, whatever ends us. CRIU takes away one old root, and no more over it.
 */
int step_criu_root(struct launch *l, const struct plan_step *s)
{
	const char *path = text_arg(l, s, ARG_CRIU_ROOT_PATH);
	const char *dir = text_arg(l, s, ARG_CRIU_ROOT_DIR);

	if (!path || !dir || check(l, "unshare", unshare(CLONE_NEWNS)) < 0 ||
	    check(l, "mount", mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL)) < 0 ||
	    refuse_covered_root(l) < 0 || check(l, "mkdir", mkdir(dir, 0755)) < 0 ||
	    check(l, "mount", mount(path, dir, NULL, MS_BIND | MS_REC, NULL)) < 0)
		return -1;
	snprintf(criu_root, sizeof(criu_root), "%s", dir);
	l->root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return (int)check(l, "open", l->root) < 0 ? -1 : 0;
}

int step_criu_mount_point(struct launch *l, const struct plan_step *s)
{
	const char *base = text_arg(l, s, ARG_CRIU_MOUNT_POINT_BASE);
	const char *path = text_arg(l, s, ARG_CRIU_MOUNT_POINT_PATH);
	bool as_file = s->arg[ARG_CRIU_MOUNT_POINT_FLAGS] & FLAG_CRIU_FILE;
	int root = l->root;
	int fd;

	if (!base || !path)
		return -1;
	if (*base) {
		l->root = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (check(l, "open", l->root) < 0) {
			l->root = root;
			return -1;
		}
	}
	fd = make_in_root(l, path, as_file, as_file ? 0644 : 0755);
	if (*base)
		close(l->root);
	l->root = root;
	if (check(l, "openat2", fd) < 0)
		return -1;
	close(fd);
	return 0;
}

static _Noreturn void become_criu(const char *path, int socket, const int *files, uint32_t n)
{
	char *argv[] = { (char *)path, "swrk", "3", NULL };
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Theirs are numbers above all that is put in place here. */
	if (dup2(socket, FIRST_FILE - 1) < 0)
		_exit(127);
	for (uint32_t i = 0; i < n; i++)
		if (dup2(files[i], FIRST_FILE + (int)i) < 0)
			_exit(127);
	syscall(SYS_close_range, FIRST_FILE + n, ~0U, 0);
	execve(path, argv, environ);
	_exit(127);
}

int step_criu_start(struct launch *l, const struct plan_step *s)
{
	const char *path = text_arg(l, s, ARG_CRIU_START_PATH);
	uint32_t n = list_count(s, ARG_CRIU_START_FILES);
	int files[MAX_FILES];
	int ends[2];
	int high;
	pid_t pid;

	if (!path || n > MAX_FILES) {
		errno = EINVAL;
		return (int)check(l, "open", -1);
	}
	for (uint32_t i = 0; i < n; i++) {
		const char *name = list_text(l, s, ARG_CRIU_START_FILES, i);
		int fd = open(name, O_RDONLY | O_CLOEXEC);

		files[i] = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, WORK_FD + 1);
		if (check(l, "open", files[i]) < 0) {
			detail(l, name, strlen(name));
			return -1;
		}
		close(fd);
	}
	if (check(l, "socketpair", socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) < 0)
		return -1;
	high = fcntl(ends[1], F_DUPFD_CLOEXEC, WORK_FD + 1);
	/* Killed in the middle CRIU would leave its code in the processes that it saves. */
	forget_interrupts();
	pid = fork();
	if (pid == 0)
		become_criu(path, high, files, n);
	close(ends[1]);
	close(high);
	for (uint32_t i = 0; i < n; i++)
		close(files[i]);
	if (check(l, "fork", pid) < 0)
		return -1;
	l->sync = ends[0];
	l->child = pid;
	return (int)check(l, "setsockopt", limit_receive(l->sync));
}

static int open_at(struct launch *l, const char *path, int number)
{
	int fd;

	if (!*path)
		return 0;
	if (fcntl(number, F_GETFD) >= 0) {
		errno = EBUSY; /* the caller's */
		return (int)check(l, "open", -1);
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (check(l, "open", fd) < 0)
		return -1;
	if (check(l, "dup3", dup3(fd, number, O_CLOEXEC)) < 0)
		return -1;
	close(fd);
	return 0;
}

static bool is_script(const struct criu_response *r, const char *name)
{
	return r->script.length == strlen(name) &&
	       memcmp(r->script.at, name, r->script.length) == 0;
}

static void set_pid(struct launch *l, uint64_t pid)
{
	snprintf(l->numbers[1], sizeof(l->numbers[1]), "%d", (int)pid);
	l->slots[SLOT_PID] = l->numbers[1];
}

/* What CRIU tells on its way. -1 when the hooks have failed: it then gives up as well. */
static int notified(struct launch *l, const struct plan_step *s, const struct criu_response *r,
		    int fd)
{
	int status_fd = (int)s->arg[ARG_CRIU_REQUEST_STATUS_FD];

	if (is_script(r, "orphan-pts-master") && fd >= 0) {
		if (l->console_socket < 0) {
			l->console_master = fd;
			return 0;
		}
		return (int)check(l, "sendmsg", send_fd(l->console_socket, fd, "pty-master"));
	}
	if (is_script(r, "setup-namespaces")) {
		set_pid(l, r->pid);
		return run_section(l, SECTION_CHILD);
	}
	if (is_script(r, "status-ready") && status_fd > 0) {
		(void)!write(status_fd, "", 1);
		close(status_fd);
	}
	/* From now on it serves pages, for as long as the other side takes. */
	if (is_script(r, "status-ready"))
		let_others_in(l);
	return 0;
}

static int tell_end(struct launch *l)
{
	l->failure->status = end_of(l->child, true);
	errno = ECHILD;
	return (int)check(l, "criu", -1);
}

static int converse(struct launch *l, const struct plan_step *s, struct criu_response *r)
{
	static unsigned char room[65536];
	static const unsigned char yes[] = { 0x08, CRIU_NOTIFY, 0x18, 1 };
	static const unsigned char no[] = { 0x08, CRIU_NOTIFY, 0x18, 0 };
	int fd;

	for (;;) {
		ssize_t n = receive_message(l->sync, room, sizeof(room), &fd);
		bool fine;

		if (n <= 0) {
			if (n == 0 || errno == ECONNRESET)
				return tell_end(l);
			name_timeout(l);
			return (int)check(l, "criu", -1);
		}
		if (!read_criu_response((struct bytes){ room, (size_t)n }, r)) {
			errno = EBADMSG;
			return (int)check(l, "criu", -1);
		}
		if (r->type != CRIU_NOTIFY)
			return 0;
		fine = notified(l, s, r, fd) == 0;
		if (check(l, "send", send(l->sync, fine ? yes : no, sizeof(yes), MSG_NOSIGNAL)) < 0)
			return -1;
		if (!fine)
			return -1;
	}
}

static int become_parent(struct launch *l, uint64_t pid)
{
	char state;
	uint64_t start_time = read_start_time(l, (pid_t)pid, &state);

	l->child = (pid_t)pid;
	l->child_pidfd = (int)syscall(SYS_pidfd_open, l->child, 0);
	if (check(l, "pidfd_open", l->child_pidfd) < 0)
		return -1;
	set_pid(l, pid);
	snprintf(l->numbers[2], sizeof(l->numbers[2]), "%llu", (unsigned long long)start_time);
	l->slots[SLOT_START_TIME] = l->numbers[2];
	return 0;
}

int step_criu_request(struct launch *l, const struct plan_step *s)
{
	size_t size;
	const char *request = plan_raw(&l->plan, s->arg[ARG_CRIU_REQUEST_REQUEST], &size);
	struct criu_response r;
	pid_t criu = l->child;

	if (open_at(l, text_arg(l, s, ARG_CRIU_REQUEST_IMAGES), IMAGES_FD) < 0 ||
	    open_at(l, text_arg(l, s, ARG_CRIU_REQUEST_WORK), WORK_FD) < 0)
		return -1;
	if (send(l->sync, request, size, MSG_NOSIGNAL) < 0)
		return errno == EPIPE ? tell_end(l) : (int)check(l, "send", -1);
	if (converse(l, s, &r) < 0)
		return -1;
	/* After a pre-dump it waits for the next one, and calls the end of the socket an error. */
	if (r.type == CRIU_PRE_DUMP && r.success)
		kill(criu, SIGKILL);
	close(l->sync);
	l->sync = -1;
	l->child = 0;
	while (waitpid(criu, NULL, 0) < 0 && errno == EINTR)
		;
	if (!r.success) {
		detail(l, (const char *)r.message.at, r.message.length);
		errno = r.error ? (int)r.error : ECANCELED;
		return (int)check(l, "criu", -1);
	}
	if (!(s->arg[ARG_CRIU_REQUEST_FLAGS] & FLAG_CRIU_RESTORE))
		return lock_again(l);
	close(l->root);
	l->root = -1;
	remove_criu_root(l);
	return become_parent(l, r.pid);
}
