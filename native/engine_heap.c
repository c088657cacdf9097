/*
 * A heap that grows at its end, and keeps what was freed in lists by size. It serves one thread,
 * for a program that runs a few milliseconds.
 */
#define _GNU_SOURCE
#include "engine_heap.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Far from what the kernel places by itself, and within the 39 bits of the smallest arm64. */
#define HEAP_ADDRESS 0x2000000000ul
#define PAGE 4096ul
#define CHUNK (256 * 1024ul) /* what it grows by, at least */
#define UNIT 16ul

/*
 * Sizes of blocks: multiples of 16 up to 1 KiB, from there four steps between powers of two. A
 * block is preceded by its size.
 */
#define SMALL_CLASSES 64
#define CLASSES (SMALL_CLASSES + 4 * 40)
#define HEADER sizeof(uint64_t)

struct free_block {
	struct free_block *next;
};

/* At the start of the heap, so that the image has it. */
struct heap {
	uintptr_t end; /* of what is used */
	uintptr_t limit; /* of what is mapped */
	void *root;
	struct free_block *free[CLASSES];
};

#define heap ((struct heap *)HEAP_ADDRESS)

/* The last bytes of the executable. */
struct image {
	uint64_t offset; /* in the file */
	uint64_t size; /* whole pages */
	char magic[16];
};

static const char magic[16] = "tsoci image 1\r\n";

static int map(uintptr_t from, size_t size)
{
	void *at = mmap((void *)from, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (at == MAP_FAILED)
		return -1;
	if (at == (void *)from)
		return 0;
	munmap(at, size); /* a kernel before 4.17 takes the address as a wish */
	errno = EEXIST;
	return -1;
}

int engine_heap_begin(void)
{
	if (map(HEAP_ADDRESS, CHUNK) < 0)
		return -1;
	heap->end = HEAP_ADDRESS + ((sizeof(*heap) + UNIT - 1) & -UNIT) + UNIT;
	heap->limit = HEAP_ADDRESS + CHUNK;
	return 0;
}

/* The class of a block with room for this many bytes, and how many it has. */
static size_t class_of(size_t size, size_t *room)
{
	size_t shift;
	size_t step;

	if (size + HEADER <= SMALL_CLASSES * UNIT) {
		size_t units = (size + HEADER + UNIT - 1) / UNIT;

		*room = units * UNIT - HEADER;
		return units - 1;
	}
	shift = 63 - (size_t)__builtin_clzll(size + HEADER - 1);
	step = (size_t)1 << (shift - 2);
	*room = ((size + HEADER + step - 1) & -step) - HEADER;
	return SMALL_CLASSES + (shift - 10) * 4 + ((size + HEADER - 1) >> (shift - 2)) - 4;
}

static int grow(size_t size)
{
	size_t more = (size + CHUNK - 1) & -CHUNK;

	if (map(heap->limit, more) < 0)
		return -1;
	heap->limit += more;
	return 0;
}

static uint64_t *size_before(const void *block)
{
	return (uint64_t *)block - 1;
}

void *engine_malloc(void *opaque, size_t size)
{
	size_t room;
	size_t class;
	void *block;

	if (size > SIZE_MAX / 4)
		return NULL;
	class = class_of(size, &room);
	block = heap->free[class];
	if (block) {
		heap->free[class] = heap->free[class]->next;
		return block;
	}
	if (heap->end + room + HEADER > heap->limit && grow(room + HEADER) < 0)
		return NULL;
	block = (void *)heap->end;
	heap->end += room + HEADER;
	*size_before(block) = room;
	return block;
}

void *engine_calloc(void *opaque, size_t count, size_t size)
{
	size_t total;
	void *block;

	if (__builtin_mul_overflow(count, size, &total))
		return NULL;
	block = engine_malloc(opaque, total);
	return block ? memset(block, 0, total) : NULL;
}

void engine_free(void *opaque, void *block)
{
	size_t room;
	size_t class;

	if (!block)
		return;
	class = class_of(*size_before(block), &room);
	((struct free_block *)block)->next = heap->free[class];
	heap->free[class] = block;
}

void *engine_realloc(void *opaque, void *block, size_t size)
{
	void *moved;

	if (!block)
		return engine_malloc(opaque, size);
	if (size <= *size_before(block))
		return block;
	moved = engine_malloc(opaque, size);
	if (!moved)
		return NULL;
	memcpy(moved, block, *size_before(block));
	engine_free(opaque, block);
	return moved;
}

size_t engine_usable_size(const void *block)
{
	return block ? *size_before(block) : 0;
}

static int write_all(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t n = write(fd, at, size);

		if (n < 0)
			return -1;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

int engine_heap_store(int executable, void *root)
{
	struct image image = { 0 };
	off_t end = lseek(executable, 0, SEEK_END);

	if (end < 0)
		return -1;
	image.offset = ((uint64_t)end + PAGE - 1) & -PAGE;
	image.size = (heap->end - HEAP_ADDRESS + PAGE - 1) & -PAGE;
	memcpy(image.magic, magic, sizeof(magic));
	heap->root = root;
	heap->limit = HEAP_ADDRESS + image.size;
	if (lseek(executable, (off_t)image.offset, SEEK_SET) < 0 ||
	    write_all(executable, heap, image.size) < 0)
		return -1;
	return write_all(executable, &image, sizeof(image));
}

void *engine_heap_load(int executable)
{
	struct image image;
	struct stat st;
	void *at;

	if (fstat(executable, &st) < 0 ||
	    pread(executable, &image, sizeof(image), st.st_size - (off_t)sizeof(image)) !=
		    (ssize_t)sizeof(image))
		return NULL;
	if (memcmp(image.magic, magic, sizeof(magic)) != 0 || image.offset % PAGE ||
	    image.offset + image.size + sizeof(image) != (uint64_t)st.st_size) {
		errno = ENOENT;
		return NULL;
	}
	at = mmap((void *)HEAP_ADDRESS, image.size, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_FIXED_NOREPLACE, executable, (off_t)image.offset);
	if (at == MAP_FAILED)
		return NULL;
	if (at != (void *)HEAP_ADDRESS) {
		errno = EEXIST;
		return NULL;
	}
	return heap->root;
}
