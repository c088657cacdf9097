/*
 * What a container sees of itself: name, process, namespaces, id maps, mounts,
 * limits. Static and alone in its rootfs, so nothing here can come from the host.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const char *const namespaces[] = {
	"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts",
};

static const struct {
	const char *name;
	int resource;
} rlimits[] = {
	{ "nofile", RLIMIT_NOFILE }, { "nproc", RLIMIT_NPROC }, { "stack", RLIMIT_STACK },
	{ "core", RLIMIT_CORE },     { "as", RLIMIT_AS },
};

/* The same limit has one file on cgroup v2 and another on v1; the first that opens counts. */
static const struct {
	const char *name;
	const char *v2;
	const char *v1;
} limits[] = {
	{ "pids", "/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/pids/pids.max" },
	{ "memory", "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes" },
	{ "cpu", "/sys/fs/cgroup/cpu.max", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us" },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void section(const char *title)
{
	printf("\n%s\n", title);
}

__attribute__((format(printf, 2, 3)))
static void row(const char *key, const char *format, ...)
{
	va_list args;

	printf("  %-10s ", key);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* The first line of a file, without its newline; NULL when it can't be read. */
static char *first_line(const char *path, char *line, int size)
{
	FILE *file = fopen(path, "re");
	char *got;

	if (!file)
		return NULL;
	got = fgets(line, size, file);
	fclose(file);
	if (got)
		line[strcspn(line, "\n")] = '\0';
	return got;
}

static void show_process(void)
{
	char host[256] = "";

	if (gethostname(host, sizeof(host) - 1) < 0)
		snprintf(host, sizeof(host), "unknown: %s", strerror(errno));
	row("hostname", "%s", host);
	row("pid", "%d", (int)getpid());
	row("user", "%d:%d", (int)getuid(), (int)getgid());
}

static void show_namespaces(void)
{
	char path[64], target[64];
	ssize_t length;

	section("namespaces");
	for (size_t i = 0; i < COUNT(namespaces); i++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", namespaces[i]);
		length = readlink(path, target, sizeof(target) - 1);
		if (length < 0) {
			row(namespaces[i], "not visible: %s", strerror(errno));
			continue;
		}
		target[length] = '\0';
		row(namespaces[i], "%s", target);
	}
}

static void show_id_map(const char *key, const char *path)
{
	unsigned int inside, outside, size;
	FILE *file = fopen(path, "re");
	int maps = 0;

	if (!file) {
		row(key, "not visible: %s", strerror(errno));
		return;
	}
	for (; fscanf(file, "%u %u %u", &inside, &outside, &size) == 3; maps++)
		row(maps ? "" : key, "%u in here is %u outside, for %u ids", inside, outside, size);
	if (!maps)
		row(key, "empty");
	fclose(file);
}

static void show_mounts(void)
{
	char line[4096], where[1024], options[512], type[64];
	FILE *file = fopen("/proc/self/mountinfo", "re");

	section("mounts");
	if (!file) {
		row("none", "not visible: %s", strerror(errno));
		return;
	}
	while (fgets(line, sizeof(line), file)) {
		/* proc(5): optional fields end with a lone dash, the type comes after it. */
		char *dash = strstr(line, " - ");

		if (dash && sscanf(line, "%*s %*s %*s %*s %1023s %511s", where, options) == 2 &&
		    sscanf(dash, " - %63s", type) == 1)
			row(type, "%-24s %s", where, options);
	}
	fclose(file);
}

static void show_rlimit(const char *name, int resource)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0)
		row(name, "unknown: %s", strerror(errno));
	else if (limit.rlim_cur == RLIM_INFINITY)
		row(name, "unlimited");
	else
		row(name, "%llu", (unsigned long long)limit.rlim_cur);
}

static void show_limits(void)
{
	char line[128];

	section("limits of the cgroup");
	for (size_t i = 0; i < COUNT(limits); i++) {
		if (first_line(limits[i].v2, line, sizeof(line)) ||
		    first_line(limits[i].v1, line, sizeof(line)))
			row(limits[i].name, "%s", line);
		else
			row(limits[i].name, "not visible");
	}
	section("limits of the process");
	for (size_t i = 0; i < COUNT(rlimits); i++)
		show_rlimit(rlimits[i].name, rlimits[i].resource);
}

int main(void)
{
	puts("hello from a container");
	show_process();
	show_namespaces();
	section("id maps");
	show_id_map("uid", "/proc/self/uid_map");
	show_id_map("gid", "/proc/self/gid_map");
	show_mounts();
	show_limits();
	return fflush(stdout) ? 1 : 0;
}
