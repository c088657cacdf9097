/*
 * tmpcopyup: what a directory held goes into the tmpfs that covers it.
 */
#ifndef TSOCI_COPY_UP_H
#define TSOCI_COPY_UP_H

/* Copies all below the directory `from` into the empty directory `to`; depth starts at 0. */
int copy_up(int from, int to, int depth);

#endif
