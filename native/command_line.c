/*
 * Reads the command line by the tables that src/cli/options.ts gives. Any word that is not
 * understood for certain leaves the whole line to TypeScript, with the same result.
 */
#define _GNU_SOURCE
#include "command_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "generated/cli.h"

struct flag {
	const char *name;
	char alias;
	bool takes_value;
	const char *choices; /* |-separated, # for any number, NULL for any word */
};

struct command {
	const char *name;
	bool launches;
	bool hot;
	struct flag flags[CLI_MAX_FLAGS];
};

int failure_status = 1;

static const struct flag global_flags[] = { CLI_GLOBAL_FLAGS{ 0 } };
static const struct command commands[] = { CLI_COMMANDS{ 0 } };
static const struct {
	const char *name;
	int number;
} signals[] = { CLI_SIGNALS{ 0 } };

static const struct flag *find_flag(const struct flag *flags, const char *name, size_t length)
{
	for (; flags->name; flags++)
		if (strlen(flags->name) == length && strncmp(flags->name, name, length) == 0)
			return flags;
	return NULL;
}

static const struct flag *find_alias(const struct flag *flags, char alias)
{
	for (; flags->name; flags++)
		if (flags->alias == alias)
			return flags;
	return NULL;
}

static const struct command *find_command(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static bool is_choice(const char *choices, const char *value)
{
	size_t length = strlen(value);

	if (!choices)
		return true;
	if (*choices == '#')
		return length > 0 && length < 10 && strspn(value, "0123456789") == length;
	while (length && *choices) {
		size_t n = strcspn(choices, "|");

		if (n == length && strncmp(choices, value, n) == 0)
			return true;
		choices += n + (choices[n] == '|');
	}
	return false;
}

/* Letters, digits, _ + . - as the peers have it; "." and ".." are directories, not names. */
bool is_id(const char *id)
{
	size_t length = strlen(id);

	return length > 0 && length <= 255 && strcmp(id, ".") != 0 && strcmp(id, "..") != 0 &&
	       strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-") ==
		       length;
}

static bool read_signal(struct command_line *line, const char *word)
{
	size_t digits = strspn(word, "0123456789");
	long number = digits > 0 && digits <= 2 && !word[digits] ? strtol(word, NULL, 10) : 0;

	if (strncmp(word, "SIG", 3) == 0)
		word += 3;
	for (int i = 0; signals[i].name; i++)
		if (strcmp(signals[i].name, word) == 0)
			number = signals[i].number;
	if (number < 1 || number > 64)
		return false;
	snprintf(line->signal, sizeof(line->signal), "%ld", number);
	return true;
}

char **words_before(size_t n, char **rest)
{
	size_t count = 0;
	char **words;

	while (rest[count])
		count++;
	words = calloc(n + count + 1, sizeof(*words));
	if (words && count)
		memcpy(words + n, rest, count * sizeof(*words));
	return words;
}

bool in_initial_user_namespace(void)
{
	struct stat st;

	/* The inode of the first one is fixed; a map can't tell, it may be the identity. */
	return stat("/proc/self/ns/user", &st) == 0 && st.st_ino == 0xeffffffdUL;
}

/* src/state/root.ts says the same. */
static bool default_root(struct command_line *line)
{
	const char *runtime_dir = getenv("XDG_RUNTIME_DIR");
	bool privileged = geteuid() == 0 && in_initial_user_namespace();

	if (!privileged && runtime_dir && *runtime_dir)
		return snprintf(line->root, sizeof(line->root), "%s/tsoci", runtime_dir) <
		       (int)sizeof(line->root);
	if (geteuid() != 0)
		return false;
	strcpy(line->root, "/run/tsoci");
	return true;
}

static enum verb plain_verb(const char *name)
{
	if (strcmp(name, "start") == 0)
		return VERB_START;
	if (strcmp(name, "pause") == 0)
		return VERB_PAUSE;
	return strcmp(name, "resume") == 0 ? VERB_RESUME : VERB_STATE;
}

const char *flag_value(const struct command_line *line, const char *name)
{
	for (int i = line->n_flags - 1; i >= 0; i--)
		if (strcmp(line->flags[i].name, name) == 0)
			return line->flags[i].value;
	return NULL;
}

/* src/cli/open-log.ts says the same. */
const char *log_path(const struct command_line *line)
{
	const char *path = flag_value(line, "log");

	if (!path)
		return "";
	return strncmp(path, "file:", 5) == 0 ? path + 5 : path;
}

/* One flag, and its value if that is the next word. False when it is not understood. */
static bool read_flag(struct command_line *line, const struct command *command, char ***words)
{
	const char *word = **words;
	const struct flag *flag = NULL;
	const char *value = NULL;

	if (word[1] == '-' && word[2]) {
		const char *equals = strchr(word, '=');
		size_t length = equals ? (size_t)(equals - word) - 2 : strlen(word + 2);

		value = equals ? equals + 1 : NULL;
		flag = command ? find_flag(command->flags, word + 2, length) : NULL;
		if (!flag)
			flag = find_flag(global_flags, word + 2, length);
	} else if (word[1] != '-' && word[2] == '\0' && command) {
		flag = find_alias(command->flags, word[1]);
	}
	if (!flag || line->n_flags == MAX_FLAGS || (!flag->takes_value && value))
		return false;
	if (flag->takes_value && !value)
		value = *++*words;
	if (flag->takes_value && (!value || (flag->choices && !is_choice(flag->choices, value))))
		return false;
	line->flags[line->n_flags].name = flag->name;
	line->flags[line->n_flags++].value = flag->takes_value ? value : "true";
	return true;
}

static bool find_root(struct command_line *line)
{
	const char *root = flag_value(line, "root");

	if (!root || !*root)
		return default_root(line);
	return root[0] == '/' &&
	       snprintf(line->root, sizeof(line->root), "%s", root) < (int)sizeof(line->root);
}

void read_command_line(struct command_line *line, char **words)
{
	const struct command *command = NULL;
	const char *signal = NULL;
	int positionals = 0;

	memset(line, 0, sizeof(*line));
	for (; *words; words++) {
		const char *word = *words;

		if (word[0] == '-' && word[1]) {
			if (!read_flag(line, command, &words))
				return;
		} else if (!command) {
			command = find_command(word);
			if (!command)
				return;
			line->command = command->name;
			line->launches = command->launches;
			failure_status = strcmp(word, "exec") == 0 ? 255 : 1;
		} else if (positionals++ == 0) {
			line->id = word;
			if (strcmp(command->name, "exec") != 0)
				continue;
			line->rest = words + 1;
			if (*line->rest && strcmp(*line->rest, "--") == 0)
				line->rest++;
			break;
		} else if (positionals == 2 && strcmp(command->name, "kill") == 0) {
			signal = word;
		} else {
			return;
		}
	}
	if (command && strcmp(command->name, "list") == 0) {
		line->lists = positionals == 0 && flag_value(line, "quiet") && find_root(line);
		return;
	}
	if (!command || !line->id || !is_id(line->id) || !find_root(line))
		return;
	line->understood = true;
	/* A pattern names more than one container. */
	if (!command->hot || flag_value(line, "regex"))
		return;
	if (strcmp(command->name, "kill") == 0) {
		/* Without one it is that of the container. */
		if (signal && !read_signal(line, signal))
			return;
		line->verb = flag_value(line, "all") ? VERB_KILL_ALL : VERB_KILL;
	} else if (strcmp(command->name, "delete") == 0) {
		line->verb = flag_value(line, "force") ? VERB_DELETE_FORCE : VERB_DELETE;
	} else {
		line->verb = plain_verb(command->name);
	}
	line->certain = true;
}
