/*
 * What a `run` of the default config costs if nobody checks, decides or tells anything: the same
 * namespaces, cgroups, mounts, devices, covers and limits, with everything written down beforehand.
 * The bench compares tsoci with it. On v1 and hybrid hosts.
 *
 * Usage: bench_bare ROOTFS NAME PROGRAM
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/if.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_HIERARCHIES 32

static char cgroups[MAX_HIERARCHIES][512];
static size_t cgroup_count;

static const char *const device_rules[] = {
	"c *:* m",   "b *:* m",	  "c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm",   "c 1:8 rwm",
	"c 1:9 rwm", "c 5:0 rwm", "c 5:1 rwm", "c 5:2 rwm", "c 136:* rwm",
};
static const char *const masked_files[] = { "/proc/kcore", "/proc/keys", "/proc/latency_stats",
					    "/proc/timer_list", "/proc/sched_debug" };
static const char *const masked_directories[] = { "/proc/acpi", "/proc/asound", "/sys/firmware",
						  "/proc/scsi" };
static const char *const readonly_paths[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
					      "/proc/sysrq-trigger" };

static void must(const char *what, long result)
{
	if (result >= 0)
		return;
	fprintf(stderr, "bench_bare: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[600];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	must(path, fd);
	must(path, write(fd, text, strlen(text)));
	close(fd);
}

static void copy_file(const char *from_dir, const char *to_dir, const char *name)
{
	char path[600];
	char text[256];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", from_dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	must(path, fd);
	n = read(fd, text, sizeof(text) - 1);
	must(path, n);
	text[n] = '\0';
	close(fd);
	write_file(to_dir, name, text);
}

static void make_cgroups(const char *name)
{
	glob_t found;

	if (glob("/sys/fs/cgroup/*/cgroup.procs", 0, NULL, &found) != 0)
		exit(1);
	for (size_t i = 0; i < found.gl_pathc && cgroup_count < MAX_HIERARCHIES; i++) {
		char *dir = cgroups[cgroup_count++];
		char *top = found.gl_pathv[i];

		*strrchr(top, '/') = '\0';
		snprintf(dir, sizeof(*cgroups), "%s/%s", top, name);
		must(dir, mkdir(dir, 0755));
		if (strstr(top, "/cpuset")) {
			copy_file(top, dir, "cpuset.cpus");
			copy_file(top, dir, "cpuset.mems");
		}
		if (strstr(top, "/devices")) {
			write_file(dir, "devices.deny", "a");
			for (size_t rule = 0; rule < sizeof(device_rules) / sizeof(*device_rules);
			     rule++)
				write_file(dir, "devices.allow", device_rules[rule]);
		}
	}
	globfree(&found);
}

static void enter_cgroups(void)
{
	for (size_t i = 0; i < cgroup_count; i++)
		write_file(cgroups[i], strstr(cgroups[i], "/unified/") ? "cgroup.procs" : "tasks",
			   "0");
}

static void make_device(const char *path, unsigned int minor)
{
	must(path, mknod(path, S_IFCHR | 0666, makedev(path[5] == 't' ? 5 : 1, minor)));
}

static void mount_all(const char *root)
{
	static const char data[] = "mode=755,size=65536k";
	unsigned long safe = MS_NOSUID | MS_NOEXEC | MS_NODEV;

	must("private", mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL));
	must("rootfs", mount(root, root, NULL, MS_BIND | MS_REC, NULL));
	must("chdir", chdir(root));
	must("proc", mount("proc", "proc", "proc", 0, NULL));
	must("dev", mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, data));
	must("pts", mkdir("dev/pts", 0755) | mkdir("dev/shm", 0755) | mkdir("dev/mqueue", 0755));
	must("pts", mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
			  "newinstance,ptmxmode=0666,mode=0620,gid=5"));
	must("shm", mount("shm", "dev/shm", "tmpfs", safe, "mode=1777,size=65536k"));
	must("mqueue", mount("mqueue", "dev/mqueue", "mqueue", safe, NULL));
	must("sys", mount("sysfs", "sys", "sysfs", safe | MS_RDONLY, NULL));
	must("cgroup", mount("tmpfs", "sys/fs/cgroup", "tmpfs", safe, "mode=755"));
	for (size_t i = 0; i < cgroup_count; i++) {
		char target[600];
		char *name = cgroups[i] + strlen("/sys/fs/cgroup/");

		snprintf(target, sizeof(target), "sys/fs/cgroup/%.*s", (int)strcspn(name, "/"),
			 name);
		must(target, mkdir(target, 0755));
		must(target, mount(cgroups[i], target, NULL, MS_BIND, NULL));
		must(target,
		     mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | safe, NULL));
	}
	must("cgroup",
	     mount(NULL, "sys/fs/cgroup", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | safe, NULL));
	make_device("dev/null", 3);
	make_device("dev/zero", 5);
	make_device("dev/full", 7);
	make_device("dev/random", 8);
	make_device("dev/urandom", 9);
	must("dev/tty", mknod("dev/tty", S_IFCHR | 0666, makedev(5, 0)));
	must("fd", symlink("/proc/self/fd", "dev/fd") | symlink("/proc/self/fd/0", "dev/stdin") |
			   symlink("/proc/self/fd/1", "dev/stdout") |
			   symlink("/proc/self/fd/2", "dev/stderr") |
			   symlink("pts/ptmx", "dev/ptmx"));
	must("pivot_root", syscall(SYS_pivot_root, ".", "."));
	must("umount", umount2(".", MNT_DETACH));
	must("chdir", chdir("/"));
}

/* What the kernel of this host does not have is not there to be covered. */
static void cover(void)
{
	unsigned long safe = MS_NOSUID | MS_NOEXEC | MS_NODEV;

	for (size_t i = 0; i < sizeof(readonly_paths) / sizeof(*readonly_paths); i++)
		if (mount(readonly_paths[i], readonly_paths[i], NULL, MS_BIND | MS_REC, NULL) == 0)
			mount(NULL, readonly_paths[i], NULL,
			      MS_REMOUNT | MS_BIND | MS_RDONLY | safe, NULL);
	for (size_t i = 0; i < sizeof(masked_files) / sizeof(*masked_files); i++)
		mount("/dev/null", masked_files[i], NULL, MS_BIND, NULL);
	for (size_t i = 0; i < sizeof(masked_directories) / sizeof(*masked_directories); i++)
		if (access(masked_directories[i], F_OK) == 0)
			mount("tmpfs", masked_directories[i], "tmpfs", MS_RDONLY, "size=0k");
}

static void bring_up_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must("socket", fd);
	must("lo", ioctl(fd, SIOCSIFFLAGS, &request));
	close(fd);
}

int main(int argc, char **argv)
{
	struct clone_args args = { .flags = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
					    CLONE_NEWUTS | CLONE_NEWNS | CLONE_VFORK,
				   .exit_signal = SIGCHLD };
	struct rlimit files = { 1024, 1024 };
	pid_t pid;
	int status;

	if (argc != 4)
		return 2;
	make_cgroups(argv[2]);
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	must("clone3", pid);
	if (pid == 0) {
		setsid();
		bring_up_loopback();
		enter_cgroups();
		mount_all(argv[1]);
		must("hostname", sethostname("bare", 4));
		cover();
		must("rlimit", setrlimit(RLIMIT_NOFILE, &files));
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		execl(argv[3], argv[3], (char *)NULL);
		must("exec", -1);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	for (size_t i = 0; i < cgroup_count; i++)
		must(cgroups[i], rmdir(cgroups[i]));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
