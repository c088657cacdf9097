/*
 * The ids of all containers: the directories that hold a plan, as src/state/container.ts has it.
 */
#define _GNU_SOURCE
#include "list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int is_inside(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

bool list_ids(const struct command_line *line)
{
	const char *root = flag_value(line, "root");
	int dir = open(line->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **entries;
	char plan[NAME_MAX + 8];
	int n;

	/* The default directory is made with the first container; one that is named must be there.
	 */
	if (dir < 0)
		return errno == ENOENT && (!root || !*root);
	n = scandir(line->root, &entries, is_inside, alphasort);
	if (n < 0)
		return false;
	/* One that lives without a plan is the engine's to judge. */
	for (int i = 0; i < n; i++) {
		snprintf(plan, sizeof(plan), "%s/plan", entries[i]->d_name);
		if (is_id(entries[i]->d_name) && faccessat(dir, plan, F_OK, 0) < 0)
			return false;
	}
	for (int i = 0; i < n; i++) {
		snprintf(plan, sizeof(plan), "%s/plan", entries[i]->d_name);
		if (is_id(entries[i]->d_name) && faccessat(dir, plan, F_OK, 0) == 0)
			printf("%s\n", entries[i]->d_name);
	}
	/* A reader that has gone is told by the engine's words, too. */
	return fflush(stdout) == 0 && !ferror(stdout);
}
