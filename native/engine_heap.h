/*
 * The memory of the JavaScript engine, at an address that is the same in every process. So what the
 * engine has made of our TypeScript at build time is kept as it lies in memory (the image, at the
 * end of the executable) and is there again by one mmap(2).
 */
#ifndef TSOCI_ENGINE_HEAP_H
#define TSOCI_ENGINE_HEAP_H

#include <stdbool.h>
#include <stddef.h>

/* Begins an empty heap; -1 with errno. */
int engine_heap_begin(void);

/* As JSMallocFunctions has them; the opaque pointer is not used. */
void *engine_calloc(void *opaque, size_t count, size_t size);
void *engine_malloc(void *opaque, size_t size);
void *engine_realloc(void *opaque, void *block, size_t size);
void engine_free(void *opaque, void *block);
size_t engine_usable_size(const void *block);

/* Appends the image of the heap, and where `root` is in it, to an executable; -1 with errno. */
int engine_heap_store(int executable, void *root);

/* The root of the image in an executable; NULL with errno: ENOENT where it has none. */
void *engine_heap_load(int executable);

#endif
