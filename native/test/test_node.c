/*
 * What Node is started with, shown by env(1) in its place.
 */
#define _GNU_SOURCE
#include "check.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../node.h"

#define MANY 4000
#define OUTPUT_ROOM 65536

/* What env(1) prints in the place of the Node beside `own_path`, for a caller with this
 * environment. */
static void show_environment(const char *own_path, char **environment, char out[OUTPUT_ROOM])
{
	char *arguments[] = { NULL };
	size_t have = 0;
	ssize_t n;
	int ends[2];
	int status;
	pid_t pid;

	if (pipe(ends) < 0 || (pid = fork()) < 0) {
		EXPECT(0, "(fork)");
		return;
	}
	if (pid == 0) {
		dup2(ends[1], 1);
		environ = environment;
		become_node(own_path, arguments, NOTHING_HANDED_DOWN);
		_exit(1);
	}
	close(ends[1]);
	while (have < OUTPUT_ROOM - 1 &&
	       (n = read(ends[0], out + have, OUTPUT_ROOM - 1 - have)) > 0)
		have += (size_t)n;
	out[have] = '\0';
	close(ends[0]);
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "(%#x)", (unsigned int)status);
}

static int count(const char *text, const char *part)
{
	int n = 0;

	while ((text = strstr(text, part)))
		text++, n++;
	return n;
}

/* exec(2) takes any number of variables of one name. */
void test_node(void)
{
	static char *many[MANY + 3];
	static char out[OUTPUT_ROOM];
	char dir[] = "/tmp/tsoci-test-node-XXXXXX";
	char node[PATH_MAX];
	char script[PATH_MAX];
	char own_path[PATH_MAX];

	if (!mkdtemp(dir)) {
		EXPECT(0, "(mkdtemp)");
		return;
	}
	snprintf(node, sizeof(node), "%s/node", dir);
	snprintf(script, sizeof(script), "%s/main.js", dir);
	snprintf(own_path, sizeof(own_path), "%s/tsoci", dir);
	/* env runs main.js, which is env, and prints what it got. */
	EXPECT(symlink("/usr/bin/env", node) == 0 && symlink("/usr/bin/env", script) == 0);
	many[0] = "NODE_OPTIONS=--inspect";
	many[1] = "HOME=/first";
	for (int i = 2; i < MANY + 2; i++)
		many[i] = i % 2 ? "PATH=/one" : "HOME=/other";
	show_environment(own_path, many, out);
	EXPECT(count(out, "HOME=/first\n") == 1, "(%s)", out);
	EXPECT(count(out, "PATH=/one\n") == 1, "(%s)", out);
	EXPECT(count(out, "HOME=/other\n") == 0, "(%s)", out);
	EXPECT(count(out, "NODE_OPTIONS") == 0, "(%s)", out);
	EXPECT(count(out, "TSOCI_FRONT=") == 1, "(%s)", out);
	unlink(node);
	unlink(script);
	rmdir(dir);
}
