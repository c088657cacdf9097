/*
 * resctrl: groups of processes that share caches and memory bandwidth, and groups that count them.
 */
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kernel says in a file why it refused the last command. */
static int told(struct launch *l, const char *call, const char *base, int result)
{
	char path[PATH_MAX + 64];
	char why[256];
	int saved = errno;
	int n;

	if (result >= 0)
		return result;
	snprintf(path, sizeof(path), "%s/info/last_cmd_status", base);
	n = read_small(AT_FDCWD, path, why, sizeof(why));
	if (n > 1 && strncmp(why, "ok", 2) != 0)
		detail(l, why, (size_t)n - 1);
	errno = saved;
	return (int)check(l, call, -1);
}

/* Has each domain of `want` its value in `have`? Both are `0=ff;1=f`, up to the end of the line. */
static bool has_values(const char *have, const char *want)
{
	while (*want && *want != '\n') {
		char *end;
		unsigned long domain = strtoul(want, &end, 10);
		unsigned long long value;
		const char *at = have;
		bool found = false;

		if (*end != '=')
			return false;
		value = strtoull(end + 1, &end, 16);
		want = *end == ';' ? end + 1 : end;
		if (*end && *end != ';' && *end != '\n')
			return false;
		while (!found && *at && *at != '\n') {
			unsigned long other = strtoul(at, &end, 10);

			if (*end != '=')
				return false;
			found = other == domain && strtoull(end + 1, &end, 16) == value;
			at = end + strcspn(end, ";\n");
			at += *at == ';';
		}
		if (!found)
			return false;
	}
	return true;
}

static bool has_schema(const char *text, const char *want)
{
	size_t length = strcspn(want, ":");

	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += strspn(line, " \t\n");
		if (want[length] && strncmp(line, want, length + 1) == 0)
			return has_values(line + length + 1, want + length + 1);
	}
	return false;
}

/* The group is somebody's already: it must be as the config has it. */
static int compare_schemata(struct launch *l, const struct plan_step *s, const char *path)
{
	static char text[16384];

	if (check(l, "read(schemata)", read_small(AT_FDCWD, path, text, sizeof(text))) < 0)
		return -1;
	for (uint32_t i = 0; i < list_count(s, ARG_RESCTRL_GROUP_SCHEMATA); i++) {
		const char *want = list_text(l, s, ARG_RESCTRL_GROUP_SCHEMATA, i);

		if (has_schema(text, want))
			continue;
		detail(l, want, strlen(want));
		errno = EEXIST;
		return (int)check(l, "schemata", -1);
	}
	return 0;
}

/* Each line is written by itself: what is refused is then that line. */
static int write_schemata(struct launch *l, const struct plan_step *s, const char *path)
{
	const char *base = text_arg(l, s, ARG_RESCTRL_GROUP_BASE);
	char line[4096];

	for (uint32_t i = 0; i < list_count(s, ARG_RESCTRL_GROUP_SCHEMATA); i++) {
		int n = snprintf(line, sizeof(line), "%s\n",
				 list_text(l, s, ARG_RESCTRL_GROUP_SCHEMATA, i));

		if (n >= (int)sizeof(line)) {
			errno = E2BIG;
			return (int)check(l, "write(schemata)", -1);
		}
		if (told(l, "write(schemata)", base, write_file(AT_FDCWD, path, line, (size_t)n)) <
		    0)
			return -1;
	}
	return 0;
}

/* The mark says that delete may remove the group; it is there before the group is. */
static int make_group(struct launch *l, const char *dir, const char *mark, const char *base)
{
	int fd;

	if (*mark) {
		fd = openat(l->state_dir, mark, O_CREAT | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (check(l, "open(mark)", fd) < 0)
			return -1;
		close(fd);
	}
	if (mkdir(dir, 0755) == 0)
		return 0;
	fd = errno;
	if (*mark)
		unlinkat(l->state_dir, mark, 0);
	errno = fd;
	return told(l, "mkdir", base, -1);
}

int step_resctrl_group(struct launch *l, const struct plan_step *s)
{
	const char *base = text_arg(l, s, ARG_RESCTRL_GROUP_BASE);
	const char *dir = text_arg(l, s, ARG_RESCTRL_GROUP_DIR);
	uint64_t flags = s->arg[ARG_RESCTRL_GROUP_FLAGS];
	bool exists = access(dir, F_OK) == 0;
	char path[PATH_MAX + 64];

	if (flags & FLAG_RESCTRL_EXISTS && !exists) {
		errno = ENOENT;
		return (int)check(l, "access", -1);
	}
	if (flags & FLAG_RESCTRL_NEW && exists) {
		errno = EEXIST;
		return (int)check(l, "mkdir", -1);
	}
	if (!exists && make_group(l, dir, text_arg(l, s, ARG_RESCTRL_GROUP_MARK), base) < 0)
		return -1;
	if (list_count(s, ARG_RESCTRL_GROUP_SCHEMATA) == 0)
		return 0;
	snprintf(path, sizeof(path), "%s/schemata", dir);
	if (exists && flags & FLAG_RESCTRL_COMPARE)
		return compare_schemata(l, s, path);
	return write_schemata(l, s, path);
}

int step_resctrl_join(struct launch *l, const struct plan_step *s)
{
	char path[PATH_MAX + 64];
	char pid[16];
	int n = snprintf(pid, sizeof(pid), "%d", l->child);

	snprintf(path, sizeof(path), "%s/tasks", text_arg(l, s, ARG_RESCTRL_JOIN_DIR));
	return told(l, "write(tasks)", text_arg(l, s, ARG_RESCTRL_JOIN_BASE),
		    write_file(AT_FDCWD, path, pid, (size_t)n));
}

int step_resctrl_remove(struct launch *l, const struct plan_step *s)
{
	const char *mark = text_arg(l, s, ARG_RESCTRL_REMOVE_MARK);

	if (faccessat(l->state_dir, mark, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (rmdir(text_arg(l, s, ARG_RESCTRL_REMOVE_DIR)) == 0 || errno == ENOENT)
		return 0;
	return (int)check(l, "rmdir", -1);
}
