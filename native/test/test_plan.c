/*
 * The plan reader, on a small plan made here: each rule of the format, kept and broken.
 */
#include "check.h"
#include "walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECTION_WORDS (2 * SECTION_COUNT)
#define AFTER_SECTIONS ((PLAN_HEADER_WORDS + SECTION_WORDS) * 4)

enum header { MAGIC, ABI, TOTAL, N_STRINGS, STRINGS, N_LIST, LIST, N_STEPS, STEPS, POOL };

/* Two steps in the child's section: unlink (a text) and setgroups (a list of two texts). */
struct small_plan {
	uint32_t header[PLAN_HEADER_WORDS];
	uint32_t sections[SECTION_WORDS];
	struct plan_string strings[3];
	uint32_t list[2];
	uint64_t steps[4];
	char pool[32];
};

_Static_assert(offsetof(struct small_plan, steps) % 8 == 0, "steps are words of eight bytes");

enum string { EMPTY, LITERAL, TEMPLATE };

#define TEMPLATE_AT 6 /* in the pool, behind "" and "text" */

static void make_small_plan(struct small_plan *p, const char *template, size_t template_length)
{
	const uint32_t pool = offsetof(struct small_plan, pool);

	memset(p, 0, sizeof(*p));
	p->header[MAGIC] = PLAN_MAGIC;
	p->header[ABI] = PLAN_ABI;
	p->header[TOTAL] = sizeof(*p);
	p->header[N_STRINGS] = 3;
	p->header[STRINGS] = offsetof(struct small_plan, strings);
	p->header[N_LIST] = 2;
	p->header[LIST] = offsetof(struct small_plan, list);
	p->header[N_STEPS] = 4;
	p->header[STEPS] = offsetof(struct small_plan, steps);
	p->header[POOL] = pool;
	p->sections[2 * SECTION_CHILD + 1] = 2;
	p->strings[EMPTY] = (struct plan_string){ pool, 0 };
	p->strings[LITERAL] = (struct plan_string){ pool + 1, 4 };
	p->strings[TEMPLATE] =
		(struct plan_string){ pool + TEMPLATE_AT,
				      (uint32_t)template_length | PLAN_TEMPLATE_BIT };
	p->list[0] = LITERAL;
	p->list[1] = TEMPLATE;
	p->steps[0] = OP_UNLINK | 1 << 16 | (uint64_t)LITERAL << 32;
	p->steps[1] = TEMPLATE;
	p->steps[2] = OP_SETGROUPS | 1 << 16;
	p->steps[3] = 2; /* two from the first on */
	memcpy(p->pool + 1, "text", 4);
	memcpy(p->pool + TEMPLATE_AT, template, template_length);
}

static int read_bytes(const void *bytes, size_t size)
{
	void *copy = exact_copy(bytes, size);
	struct plan plan;
	int result;

	errno = 0;
	result = plan_read(&plan, copy, size);
	if (result == 0) {
		const char *slots[SLOT_COUNT] = { 0 };

		walk_plan(&plan, slots);
	} else {
		EXPECT(errno == EBADMSG, "(%d)", errno);
	}
	free(copy);
	return result;
}

static int read_small_plan(const struct small_plan *p)
{
	return read_bytes(p, sizeof(*p));
}

