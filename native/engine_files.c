/*
 * The functions of `host` for files and paths.
 */
#define _GNU_SOURCE
#include "engine_function.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
		(double)st->st_mtim.tv_sec * 1e3 + (double)st->st_mtim.tv_nsec / 1e6,
		(double)st->st_ctim.tv_sec * 1e3 + (double)st->st_ctim.tv_nsec / 1e6,
	};
	JSValue array = JS_NewArray(context);

	for (uint32_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		JS_SetPropertyUint32(context, array, i, JS_NewFloat64(context, fields[i]));
	return array;
}

/* stat(path, follow) or stat(fd): [mode, uid, gid, size, dev, ino, rdev, mtimeMs, ctimeMs].
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

/* Names in a directory, in its own order. */
FUNCTION(readdir)
{
	const char *path = JS_ToCString(context, argv[0]);
	DIR *dir = path ? opendir(path) : NULL;
	JSValue names;
	struct dirent *entry;
	uint32_t n = 0;

	JS_FreeCString(context, path);
	if (!dir)
		return result_of(context, -1);
	names = JS_NewArray(context);
	errno = 0;
	while ((entry = readdir(dir)))
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

static const JSCFunctionListEntry functions[] = {
	ENTRY(open, 3),	   ENTRY(close, 1),  ENTRY(read, 5),	  ENTRY(write, 4),
	ENTRY(readAll, 1), ENTRY(stat, 2),   ENTRY(normalize, 1), ENTRY(readlink, 1),
	ENTRY(readdir, 1), ENTRY(access, 2), ENTRY(mkdir, 2),	  ENTRY(unlink, 1),
	ENTRY(rmdir, 1),   ENTRY(rename, 2),
};

const JSCFunctionListEntry *engine_file_functions(int *count)
{
	*count = (int)(sizeof(functions) / sizeof(*functions));
	return functions;
}
