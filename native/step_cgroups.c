/*
 * cgroups: directories, values, members. Which files and which values is the plan's business.
 */
#define _GNU_SOURCE
#include "cgroup_walk.h"
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Without privilege there may be nothing to write to: the plan says when that is no error. */
int forgive_cgroup(struct launch *l, const char *call, int result, uint64_t flags)
{
	if (result < 0 && flags & FLAG_CGROUP_OPTIONAL &&
	    (errno == EACCES || errno == EPERM || errno == EROFS || errno == ENOENT))
		return 0;
	return (int)check(l, call, result);
}

/* A new v1 cpuset is empty, and an empty one takes no process: copy the parent's. */
static int copy_cpuset(const char *parent, const char *dir)
{
	static const char *const files[] = { "cpuset.cpus", "cpuset.mems" };

	for (int i = 0; i < 2; i++) {
		char path[PATH_MAX + 64]; /* what is too long the kernel refuses */
		char value[4096];
		int n;

		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		n = read_small(AT_FDCWD, path, value, sizeof(value));
		if (n < 0)
			return -1;
		if (n > 1)
			continue;
		snprintf(path, sizeof(path), "%s/%s", parent, files[i]);
		n = read_small(AT_FDCWD, path, value, sizeof(value));
		if (n < 0)
			return -1;
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		if (write_file(AT_FDCWD, path, value, (size_t)n) < 0)
			return -1;
	}
	return 0;
}

/* A child that joined a frozen cgroup would stop, and its parent wait for it without end. */
static int refuse_frozen(const char *dir)
{
	static const char *const files[] = { "freezer.state", "cgroup.freeze" };

	for (int i = 0; i < 2; i++) {
		char path[PATH_MAX + 64];
		char state[16];

		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		if (read_small(AT_FDCWD, path, state, sizeof(state)) > 0 &&
		    (state[0] == 'F' || state[0] == '1')) {
			errno = EAGAIN;
			return -1;
		}
	}
	return 0;
}

static int refuse_processes(struct launch *l, int parent, const char *name, void *arg)
{
	(void)l;
	(void)arg;
	if (!has_processes(parent, name))
		return 0;
	errno = EBUSY;
	return -1;
}

/* Without privilege: a cgroup that stands there already and that we may put nothing in. */
static bool is_foreign(const char *dir)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0 && errno != ENOENT;
}

/* Who may not write to the directory above has not made it. */
static bool is_of_others(const char *dir)
{
	char above[PATH_MAX + 8];

	snprintf(above, sizeof(above), "%s/..", dir);
	return is_foreign(dir) || (faccessat(AT_FDCWD, above, W_OK, AT_EACCESS) < 0);
}

/* A bit of the state directory's mode says so; a file would have to be made. */
#define CLAIM S_ISVTX

/*
 * A cgroup with processes, in it or below, is somebody else's. Nothing may ever end those, so an
 * undo does nothing to cgroups until this mark says that they are ours; it is made before the
 * first of them.
 */
static int claim_cgroups(struct launch *l, const char *dir)
{
	if (access(dir, F_OK) == 0 &&
	    (check(l, "mkdir", each_directory(l, dir, refuse_processes, NULL)) < 0 ||
	     check(l, "mkdir", refuse_frozen(dir)) < 0))
		return -1;
	return (int)check(l, "fchmod", fchmod(l->state_dir, 0700 | CLAIM));
}

int step_cgroup_claim(struct launch *l, const struct plan_step *s)
{
	return claim_cgroups(l, text_arg(l, s, ARG_CGROUP_CLAIM_DIR));
}

void disown_cgroups(struct launch *l)
{
	fchmod(l->state_dir, 0700);
}

int owns_cgroups(struct launch *l)
{
	struct stat st;

	if (l->state_dir < 0)
		return 0; /* nothing was made yet */
	if (check(l, "fstat", fstat(l->state_dir, &st)) < 0)
		return -1;
	return st.st_mode & CLAIM ? 1 : 0;
}

