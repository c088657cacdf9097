/*
 * Forms: plans with blanks, for configs that differ in nothing but texts that a plan passes on.
 */
#ifndef TSOCI_PLAN_FORM_H
#define TSOCI_PLAN_FORM_H

#include <stdbool.h>
#include <stddef.h>

/* What stands in a blank: bytes of a config.json. */
struct blank {
	const char *at;
	size_t length;
};

#define MAX_BLANKS 1000

/*
 * Is the config the pattern, with something that may stand there in each blank? Then blanks[] has
 * what, and *count how many. `pattern` is a config.json with marks (src/plan/form.ts).
 */
bool form_match(const char *pattern, size_t pattern_size, const char *config, size_t config_size,
		struct blank blanks[MAX_BLANKS], size_t *count);

/*
 * The request with its marks replaced, *total bytes; NULL when it is no sound one, and without
 * memory.
 */
char *form_fill(const void *request, size_t size, const struct blank *blanks, size_t count,
		size_t *total);

#endif
