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
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launch.h"
#include "plan_cache.h"
#include "verb.h"

#define SECTIONS (SECTION_AFTER - SECTION_PREPARE + 1)
#define ALIGN(n) (((n) + 7) & ~(size_t)7)

_Static_assert(SECTION_EXEC_AFTER - SECTION_EXEC_PREPARE == SECTION_AFTER - SECTION_PREPARE,
	       "an exec has the sections of a launch");

static const struct {
	uint16_t op;
	uint16_t field;
	enum exec_word word;
} fields[] = { EXEC_FIELDS };
static const enum exec_choice choices[OP_COUNT] = { EXEC_CHOICES };

/* Flags that change no step, or one that the tables know. All others are the engine's. */
static const char *const known_flags[] = {
	"root",	    "log",  "log-format",      "log-level",	 "debug",
	"rootless", "criu", "process",	       "systemd-cgroup", "cgroup-manager",
	"detach",   "tty",  "pid-file",	       "console-socket", "cwd",
	"env",	    "user", "additional-gids", "preserve-fds",	 "ignore-paused",
	"deadline",
};

/* What the command line names. */
struct words {
	char **args;
	const char *env[MAX_FLAGS];
	int n_env;
	const char *cwd; /* NULL: the container's */
	uint64_t uid;
	uint64_t gid;
	bool has_uid;
	bool has_gid;
	char gids[MAX_FLAGS][16];
	int n_gids;
	bool terminal;
	bool detach;
	char pid_file[PATH_MAX];
	char console_socket[PATH_MAX];
	const char *preserve_fds;
};

/* An id to the last digit: what a lenient reader leaves off would make it somebody else's. */
static bool read_id(const char *text, size_t length, uint64_t *id)
{
	if (length < 1 || length > 10 || strspn(text, "0123456789") < length)
		return false;
	*id = strtoull(text, NULL, 10);
	return *id <= 0xfffffffe;
}

static bool read_user(struct words *w, const char *text)
{
	size_t length = strcspn(text, ":");

	if (!*text)
		return true;
	w->has_uid = true;
	w->has_gid = text[length] == ':';
	return read_id(text, length, &w->uid) &&
	       (!w->has_gid || read_id(text + length + 1, strlen(text + length + 1), &w->gid));
}

static bool is_known(const char *name)
{
	for (size_t i = 0; i < sizeof(known_flags) / sizeof(*known_flags); i++)
		if (strcmp(known_flags[i], name) == 0)
			return true;
	return false;
}

/* Flags that add up. */
static bool read_each(struct words *w, const struct command_line *line)
{
	for (int i = 0; i < line->n_flags; i++) {
		const char *name = line->flags[i].name;
		const char *value = line->flags[i].value;
		uint64_t gid;

		if (!is_known(name))
			return false;
		if (strcmp(name, "env") == 0) {
			if (value[0] == '=' || !strchr(value, '='))
				return false;
			w->env[w->n_env++] = value;
		}
		if (strcmp(name, "additional-gids") == 0) {
			if (!read_id(value, strlen(value), &gid))
				return false;
			snprintf(w->gids[w->n_gids++], sizeof(*w->gids), "%llu",
				 (unsigned long long)gid);
		}
	}
	return true;
}

static bool read_words(struct words *w, const struct command_line *line)
{
	const char *user = flag_value(line, "user");

	memset(w, 0, sizeof(*w));
	w->args = line->rest;
	w->cwd = flag_value(line, "cwd");
	if (w->cwd && !*w->cwd)
		w->cwd = NULL;
	w->terminal = flag_value(line, "tty");
	w->detach = flag_value(line, "detach");
	w->preserve_fds = flag_value(line, "preserve-fds");
	if (!w->preserve_fds)
		w->preserve_fds = "0";
	return read_each(w, line) && (!user || read_user(w, user)) &&
	       (!w->cwd || w->cwd[0] == '/') &&
	       absolute_path(w->pid_file, flag_value(line, "pid-file")) &&
	       absolute_path(w->console_socket, flag_value(line, "console-socket"));
}

