/* What JavaScript in the executable sees of the host: functions of the object `host`. */
#ifndef TSOCI_ENGINE_HOST_H
#define TSOCI_ENGINE_HOST_H

#include <quickjs.h>

#include "node.h"

/* Adds `host` to the global object. */
void engine_add_host(JSContext *context);

/* What the functions tell of this call, and what Node is started with if it comes to that. */
void engine_tell_host(const char *own_path, char **arguments, struct handed_down fds);

#endif
