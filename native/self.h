/*
 * The executor's own file.
 */
#ifndef TSOCI_SELF_H
#define TSOCI_SELF_H

#include <stdbool.h>

/*
 * Runs our own file anew, from where nobody can write to it: what runs inside the container's
 * namespaces must not lead back to the file on the host (CVE-2019-5736). The word behind `place`
 * takes the number of a descriptor for the new process to close, or -1. Returns when it fails.
 */
void become_read_only_self(char **argv, int place);

/* Is what runs a file that nobody can write to by way of /proc/PID/exe? */
bool is_read_only_self(void);

/* Tells which way, with --debug. */
void say_how_read_only(bool by_mount);

#endif