/* Makes every directory from base down to dir. */
int step_cgroup_dir(struct launch *l, const struct plan_step *s)
{
	const char *dir = text_arg(l, s, ARG_CGROUP_DIR_DIR);
	const char *base = text_arg(l, s, ARG_CGROUP_DIR_BASE);
	uint64_t flags = s->arg[ARG_CGROUP_DIR_FLAGS];
	char partial[PATH_MAX];
	char parent[PATH_MAX];
	size_t length;
	int tries = 3;

	if (!dir || !base)
		return -1;
	if (flags & FLAG_CGROUP_OPTIONAL && is_foreign(dir))
		return 0;
	if (flags & FLAG_CGROUP_NEW && claim_cgroups(l, dir) < 0)
		return -1;
	/* Mostly all but the last is there. */
	if (!(flags & FLAG_CGROUP_CPUSET) && mkdir(dir, 0755) == 0)
		return 0;
	length = strlen(dir);
	if (length >= sizeof(partial)) {
		errno = ENAMETOOLONG;
		return (int)check(l, "mkdir", -1);
	}
	strcpy(parent, base);
	for (size_t i = strlen(base) + 1; i <= length; i++) {
		if (dir[i] != '/' && dir[i] != '\0')
			continue;
		memcpy(partial, dir, i);
		partial[i] = '\0';
		if (mkdir(partial, 0755) < 0 && errno != EEXIST) {
			if (errno != ENOENT || tries-- == 0)
				return forgive_cgroup(l, "mkdir", -1, flags);
			/* A delete has just removed what it left empty above: from the top. */
			i = strlen(base);
			strcpy(parent, base);
			continue;
		}
		if (flags & FLAG_CGROUP_CPUSET && copy_cpuset(parent, partial) < 0)
			return forgive_cgroup(l, "cpuset", -1, flags);
		strcpy(parent, partial);
	}
	return 0;
}

/*
 * cgroup v2: a controller works in a directory once every directory above hands it down. One that
 * can't be handed down (real-time tasks, processes in the way) shows when its file is missing.
 */
int step_cgroup_enable(struct launch *l, const struct plan_step *s)
{
	const char *dir = text_arg(l, s, ARG_CGROUP_ENABLE_DIR);
	const char *base = text_arg(l, s, ARG_CGROUP_ENABLE_BASE);
	size_t length = strlen(dir);
	char path[PATH_MAX + 64];

	for (size_t i = strlen(base); i < length; i++) {
		if (dir[i] != '/')
			continue;
		snprintf(path, sizeof(path), "%.*s/cgroup.subtree_control", (int)i, dir);
		for (uint32_t n = 0; n < list_count(s, ARG_CGROUP_ENABLE_CONTROLLERS); n++) {
			const char *word = list_text(l, s, ARG_CGROUP_ENABLE_CONTROLLERS, n);

			write_file(AT_FDCWD, path, word, strlen(word));
		}
	}
	return 0;
}

/* Which files a kernel has depends on its version and its schedulers: the plan names a second. */
int step_cgroup_write(struct launch *l, const struct plan_step *s)
{
	const char *dir = text_arg(l, s, ARG_CGROUP_WRITE_DIR);
	const char *value = text_arg(l, s, ARG_CGROUP_WRITE_VALUE);
	const char *other = text_arg(l, s, ARG_CGROUP_WRITE_OTHER_FILE);
	uint64_t flags = s->arg[ARG_CGROUP_WRITE_FLAGS];
	char path[PATH_MAX + 64]; /* what is too long the kernel refuses */
	int result;

	snprintf(path, sizeof(path), "%s/%s", dir, text_arg(l, s, ARG_CGROUP_WRITE_FILE));
	result = write_file(AT_FDCWD, path, value, strlen(value));
	if (result < 0 && errno == ENOENT && *other) {
		value = text_arg(l, s, ARG_CGROUP_WRITE_OTHER_VALUE);
		snprintf(path, sizeof(path), "%s/%s", dir, other);
		result = write_file(AT_FDCWD, path, value, strlen(value));
	}
	if (result < 0 && errno == ENOENT && flags & FLAG_CGROUP_IF_THERE)
		return 0;
	return forgive_cgroup(l, "write", result, flags);
}

/*
 * The container's root may manage its own cgroup: the directory, and the files in it that the
 * kernel names for whom a cgroup is delegated to, are given to it. Its limits stay ours.
 */
int step_cgroup_own(struct launch *l, const struct plan_step *s)
{
	const char *dir = text_arg(l, s, ARG_CGROUP_OWN_DIR);
	uid_t uid = (uid_t)s->arg[ARG_CGROUP_OWN_UID];
	char names[4096];
	char path[PATH_MAX + 300];
	char *rest;

	if (check(l, "chown", chown(dir, uid, (gid_t)-1)) < 0)
		return -1;
	/* Before Linux 4.15 there is no such list: these are what it began with. */
	if (read_small(AT_FDCWD, "/sys/kernel/cgroup/delegate", names, sizeof(names)) < 0)
		strcpy(names, "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n");
	for (char *name = strtok_r(names, "\n", &rest); name; name = strtok_r(NULL, "\n", &rest)) {
		snprintf(path, sizeof(path), "%s/%s", dir, name);
		/* The list names files of controllers that may not be enabled here. */
		if (chown(path, uid, (gid_t)-1) < 0 && errno != ENOENT)
			return (int)check(l, "chown", -1);
	}
	return 0;
}

