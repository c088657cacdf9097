/*
 * The test build alone: dies, or fails, where it is told to.
 */
#ifdef TSOCI_FAULTS
#define _GNU_SOURCE
#include "fault.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Is SECTION:INDEX:how in the list, separated by commas? */
static bool is_listed(const char *list, enum plan_section section, uint32_t index, const char *how)
{
	char fault[64];
	size_t length = (size_t)snprintf(fault, sizeof(fault), "%d:%u:%s", section, index, how);

	for (; *list; list += strcspn(list, ","), list += *list == ',')
		if (strcspn(list, ",") == length && strncmp(list, fault, length) == 0)
			return true;
	return false;
}

int inject_fault(struct launch *l, enum plan_section section, uint32_t index)
{
	static char faults[256];
	const char *given = getenv("TSOCI_FAULT");

	if (!*faults && given)
		snprintf(faults, sizeof(faults), "%s", given);
	if (is_listed(faults, section, index, "kill")) {
		kill(getpid(), SIGKILL);
		_exit(137); /* the first process of a pid namespace survives its own signals */
	}
	if (!is_listed(faults, section, index, "fail"))
		return 0;
	errno = EIO;
	return (int)check(l, "injected fault", -1);
}
#endif
