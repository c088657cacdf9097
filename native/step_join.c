/*
 * How a process comes into its cgroups. The child is born in that of v2 (clone3), and writes itself
 * into those of v1: neither waits for the kernel. Whoever moves another process does, until every
 * processor has passed a grace period; that is left for what is not there before the child is.
 */
#define _GNU_SOURCE
#include "cgroup_walk.h"
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * cgroup v2 takes no process beside sub-cgroups, and a container that manages cgroups itself has
 * some: then the process goes where the init is now, below the container's own directory.
 */
static int find_like_init(struct launch *l, const char *dir, char *found, size_t room)
{
	const struct plan_step *s;
	char path[PATH_MAX + 64];
	char text[PATH_MAX];
	uint32_t count;
	char *own;

	s = plan_section(&l->plan, SECTION_CLONE, &count);
	snprintf(path, sizeof(path), "%s/cgroup", text_arg(l, s, ARG_CLONE_INIT_PID));
	if (read_small(l->host_proc, path, text, sizeof(text)) < 0)
		return -1;
	own = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
	own = own ? strchr(own, '/') : NULL;
	if (!own) {
		errno = EBUSY;
		return -1;
	}
	own[strcspn(own, "\n")] = '\0';
	/* dir is the mount and the container's cgroup; the init's begins with the latter. */
	for (const char *inner = strchr(dir, '/'); inner; inner = strchr(inner + 1, '/')) {
		size_t length = strlen(inner);

		if (strncmp(own, inner, length) != 0 || (own[length] != '/' && own[length]))
			continue;
		snprintf(found, room, "%s%s", dir, own + length);
		return 0;
	}
	errno = EBUSY;
	return -1;
}

static int write_procs(const char *dir, const char *pid)
{
	char path[2 * PATH_MAX]; /* what is too long the kernel refuses */

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	return write_file(AT_FDCWD, path, pid, strlen(pid));
}

int join_cgroup(struct launch *l, const char *dir, uint64_t flags)
{
	char found[PATH_MAX + 64];
	char pid[16];
	int result;

	snprintf(pid, sizeof(pid), "%d", l->child);
	result = write_procs(dir, pid);
	if (result < 0 && errno == EBUSY && flags & FLAG_CGROUP_LIKE_INIT &&
	    find_like_init(l, dir, found, sizeof(found)) == 0)
		result = write_procs(found, pid);
	return result;
}

int step_cgroup_join(struct launch *l, const struct plan_step *s)
{
	uint64_t flags = s->arg[ARG_CGROUP_JOIN_FLAGS];
	const char *dir = text_arg(l, s, ARG_CGROUP_JOIN_DIR);

	return forgive_cgroup(l, "write(cgroup.procs)", join_cgroup(l, dir, flags), flags);
}

static int add_file(struct launch *l, int file)
{
	if (file < 0)
		return -1;
	if (l->cgroups.count == MAX_CGROUPS) {
		close(file);
		errno = E2BIG;
		return -1;
	}
	l->cgroups.files[l->cgroups.count++] = file;
	return 0;
}

/* v1 has a file for threads: a process of one thread is moved by it without a grace period. */
int step_cgroup_open(struct launch *l, const struct plan_step *s)
{
	const char *dir = text_arg(l, s, ARG_CGROUP_OPEN_DIR);
	uint64_t flags = s->arg[ARG_CGROUP_OPEN_FLAGS];
	char path[PATH_MAX + 64];
	int file;

	l->cgroups.flags = flags;
	snprintf(path, sizeof(path), "%s/tasks", dir);
	file = open(path, O_WRONLY | O_CLOEXEC);
	if (file >= 0 || errno != ENOENT)
		return forgive_cgroup(l, "open(tasks)", add_file(l, file), flags);
	file = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (file < 0)
		return forgive_cgroup(l, "open", file, flags);
	l->cgroups.v2 = file;
	snprintf(l->cgroups.v2_path, sizeof(l->cgroups.v2_path), "%s", dir);
	return 0;
}

bool reopen_like_init(struct launch *l)
{
	char found[PATH_MAX + 64];
	int other = -1;

	if (l->cgroups.flags & FLAG_CGROUP_LIKE_INIT &&
	    find_like_init(l, l->cgroups.v2_path, found, sizeof(found)) == 0)
		other = open(found, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (other < 0)
		return false;
	close(l->cgroups.v2);
	l->cgroups.v2 = other;
	return true;
}

int enter_later(struct launch *l)
{
	int file = openat(l->cgroups.v2, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	return forgive_cgroup(l, "open(cgroup.procs)", add_file(l, file), l->cgroups.flags);
}

int step_cgroup_enter(struct launch *l, const struct plan_step *s)
{
	int result = 0;

	(void)s;
	for (uint32_t i = 0; i < l->cgroups.count; i++) {
		if (result == 0 && write(l->cgroups.files[i], "0", 1) < 0)
			result = forgive_cgroup(l, "write(tasks)", -1, l->cgroups.flags);
		close(l->cgroups.files[i]);
	}
	l->cgroups.count = 0;
	return result;
}

void close_cgroups(struct launch *l)
{
	for (uint32_t i = 0; i < l->cgroups.count; i++)
		close(l->cgroups.files[i]);
	l->cgroups.count = 0;
}
