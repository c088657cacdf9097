/*
 * Runs the tests of native/: DIR holds the sample plans that TypeScript encoded.
 */
#include "check.h"

#include <stdarg.h>
#include <stdio.h>

static unsigned long passed;
static unsigned long failed;

void expect(int holds, const char *file, int line, const char *condition, const char *format, ...)
{
	va_list arguments;

	if (holds) {
		passed++;
		return;
	}
	/* One fault of the reader fails at every length: the first places tell enough. */
	if (failed++ >= 20)
		return;
	fprintf(stderr, "%s:%d: not so: %s", file, line, condition);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s DIR\n", argv[0]);
		return 2;
	}
	test_plan();
	test_plan_files(argv[1]);
	test_command_line();
	test_passwd();
	test_bus();
	test_node();
	test_criu_message();
	test_cgroup_walk();
	test_tar();
	printf("native tests: %lu expectations hold, %lu do not\n", passed, failed);
	return failed ? 1 : 0;
}
