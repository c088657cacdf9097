/*
 * Fuzzes the plan reader: changed sample plans are read, and walked when the reader takes them.
 *
 *   fuzz_plan DIR [SECONDS [SEED]]
 *
 * The numbers come from the seed alone, so a seed that found something finds it again. With
 * -DLIBFUZZER and clang's -fsanitize=fuzzer the same is a libFuzzer target.
 */
#include "walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* 1 when the bytes are a request. */
static int read_request(const void *bytes, size_t size)
{
	const char *slots[SLOT_COUNT];
	struct plan plan;

	errno = 0;
	if (plan_read(&plan, bytes, size) < 0 ||
	    plan_read_binding(slots, (const char *)bytes + plan.size, size - plan.size) < 0) {
		if (errno != EBADMSG)
			abort();
		return 0;
	}
	walk_plan(&plan, slots);
	return 1;
}

#ifdef LIBFUZZER

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
	/* The executor maps plans: they begin on a page. */
	void *copy = exact_copy(bytes, size);

	read_request(copy, size);
	free(copy);
	return 0;
}

#else

#define MAX_SAMPLES 32
#define MAX_CHANGES 6

static struct {
	void *bytes;
	size_t size;
} samples[MAX_SAMPLES];
static size_t n_samples;

static uint64_t state;

/* splitmix64 */
static uint64_t next_random(void)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static size_t below(size_t limit)
{
	return limit ? next_random() % limit : 0;
}

static void keep_sample(const char *path, const void *bytes, size_t size)
{
	(void)path;
	if (n_samples == MAX_SAMPLES)
		return;
	samples[n_samples].bytes = exact_copy(bytes, size);
	samples[n_samples++].size = size;
}

/* One change of a kind that binary readers stumble over. Returns the new size. */
static size_t change(unsigned char *bytes, size_t size)
{
	static const uint32_t words[] = {
		0,	    1,		0x7f,	    0xff,	0xffff,	    0x10000,
		0x1fffffff, 0x20000000, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff,
	};
	uint32_t word = words[below(sizeof(words) / sizeof(*words))];
	size_t at;

	if (size < 8)
		return size;
	switch (below(8)) {
	case 0:
		bytes[below(size)] ^= (unsigned char)(1u << below(8));
		break;
	case 1:
		bytes[below(size)] = (unsigned char)next_random();
		break;
	case 2: /* a word somewhere */
		memcpy(bytes + below(size / 4) * 4, &word, 4);
		break;
	case 3: /* a word of header or sections */
		at = below(PLAN_HEADER_WORDS + 2 * SECTION_COUNT) * 4;
		if (at + 4 <= size)
			memcpy(bytes + at, &word, 4);
		break;
	case 4: /* a word a little more or less */
		at = below(size / 4) * 4;
		memcpy(&word, bytes + at, 4);
		word += (uint32_t)below(17) - 8;
		memcpy(bytes + at, &word, 4);
		break;
	case 5: { /* a piece of it elsewhere */
		size_t length = below(size < 64 ? size : 64);

		memmove(bytes + below(size - length), bytes + below(size - length), length);
		break;
	}
	case 6: /* the end is missing; rarely, or nothing else is ever tried */
		if (below(8) == 0)
			return below(size);
		break;
	default: { /* a word of one place in another */
		size_t from = below(size / 4) * 4;

		memcpy(bytes + below(size / 4) * 4, bytes + from, 4);
	}
	}
	return size;
}

int main(int argc, char **argv)
{
	long seconds = argc > 2 && *argv[2] ? atol(argv[2]) : 3;
	uint64_t seed = argc > 3 && *argv[3] ? strtoull(argv[3], NULL, 0) : (uint64_t)time(NULL);
	time_t end = time(NULL) + seconds;
	unsigned long rounds = 0;
	unsigned long taken = 0;

	if (argc < 2 || for_each_plan_file(argv[1], keep_sample) == 0) {
		fprintf(stderr, "usage: %s DIR [SECONDS [SEED]], with sample plans in DIR\n",
			argv[0]);
		return 2;
	}
	/* First, and flushed: a sanitizer that ends us leaves the seed on the screen. */
	printf("fuzz_plan: seed %llu, %ld s\n", (unsigned long long)seed, seconds);
	fflush(stdout);
	state = seed;
	do {
		for (int i = 0; i < 256; i++, rounds++) {
			size_t which = below(n_samples);
			size_t size = samples[which].size;
			unsigned char *bytes = exact_copy(samples[which].bytes, size);
			void *exact;

			for (size_t n = below(MAX_CHANGES) + 1; n > 0; n--)
				size = change(bytes, size);
			exact = exact_copy(bytes, size);
			taken += (unsigned long)read_request(exact, size);
			free(exact);
			free(bytes);
		}
	} while (time(NULL) < end);
	printf("fuzz_plan: %lu plans read, %lu of them taken\n", rounds, taken);
	while (n_samples > 0)
		free(samples[--n_samples].bytes);
	return 0;
}

#endif
