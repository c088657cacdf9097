/*
 * The plan reader, on plans that TypeScript encoded: read whole, cut, and with every word changed.
 */
#include "check.h"
#include "walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum header { TOTAL = 2, POOL = 9 };

/* Exactly the bytes, in memory that ends with them; walked when the reader takes them. */
static int read_request(const void *bytes, size_t size)
{
	const char *slots[SLOT_COUNT];
	void *copy = exact_copy(bytes, size);
	struct plan plan;
	int result;

	errno = 0;
	result = plan_read(&plan, copy, size);
	if (result == 0)
		result = plan_read_binding(slots, (const char *)copy + plan.size, size - plan.size);
	if (result == 0)
		walk_plan(&plan, slots);
	else
		EXPECT(errno == EBADMSG, "(%d)", errno);
	free(copy);
	return result;
}

static void cut(const char *path, const unsigned char *bytes, size_t size)
{
	EXPECT(read_request(bytes, size) == 0, "(%s)", path);
	for (size_t length = 0; length < size; length++)
		EXPECT(read_request(bytes, length) < 0, "(%s: %zu bytes)", path, length);
}

/* Header, sections, tables and steps: whatever the reader takes must be safe to walk. */
static void change_words(const unsigned char *bytes, size_t size)
{
	unsigned char *changed = exact_copy(bytes, size);
	uint32_t header[POOL + 1];

	memcpy(header, bytes, sizeof(header));
	for (size_t at = 0; at < header[POOL]; at += 4) {
		const uint32_t values[] = { 0,
					    1,
					    8,
					    0xffff,
					    0x20000000,
					    0x7fffffff,
					    0x80000000,
					    0xfffffff8,
					    0xffffffff,
					    header[TOTAL],
					    header[TOTAL] - 8,
					    header[POOL] };

		for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
			struct plan plan;
			const char *slots[SLOT_COUNT] = { 0 };

			memcpy(changed + at, &values[i], 4);
			if (plan_read(&plan, changed, header[TOTAL]) == 0)
				walk_plan(&plan, slots);
		}
		memcpy(changed + at, bytes + at, 4);
	}
	free(changed);
}

/* Lengths of slot values that lie, and values without their NUL. */
static void change_binding(const unsigned char *bytes, size_t size)
{
	unsigned char *changed = exact_copy(bytes, size);
	uint32_t total;

	memcpy(&total, bytes + TOTAL * 4, 4);
	for (size_t at = total; at < size; at++) {
		changed[at] = 0xff;
		read_request(changed, size);
		changed[at] = bytes[at];
	}
	for (size_t at = total, slot = 0; slot < SLOT_COUNT; slot++) {
		const uint32_t values[] = { 0x7fffffff, 0xfffffffb, 0xffffffff, (uint32_t)size };
		uint32_t length;

		memcpy(&length, bytes + at, 4);
		for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
			memcpy(changed + at, &values[i], 4);
			EXPECT(read_request(changed, size) < 0, "(slot %zu)", slot);
		}
		memcpy(changed + at, &length, 4);
		changed[at + 4 + length] = 'x';
		EXPECT(read_request(changed, size) < 0, "(slot %zu without a NUL)", slot);
		changed[at + 4 + length] = '\0';
		at += 4 + (size_t)length + 1;
	}
	free(changed);
}

static void test_file(const char *path, const void *bytes, size_t size)
{
	cut(path, bytes, size);
	change_words(bytes, size);
	change_binding(bytes, size);
}

void test_plan_files(const char *dir)
{
	EXPECT(for_each_plan_file(dir, test_file) > 0, "(no sample plans in %s)", dir);
}
