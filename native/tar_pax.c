/*
 * Records of pax: lines of "LENGTH KEY=VALUE\n" in front of an entry, or of all that follow.
 */
#define _GNU_SOURCE
#include "tar_parts.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

bool parse_decimal(const char *at, size_t len, uint64_t max, uint64_t *number)
{
	uint64_t value = 0;

	if (len == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (at[i] < '0' || at[i] > '9' || value > (INT64_MAX - 9) / 10)
			return false;
		value = value * 10 + (uint64_t)(at[i] - '0');
	}
	*number = value;
	return value <= max;
}

/* Seconds with a fraction, rounded down to nanoseconds. */
static bool parse_time(struct bytes text, struct timespec *time)
{
	bool negative = text.len > 0 && text.at[0] == '-';
	const char *at = text.at + negative;
	const char *end = text.at + text.len;
	const char *dot = memchr(at, '.', (size_t)(end - at));
	long ns = 0;
	bool rest = false;
	uint64_t seconds;

	if (!parse_decimal(at, (size_t)((dot ? dot : end) - at), INT64_MAX >> 1, &seconds))
		return false;
	if (dot) {
		int digits = 0;

		for (at = dot + 1; at < end; at++) {
			if (*at < '0' || *at > '9')
				return false;
			if (digits++ < 9)
				ns = ns * 10 + (*at - '0');
			else
				rest = rest || *at != '0';
		}
		for (; digits < 9; digits++)
			ns *= 10;
	}
	time->tv_sec = negative ? -(time_t)seconds : (time_t)seconds;
	time->tv_nsec = ns;
	if (negative && (ns || rest)) {
		time->tv_sec--;
		time->tv_nsec = 1000000000 - ns - rest;
		if (time->tv_nsec == 1000000000) {
			time->tv_sec++;
			time->tv_nsec = 0;
		}
	}
	return true;
}

/* "LENGTH KEY=VALUE\n" at `position`; its end, or 0 for a damaged one. */
static size_t cut_record(const char *records, size_t len, size_t position, struct bytes *key,
			 struct bytes *value)
{
	const char *at = records + position;
	const char *space = memchr(at, ' ', len - position > 9 ? 9 : len - position);
	const char *equals;
	uint64_t length;

	if (!space || !parse_decimal(at, (size_t)(space - at), len - position, &length) ||
	    length < (size_t)(space - at) + 2 || at[length - 1] != '\n')
		return 0;
	key->at = space + 1;
	equals = memchr(key->at, '=', (size_t)(at + length - 1 - key->at));
	if (!equals || equals == key->at)
		return 0;
	key->len = (size_t)(equals - key->at);
	value->at = equals + 1;
	value->len = (size_t)(at + length - 1 - value->at);
	return position + length;
}

bool tar_record(const struct tar *t, size_t *position, struct bytes *key, struct bytes *value)
{
	size_t at = *position;

	if (at < t->global_len) {
		*position = cut_record(t->global, t->global_len, at, key, value);
		return true;
	}
	at -= t->global_len;
	if (at >= t->local_len)
		return false;
	*position = t->global_len + cut_record(t->local, t->local_len, at, key, value);
	return true;
}

bool is_word(struct bytes text, const char *word)
{
	return text.len == strlen(word) && memcmp(text.at, word, text.len) == 0;
}

static int check_records(struct tar *t, char *at, size_t *len)
{
	struct bytes key;
	struct bytes value;
	size_t end = 0;

	/* Some writers pad the body with zeros inside its size. */
	while (end < *len && at[end] != 0) {
		end = cut_record(at, *len, end, &key, &value);
		if (end == 0)
			return tar_fail(t, UNPACK_PAX);
	}
	*len = end;
	return 0;
}

int tar_take_records(struct tar *t, uint64_t size, bool global)
{
	size_t len = (size_t)size;
	char *room;

	if (global && size > GLOBAL_LIMIT - t->global_len)
		return tar_fail(t, UNPACK_HEADER_SIZE);
	room = global ? t->global + t->global_len : tar_local_room(t, size);
	if (!room || tar_take(t, room, size) < 0 || tar_skip(t, tar_padding(size)) < 0 ||
	    check_records(t, room, &len) < 0)
		return -1;
	*(global ? &t->global_len : &t->local_len) += len;
	return 0;
}

static int take_id(struct tar *t, struct bytes value, uint32_t *id)
{
	uint64_t number = *id;

	/* The last one, -1, means "leave it" to chown. */
	if (value.len > 0 && !parse_decimal(value.at, value.len, UINT32_MAX - 1, &number))
		return tar_fail(t, UNPACK_OWNER);
	*id = (uint32_t)number;
	return 0;
}

int tar_apply_records(struct tar *t, bool has_data)
{
	struct tar_entry *e = &t->entry;
	struct bytes short_name = e->name;
	struct bytes short_link = e->link;
	struct pax_sparse sparse = { 0 };
	struct bytes key;
	struct bytes value;
	size_t position = 0;

	while (tar_record(t, &position, &key, &value)) {
		if (is_word(key, "path")) {
			e->name = value.len ? value : short_name;
		} else if (is_word(key, "linkpath")) {
			e->link = value.len ? value : short_link;
		} else if (is_word(key, "mtime")) {
			if (value.len && !parse_time(value, &e->mtime))
				return tar_fail(t, UNPACK_MTIME);
		} else if (is_word(key, "uid")) {
			if (take_id(t, value, &e->uid) < 0)
				return -1;
		} else if (is_word(key, "gid")) {
			if (take_id(t, value, &e->gid) < 0)
				return -1;
		} else if (is_word(key, "size") && value.len && has_data) {
			if (!parse_decimal(value.at, value.len, INT64_MAX, &e->size))
				return tar_fail(t, UNPACK_SIZE);
		} else if (has_data && key.len > 11 && memcmp(key.at, "GNU.sparse.", 11) == 0) {
			if (tar_sparse_record(t, key, value, &sparse) < 0)
				return -1;
		}
	}
	t->left = e->size;
	t->padding = tar_padding(e->size);
	return e->type == ENTRY_FILE && !e->sparse ? tar_apply_sparse(t, &sparse) : 0;
}
