/*
 * See tar.h.
 */
#define _GNU_SOURCE
#include "tar_parts.h"

#include <stdlib.h>
#include <string.h>

static bool is_zero(const char *at, size_t len)
{
	return len == 0 || (at[0] == 0 && memcmp(at, at + 1, len - 1) == 0);
}

/* Octal digits, or base 256 in two's complement when the first bit is set. */
static bool read_number(const char *field, size_t len, int64_t *number)
{
	const unsigned char *at = (const unsigned char *)field;
	uint64_t value = 0;
	size_t i = 0;

	if (at[0] & 0x80) {
		/* The first bit is the mark, and the second the sign. */
		bool negative = at[0] & 0x40;

		for (i = 0; i < len; i++) {
			unsigned char byte = at[i];

			if (i == 0)
				byte = negative ? byte : byte & 0x7f;
			if (i + 8 < len && byte != (negative ? 0xff : 0))
				return false;
			value = value << 8 | byte;
		}
		*number = (int64_t)value;
		return (*number < 0) == negative;
	}
	while (i < len && at[i] == ' ')
		i++;
	for (; i < len && at[i] >= '0' && at[i] <= '7'; i++) {
		if (value >> 60)
			return false;
		value = value << 3 | (at[i] - '0');
	}
	while (i < len && at[i] == ' ')
		i++;
	*number = (int64_t)value;
	return i == len || at[i] == 0;
}

bool tar_number(const char *field, size_t len, uint64_t max, uint64_t *number)
{
	int64_t value;

	if (!read_number(field, len, &value) || value < 0 || (uint64_t)value > max)
		return false;
	*number = (uint64_t)value;
	return true;
}

static bool has_checksum(const char *header)
{
	const unsigned char *at = (const unsigned char *)header;
	uint64_t sum = 8 * ' ';
	uint64_t wanted;

	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += i >= 148 && i < 156 ? 0 : at[i];
	return tar_number(header + 148, 8, UINT32_MAX, &wanted) && wanted == sum;
}

/*
 * Records are kept from the front of the room on, the names of GNU from its end on: one allocation
 * of a fixed size, made when the first is met.
 */
char *tar_local_room(struct tar *t, uint64_t size)
{
	if (!t->local) {
		t->local = malloc(LOCAL_LIMIT);
		t->local_room = LOCAL_LIMIT;
	}
	if (!t->local)
		tar_fail(t, UNPACK_MEMORY);
	else if (size > t->local_room - t->local_len)
		tar_fail(t, UNPACK_HEADER_SIZE);
	else
		return t->local + t->local_len;
	return NULL;
}

static int take_name(struct tar *t, uint64_t size, struct bytes *name)
{
	char *room = tar_local_room(t, size);

	if (!room)
		return -1;
	t->local_room -= size;
	room = t->local + t->local_room;
	if (tar_take(t, room, size) < 0 || tar_skip(t, tar_padding(size)) < 0)
		return -1;
	*name = (struct bytes){ room, strnlen(room, size) };
	return 0;
}

static void join_name(struct tar *t)
{
	const char *at = t->block;
	bool is_posix = memcmp(at + 257, "ustar", 6) == 0;
	/* star keeps times behind a shorter prefix. */
	size_t prefix = is_posix ? strnlen(at + 345, memcmp(at + 508, "tar", 4) ? 155 : 131) : 0;
	size_t name = strnlen(at, 100);

	t->entry.name = (struct bytes){ at, name };
	if (prefix == 0)
		return;
	memcpy(t->name_room, at + 345, prefix);
	t->name_room[prefix] = '/';
	memcpy(t->name_room + prefix + 1, at, name);
	t->entry.name = (struct bytes){ t->name_room, prefix + 1 + name };
}

static int take_attributes(struct tar *t)
{
	struct tar_entry *e = &t->entry;
	uint64_t mode;
	uint64_t uid;
	uint64_t gid;
	int64_t seconds;

	if (!tar_number(t->block + 100, 8, UINT32_MAX, &mode))
		return tar_fail(t, UNPACK_MODE);
	if (!tar_number(t->block + 108, 8, UINT32_MAX - 1, &uid) ||
	    !tar_number(t->block + 116, 8, UINT32_MAX - 1, &gid))
		return tar_fail(t, UNPACK_OWNER);
	if (!read_number(t->block + 136, 12, &seconds))
		return tar_fail(t, UNPACK_MTIME);
	e->mode = mode & 07777;
	e->uid = (uint32_t)uid;
	e->gid = (uint32_t)gid;
	e->mtime = (struct timespec){ .tv_sec = seconds };
	return 0;
}

static int take_device(struct tar *t)
{
	uint64_t major;
	uint64_t minor;

	if (!tar_number(t->block + 329, 8, UINT32_MAX, &major) ||
	    !tar_number(t->block + 337, 8, UINT32_MAX, &minor))
		return tar_fail(t, UNPACK_DEVICE);
	t->entry.major = (uint32_t)major;
	t->entry.minor = (uint32_t)minor;
	return 0;
}

