/*
 * What a caller leaves in the process that it starts us in.
 */
#ifndef TSOCI_CALLER_H
#define TSOCI_CALLER_H

/* Makes it what the rest of us, and all that we start, takes for granted. */
void settle_caller(void);

#endif
