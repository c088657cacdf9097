/*
 * Sparse files: where the bytes in the archive belong in the file, in the four forms of GNU tar.
 */
#define _GNU_SOURCE
#include "tar_parts.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static int add_extent(struct tar *t, uint64_t offset, uint64_t length)
{
	if (t->entry.extents == t->extent_room) {
		size_t room = t->extent_room ? t->extent_room * 2 : 64;
		struct extent *more;

		if (room > LOCAL_LIMIT / sizeof(*more))
			return tar_fail(t, UNPACK_SPARSE_END);
		more = realloc(t->extent, room * sizeof(*more));
		if (!more)
			return tar_fail(t, UNPACK_MEMORY);
		t->extent = more;
		t->extent_room = room;
	}
	t->extent[t->entry.extents++] = (struct extent){ offset, length };
	return 0;
}

/* A map must not overlap or run backwards, and add up to the data in the archive. */
static int check_extents(struct tar *t, uint64_t stored)
{
	uint64_t end = 0;
	uint64_t sum = 0;

	if (t->entry.real_size > INT64_MAX)
		return tar_fail(t, UNPACK_SPARSE);
	for (size_t i = 0; i < t->entry.extents; i++) {
		const struct extent *each = &t->extent[i];

		if (each->offset < end || each->length > INT64_MAX ||
		    each->offset > t->entry.real_size ||
		    each->length > t->entry.real_size - each->offset)
			return tar_fail(t, UNPACK_SPARSE);
		end = each->offset + each->length;
		sum += each->length;
	}
	return sum == stored ? 0 : tar_fail(t, UNPACK_SPARSE_FIT);
}

/* Pairs of 12 bytes each in a sparse header of GNU; the unused ones are empty. */
static int take_pairs(struct tar *t, const char *at, int count)
{
	for (; count > 0 && (at[0] || at[12]); count--, at += 24) {
		uint64_t offset;
		uint64_t length;

		if (!tar_number(at, 12, INT64_MAX, &offset) ||
		    !tar_number(at + 12, 12, INT64_MAX, &length))
			return tar_fail(t, UNPACK_SIZE);
		if (add_extent(t, offset, length) < 0)
			return -1;
	}
	return 0;
}

int tar_old_sparse(struct tar *t)
{
	char block[TAR_BLOCK];
	bool more = t->block[482];

	t->entry.sparse = true;
	if (!tar_number(t->block + 483, 12, INT64_MAX, &t->entry.real_size))
		return tar_fail(t, UNPACK_SIZE);
	if (take_pairs(t, t->block + 386, 4) < 0)
		return -1;
	while (more) {
		if (tar_take(t, block, TAR_BLOCK) < 0 || take_pairs(t, block, 21) < 0)
			return -1;
		more = block[504];
	}
	return check_extents(t, t->entry.size);
}

/* One number of a map in decimals, which ends with `end`, or with the text. */
static bool cut_decimal(const char **at, const char *end, char separator, uint64_t *number)
{
	const char *stop = memchr(*at, separator, (size_t)(end - *at));
	bool fine;

	if (!stop)
		stop = end;
	fine = parse_decimal(*at, (size_t)(stop - *at), INT64_MAX, number);
	*at = stop < end ? stop + 1 : end;
	return fine;
}

static int take_map(struct tar *t, struct bytes map)
{
	const char *at = map.at;
	const char *end = map.at + map.len;
	uint64_t offset;
	uint64_t length;

	while (at < end) {
		if (!cut_decimal(&at, end, ',', &offset) || at == end ||
		    !cut_decimal(&at, end, ',', &length))
			return tar_fail(t, UNPACK_SPARSE);
		if (add_extent(t, offset, length) < 0)
			return -1;
	}
	return 0;
}

