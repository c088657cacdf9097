/*
 * The plan of an exec, made of the steps that create stored and of what the command line names.
 * Which arguments a word replaces, and which steps not every exec has, are tables of
 * src/plan/exec.ts.
 */
#define _GNU_SOURCE
#include "exec_plan.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec_words.h"
#include "launch.h"
#include "plan_parts.h"
#include "verb.h"

#define SECTIONS (SECTION_AFTER - SECTION_PREPARE + 1)

_Static_assert(SECTION_EXEC_AFTER - SECTION_EXEC_PREPARE == SECTION_AFTER - SECTION_PREPARE,
	       "an exec has the sections of a launch");

static const struct {
	uint16_t op;
	uint16_t field;
	enum exec_word word;
} fields[] = { EXEC_FIELDS };
static const enum exec_choice choices[OP_COUNT] = { EXEC_CHOICES };

struct builder {
	const struct launch *from;
	const struct exec_words *words;
	struct plan_parts parts;
	uint32_t *known; /* string of the stored plan -> its number here, plus one */
	unsigned int met; /* bits of enum exec_word */
};

/* Cgroups are those that the caller of create was in, not ours. */
static bool names_own_cgroup(const char *bytes, size_t length)
{
	for (size_t i = 0; i + 1 < length; i++)
		if (bytes[i] == PLAN_SLOT_ESCAPE &&
		    (unsigned char)bytes[++i] >= PLAN_SLOT_BASE + SLOT_OWN_CGROUP)
			return true;
	return false;
}

static uint32_t copy_string(struct builder *b, uint64_t index)
{
	const struct plan *plan = &b->from->plan;
	char text[PATH_MAX + 64];
	size_t length;
	const char *bytes = plan_raw(plan, index, &length);
	uint32_t mark = plan_is_template(plan, index) ? PLAN_TEMPLATE_BIT : 0;

	if (b->known[index])
		return b->known[index] - 1;
	if (mark && names_own_cgroup(bytes, length)) {
		length = plan_expand(plan, index, b->from->slots, text, sizeof(text));
		if (length == (size_t)-1) {
			b->parts.failed = true;
			return 0;
		}
		bytes = text;
		mark = 0;
	}
	b->known[index] = parts_add_string(&b->parts, bytes, length, mark) + 1;
	return b->known[index] - 1;
}

static const char *list_bytes(struct builder *b, uint64_t word, uint32_t i)
{
	return plan_raw(&b->from->plan, plan_list_item(&b->from->plan, word, i), NULL);
}

static bool is_same_name(const char *one, const char *other)
{
	size_t length = strcspn(one, "=");

	return strncmp(one, other, length) == 0 && other[length] == '=';
}

/* The last of a name counts, and stands where the first stood. */
static void add_environment(struct builder *b, uint64_t word)
{
	const struct exec_words *w = b->words;
	uint32_t count = plan_list_count(word);
	const char *last;

	for (uint32_t i = 0; i < count + (uint32_t)w->n_env; i++) {
		bool stored = i < count;
		const char *entry = stored ? list_bytes(b, word, i) : w->env[i - count];
		bool again = false;

		last = NULL;
		for (uint32_t n = 0; n < count && !stored && !again; n++)
			again = is_same_name(entry, list_bytes(b, word, n));
		for (int n = 0; n < w->n_env; n++) {
			if (!is_same_name(entry, w->env[n]))
				continue;
			if (!stored && (uint32_t)n < i - count)
				again = true;
			last = w->env[n];
		}
		/* An empty HOME is as good as none. */
		if (again || strcmp(last ? last : entry, "HOME=") == 0)
			continue;
		parts_add_item(&b->parts,
			       last ? parts_add_string(&b->parts, last, strlen(last), 0) :
				      copy_string(b, plan_list_item(&b->from->plan, word, i)));
	}
}

