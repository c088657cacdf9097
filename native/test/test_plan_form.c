/*
 * Forms: what matches a pattern, what may stand in a blank, and the plan that comes of it.
 */
#define _GNU_SOURCE
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "../plan.h"
#include "../plan_form.h"
#include "walk.h"

static struct blank blanks[MAX_BLANKS];

/* How many blanks there are; -1 when the config is not of the form. Memory ends with the bytes. */
static int match(const char *pattern, const char *config)
{
	char *p = exact_copy(pattern, strlen(pattern));
	char *c = exact_copy(config, strlen(config));
	size_t count;
	int found = -1;

	if (form_match(p, strlen(pattern), c, strlen(config), blanks, &count))
		found = (int)count;
	free(p);
	free(c);
	return found;
}

static void test_match(void)
{
	static const char two[] = "{\"a\":\"x=tsoci-blank-t000\",\"b\":\"/tsoci-blank-p001\"}";

	EXPECT(match("", "") == 0);
	EXPECT(match("{}", "{}") == 0);
	EXPECT(match("{}", "{} ") < 0);
	EXPECT(match("{}", "{") < 0);
	EXPECT(match(two, "{\"a\":\"x=\",\"b\":\"/c\"}") == 2);
	EXPECT(match(two, "{\"a\":\"x=1, 2\",\"b\":\"/c/d\"}") == 2);
	EXPECT(match(two, "{\"a\":\"y=1\",\"b\":\"/c\"}") < 0);
	EXPECT(match(two, "{\"a\":\"x=1\",\"b\":\"/c\",\"d\":1}") < 0);
	EXPECT(match(two, "{\"a\":\"x=1\",\"b\":\"/c\"") < 0);
	EXPECT(match(two, "{\"a\":\"x=1") < 0);
	EXPECT(match(two, "{\"a\":\"x=") < 0);
	EXPECT(match(two, "") < 0);
	/* A string can't be left by an escape, nor hold what is not itself in JSON. */
	EXPECT(match(two, "{\"a\":\"x=\\\",\"b\":\"/c\"}") < 0);
	EXPECT(match(two, "{\"a\":\"x=1\\u0000\",\"b\":\"/c\"}") < 0);
	EXPECT(match(two, "{\"a\":\"x=\n\",\"b\":\"/c\"}") < 0);
	EXPECT(match(two, "{\"a\":\"x=\x7f\",\"b\":\"/c\"}") < 0);
	EXPECT(match(two, "{\"a\":\"x=\xc3\xb6\",\"b\":\"/c\"}") < 0);
	/* Marks that do not count up from 0 are none of ours. */
	EXPECT(match("\"tsoci-blank-t001\"", "\"x\"") < 0);
	EXPECT(match("\"tsoci-blank-t00", "\"x\"") < 0);
	EXPECT(match("\"tsoci-blank-t0x0\"", "\"x\"") < 0);
	EXPECT(match("\"tsoci-blank-z000\"", "\"x\"") < 0);
}

static void test_kinds(void)
{
	static const struct {
		const char *pattern;
		const char *config;
		bool matches;
	} cases[] = {
		{ "\"tsoci-blank-t000\"", "\"\"", true },
		{ "\"tsoci-blank-w000\"", "\"\"", false },
		{ "\"tsoci-blank-w000\"", "\"/\"", true },
		{ "\"tsoci-blank-n000\"", "\"\"", false },
		{ "\"tsoci-blank-n000\"", "\"a.b-c_9\"", true },
		{ "\"tsoci-blank-n000\"", "\"a b\"", false },
		{ "\"tsoci-blank-n000\"",
		  "\"0123456789012345678901234567890123456789012345678901234567890123\"", true },
		{ "\"tsoci-blank-n000\"",
		  "\"01234567890123456789012345678901234567890123456789012345678901234\"", false },
		{ "\"tsoci-blank-u000\"", "\"a-b\"", true },
		{ "\"tsoci-blank-u000\"", "\"a.b\"", false },
		{ "\"/tsoci-blank-p000\"", "\"/\"", false },
		{ "\"/tsoci-blank-p000\"", "\"/a\"", true },
		{ "\"/tsoci-blank-p000\"", "\"//a\"", false },
		{ "\"/tsoci-blank-p000\"", "\"/a/\"", false },
		{ "\"/tsoci-blank-p000\"", "\"/a//b\"", false },
		{ "\"/tsoci-blank-p000\"", "\"/.\"", false },
		{ "\"/tsoci-blank-p000\"", "\"/..\"", false },
		{ "\"/tsoci-blank-p000\"", "\"/a/./b\"", false },
		{ "\"/tsoci-blank-p000\"", "\"/a/../b\"", false },
		{ "\"/tsoci-blank-p000\"", "\"/a/..\"", false },
		{ "\"/tsoci-blank-p000\"", "\"/.../..a/b..\"", true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		EXPECT((match(cases[i].pattern, cases[i].config) == 1) == cases[i].matches, "(%s)",
		       cases[i].config);
}

/* Every sample, with what may stand in the blanks of one: the reader takes it. */
static void fill(const char *path, const void *bytes, size_t size)
{
	static const struct blank values[] = { { "", 0 }, { "one", 3 }, { "a longer text", 13 } };
	struct plan before;
	struct plan after;
	const char *slots[SLOT_COUNT];
	size_t total = 0;
	char *filled = form_fill(bytes, size, values, 3, &total);

	EXPECT(filled != NULL, "(%s)", path);
	if (!filled)
		return;
	EXPECT(plan_read(&before, bytes, size) == 0);
	EXPECT(plan_read(&after, filled, total) == 0, "(%s)", path);
	EXPECT(plan_read_binding(slots, filled + after.size, total - after.size) == 0);
	EXPECT(before.n_strings == after.n_strings);
	for (uint32_t i = 0; i < after.n_strings; i++) {
		size_t length;
		const char *text = plan_raw(&after, i, &length);

		EXPECT(!memmem(text, length, BLANK_MARK, strlen(BLANK_MARK)), "(%s)", text);
		EXPECT(plan_is_template(&before, i) == plan_is_template(&after, i));
	}
	walk_plan(&after, slots);
	free(filled);
	/* Cut short it is no plan. */
	EXPECT(form_fill(bytes, size / 2, values, 3, &total) == NULL, "(%s)", path);
}

void test_plan_form(const char *dir)
{
	test_match();
	test_kinds();
	EXPECT(for_each_plan_file(dir, fill) > 0);
}
