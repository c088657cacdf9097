/*
 * The functions of `host`, on which src/engine/ builds what it stands in for of Node. One that
 * fails returns a negative errno; none of them throws but for want of memory.
 */
#define _GNU_SOURCE
#include "engine_host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "libtsoci.h"

#define MAX_TEXTS 4
#define MAX_FDS 64

static struct {
	const char *own_path;
	char **arguments;
	struct handed_down fds;
} call;

void engine_tell_host(const char *own_path, char **arguments, struct handed_down fds)
{
	call.own_path = own_path;
	call.arguments = arguments;
	call.fds = fds;
}

/* QuickJS-ng asks for the time to seed random numbers: the image must not depend on it. */
int engine_gettimeofday(struct timeval *now, void *zone);

int engine_gettimeofday(struct timeval *now, void *zone)
{
	struct timespec time = { 0 };

	if (call.own_path)
		clock_gettime(CLOCK_REALTIME, &time);
	now->tv_sec = time.tv_sec;
	now->tv_usec = time.tv_nsec / 1000;
	return 0;
}

static int64_t number(JSContext *context, JSValueConst value)
{
	int64_t result = 0;

	JS_ToInt64(context, &result, value);
	return result;
}

static JSValue result_of(JSContext *context, int64_t result)
{
	return JS_NewInt64(context, result < 0 ? -errno : result);
}

/* A call whose only text is its first argument. */
#define WITH_PATH(path, expression) \
	const char *path = JS_ToCString(context, argv[0]); \
	JSValue result; \
\
	if (!path) \
		return JS_EXCEPTION; \
	result = (expression); \
	JS_FreeCString(context, path); \
	return result

/* A function of `host`, for which there must be a host: none is called while the image is made. */
#define FUNCTION(name) \
	static JSValue do_##name(JSContext *context, int argc, JSValueConst *argv); \
