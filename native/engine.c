/*
 * Runs our JavaScript by QuickJS-ng. The build evaluates the script once, up to the functions that
 * it leaves in the global object, and keeps the heap as an image at the end of the executable: so a
 * process starts with everything parsed, loaded and set up, by one mmap(2).
 */
#define _GNU_SOURCE
#include "engine.h"

#include <errno.h>
#include <fcntl.h>
#include <quickjs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command_line.h"
#include "engine_heap.h"
#include "engine_host.h"

#define STACK_SIZE (4 * 1024 * 1024ul)

static const JSMallocFunctions functions = {
	.js_calloc = engine_calloc,
	.js_malloc = engine_malloc,
	.js_free = engine_free,
	.js_realloc = engine_realloc,
	.js_malloc_usable_size = engine_usable_size,
};

static void say_exception(JSContext *context)
{
	JSValue exception = JS_GetException(context);
	JSValue stack = JS_GetPropertyStr(context, exception, "stack");
	const char *text = JS_ToCString(context, exception);
	const char *at = JS_IsString(stack) ? JS_ToCString(context, stack) : NULL;

	/* What is thrown where there is no memory for an error is null. */
	if (JS_IsNull(exception))
		text = "out of memory";
	dprintf(2, "tsoci: %s\n%s", text ? text : "an exception", at ? at : "");
}

/* What our script uses of the language's own objects. It evaluates no text. */
static JSContext *new_context(JSRuntime *runtime)
{
	JSContext *context = runtime ? JS_NewContextRaw(runtime) : NULL;

	if (!context || JS_AddIntrinsicBaseObjects(context) < 0 ||
	    JS_AddIntrinsicDate(context) < 0 || JS_AddIntrinsicRegExp(context) < 0 ||
	    JS_AddIntrinsicJSON(context) < 0 || JS_AddIntrinsicProxy(context) < 0 ||
	    JS_AddIntrinsicMapSet(context) < 0 || JS_AddIntrinsicTypedArrays(context) < 0 ||
	    JS_AddIntrinsicPromise(context) < 0 || JS_AddIntrinsicBigInt(context) < 0)
		return NULL;
	JS_SetMaxStackSize(runtime, STACK_SIZE);
	return context;
}

static char *read_script(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *text;

	if (fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	text = malloc((size_t)st.st_size + 1);
	if (!text || read(fd, text, (size_t)st.st_size) != st.st_size)
		return NULL;
	text[st.st_size] = '\0'; /* as JS_Eval() wants it */
	*size = (size_t)st.st_size;
	close(fd);
	return text;
}

/* A new file with all of the program that runs here. */
static int copy_own_file(const char *path)
{
	int own = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int copy = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0777);
	char bytes[65536];
	ssize_t n;

	if (own < 0 || copy < 0)
		return -1;
	while ((n = read(own, bytes, sizeof(bytes))) > 0)
		if (write(copy, bytes, (size_t)n) != n)
			return -1;
	close(own);
	return n < 0 ? -1 : copy;
}

/*
 * The code of a script, without source text and line numbers. In a heap of its own: what is used to
 * compile is to leave nothing in the image.
 */
static uint8_t *compile(const char *text, size_t size, size_t *code_size)
{
	JSContext *context = new_context(JS_NewRuntime());
	JSValue script;

	if (!context || JS_AddIntrinsicEval(context) < 0)
		return NULL;
	script = JS_Eval(context, text, size, "tsoci.js",
			 JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
	if (JS_IsException(script)) {
		say_exception(context);
		return NULL;
	}
	return JS_WriteObject(context, code_size, script,
			      JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE |
				      JS_WRITE_OBJ_STRIP_DEBUG);
}

/* Evaluates the code in a heap that is to be kept; the context in which that was done. */
static JSContext *evaluate(const uint8_t *code, size_t size)
{
	JSContext *context =
		engine_heap_begin() < 0 ? NULL : new_context(JS_NewRuntime2(&functions, NULL));
	JSRuntime *runtime;
	JSContext *job;
	JSValue script;

	if (!context)
		return NULL;
	runtime = JS_GetRuntime(context);
	engine_add_host(context);
	script = JS_ReadObject(context, code, size, JS_READ_OBJ_BYTECODE);
	if (!JS_IsException(script))
		JS_EvalFunction(context, script);
	while (JS_ExecutePendingJob(runtime, &job) > 0)
		;
	if (JS_HasException(context)) {
		say_exception(context);
		return NULL;
	}
	/* A command is over before collecting cycles would pay. */
	JS_RunGC(runtime);
	JS_SetGCThreshold(runtime, (size_t)-1);
	return context;
}

int make_engine_image(const char *script, const char *executable)
{
	size_t size = 0;
	size_t code_size = 0;
	char *text = read_script(script, &size);
	uint8_t *code = text ? compile(text, size, &code_size) : NULL;
	JSContext *context = code ? evaluate(code, code_size) : NULL;
	int fd = context ? copy_own_file(executable) : -1;

	if (fd >= 0 && engine_heap_store(fd, context) == 0)
		return 0;
	dprintf(2, "tsoci: cannot make \"%s\" of \"%s\": %s\n", executable, script,
		strerror(errno));
	return 1;
}

/* Calls main(), and has it go on until its promise is settled; the exit code. */
static int run_main(JSContext *context)
{
	JSValue global = JS_GetGlobalObject(context);
	JSValue entry = JS_GetPropertyStr(context, global, "tsociMain");
	JSValue promise = JS_Call(context, entry, JS_UNDEFINED, 0, NULL);
	JSContext *job;
	JSValue result;
	int32_t code = 1;

	while (JS_PromiseState(context, promise) == JS_PROMISE_PENDING &&
	       JS_ExecutePendingJob(JS_GetRuntime(context), &job) > 0)
		;
	if (JS_PromiseState(context, promise) != JS_PROMISE_FULFILLED) {
		if (JS_PromiseState(context, promise) == JS_PROMISE_REJECTED)
			JS_Throw(context, JS_PromiseResult(context, promise));
		say_exception(context);
		return 1;
	}
	result = JS_PromiseResult(context, promise);
	JS_ToInt32(context, &code, result);
	return code;
}

static _Noreturn void become_node_or_say(const char *own_path, char **arguments,
					 struct handed_down fds)
{
	become_node(own_path, arguments, fds);
	dprintf(2, "tsoci: \"%s\" has no engine, and there is no Node.js\n", own_path);
	_exit(failure_status);
}

/* TSOCI_ENGINE=node and =none are for tests: of what Node makes, and of what takes no JavaScript.
 */
_Noreturn void become_engine(const char *own_path, char **arguments, struct handed_down fds)
{
	int own = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	JSContext *context = own < 0 ? NULL : engine_heap_load(own);
	const char *wanted = getenv("TSOCI_ENGINE");
	sigset_t none;

	if (wanted && strcmp(wanted, "node") == 0)
		become_node_or_say(own_path, arguments, fds);
	if (!context && own >= 0 && errno == ENOENT)
		become_node_or_say(own_path, arguments, fds);
	if (!context || (wanted && strcmp(wanted, "none") == 0)) {
		dprintf(2, "tsoci: start the engine in \"%s\": %s\n", own_path, strerror(errno));
		_exit(failure_status);
	}
	close(own);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	JS_UpdateStackTop(JS_GetRuntime(context));
	engine_tell_host(own_path, arguments, fds);
	_exit(run_main(context));
}
