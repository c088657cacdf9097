/* The JavaScript engine, as which the front door goes on for what it does not do itself. */
#ifndef TSOCI_ENGINE_H
#define TSOCI_ENGINE_H

/*
 * Becomes the engine with these arguments. `own_path` is the front door's file, beside which the
 * JavaScript lies; `plan`, `done` and `failure` are descriptors to hand down, or -1. A byte is
 * written to `done` when the plan is whole.
 */
_Noreturn void become_engine(const char *own_path, char **arguments, int plan, int done,
			     int failure);

#endif