static void test_sound_plan(void)
{
	struct small_plan p;
	struct plan plan;
	const struct plan_step *s;
	const char *slots[SLOT_COUNT] = { [SLOT_ID] = "c1" };
	const char template[] = { 'a', PLAN_SLOT_ESCAPE, PLAN_SLOT_BASE + SLOT_ID,
				  'b', PLAN_SLOT_ESCAPE, PLAN_SLOT_ESCAPE };
	uint32_t count;
	size_t length;
	char out[8];

	make_small_plan(&p, template, sizeof(template));
	EXPECT(plan_read(&plan, &p, sizeof(p)) == 0);
	plan_section(&plan, SECTION_PREPARE, &count);
	EXPECT(count == 0);
	s = plan_section(&plan, SECTION_CHILD, &count);
	EXPECT(count == 2 && s->op == OP_UNLINK && s->n_args == 1 && s->at == LITERAL);
	EXPECT(strcmp(plan_raw(&plan, s->at, &length), "text") == 0 && length == 4);
	EXPECT(plan_expand(&plan, s->at, slots, out, sizeof(out)) == 4 && !strcmp(out, "text"));
	EXPECT(plan_expand(&plan, s->arg[0], slots, out, sizeof(out)) == 5 &&
	       !strcmp(out, "ac1b\001"));
	EXPECT(plan_expand(&plan, s->arg[0], slots, out, 6) == 5);
	for (size_t room = 0; room < 6; room++)
		EXPECT(plan_expand(&plan, s->arg[0], slots, out, room) == (size_t)-1);
	slots[SLOT_ID] = NULL;
	EXPECT(plan_expand(&plan, s->arg[0], slots, out, sizeof(out)) == 3 &&
	       !strcmp(out, "ab\001"));
	s = plan_next(s);
	EXPECT(s->op == OP_SETGROUPS && plan_list_count(s->arg[0]) == 2);
	EXPECT(plan_list_item(&plan, s->arg[0], 0) == LITERAL &&
	       plan_list_item(&plan, s->arg[0], 1) == TEMPLATE);
	EXPECT(walk_plan(&plan, slots) == 2);
}

static void test_sizes(void)
{
	struct small_plan p;
	char longer[sizeof(p) + 1];
	unsigned char ones[sizeof(p)];

	make_small_plan(&p, "", 0);
	for (size_t size = 0; size < sizeof(p); size++)
		EXPECT(read_bytes(&p, size) < 0, "(%zu bytes)", size);
	memcpy(longer, &p, sizeof(p));
	longer[sizeof(p)] = 'x';
	EXPECT(read_bytes(longer, sizeof(longer)) == 0); /* the binding follows there */
	memset(ones, 0xff, sizeof(ones));
	for (size_t size = 0; size <= sizeof(ones); size++)
		EXPECT(read_bytes(ones, size) < 0);
	memset(ones, 0, sizeof(ones));
	EXPECT(read_bytes(ones, sizeof(ones)) < 0);
}

