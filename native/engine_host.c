/*
 * The functions of `host`, on which src/engine/ builds what it stands in for of Node. One that
 * fails returns a negative errno; none of them throws but for want of memory, and while the image
 * is made.
 */
#define _GNU_SOURCE
#include "engine_host.h"

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

#include "engine_function.h"
#include "libtsoci.h"

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

bool engine_has_host(void)
{
	return call.own_path;
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
};

void engine_add_host(JSContext *context)
{
	JSValue global = JS_GetGlobalObject(context);
	JSValue host = JS_NewObject(context);
	int n_files;
	const JSCFunctionListEntry *files = engine_file_functions(&n_files);

	JS_SetPropertyFunctionList(context, host, files, n_files);
	JS_SetPropertyFunctionList(context, host, functions,
				   (int)(sizeof(functions) / sizeof(*functions)));
	JS_SetPropertyStr(context, global, "tsociHost", host);
	JS_FreeValue(context, global);
}
