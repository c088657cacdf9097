/*
 * File systems of a `mount` step, detached; and of a `remount` step.
 */
#ifndef TSOCI_FILESYSTEM_H
#define TSOCI_FILESYSTEM_H

#include "launch.h"

/* By fsopen(2). `target` is a directory whose mode a tmpfs is to have, or -1. */
int new_filesystem(struct launch *l, const struct plan_step *s, int target);

/*
 * A mount that is made by mount(2), for the flags and the long values that fsconfig(2) does not
 * take. The target is named by its descriptor; then the new mount is opened, on top of it.
 */
int classic_filesystem(struct launch *l, const struct plan_step *s, const char *path, int target,
		       bool made);

/* Hands new options to the file system that is mounted there. */
int reconfigure_filesystem(struct launch *l, int mounted, const struct plan_step *s);

#endif
