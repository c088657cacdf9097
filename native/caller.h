/*
 * What a caller leaves in the process that it starts us in.
 */
#ifndef TSOCI_CALLER_H
#define TSOCI_CALLER_H

#include <stdbool.h>

/* Makes it what the rest of us, and all that we start, takes for granted; says so where it can't.
 */
bool settle_caller(void);

#endif
