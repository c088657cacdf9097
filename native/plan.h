/*
 * The plan as bytes: checked once, read in place.
 */
#ifndef TSOCI_PLAN_H
#define TSOCI_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "generated/plan_ops.h"

/* A step as it lies in the plan: op, number of arguments, config pointer, arguments. */
struct plan_step {
	uint16_t op;
	uint16_t n_args;
	uint32_t at;
	uint64_t arg[];
};

struct plan_string {
	uint32_t offset;
	uint32_t length; /* PLAN_TEMPLATE_BIT: has slots */
};

struct plan {
	const unsigned char *base;
	size_t size; /* of the plan alone */
	uint32_t n_strings;
	const struct plan_string *strings;
	uint32_t n_list;
	const uint32_t *list;
	const uint64_t *steps;
	const uint32_t *sections; /* word offset and step count, by section */
};

/* One letter for each argument of an operation: w, t, l, b. */
const char *plan_signature(uint16_t op);

/* A plan that another version made, which plan_read does not take. */
bool plan_is_foreign(const void *bytes, size_t size);

/* Every length, offset and index is checked here and nowhere else. -1 with EBADMSG. */
int plan_read(struct plan *p, const void *bytes, size_t size);

/* Slot values behind the plan; slots[] gets pointers into the bytes. -1 with EBADMSG. */
int plan_read_binding(const char *slots[SLOT_COUNT], const void *bytes, size_t size);

/* A plan with the values of its slots behind it, *total bytes; NULL without memory. */
char *plan_request(const void *plan, size_t size, const char *const slots[SLOT_COUNT],
		   size_t *total);

const struct plan_step *plan_section(const struct plan *p, enum plan_section section,
				     uint32_t *count);
const struct plan_step *plan_next(const struct plan_step *step);

/* The bytes of a string, NUL-terminated; *length may be NULL. Not expanded. */
const char *plan_raw(const struct plan *p, uint64_t index, size_t *length);
bool plan_is_template(const struct plan *p, uint64_t index);

static inline uint32_t plan_list_count(uint64_t word)
{
	return (uint32_t)word;
}

static inline uint64_t plan_list_item(const struct plan *p, uint64_t word, uint32_t i)
{
	return p->list[(word >> 32) + i];
}

/* Length of the text with its slots filled, or -1 (as size_t) when there is no room. */
size_t plan_expand(const struct plan *p, uint64_t index, const char *const slots[SLOT_COUNT],
		   char *out, size_t room);

#endif
