/*
 * Reads what the command line of an exec names.
 */
#define _GNU_SOURCE
#include "exec_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Flags that change no step, or one that the tables know. All others are the engine's. */
static const char *const known_flags[] = {
	"root",	    "log",  "log-format",      "log-level",	 "debug",
	"rootless", "criu", "process",	       "systemd-cgroup", "cgroup-manager",
	"detach",   "tty",  "pid-file",	       "console-socket", "cwd",
	"env",	    "user", "additional-gids", "preserve-fds",	 "ignore-paused",
	"deadline",
};

/* An id to the last digit: what a lenient reader leaves off would make it somebody else's. */
static bool read_id(const char *text, size_t length, uint64_t *id)
{
	if (length < 1 || length > 10 || strspn(text, "0123456789") < length)
		return false;
	*id = strtoull(text, NULL, 10);
	return *id <= 0xfffffffe;
}

static bool read_user(struct exec_words *w, const char *text)
{
	size_t length = strcspn(text, ":");

	if (!*text)
		return true;
	w->has_uid = true;
	w->has_gid = text[length] == ':';
	return read_id(text, length, &w->uid) &&
	       (!w->has_gid || read_id(text + length + 1, strlen(text + length + 1), &w->gid));
}

static bool is_plain(const char *path)
{
	size_t length = strlen(path);

	/* What TypeScript would normalize, or a JSON string escape, is left to it. */
	for (size_t i = 0; i < length; i++)
		if (path[i] < ' ' || path[i] == '"' || path[i] == '\\' || path[i] == 0x7f)
			return false;
	return path[0] == '/' && !strstr(path, "//") && !strstr(path, "/./") &&
	       !strstr(path, "/../") && (length < 2 || strcmp(path + length - 2, "/.") != 0) &&
	       (length < 3 || strcmp(path + length - 3, "/..") != 0) &&
	       (length < 2 || path[length - 1] != '/');
}

/* A path of the command line, PATH_MAX long. False for one that TypeScript would normalize. */
static bool absolute_path(char *out, const char *path)
{
	char cwd[PATH_MAX];

	if (!path || !*path) {
		*out = '\0';
		return true;
	}
	if (path[0] == '/')
		return snprintf(out, PATH_MAX, "%s", path) < PATH_MAX && is_plain(out);
	if (!getcwd(cwd, sizeof(cwd)))
		return false;
	if (strcmp(path, ".") == 0)
		return snprintf(out, PATH_MAX, "%s", cwd) < PATH_MAX && is_plain(out);
	return snprintf(out, PATH_MAX, "%s/%s", cwd, path) < PATH_MAX && is_plain(out);
}

static bool is_known(const char *name)
{
	for (size_t i = 0; i < sizeof(known_flags) / sizeof(*known_flags); i++)
		if (strcmp(known_flags[i], name) == 0)
			return true;
	return false;
}

/* Flags that add up. */
static bool read_each(struct exec_words *w, const struct command_line *line)
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

bool read_exec_words(struct exec_words *w, const struct command_line *line)
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

bool may_have_console(const struct exec_words *w)
{
	bool socket = *w->console_socket;

	return socket ? w->terminal && w->detach : !w->terminal || !w->detach;
}