\
	static JSValue host_##name(JSContext *context, JSValueConst this, int argc, \
				   JSValueConst *argv) \
	{ \
		return call.own_path ? do_##name(context, argc, argv) : \
				       JS_ThrowTypeError(context, "host." #name " at build time"); \
	} \
\
	static JSValue do_##name(JSContext *context, int argc, JSValueConst *argv)

FUNCTION(open)
{
	WITH_PATH(path, result_of(context, open(path, (int)number(context, argv[1]) | O_CLOEXEC,
						(mode_t)number(context, argv[2]))));
}

FUNCTION(close)
{
	return result_of(context, close((int)number(context, argv[0])));
}

/* read(fd, ArrayBuffer, from, size, position), position -1: where the file is. */
FUNCTION(read)
{
	int fd = (int)number(context, argv[0]);
	int64_t from = number(context, argv[2]);
	int64_t size = number(context, argv[3]);
	int64_t at = number(context, argv[4]);
	size_t room;
	uint8_t *bytes = JS_GetArrayBuffer(context, &room, argv[1]);

	if (!bytes || from < 0 || size < 0 || (uint64_t)(from + size) > room)
		return JS_NewInt32(context, -EINVAL);
	return result_of(context, at < 0 ? read(fd, bytes + from, (size_t)size) :
					   pread(fd, bytes + from, (size_t)size, at));
}

FUNCTION(write)
{
	int64_t from = number(context, argv[2]);
	int64_t size = number(context, argv[3]);
	size_t room;
	uint8_t *bytes = JS_GetArrayBuffer(context, &room, argv[1]);

	if (!bytes || from < 0 || size < 0 || (uint64_t)(from + size) > room)
		return JS_NewInt32(context, -EINVAL);
	return result_of(context, write((int)number(context, argv[0]), bytes + from, (size_t)size));
}

/* All that there is to read, from where the file is: an ArrayBuffer. */
FUNCTION(readAll)
{
	int fd = (int)number(context, argv[0]);
	size_t size = 0;
	size_t room = 4096;
	struct stat st;
	char *bytes;
	JSValue result;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		room = (size_t)st.st_size + 1;
	bytes = malloc(room);
	while (bytes) {
		ssize_t n = read(fd, bytes + size, room - size);

		if (n == 0)
			break;
		if (n < 0) {
			int error = errno;

			free(bytes);
			return JS_NewInt32(context, -error);
		}
		size += (size_t)n;
		if (size == room) {
			char *more = realloc(bytes, room *= 2);

			if (!more)
				free(bytes);
			bytes = more;
		}
	}
	if (!bytes)
		return JS_NewInt32(context, -ENOMEM);
	result = JS_NewArrayBufferCopy(context, (uint8_t *)bytes, size);
	free(bytes);
	return result;
}

static size_t normalize(const char *path, size_t length, char *out)
{
	bool absolute = length > 0 && path[0] == '/';
	bool trailing = length > 0 && path[length - 1] == '/';
	size_t n = 0; /* of out, without the slash in front */
	size_t fixed = 0; /* "../" at the start of a relative path */
	char *to = out + absolute;

	for (size_t at = 0; at < length;) {
		size_t part = 0;

		while (at + part < length && path[at + part] != '/')
			part++;
		if (part == 2 && memcmp(path + at, "..", 2) == 0 && (absolute || n > fixed)) {
			while (n > fixed && to[--n] != '/')
				;
		} else if (part > 0 && !(part == 1 && path[at] == '.')) {
			if (n > 0)
				to[n++] = '/';
			memcpy(to + n, path + at, part);
			n += part;
			if (part == 2 && memcmp(path + at, "..", 2) == 0)
				fixed = n;
		}
		at += part + 1;
	}
	if (absolute)
		out[0] = '/';
	else if (n == 0)
		to[n++] = '.';
	if (trailing && (n > 0 || !absolute))
		to[n++] = '/';
	return n + absolute;
}

static JSValue describe_stat(JSContext *context, const struct stat *st)
{
	const double fields[] = {
		(double)st->st_mode,
		(double)st->st_uid,
		(double)st->st_gid,
		(double)st->st_size,
		(double)st->st_dev,
		(double)st->st_ino,
		(double)st->st_rdev,
		(double)st->st_nlink,
		(double)st->st_mtim.tv_sec * 1e3 + (double)st->st_mtim.tv_nsec / 1e6,
		(double)st->st_ctim.tv_sec * 1e3 + (double)st->st_ctim.tv_nsec / 1e6,
	};
	JSValue array = JS_NewArray(context);

	for (uint32_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		JS_SetPropertyUint32(context, array, i, JS_NewFloat64(context, fields[i]));
	return array;
}

/* stat(path, follow) or stat(fd): [mode, uid, gid, size, dev, ino, rdev, nlink, mtimeMs, ctimeMs].
 */
FUNCTION(stat)
{
	struct stat st;
	int result;
	const char *path;

	if (JS_IsNumber(argv[0])) {
		result = fstat((int)number(context, argv[0]), &st);
		return result < 0 ? result_of(context, result) : describe_stat(context, &st);
	}
	path = JS_ToCString(context, argv[0]);
	if (!path)
		return JS_EXCEPTION;
	result = JS_ToBool(context, argv[1]) ? stat(path, &st) : lstat(path, &st);
	JS_FreeCString(context, path);
	return result < 0 ? result_of(context, result) : describe_stat(context, &st);
}

FUNCTION(readlink)
{
	char target[PATH_MAX];
	const char *path = JS_ToCString(context, argv[0]);
	ssize_t n;

	if (!path)
		return JS_EXCEPTION;
	n = readlink(path, target, sizeof(target));
	JS_FreeCString(context, path);
	return n < 0 ? result_of(context, n) : JS_NewStringLen(context, target, (size_t)n);
}

/* path.posix.normalize() of Node: a path without "//", "." and, where it can be, "..". */
FUNCTION(normalize)
{
	size_t length;
	const char *path = JS_ToCStringLen(context, &length, argv[0]);
	char *out = path ? malloc(length + 3) : NULL;
	size_t n = 0;
	JSValue result;

	if (!out) {
		JS_FreeCString(context, path);
		return JS_EXCEPTION;
	}
	n = normalize(path, length, out);
	result = JS_NewStringLen(context, out, n);
	free(out);
	JS_FreeCString(context, path);
	return result;
}

FUNCTION(realpath)
{
	char found[PATH_MAX];

	WITH_PATH(path,
		  realpath(path, found) ? JS_NewString(context, found) : result_of(context, -1));
}

/* Names in a directory, in its own order; at most so many, if that is not 0. */
FUNCTION(readdir)
{
	const char *path = JS_ToCString(context, argv[0]);
	DIR *dir = path ? opendir(path) : NULL;
	int64_t limit = number(context, argv[1]);
	JSValue names;
	struct dirent *entry;
	uint32_t n = 0;

	JS_FreeCString(context, path);
	if (!dir)
		return result_of(context, -1);
	names = JS_NewArray(context);
	errno = 0;
	while ((limit == 0 || n < limit) && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			JS_SetPropertyUint32(context, names, n++,
					     JS_NewString(context, entry->d_name));
	if (errno != 0) {
		int error = errno;

		JS_FreeValue(context, names);
		closedir(dir);
		return JS_NewInt32(context, -error);
	}
	closedir(dir);
	return names;
}

FUNCTION(access)
{
	WITH_PATH(path, result_of(context, access(path, (int)number(context, argv[1]))));
}

FUNCTION(mkdir)
{
	WITH_PATH(path, result_of(context, mkdir(path, (mode_t)number(context, argv[1]))));
}

FUNCTION(unlink)
{
	WITH_PATH(path, result_of(context, unlink(path)));
}

FUNCTION(rmdir)
{
	WITH_PATH(path, result_of(context, rmdir(path)));
}

FUNCTION(rename)
{
	const char *to = JS_ToCString(context, argv[1]);
	const char *from = JS_ToCString(context, argv[0]);
	JSValue result = from && to ? result_of(context, rename(from, to)) : JS_EXCEPTION;

	JS_FreeCString(context, from);
	JS_FreeCString(context, to);
	return result;
}

FUNCTION(isatty)
{
	return JS_NewBool(context, isatty((int)number(context, argv[0])));
}

/* Columns of a terminal; 0 for what is none. */
FUNCTION(columns)
{
	struct winsize size = { 0 };

	ioctl((int)number(context, argv[0]), TIOCGWINSZ, &size);
	return JS_NewInt32(context, size.ws_col);
}

FUNCTION(getenv)
{
	const char *value;

	WITH_PATH(name, (value = getenv(name)) ? JS_NewString(context, value) : JS_UNDEFINED);
}

FUNCTION(ids)
{
	gid_t groups[NGROUPS_MAX];
	int n = getgroups(NGROUPS_MAX, groups);
	const int64_t fields[] = { getuid(), geteuid(), getgid(), getegid(), getpid(), getppid() };
	JSValue array = JS_NewArray(context);
	uint32_t at = 0;

	for (; at < sizeof(fields) / sizeof(*fields); at++)
		JS_SetPropertyUint32(context, array, at, JS_NewInt64(context, fields[at]));
	for (int i = 0; i < n; i++)
		JS_SetPropertyUint32(context, array, at++, JS_NewInt64(context, groups[i]));
	return array;
}

FUNCTION(random)
{
	size_t size;
	uint8_t *bytes = JS_GetArrayBuffer(context, &size, argv[0]);

	return bytes ? result_of(context, getrandom(bytes, size, 0)) :
		       JS_NewInt32(context, -EINVAL);
}

FUNCTION(now)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return JS_NewFloat64(context, (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6);
}

/* Waits until fd (-1: none) can be read, so many milliseconds at most: can it? */
FUNCTION(poll)
{
	struct pollfd poll_fd = { .fd = (int)number(context, argv[0]), .events = POLLIN };

	return result_of(context,
			 poll(&poll_fd, poll_fd.fd < 0 ? 0 : 1, (int)number(context, argv[1])));
}

FUNCTION(pipe)
{
	int ends[2];
	JSValue array;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return result_of(context, -1);
	array = JS_NewArray(context);
	JS_SetPropertyUint32(context, array, 0, JS_NewInt32(context, ends[0]));
	JS_SetPropertyUint32(context, array, 1, JS_NewInt32(context, ends[1]));
	return array;
}

/* The child of spawn(): its descriptors 0, 1, 2 … are those given, and no other is left. */
static _Noreturn void start_program(const char *path, char **words, const int *fds, int n)
{
	int high[MAX_FDS];

	for (int i = 0; i < n; i++)
		high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, MAX_FDS);
	for (int i = 0; i < n; i++)
		if (high[i] < 0 || dup2(high[i], i) < 0)
			_exit(127);
	for (int i = n; i < MAX_FDS; i++)
		fcntl(i, F_SETFD, FD_CLOEXEC);
	execvp(path, words);
	_exit(errno == ENOENT ? 127 : 126);
}

/* spawn(path, [argv0, ...], [fd, ...]): its pid. Exit status 127: there is no such program. */
FUNCTION(spawn)
{
	const char *path = JS_ToCString(context, argv[0]);
	int64_t n_words = 0;
	int64_t n_fds = 0;
	int fds[MAX_FDS];
	char **words;
	pid_t pid;

	JS_GetLength(context, argv[1], &n_words);
	JS_GetLength(context, argv[2], &n_fds);
	words = calloc((size_t)n_words + 1, sizeof(*words));
	if (!path || !words || n_fds > MAX_FDS)
		return JS_NewInt32(context, -E2BIG);
	for (uint32_t i = 0; i < n_words; i++) {
		JSValue word = JS_GetPropertyUint32(context, argv[1], i);

		words[i] = (char *)JS_ToCString(context, word);
		JS_FreeValue(context, word);
	}
	for (uint32_t i = 0; i < n_fds; i++) {
		JSValue fd = JS_GetPropertyUint32(context, argv[2], i);

		fds[i] = (int)number(context, fd);
	}
	pid = fork();
	if (pid == 0)
		start_program(path, words, fds, (int)n_fds);
	free(words);
	return result_of(context, pid);
}

/* Exit status of a child; 128 + n for signal n. */
FUNCTION(wait)
{
	int status = 0;
	pid_t pid;

	do
		pid = waitpid((pid_t)number(context, argv[0]), &status, 0);
	while (pid < 0 && errno == EINTR);
	if (pid < 0)
		return result_of(context, pid);
	return JS_NewInt32(context,
			   WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

FUNCTION(kill)
{
	return result_of(context,
			 kill((pid_t)number(context, argv[0]), (int)number(context, argv[1])));
}

FUNCTION(cwd)
{
	char path[PATH_MAX];

	/* Of a directory that was removed the kernel says (unreachable). */
	return getcwd(path, sizeof(path)) && path[0] == '/' ? JS_NewString(context, path) :
							      JS_NewString(context, "");
}

FUNCTION(exit)
{
	_exit((int)number(context, argv[0]));
}

FUNCTION(memoryFile)
{
	WITH_PATH(name, JS_NewInt32(context, tsoci_memory_file(name)));
}

FUNCTION(lock)
{
	WITH_PATH(dir, JS_NewInt32(context, tsoci_lock(dir)));
}

FUNCTION(namespaceRelation)
{
	WITH_PATH(path, JS_NewInt64(context,
				    tsoci_namespace_relation(path, (int)number(context, argv[1]))));
}

FUNCTION(namespaceOwnerUid)
{
	WITH_PATH(path, JS_NewInt64(context, tsoci_namespace_owner_uid(path)));
}

FUNCTION(encode)
{
	size_t length;
	const char *text = JS_ToCStringLen(context, &length, argv[0]);
	JSValue bytes;

	if (!text)
		return JS_EXCEPTION;
	bytes = JS_NewArrayBufferCopy(context, (const uint8_t *)text, length);
	JS_FreeCString(context, text);
	return bytes;
}

/* decode(ArrayBuffer, from, size): text, with U+FFFD for what is not UTF-8. */
FUNCTION(decode)
{
	int64_t from = number(context, argv[1]);
	int64_t size = number(context, argv[2]);
	size_t room;
	uint8_t *bytes = JS_GetArrayBuffer(context, &room, argv[0]);

	if (!bytes || from < 0 || size < 0 || (uint64_t)(from + size) > room)
		return JS_NewString(context, "");
	return JS_NewStringLen(context, (const char *)bytes + from, (size_t)size);
}

FUNCTION(arguments)
{
	JSValue words = JS_NewArray(context);

	for (uint32_t i = 0; call.arguments[i]; i++)
		JS_SetPropertyUint32(context, words, i, JS_NewString(context, call.arguments[i]));
	return words;
}

/* [front door's file, descriptors for the plan and for the word that it is whole, of a failure] */
FUNCTION(handedDown)
{
	const int fds[] = { call.fds.plan, call.fds.done, call.fds.failure };
	JSValue array = JS_NewArray(context);

	JS_SetPropertyUint32(context, array, 0, JS_NewString(context, call.own_path));
	for (uint32_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		JS_SetPropertyUint32(context, array, i + 1, JS_NewInt32(context, fds[i]));
	return array;
}

/* Has Node do what we were called for; returns where there is none. */
FUNCTION(becomeNode)
{
	become_node(call.own_path, call.arguments, call.fds);
	return JS_UNDEFINED;
}

static const JSCFunctionListEntry functions[] = {
#define ENTRY(name, count) JS_CFUNC_DEF(#name, count, host_##name)
	ENTRY(open, 3),
	ENTRY(close, 1),
	ENTRY(read, 5),
	ENTRY(write, 4),
	ENTRY(readAll, 1),
	ENTRY(stat, 2),
	ENTRY(normalize, 1),
	ENTRY(readlink, 1),
	ENTRY(realpath, 1),
	ENTRY(readdir, 2),
	ENTRY(access, 2),
	ENTRY(mkdir, 2),
	ENTRY(unlink, 1),
	ENTRY(rmdir, 1),
	ENTRY(rename, 2),
	ENTRY(isatty, 1),
	ENTRY(columns, 1),
	ENTRY(getenv, 1),
	ENTRY(ids, 0),
	ENTRY(random, 1),
	ENTRY(now, 0),
	ENTRY(poll, 2),
	ENTRY(pipe, 0),
	ENTRY(spawn, 3),
	ENTRY(wait, 1),
	ENTRY(kill, 2),
	ENTRY(cwd, 0),
	ENTRY(exit, 1),
	ENTRY(memoryFile, 1),
	ENTRY(lock, 1),
	ENTRY(namespaceRelation, 2),
	ENTRY(namespaceOwnerUid, 1),
	ENTRY(encode, 1),
	ENTRY(decode, 3),
	ENTRY(arguments, 0),
	ENTRY(handedDown, 0),
	ENTRY(becomeNode, 0),
#undef ENTRY
};

void engine_add_host(JSContext *context)
{
	JSValue global = JS_GetGlobalObject(context);
	JSValue host = JS_NewObject(context);

	JS_SetPropertyFunctionList(context, host, functions,
				   (int)(sizeof(functions) / sizeof(*functions)));
	JS_SetPropertyStr(context, global, "tsociHost", host);
	JS_FreeValue(context, global);
}
