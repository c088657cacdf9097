/*
 * Reads all of a plan that plan_read() took, as the steps would.
 */
#ifndef TSOCI_WALK_H
#define TSOCI_WALK_H

#include "../plan.h"

/* Number of steps. Aborts by way of the sanitizers where a byte outside is read. */
unsigned long walk_plan(const struct plan *p, const char *const slots[SLOT_COUNT]);

/* A copy that ends where it says, so that the next byte is caught. Free it. */
void *exact_copy(const void *bytes, size_t size);

/* The whole file, NULL when it can't be read. Free it. */
void *read_whole_file(const char *path, size_t *size);

/* Calls each() with every file of the directory that ends in ".plan"; their number. */
int for_each_plan_file(const char *dir,
		       void (*each)(const char *path, const void *bytes, size_t size));

#endif
