/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "registry/hive/edit.h"
#include "registry/hive/list.h"

/* As many elements as Windows puts into one leaf: what fits beside a bin's header in 4096 bytes. */
#define LEAF_MAX_HASHED 506u
#define LEAF_MAX_PLAIN 1012u

/* The key whose subkey lists are being changed, and what goes into them. */
struct insertion {
    struct mh_edit *edit;
    uint32_t child;
    const struct mh_name *name;
};

static uint32_t leaf_max(uint32_t kind)
{
    return kind == MH_LIST_LI ? LEAF_MAX_PLAIN : LEAF_MAX_HASHED;
}

static uint8_t *element_at(const struct mh_image *image, const struct mh_list *list, uint32_t index)
{
    return image->memory + list->elements + (size_t)index * mh_list_element_size(list->kind);
}

static void put_element(const struct insertion *insertion, const struct mh_list *list, uint32_t index)
{
    uint8_t *element = element_at(insertion->edit->image, list, index);
    mh_put32(element, insertion->child);
    if (list->kind == MH_LIST_LH)
        mh_put32(element + 4, mh_name_hash(insertion->name));
}

/* The hint of an lf list is of the name as it is written, which the new key node holds. */
static int put_hint(const struct insertion *insertion, const struct mh_list *list, uint32_t index,
                    struct mh_error *err)
{
    struct mh_key key;
    if (list->kind != MH_LIST_LF)
        return MH_OK;
    int status = mh_key_read(insertion->edit->image, insertion->child, &key, err);
    if (status != MH_OK)
        return status;
    uint8_t *hint = element_at(insertion->edit->image, list, index) + 4;
    memset(hint, 0, 4);
    if (key.flags & MH_NK_FLAG_LATIN1)
        memcpy(hint, key.name_bytes, key.name_size < 4 ? key.name_size : 4);
    return MH_OK;
}

/* A list of `count` elements, all zero, in a new cell. */
static int list_make(struct mh_edit *edit, uint32_t kind, uint32_t count, struct mh_list *ret_list,
                     struct mh_error *err)
{
    uint32_t cell;
    uint8_t *at;
    int status = mh_cell_allocate(edit->image, &edit->space,
                                  MH_LIST_HEADER + count * mh_list_element_size(kind), &cell, err);
    if (status == MH_OK)
        status = mh_cell_data(edit->image, cell, MH_LIST_HEADER, &at, NULL, err);
    if (status != MH_OK)
        return status;
    mh_put16(at, kind);
    mh_put16(at + 2, count);
    return mh_list_read(edit->image, cell, ret_list, err);
}

static void list_put_count(struct mh_edit *edit, struct mh_list *list, uint32_t count)
{
    list->count = count;
    mh_put16(edit->image->memory + list->elements - 2, count);
}

static void list_copy(const struct mh_edit *edit, const struct mh_list *to, uint32_t to_index,
                      const struct mh_list *from, uint32_t from_index, uint32_t count)
{
    memmove(element_at(edit->image, to, to_index), element_at(edit->image, from, from_index),
            (size_t)count * mh_list_element_size(from->kind));
}

/* Opens a gap at `index`: in the list's own cell when that has room, else in a new one. */
static int list_open_gap(struct mh_edit *edit, struct mh_list *list, uint32_t index,
                         struct mh_error *err)
{
    if (list->count < list->room) {
        list_copy(edit, list, index + 1, list, index, list->count - index);
        list_put_count(edit, list, list->count + 1);
        return MH_OK;
    }
    struct mh_list grown;
    if (list->count == UINT16_MAX)
        return mh_error_set(err, MH_UNSUPPORTED, "the list at 0x%x can hold no more", list->cell);
    int status = list_make(edit, list->kind, list->count + 1, &grown, err);
    if (status != MH_OK)
        return status;
    list_copy(edit, &grown, 0, list, 0, index);
    list_copy(edit, &grown, index + 1, list, index, list->count - index);
    status = mh_cell_free(edit->image, &edit->space, list->cell, err);
    *list = grown;
    return status;
}

/* Where in a leaf the new name belongs; refuses a leaf that is not strictly sorted. */
static int leaf_position(const struct insertion *insertion, const struct mh_list *leaf,
                         uint32_t *ret_index, struct mh_error *err)
{
    struct mh_image *image = insertion->edit->image;
    struct mh_key keys[2];
    *ret_index = 0;
    for (uint32_t i = 0; i < leaf->count; i++) {
        struct mh_key *key = &keys[i % 2];
        int status = mh_key_read(image, mh_get32(element_at(image, leaf, i)), key, err);
        if (status != MH_OK)
            return status;
        struct mh_stored_name name = mh_key_name(key);
        struct mh_stored_name before = mh_key_name(&keys[(i + 1) % 2]);
        int order = mh_name_compare(insertion->name, &name);
        if (order == 0 || (i > 0 && !mh_name_may_precede(&before, &name)))
            return mh_error_set(err, MH_CORRUPT, "the list at 0x%x is not sorted", leaf->cell);
        if (order > 0)
            *ret_index = i + 1;
    }
    return MH_OK;
}

static int leaf_insert(const struct insertion *insertion, struct mh_list *leaf, struct mh_error *err)
{
    uint32_t index;
    int status = leaf_position(insertion, leaf, &index, err);
    if (status == MH_OK)
        status = list_open_gap(insertion->edit, leaf, index, err);
    if (status != MH_OK)
        return status;
    put_element(insertion, leaf, index);
    return put_hint(insertion, leaf, index, err);
}