/* A word of the plan, a value that breaks it. */
#define REFUSES(word, value) \
	do { \
		make_small_plan(&p, "", 0); \
		EXPECT(read_small_plan(&p) == 0); \
		p.word = (value); \
		EXPECT(read_small_plan(&p) < 0, "(with %s)", #value); \
	} while (0)

static void test_header(void)
{
	struct small_plan p;

	REFUSES(header[MAGIC], PLAN_MAGIC + 1);
	REFUSES(header[ABI], PLAN_ABI ^ 1);
	REFUSES(header[TOTAL], sizeof(p) + 8);
	REFUSES(header[TOTAL], sizeof(p) - 4);
	REFUSES(header[TOTAL], AFTER_SECTIONS - 8);
	REFUSES(header[TOTAL], 0);
	REFUSES(header[N_STRINGS], 0);
	REFUSES(header[N_STRINGS], 0x20000000); /* times eight is zero in 32 bits */
	REFUSES(header[N_STRINGS], UINT32_MAX);
	REFUSES(header[STRINGS], sizeof(p) - 8);
	REFUSES(header[STRINGS], 0xfffffff8);
	REFUSES(header[STRINGS], offsetof(struct small_plan, strings) + 2);
	REFUSES(header[N_LIST], 0x40000000);
	REFUSES(header[N_LIST], 1); /* the list of the second step would leave it */
	REFUSES(header[LIST], sizeof(p) - 4);
	REFUSES(header[LIST], offsetof(struct small_plan, list) + 1);
	REFUSES(header[N_STEPS], 3);
	REFUSES(header[N_STEPS], 0x20000000);
	REFUSES(header[STEPS], sizeof(p) - 8);
	REFUSES(header[STEPS], offsetof(struct small_plan, steps) + 4);
	REFUSES(header[POOL], sizeof(p) + 1);
	REFUSES(header[POOL], offsetof(struct small_plan, pool) + 1);
	/* The tables lie in front of it: who fills a form writes behind what lies there. */
	REFUSES(header[POOL], 0);
	REFUSES(header[POOL], offsetof(struct small_plan, strings));
	REFUSES(header[POOL], offsetof(struct small_plan, list));
	REFUSES(header[POOL], offsetof(struct small_plan, steps) + 8);
}

static void test_tables(void)
{
	struct small_plan p;

	REFUSES(sections[2 * SECTION_CHILD], 1); /* not where a step begins */
	REFUSES(sections[2 * SECTION_CHILD], 4);
	REFUSES(sections[2 * SECTION_CHILD], UINT32_MAX);
	REFUSES(sections[2 * SECTION_CHILD + 1], 3);
	REFUSES(sections[2 * SECTION_CHILD + 1], UINT32_MAX);
	REFUSES(sections[2 * SECTION_AFTER], 5); /* empty, and yet outside */
	REFUSES(strings[LITERAL].offset, 0);
	REFUSES(strings[LITERAL].offset, UINT32_MAX);
	REFUSES(strings[LITERAL].offset, sizeof(p));
	REFUSES(strings[LITERAL].length, 3); /* no NUL there */
	REFUSES(strings[LITERAL].length, INT32_MAX);
	REFUSES(strings[LITERAL].length, sizeof(p));
	REFUSES(list[1], 3);
	REFUSES(list[1], UINT32_MAX);
	REFUSES(steps[0], OP_COUNT | 1 << 16);
	REFUSES(steps[0], OP_UNLINK);
	REFUSES(steps[0], OP_UNLINK | 2 << 16);
	REFUSES(steps[0], OP_UNLINK | 0xffffu << 16);
	REFUSES(steps[0], OP_UNLINK | 1 << 16 | (uint64_t)3 << 32);
	REFUSES(steps[1], 3);
	REFUSES(steps[1], UINT64_MAX);
	REFUSES(steps[1], (uint64_t)1 << 32);
	REFUSES(steps[3], 3); /* one more than there are */
	REFUSES(steps[3], (uint64_t)1 << 32 | 2);
	REFUSES(steps[3], (uint64_t)UINT32_MAX << 32 | 1); /* wraps in 32 bits */
	REFUSES(steps[3], (uint64_t)UINT32_MAX << 32 | UINT32_MAX);
}

static void test_unterminated_string(void)
{
	struct small_plan p;

	make_small_plan(&p, "", 0);
	memset(p.pool + TEMPLATE_AT, 'x', sizeof(p.pool) - TEMPLATE_AT);
	p.strings[TEMPLATE].length = sizeof(p.pool) - TEMPLATE_AT;
	EXPECT(read_small_plan(&p) < 0);
	p.strings[TEMPLATE].length = sizeof(p.pool) - TEMPLATE_AT - 1;
	EXPECT(read_small_plan(&p) < 0);
	p.pool[sizeof(p.pool) - 1] = '\0';
	EXPECT(read_small_plan(&p) == 0);
}

static void test_templates(void)
{
	static const struct {
		const char bytes[4];
		size_t length;
		bool sound;
	} cases[] = {
		{ "", 0, true },
		{ "a", 1, true },
		{ "\001\001", 2, true },
		{ "\001\020", 2, true },
		{ "\001\020\001\021", 4, true },
		{ "\001", 1, false }, /* nothing behind the escape */
		{ "\001\001\001", 3, false },
		{ "\001\017", 2, false }, /* below the first slot */
		{ "\001\000", 2, false },
		{ { 1, PLAN_SLOT_BASE + SLOT_COUNT }, 2, false },
		{ "\001\377", 2, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct small_plan p;

		make_small_plan(&p, cases[i].bytes, cases[i].length);
		EXPECT((read_small_plan(&p) == 0) == cases[i].sound, "(template %zu)", i);
		/* The same bytes as a literal mean nothing. */
		p.strings[TEMPLATE].length &= ~PLAN_TEMPLATE_BIT;
		EXPECT(read_small_plan(&p) == 0, "(literal %zu)", i);
	}
}

void test_plan(void)
{
	test_sound_plan();
	test_sizes();
	test_header();
	test_tables();
	test_unterminated_string();
	test_templates();
}
