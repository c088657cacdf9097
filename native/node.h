/* Node, which runs what the engine in the executable does not. */
#ifndef TSOCI_NODE_H
#define TSOCI_NODE_H

/* Descriptors to hand down; -1 for none. */
struct handed_down {
	int plan; /* for the plan to be written to */
	int done; /* gets a byte when that is whole */
	int failure; /* a record to find words for */
};

#define NOTHING_HANDED_DOWN ((struct handed_down){ -1, -1, -1 })

/*
 * Becomes Node with these arguments. `own_path` is the front door's file, beside which the
 * JavaScript lies. Returns where there is no Node.
 */
void become_node(const char *own_path, char **arguments, struct handed_down fds);

#endif
