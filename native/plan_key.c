/*
 * What a plan was made from: the bytes of config.json, the flags that are no slots, and the facts
 * about host and caller that a compile reads.
 */
#define _GNU_SOURCE
#include "plan_key.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "launch.h"

#define MAX_CONFIG (4u << 20)
#define MAX_FACTS 16384

/* Flags whose value is part of what a plan is made from. */
static const char *const plan_flags[] = { "config",	   "detach",	     "keep",
					  "no-pivot",	   "no-new-keyring", "cgroup-manager",
					  "systemd-cgroup" };
/* Flags that the cache leaves to the engine. */
static const char *const foreign_flags[] = { "rootfs-dir", "pidfd-socket", "no-plan-cache", "debug",
					     "log-level" };

static const char *const systemd_variables[] = { "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS" };

struct text {
	char *at;
	size_t length;
	size_t room;
	bool full;
};

static void add(struct text *t, const void *bytes, size_t length)
{
	if (length > t->room - t->length) {
		t->full = true;
		return;
	}
	memcpy(t->at + t->length, bytes, length);
	t->length += length;
}

__attribute__((format(printf, 2, 3))) static void addf(struct text *t, const char *format, ...)
{
	char line[512];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n < 0 || n >= (int)sizeof(line))
		t->full = true;
	else
		add(t, line, (size_t)n + 1);
}

static void add_file(struct text *t, const char *path)
{
	char content[4096];
	int n = read_small(AT_FDCWD, path, content, sizeof(content));

	add(t, content, n > 0 ? (size_t)n : 0);
	/* What did not fit is no part of a key. */
	if (n == (int)sizeof(content) - 1)
		t->full = true;
	addf(t, "%s %d", path, n);
}

static void add_stat(struct text *t, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		memset(&st, 0, sizeof(st));
	addf(t, "%s %llu %llu %lld %lld.%09ld", path, (unsigned long long)st.st_dev,
	     (unsigned long long)st.st_ino, (long long)st.st_size, (long long)st.st_mtim.tv_sec,
	     st.st_mtim.tv_nsec);
}

/* Its identity alone: a namespace file has the time of the look as its times. */
static void add_namespace(struct text *t, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		memset(&st, 0, sizeof(st));
	addf(t, "%s %llu", path, (unsigned long long)st.st_ino);
}

/* Which hierarchies there are; which cgroup is ours in each is a slot. */
static void add_hierarchies(struct text *t)
{
	char text[8192];
	char *rest;

	int n = read_small(AT_FDCWD, "/proc/self/cgroup", text, sizeof(text));

	if (n <= 0)
		return;
	if (n == (int)sizeof(text) - 1)
		t->full = true;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *colon = strchr(line, ':');

		colon = colon ? strchr(colon + 1, ':') : NULL;
		if (colon)
			*colon = '\0';
		addf(t, "%s", line);
	}
}

static void add_caller(struct text *t)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2];

	memset(sets, 0, sizeof(sets));
	syscall(SYS_capget, &header, sets);
	addf(t, "%u %u %x %x", geteuid(), getegid(), sets[0].effective, sets[1].effective);
	add_namespace(t, "/proc/self/ns/user");
	add_namespace(t, "/proc/self/ns/mnt");
	add_file(t, "/proc/self/uid_map");
	add_file(t, "/proc/self/setgroups");
}

static void add_host(struct text *t)
{
	struct utsname name;

	uname(&name);
	addf(t, "%s %s", name.release, name.version);
	add_file(t, "/proc/sys/kernel/random/boot_id");
	add_hierarchies(t);
	add_stat(t, "/usr/bin/newuidmap");
	add_stat(t, "/usr/bin/newgidmap");
}

static bool is_plain(const char *path)
{
	size_t length = strlen(path);

	/* What TypeScript would normalize, or a JSON string escape, is left to it. */
	for (size_t i = 0; i < length; i++)
		if (path[i] < ' ' || path[i] == '"' || path[i] == '\\' || path[i] == 0x7f)
			return false;
	return path[0] == '/' && !strstr(path, "//") && !strstr(path, "/./") &&
	       !strstr(path, "/../") && (length < 2 || strcmp(path + length - 2, "/.") != 0) &&
	       (length < 3 || strcmp(path + length - 3, "/..") != 0) &&
	       (length < 2 || path[length - 1] != '/');
}

bool absolute_path(char *out, const char *path)
{
	char cwd[PATH_MAX];

	if (!path || !*path) {
		*out = '\0';
		return true;
	}
	if (path[0] == '/')
		return snprintf(out, PATH_MAX, "%s", path) < PATH_MAX && is_plain(out);
	if (!getcwd(cwd, sizeof(cwd)))
		return false;
	if (strcmp(path, ".") == 0)
		return snprintf(out, PATH_MAX, "%s", cwd) < PATH_MAX && is_plain(out);
	return snprintf(out, PATH_MAX, "%s/%s", cwd, path) < PATH_MAX && is_plain(out);
}

