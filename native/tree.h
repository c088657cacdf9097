/*
 * Detached mounts: made from descriptors, attached to descriptors.
 */
#ifndef TSOCI_TREE_H
#define TSOCI_TREE_H

#include "launch.h"

int clone_tree(struct launch *l, int dir, const char *path, bool recursive, int flags);
int attach_tree(struct launch *l, int tree, int target);

#endif
