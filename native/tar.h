/*
 * Reads a tar archive from a descriptor: one entry at a time, in memory that does not grow with it.
 *
 * POSIX ustar and pax, GNU (long names, base 256, sparse files in its four forms, incremental
 * directories), star, and what is older. Names and values are bytes, and nothing is trusted.
 */
#ifndef TSOCI_TAR_H
#define TSOCI_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "generated/unpack.h"

struct bytes {
	const char *at; /* NULL: not there */
	size_t len;
};

struct extent {
	uint64_t offset;
	uint64_t length;
};

/* What an entry makes, as the letter of ls(1); h for a hard link. */
enum entry_type {
	ENTRY_FILE = '-',
	ENTRY_DIR = 'd',
	ENTRY_SYMLINK = 'l',
	ENTRY_LINK = 'h',
	ENTRY_FIFO = 'p',
	ENTRY_CHAR = 'c',
	ENTRY_BLOCK = 'b',
};

struct tar_entry {
	enum entry_type type;
	struct bytes name; /* as it stands in the archive */
	struct bytes link;
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
	struct timespec mtime;
	uint32_t major;
	uint32_t minor;
	uint64_t size; /* of the data in the archive */
	bool sparse;
	uint64_t real_size; /* of a sparse file, with its holes */
	size_t extents; /* in tar.extent */
};

struct tar {
	int fd;
	char *buffer;
	size_t start; /* of what is unread in it */
	size_t end;
	bool eof;
	uint64_t left; /* of the entry's data */
	uint64_t padding; /* behind it */
	unsigned long headers;
	struct tar_entry entry;
	struct extent *extent;
	size_t extent_room;
	char *local; /* records of pax and names of GNU in front of the entry */
	size_t local_len;
	size_t local_room;
	char *global;
	size_t global_len;
	struct bytes long_name;
	struct bytes long_link;
	enum unpack_fault fault; /* why a call returned -1 */
	char block[512]; /* the header of the entry: its short names lie in it */
	char name_room[257];
};

/* -1 for want of memory. */
int tar_open(struct tar *t, int fd);
void tar_close(struct tar *t);

/* Goes to the next entry: 1, 0 at the end, -1 and a fault. */
int tar_next(struct tar *t);

/* The next piece of the entry's data: its length, 0 when there is no more, -1 and a fault. */
ssize_t tar_data(struct tar *t, const char **piece);

/* Reads what may follow the end, which has to be zeros. */
int tar_drain(struct tar *t);

/*
 * Walks the records of pax that hold for the entry, the earlier first: true with the next one.
 * `position` begins with 0.
 */
bool tar_record(const struct tar *t, size_t *position, struct bytes *key, struct bytes *value);

#endif
