/*
 * Reads all of a plan that plan_read() took, as the steps would.
 */
#include "walk.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM (1u << 20)

static const char *const signatures[] = { PLAN_OP_SIGNATURES };

/* Whatever is read goes here, so that no compiler leaves the reading out. */
static volatile unsigned int sum;

static void touch(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum += (unsigned char)bytes[i];
}

static void read_string(const struct plan *p, uint64_t index, const char *const slots[SLOT_COUNT],
			char *room)
{
	size_t length;
	const char *raw = plan_raw(p, index, &length);
	size_t expanded;

	touch(raw, length + 1);
	expanded = plan_expand(p, index, slots, room, ROOM);
	if (expanded == (size_t)-1)
		return;
	touch(room, expanded + 1);
	/* Exactly as much room as it takes, and one byte less. */
	if (plan_expand(p, index, slots, room, expanded + 1) != expanded ||
	    plan_expand(p, index, slots, room, expanded) != (size_t)-1)
		abort();
}

static void read_step(const struct plan *p, const struct plan_step *s,
		      const char *const slots[SLOT_COUNT], char *room)
{
	const char *signature = signatures[s->op];

	read_string(p, s->at, slots, room);
	for (uint16_t i = 0; i < s->n_args; i++) {
		if (signature[i] == 't' || signature[i] == 'b')
			read_string(p, s->arg[i], slots, room);
		if (signature[i] != 'l')
			continue;
		for (uint32_t n = 0; n < plan_list_count(s->arg[i]); n++)
			read_string(p, plan_list_item(p, s->arg[i], n), slots, room);
	}
}

unsigned long walk_plan(const struct plan *p, const char *const slots[SLOT_COUNT])
{
	static char room[ROOM];
	unsigned long steps = 0;

	for (int section = 0; section < SECTION_COUNT; section++) {
		uint32_t count;
		const struct plan_step *s = plan_section(p, (enum plan_section)section, &count);

		for (uint32_t i = 0; i < count; i++, s = plan_next(s), steps++)
			read_step(p, s, slots, room);
	}
	return steps;
}

void *exact_copy(const void *bytes, size_t size)
{
	void *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	if (size)
		memcpy(copy, bytes, size);
	return copy;
}

void *read_whole_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	char *bytes = NULL;
	long end;

	if (!file)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0 && (end = ftell(file)) > 0) {
		rewind(file);
		bytes = malloc((size_t)end);
		*size = bytes ? fread(bytes, 1, (size_t)end, file) : 0;
	}
	fclose(file);
	return bytes;
}

int for_each_plan_file(const char *dir,
		       void (*each)(const char *path, const void *bytes, size_t size))
{
	struct dirent **names;
	int n = scandir(dir, &names, NULL, alphasort);
	int found = 0;

	for (int i = 0; i < n; i++) {
		size_t length = strlen(names[i]->d_name);
		char path[PATH_MAX];
		size_t size;
		void *bytes;

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (length > 5 && strcmp(names[i]->d_name + length - 5, ".plan") == 0 &&
		    (bytes = read_whole_file(path, &size))) {
			each(path, bytes, size);
			free(bytes);
			found++;
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return found;
}
