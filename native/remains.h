/*
 * What is left of a container whose plan can not be read.
 */
#ifndef TSOCI_REMAINS_H
#define TSOCI_REMAINS_H

#include "launch.h"

/* Ends what runs, and removes it all; -1 with errno. */
int remove_remains(struct launch *l, const char *root, const char *id);

#endif
