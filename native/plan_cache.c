/*
 * Plans that are kept. A plan is found by everything it was made from: the bytes of config.json,
 * the flags that are no slots, and the facts about host and caller that a compile reads. All of it
 * is stored with the plan and compared byte for byte; a hash only picks the file, of which there
 * are few, so the cache can't grow.
 */
#define _GNU_SOURCE
#include "plan_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "launch.h"

#define PLACES 64
#define MAX_CONFIG (4u << 20)
#define MAX_FACTS 16384
#define CACHE_DIR "@plans" /* no id may look like this */

/* Flags whose value is part of what a plan is made from. */
static const char *const plan_flags[] = { "config",   "detach",		"keep",
					  "no-pivot", "no-new-keyring", "cgroup-manager" };
/* Flags that the cache leaves to the engine. */
static const char *const foreign_flags[] = { "rootfs-dir", "systemd-cgroup", "no-plan-cache",
					     "debug", "log-level" };

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

	if (read_small(AT_FDCWD, "/proc/self/cgroup", text, sizeof(text)) <= 0)
		return;
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

static bool absolute(char *out, const char *path)
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

static bool add_config(struct text *t, const struct plan_key *key, const struct command_line *line)
{
	const char *config = flag_value(line, "config");
	char path[PATH_MAX + 16];
	struct stat st;
	char *bytes;
	bool whole;
	int fd;

	if (config && *config && config[0] != '/')
		return false;
	snprintf(path, sizeof(path), "%s/config.json", key->bundle);
	fd = open(config && *config ? config : path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
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

bool plan_key_make(struct plan_key *key, const struct command_line *line, const char *own_path)
{
	struct text t = { 0 };
	char script[PATH_MAX + 16];
	const char *slash = strrchr(own_path, '/');
	const char *bundle = flag_value(line, "bundle");

	memset(key, 0, sizeof(*key));
	if (!line->understood || !slash || strcmp(line->command, "exec") == 0)
		return false;
	for (size_t i = 0; i < sizeof(foreign_flags) / sizeof(*foreign_flags); i++)
		if (flag_value(line, foreign_flags[i]))
			return false;
	key->preserve_fds = flag_value(line, "preserve-fds");
	if (!key->preserve_fds || !*key->preserve_fds)
		key->preserve_fds = "0";
	if (!absolute(key->bundle, bundle && *bundle ? bundle : ".") || !is_plain(line->root) ||
	    !absolute(key->pid_file, flag_value(line, "pid-file")) ||
	    !absolute(key->console_socket, flag_value(line, "console-socket")) ||
	    strspn(key->preserve_fds, "0123456789") != strlen(key->preserve_fds) ||
	    !add_config(&t, key, line)) {
		free(t.at);
		return false;
	}
	snprintf(script, sizeof(script), "%.*s/main.js", (int)(slash - own_path), own_path);
	addf(&t, "%s %u", line->command, PLAN_ABI);
	for (size_t i = 0; i < sizeof(plan_flags) / sizeof(*plan_flags); i++) {
		const char *value = flag_value(line, plan_flags[i]);

		addf(&t, "%s", value ? value : "");
	}
	addf(&t, "console %d", *key->console_socket != '\0');
	add_stat(&t, own_path);
	add_stat(&t, script);
	add_caller(&t);
	add_host(&t);
	key->bytes = t.at;
	key->size = t.length;
	return !t.full;
}

/* FNV-1a: only a place, never an identity. */
static unsigned int place_of(const struct plan_key *key)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < key->size; i++)
		hash = (hash ^ (unsigned char)key->bytes[i]) * 0x100000001b3u;
	return (unsigned int)((hash ^ hash >> 32) % PLACES);
}

/* The directory, if it is ours alone; made when `make` says so. */
static int open_cache(const struct command_line *line, bool make)
{
	char path[PATH_MAX + 16];
	struct stat st;
	int dir;

	snprintf(path, sizeof(path), "%s/" CACHE_DIR, line->root);
	if (make) {
		mkdir(line->root, 0700);
		mkdir(path, 0700);
	}
	dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir >= 0 && (fstat(dir, &st) < 0 || st.st_uid != geteuid() || st.st_mode & 077)) {
		close(dir);
		return -1;
	}
	return dir;
}

/* A kept plan in memory: the key's length, the key, the request. */
struct kept {
	char *bytes;
	size_t size;
	const char *request;
	size_t request_size;
};

static bool read_kept(const struct plan_key *key, const struct command_line *line,
		      struct kept *kept)
{
	int dir = open_cache(line, false);
	char name[16];
	struct stat st;
	uint64_t length;
	int fd = -1;
	size_t skip;

