/*
 * The plan as bytes: checked once, read in place. The layout is in docs/plan-format.md.
 */
#include "plan.h"

#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

static const char *const signatures[] = { PLAN_OP_SIGNATURES };

const char *plan_signature(uint16_t op)
{
	return signatures[op];
}

enum header { MAGIC, ABI, TOTAL, N_STRINGS, STRINGS, N_LIST, LIST, N_STEPS, STEPS, POOL };

static int malformed(void)
{
	errno = EBADMSG;
	return -1;
}

/* Does [offset, offset + count * width) lie inside size, aligned? All sums in 64 bits. */
static bool fits(uint64_t offset, uint64_t count, uint64_t width, uint64_t align, size_t size)
{
	return offset % align == 0 && offset <= size && count <= UINT32_MAX &&
	       count * width <= size - offset;
}

static bool list_is_sound(const struct plan *p, uint64_t word)
{
	uint64_t first = word >> 32;
	uint64_t count = (uint32_t)word;

	return first + count <= p->n_list;
}

static bool step_is_sound(const struct plan *p, const uint64_t *at, uint64_t words_left)
{
	const struct plan_step *s = (const struct plan_step *)at;
	const char *signature;

	if (words_left < 1 || s->op >= OP_COUNT)
		return false;
	signature = signatures[s->op];
	if (s->n_args != strlen(signature) || s->n_args > words_left - 1 || s->at >= p->n_strings)
		return false;
	for (uint16_t i = 0; i < s->n_args; i++) {
		if ((signature[i] == 't' || signature[i] == 'b') && s->arg[i] >= p->n_strings)
			return false;
		if (signature[i] == 'l' && !list_is_sound(p, s->arg[i]))
			return false;
	}
	return true;
}

static bool is_within(unsigned char byte, int base)
{
	return byte >= base && byte < base + SLOT_COUNT;
}

/* An escape byte is followed by another, or by the number of a slot. */
static bool template_is_sound(const unsigned char *bytes, uint64_t length)
{
	for (uint64_t i = 0; i < length; i++) {
		if (bytes[i] != PLAN_SLOT_ESCAPE)
			continue;
		if (++i == length ||
		    (bytes[i] != PLAN_SLOT_ESCAPE && !is_within(bytes[i], PLAN_SLOT_BASE) &&
		     !is_within(bytes[i], PLAN_JSON_SLOT_BASE)))
			return false;
	}
	return true;
}

bool plan_is_foreign(const void *bytes, size_t size)
{
	const uint32_t *h = bytes;

	return size >= PLAN_HEADER_WORDS * 4 && h[MAGIC] == PLAN_MAGIC && h[ABI] != PLAN_ABI;
}

int plan_read(struct plan *p, const void *bytes, size_t size)
{
	const uint32_t *h = bytes;
	uint32_t n_steps;

	if (size < (PLAN_HEADER_WORDS + 2 * SECTION_COUNT) * 4 || h[MAGIC] != PLAN_MAGIC ||
	    h[ABI] != PLAN_ABI || h[TOTAL] > size || h[TOTAL] % 8 != 0)
		return malformed();
	size = h[TOTAL];
	/* Whoever fills a form puts other strings behind what lies in front of the pool. */
	if (size < (PLAN_HEADER_WORDS + 2 * SECTION_COUNT) * 4 || h[POOL] > size ||
	    !fits(h[STRINGS], h[N_STRINGS], 8, 4, h[POOL]) ||
	    !fits(h[LIST], h[N_LIST], 4, 4, h[POOL]) || !fits(h[STEPS], h[N_STEPS], 8, 8, h[POOL]))
		return malformed();

	*p = (struct plan){
		.base = bytes,
		.size = size,
		.n_strings = h[N_STRINGS],
		.strings = (const struct plan_string *)((const unsigned char *)bytes + h[STRINGS]),
		.n_list = h[N_LIST],
		.list = (const uint32_t *)((const unsigned char *)bytes + h[LIST]),
		.steps = (const uint64_t *)((const unsigned char *)bytes + h[STEPS]),
		.sections = h + PLAN_HEADER_WORDS,
	};
	n_steps = h[N_STEPS];

	for (uint32_t i = 0; i < p->n_strings; i++) {
		uint64_t offset = p->strings[i].offset;
		uint64_t length = p->strings[i].length & ~PLAN_TEMPLATE_BIT;

		if (offset < h[POOL] || offset + length >= size || p->base[offset + length] != '\0')
			return malformed();
		if (plan_is_template(p, i) && !template_is_sound(p->base + offset, length))
			return malformed();
	}
	for (uint32_t i = 0; i < p->n_list; i++)
		if (p->list[i] >= p->n_strings)
			return malformed();
	for (uint32_t i = 0; i < SECTION_COUNT; i++) {
		uint64_t at = p->sections[2 * i];

		if (at > n_steps)
			return malformed();
		for (uint32_t n = p->sections[2 * i + 1]; n > 0; n--) {
			if (at >= n_steps || !step_is_sound(p, p->steps + at, n_steps - at))
				return malformed();
			at += 1 + ((const struct plan_step *)(p->steps + at))->n_args;
		}
	}
	return 0;
}

