/*
 * Starts Node: for commands that need more than the engine in the executable has, and for all of
 * the JavaScript where the build had no engine.
 */
#define _GNU_SOURCE
#include "node.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command_line.h"

#define MAX_ENVIRONMENT 32
#define OWN_VARIABLES 6 /* at its end, with the NULL */

static const char *const passed_on[] = {
	/* what the engine may know of the caller's environment */
	"PATH",
	"HOME",
	"XDG_RUNTIME_DIR",
	"DBUS_SESSION_BUS_ADDRESS",
	"NOTIFY_SOCKET",
	"LISTEN_FDS",
	"LISTEN_PID",
	"LISTEN_FDNAMES",
	"TERM",
	"COLUMNS",
	"NO_COLOR",
	"TSOCI_FAULT",
	"TSOCI_AS",
	/* where the clients are that install-check asks */
	"CONTAINERS_CONF",
	"DOCKER_HOST",
	"CONTAINERD_ADDRESS",
	"BUILDAH_RUNTIME",
};

_Static_assert(sizeof(passed_on) / sizeof(*passed_on) + OWN_VARIABLES <= MAX_ENVIRONMENT,
	       "each has its place");

/* A file beside the executable, wherever that was put. */
static int find_beside(const char *own_path, const char *name, char *path, size_t room)
{
	const char *slash = strrchr(own_path, '/');

	if (!slash)
		return -1;
	return snprintf(path, room, "%.*s/%s", (int)(slash - own_path), own_path, name) <
			       (int)room ?
		       0 :
		       -1;
}

/*
 * The Node that built or installed us, by a link beside the executable: the program itself knows no
 * path of the machine that made it, and engines call us without PATH.
 */
static const char *find_node(const char *own_path)
{
	static char found[PATH_MAX];
	const char *path = getenv("PATH");

	if (find_beside(own_path, "node", found, sizeof(found)) == 0 && access(found, X_OK) == 0)
		return found;
	if (!path || !*path)
		path = "/usr/local/bin:/usr/bin:/bin";
	while (*path) {
		size_t length = strcspn(path, ":");

		if (snprintf(found, sizeof(found), "%.*s/node", (int)length, path) <
			    (int)sizeof(found) &&
		    found[0] == '/' && access(found, X_OK) == 0)
			return found;
		path += length + (path[length] == ':');
	}
	return NULL;
}

/* The next entry of the environment says its number; none for a descriptor that there is not. */
static int hand_down(int fd, const char *name, char *entry, size_t room, char **place)
{
	if (fd < 0)
		return 0;
	snprintf(entry, room, "%s=%d", name, fd);
	fcntl(fd, F_SETFD, 0);
	*place = entry;
	return 1;
}

static bool is_variable(const char *entry, const char *name)
{
	size_t length = strlen(name);

	return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

/* A few variables of the caller's, and ours. NULL at the end. */
static void fill_environment(char **environment, const char *own_path, struct handed_down fds)
{
	static char cwd[PATH_MAX + 16] = "TSOCI_CWD=";
	static char entries[3][32];
	static char front[PATH_MAX + 16] = "TSOCI_FRONT=";
	const struct {
		int fd;
		const char *name;
	} handed[] = {
		{ fds.plan, "TSOCI_PLAN_FD" },
		{ fds.done, "TSOCI_DONE_FD" },
		{ fds.failure, "TSOCI_FAILURE_FD" },
	};
	int n = 0;

	for (size_t i = 0; i < sizeof(passed_on) / sizeof(*passed_on); i++) {
		char **entry = environ;

		/* The first of a name, as getenv(3) has it: there may be any number of them. */
		while (*entry && !is_variable(*entry, passed_on[i]))
			entry++;
		if (*entry)
			environment[n++] = *entry;
	}
	/* One that was removed has no name: relative paths are then an error, not those of /. */
	if (!getcwd(cwd + strlen("TSOCI_CWD="), PATH_MAX))
		cwd[strlen("TSOCI_CWD=")] = '\0';
	environment[n++] = cwd;
	strcat(front, own_path);
	environment[n++] = front;
	for (size_t i = 0; i < sizeof(handed) / sizeof(*handed); i++)
		n += hand_down(handed[i].fd, handed[i].name, entries[i], sizeof(*entries),
			       environment + n);
	environment[n] = NULL;
}

static void start(const char *program, const char *script, char **arguments, char **environment)
{
	char **argv = words_before(2, arguments);

	if (!argv)
		return;
	argv[0] = (char *)program;
	argv[1] = (char *)script;
	execve(program, argv, environment);
	free(argv);
}

/*
 * The environment and the working directory are ours: a bundle, or whoever set NODE_OPTIONS,
 * configures nothing.
 */
void become_node(const char *own_path, char **arguments, struct handed_down fds)
{
	static char script[PATH_MAX];
	char *environment[MAX_ENVIRONMENT];
	const char *node = find_node(own_path);
	sigset_t none;

	if (!node || find_beside(own_path, "main.js", script, sizeof(script)) < 0 ||
	    access(script, R_OK) < 0)
		return;
	fill_environment(environment, own_path, fds);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	(void)!chdir("/");
	start(node, script, arguments, environment);
}
