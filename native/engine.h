/* The JavaScript engine in the executable. */
#ifndef TSOCI_ENGINE_H
#define TSOCI_ENGINE_H

#include <stdio.h>
#include <unistd.h>

#include "command_line.h"
#include "node.h"

#ifdef TSOCI_ENGINE
/*
 * Goes on as the JavaScript, which ends the process. Where the executable has no image of it, that
 * is Node. `own_path` is the front door's file, beside which the JavaScript for Node lies.
 */
_Noreturn void become_engine(const char *own_path, char **arguments, struct handed_down fds);

/* At build time: makes an executable of this one and a script. Returns an exit code. */
int make_engine_image(const char *script, const char *executable);

#else
/* The build had no engine: Node runs all of the JavaScript. */
static inline _Noreturn void become_engine(const char *own_path, char **arguments,
					   struct handed_down fds)
{
	become_node(own_path, arguments, fds);
	dprintf(2, "tsoci was built without its JavaScript engine, and there is no Node.js\n");
	_exit(failure_status);
}

static inline int make_engine_image(const char *script, const char *executable)
{
	return 1;
}
#endif

#endif