int plan_read_binding(const char *slots[SLOT_COUNT], const void *bytes, size_t size)
{
	const char *at = bytes;
	size_t left = size;

	for (int i = 0; i < SLOT_COUNT; i++) {
		uint32_t length;

		if (left < sizeof(length))
			return malformed();
		memcpy(&length, at, sizeof(length));
		at += sizeof(length);
		left -= sizeof(length);
		if (left <= length || at[length] != '\0')
			return malformed();
		slots[i] = at;
		at += (size_t)length + 1;
		left -= (size_t)length + 1;
	}
	return left == 0 ? 0 : malformed();
}

char *plan_request(const void *plan, size_t size, const char *const slots[SLOT_COUNT],
		   size_t *total)
{
	char *bytes;
	char *at;

	*total = size;
	for (int i = 0; i < SLOT_COUNT; i++)
		*total += sizeof(uint32_t) + (slots[i] ? strlen(slots[i]) : 0) + 1;
	bytes = malloc(*total);
	if (!bytes)
		return NULL;
	memcpy(bytes, plan, size);
	at = bytes + size;
	for (int i = 0; i < SLOT_COUNT; i++) {
		const char *value = slots[i] ? slots[i] : "";
		uint32_t length = (uint32_t)strlen(value);

		memcpy(at, &length, sizeof(length));
		memcpy(at + sizeof(length), value, (size_t)length + 1);
		at += sizeof(length) + length + 1;
	}
	return bytes;
}

const struct plan_step *plan_section(const struct plan *p, enum plan_section section,
				     uint32_t *count)
{
	*count = p->sections[2 * section + 1];
	return (const struct plan_step *)(p->steps + p->sections[2 * section]);
}

const struct plan_step *plan_next(const struct plan_step *step)
{
	return (const struct plan_step *)(step->arg + step->n_args);
}

const char *plan_raw(const struct plan *p, uint64_t index, size_t *length)
{
	if (length)
		*length = p->strings[index].length & ~PLAN_TEMPLATE_BIT;
	return (const char *)p->base + p->strings[index].offset;
}

bool plan_is_template(const struct plan *p, uint64_t index)
{
	return p->strings[index].length & PLAN_TEMPLATE_BIT;
}

/* The bytes that stand for one in a JSON string. */
static size_t json_byte(char byte, char out[8])
{
	if ((unsigned char)byte < ' ')
		return (size_t)snprintf(out, 8, "\\u%04x", byte);
	return (size_t)snprintf(out, 8, byte == '"' || byte == '\\' ? "\\%c" : "%c", byte);
}

/* A slot's value; its length, or -1 where there is no room. */
static size_t expand_slot(unsigned char number, const char *const slots[SLOT_COUNT], char *out,
			  size_t room)
{
	bool json = is_within(number, PLAN_JSON_SLOT_BASE);
	const char *value = slots[number - (json ? PLAN_JSON_SLOT_BASE : PLAN_SLOT_BASE)];
	size_t n = 0;

	for (; value && *value; value++) {
		char bytes[8] = { *value };
		size_t length = json ? json_byte(*value, bytes) : 1;

		if (length >= room - n)
			return (size_t)-1;
		memcpy(out + n, bytes, length);
		n += length;
	}
	return n;
}

size_t plan_expand(const struct plan *p, uint64_t index, const char *const slots[SLOT_COUNT],
		   char *out, size_t room)
{
	size_t length;
	size_t n = 0;
	const char *from = plan_raw(p, index, &length);

	for (size_t i = 0; i < length; i++) {
		/* plan_read has seen that every slot exists. */
		if (from[i] == PLAN_SLOT_ESCAPE && plan_is_template(p, index) &&
		    from[++i] != PLAN_SLOT_ESCAPE) {
			size_t filled =
				expand_slot((unsigned char)from[i], slots, out + n, room - n);

			if (filled == (size_t)-1)
				return filled;
			n += filled;
			continue;
		}
		if (room - n < 2)
			return (size_t)-1;
		out[n++] = from[i];
	}
	if (n >= room)
		return (size_t)-1;
	out[n] = '\0';
	return n;
}
