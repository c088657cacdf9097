/*
 * A container's cgroups (step_cgroups.c): to join them, to end or to signal their members.
 */
#ifndef TSOCI_CGROUP_WALK_H
#define TSOCI_CGROUP_WALK_H

#include "launch.h"

/* A cgroup: `name` in `parent`, or a path and AT_FDCWD. */
typedef int visitor(struct launch *l, int parent, const char *name, void *arg);

/* Calls visit for every directory below and for dir itself, children first. */
int each_directory(struct launch *l, const char *dir, visitor *visit, void *arg);

int open_in_cgroup(int parent, const char *name, const char *file, int flags);

/* Are the cgroups the container's own? Else nothing in them may be ended. 1, 0, or -1 with errno.
 */
int owns_cgroups(struct launch *l);

/* Are there processes of the container that no pid namespace ties to its init? */
bool has_survivors(struct launch *l);

/* Does the cgroup itself have members? */
bool has_processes(int parent, const char *name);

/* Or one below it? */
bool has_members(struct launch *l, const char *dir);

/* Signals every process in dir and below; -1 with errno. */
int signal_members(struct launch *l, const char *dir, long signal);

/* Ends the freezer of v1 in dir and below; -1 with errno. */
int thaw_cgroups(struct launch *l, const char *dir);

/* Writes to cgroup.kill, where there is one. */
void kill_cgroup(const char *dir);

/* Kills every process in dir and below, and waits until the last is gone; -1 with errno. */
int end_members(struct launch *l, const char *dir);

/* Removes dir and what is below it; -1 with errno. */
int remove_cgroup(struct launch *l, const char *dir);

/* Waits for those that are about to end: the child of a create that was killed. */
void await_members(struct launch *l, const char *dir);

/* They are somebody else's after all. */
void disown_cgroups(struct launch *l);

/* Without privilege there may be nothing to write to: FLAG_CGROUP_OPTIONAL says that it is no
 * error. */
int forgive_cgroup(struct launch *l, const char *call, int result, uint64_t flags);

/* Puts the child there; -1 with errno. */
int join_cgroup(struct launch *l, const char *dir, uint64_t flags);

/* The child can't be born in the v2 cgroup: opens the one of the init; true when there is one. */
bool reopen_like_init(struct launch *l);

/* The child is to enter it by itself, then; -1 when it may not. */
int enter_later(struct launch *l);

/* The parent's descriptors of them, once the child has its own. */
void close_cgroups(struct launch *l);

#endif
