/*
 * Extended attributes and POSIX ACLs, as star and GNU tar (SCHILY, RHT) and libarchive write them.
 */
#define _GNU_SOURCE
#include "unpack.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#define VALUE_LIMIT 65536 /* XATTR_SIZE_MAX of the kernel */

static bool begins(struct bytes text, const char *word)
{
	return text.len > strlen(word) && memcmp(text.at, word, strlen(word)) == 0;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	       c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 :
				      -1;
}

/* libarchive escapes names as in URLs. */
static size_t decode_percent(char *to, size_t room, const char *from, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n < room; i++) {
		if (from[i] == '%' && i + 2 < len + 0 && hex_digit(from[i + 1]) >= 0 &&
		    hex_digit(from[i + 2]) >= 0) {
			to[n++] = (char)(hex_digit(from[i + 1]) << 4 | hex_digit(from[i + 2]));
			i += 2;
		} else {
			to[n++] = from[i];
		}
	}
	return n;
}

static int base64_digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static size_t decode_base64(char *to, size_t room, const char *from, size_t len)
{
	uint32_t bits = 0;
	int count = 0;
	size_t n = 0;

	for (size_t i = 0; i < len && base64_digit(from[i]) >= 0; i++) {
		bits = bits << 6 | (uint32_t)base64_digit(from[i]);
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		if (n == room)
			return room + 1;
		to[n++] = (char)(bits >> count);
	}
	return n;
}

struct acl_entry {
	uint16_t tag;
	uint16_t perm;
	uint32_t id;
};

struct acl {
	uint32_t version;
	struct acl_entry entry[512];
};

static int compare_entries(const void *one, const void *other)
{
	const struct acl_entry *a = one;
	const struct acl_entry *b = other;

	return a->tag != b->tag ? (a->tag < b->tag ? -1 : 1) : a->id < b->id ? -1 : a->id > b->id;
}

/* "user:NAME:rwx[:ID]"; a name that is no number needs the id behind it. */
static bool parse_acl_entry(char *text, struct acl_entry *entry)
{
	static const struct {
		const char *name;
		uint16_t owner;
		uint16_t named;
	} tags[] = { { "user", 0x01, 0x02 },
		     { "group", 0x04, 0x08 },
		     { "mask", 0x10, 0 },
		     { "other", 0x20, 0 } };
	char *part[4] = { text };
	char *end;
	int parts = 1;

	while (parts < 4 && (part[parts] = strchr(part[parts - 1], ':')) != NULL)
		*part[parts++]++ = '\0';
	if (parts == 2) { /* other:rwx */
		part[2] = part[1];
		part[1] = part[1] + strlen(part[1]);
		parts = 3;
	}
	for (size_t i = 0; parts >= 3 && i < sizeof(tags) / sizeof(*tags); i++) {
		const char *id = parts > 3 && *part[3] ? part[3] : part[1];

		if (strcmp(part[0], tags[i].name) != 0)
			continue;
		entry->tag = *part[1] ? tags[i].named : tags[i].owner;
		entry->id = UINT32_MAX;
		if (*part[1]) {
			entry->id = (uint32_t)strtoul(id, &end, 10);
			if (*end || end == id)
				return false;
		}
		entry->perm = (strchr(part[2], 'r') ? 4 : 0) | (strchr(part[2], 'w') ? 2 : 0) |
			      (strchr(part[2], 'x') ? 1 : 0);
		return entry->tag != 0;
	}
	return false;
}

/* The text of an ACL as the kernel's bytes; 0 when somebody in it has no number. */
static size_t encode_acl(struct acl *acl, const char *from, size_t len)
{
	size_t count = 0;
	const char *end = from + len;

	acl->version = htole32(2);
	while (from < end) {
		char text[128];
		size_t n = 0;

		while (from < end && *from != ',' && *from != '\n' && n < sizeof(text) - 1)
			text[n++] = *from++;
		if (from < end && *from != ',' && *from != '\n')
			return 0;
		from++;
		while (n > 0 && text[n - 1] == ' ')
			n--;
		text[n] = '\0';
		if (n == 0)
			continue;
		if (count == sizeof(acl->entry) / sizeof(*acl->entry) ||
		    !parse_acl_entry(text, &acl->entry[count]))
			return 0;
		count++;
	}
	qsort(acl->entry, count, sizeof(*acl->entry), compare_entries);
	for (size_t i = 0; i < count; i++) {
		acl->entry[i].tag = htole16(acl->entry[i].tag);
		acl->entry[i].perm = htole16(acl->entry[i].perm);
		acl->entry[i].id = htole32(acl->entry[i].id);
	}
	return count ? 4 + count * sizeof(*acl->entry) : 0;
}

/* What tar warns of and goes on: no place for it on this file system, or no permission. */
static void set(struct tree *t, int fd, const char *file, const char *key, const void *value,
		size_t len)
{
	int result = file ? lsetxattr(file, key, value, len, 0) : fsetxattr(fd, key, value, len, 0);

	if (result < 0)
		tree_omit(t, OMITTED_XATTRS, errno, "%s of %s", key, t->name);
}

void unpack_xattrs(struct tree *t, int fd, const char *file)
{
	static char decoded[VALUE_LIMIT];
	static struct acl acl;
	struct bytes key;
	struct bytes value;
	size_t position = 0;
	char name[256];

	while (tar_record(&t->tar, &position, &key, &value)) {
		size_t n;

		if (begins(key, "SCHILY.xattr.")) {
			n = key.len - 13;
			if (n >= sizeof(name))
				n = sizeof(name) - 1;
			memcpy(name, key.at + 13, n);
		} else if (begins(key, "LIBARCHIVE.xattr.")) {
			n = decode_percent(name, sizeof(name) - 1, key.at + 17, key.len - 17);
			value.len = decode_base64(decoded, VALUE_LIMIT, value.at, value.len);
			value.at = decoded;
		} else if (key.len == 19 && begins(key, "RHT.security.selinu")) {
			n = 16;
			memcpy(name, "security.selinux", n);
		} else if ((key.len == 17 && begins(key, "SCHILY.acl.acces")) ||
			   (key.len == 18 && begins(key, "SCHILY.acl.defaul"))) {
			if (value.len == 0)
				continue;
			n = (size_t)sprintf(name, "system.posix_acl_%.*s", (int)key.len - 11,
					    key.at + 11);
			value.len = encode_acl(&acl, value.at, value.len);
			value.at = (const char *)&acl;
			if (value.len == 0) {
				tree_omit(t, OMITTED_ACLS, 0, "%s", t->name);
				continue;
			}
		} else {
			continue;
		}
		name[n] = '\0';
		/* Beneath an overlay they would show what no layer has. */
		if (t->mode != MODE_ROOTFS && (strncmp(name, "trusted.overlay.", 16) == 0 ||
					       strncmp(name, "user.overlay.", 13) == 0))
			continue;
		set(t, fd, file, name, value.at, value.len);
	}
}

void clear_acls(int fd, const char *file)
{
	if (file) {
		lremovexattr(file, "system.posix_acl_access");
		return;
	}
	fremovexattr(fd, "system.posix_acl_access");
	fremovexattr(fd, "system.posix_acl_default");
}

void clear_xattrs(int fd)
{
	static char names[VALUE_LIMIT];
	ssize_t len = flistxattr(fd, names, sizeof(names));

	/* Some a security module sets by itself, and keeps. */
	for (char *name = names; name < names + (len > 0 ? len : 0); name += strlen(name) + 1)
		fremovexattr(fd, name);
}
