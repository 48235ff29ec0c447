/* SPDX-License-Identifier: MIT */
#include "hb_bytes.h"
#include "hb_internal.h"

#include <stdlib.h>
#include <string.h>

/* In hives up to 1.4 Windows splits a list that gets too long into leaves without hints. */
static enum hb_list list_kind(const struct hb_options *options, const struct hb_key *key)
{
    if (options->lists != HB_LIST_DEFAULT)
        return options->lists;
    if (options->minor > 4)
        return HB_LIST_LH;
    return key->key_count > options->leaf_max ? HB_LIST_LI : HB_LIST_LF;
}

static const char *signature(enum hb_list kind)
{
    return kind == HB_LIST_LI ? "li" : kind == HB_LIST_LF ? "lf" : "lh";
}

static uint32_t nk_cell(const struct hb_key *key)
{
    return key->at_nk - HB_PAGE - 4;
}

static uint32_t write_leaf(struct hb_layout *layout, enum hb_list kind, struct hb_key *const *keys,
                           size_t count)
{
    size_t item = kind == HB_LIST_LI ? 4 : 8;
    uint32_t cell = hb_cells_add(&layout->cells, 4 + count * item);
    uint8_t *at;

    if (cell == HB_NIL)
        return HB_NIL;
    at = hb_cells_at(&layout->cells, cell);
    memcpy(at, signature(kind), 2);
    hb_put16(at + 2, (uint16_t)count);
    for (size_t i = 0; i < count; i++) {
        hb_put32(at + 4 + item * i, nk_cell(keys[i]));
        if (kind == HB_LIST_LF)
            hb_name_hint(&keys[i]->name, at + 8 + item * i);
        if (kind == HB_LIST_LH)
            hb_put32(at + 8 + item * i, hb_name_hash(&keys[i]->name));
    }
    return cell;
}

static uint32_t write_root(struct hb_layout *layout, const uint32_t *leaves, size_t count)
{
    uint32_t cell = hb_cells_add(&layout->cells, 4 + count * 4);
    uint8_t *at;

    if (cell == HB_NIL)
        return HB_NIL;
    at = hb_cells_at(&layout->cells, cell);
    memcpy(at, "ri", 2);
    hb_put16(at + 2, (uint16_t)count);
    for (size_t i = 0; i < count; i++)
        hb_put32(at + 4 + 4 * i, leaves[i]);
    return cell;
}

/* key->at_leaves holds cells here, file offsets when done. */
static uint32_t write_many(struct hb_layout *layout, struct hb_key *key)
{
    enum hb_list kind = list_kind(layout->options, key);
    size_t most = layout->options->leaf_max;
    size_t leaf_count = (key->key_count + most - 1) / most;
    uint32_t root;

    if (leaf_count > UINT16_MAX) {
        layout->cells.error = HB_ERR_SIZE;
        return HB_NIL;
    }
    key->at_leaves = malloc(leaf_count * sizeof(uint32_t));
    if (key->at_leaves == NULL) {
        layout->cells.error = HB_ERR_MEMORY;
        return HB_NIL;
    }
    for (size_t i = 0; i < leaf_count; i++) {
        size_t left = key->key_count - i * most;

        key->at_leaves[i] =
            write_leaf(layout, kind, key->keys + i * most, left < most ? left : most);
    }
    root = write_root(layout, key->at_leaves, leaf_count);
    for (size_t i = 0; i < leaf_count; i++)
        key->at_leaves[i] = hb_layout_file_offset(key->at_leaves[i]);
    key->leaf_count = leaf_count;
    return root;
}

uint32_t hb_lists_write(struct hb_layout *layout, struct hb_key *key)
{
    bool many = key->key_count > layout->options->leaf_max;
    enum hb_list kind = list_kind(layout->options, key);
    uint32_t list;

    free(key->at_leaves);
    key->at_leaves = NULL;
    key->leaf_count = 0;
    key->at_list = 0;
    key->list_kind[0] = '\0';
    if (key->key_count == 0)
        return HB_NIL;
    list = many ? write_many(layout, key) : write_leaf(layout, kind, key->keys, key->key_count);
    memcpy(key->list_kind, many ? "ri" : signature(kind), 3);
    key->at_list = hb_layout_file_offset(list);
    return list;
}