/* A line of the map in front of a file's data, at most twenty digits. */
static int take_line(struct tar *t, uint64_t *number, uint64_t *taken)
{
	ssize_t n = tar_fill(t, 21);
	const char *newline;

	if (n < 0)
		return -1;
	newline = memchr(t->buffer + t->start, '\n', (size_t)n);
	if (!newline || !parse_decimal(t->buffer + t->start,
				       (size_t)(newline - t->buffer) - t->start, INT64_MAX, number))
		return tar_fail(t, UNPACK_SPARSE);
	n = newline + 1 - (t->buffer + t->start);
	t->start += (size_t)n;
	*taken += (uint64_t)n;
	return 0;
}

/* Version 1.0: how many pairs, then a number on each line, padded to a block. */
static int take_map_of_data(struct tar *t)
{
	uint64_t taken = 0;
	uint64_t count;
	uint64_t offset;
	uint64_t length;

	if (take_line(t, &count, &taken) < 0)
		return -1;
	for (; count > 0; count--) {
		if (take_line(t, &offset, &taken) < 0 || take_line(t, &length, &taken) < 0 ||
		    add_extent(t, offset, length) < 0)
			return -1;
	}
	if (tar_skip(t, tar_padding(taken)) < 0)
		return -1;
	taken += tar_padding(taken);
	if (taken > t->entry.size)
		return tar_fail(t, UNPACK_SPARSE_FIT);
	t->left = t->entry.size - taken;
	return check_extents(t, t->left);
}

static struct bytes unless_empty(struct bytes value)
{
	return value.len ? value : (struct bytes){ NULL, 0 };
}

int tar_sparse_record(struct tar *t, struct bytes key, struct bytes value,
		      struct pax_sparse *sparse)
{
	static const size_t prefix = sizeof("GNU.sparse.") - 1;
	struct bytes word = { key.at + prefix, key.len - prefix };
	uint64_t number;

	if (is_word(word, "major"))
		sparse->major = unless_empty(value);
	else if (is_word(word, "minor"))
		sparse->minor = unless_empty(value);
	else if (is_word(word, "map"))
		sparse->map = unless_empty(value);
	else if (is_word(word, "size") || is_word(word, "realsize"))
		sparse->size = unless_empty(value);
	else if (is_word(word, "name"))
		sparse->name = unless_empty(value);
	else if (is_word(word, "offset") || is_word(word, "numbytes")) {
		if (!parse_decimal(value.at, value.len, INT64_MAX, &number))
			return tar_fail(t, UNPACK_SPARSE);
		/* Format 0.0: the two take turns. */
		if (is_word(word, "offset"))
			return add_extent(t, number, UINT64_MAX);
		if (t->entry.extents == 0 || t->extent[t->entry.extents - 1].length != UINT64_MAX)
			return tar_fail(t, UNPACK_SPARSE);
		t->extent[t->entry.extents - 1].length = number;
	}
	return 0;
}

int tar_apply_sparse(struct tar *t, const struct pax_sparse *sparse)
{
	bool has_version = sparse->major.at || sparse->minor.at;
	bool is_1_0 = sparse->major.at && sparse->minor.at && is_word(sparse->major, "1") &&
		      is_word(sparse->minor, "0");

	if (sparse->name.at)
		t->entry.name = sparse->name;
	if (!sparse->size.at) {
		if (sparse->map.at || t->entry.extents > 0)
			return tar_fail(t, UNPACK_SPARSE_SIZE);
		return has_version ? tar_fail(t, UNPACK_SPARSE_FORMAT) : 0;
	}
	if (!parse_decimal(sparse->size.at, sparse->size.len, INT64_MAX, &t->entry.real_size))
		return tar_fail(t, UNPACK_SPARSE);
	t->entry.sparse = true;
	if (is_1_0) {
		t->entry.extents = 0;
		return take_map_of_data(t);
	}
	if (has_version && !(sparse->major.at && is_word(sparse->major, "0")))
		return tar_fail(t, UNPACK_SPARSE_FORMAT);
	if (sparse->map.at) {
		t->entry.extents = 0;
		if (take_map(t, sparse->map) < 0)
			return -1;
	}
	return check_extents(t, t->entry.size);
}
