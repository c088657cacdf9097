/*
 * Makes the entries of an archive below one directory, and nowhere else.
 *
 * Each path is resolved by openat2 under a descriptor of that directory, as its container would see
 * it: a symlink on the way may lead anywhere inside. What is made is made by its last name alone,
 * which follows no link.
 */
#ifndef TSOCI_UNPACK_H
#define TSOCI_UNPACK_H

#include <limits.h>
#include <sys/stat.h>

#include "tar.h"

enum unpack_mode {
	MODE_ROOTFS, /* an archive that is a rootfs */
	MODE_LAYER, /* one that changes what is there; names of whiteouts make nothing */
	MODE_WHITEOUTS, /* removes what the whiteouts of a layer name, and makes nothing */
};

/* A directory whose mode can be set only when all is made in it. */
struct late_mode {
	char *path;
	mode_t mode;
};

struct tree {
	struct tar tar;
	enum unpack_mode mode;
	int root;
	uid_t uid; /* ours */
	gid_t gid;
	int fd; /* of the directory that the last entry was made in, or -1 */
	struct stat stat; /* as it was before: its time is put back */
	bool has_default_acl;
	size_t path_len;
	char path[PATH_MAX]; /* its path, as the entry named it */
	char name[PATH_MAX]; /* path of the entry */
	char other[PATH_MAX]; /* what a fault is about besides the entry */
	struct late_mode *late;
	size_t lates;
	enum unpack_fault fault;
	int errnum;
	struct {
		unsigned long count;
		int errnum;
		char first[PATH_MAX + 256];
	} omitted[OMITTED_COUNT];
};

/* Of the call's own process: `tsoci:unpack MODE [DECOMPRESSOR...]`; archive at 0, directory at 3.
 */
_Noreturn void unpack_main(char **argv);

int unpack(struct tree *t, int archive);

/* Opens a path of the archive, as its container would see it. */
int tree_open(const struct tree *t, const char *path, uint64_t flags);
/* Goes into the directory `path`; makes what is missing of it. -1 and a fault. */
int tree_enter(struct tree *t, const char *path, size_t len);
/* Puts back the time of the directory that was entered last. */
int tree_leave(struct tree *t);
/* Removes all that a directory holds; a descriptor that it closes. -1 and errno. */
int empty_tree(int dir);
/* Removes what is of that name, if there is something. */
int remove_tree(int dir, const char *name);

int tree_fail(struct tree *t, enum unpack_fault fault, const char *other);
int tree_write_fault(struct tree *t);
int tree_archive_fault(struct tree *t);
void tree_omit(struct tree *t, enum unpack_omitted what, int errnum, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Makes the entry that was read, of this last name. */
int unpack_entry(struct tree *t, const char *base);
/* The part of a name that leads down, without "." and double slashes: a fault, or 0. */
enum unpack_fault unpack_name(struct bytes from, char *to);
/* Where the last name of a path begins. */
size_t last_name(const char *path);
void set_late_modes(struct tree *t);

/* Attributes in records of pax, for a file at `fd`, or for `name` in the working directory. */
void unpack_xattrs(struct tree *t, int fd, const char *name);
void clear_xattrs(int fd);
void clear_acls(int fd, const char *name);

#endif
