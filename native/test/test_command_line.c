/*
 * The command line reader: what it understands for certain, and what it leaves to TypeScript.
 */
#include "check.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../command_line.h"

#define MAX_TEST_WORDS 12

enum outcome {
	LEFT, /* to TypeScript */
	LAUNCHES, /* to TypeScript, which writes a plan */
	CERTAIN,
};

static const struct {
	const char *words[MAX_TEST_WORDS];
	enum outcome outcome;
	enum verb verb;
	const char *signal;
	const char *root; /* NULL: the default */
} lines[] = {
	{ { NULL }, LEFT, 0, 0, 0 },
	{ { "" }, LEFT, 0, 0, 0 },
	{ { "state", "c1" }, CERTAIN, VERB_STATE, "", 0 },
	{ { "start", "c1" }, CERTAIN, VERB_START, "", 0 },
	{ { "delete", "c1" }, CERTAIN, VERB_DELETE, "", 0 },
	{ { "delete", "--force", "c1" }, CERTAIN, VERB_DELETE_FORCE, "", 0 },
	{ { "delete", "-f", "c1" }, CERTAIN, VERB_DELETE_FORCE, "", 0 },
	{ { "delete", "c1", "-f" }, CERTAIN, VERB_DELETE_FORCE, "", 0 },
	{ { "kill", "c1" }, CERTAIN, VERB_KILL, "", 0 },
	{ { "kill", "c1", "9" }, CERTAIN, VERB_KILL, "9", 0 },
	{ { "kill", "c1", "KILL" }, CERTAIN, VERB_KILL, "9", 0 },
	{ { "kill", "c1", "SIGKILL" }, CERTAIN, VERB_KILL, "9", 0 },
	{ { "kill", "--all", "c1", "64" }, CERTAIN, VERB_KILL_ALL, "64", 0 },
	{ { "kill", "-a", "c1", "TERM" }, CERTAIN, VERB_KILL_ALL, "15", 0 },
	{ { "kill", "c1", "0" }, LEFT, 0, 0, 0 },
	{ { "kill", "c1", "65" }, LEFT, 0, 0, 0 },
	{ { "kill", "c1", "-9" }, LEFT, 0, 0, 0 },
	{ { "kill", "c1", "9x" }, LEFT, 0, 0, 0 },
	{ { "kill", "c1", "+9" }, LEFT, 0, 0, 0 },
	{ { "kill", "c1", " 9" }, LEFT, 0, 0, 0 },
	{ { "kill", "c1", "" }, LEFT, 0, 0, 0 },
	{ { "kill", "c1", "SIG" }, LEFT, 0, 0, 0 },
	{ { "kill", "c1", "SIG9" }, LEFT, 0, 0, 0 },
	{ { "kill", "c1", "99999999999999999999" }, LEFT, 0, 0, 0 },
	{ { "kill", "c1", "9", "10" }, LEFT, 0, 0, 0 },
	{ { "--root", "/r", "state", "c1" }, CERTAIN, VERB_STATE, "", "/r" },
	{ { "--root=/r", "state", "c1" }, CERTAIN, VERB_STATE, "", "/r" },
	{ { "state", "c1", "--root", "/r" }, CERTAIN, VERB_STATE, "", "/r" },
	{ { "--root", "r", "state", "c1" }, LEFT, 0, 0, 0 },
	{ { "--root", "state" }, LEFT, 0, 0, 0 },
	{ { "state", "c1", "--root" }, LEFT, 0, 0, 0 },
	{ { "--log", "/l", "--log-format", "json", "state", "c1" }, CERTAIN, VERB_STATE, "", 0 },
	{ { "--log-format=text", "state", "c1" }, CERTAIN, VERB_STATE, "", 0 },
	{ { "--log-format=yaml", "state", "c1" }, LEFT, 0, 0, 0 },
	{ { "--log-format=", "state", "c1" }, LEFT, 0, 0, 0 },
	{ { "--log-format=text|json", "state", "c1" }, LEFT, 0, 0, 0 },
	{ { "--unknown", "state", "c1" }, LEFT, 0, 0, 0 },
	{ { "--force", "delete", "c1" }, LEFT, 0, 0, 0 },
	{ { "state", "--force", "c1" }, LEFT, 0, 0, 0 },
	{ { "delete", "--force=true", "c1" }, LEFT, 0, 0, 0 },
	{ { "delete", "--forc", "c1" }, LEFT, 0, 0, 0 },
	{ { "delete", "--forced", "c1" }, LEFT, 0, 0, 0 },
	{ { "delete", "-fx", "c1" }, LEFT, 0, 0, 0 },
	{ { "state", "--", "c1" }, LEFT, 0, 0, 0 },
	{ { "state", "-", "c1" }, LEFT, 0, 0, 0 },
	{ { "state", "-" }, CERTAIN, VERB_STATE, "", 0 },
	{ { "state" }, LEFT, 0, 0, 0 },
	{ { "state", "" }, LEFT, 0, 0, 0 },
	{ { "state", "." }, LEFT, 0, 0, 0 },
	{ { "state", ".." }, LEFT, 0, 0, 0 },
	{ { "state", "..." }, CERTAIN, VERB_STATE, "", 0 },
	{ { "state", "../c1" }, LEFT, 0, 0, 0 },
	{ { "state", "c1/" }, LEFT, 0, 0, 0 },
	{ { "state", "c\xc3\xa9" }, LEFT, 0, 0, 0 },
	{ { "state", "c1", "c2" }, LEFT, 0, 0, 0 },
	{ { "list" }, LEFT, 0, 0, 0 },
	{ { "--version" }, LEFT, 0, 0, 0 },
	{ { "create", "c1" }, LAUNCHES, 0, 0, 0 },
	{ { "create", "--bundle", "/b", "c1" }, LAUNCHES, 0, 0, 0 },
	{ { "--root", "/r", "run", "-b", "/b", "c1" }, LAUNCHES, 0, 0, 0 },
	{ { "run" }, LAUNCHES, 0, 0, 0 },
	{ { "run", "--unknown" }, LAUNCHES, 0, 0, 0 },
	{ { "exec", "c1", "true" }, LAUNCHES, 0, 0, 0 },
	{ { "state", "--preserve-fds", "1", "c1" }, LEFT, 0, 0, 0 },
};

