/* SPDX-License-Identifier: MIT */
#include "hb_bytes.h"
#include "hb_internal.h"

#include <stdlib.h>
#include <string.h>

enum {
    NK_HEADER = 76,
    NK_ROOT = 0x04,
    NK_NO_DELETE = 0x08,
    NK_LATIN1 = 0x20,
    SPREAD_DEPTH = 2, /* keys down to this level start their own bins when a layout is spread */
};

uint32_t hb_layout_file_offset(uint32_t cell)
{
    return cell == HB_NIL ? 0 : cell + HB_PAGE + 4;
}

static int compare_keys(const void *left, const void *right)
{
    const struct hb_key *const *left_key = left;
    const struct hb_key *const *right_key = right;

    return hb_name_compare(&(*left_key)->name, &(*right_key)->name);
}

static int sort_keys(struct hb_key *key, unsigned depth)
{
    if (depth > HB_MAX_DEPTH)
        return HB_ERR_SIZE;
    if (key->key_count > 1)
        qsort(key->keys, key->key_count, sizeof(struct hb_key *), compare_keys);
    for (size_t i = 0; i < key->key_count; i++) {
        int error = sort_keys(key->keys[i], depth + 1);

        if (error != HB_OK)
            return error;
        if (key->keys[i]->name.count == 0 || key->keys[i]->name.count > INT16_MAX)
            return HB_ERR_NAME;
        if (i > 0 && hb_name_compare(&key->keys[i - 1]->name, &key->keys[i]->name) == 0)
            return HB_ERR_DUPLICATE;
    }
    return HB_OK;
}

static uint32_t larger(uint32_t most, size_t other)
{
    return other > most ? (uint32_t)other : most;
}

static void put_maxima(uint8_t *nk, const struct hb_key *key)
{
    uint32_t name = 0, class_name = 0, value_name = 0, data = 0;

    for (size_t i = 0; i < key->key_count; i++) {
        name = larger(name, key->keys[i]->name.count * 2);
        class_name = larger(class_name, key->keys[i]->class_name.count * 2);
    }
    for (size_t i = 0; i < key->value_count; i++) {
        value_name = larger(value_name, key->values[i]->name.count * 2);
        data = larger(data, key->values[i]->size);
    }
    hb_put32(nk + 52, name);
    hb_put32(nk + 56, class_name);
    hb_put32(nk + 60, value_name);
    hb_put32(nk + 64, data);
}

static uint32_t write_class(struct hb_layout *layout, struct hb_key *key)
{
    size_t count = key->class_name.count;
    uint32_t cell = HB_NIL;

    if (count > INT16_MAX)
        layout->cells.error = HB_ERR_NAME;
    else if (count != 0)
        cell = hb_cells_add(&layout->cells, count * 2);
    key->at_class = hb_layout_file_offset(cell);
    for (size_t i = 0; cell != HB_NIL && i < count; i++)
        hb_put16(hb_cells_at(&layout->cells, cell) + 2 * i, key->class_name.units[i]);
    return cell;
}

static void fill_nk(struct hb_layout *layout, struct hb_key *key, uint32_t cell, uint32_t parent)
{
    bool root = parent == HB_NIL;
    bool latin1 = hb_name_is_latin1(&key->name);
    uint8_t *nk = hb_cells_at(&layout->cells, cell);
    uint32_t security = hb_security_use(layout, key->security);

    memcpy(nk, "nk", 2);
    hb_put16(nk + 2, (uint16_t)((latin1 ? NK_LATIN1 : 0) | (root ? NK_ROOT | NK_NO_DELETE : 0) |
                                key->flags));
    hb_put64(nk + 4, key->timestamp != 0 ? key->timestamp : layout->options->timestamp);
    hb_put32(nk + 16, parent);
    hb_put32(nk + 20, (uint32_t)key->key_count);
    hb_put32(nk + 28, HB_NIL);
    hb_put32(nk + 32, HB_NIL);
    hb_put32(nk + 36, (uint32_t)key->value_count);
    hb_put32(nk + 40, HB_NIL);
    hb_put32(nk + 44, security);
    hb_put32(nk + 48, HB_NIL);
    put_maxima(nk, key);
    hb_put16(nk + 72, (uint16_t)hb_name_stored_size(&key->name));
    hb_put16(nk + 74, (uint16_t)(key->class_name.count * 2));
    hb_name_store(&key->name, nk + NK_HEADER);
    key->at_nk = hb_layout_file_offset(cell);
    key->at_security = hb_layout_file_offset(security);
}

static uint32_t layout_key(struct hb_layout *layout, struct hb_key *key, uint32_t parent,
                           unsigned depth);

static void layout_below(struct hb_layout *layout, struct hb_key *key, uint32_t cell,
                         unsigned depth)
{
    uint32_t class_name = write_class(layout, key);
    uint32_t values = hb_values_write(layout, key);
    uint32_t list = HB_NIL;
    uint8_t *nk;

    for (size_t i = 0; i < key->key_count && layout->cells.error == HB_OK; i++)
        layout_key(layout, key->keys[i], cell, depth + 1);
    if (layout->cells.error == HB_OK)
        list = hb_lists_write(layout, key);
    if (layout->cells.error != HB_OK)
        return;
    nk = hb_cells_at(&layout->cells, cell);
    hb_put32(nk + 28, list);
    hb_put32(nk + 40, values);
    hb_put32(nk + 48, class_name);
}

static uint32_t layout_key(struct hb_layout *layout, struct hb_key *key, uint32_t parent,
                           unsigned depth)
{
    uint32_t cell;

    if (layout->spread && depth > 0 && depth <= SPREAD_DEPTH)
        hb_cells_break(&layout->cells);
    cell = hb_cells_add(&layout->cells, NK_HEADER + hb_name_stored_size(&key->name));
    if (cell == HB_NIL)
        return HB_NIL;
    if (depth == 0)
        hb_security_collect(layout, key);
    if (layout->cells.error != HB_OK)
        return HB_NIL;
    fill_nk(layout, key, cell, parent);
    layout_below(layout, key, cell, depth);
    return cell;
}

/* One pass; `expected` is the number of cells, known only after a pass without free cells. */
static int run(struct hb_layout *layout, struct hb_key *root, size_t expected, size_t least,
               struct hb_image *ret)
{
    layout->cells = (struct hb_cells){.timestamp = layout->options->timestamp,
                                      .expected = expected,
                                      .free_wanted = layout->options->free_cells};
    layout->securities = NULL;
    layout->security_count = 0;
    ret->root = layout_key(layout, root, HB_NIL, 0);
    if (layout->cells.error == HB_OK)
        hb_security_finish(layout);
    hb_cells_finish(&layout->cells, least);
    free(layout->securities);
    if (layout->cells.error != HB_OK) {
        free(layout->cells.bytes);
        return layout->cells.error;
    }
    ret->bytes = layout->cells.bytes;
    ret->size = layout->cells.size;
    return HB_OK;
}

int hb_layout_build(struct hb_key *root, const struct hb_options *options, bool spread,
                    size_t least, struct hb_image *ret)
{
    struct hb_layout layout = {.options = options, .spread = spread};
    int error = root->name.count > INT16_MAX ? HB_ERR_NAME : sort_keys(root, 0);

    if (error == HB_OK)
        error = run(&layout, root, 0, least, ret);
    if (error == HB_OK && options->free_cells > 0) {
        free(ret->bytes);
        error = run(&layout, root, layout.cells.allocated, least, ret);
    }
    return error;
}
