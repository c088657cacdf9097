/*
 * Landlock: what files and ports the process, and all that comes of it, may use (landlock(7)).
 */
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/landlock.h, which older systems have without the later half. */
#define LANDLOCK_VERSION 1u
#define RULE_PATH_BENEATH 1
#define RULE_NET_PORT 2
#define FS_EXECUTE (1ull << 0)
#define FS_WRITE_FILE (1ull << 1)
#define FS_READ_FILE (1ull << 2)
#define FS_READ_DIR (1ull << 3)
#define FS_TRUNCATE (1ull << 14)
#define FS_IOCTL_DEV (1ull << 15)
#define FS_OF_FILES (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)
#define FS_READING (FS_EXECUTE | FS_READ_FILE | FS_READ_DIR)
#define NET_BIND_TCP (1ull << 0)
#define NET_CONNECT_TCP (1ull << 1)
#define FIRST_ABI_WITH_NET 4

struct ruleset {
	uint64_t files;
	uint64_t net;
};

struct path_rule {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

struct port_rule {
	uint64_t allowed;
	uint64_t port;
};

/* Every right over files that this kernel tells apart. */
static uint64_t rights_of(long abi)
{
	static const unsigned bits[] = { 13, 14, 15, 15, 16 };

	return (1ull << bits[abi > 5 ? 4 : abi - 1]) - 1;
}

static int allow_path(struct launch *l, int ruleset, const char *path, uint64_t rights)
{
	struct path_rule rule = { .allowed = rights, .parent = open_as_user(path, O_PATH) };
	struct stat st;
	int result = -1;

	if (check(l, "openat2", rule.parent) < 0) {
		detail(l, path, strlen(path));
		return -1;
	}
	if (check(l, "fstat", fstat(rule.parent, &st)) == 0) {
		if (!S_ISDIR(st.st_mode))
			rule.allowed &= FS_OF_FILES;
		result = (int)check(l, "landlock_add_rule",
				    syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH,
					    &rule, 0));
	}
	close(rule.parent);
	return result;
}

static int allow_ports(struct launch *l, int ruleset, const struct plan_step *s, int i,
		       uint64_t right)
{
	for (uint32_t n = 0; n < list_count(s, i); n++) {
		struct port_rule rule = {
			.allowed = right,
			.port = strtoul(list_text(l, s, i, n), NULL, 10),
		};

		if (check(l, "landlock_add_rule",
			  syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule, 0)) < 0)
			return -1;
	}
	return 0;
}

static int fill(struct launch *l, int ruleset, const struct plan_step *s, uint64_t files)
{
	for (uint32_t n = 0; n < list_count(s, ARG_LANDLOCK_READ); n++)
		if (allow_path(l, ruleset, list_text(l, s, ARG_LANDLOCK_READ, n),
			       FS_READING & files) < 0)
			return -1;
	for (uint32_t n = 0; n < list_count(s, ARG_LANDLOCK_WRITE); n++)
		if (allow_path(l, ruleset, list_text(l, s, ARG_LANDLOCK_WRITE, n), files) < 0)
			return -1;
	return allow_ports(l, ruleset, s, ARG_LANDLOCK_BIND, NET_BIND_TCP) < 0 ||
			       allow_ports(l, ruleset, s, ARG_LANDLOCK_CONNECT, NET_CONNECT_TCP) <
				       0 ?
		       -1 :
		       0;
}

int step_landlock(struct launch *l, const struct plan_step *s)
{
	uint64_t flags = s->arg[ARG_LANDLOCK_FLAGS];
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION);
	struct ruleset set = {
		.net = (flags & FLAG_LANDLOCK_BIND ? NET_BIND_TCP : 0) |
		       (flags & FLAG_LANDLOCK_CONNECT ? NET_CONNECT_TCP : 0),
	};
	int ruleset;
	int result;

	if (check(l, "landlock_create_ruleset", abi) < 0)
		return -1;
	if (set.net && abi < FIRST_ABI_WITH_NET) {
		errno = EOPNOTSUPP;
		return (int)check(l, "landlock_create_ruleset", -1);
	}
	if (flags & FLAG_LANDLOCK_FILES)
		set.files = rights_of(abi);
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &set,
			       set.net ? sizeof(set) : sizeof(set.files), 0);
	if (check(l, "landlock_create_ruleset", ruleset) < 0)
		return -1;
	result = fill(l, ruleset, s, set.files);
	if (result == 0)
		result = (int)check(l, "landlock_restrict_self",
				    syscall(SYS_landlock_restrict_self, ruleset, 0));
	close(ruleset);
	return result;
}
