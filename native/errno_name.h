/*
 * Names of error numbers (errno_name.c).
 */
#ifndef TSOCI_ERRNO_NAME_H
#define TSOCI_ERRNO_NAME_H

/* EPERM for 1; never NULL. */
const char *errno_name(int number);

#endif