/* An entry of the type in its header: 1, or -1. */
static int take_entry(struct tar *t, uint64_t size)
{
	struct tar_entry *e = &t->entry;
	char type = t->block[156];

	memset(e, 0, sizeof(*e));
	join_name(t);
	if (t->long_name.at)
		e->name = t->long_name;
	e->link = t->long_link.at ? t->long_link :
				    (struct bytes){ t->block + 157, strnlen(t->block + 157, 100) };
	e->size = size;
	e->type = ENTRY_FILE;
	switch (type) {
	case '1':
		e->type = ENTRY_LINK;
		break;
	case '2':
		e->type = ENTRY_SYMLINK;
		break;
	case '3':
		e->type = ENTRY_CHAR;
		break;
	case '4':
		e->type = ENTRY_BLOCK;
		break;
	case '5':
		e->type = ENTRY_DIR;
		e->size = 0; /* a quota, in old systems; no data follows */
		break;
	case '6':
		e->type = ENTRY_FIFO;
		break;
	case 'D': /* GNU's, with a list of what was in it when the backup was made */
		e->type = ENTRY_DIR;
		break;
	}
	/* Writers disagree on whether data follows such a size, and nobody can know. */
	if (e->type != ENTRY_FILE && e->type != ENTRY_DIR && e->size > 0)
		return tar_fail(t, UNPACK_DATA);
	if ((type == 'S' && tar_old_sparse(t) < 0) || take_attributes(t) < 0 ||
	    tar_apply_records(t, strchr("07S", type) || type == 0) < 0)
		return -1;
	/* Archives older than POSIX have no type for directories, only the slash. */
	if (e->type == ENTRY_FILE && e->name.len && e->name.at[e->name.len - 1] == '/') {
		if (e->size > 0)
			return tar_fail(t, UNPACK_DIR_DATA);
		e->type = ENTRY_DIR;
	}
	if ((e->type == ENTRY_CHAR || e->type == ENTRY_BLOCK) && take_device(t) < 0)
		return -1;
	return 1;
}

static int take_header(struct tar *t)
{
	uint64_t size;

	if (!has_checksum(t->block)) {
		memset(&t->entry.name, 0, sizeof(t->entry.name));
		return tar_fail(t, t->headers ? UNPACK_DAMAGED : UNPACK_NOT_TAR);
	}
	t->headers++;
	join_name(t);
	if (!tar_number(t->block + 124, 12, INT64_MAX - TAR_BLOCK, &size))
		return tar_fail(t, UNPACK_SIZE);
	switch (t->block[156]) {
	case 'x':
	case 'X':
		return tar_take_records(t, size, false);
	case 'g':
		return tar_take_records(t, size, true);
	case 'L':
		return take_name(t, size, &t->long_name);
	case 'K':
		return take_name(t, size, &t->long_link);
	case 'V': /* the label of a volume */
		return tar_skip(t, size + tar_padding(size));
	case 0:
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case 'D':
	case 'I': /* of vendors: a file to whoever does not know them, says POSIX */
	case 'N':
	case 'S':
		return take_entry(t, size);
	default:
		return tar_fail(t, UNPACK_TYPE);
	}
}

int tar_next(struct tar *t)
{
	int taken;

	if (tar_skip(t, t->left) < 0 || tar_skip(t, t->padding) < 0)
		return -1;
	t->left = t->padding = 0;
	t->local_len = 0;
	t->local_room = t->local ? LOCAL_LIMIT : 0;
	t->long_name.at = t->long_link.at = NULL;
	do {
		ssize_t n = tar_fill(t, TAR_BLOCK);

		if (n < 0)
			return -1;
		/* Without an end GNU tar and bsdtar take it, if the last entry is whole. */
		if (n == 0)
			return !t->headers		       ? tar_fail(t, UNPACK_EMPTY) :
			       t->local_len || t->long_name.at ? tar_fail(t, UNPACK_TRUNCATED) :
								 0;
		if (n < TAR_BLOCK) {
			memset(&t->entry.name, 0, sizeof(t->entry.name));
			return tar_fail(t, t->headers ? UNPACK_TRUNCATED : UNPACK_NOT_TAR);
		}
		memcpy(t->block, t->buffer + t->start, TAR_BLOCK);
		t->start += TAR_BLOCK;
		/* POSIX asks for two blocks of zeros. Some writers leave it at one. */
		if (is_zero(t->block, TAR_BLOCK))
			return 0;
		taken = take_header(t);
	} while (taken == 0);
	return taken;
}

int tar_drain(struct tar *t)
{
	for (;;) {
		ssize_t n = tar_fill(t, 1);

		if (n < 0)
			return -1;
		if (n == 0)
			return 0;
		if (!is_zero(t->buffer + t->start, t->end - t->start)) {
			memset(&t->entry.name, 0, sizeof(t->entry.name));
			return tar_fail(t, UNPACK_AFTER_END);
		}
		t->start = t->end;
	}
}
