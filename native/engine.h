/* The JavaScript engine, as which the front door goes on for what it does not do itself. */
#ifndef TSOCI_ENGINE_H
#define TSOCI_ENGINE_H

/* Descriptors to hand down; -1 for none. */
struct handed_down {
	int plan; /* for the plan to be written to */
	int done; /* gets a byte when that is whole */
	int facts; /* what the plan depends on besides the config */
	int failure; /* a record to find words for */
};

#define NOTHING_HANDED_DOWN ((struct handed_down){ -1, -1, -1, -1 })

/*
 * Becomes the engine with these arguments. `own_path` is the front door's file, beside which the
 * JavaScript lies.
 */
_Noreturn void become_engine(const char *own_path, char **arguments, struct handed_down fds);

#endif
