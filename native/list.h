#ifndef TSOCI_LIST_H
#define TSOCI_LIST_H

#include "command_line.h"

/* Prints the ids below --root, a line each. False leaves the line to the engine: it has the words.
 */
bool list_ids(const struct command_line *line);

#endif
