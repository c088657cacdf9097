/*
 * Verbs on a container that exists.
 */
#ifndef TSOCI_VERB_H
#define TSOCI_VERB_H

#include "launch.h"

/* 0, or -1 with the failure recorded. signal is decimal, for kill. */
int run_verb(struct launch *l, enum verb verb, const char *root, const char *id,
	     const char *signal);

#endif
