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

/* The same for an exec, in the state directory of its container. */
int exec_cache_load(const struct plan_key *key, int dir, const char *const slots[SLOT_COUNT]);
void exec_cache_store(const struct plan_key *key, int dir, int request);

/* A memfd with a plan and the values of its slots, or -1. */
int write_request(const void *plan, size_t size, const char *const slots[SLOT_COUNT]);

#endif
