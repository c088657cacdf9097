/*
 * Tells the engine what happens in a container, see src/launch/watch.ts.
 */
#ifndef TSOCI_WATCH_H
#define TSOCI_WATCH_H

/* Writes `r` once it watches, `o` for each lack of memory, `e` for the end; exits with an errno. */
_Noreturn void watch_main(char **argv);

#endif
