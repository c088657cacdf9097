/*
 * Plans that are kept: the next container of a known bundle needs no JavaScript.
 */
#ifndef TSOCI_PLAN_CACHE_H
#define TSOCI_PLAN_CACHE_H

#include "command_line.h"
#include "plan_key.h"

/* A memfd with plan and binding, or -1. */
int plan_cache_load(const struct plan_key *key, const struct command_line *line);

/* Keeps the plan of a request, if the engine allows it. Failing to is no error. */
void plan_cache_store(const struct plan_key *key, const struct command_line *line, int request);

#endif
