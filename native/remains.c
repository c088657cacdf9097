/*
 * What a create that was killed at its very start left, or a vandal: without a plan nobody says
 * what to undo. The processes and cgroups are in state.json, and what is there is not taken on
 * trust.
 */
#define _GNU_SOURCE
#include "remains.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cgroup_walk.h"

/* Is it a cgroup, and not the one at the top of a hierarchy? */
static bool is_cgroup(const char *dir)
{
	int fd = open(dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct statfs fs;
	struct stat own;
	struct stat above;
	bool found = fd >= 0 && *dir == '/' && !strstr(dir, "/..") && fstatfs(fd, &fs) == 0 &&
		     (fs.f_type == CGROUP_SUPER_MAGIC || fs.f_type == CGROUP2_SUPER_MAGIC) &&
		     fstat(fd, &own) == 0 && fstatat(fd, "..", &above, 0) == 0 &&
		     own.st_dev == above.st_dev;

	if (fd >= 0)
		close(fd);
	return found;
}

/* The list of src/plan/state-files.ts; nothing else before it has a quote that is not escaped. */
static int each_cgroup(struct launch *l, const char *state,
		       int visit(struct launch *, const char *))
{
	static const char key[] = ",\"cgroups\":[";
	const char *at = strstr(state, key);
	char dir[PATH_MAX];

	for (at = at ? at + strlen(key) : ""; *at == '"'; at += *at == ',') {
		size_t length = 0;

		for (at++; *at && *at != '"' && length + 1 < sizeof(dir); at++) {
			if (*at == '\\' && *++at != '"' && *at != '\\')
				return 0; /* no name that we have written */
			dir[length++] = *at;
		}
		if (*at++ != '"')
			break;
		dir[length] = '\0';
		if (is_cgroup(dir) && visit(l, dir) < 0)
			return -1;
	}
	return 0;
}

/* What a container has in its directory (src/plan/state-files.ts, notify.ts, intel-rdt.ts). */
static const char *const own_names[] = {
	"plan",	   "config.json", "state.json", "creating.fifo",   "exec.fifo",
	"failure", "notify",	  "resctrl",	"resctrl-monitor", CRIU_ROOT,
};

/* Also half written: .NAME.PID, as store_file() calls it. */
static bool is_own_name(const char *name)
{
	for (size_t i = 0; i < sizeof(own_names) / sizeof(*own_names); i++) {
		size_t length = strlen(own_names[i]);

		if (strcmp(name, own_names[i]) == 0 ||
		    (*name == '.' && strncmp(name + 1, own_names[i], length) == 0 &&
		     name[length + 1] == '.' &&
		     name[length + 2 + strspn(name + length + 2, "0123456789")] == '\0'))
			return true;
	}
	return false;
}

/* Without a plan nothing says that the directory is ours: of others' nothing is removed. */
static int refuse_others(struct launch *l)
{
	DIR *stream = fdopendir(openat(l->state_dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct dirent *entry;
	int result = 0;

	if (!stream)
		return -1;
	while (result == 0 && (entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (is_own_name(entry->d_name))
			continue;
		detail(l, entry->d_name, strlen(entry->d_name));
		result = -1;
	}
	closedir(stream);
	errno = ENOTEMPTY;
	return result;
}

int remove_remains(struct launch *l, const char *root, const char *id)
{
	static char json[1 << 16];
	char path[PATH_MAX];
	int own;

	if (refuse_others(l) < 0)
		return -1;
	if (read_init(l) == 0 && l->init.pid > 0)
		signal_init(l, SIGKILL);
	own = owns_cgroups(l);
	if (own < 0)
		return -1;
	if (own && read_small(l->state_dir, "state.json", json, sizeof(json)) > 0 &&
	    (/* All of them before anybody is waited for: a frozen process does not end. */
	     each_cgroup(l, json, thaw_cgroups) < 0 || each_cgroup(l, json, end_members) < 0 ||
	     each_cgroup(l, json, remove_cgroup) < 0))
		return -1;
	if (empty_state_dir(l) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/%s", root, id);
	if (rmdir(path) < 0)
		return -1;
	forget_failure(l);
	return 0;
}
