/*
 * Verbs on a container that exists.
 */
#ifndef TSOCI_VERB_H
#define TSOCI_VERB_H

#include "launch.h"

/* 0, or -1 with the failure recorded. signal is decimal, for kill. */
int run_verb(struct launch *l, enum verb verb, const char *root, const char *id,
	     const char *signal);

/* Its state directory, stored plan and init. -1 when something of it is missing. */
int open_container(struct launch *l, const char *root, const char *id);

#endif