/* Index of a new list, as a step has it. */
static uint64_t add_list(struct builder *b, uint64_t word, enum exec_word named)
{
	uint64_t first = parts_items(&b->parts);
	uint32_t count = plan_list_count(word);

	if (named == EXEC_ENV) {
		add_environment(b, word);
	} else if (named == EXEC_ARGS) {
		for (char **arg = b->words->args; *arg; arg++)
			parts_add_item(&b->parts,
				       parts_add_string(&b->parts, *arg, strlen(*arg), 0));
	} else {
		for (uint32_t i = 0; i < count; i++)
			parts_add_item(&b->parts,
				       copy_string(b, plan_list_item(&b->from->plan, word, i)));
		for (int i = 0; named == EXEC_GIDS && i < b->words->n_gids; i++)
			parts_add_item(&b->parts, parts_add_string(&b->parts, b->words->gids[i],
								   strlen(b->words->gids[i]), 0));
	}
	return first << 32 | (parts_items(&b->parts) - first);
}

/* Which word of the command line an argument takes; EXEC_COUNT for none. */
static enum exec_word word_of(uint16_t op, uint16_t field)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (fields[i].op == op && fields[i].field == field)
			return fields[i].word;
	return EXEC_COUNT;
}

static uint64_t make_argument(struct builder *b, const struct plan_step *s, uint16_t i)
{
	const struct exec_words *w = b->words;
	enum exec_word named = word_of(s->op, i);

	/* Who becomes another user does so by that step, and no other. */
	if (named < EXEC_COUNT && (named != EXEC_UID || s->op == OP_SET_USER))
		b->met |= 1u << named;
	switch (plan_signature(s->op)[i]) {
	case 'l':
		return add_list(b, s->arg[i], named);
	case 'w':
		if (named == EXEC_UID && w->has_uid)
			return w->uid;
		return named == EXEC_GID && w->has_gid ? w->gid : s->arg[i];
	default:
		if (named == EXEC_CWD && w->cwd)
			return parts_add_string(&b->parts, w->cwd, strlen(w->cwd), 0);
		return copy_string(b, s->arg[i]);
	}
}

static bool is_chosen(const struct exec_words *w, uint16_t op)
{
	switch (choices[op]) {
	case EXEC_IF_TERMINAL:
		return w->terminal;
	case EXEC_IF_SOCKET:
		return *w->console_socket;
	case EXEC_IF_RELAY:
		return w->terminal && !*w->console_socket;
	case EXEC_IF_STREAMS:
		return !w->terminal;
	case EXEC_IF_FOREGROUND:
		return !w->detach;
	default:
		return choices[op] != EXEC_IF_NEVER;
	}
}

static void add_section(struct builder *b, int section)
{
	uint32_t count;
	const struct plan_step *s =
		plan_section(&b->from->plan, SECTION_EXEC_PREPARE + section, &count);
	uint32_t *place = b->parts.sections + 2 * (SECTION_PREPARE + section);

	place[0] = parts_words(&b->parts);
	for (; count > 0; count--, s = plan_next(s)) {
		struct plan_step head = { s->op, s->n_args, 0 };

		if (!is_chosen(b->words, s->op))
			continue;
		head.at = copy_string(b, s->at);
		parts_add_words(&b->parts, &head, sizeof(head));
		for (uint16_t i = 0; i < s->n_args; i++) {
			uint64_t argument = make_argument(b, s, i);

			parts_add_words(&b->parts, &argument, sizeof(argument));
		}
		place[1]++;
	}
}

/* Is everything that was named in some step? Without a map of ids there is no other user to be. */
static bool has_met_all(const struct builder *b)
{
	const struct exec_words *w = b->words;
	unsigned int wanted = 1u << EXEC_ARGS | 1u << EXEC_ENV | 1u << EXEC_CWD;

	if (w->has_uid)
		wanted |= 1u << EXEC_UID;
	if (w->n_gids > 0)
		wanted |= 1u << EXEC_GIDS;
	return (b->met & wanted) == wanted;
}

