/*
 * Who the process is: id maps, user, groups, capabilities.
 */
#define _GNU_SOURCE
#include "command_line.h"
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define MAX_TOOL_ARGS (2 + 3 * 340) /* the kernel takes 340 lines in a map */
#define LAST_POSSIBLE_CAP 63

/* newuidmap and newgidmap: setuid programs that check /etc/subuid for an ordinary user. */
static int map_with_tool(struct launch *l, const char *tool, const char *map)
{
	char *argv[MAX_TOOL_ARGS + 1];
	char pid[16];
	char *copy = strdup(map);
	int n = 0;
	int result;

	if (!copy)
		return (int)check(l, "malloc", -1);
	snprintf(pid, sizeof(pid), "%d", l->child);
	argv[n++] = (char *)tool;
	argv[n++] = pid;
	for (char *rest, *word = strtok_r(copy, " \n", &rest); word && n < MAX_TOOL_ARGS;
	     word = strtok_r(NULL, " \n", &rest))
		argv[n++] = word;
	argv[n] = NULL;
	result = run_program(l, &(struct program){
					.path = tool,
					.argv = argv,
					.envp = environ,
					.input = "",
					.timeout_ms = -1,
					.dir = -1,
					.output = "",
					.errors = "",
				});
	free(copy);
	return result;
}

static int map_ids(struct launch *l, const char *file, const char *tool, const char *map)
{
	char path[64];

	if (!*map)
		return 0;
	if (*tool)
		return map_with_tool(l, tool, map);
	snprintf(path, sizeof(path), "%d/%s", l->child, file);
	return (int)check(l, file, write_file(l->host_proc, path, map, strlen(map)));
}

int step_id_map(struct launch *l, const struct plan_step *s)
{
	const char *uid_map = text_arg(l, s, ARG_ID_MAP_UID_MAP);
	const char *gid_map = text_arg(l, s, ARG_ID_MAP_GID_MAP);
	char path[64];

	/* The kernel takes a map once. */
	if (l->ids_mapped)
		return 0;
	/* user_namespaces(7): without privilege the gid map needs setgroups denied first. */
	if (!s->arg[ARG_ID_MAP_SETGROUPS]) {
		snprintf(path, sizeof(path), "%d/setgroups", l->child);
		if (check(l, "setgroups", write_file(l->host_proc, path, "deny", 4)) < 0)
			return -1;
	}
	if (map_ids(l, "gid_map", text_arg(l, s, ARG_ID_MAP_GID_TOOL), gid_map) < 0)
		return -1;
	if (map_ids(l, "uid_map", text_arg(l, s, ARG_ID_MAP_UID_TOOL), uid_map) < 0)
		return -1;
	l->ids_mapped = true;
	return 0;
}

int step_become_root(struct launch *l, const struct plan_step *s)
{
	uint64_t flags = s->arg[ARG_BECOME_ROOT_FLAGS];
	int result;

	if (check(l, "setresgid", setresgid(0, 0, 0)) < 0 ||
	    check(l, "setresuid", setresuid(0, 0, 0)) < 0)
		return -1;
	l->dumpable = flags & FLAG_ROOT_DUMPABLE;
	set_dumpable(l);
	if (flags & FLAG_ROOT_NO_GROUPS)
		return 0;
	result = setgroups(0, NULL);
	if (result < 0 && errno == EPERM && flags & FLAG_ROOT_GROUPS_IF_ALLOWED) {
		l->groups_denied = true;
		return 0;
	}
	return (int)check(l, "setgroups", result);
}

int step_setgroups(struct launch *l, const struct plan_step *s)
{
	uint32_t n = list_count(s, ARG_SETGROUPS_GIDS);
	gid_t *gids = arena_take(l, (n + 1) * sizeof(gid_t));

	if (!gids)
		return -1;
	if (n == 0 && l->groups_denied)
		return 0;
	for (uint32_t i = 0; i < n; i++)
		gids[i] = (gid_t)strtoul(list_text(l, s, ARG_SETGROUPS_GIDS, i), NULL, 10);
	return (int)check(l, "setgroups", setgroups(n, gids));
}

int step_drop_bounding(struct launch *l, const struct plan_step *s)
{
	uint64_t keep = s->arg[ARG_DROP_BOUNDING_KEEP];

	for (unsigned long cap = 0; cap <= LAST_POSSIBLE_CAP; cap++) {
		if (keep >> cap & 1)
			continue;
		if (prctl(PR_CAPBSET_DROP, cap) == 0)
			continue;
		/* Dropping what is not there takes a capability that we may lack. */
		if (errno == EPERM && prctl(PR_CAPBSET_READ, cap) == 0)
			continue;
		/* The first number this kernel does not know ends the set. */
		if (errno == EINVAL)
			break;
		return (int)check(l, "prctl(PR_CAPBSET_DROP)", -1);
	}
	return 0;
}

int step_set_user(struct launch *l, const struct plan_step *s)
{
	uid_t uid = (uid_t)s->arg[ARG_SET_USER_UID];
	gid_t gid = (gid_t)s->arg[ARG_SET_USER_GID];

	if (check(l, "prctl(PR_SET_KEEPCAPS)", prctl(PR_SET_KEEPCAPS, 1)) < 0 ||
	    check(l, "setresgid", setresgid(gid, gid, gid)) < 0 ||
	    check(l, "setresuid", setresuid(uid, uid, uid)) < 0)
		return -1;
	/* The change of user has set it anew, and forgot the signal of the death of the parent. */
	set_dumpable(l);
	return (int)check(l, "prctl(PR_SET_KEEPCAPS)", prctl(PR_SET_KEEPCAPS, 0));
}

