/*
 * Plans that are kept. A plan is found by everything it was made from, its key. All of it is stored
 * with the plan and compared byte for byte; a hash only picks the file, of which there are few, so
 * the cache can't grow.
 */
#define _GNU_SOURCE
#include "plan_cache.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "launch.h"
#include "plan_form.h"

#define PLACES 64
#define EXEC_PLACES 8 /* of each container */
#define CACHE_DIR "@plans" /* no id may look like this */

/* FNV-1a: only a place, never an identity. */
static unsigned int place_of(const struct plan_key *key, unsigned int places)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < key->size; i++)
		hash = (hash ^ (unsigned char)key->bytes[i]) * 0x100000001b3u;
	return (unsigned int)((hash ^ hash >> 32) % places);
}

/* The directory of that name, if it is ours alone; made when `make` says so. */
static int open_cache(const struct command_line *line, const char *name, bool make)
{
	char path[PATH_MAX + 16];
	struct stat st;
	int dir;

	snprintf(path, sizeof(path), "%s/%s", line->root, name);
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

static bool map_kept(struct kept *kept, int dir, const char *name, size_t least)
{
	struct stat st;
	int fd = -1;

	kept->bytes = MAP_FAILED;
	if (dir >= 0)
		fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > (off_t)least) {
		kept->size = (size_t)st.st_size;
		kept->bytes = mmap(NULL, kept->size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	if (fd >= 0)
		close(fd);
	return kept->bytes != MAP_FAILED;
}

static bool read_kept(const struct plan_key *key, int dir, const char *name, struct kept *kept)
{
	uint64_t length;
	size_t skip;

	if (!map_kept(kept, dir, name, sizeof(length)))
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

/* Of a form the facts and the pattern come before the request (src/launch/kept-forms.ts). */
static bool read_form(const struct plan_key *key, int dir, const char *name, struct kept *kept)
{
	static struct blank blanks[MAX_BLANKS];
	const char *facts = key->bytes + key->config_size;
	size_t facts_size = key->size - key->config_size;
	uint64_t sizes[2];
	size_t skip;
	size_t count;

	if (!map_kept(kept, dir, name, sizeof(sizes)))
		return false;
	memcpy(sizes, kept->bytes, sizeof(sizes));
	if (sizes[0] != facts_size || sizes[0] > kept->size || sizes[1] > kept->size)
		goto other;
	skip = (sizeof(sizes) + sizes[0] + sizes[1] + 7) & ~(size_t)7;
	if (kept->size <= skip || memcmp(kept->bytes + sizeof(sizes), facts, facts_size) != 0 ||
	    !form_match(kept->bytes + sizeof(sizes) + facts_size, sizes[1], key->bytes,
			key->config_size, blanks, &count))
		goto other;
	kept->request = form_fill(kept->bytes + skip, kept->size - skip, blanks, count,
				  &kept->request_size);
	if (kept->request)
		return true;
other:
	munmap(kept->bytes, kept->size);
	return false;
}

static bool find_form(const struct plan_key *key, const struct command_line *line,
		      struct kept *kept)
{
	int dir = open_cache(line, FORMS_DIR, false);
	bool found = false;
	char name[16];

	if (dir < 0)
		return false;
	for (int i = 0; !found && i < FORM_PLACES; i++) {
		snprintf(name, sizeof(name), "%d", i);
		found = read_form(key, dir, name, kept);
	}
	close(dir);
	return found;
}

static bool find_plan(const struct plan_key *key, const struct command_line *line,
		      struct kept *kept)
{
	int dir = open_cache(line, CACHE_DIR, false);
	char name[16];
	bool found;

	if (dir < 0)
		return false;
	snprintf(name, sizeof(name), "%u", place_of(key, PLACES));
	found = read_kept(key, dir, name, kept);
	close(dir);
	return found;
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

int write_request(const void *plan, size_t size, const char *const slots[SLOT_COUNT])
{
	size_t length;
	char *bytes = plan_request(plan, size, slots, &length);
	int fd = bytes ? memfd_create("plan", MFD_CLOEXEC) : -1;

	if (fd >= 0 && write(fd, bytes, length) != (ssize_t)length) {
		close(fd);
		fd = -1;
	}
	free(bytes);
	return fd;
}

static void exec_name(const struct plan_key *key, char *name, size_t room)
{
	snprintf(name, room, "exec-%u", place_of(key, EXEC_PLACES));
}

int exec_cache_load(const struct plan_key *key, int dir, const char *const slots[SLOT_COUNT])
{
	static struct launch l;
	struct kept kept;
	char name[32];

	exec_name(key, name, sizeof(name));
	if (!read_kept(key, dir, name, &kept))
		return -1;
	launch_init(&l);
	if (launch_load(&l, kept.request, kept.request_size) < 0)
		return -1;
	return write_request(l.plan.base, l.plan.size, slots);
}

int plan_cache_load(const struct plan_key *key, const struct command_line *line)
{
	static struct launch l;
	char created[40];
	struct kept kept;

	if (!find_plan(key, line, &kept) && !find_form(key, line, &kept))
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
	return write_request(l.plan.base, l.plan.size, l.slots);
}

static void store(const struct plan_key *key, int dir, const char *name, int request)
{
	size_t head = (sizeof(uint64_t) + key->size + 7) & ~(size_t)7;
	uint64_t length = key->size;
	struct stat st;
	char *bytes;

	if (fstat(request, &st) < 0 || st.st_size == 0)
		return;
	bytes = calloc(1, head + (size_t)st.st_size);
	if (!bytes)
		return;
	memcpy(bytes, &length, sizeof(length));
	memcpy(bytes + sizeof(length), key->bytes, key->size);
	/* The engine's last byte: may the plan be kept? */
	if (pread(request, bytes + head, (size_t)st.st_size, 0) == st.st_size &&
	    bytes[head + (size_t)st.st_size - 1] == 1)
		store_file(dir, name, bytes, head + (size_t)st.st_size, 0600);
	free(bytes);
}

void plan_cache_store(const struct plan_key *key, const struct command_line *line, int request)
{
	int dir = open_cache(line, CACHE_DIR, true);
	char name[16];

	if (dir < 0)
		return;
	snprintf(name, sizeof(name), "%u", place_of(key, PLACES));
	store(key, dir, name, request);
	close(dir);
}

void exec_cache_store(const struct plan_key *key, int dir, int request)
{
	char name[32];

	exec_name(key, name, sizeof(name));
	store(key, dir, name, request);
}