/* A memfd with a plan and the values of its slots, or -1. */
static int write_request(const void *plan, size_t size, const char *const slots[SLOT_COUNT])
{
	size_t length;
	char *bytes = plan_request(plan, size, slots, &length);
	int fd = bytes ? memfd_create("plan", MFD_CLOEXEC) : -1;

	if (fd >= 0 && write(fd, bytes, length) != (ssize_t)length) {
		close(fd);
		fd = -1;
	}
	free(bytes);
	return fd;
}

static int build(const struct launch *from, const struct exec_words *words,
		 const char *slots[SLOT_COUNT])
{
	struct builder b = { .from = from, .words = words };
	char *plan = NULL;
	size_t size;
	int fd = -1;

	b.known = calloc(from->plan.n_strings, sizeof(*b.known));
	if (!b.known)
		return -1;
	for (int section = 0; section < SECTIONS; section++)
		add_section(&b, section);
	if (!b.parts.failed && has_met_all(&b))
		plan = parts_join(&b.parts, &size);
	if (plan)
		fd = write_request(plan, size, slots);
	free(plan);
	free(b.known);
	parts_free(&b.parts);
	return fd;
}

/* The stored steps were compiled for who called create: is it the same who calls now? */
static bool is_same_caller(struct launch *l)
{
	uint32_t count;
	const struct plan_step *s = plan_section(&l->plan, SECTION_EXEC_PREPARE, &count);

	return count > 0 && s->op == OP_CALLER && step_caller(l, s) == 0;
}

/* CRIU restores into a time namespace that no config names. */
static bool is_in_our_time(struct launch *l)
{
	uint32_t count;
	const struct plan_step *s = plan_section(&l->plan, SECTION_EXEC_CLONE, &count);
	struct stat own;
	struct stat its;
	char path[64];

	if (count > 0 && s->op == OP_CLONE && s->arg[ARG_CLONE_INIT_FLAGS] & CLONE_NEWTIME)
		return true;
	snprintf(path, sizeof(path), "%d/ns/time", l->init.pid);
	if (fstatat(l->host_proc, "self/ns/time", &own, 0) < 0)
		return true; /* a kernel without time namespaces */
	return fstatat(l->host_proc, path, &its, 0) == 0 && own.st_ino == its.st_ino;
}

static bool may_exec(struct launch *l, const struct command_line *line)
{
	enum status status = derive_status(l);

	return status == STATUS_CREATED || status == STATUS_RUNNING ||
	       (status == STATUS_PAUSED && flag_value(line, "ignore-paused"));
}

int exec_plan_make(const struct command_line *line)
{
	static struct launch l;
	static struct exec_words w;
	const char *slots[SLOT_COUNT] = { NULL };
	char start_time[32];

	/* What a file says is for TypeScript to check. */
	if (!line->understood || flag_value(line, "process") || !read_exec_words(&w, line))
		return -1;
	launch_init(&l);
	if (open_container(&l, line->root, line->id) < 0 || !may_exec(&l, line) || !*w.args ||
	    !may_have_console(&w) || !is_same_caller(&l) || !is_in_our_time(&l))
		return -1;
	snprintf(start_time, sizeof(start_time), "%llu", (unsigned long long)l.init.start_time);
	slots[SLOT_ID] = line->id;
	slots[SLOT_ROOT] = line->root;
	slots[SLOT_BUNDLE_JSON] = l.slots[SLOT_BUNDLE_JSON];
	slots[SLOT_PID_FILE] = w.pid_file;
	slots[SLOT_CONSOLE_SOCKET] = w.console_socket;
	slots[SLOT_PRESERVE_FDS] = w.preserve_fds;
	slots[SLOT_INIT_PID] = l.slots[SLOT_PID];
	slots[SLOT_INIT_START_TIME] = start_time;
	return build(&l, &w, slots);
}
