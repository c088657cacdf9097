/*
 * What koffi loads: starts the executor and waits for it. Nothing is cloned out of the JavaScript
 * process but a vfork that becomes the executor at once.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stddef.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct tsoci_process {
	int pid;
	int pidfd;
	int failure; /* the failure record, if it ends with one */
};

int tsoci_launch(const char *front, const void *request, size_t size, struct tsoci_process *out);
int tsoci_verb(const char *front, int verb, const char *root, const char *id, const char *signal,
	       struct tsoci_process *out);
int tsoci_wait(int pid);
int tsoci_kill(int pidfd, int number);
int tsoci_memory_file(const char *name);
long long tsoci_namespace_relation(const char *path, int parent);

static int spawn(const char *front, char *const argv[], int plan, struct tsoci_process *out)
{
	volatile int error = 0;
	sigset_t none;
	pid_t pid;

	sigemptyset(&none);
	pid = vfork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		sigprocmask(SIG_SETMASK, &none, NULL);
		if (plan >= 0)
			fcntl(plan, F_SETFD, 0);
		fcntl(out->failure, F_SETFD, 0);
		/* Node keeps its own from whatever it starts: the container is to have them. */
		for (int fd = 0; fd <= 2; fd++)
			fcntl(fd, F_SETFD, 0);
		execve(front, argv, environ);
		error = errno;
		_exit(127);
	}
	if (error) {
		waitpid(pid, NULL, 0);
		return -error;
	}
	out->pid = pid;
	out->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	return out->pidfd < 0 ? -errno : 0;
}

int tsoci_launch(const char *front, const void *request, size_t size, struct tsoci_process *out)
{
	char plan_fd[16];
	char failure_fd[16];
	char *argv[] = { "tsoci:launch", plan_fd, failure_fd, NULL };
	int plan = memfd_create("plan", MFD_CLOEXEC);
	int result;

	out->failure = memfd_create("failure", MFD_CLOEXEC);
	if (plan < 0 || out->failure < 0)
		return -errno;
	for (size_t done = 0; done < size;) {
		ssize_t n = write(plan, (const char *)request + done, size - done);

		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	snprintf(plan_fd, sizeof(plan_fd), "%d", plan);
	snprintf(failure_fd, sizeof(failure_fd), "%d", out->failure);
	result = spawn(front, argv, plan, out);
	close(plan);
	return result;
}

int tsoci_verb(const char *front, int verb, const char *root, const char *id, const char *signal,
	       struct tsoci_process *out)
{
	char failure_fd[16];
	char verb_number[16];
	char *argv[] = { "tsoci:verb", failure_fd,     verb_number, (char *)root,
			 (char *)id,   (char *)signal, NULL };

	out->failure = memfd_create("failure", MFD_CLOEXEC);
	if (out->failure < 0)
		return -errno;
	snprintf(failure_fd, sizeof(failure_fd), "%d", out->failure);
	snprintf(verb_number, sizeof(verb_number), "%d", verb);
	return spawn(front, argv, -1, out);
}

/* Exit status, 128 + n for signal n, or -errno. Blocks: koffi calls it on a thread. */
int tsoci_wait(int pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int tsoci_kill(int pidfd, int number)
{
	return syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0) < 0 ? -errno : 0;
}

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
