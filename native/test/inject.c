/*
 * Lets one system call of a program fail: inject N ERRNO REPORT PROGRAM [ARG...]. Counts the calls
 * of the program and of what it forks, up to an exec of those; the Nth is not made and fails with
 * ERRNO. REPORT gets "COUNT NUMBER": how many there were until the program ended, or the injection
 * came, and the number of the call that failed. Ends as the program ends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <elf.h>

/* Those that can't fail, or that the C library makes and looks at no result of. */
static const long spared[] = {
	SYS_exit,	    SYS_exit_group, SYS_rt_sigreturn,
	SYS_close,	    SYS_munmap,	    SYS_getpid,
	SYS_geteuid,	    SYS_getegid,    SYS_set_tid_address,
	SYS_gettid,	    SYS_getuid,	    SYS_getgid,
	SYS_umask,	    SYS_brk,	    SYS_rt_sigaction,
	SYS_rt_sigprocmask,
#ifdef SYS_arch_prctl
	SYS_arch_prctl,
#endif
};

/* As ptrace(2) has it; not every C library does. */
struct call_stop {
	uint8_t op;
	uint8_t pad[3];
	uint32_t arch;
	uint64_t instruction;
	uint64_t stack;
	uint64_t number;
	uint64_t args[6];
};

#define GET_SYSCALL_INFO 0x420e
#define ENTRY_STOP 1
#define EXIT_STOP 2

static long wanted;
static long error;
static long count;
static long failed = -1;
static bool begun;
static bool over;

static bool is_spared(long number)
{
	for (size_t i = 0; i < sizeof(spared) / sizeof(*spared); i++)
		if (spared[i] == number)
			return true;
	return false;
}

/* The call that a process is about to make is none. */
static void drop_call(pid_t pid)
{
#ifdef __x86_64__
	struct user_regs_struct regs;

	ptrace(PTRACE_GETREGS, pid, 0, &regs);
	regs.orig_rax = (unsigned long long)-1;
	ptrace(PTRACE_SETREGS, pid, 0, &regs);
#else
	int none = -1;
	struct iovec part = { &none, sizeof(none) };

	ptrace(PTRACE_SETREGSET, pid, 0x404 /* NT_ARM_SYSTEM_CALL */, &part);
#endif
}

static void set_result(pid_t pid, long result)
{
	struct user_regs_struct regs;
	struct iovec part = { &regs, sizeof(regs) };

	ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &part);
#ifdef __x86_64__
	regs.rax = (unsigned long long)result;
#else
	regs.regs[0] = (unsigned long long)result;
#endif
	ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &part);
}

/* Of the one whose call was dropped. */
static pid_t waits_for_result;

static void at_call(pid_t pid)
{
	struct call_stop info;

	if (ptrace(GET_SYSCALL_INFO, pid, sizeof(info), &info) <= 0 || over)
		return;
	if (info.op == EXIT_STOP && pid == waits_for_result) {
		set_result(pid, -error);
		over = true;
	}
	if (info.op != ENTRY_STOP || !begun || waits_for_result || is_spared((long)info.number) ||
	    ++count != wanted)
		return;
	failed = (long)info.number;
	waits_for_result = pid;
	drop_call(pid);
}

/* The wait status of the program. */
static int trace(pid_t program)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		int event = status >> 16;
		int signal = WSTOPSIG(status);

		if (!WIFSTOPPED(status)) {
			if (pid == program)
				break;
			continue;
		}
		if (signal == (SIGTRAP | 0x80))
			at_call(pid);
		if (signal == (SIGTRAP | 0x80) || event)
			signal = 0;
		begun |= event == PTRACE_EVENT_EXEC;
		/* A program of others: its calls are its own business. */
		ptrace(over || (event == PTRACE_EVENT_EXEC && pid != program) ? PTRACE_DETACH :
										PTRACE_SYSCALL,
		       pid, 0, signal);
	}
	return status;
}

int main(int argc, char **argv)
{
	int gate[2];
	char byte;
	pid_t program;
	FILE *report;
	int status;

	if (argc < 5 || pipe(gate) < 0)
		return 2;
	wanted = atol(argv[1]);
	error = atol(argv[2]);
	program = fork();
	if (program == 0) {
		close(gate[1]);
		(void)!read(gate[0], &byte, 1);
		close(gate[0]);
		execv(argv[4], argv + 4);
		_exit(127);
	}
	close(gate[0]);
	if (ptrace(PTRACE_SEIZE, program, 0,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
			   PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC) < 0) {
		perror("ptrace");
		return 2;
	}
	close(gate[1]);
	status = trace(program);
	report = fopen(argv[3], "w");
	if (!report || fprintf(report, "%ld %ld\n", count, failed) < 0 || fclose(report) != 0)
		return 2;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