static void test_lines(void)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		char *words[MAX_TEST_WORDS];
		struct command_line line;
		const char *id = NULL;

		memcpy(words, lines[i].words, sizeof(words));
		for (int n = 0; words[n]; n++)
			if (strcmp(words[n], "c1") == 0)
				id = words[n];
		read_command_line(&line, words);
		EXPECT(line.certain == (lines[i].outcome == CERTAIN), "(line %zu)", i);
		EXPECT(line.launches == (lines[i].outcome == LAUNCHES), "(line %zu)", i);
		if (!line.certain || lines[i].outcome != CERTAIN)
			continue;
		EXPECT(line.verb == lines[i].verb, "(line %zu)", i);
		EXPECT(strcmp(line.signal, lines[i].signal) == 0, "(line %zu)", i);
		EXPECT(!id || strcmp(line.id, id) == 0, "(line %zu)", i);
		EXPECT(strcmp(line.root, lines[i].root ? lines[i].root : "/runtime/tsoci") == 0 ||
			       (!lines[i].root && strcmp(line.root, "/run/tsoci") == 0),
		       "(line %zu: %s)", i, line.root);
	}
}

/* What an exec hands on; its flags end where its command begins. */
static void test_rest(void)
{
	static const struct {
		const char *words[MAX_TEST_WORDS];
		const char *rest; /* first word, NULL for none */
		int flags;
	} execs[] = {
		{ { "exec", "c1", "sh", "-c", "id" }, "sh", 0 },
		{ { "exec", "c1", "-c", "c2" }, "-c", 0 },
		{ { "exec", "c1", "--", "--detach" }, "--detach", 0 },
		{ { "exec", "c1", "--", "--" }, "--", 0 },
		{ { "exec", "c1" }, NULL, 0 },
		{ { "exec", "c1", "--" }, NULL, 0 },
		{ { "exec", "-d", "-e", "A=b", "--env=C=d", "c1", "-d" }, "-d", 3 },
		{ { "--root", "/r", "exec", "-p", "-d", "c1" }, NULL, 2 },
	};

	for (size_t i = 0; i < sizeof(execs) / sizeof(*execs); i++) {
		char *words[MAX_TEST_WORDS];
		struct command_line line;

		memcpy(words, execs[i].words, sizeof(words));
		read_command_line(&line, words);
		EXPECT(line.understood && !line.certain, "(exec %zu)", i);
		EXPECT(line.n_flags == execs[i].flags, "(exec %zu)", i);
		if (!line.rest)
			continue;
		EXPECT(execs[i].rest ? *line.rest && strcmp(*line.rest, execs[i].rest) == 0 :
				       !*line.rest,
		       "(exec %zu)", i);
	}
}

