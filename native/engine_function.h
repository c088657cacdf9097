/* What the files of host functions share. */
#ifndef TSOCI_ENGINE_FUNCTION_H
#define TSOCI_ENGINE_FUNCTION_H

#include <errno.h>
#include <quickjs.h>
#include <stdbool.h>
#include <stdint.h>

/* False while the image is made, when nothing may depend on the host. */
bool engine_has_host(void);

static inline int64_t number(JSContext *context, JSValueConst value)
{
	int64_t result = 0;

	JS_ToInt64(context, &result, value);
	return result;
}

static inline JSValue result_of(JSContext *context, int64_t result)
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
		return engine_has_host() ? \
			       do_##name(context, argc, argv) : \
			       JS_ThrowTypeError(context, "host." #name " at build time"); \
	} \
\
	static JSValue do_##name(JSContext *context, int argc, JSValueConst *argv)

/* The entry of such a function in a list. */
#define ENTRY(name, count) JS_CFUNC_DEF(#name, count, host_##name)

/* Those for files, `count` of them (engine_files.c). */
const JSCFunctionListEntry *engine_file_functions(int *count);

#endif
