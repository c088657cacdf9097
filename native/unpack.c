/*
 * See unpack.h. What is wrong goes to standard output, as numbers and names: TypeScript has the
 * words.
 */
#define _GNU_SOURCE
#include "errno_name.h"
#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIPE_SIZE (1 << 20)

enum unpack_fault unpack_name(struct bytes from, char *to)
{
	size_t n = 0;

	if (from.len == 0)
		return UNPACK_EMPTY_NAME;
	if (memchr(from.at, 0, from.len))
		return UNPACK_ZERO_NAME;
	for (const char *at = from.at, *end = at + from.len; at < end;) {
		const char *slash = memchr(at, '/', (size_t)(end - at));
		size_t len = (size_t)((slash ? slash : end) - at);

		if (len == 2 && at[0] == '.' && at[1] == '.')
			return UNPACK_DOT_DOT;
		if (len > 0 && !(len == 1 && at[0] == '.')) {
			if (n + len + 2 > PATH_MAX)
				return UNPACK_LONG_NAME;
			if (n > 0)
				to[n++] = '/';
			memcpy(to + n, at, len);
			n += len;
		}
		at += len + 1;
	}
	to[n] = '\0';
	return 0;
}

size_t last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash + 1 - path) : 0;
}

static int enter_parent(struct tree *t, size_t base)
{
	return tree_enter(t, t->name, base ? base - 1 : 0);
}

/* What a name with ".wh." in front stands for is in lower layers only. */
static int apply_whiteout(struct tree *t, const char *what)
{
	if (strcmp(what, "") == 0 || strcmp(what, ".") == 0 || strcmp(what, "..") == 0)
		return tree_fail(t, UNPACK_WHITEOUT, NULL);
	if (t->mode != MODE_WHITEOUTS || t->fd < 0)
		return 0;
	if (strcmp(what, ".wh..opq") == 0) {
		int fd = openat(t->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		return fd < 0 || empty_tree(fd) < 0 ? tree_write_fault(t) : 0;
	}
	if (strncmp(what, ".wh.", 4) == 0)
		return 0; /* what AUFS keeps for itself */
	return remove_tree(t->fd, what) < 0 ? tree_write_fault(t) : 0;
}

static int make_entry(struct tree *t)
{
	const struct tar_entry *e = &t->tar.entry;
	enum unpack_fault fault = unpack_name(e->name, t->name);
	bool is_whiteout;
	const char *base;

	if (fault) {
		snprintf(t->name, sizeof(t->name), "%.*s", (int)e->name.len, e->name.at);
		return tree_fail(t, fault, NULL);
	}
	base = t->name + last_name(t->name);
	is_whiteout = t->mode != MODE_ROOTFS && strncmp(base, ".wh.", 4) == 0;
	if (t->mode == MODE_WHITEOUTS && !is_whiteout)
		return 0;
	if (!*base && e->type != ENTRY_DIR)
		return tree_fail(t, UNPACK_ROOT, NULL);
	if ((*base ? enter_parent(t, (size_t)(base - t->name)) : tree_leave(t)) < 0)
		return -1;
	if (is_whiteout)
		return apply_whiteout(t, base + 4);
	return unpack_entry(t, base);
}

int unpack(struct tree *t, int archive)
{
	int next;

	t->fd = -1;
	t->uid = geteuid();
	t->gid = getegid();
	umask(0);
	if (tar_open(&t->tar, archive) < 0)
		return tree_fail(t, UNPACK_MEMORY, NULL);
	/* What the caller's directory hands down to new ones is not the archive's. */
	if (t->mode == MODE_ROOTFS)
		clear_acls(t->root, NULL);
	while ((next = tar_next(&t->tar)) > 0) {
		if (make_entry(t) < 0)
			break;
	}
	if (next < 0) {
		const struct bytes *name = &t->tar.entry.name;

		snprintf(t->name, sizeof(t->name), "%.*s", (int)name->len,
			 name->at ? name->at : "");
		tree_archive_fault(t);
	} else if (next == 0 && tar_drain(&t->tar) < 0) {
		tree_archive_fault(t);
	}
	if (tree_leave(t) == 0)
		set_late_modes(t);
	tar_close(&t->tar);
	return t->fault ? -1 : 0;
}

static void tell(char kind, unsigned number, unsigned long count, int errnum, const char *name,
		 const char *other)
{
	dprintf(1, "%c%c%u%c%lu%c%s%c%s%c%s%c", kind, 0, number, 0, count, 0,
		errnum ? errno_name(errnum) : "", 0, name, 0, other, 0);
}

/* A program that reads the archive at 0: the descriptor of what it writes. */
static int decompress(char **argv, pid_t *pid)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	fcntl(ends[0], F_SETPIPE_SZ,
	      PIPE_SIZE); /* fewer turns; the limit of a user may forbid it */
	*pid = fork();
	if (*pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ends[1], 1);
		close(3);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(ends[1]);
	return *pid < 0 ? -1 : ends[0];
}

/* Its own fault explains what the archive seems to lack. */
static void end_decompressor(struct tree *t, pid_t pid, const char *name)
{
	int status;

	if (t->fault && t->fault != UNPACK_TRUNCATED && t->fault != UNPACK_NOT_TAR)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 0)
		return;
	t->errnum = 0;
	tree_fail(t, WEXITSTATUS(status) == 127 ? UNPACK_NO_PROGRAM : UNPACK_DECOMPRESSOR, name);
}

_Noreturn void unpack_main(char **argv)
{
	static struct tree tree;
	pid_t pid = 0;
	int archive = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGXFSZ, SIG_IGN);
	fcntl(3, F_SETFD, FD_CLOEXEC);
	tree.root = 3;
	if (strcmp(argv[1], "empty") == 0)
		_exit(empty_tree(3) < 0);
	tree.mode = strcmp(argv[1], "layer") == 0     ? MODE_LAYER :
		    strcmp(argv[1], "whiteouts") == 0 ? MODE_WHITEOUTS :
							MODE_ROOTFS;
	if (argv[2])
		archive = decompress(argv + 2, &pid);
	else
		fcntl(0, F_SETPIPE_SZ, PIPE_SIZE);
	unpack(&tree, archive);
	if (pid > 0) {
		close(archive);
		end_decompressor(&tree, pid, argv[2]);
	}
	for (unsigned i = 0; i < OMITTED_COUNT; i++) {
		if (tree.omitted[i].count)
			tell('o', i, tree.omitted[i].count, tree.omitted[i].errnum,
			     tree.omitted[i].first, "");
	}
	if (tree.fault)
		tell('f', tree.fault, 1, tree.errnum, tree.name, tree.other);
	_exit(tree.fault != 0);
}
