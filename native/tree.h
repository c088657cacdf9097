/*
 * Detached mounts: made from descriptors, attached to descriptors.
 */
#ifndef TSOCI_TREE_H
#define TSOCI_TREE_H

#include "launch.h"

int clone_tree(struct launch *l, int dir, const char *path, bool recursive, int flags);
int attach_tree(struct launch *l, int tree, int target);
int set_attributes(struct launch *l, int fd, bool recursive, uint64_t set, uint64_t clear,
		   uint64_t propagation);

/* An empty tmpfs, attached where nobody walks: on the root of this mount namespace. */
int scratch(struct launch *l);

/* What setns(2) moves along with the mount namespace. */
struct place {
	int namespace;
	int root;
	int cwd;
};

int enter_child_mounts(struct launch *l, struct place *before);
int leave_child_mounts(struct launch *l, struct place *before);

/* A mount that the parent lends (step_lend.c): the next one of its plan. */
int borrow_tree(struct launch *l);

/*
 * Has a detached mount show other ids than its file system has. The maps are lines for uid_map;
 * empty ones stand for the child's user namespace.
 */
int map_ids(struct launch *l, int tree, const char *uid_map, const char *gid_map, bool recursive);

/* Propagation words: list argument i of the step. */
int set_propagation(struct launch *l, int fd, const struct plan_step *s, int i);

/* The mount that an open file lies in. */
struct mount_place {
	uint64_t id;
	bool is_root; /* the file is where it is mounted */
};

int find_mount(struct launch *l, int fd, struct mount_place *place);

#endif