/* The rules of src/plan/terminal.ts; the engine has the words for who breaks them. */
static bool may_have_console(const struct words *w)
{
	bool socket = *w->console_socket;

	return socket ? w->terminal && w->detach : !w->terminal || !w->detach;
}

/* Bytes that grow. */
struct buffer {
	char *at;
	size_t used;
	size_t room;
};

struct builder {
	const struct launch *from;
	const struct words *words;
	struct buffer strings;
	struct buffer list;
	struct buffer steps;
	struct buffer pool;
	uint32_t *known; /* string of the stored plan -> its number here, plus one */
	uint32_t sections[2 * SECTION_COUNT];
	unsigned int met; /* bits of enum exec_word */
	bool failed;
};

static void add(struct builder *b, struct buffer *to, const void *bytes, size_t length)
{
	if (length > to->room - to->used) {
		size_t room = 2 * (to->room + length) + 4096;
		char *at = realloc(to->at, room);

		if (!at) {
			b->failed = true;
			return;
		}
		to->at = at;
		to->room = room;
	}
	memcpy(to->at + to->used, bytes, length);
	to->used += length;
}

/* Number of a new string. */
static uint32_t add_string(struct builder *b, const char *bytes, size_t length, uint32_t mark)
{
	struct plan_string string = { (uint32_t)b->pool.used, (uint32_t)length | mark };

	add(b, &b->strings, &string, sizeof(string));
	add(b, &b->pool, bytes, length);
	add(b, &b->pool, "", 1);
	return (uint32_t)(b->strings.used / sizeof(string)) - 1;
}

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
			b->failed = true;
			return 0;
		}
		bytes = text;
		mark = 0;
	}
	b->known[index] = add_string(b, bytes, length, mark) + 1;
	return b->known[index] - 1;
}

static void add_item(struct builder *b, uint32_t string)
{
	add(b, &b->list, &string, sizeof(string));
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
	const struct words *w = b->words;
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
		add_item(b, last ? add_string(b, last, strlen(last), 0) :
				   copy_string(b, plan_list_item(&b->from->plan, word, i)));
	}
}

/* Index of a new list, as a step has it. */
static uint64_t add_list(struct builder *b, uint64_t word, enum exec_word named)
{
	uint64_t first = b->list.used / sizeof(uint32_t);
	uint32_t count = plan_list_count(word);

	if (named == EXEC_ENV) {
		add_environment(b, word);
	} else if (named == EXEC_ARGS) {
		for (char **arg = b->words->args; *arg; arg++)
			add_item(b, add_string(b, *arg, strlen(*arg), 0));
	} else {
		for (uint32_t i = 0; i < count; i++)
			add_item(b, copy_string(b, plan_list_item(&b->from->plan, word, i)));
		for (int i = 0; named == EXEC_GIDS && i < b->words->n_gids; i++)
			add_item(b, add_string(b, b->words->gids[i], strlen(b->words->gids[i]), 0));
	}
	return first << 32 | (b->list.used / sizeof(uint32_t) - first);
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
	const struct words *w = b->words;
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
			return add_string(b, w->cwd, strlen(w->cwd), 0);
		return copy_string(b, s->arg[i]);
	}
}

