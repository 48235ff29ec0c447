/* SPDX-License-Identifier: MIT */
#include "core/tree.h"

#include <stdlib.h>

#include "core/array.h"
#include "core/text.h"

/* NULL when memory is out, now or before. */
static struct mh_tree_item *add(struct mh_tree *tree, const char *path)
{
    char *copy = tree->failed ? NULL : mh_text_copy(path);
    if (!copy || mh_array_reserve((void **)&tree->items, sizeof(*tree->items), tree->count, &tree->capacity) < 0) {
        free(copy);
        tree->failed = true;
        return NULL;
    }
    tree->items[tree->count] = (struct mh_tree_item){.path = copy};
    return &tree->items[tree->count++];
}

void mh_tree_add_folder(struct mh_tree *tree, const char *path)
{
    struct mh_tree_item *item = add(tree, path);
    if (item)
        item->folder = true;
}

void mh_tree_add_file(struct mh_tree *tree, const char *path, struct mh_buffer *bytes)
{
    struct mh_tree_item *item = bytes->failed ? NULL : add(tree, path);
    if (item) {
        item->bytes = *bytes;
        *bytes = (struct mh_buffer){0};
        return;
    }
    tree->failed = true;
    mh_buffer_clear(bytes);
}

void mh_tree_clear(struct mh_tree *tree)
{
    for (size_t i = 0; i < tree->count; i++) {
        free(tree->items[i].path);
        mh_buffer_clear(&tree->items[i].bytes);
    }
    free(tree->items);
    *tree = (struct mh_tree){0};
}