	snprintf(name, sizeof(name), "%u", place_of(key));
	kept->bytes = MAP_FAILED;
	if (dir >= 0)
		fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > (off_t)sizeof(length)) {
		kept->size = (size_t)st.st_size;
		kept->bytes = mmap(NULL, kept->size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	if (fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	if (kept->bytes == MAP_FAILED)
		return false;
	memcpy(&length, kept->bytes, sizeof(length));
	skip = (sizeof(length) + key->size + 7) & ~(size_t)7;
	if (length != key->size || kept->size <= skip ||
	    memcmp(kept->bytes + sizeof(length), key->bytes, key->size) != 0)
		return false;
	kept->request = kept->bytes + skip;
	kept->request_size = kept->size - skip;
	return true;
}

static bool is_cgroup(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 &&
	       (fs.f_type == CGROUP_SUPER_MAGIC || fs.f_type == CGROUP2_SUPER_MAGIC);
}

/* What the engine checks and a key can't hold: the rootfs, and the mounts of the hierarchies. */
static bool still_holds(struct launch *l)
{
	uint32_t count;
	const struct plan_step *s = plan_section(&l->plan, SECTION_PREPARE, &count);
	struct stat st;

	for (; count > 0; count--, s = plan_next(s))
		if (s->op == OP_CGROUP_DIR && !is_cgroup(text_arg(l, s, ARG_CGROUP_DIR_BASE)))
			return false;
	s = plan_section(&l->plan, SECTION_CHILD, &count);
	while (count > 0 && s->op != OP_ROOTFS)
		s = plan_next(s), count--;
	return count > 0 && lstat(text_arg(l, s, ARG_ROOTFS_PATH), &st) == 0 && S_ISDIR(st.st_mode);
}

static const char *stamp(char *out, size_t room)
{
	struct timespec now;
	struct tm tm;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	n = strftime(out, room, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, room - n, ".%03ldZ", now.tv_nsec / 1000000);
	return out;
}

static bool write_all(int fd, const void *bytes, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = write(fd, (const char *)bytes + done, size - done);

		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static bool write_request(int fd, struct launch *l)
{
	if (!write_all(fd, l->plan.base, l->plan.size))
		return false;
	for (int i = 0; i < SLOT_COUNT; i++) {
		const char *value = l->slots[i] ? l->slots[i] : "";
		uint32_t length = (uint32_t)strlen(value);

		if (!write_all(fd, &length, sizeof(length)) || !write_all(fd, value, length + 1u))
			return false;
	}
	return write_all(fd, "", 1);
}

int plan_cache_load(const struct plan_key *key, const struct command_line *line)
{
	static struct launch l;
	char created[40];
	struct kept kept;
	int fd;

	if (!read_kept(key, line, &kept))
		return -1;
	launch_init(&l);
	if (launch_load(&l, kept.request, kept.request_size) < 0)
		return -1;
	l.slots[SLOT_ID] = line->id;
	l.slots[SLOT_ROOT] = line->root;
	l.slots[SLOT_BUNDLE] = l.slots[SLOT_BUNDLE_JSON] = key->bundle;
	l.slots[SLOT_PID_FILE] = key->pid_file;
	l.slots[SLOT_CONSOLE_SOCKET] = key->console_socket;
	l.slots[SLOT_PRESERVE_FDS] = key->preserve_fds;
	l.slots[SLOT_CREATED] = stamp(created, sizeof(created));
	if (!still_holds(&l))
		return -1;
	fd = memfd_create("plan", MFD_CLOEXEC);
	if (fd >= 0 && !write_request(fd, &l)) {
		close(fd);
		return -1;
	}
	return fd;
}

void plan_cache_store(const struct plan_key *key, const struct command_line *line, int request)
{
	size_t head = (sizeof(uint64_t) + key->size + 7) & ~(size_t)7;
	uint64_t length = key->size;
	struct stat st;
	char name[16];
	char *bytes;
	int dir;

	if (fstat(request, &st) < 0 || st.st_size == 0)
		return;
	bytes = calloc(1, head + (size_t)st.st_size);
	if (!bytes)
		return;
	memcpy(bytes, &length, sizeof(length));
	memcpy(bytes + sizeof(length), key->bytes, key->size);
	/* The engine's last byte: may the plan be kept? */
	if (pread(request, bytes + head, (size_t)st.st_size, 0) == st.st_size &&
	    bytes[head + (size_t)st.st_size - 1] == 1 && (dir = open_cache(line, true)) >= 0) {
		snprintf(name, sizeof(name), "%u", place_of(key));
		store_file(dir, name, bytes, head + (size_t)st.st_size, 0600);
		close(dir);
	}
	free(bytes);
}