static bool is_chosen(const struct words *w, uint16_t op)
{
	switch (choices[op]) {
	case EXEC_IF_TERMINAL:
		return w->terminal;
	case EXEC_IF_SOCKET:
		return *w->console_socket;
	case EXEC_IF_RELAY:
		return w->terminal && !*w->console_socket;
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
	uint32_t *place = b->sections + 2 * (SECTION_PREPARE + section);

	place[0] = (uint32_t)(b->steps.used / sizeof(uint64_t));
	for (; count > 0; count--, s = plan_next(s)) {
		struct plan_step head = { s->op, s->n_args, 0 };

		if (!is_chosen(b->words, s->op))
			continue;
		head.at = copy_string(b, s->at);
		add(b, &b->steps, &head, sizeof(head));
		for (uint16_t i = 0; i < s->n_args; i++) {
			uint64_t argument = make_argument(b, s, i);

			add(b, &b->steps, &argument, sizeof(argument));
		}
		place[1]++;
	}
}

/* Is everything that was named in some step? Without a map of ids there is no other user to be. */
static bool has_met_all(const struct builder *b)
{
	const struct words *w = b->words;
	unsigned int wanted = 1u << EXEC_ARGS | 1u << EXEC_ENV | 1u << EXEC_CWD;

	if (w->has_uid)
		wanted |= 1u << EXEC_UID;
	if (w->n_gids > 0)
		wanted |= 1u << EXEC_GIDS;
	return (b->met & wanted) == wanted;
}

/* Lays the parts out as docs/plan-format.md says. */
static int write_plan(struct builder *b, const char *slots[SLOT_COUNT])
{
	size_t n_strings = b->strings.used / sizeof(struct plan_string);
	struct plan_string *strings = (struct plan_string *)b->strings.at;
	size_t strings_at = ALIGN((PLAN_HEADER_WORDS + 2 * SECTION_COUNT) * 4);
	size_t list_at = strings_at + b->strings.used;
	size_t steps_at = ALIGN(list_at + b->list.used);
	size_t pool_at = steps_at + b->steps.used;
	size_t total = ALIGN(pool_at + b->pool.used);
	char *plan = total > INT32_MAX ? NULL : calloc(1, total);
	uint32_t header[PLAN_HEADER_WORDS] = {
		PLAN_MAGIC,	      PLAN_ABI,
		(uint32_t)total,      (uint32_t)n_strings,
		(uint32_t)strings_at, (uint32_t)(b->list.used / sizeof(uint32_t)),
		(uint32_t)list_at,    (uint32_t)(b->steps.used / sizeof(uint64_t)),
		(uint32_t)steps_at,   (uint32_t)pool_at,
	};
	int fd;

	if (!plan)
		return -1;
	for (size_t i = 0; i < n_strings; i++)
		strings[i].offset += (uint32_t)pool_at;
	memcpy(plan, header, sizeof(header));
	memcpy(plan + sizeof(header), b->sections, sizeof(b->sections));
	memcpy(plan + strings_at, b->strings.at, b->strings.used);
	memcpy(plan + list_at, b->list.at, b->list.used);
	memcpy(plan + steps_at, b->steps.at, b->steps.used);
	memcpy(plan + pool_at, b->pool.at, b->pool.used);
	fd = write_request(plan, total, slots);
	free(plan);
	return fd;
}

static int build(const struct launch *from, const struct words *words,
		 const char *slots[SLOT_COUNT])
{
	struct builder b = { .from = from, .words = words };
	int fd = -1;

	b.known = calloc(from->plan.n_strings, sizeof(*b.known));
	if (!b.known)
		return -1;
	for (int section = 0; section < SECTIONS; section++)
		add_section(&b, section);
	if (!b.failed && has_met_all(&b))
		fd = write_plan(&b, slots);
	free(b.known);
	free(b.strings.at);
	free(b.list.at);
	free(b.steps.at);
	free(b.pool.at);
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

int exec_plan_make(struct exec_plan *exec, const struct command_line *line, const char *own_path)
{
	static struct launch l;
	static struct words w;
	const char *file = flag_value(line, "process");
	const char *slots[SLOT_COUNT] = { NULL };
	char start_time[32];

	memset(exec, 0, sizeof(*exec));
	exec->state_dir = -1;
	if (!line->understood || !read_words(&w, line))
		return -1;
	launch_init(&l);
	if (open_container(&l, line->root, line->id) < 0 || !may_exec(&l, line))
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
	if (file && *file) {
		if (!plan_key_of_process(&exec->key, file, w.detach, *w.console_socket, own_path))
			return -1;
		exec->state_dir = l.state_dir;
		return exec_cache_load(&exec->key, l.state_dir, slots);
	}
	if (!*w.args || !may_have_console(&w) || !is_same_caller(&l) || !is_in_our_time(&l))
		return -1;
	return build(&l, &w, slots);
}

void exec_plan_keep(const struct exec_plan *exec, int request)
{
	if (exec->state_dir < 0)
		return;
	/* Whoever deletes the container holds the lock: no file may come behind its back. */
	if (flock(exec->state_dir, LOCK_EX | LOCK_NB) < 0)
		return;
	exec_cache_store(&exec->key, exec->state_dir, request);
	flock(exec->state_dir, LOCK_UN);
}
