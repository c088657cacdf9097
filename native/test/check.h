/*
 * The tests of native/: what each of them expects, counted.
 */
#ifndef TSOCI_CHECK_H
#define TSOCI_CHECK_H

#include <stddef.h>

/* Counts; says where and what when it does not hold. */
#define EXPECT(condition, ...) expect(condition, __FILE__, __LINE__, #condition, " " __VA_ARGS__)

void expect(int holds, const char *file, int line, const char *condition, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

void test_plan(void);
void test_plan_files(const char *dir);
void test_command_line(void);
void test_passwd(void);
void test_bus(void);
void test_node(void);
void test_criu_message(void);
void test_cgroup_walk(void);
void test_tar(void);

#endif
