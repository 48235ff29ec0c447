/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "registry/hive/key.h"
#include "registry/hive/list.h"

#define CHUNK 2048u /* bytes of a list read at once */

static bool is_leaf(uint32_t kind)
{
    return kind == MH_LIST_LI || kind == MH_LIST_LF || kind == MH_LIST_LH;
}

uint32_t mh_list_element_size(uint32_t kind)
{
    return kind == MH_LIST_LF || kind == MH_LIST_LH ? 8 : 4;
}

int mh_list_read(struct mh_image *image, uint32_t cell, struct mh_list *ret_list,
                 struct mh_error *err)
{
    uint8_t header[MH_LIST_HEADER];
    uint64_t offset;
    uint32_t size;
    int status = mh_cell_read(image, cell, header, sizeof(header), sizeof(header), &offset, &size, err);
    if (status != MH_OK)
        return status;
    struct mh_list list = {
        .cell = cell,
        .kind = mh_get16(header),
        .count = mh_get16(header + 2),
        .elements = offset + MH_LIST_HEADER,
    };
    if (!is_leaf(list.kind) && list.kind != MH_LIST_RI)
        return mh_error_set(err, MH_CORRUPT, "the cell at 0x%x is no list of subkeys", cell);
    if (list.kind == MH_LIST_LH && image->base.minor < 5)
        return mh_error_set(err, MH_CORRUPT, "the list at 0x%x is of a kind its version has not", cell);
    list.room = (size - MH_LIST_HEADER) / mh_list_element_size(list.kind);
    if (list.count > list.room)
        return mh_error_set(err, MH_CORRUPT, "the list at 0x%x claims %u elements", cell, list.count);
    *ret_list = list;
    return MH_OK;
}

/* A walk over the list of one key. */
struct walk {
    struct mh_image *image;
    mh_visit_subkey *visit;
    void *context;
    uint32_t seen; /* subkeys so far */
    uint32_t most; /* as many as the key says */
};

static int each_element(struct walk *walk, const struct mh_list *list,
                        int (*visit)(struct walk *walk, uint32_t kind, const uint8_t *element,
                                     struct mh_error *err),
                        struct mh_error *err)
{
    uint8_t chunk[CHUNK];
    uint32_t element = mh_list_element_size(list->kind);
    uint64_t left = (uint64_t)list->count * element;
    uint64_t offset = list->elements;
    while (left > 0) {
        size_t length = left < CHUNK ? (size_t)left : CHUNK;
        int status = mh_image_read(walk->image, offset, chunk, length, err);
        for (size_t at = 0; status == MH_OK && at < length; at += element)
            status = visit(walk, list->kind, chunk + at, err);
        if (status != MH_OK)
            return status;
        offset += length;
        left -= length;
    }
    return MH_OK;
}

static int visit_leaf_element(struct walk *walk, uint32_t kind, const uint8_t *element,
                              struct mh_error *err)
{
    if (walk->seen == walk->most)
        return mh_error_set(err, MH_CORRUPT, "lists name more than the %u subkeys that their key says",
                            walk->most);
    walk->seen++;
    return walk->visit(walk->context, kind, mh_get32(element),
                       kind == MH_LIST_LI ? 0 : mh_get32(element + 4), err);
}

static int visit_root_element(struct walk *walk, uint32_t kind, const uint8_t *element,
                              struct mh_error *err)
{
    struct mh_list leaf = {0};
    (void)kind;
    int status = mh_list_read(walk->image, mh_get32(element), &leaf, err);
    if (status != MH_OK)
        return status;
    if (leaf.kind == MH_LIST_RI)
        return mh_error_set(err, MH_CORRUPT, "the list at 0x%x is nested too deep", leaf.cell);
    return each_element(walk, &leaf, visit_leaf_element, err);
}

int mh_subkeys_each(struct mh_image *image, const struct mh_key *key, mh_visit_subkey *visit,
                    void *context, struct mh_error *err)
{
    struct walk walk = {
        .image = image, .visit = visit, .context = context, .most = key->subkeys};
    struct mh_list list = {0};
    if (key->subkeys == 0)
        return MH_OK;
    /* One leaf may be named by many elements: without this a small file could keep us busy for hours. */
    if (key->subkeys > image->base.bins_size / (MH_CELL_HEADER + MH_NK_HEADER))
        return mh_error_set(err, MH_CORRUPT, "the key at 0x%x says %u subkeys, more than the hive can hold",
                            key->cell, key->subkeys);
    int status = mh_list_read(image, key->subkey_list, &list, err);
    if (status == MH_OK)
        status = each_element(&walk, &list,
                              list.kind == MH_LIST_RI ? visit_root_element : visit_leaf_element, err);
    if (status == MH_OK && walk.seen != key->subkeys)
        return mh_error_set(err, MH_CORRUPT, "the key at 0x%x says %u subkeys, its lists name %u",
                            key->cell, key->subkeys, walk.seen);
    return status;
}
