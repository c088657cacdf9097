/*
 * Forms: plans with blanks. TypeScript says where a config may differ and what may stand there
 * (src/plan/form.ts); this only compares bytes and puts others in their place.
 */
#define _GNU_SOURCE
#include "plan_form.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

#define MARK_LENGTH (sizeof(BLANK_MARK) - 1)
#define WHOLE_MARK (MARK_LENGTH + 1 + BLANK_DIGITS) /* a letter, and the number */
#define MAX_NAME 64 /* __NEW_UTS_LEN */

/* The number of a mark that was found, or -1 for what only looks like one. */
static int mark_number(const char *mark, const char *end)
{
	int number = 0;

	if ((size_t)(end - mark) < WHOLE_MARK)
		return -1;
	for (const char *digit = mark + MARK_LENGTH + 1; digit < mark + WHOLE_MARK; digit++) {
		if (*digit < '0' || *digit > '9')
			return -1;
		number = number * 10 + (*digit - '0');
	}
	return number;
}

static const char *find_mark(const char *from, const char *end)
{
	return memmem(from, (size_t)(end - from), BLANK_MARK, MARK_LENGTH);
}

/* Printable ASCII that is itself in JSON; the quote ends a blank. */
static bool is_plain(const struct blank *b)
{
	for (size_t i = 0; i < b->length; i++)
		if (b->at[i] < ' ' || b->at[i] > '~' || b->at[i] == '\\')
			return false;
	return true;
}

static bool is_name(const struct blank *b, bool dots)
{
	for (size_t i = 0; i < b->length; i++) {
		char c = b->at[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    c != '-' && c != '_' && !(dots && c == '.'))
			return false;
	}
	return b->length > 0 && b->length <= MAX_NAME;
}

/* What follows the first slash of a path that is as short as it can be. */
static bool is_path(const struct blank *b)
{
	const char *end = b->at + b->length;

	if (b->length >= PATH_MAX - 1)
		return false;
	for (const char *part = b->at; part <= end;) {
		const char *slash = memchr(part, '/', (size_t)(end - part));
		size_t length = (size_t)((slash ? slash : end) - part);

		if (length == 0 ||
		    (part[0] == '.' && (length == 1 || (length == 2 && part[1] == '.'))))
			return false;
		part += length + 1;
	}
	return true;
}

static bool may_stand(char kind, const struct blank *b)
{
	if (!is_plain(b))
		return false;
	switch (kind) {
	case BLANK_PATH:
		return is_path(b);
	case BLANK_NAME:
		return is_name(b, true);
	case BLANK_UNIT:
		return is_name(b, false);
	case BLANK_WORD:
		return b->length > 0;
	case BLANK_TEXT:
		return true;
	}
	return false;
}

bool form_match(const char *pattern, size_t pattern_size, const char *config, size_t config_size,
		struct blank blanks[MAX_BLANKS], size_t *count)
{
	const char *pattern_end = pattern + pattern_size;
	const char *config_end = config + config_size;
	const char *mark;

	*count = 0;
	while ((mark = find_mark(pattern, pattern_end))) {
		struct blank *b = &blanks[*count];
		size_t literal = (size_t)(mark - pattern);
		const char *quote;

		if (*count == MAX_BLANKS || mark_number(mark, pattern_end) != (int)*count ||
		    literal > (size_t)(config_end - config) ||
		    memcmp(pattern, config, literal) != 0)
			return false;
		config += literal;
		quote = memchr(config, '"', (size_t)(config_end - config));
		if (!quote)
			return false;
		*b = (struct blank){ config, (size_t)(quote - config) };
		if (!may_stand(mark[MARK_LENGTH], b))
			return false;
		config = quote;
		pattern = mark + WHOLE_MARK;
		++*count;
	}
	return pattern_end - pattern == config_end - config &&
	       memcmp(pattern, config, (size_t)(pattern_end - pattern)) == 0;
}

/* The length of a text with its marks replaced; written to `out` unless that is NULL. */
static size_t fill_text(char *out, const char *text, size_t length, const struct blank *blanks,
			size_t count)
{
	const char *end = text + length;
	const char *mark;
	size_t n = 0;

	while ((mark = find_mark(text, end))) {
		int number = mark_number(mark, end);
		bool known = number >= 0 && (size_t)number < count;
		size_t literal = (size_t)(mark - text) + (known ? 0 : MARK_LENGTH);

		if (out)
			memcpy(out + n, text, literal);
		n += literal;
		text += literal;
		if (!known)
			continue;
		if (out)
			memcpy(out + n, blanks[number].at, blanks[number].length);
		n += blanks[number].length;
		text += WHOLE_MARK;
	}
	if (out)
		memcpy(out + n, text, (size_t)(end - text));
	return n + (size_t)(end - text);
}

char *form_fill(const void *request, size_t size, const struct blank *blanks, size_t count,
		size_t *total)
{
	struct plan p;
	const char *slots[SLOT_COUNT];
	struct plan_string *strings;
	size_t pool;
	size_t length;
	char *filled;
	char *whole = NULL;

	if (plan_read(&p, request, size) < 0 ||
	    plan_read_binding(slots, (const char *)request + p.size, size - p.size) < 0)
		return NULL;
	pool = plan_pool(&p);
	length = pool;
	for (uint32_t i = 0; i < p.n_strings; i++) {
		size_t raw;
		const char *text = plan_raw(&p, i, &raw);

		length += fill_text(NULL, text, raw, blanks, count) + 1;
	}
	length = (length + 7) & ~(size_t)7;
	if (length > INT32_MAX)
		return NULL;
	filled = calloc(1, length);
	if (!filled)
		return NULL;
	memcpy(filled, request, pool);
	strings =
		(struct plan_string *)(filled + ((const char *)p.strings - (const char *)request));
	for (uint32_t i = 0; i < p.n_strings; i++) {
		size_t raw;
		const char *text = plan_raw(&p, i, &raw);
		size_t n = fill_text(filled + pool, text, raw, blanks, count);

		strings[i] = (struct plan_string){
			(uint32_t)pool,
			(uint32_t)n | (plan_is_template(&p, i) ? PLAN_TEMPLATE_BIT : 0)
		};
		pool += n + 1;
	}
	plan_set_size(filled, length);
	whole = plan_request(filled, length, slots, total);
	free(filled);
	return whole;
}
