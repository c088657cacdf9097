/*
 * Walks the cgroups below a container's. The container may have made them, as deep as it liked: no
 * path of them is put together, and neither the stack nor our descriptors limit the depth.
 */
#define _GNU_SOURCE
#include "cgroup_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRIES_ROOM 4096
#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

/* As getdents64(2) has it. */
struct entry {
	uint64_t inode;
	int64_t next; /* where to read on */
	uint16_t length;
	uint8_t type;
	char name[];
};

/* A directory on our way, and how far its own have been visited. */
struct level {
	off_t next;
	char name[NAME_MAX + 1];
};

struct walk {
	int dir; /* the deepest of the levels */
	size_t depth;
	size_t room;
	struct level *levels; /* the first stands for where the walk began, and has no name */
};

/* The next directory in w->dir: 1 with its name, 0 when there is none, -1 with errno. One that was
 * removed after we opened it has none: systemd removes a scope as soon as it is empty. */
static int next_directory(struct walk *w, char name[NAME_MAX + 1])
{
	_Alignas(struct entry) char entries[ENTRIES_ROOM];
	off_t *next = &w->levels[w->depth - 1].next;

	if (lseek(w->dir, *next, SEEK_SET) < 0)
		return -1;
	for (;;) {
		long n = syscall(SYS_getdents64, w->dir, entries, sizeof(entries));

		if (n < 0 && errno == ENOENT)
			return 0;
		if (n <= 0)
			return (int)n;
		for (long at = 0; at < n;) {
			const struct entry *e = (const struct entry *)(entries + at);

			at += e->length;
			*next = e->next;
			/* A cgroup's name may well begin with a dot. */
			if (e->type != DT_DIR || strcmp(e->name, ".") == 0 ||
			    strcmp(e->name, "..") == 0)
				continue;
			snprintf(name, NAME_MAX + 1, "%s", e->name);
			return 1;
		}
	}
}

/* 1 when it is there; 0 when it has gone. */
static int go_down(struct walk *w, int parent, const char *name)
{
	int dir = openat(parent, name, DIRECTORY);
	struct level *levels = w->levels;

	if (dir < 0)
		return errno == ENOENT ? 0 : -1;
	if (w->depth == w->room) {
		size_t room = 2 * w->room + 8;

		levels = realloc(levels, room * sizeof(*levels));
		if (!levels) {
			close(dir);
			return -1;
		}
		w->levels = levels;
		w->room = room;
	}
	levels[w->depth].next = 0;
	snprintf(levels[w->depth].name, sizeof(levels->name), "%s", w->depth > 0 ? name : "");
	w->depth++;
	if (w->dir >= 0)
		close(w->dir);
	w->dir = dir;
	return 1;
}

/* The kernel moves no cgroup to another parent: ".." is where we came from. */
static int go_up(struct walk *w)
{
	int parent = openat(w->dir, "..", DIRECTORY);

	if (parent < 0)
		return -1;
	close(w->dir);
	w->dir = parent;
	w->depth--;
	return 0;
}

static int walk(struct launch *l, struct walk *w, visitor *visit, void *arg)
{
	char name[NAME_MAX + 1];
	int found;

	for (;;) {
		while ((found = next_directory(w, name)) > 0)
			if (go_down(w, w->dir, name) < 0)
				return -1;
		if (found < 0)
			return -1;
		if (w->depth == 1)
			return 0;
		if (go_up(w) < 0 || visit(l, w->dir, w->levels[w->depth].name, arg) < 0)
			return -1;
	}
}

int each_directory(struct launch *l, const char *dir, visitor *visit, void *arg)
{
	struct walk w = { .dir = -1 };
	int result = go_down(&w, AT_FDCWD, dir);
	int saved;

	if (result == 1)
		result = walk(l, &w, visit, arg) < 0 ? -1 : visit(l, AT_FDCWD, dir, arg);
	saved = errno;
	if (w.dir >= 0)
		close(w.dir);
	free(w.levels);
	errno = saved;
	return result;
}

int open_in_cgroup(int parent, const char *name, const char *file, int flags)
{
	char path[PATH_MAX + 32];

	if (snprintf(path, sizeof(path), "%s/%s", name, file) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return openat(parent, path, flags | O_CLOEXEC);
}

/* 1 when the file has a line, 0 when it is empty or not there, -1 with errno. */
static int has_lines(int parent, const char *name, const char *file)
{
	int list = open_in_cgroup(parent, name, file, O_RDONLY);
	char first;
	ssize_t n;
	int saved;

	if (list < 0)
		return 0;
	n = read(list, &first, 1);
	saved = errno;
	close(list);
	errno = saved;
	return (int)n;
}

bool has_processes(int parent, const char *name)
{
	int found = has_lines(parent, name, "cgroup.procs");

	/* v2: a threaded one lists threads alone. */
	if (found < 0 && errno == EOPNOTSUPP)
		found = has_lines(parent, name, "cgroup.threads");
	return found > 0;
}

static int remove_one(struct launch *l, int parent, const char *name, void *arg)
{
	(void)arg;
	if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	/* The first of them: the record is one for all that is taken back. */
	if (l->failure->detail_length == 0)
		detail(l, name, strlen(name));
	return -1;
}

int remove_cgroup(struct launch *l, const char *dir)
{
	return each_directory(l, dir, remove_one, NULL);
}
