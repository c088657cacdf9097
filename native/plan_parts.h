/*
 * A plan that is being written: the other side of plan.c, which reads them.
 */
#ifndef TSOCI_PLAN_PARTS_H
#define TSOCI_PLAN_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan.h"

/* Bytes that grow. */
struct buffer {
	char *at;
	size_t used;
	size_t room;
};

struct plan_parts {
	struct buffer strings;
	struct buffer list;
	struct buffer steps;
	struct buffer pool;
	uint32_t sections[2 * SECTION_COUNT];
	bool failed; /* for want of memory */
};

/* Number of a new string. `mark` is PLAN_TEMPLATE_BIT or 0. */
uint32_t parts_add_string(struct plan_parts *p, const char *bytes, size_t length, uint32_t mark);

/* One more of all lists. */
void parts_add_item(struct plan_parts *p, uint32_t string);
uint32_t parts_items(const struct plan_parts *p);

/* Of a step: its head or an argument. */
void parts_add_words(struct plan_parts *p, const void *words, size_t size);
uint32_t parts_words(const struct plan_parts *p);

/* The plan, *size bytes; NULL without memory, and when it is too large for one. */
char *parts_join(struct plan_parts *p, size_t *size);

void parts_free(struct plan_parts *p);

#endif