/* cgroup v2 has no device list: the rules are a program, compiled by src/plan/device-program.ts. */
int step_cgroup_devices(struct launch *l, const struct plan_step *s)
{
	uint64_t flags = s->arg[ARG_CGROUP_DEVICES_FLAGS];
	size_t size;
	const char *program = plan_raw(&l->plan, s->arg[ARG_CGROUP_DEVICES_PROGRAM], &size);
	int dir = open(text_arg(l, s, ARG_CGROUP_DEVICES_DIR), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	union bpf_attr attr;
	int loaded;
	int result = -1;

	if (dir < 0)
		return forgive_cgroup(l, "open", dir, flags);
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uint64_t)(uintptr_t)program;
	attr.insn_cnt = (uint32_t)(size / 8);
	attr.license = (uint64_t)(uintptr_t) "Apache-2.0";
	loaded = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	if (loaded >= 0) {
		memset(&attr, 0, sizeof(attr));
		attr.target_fd = (uint32_t)dir;
		attr.attach_bpf_fd = (uint32_t)loaded;
		attr.attach_type = BPF_CGROUP_DEVICE;
		attr.attach_flags = BPF_F_ALLOW_MULTI;
		result = (int)syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr));
	}
	result = forgive_cgroup(l, loaded < 0 ? "bpf(BPF_PROG_LOAD)" : "bpf(BPF_PROG_ATTACH)",
				result, flags);
	if (loaded >= 0)
		close(loaded);
	close(dir);
	return result;
}

/* As far as they are empty. */
static void remove_parents(const char *dir, size_t above)
{
	char path[PATH_MAX];
	char *slash;

	snprintf(path, sizeof(path), "%s", dir);
	while ((slash = strrchr(path, '/')) && slash > path + above) {
		*slash = '\0';
		if (rmdir(path) < 0)
			return;
	}
}

int step_cgroup_remove(struct launch *l, const struct plan_step *s)
{
	const char *dir = text_arg(l, s, ARG_CGROUP_REMOVE_DIR);
	const char *above = text_arg(l, s, ARG_CGROUP_REMOVE_ABOVE);
	int own = owns_cgroups(l);

	if (own <= 0)
		return own;
	if (rmdir(dir) < 0 && errno != ENOENT) {
		bool foreign =
			(errno == EACCES || errno == EPERM || errno == EROFS) && is_of_others(dir);

		/* Born in the cgroup of v2, and not yet in that whose members were killed. */
		if (errno == EBUSY)
			await_members(l, dir);
		if (!foreign && check(l, "rmdir", remove_cgroup(l, dir)) < 0)
			return -1;
	}
	if (*above)
		remove_parents(dir, strlen(above));
	return 0;
}

/* Own cgroups as slots: the lines of /proc/self/cgroup, v1 in the order of the file. */
int fill_own_cgroups(struct launch *l)
{
	char *text = l->cgroup_text;
	int hierarchy = 0;
	int n = read_small(l->host_proc, "self/cgroup", text, sizeof(l->cgroup_text));
	char *parent = l->cgroup_parent;

	if (n < 0)
		return 0; /* a kernel without cgroups: no step will ask */
	/* Half a path would be another cgroup, outside of the limits of ours. */
	if (n == (int)sizeof(l->cgroup_text) - 1) {
		errno = ENAMETOOLONG;
		return (int)check(l, "read(self/cgroup)", -1);
	}
	for (char *rest, *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *path = strchr(line, ':');
		size_t length;

		path = path ? strchr(path + 1, ':') : NULL;
		if (!path)
			continue;
		path++;
		length = strlen(path);
		if (length > 0 && path[length - 1] == '/')
			path[length - 1] = '\0';
		if (strncmp(line, "0::", 3) == 0) {
			char *slash;

			l->slots[SLOT_OWN_CGROUP] = path;
			snprintf(parent, sizeof(l->cgroup_parent), "%s", path);
			slash = strrchr(parent, '/');
			if (slash)
				*slash = '\0';
			l->slots[SLOT_OWN_CGROUP_PARENT] = parent;
		} else if (hierarchy < SLOT_OWN_CGROUP_15 - SLOT_OWN_CGROUP_0 + 1) {
			l->slots[SLOT_OWN_CGROUP_0 + hierarchy++] = path;
		}
	}
	return 0;
}
