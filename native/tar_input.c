/*
 * The bytes of an archive, as they come from its descriptor.
 */
#define _GNU_SOURCE
#include "tar_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int tar_fail(struct tar *t, enum unpack_fault fault)
{
	t->fault = fault;
	return -1;
}

int tar_open(struct tar *t, int fd)
{
	memset(t, 0, sizeof(*t));
	t->fd = fd;
	t->buffer = malloc(TAR_BUFFER);
	t->global = malloc(GLOBAL_LIMIT);
	return t->buffer && t->global ? 0 : -1;
}

void tar_close(struct tar *t)
{
	free(t->buffer);
	free(t->global);
	free(t->local);
	free(t->extent);
}

/* Has up to `wanted` bytes in one piece: how many there are. */
ssize_t tar_fill(struct tar *t, size_t wanted)
{
	if (t->end - t->start >= wanted)
		return (ssize_t)wanted;
	if (t->start > TAR_BUFFER - wanted) {
		memmove(t->buffer, t->buffer + t->start, t->end - t->start);
		t->end -= t->start;
		t->start = 0;
	} else if (t->start == t->end) {
		t->start = t->end = 0;
	}
	while (!t->eof && t->end - t->start < wanted) {
		ssize_t n = read(t->fd, t->buffer + t->end, TAR_BUFFER - t->end);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return tar_fail(t, UNPACK_READ);
		t->eof = n == 0;
		t->end += (size_t)n;
	}
	return (ssize_t)(t->end - t->start < wanted ? t->end - t->start : wanted);
}

/* Takes `size` bytes behind a header into `room`. */
int tar_take(struct tar *t, char *room, uint64_t size)
{
	while (size > 0) {
		ssize_t n = tar_fill(t, size > TAR_BUFFER ? TAR_BUFFER : size);

		if (n < 0)
			return -1;
		if (n == 0)
			return tar_fail(t, UNPACK_TRUNCATED);
		memcpy(room, t->buffer + t->start, (size_t)n);
		t->start += (size_t)n;
		room += n;
		size -= (uint64_t)n;
	}
	return 0;
}

int tar_skip(struct tar *t, uint64_t size)
{
	while (size > 0) {
		ssize_t n = tar_fill(t, size > TAR_BUFFER ? TAR_BUFFER : size);

		if (n < 0)
			return -1;
		if (n == 0)
			return tar_fail(t, UNPACK_TRUNCATED);
		t->start += (size_t)n;
		size -= (uint64_t)n;
	}
	return 0;
}

uint64_t tar_padding(uint64_t size)
{
	return (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
}

ssize_t tar_data(struct tar *t, const char **piece)
{
	ssize_t n;

	if (t->left == 0)
		return 0;
	n = tar_fill(t, 1);
	if (n < 0)
		return -1;
	if (n == 0)
		return tar_fail(t, UNPACK_TRUNCATED);
	n = (ssize_t)(t->end - t->start);
	if ((uint64_t)n > t->left)
		n = (ssize_t)t->left;
	*piece = t->buffer + t->start;
	t->start += (size_t)n;
	t->left -= (uint64_t)n;
	return n;
}
