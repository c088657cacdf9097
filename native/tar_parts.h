/*
 * What the parts of the reader share (tar.c, tar_pax.c, tar_sparse.c).
 */
#ifndef TSOCI_TAR_PARTS_H
#define TSOCI_TAR_PARTS_H

#include "tar.h"

#define TAR_BLOCK 512
#define TAR_BUFFER (512u << 10)
#define LOCAL_LIMIT (4u << 20)
#define GLOBAL_LIMIT (64u << 10) /* each entry reads them anew */

int tar_fail(struct tar *t, enum unpack_fault fault);
/* Has up to `wanted` bytes in one piece: how many there are. */
ssize_t tar_fill(struct tar *t, size_t wanted);
/* Takes `size` bytes behind a header into `room`. */
int tar_take(struct tar *t, char *room, uint64_t size);
int tar_skip(struct tar *t, uint64_t size);
char *tar_local_room(struct tar *t, uint64_t size);
uint64_t tar_padding(uint64_t size);
/* A field of a header: octal digits, or base 256. */
bool tar_number(const char *field, size_t len, uint64_t max, uint64_t *number);
bool parse_decimal(const char *at, size_t len, uint64_t max, uint64_t *number);
bool is_word(struct bytes text, const char *word);

/* Keeps the records in a body of pax; for all entries to come when `global`. */
int tar_take_records(struct tar *t, uint64_t size, bool global);
/* What the records say goes before the header. */
int tar_apply_records(struct tar *t, bool has_data);

/* What the records of pax say about a sparse file; the last of a key counts. */
struct pax_sparse {
	struct bytes major;
	struct bytes minor;
	struct bytes map;
	struct bytes size;
	struct bytes name;
};

int tar_old_sparse(struct tar *t);
int tar_sparse_record(struct tar *t, struct bytes key, struct bytes value,
		      struct pax_sparse *sparse);
int tar_apply_sparse(struct tar *t, const struct pax_sparse *sparse);

#endif
