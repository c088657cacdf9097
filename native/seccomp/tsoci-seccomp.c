/*
 * Makes a seccomp filter with the libseccomp of the host: a program of its own, since the
 * executable is static. Standard input is what to ask libseccomp for, a line each:
 *
 *     init ACTION                   first
 *     arch NAME                     besides the native one
 *     rule ACTION CALL [ARG OPERATOR VALUE VALUE2]...
 *     name CALL                     no rule, but a call that the profile knows
 *     tree                          sort the rules into a tree
 *
 * The filter goes to standard output. Descriptor 3 gets an answer, a line each:
 *
 *     library PATH
 *     unknown LINE                  the native architecture has no such call
 *     never LINE                    none of the architectures has
 *     fail LINE ERRNO               the end
 *     arch TOKEN NUMBER             the highest number of a call that the profile knows there
 *
 * Exit status 3: there is no libseccomp.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_LIBRARY 3
#define MAX_ARCHITECTURES 32
#define UNKNOWN (-1) /* __NR_SCMP_ERROR */
#define OPTIMIZE 8 /* SCMP_FLTATR_CTL_OPTIMIZE */
#define BINARY_TREE 2

struct comparison { /* struct scmp_arg_cmp */
	unsigned int arg;
	int op;
	uint64_t a;
	uint64_t b;
};

static struct {
	void *(*init)(uint32_t action);
	uint32_t (*arch_native)(void);
	uint32_t (*arch_resolve_name)(const char *name);
	int (*arch_add)(void *filter, uint32_t token);
	int (*syscall_resolve_name_arch)(uint32_t token, const char *name);
	int (*attr_set)(void *filter, int attribute, uint32_t value);
	int (*rule_add_array)(void *filter, uint32_t action, int call, unsigned int count,
			      const struct comparison *comparisons);
	int (*export_bpf)(void *filter, int fd);
} library;

static FILE *answer;
static void *filter;
static int line; /* from 0 */

static struct {
	uint32_t token;
	int newest;
} architectures[MAX_ARCHITECTURES];
static int n_architectures;

static int load(void)
{
	void *handle = dlopen("libseccomp.so.2", RTLD_NOW);
	Dl_info info;

	if (!handle)
		return -1;
#define FIND(name) (*(void **)&library.name = dlsym(handle, "seccomp_" #name))
	if (!FIND(init) || !FIND(arch_native) || !FIND(arch_resolve_name) || !FIND(arch_add) ||
	    !FIND(syscall_resolve_name_arch) || !FIND(attr_set) || !FIND(rule_add_array) ||
	    !FIND(export_bpf))
		return -1;
#undef FIND
	if (dladdr(*(void **)&library.init, &info))
		fprintf(answer, "library %s\n", info.dli_fname);
	return 0;
}

static _Noreturn void fail(int result)
{
	fprintf(answer, "fail %d %d\n", line, -result);
	fclose(answer);
	exit(1);
}

static char *next_word(void)
{
	char *word = strtok(NULL, " ");

	if (!word)
		fail(-EINVAL);
	return word;
}

static uint64_t next_number(void)
{
	return strtoull(next_word(), NULL, 10);
}

static void add_architecture(uint32_t token)
{
	for (int i = 0; i < n_architectures; i++)
		if (architectures[i].token == token)
			return;
	if (n_architectures == MAX_ARCHITECTURES)
		fail(-E2BIG);
	architectures[n_architectures].token = token;
	architectures[n_architectures++].newest = 0;
}

static void ask_for_architecture(const char *name)
{
	uint32_t token = library.arch_resolve_name(name);
	int result = token == 0 ? -EINVAL : 0;

	if (result == 0 && token != architectures[0].token)
		result = library.arch_add(filter, token);
	if (result < 0 && result != -EEXIST)
		fail(result);
	add_architecture(token);
}

/* The number on the native architecture, after a look at all of them. */
static int resolve(const char *name)
{
	int native = UNKNOWN;
	bool known = false;

	for (int i = 0; i < n_architectures; i++) {
		int number = library.syscall_resolve_name_arch(architectures[i].token, name);

		if (i == 0)
			native = number;
		known |= number != UNKNOWN;
		if (number > architectures[i].newest)
			architectures[i].newest = number;
	}
	if (native == UNKNOWN)
		fprintf(answer, "%s %d\n", known ? "unknown" : "never", line);
	return native;
}

static void ask_for_rule(void)
{
	uint32_t action = (uint32_t)next_number();
	int call = resolve(next_word());
	struct comparison comparisons[6];
	unsigned int n = 0;
	int result;
	char *word;

	while ((word = strtok(NULL, " "))) {
		if (n == sizeof(comparisons) / sizeof(*comparisons))
			fail(-EINVAL);
		comparisons[n].arg = (unsigned int)strtoul(word, NULL, 10);
		comparisons[n].op = (int)next_number();
		comparisons[n].a = next_number();
		comparisons[n++].b = next_number();
	}
	if (call == UNKNOWN)
		return; /* nothing to filter */
	result = library.rule_add_array(filter, action, call, n, comparisons);
	if (result < 0 && result != -EEXIST)
		fail(result);
}

static void carry_out(const char *word)
{
	if (strcmp(word, "init") == 0) {
		filter = library.init((uint32_t)next_number());
		if (!filter)
			fail(-EINVAL);
		add_architecture(library.arch_native());
	} else if (!filter) {
		fail(-EINVAL);
	} else if (strcmp(word, "arch") == 0) {
		ask_for_architecture(next_word());
	} else if (strcmp(word, "rule") == 0) {
		ask_for_rule();
	} else if (strcmp(word, "name") == 0) {
		resolve(next_word());
	} else if (strcmp(word, "tree") == 0) {
		library.attr_set(filter, OPTIMIZE, BINARY_TREE); /* older ones have no tree */
	} else {
		fail(-EINVAL);
	}
}

int main(void)
{
	char *text = NULL;
	size_t room = 0;
	ssize_t length;
	int result;

	answer = fdopen(3, "w");
	if (!answer)
		return 1;
	if (load() < 0)
		return NO_LIBRARY;
	for (; (length = getline(&text, &room, stdin)) > 0; line++) {
		char *word;

		if (text[length - 1] == '\n')
			text[length - 1] = '\0';
		word = strtok(text, " ");
		if (word)
			carry_out(word);
	}
	result = filter ? library.export_bpf(filter, 1) : -EINVAL;
	if (result < 0)
		fail(result);
	for (int i = 0; i < n_architectures; i++)
		fprintf(answer, "arch %u %d\n", architectures[i].token, architectures[i].newest);
	return fclose(answer) == 0 ? 0 : 1;
}