/* Numbers to the last digit; another word is left to TypeScript, which refuses it. */
static void test_numbers(void)
{
	static const struct {
		const char *value;
		bool understood;
	} numbers[] = {
		{ "0", true },	 { "12", true },  { "007", true }, { "123456789", true },
		{ "", false },	 { "-1", false }, { "+1", false }, { "1234567890", false },
		{ "1x", false }, { " 1", false },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		char *value = (char *)numbers[i].value;
		char *words[] = { "exec", "--preserve-fds", value, "c1", NULL };
		struct command_line line;

		read_command_line(&line, words);
		EXPECT(line.understood == numbers[i].understood, "(number %zu)", i);
	}
}

static void test_list(void)
{
	static const struct {
		const char *words[MAX_TEST_WORDS];
		bool lists;
	} lists[] = {
		{ { "list", "-q" }, true },
		{ { "--root", "/r", "list", "--quiet" }, true },
		{ { "list", "-q", "--format", "json" }, true },
		{ { "list", "-q", "-f", "yaml" }, false },
		{ { "list" }, false },
		{ { "list", "-q", "c1" }, false },
		{ { "list", "-qf", "json" }, false },
		{ { "--root", "r", "list", "-q" }, false },
		{ { "state", "c1" }, false },
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		char *words[MAX_TEST_WORDS];
		struct command_line line;

		memcpy(words, lists[i].words, sizeof(words));
		read_command_line(&line, words);
		EXPECT(line.lists == lists[i].lists, "(list %zu)", i);
		EXPECT(!line.lists || !line.certain, "(list %zu)", i);
	}
}

static bool is_certain(const char *root, const char *id)
{
	char *words[] = { "--root", (char *)root, "state", (char *)id, NULL };
	struct command_line line;

	read_command_line(&line, words);
	return line.certain;
}

static void test_lengths(void)
{
	char text[PATH_MAX + 2];

	memset(text, 'a', sizeof(text));
	text[255] = '\0';
	EXPECT(is_certain("/r", text));
	text[255] = 'a';
	text[256] = '\0';
	EXPECT(!is_certain("/r", text));

	memset(text, 'a', sizeof(text));
	text[0] = '/';
	text[PATH_MAX - 1] = '\0';
	EXPECT(is_certain(text, "c1"));
	text[PATH_MAX - 1] = 'a';
	text[PATH_MAX] = '\0';
	EXPECT(!is_certain(text, "c1"));
}

void test_command_line(void)
{
	setenv("XDG_RUNTIME_DIR", "/runtime", 1);
	test_lines();
	test_rest();
	test_numbers();
	test_list();
	test_lengths();
}
