/* SPDX-License-Identifier: MIT */
#ifndef MH_CORE_TREE_H
#define MH_CORE_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buffer.h"

/* A folder or a file that is to be made within another folder. */
struct mh_tree_item {
    char *path;             /* "/" between names */
    bool folder;
    struct mh_buffer bytes; /* of a file */
};

/* A folder's contents as data, each folder before what is in it. Zero-initialised it is empty. Once memory was
 * out, it stays `failed`. */
struct mh_tree {
    struct mh_tree_item *items;
    size_t count;
    size_t capacity;
    bool failed;
};

void mh_tree_add_folder(struct mh_tree *tree, const char *path);

/* Takes what is in `bytes`, which is empty then. One that failed marks the tree as failed. */
void mh_tree_add_file(struct mh_tree *tree, const char *path, struct mh_buffer *bytes);

void mh_tree_clear(struct mh_tree *tree);

#endif
