/*
 * Writes a plan: its parts grow, and are then laid out as docs/plan-format.md says.
 */
#include "plan_parts.h"

#include <stdlib.h>
#include <string.h>

#define ALIGN(n) (((n) + 7) & ~(size_t)7)

static void add(struct plan_parts *p, struct buffer *to, const void *bytes, size_t length)
{
	if (length > to->room - to->used) {
		size_t room = 2 * (to->room + length) + 4096;
		char *at = realloc(to->at, room);

		if (!at) {
			p->failed = true;
			return;
		}
		to->at = at;
		to->room = room;
	}
	memcpy(to->at + to->used, bytes, length);
	to->used += length;
}

uint32_t parts_add_string(struct plan_parts *p, const char *bytes, size_t length, uint32_t mark)
{
	struct plan_string string = { (uint32_t)p->pool.used, (uint32_t)length | mark };

	add(p, &p->strings, &string, sizeof(string));
	add(p, &p->pool, bytes, length);
	add(p, &p->pool, "", 1);
	return (uint32_t)(p->strings.used / sizeof(string)) - 1;
}

void parts_add_item(struct plan_parts *p, uint32_t string)
{
	add(p, &p->list, &string, sizeof(string));
}

uint32_t parts_items(const struct plan_parts *p)
{
	return (uint32_t)(p->list.used / sizeof(uint32_t));
}

void parts_add_words(struct plan_parts *p, const void *words, size_t size)
{
	add(p, &p->steps, words, size);
}

uint32_t parts_words(const struct plan_parts *p)
{
	return (uint32_t)(p->steps.used / sizeof(uint64_t));
}

char *parts_join(struct plan_parts *p, size_t *size)
{
	size_t n_strings = p->strings.used / sizeof(struct plan_string);
	struct plan_string *strings = (struct plan_string *)p->strings.at;
	size_t strings_at = ALIGN((PLAN_HEADER_WORDS + 2 * SECTION_COUNT) * 4);
	size_t list_at = strings_at + p->strings.used;
	size_t steps_at = ALIGN(list_at + p->list.used);
	size_t pool_at = steps_at + p->steps.used;
	size_t total = ALIGN(pool_at + p->pool.used);
	char *plan = total > INT32_MAX ? NULL : calloc(1, total);
	uint32_t header[PLAN_HEADER_WORDS] = {
		PLAN_MAGIC,	      PLAN_ABI,
		(uint32_t)total,      (uint32_t)n_strings,
		(uint32_t)strings_at, (uint32_t)(p->list.used / sizeof(uint32_t)),
		(uint32_t)list_at,    (uint32_t)(p->steps.used / sizeof(uint64_t)),
		(uint32_t)steps_at,   (uint32_t)pool_at,
	};

	if (!plan)
		return NULL;
	for (size_t i = 0; i < n_strings; i++)
		strings[i].offset += (uint32_t)pool_at;
	memcpy(plan, header, sizeof(header));
	memcpy(plan + sizeof(header), p->sections, sizeof(p->sections));
	memcpy(plan + strings_at, p->strings.at, p->strings.used);
	memcpy(plan + list_at, p->list.at, p->list.used);
	memcpy(plan + steps_at, p->steps.at, p->steps.used);
	memcpy(plan + pool_at, p->pool.at, p->pool.used);
	*size = total;
	return plan;
}

void parts_free(struct plan_parts *p)
{
	free(p->strings.at);
	free(p->list.at);
	free(p->steps.at);
	free(p->pool.at);
}