/* Moves the upper half of `leaf` into a new one. */
static int leaf_split(struct mh_edit *edit, struct mh_list *leaf, struct mh_list *ret_upper,
                      struct mh_error *err)
{
    uint32_t keep = leaf->count / 2;
    int status = list_make(edit, leaf->kind, leaf->count - keep, ret_upper, err);
    if (status != MH_OK)
        return status;
    list_copy(edit, ret_upper, 0, leaf, keep, leaf->count - keep);
    list_put_count(edit, leaf, keep);
    return MH_OK;
}

/* Whether the new name comes after the first one of `leaf`. */
static int belongs_after_first(const struct insertion *insertion, const struct mh_list *leaf,
                               bool *ret_after, struct mh_error *err)
{
    struct mh_key first;
    struct mh_image *image = insertion->edit->image;
    if (leaf->count == 0)
        return mh_error_set(err, MH_CORRUPT, "the list at 0x%x is empty", leaf->cell);
    int status = mh_key_read(image, mh_get32(element_at(image, leaf, 0)), &first, err);
    if (status != MH_OK)
        return status;
    struct mh_stored_name name = mh_key_name(&first);
    *ret_after = mh_name_compare(insertion->name, &name) > 0;
    return MH_OK;
}

/* The leaf of `root` that the new name belongs into: the last that begins before it, else the first. */
static int root_choose(const struct insertion *insertion, const struct mh_list *root,
                       uint32_t *ret_index, struct mh_list *ret_leaf, struct mh_error *err)
{
    struct mh_image *image = insertion->edit->image;
    if (root->count == 0)
        return mh_error_set(err, MH_CORRUPT, "the list at 0x%x is empty", root->cell);
    for (uint32_t i = 0; i < root->count; i++) {
        struct mh_list leaf;
        bool after = false;
        int status = mh_list_read(image, mh_get32(element_at(image, root, i)), &leaf, err);
        if (status == MH_OK)
            status = belongs_after_first(insertion, &leaf, &after, err);
        if (status != MH_OK)
            return status;
        if (i > 0 && !after)
            break;
        *ret_index = i;
        *ret_leaf = leaf;
    }
    return MH_OK;
}

static int root_insert(const struct insertion *insertion, struct mh_list *root, struct mh_error *err)
{
    struct mh_edit *edit = insertion->edit;
    struct mh_list leaf = {0};
    struct mh_list upper;
    uint32_t index = 0;
    bool after = false;
    int status = root_choose(insertion, root, &index, &leaf, err);
    if (status == MH_OK && leaf.count >= leaf_max(leaf.kind)) {
        status = leaf_split(edit, &leaf, &upper, err);
        if (status == MH_OK)
            status = list_open_gap(edit, root, index + 1, err);
        if (status == MH_OK) {
            mh_put32(element_at(edit->image, root, index + 1), upper.cell);
            status = belongs_after_first(insertion, &upper, &after, err);
        }
        if (after) {
            leaf = upper;
            index++;
        }
    }
    if (status == MH_OK)
        status = leaf_insert(insertion, &leaf, err);
    if (status == MH_OK)
        mh_put32(element_at(edit->image, root, index), leaf.cell);
    return status;
}

/* An lf list that is full becomes an li list, as Windows makes it: those hold twice as many. */
static int list_to_plain(struct mh_edit *edit, struct mh_list *list, struct mh_error *err)
{
    struct mh_list plain = {0};
    int status = list_make(edit, MH_LIST_LI, list->count, &plain, err);
    for (uint32_t i = 0; status == MH_OK && i < list->count; i++)
        mh_put32(element_at(edit->image, &plain, i), mh_get32(element_at(edit->image, list, i)));
    if (status == MH_OK)
        status = mh_cell_free(edit->image, &edit->space, list->cell, err);
    *list = plain;
    return status;
}

/* A leaf that is full becomes the only one of a new ri, which then splits it. */
static int leaf_or_root_insert(const struct insertion *insertion, struct mh_list *list,
                               struct mh_error *err)
{
    struct mh_list root = {0};
    int status = MH_OK;
    if (list->kind == MH_LIST_RI)
        return root_insert(insertion, list, err);
    if (list->kind == MH_LIST_LF && list->count >= leaf_max(list->kind))
        status = list_to_plain(insertion->edit, list, err);
    if (status != MH_OK)
        return status;
    if (list->count < leaf_max(list->kind))
        return leaf_insert(insertion, list, err);
    status = list_make(insertion->edit, MH_LIST_RI, 1, &root, err);
    if (status != MH_OK)
        return status;
    mh_put32(element_at(insertion->edit->image, &root, 0), list->cell);
    *list = root;
    return root_insert(insertion, list, err);
}

int mh_edit_list_subkey(struct mh_edit *edit, const struct mh_key *parent, uint32_t child,
                        const struct mh_name *name, struct mh_error *err)
{
    struct insertion insertion = {.edit = edit, .child = child, .name = name};
    uint32_t kind = edit->image->base.minor > 4 ? MH_LIST_LH : MH_LIST_LF;
    struct mh_list list;
    uint8_t *nk;
    int status = parent->subkeys > 0 ? mh_list_read(edit->image, parent->subkey_list, &list, err)
                                     : list_make(edit, kind, 0, &list, err);
    if (status == MH_OK)
        status = leaf_or_root_insert(&insertion, &list, err);
    if (status == MH_OK)
        status = mh_cell_data(edit->image, parent->cell, MH_NK_HEADER, &nk, NULL, err);
    if (status != MH_OK)
        return status;
    mh_put32(nk + MH_NK_SUBKEY_LIST, list.cell);
    mh_put32(nk + MH_NK_SUBKEYS, parent->subkeys + 1);
    return MH_OK;
}