/* The whole file, and room for facts behind it. */
static bool add_source(struct text *t, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	char *bytes;
	bool whole;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > MAX_CONFIG)
		goto failed;
	bytes = realloc(t->at, (size_t)st.st_size + MAX_FACTS);
	if (!bytes)
		goto failed;
	t->at = bytes;
	t->room = (size_t)st.st_size + MAX_FACTS;
	whole = read(fd, t->at, (size_t)st.st_size) == st.st_size;
	t->length = (size_t)st.st_size;
	close(fd);
	return whole;
failed:
	if (fd >= 0)
		close(fd);
	return false;
}

static bool add_config(struct text *t, const struct plan_key *key, const struct command_line *line)
{
	const char *config = flag_value(line, "config");
	char path[PATH_MAX + 16];

	if (config && *config)
		return config[0] == '/' && add_source(t, config);
	snprintf(path, sizeof(path), "%s/config.json", key->bundle);
	return add_source(t, path);
}

/* A build of tsoci is two files: this one, and what is beside it. */
static bool add_build(struct text *t, const char *own_path)
{
	const char *slash = strrchr(own_path, '/');
	char script[PATH_MAX + 16];

	if (!slash)
		return false;
	snprintf(script, sizeof(script), "%.*s/engine.cjs", (int)(slash - own_path), own_path);
	add_stat(t, own_path);
	add_stat(t, script);
	return true;
}

bool plan_key_of_process(struct plan_key *key, const char *file, bool detach, bool socket,
			 const char *own_path)
{
	struct text t = { 0 };
	char path[PATH_MAX];

	memset(key, 0, sizeof(*key));
	if (!absolute_path(path, file) || !add_source(&t, path) || !add_build(&t, own_path)) {
		free(t.at);
		return false;
	}
	addf(&t, "exec %u %d %d", PLAN_ABI, detach, socket);
	add_caller(&t);
	key->bytes = t.at;
	key->size = t.length;
	return !t.full;
}

bool plan_key_make(struct plan_key *key, const struct command_line *line, const char *own_path)
{
	struct text t = { 0 };
	const char *bundle = flag_value(line, "bundle");

	memset(key, 0, sizeof(*key));
	if (!line->understood ||
	    (strcmp(line->command, "create") != 0 && strcmp(line->command, "run") != 0))
		return false;
	/* Descriptors of socket activation go by the environment. */
	if (getenv("LISTEN_FDS") || getenv("NOTIFY_SOCKET"))
		return false;
	for (size_t i = 0; i < sizeof(foreign_flags) / sizeof(*foreign_flags); i++)
		if (flag_value(line, foreign_flags[i]))
			return false;
	key->preserve_fds = flag_value(line, "preserve-fds");
	if (!key->preserve_fds)
		key->preserve_fds = "0";
	if (!absolute_path(key->bundle, bundle && *bundle ? bundle : ".") ||
	    !is_plain(line->root) || !absolute_path(key->pid_file, flag_value(line, "pid-file")) ||
	    !absolute_path(key->console_socket, flag_value(line, "console-socket")) ||
	    !add_config(&t, key, line)) {
		free(t.at);
		return false;
	}
	key->config_size = t.length;
	if (!add_build(&t, own_path)) {
		free(t.at);
		return false;
	}
	addf(&t, "%s %u", line->command, PLAN_ABI);
	for (size_t i = 0; i < sizeof(plan_flags) / sizeof(*plan_flags); i++) {
		const char *value = flag_value(line, plan_flags[i]);

		addf(&t, "%s", value ? value : "");
	}
	/* Where systemd listens (src/host/systemd.ts). */
	for (size_t i = 0; i < sizeof(systemd_variables) / sizeof(*systemd_variables); i++) {
		const char *value = getenv(systemd_variables[i]);

		addf(&t, "%s", value ? value : "");
	}
	addf(&t, "console %d", *key->console_socket != '\0');
	add_caller(&t);
	add_host(&t);
	key->bytes = t.at;
	key->size = t.length;
	return !t.full;
}

int plan_key_facts(const struct plan_key *key)
{
	size_t size = key->size - key->config_size;
	int fd = memfd_create("facts", MFD_CLOEXEC);

	if (fd >= 0 && write(fd, key->bytes + key->config_size, size) != (ssize_t)size) {
		close(fd);
		return -1;
	}
	return fd;
}
