/*
 * Ctrl-C, and other requests to stop, while a container is made: what was done is undone first.
 */
#ifndef TSOCI_INTERRUPT_H
#define TSOCI_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* The signal that asked; 0 for none. */
extern volatile sig_atomic_t interrupted;

/* From here on such a signal ends whom we wait for: the child, and the program of a hook. */
void heed_interrupts(volatile pid_t *child);

/* From here on such a signal goes on to the engine, and ends us only when the engine has ended. */
void pass_interrupts_on(volatile pid_t *engine);

/* As before: a signal ends us, and nothing is undone. */
void forget_interrupts(void);

/* No signal comes through from here on; what came before is told by `interrupted`. */
void hold_interrupts(void);

/*
 * A program that is waited for, with the leader's pid of its process group; 0 once it has ended.
 * One that undoes runs although a signal has asked, until one asks again.
 */
void end_if_interrupted(pid_t program, bool undoes);

/* Ends us as the signal would have. */
_Noreturn void end_as_interrupted(void);

#endif
