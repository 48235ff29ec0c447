/* SPDX-License-Identifier: MIT */
#ifndef MH_OS_TREE_H
#define MH_OS_TREE_H

#include "core/tree.h"
#include "mapihttp/error.h"

/*
 * Makes the folder `path` with all that is in the tree, or nothing: it is made beside, as NAME.mapihttp-new, and
 * called `path` when it is whole. An empty folder of that name gives way, nothing else does. MH_INVALID when `path`
 * is a folder that is not empty, or ends in no name that can be given; MH_IN_USE when NAME.mapihttp-new is there:
 * another run is at work, or was killed.
 */
int mh_tree_write(const char *path, const struct mh_tree *tree, struct mh_error *err);

#endif