/* All five sets are set, ambient last: none survives by accident (CVE-2016-8867, 2022-29162). */
int step_capabilities(struct launch *l, const struct plan_step *s)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	uint64_t effective = s->arg[ARG_CAPABILITIES_EFFECTIVE];
	uint64_t permitted = s->arg[ARG_CAPABILITIES_PERMITTED];
	uint64_t inheritable = s->arg[ARG_CAPABILITIES_INHERITABLE];
	uint64_t ambient = s->arg[ARG_CAPABILITIES_AMBIENT];
	struct __user_cap_data_struct sets[2];

	for (int i = 0; i < 2; i++) {
		sets[i].effective = (uint32_t)(effective >> 32 * i);
		sets[i].permitted = (uint32_t)(permitted >> 32 * i);
		sets[i].inheritable = (uint32_t)(inheritable >> 32 * i);
	}
	if (check(l, "capset", syscall(SYS_capset, &header, sets)) < 0)
		return -1;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && ambient)
		return (int)check(l, "prctl(PR_CAP_AMBIENT)", -1);
	for (unsigned long cap = 0; cap <= LAST_POSSIBLE_CAP; cap++)
		if (ambient >> cap & 1 &&
		    check(l, "prctl(PR_CAP_AMBIENT_RAISE)",
			  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0)) < 0)
			return -1;
	return 0;
}

/*
 * The user must be able to reopen its own stdio (/dev/stderr). Anything that is a device other
 * than a terminal is shared with the host and stays as it is; /dev/null above all
 * (CVE-2026-88265).
 */
int step_own_stdio(struct launch *l, const struct plan_step *s)
{
	for (int fd = 0; fd <= 2; fd++) {
		struct stat st;

		if (fstat(fd, &st) < 0 || st.st_uid == s->arg[ARG_OWN_STDIO_UID])
			continue;
		if (S_ISCHR(st.st_mode) && !isatty(fd))
			continue;
		/* A pipe of another user namespace, a read-only file: the user does without. */
		if (fchown(fd, (uid_t)s->arg[ARG_OWN_STDIO_UID], (gid_t)-1) < 0 && errno != EPERM &&
		    errno != EINVAL && errno != EROFS)
			return (int)check(l, "fchown", -1);
	}
	return 0;
}

#define MAX_MAP (340 * 3 * 11 + 1) /* lines, numbers, digits */

int64_t outside_id(struct launch *l, const char *file, uint64_t inside)
{
	char path[64];
	char map[MAX_MAP];
	unsigned long from, to, count;
	int length;

	snprintf(path, sizeof(path), "%d/%s", l->child, file);
	if (read_small(l->host_proc, path, map, sizeof(map)) < 0)
		return -1;
	for (char *line = map; sscanf(line, " %lu %lu %lu%n", &from, &to, &count, &length) == 3;
	     line += length)
		if (inside >= from && inside - from < count)
			return (int64_t)(to + (inside - from));
	errno = EINVAL;
	return -1;
}

/*
 * As step_own_stdio, for whose files the child has no power over: what the caller's user made. The
 * caller's devices and terminals stay his.
 */
int step_give_stdio(struct launch *l, const struct plan_step *s)
{
	int64_t uid = outside_id(l, "uid_map", s->arg[ARG_GIVE_STDIO_UID]);

	for (int fd = 0; fd <= 2 && uid >= 0; fd++) {
		struct stat st;

		if (fstat(fd, &st) < 0 || st.st_uid == uid || S_ISCHR(st.st_mode) ||
		    S_ISBLK(st.st_mode))
			continue;
		/* An ordinary user can't: then the child may have power over his files. */
		if (fchown(fd, (uid_t)uid, (gid_t)-1) < 0 && errno != EPERM && errno != EINVAL &&
		    errno != EROFS)
			return (int)check(l, "fchown", -1);
	}
	return 0;
}

/* 0 when we are the user that the steps were compiled for, as far as they depend on that. */
int step_caller(struct launch *l, const struct plan_step *s)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2] = { { 0 } };
	char setgroups[16] = "allow";
	uint64_t flags = 0;

	syscall(SYS_capget, &header, sets);
	read_small(l->host_proc, "self/setgroups", setgroups, sizeof(setgroups));
	if (in_initial_user_namespace())
		flags |= FLAG_CALLER_INITIAL_USER_NAMESPACE;
	if (strncmp(setgroups, "allow", 5) == 0)
		flags |= FLAG_CALLER_SETGROUPS;
	if (s->arg[ARG_CALLER_UID] == geteuid() && s->arg[ARG_CALLER_GID] == getegid() &&
	    s->arg[ARG_CALLER_CAPABILITIES] ==
		    (sets[0].effective | (uint64_t)sets[1].effective << 32) &&
	    s->arg[ARG_CALLER_FLAGS] == flags)
		return 0;
	errno = EPERM;
	return (int)check(l, "caller", -1);
}
