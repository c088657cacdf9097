/*
 * The walk over directories that others remove meanwhile, as systemd does with an empty scope.
 */
#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../cgroup_walk.h"

#define LEVELS 4

static const struct {
	const char *why;
	int removed; /* levels, from the deepest on, by the visitor of the deepest */
} cases[] = {
	{ "nothing is removed", 0 },
	{ "the one that is visited", 1 },
	{ "those above it, where the walk goes on", 3 },
	{ "where the walk began, too", LEVELS },
};

struct visits {
	char path[256]; /* of the deepest */
	int removed;
	int count;
};

/* The record of a failure; remove_cgroup adds the directory that stands. */
void detail(struct launch *l, const char *text, size_t length)
{
	(void)l;
	(void)text;
	(void)length;
}

static int count_and_remove(struct launch *l, int parent, const char *name, void *arg)
{
	struct visits *v = arg;

	(void)l;
	(void)parent;
	(void)name;
	if (v->count++ > 0)
		return 0;
	for (int i = 0; i < v->removed; i++) {
		if (rmdir(v->path) < 0)
			return -1;
		*strrchr(v->path, '/') = '\0';
	}
	return 0;
}

void test_cgroup_walk(void)
{
	/* A tmpfs answers for a directory that has gone as cgroupfs does; ext4 does not. */
	char top[] = "/dev/shm/tsoci-walk-XXXXXX";

	if (!mkdtemp(top)) {
		printf("cgroup walk: skipped, mkdtemp in /dev/shm: %s\n", strerror(errno));
		return;
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct visits v = { .removed = cases[i].removed };
		struct launch l = { 0 };
		struct failure f = { 0 };
		char dir[64];
		int result;

		l.failure = &f;
		snprintf(dir, sizeof(dir), "%s/0", top);
		snprintf(v.path, sizeof(v.path), "%s", dir);
		mkdir(v.path, 0700);
		for (int level = 1; level < LEVELS; level++) {
			size_t used = strlen(v.path);

			snprintf(v.path + used, sizeof(v.path) - used, "/%d", level);
			mkdir(v.path, 0700);
		}
		result = each_directory(&l, dir, count_and_remove, &v);
		EXPECT(result == 0, "%s: %s", cases[i].why, strerror(errno));
		EXPECT(v.count == LEVELS, "%s: %d visits", cases[i].why, v.count);
		EXPECT(remove_cgroup(&l, dir) == 0, "%s: %s", cases[i].why, strerror(errno));
		EXPECT(access(dir, F_OK) < 0, "%s: it stands", cases[i].why);
	}
	rmdir(top);
}
