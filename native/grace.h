/* Asks the kernel early for what joining cgroups waits for. */
#ifndef TSOCI_GRACE_H
#define TSOCI_GRACE_H

#include <sys/types.h>

/* Starts a process that asks again and again; to be killed. -1 where there is nothing to ask for.
 */
pid_t ask_for_grace(void);

/* cgroup.procs of our own cgroup in the v1 hierarchy of the freezer; -1 where there is none. */
int open_own_freezer(void);

#endif
