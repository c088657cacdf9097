/*
 * The reader of archives: what it makes of a header, and of thousands with wrong bytes in them.
 */
#define _GNU_SOURCE
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../tar.h"

#define BLOCK 512
#define ROUNDS 20000

static char archive[64 * BLOCK];
static size_t archive_len;

static void add(const char *name, char type, const char *data)
{
	char *header = archive + archive_len;
	unsigned sum = 0;

	memset(header, 0, BLOCK);
	strcpy(header, name);
	memcpy(header + 100, "0000644\0000000007\0000000010", 23);
	sprintf(header + 124, "%011zo", strlen(data));
	memcpy(header + 136, "00000000017", 11);
	header[156] = type;
	memcpy(header + 257, "ustar\00000", 8);
	memset(header + 148, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)header[i];
	sprintf(header + 148, "%06o", sum);
	archive_len += BLOCK;
	memset(archive + archive_len, 0, BLOCK);
	strcpy(archive + archive_len, data);
	archive_len += *data ? BLOCK : 0;
}

static int open_archive(struct tar *t, const char *bytes, size_t len)
{
	int fd = memfd_create("archive", MFD_CLOEXEC);

	if (write(fd, bytes, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0 ||
	    tar_open(t, fd) < 0)
		abort();
	return fd;
}

/* Reads all that can be read; the number of entries, or -1. */
static int walk_archive(const char *bytes, size_t len, bool with_data)
{
	struct tar t;
	int fd = open_archive(&t, bytes, len);
	volatile char sink = 0;
	int entries = 0;
	int next;

	while ((next = tar_next(&t)) > 0) {
		struct bytes key;
		struct bytes value;
		size_t position = 0;
		const char *piece;
		ssize_t n = 0;

		entries++;
		for (size_t i = 0; i < t.entry.name.len; i++)
			sink ^= t.entry.name.at[i];
		while (tar_record(&t, &position, &key, &value))
			sink ^= key.at[key.len - 1];
		while (with_data && (n = tar_data(&t, &piece)) > 0)
			sink ^= piece[n - 1];
		if (n < 0)
			next = -1;
		if (n < 0)
			break;
	}
	if (next == 0)
		next = tar_drain(&t);
	EXPECT(next == 0 || t.fault != UNPACK_NONE);
	tar_close(&t);
	close(fd);
	return next < 0 ? -1 : entries;
}

static void test_header(void)
{
	struct tar t;
	int fd = open_archive(&t, archive, archive_len);

	EXPECT(tar_next(&t) == 1 && t.entry.type == ENTRY_FILE && t.entry.size == 4);
	EXPECT(t.entry.mode == 0644 && t.entry.uid == 7 && t.entry.gid == 8);
	EXPECT(t.entry.mtime.tv_sec == 15 && t.entry.name.len == 1);
	EXPECT(tar_next(&t) == 1 && t.entry.name.len == 6 && t.entry.uid == 12);
	EXPECT(t.entry.mtime.tv_sec == -2 && t.entry.mtime.tv_nsec == 500000000);
	tar_close(&t);
	close(fd);
}

void test_tar(void)
{
	static char copy[sizeof(archive)];
	unsigned seed = 7;

	archive_len = 0;
	add("f", '0', "text");
	add("pax", 'x', "15 path=longer\n10 uid=12\n14 mtime=-1.5\n");
	add("short", '0', "more");
	add("long", 'L', "a/longer/name");
	add("short", '5', "");
	add("pax", 'x',
	    "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n27 GNU.sparse.realsize=100\n");
	add("sparse", '0', "1\n0\n4\n");
	add("pax", 'x', "22 GNU.sparse.size=9\n26 GNU.sparse.map=0,2,5,2\n");
	add("sparse", '0', "abcd");
	add("global", 'g', "10 gid=12\n");
	add("l", '2', "");
	test_header();
	for (size_t len = 0; len < archive_len; len += 100)
		walk_archive(archive, len, true);
	for (int round = 0; round < ROUNDS; round++) {
		size_t at;

		memcpy(copy, archive, archive_len);
		for (int i = 0; i < 3; i++) {
			/* What is in a header needs a checksum that agrees. */
			at = (size_t)rand_r(&seed) % archive_len;
			if (at % BLOCK < 148 || at % BLOCK >= 156) {
				size_t header = at - at % BLOCK;
				unsigned sum = 8 * ' ';

				copy[at] = (char)(i ? rand_r(&seed) : "0719,=\n\x80\xff"[seed % 9]);
				for (size_t b = 0; b < BLOCK; b++)
					sum += b < 148 || b >= 156 ?
						       (unsigned char)copy[header + b] :
						       0;
				if (memcmp(copy + header + 257, "ustar", 5) == 0)
					sprintf(copy + header + 148, "%06o", sum);
			}
		}
		walk_archive(copy, archive_len, round % 2);
	}
}
