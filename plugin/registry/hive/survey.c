/* SPDX-License-Identifier: MIT */
#include "registry/hive/survey.h"

#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "registry/hive/data.h"
#include "registry/hive/key.h"
#include "registry/hive/list.h"

#define DEPTH_MAX 512u /* Windows' own limit */

struct level {
    uint32_t key;
    uint32_t parent;
    unsigned depth; /* the root's is 0 */
};

struct survey {
    struct mh_image *image;
    uint8_t *cells;         /* a bit for every eight bytes: an allocated cell begins here */
    uint8_t *claimed;       /* likewise: something leads to it */
    uint8_t *secured;       /* likewise: it is a security descriptor, to which several keys may lead */
    struct level *stack;    /* keys still to visit */
    size_t stack_count;
    size_t stack_capacity;
    struct level here;      /* the key being visited */
    struct mh_key before;   /* its subkey before the one being listed; cell 0: there is none */
};

static bool bit_get(const uint8_t *bits, uint32_t cell)
{
    return bits[cell / 64] >> (cell / 8 % 8) & 1;
}

static void bit_set(uint8_t *bits, uint32_t cell)
{
    bits[cell / 64] = (uint8_t)(bits[cell / 64] | 1u << (cell / 8 % 8));
}

static int tile_bin(struct survey *survey, uint32_t bin, uint32_t bin_size, struct mh_space *space,
                    struct mh_error *err)
{
    const uint8_t *bins = survey->image->memory + MH_BASE_SIZE;
    uint32_t end = bin + bin_size;
    for (uint32_t cell = bin + MH_BIN_HEADER; cell < end;) {
        uint32_t raw = mh_get32(bins + cell);
        bool allocated = (raw & 0x80000000u) != 0;
        uint32_t size = allocated ? 0u - raw : raw;
        if (size < MH_CELL_ALIGN || size % MH_CELL_ALIGN != 0 || size > end - cell)
            return mh_error_set(err, MH_CORRUPT, "the cell at 0x%x claims %u bytes", cell, size);
        if (allocated)
            bit_set(survey->cells, cell);
        int status = allocated ? MH_OK : mh_space_add(space, cell, size, err);
        if (status != MH_OK)
            return status;
        cell += size;
    }
    return MH_OK;
}

static int tile_bins(struct survey *survey, struct mh_space *space, struct mh_error *err)
{
    uint32_t bins_size = survey->image->base.bins_size;
    for (uint32_t bin = 0; bin < bins_size;) {
        const uint8_t *header = survey->image->memory + MH_BASE_SIZE + bin;
        uint32_t size = mh_get32(header + MH_BIN_SIZE);
        if (memcmp(header, "hbin", 4) != 0 || mh_get32(header + MH_BIN_OFFSET) != bin ||
            size == 0 || size % MH_PAGE != 0 || size > bins_size - bin)
            return mh_error_set(err, MH_CORRUPT, "there is no right bin at 0x%x", bin);
        int status = tile_bin(survey, bin, size, space, err);
        if (status != MH_OK)
            return status;
        bin += size;
    }
    return MH_OK;
}

static int is_cell(const struct survey *survey, uint32_t cell, struct mh_error *err)
{
    if (cell % MH_CELL_ALIGN != 0 || cell >= survey->image->base.bins_size ||
        !bit_get(survey->cells, cell))
        return mh_error_set(err, MH_CORRUPT, "the key at 0x%x leads to 0x%x, where no cell is",
                            survey->here.key, cell);
    return MH_OK;
}

static int claim(struct survey *survey, uint32_t cell, struct mh_error *err)
{
    int status = is_cell(survey, cell, err);
    if (status != MH_OK)
        return status;
    if (bit_get(survey->claimed, cell))
        return mh_error_set(err, MH_CORRUPT, "two things lead to the cell at 0x%x", cell);
    bit_set(survey->claimed, cell);
    return MH_OK;
}

/* The elements of a list of cell offsets, `count` of them, in a cell of its own. */
static int claim_elements(struct survey *survey, uint32_t list, uint32_t count,
                          const uint8_t **ret_elements, struct mh_error *err)
{
    uint8_t *elements;
    int status = claim(survey, list, err);
    if (status == MH_OK)
        status = mh_cell_data(survey->image, list, 4 * (size_t)count, &elements, NULL, err);
    if (status == MH_OK)
        *ret_elements = elements;
    return status;
}

static int claim_big(struct survey *survey, const struct mh_vk *vk, struct mh_error *err)
{
    uint8_t *db;
    const uint8_t *elements = NULL;
    int status = mh_cell_data(survey->image, vk->data, MH_DB_HEADER, &db, NULL, err);
    if (status != MH_OK)
        return status;
    uint32_t segments = mh_get16(db + MH_DB_SEGMENTS);
    if (mh_get16(db) != MH_SIGNATURE_DB ||
        segments != (vk->size + MH_DB_SEGMENT_SIZE - 1) / MH_DB_SEGMENT_SIZE)
        return mh_error_set(err, MH_CORRUPT, "the cell at 0x%x does not hold big data", vk->data);
    status = claim_elements(survey, mh_get32(db + MH_DB_LIST), segments, &elements, err);
    for (uint32_t i = 0; status == MH_OK && i < segments; i++) {
        uint32_t left = vk->size - i * MH_DB_SEGMENT_SIZE;
        uint8_t *segment;
        status = claim(survey, mh_get32(elements + 4 * (size_t)i), err);
        if (status == MH_OK)
            status = mh_cell_data(survey->image, mh_get32(elements + 4 * (size_t)i),
                                  left < MH_DB_SEGMENT_SIZE ? left : MH_DB_SEGMENT_SIZE, &segment, NULL,
                                  err);
    }
    return status;
}

static int claim_value(struct survey *survey, uint32_t cell, struct mh_error *err)
{
    struct mh_vk vk = {0};
    uint8_t *data;
    int status = claim(survey, cell, err);
    if (status == MH_OK)
        status = mh_vk_read(survey->image, cell, &vk, err);
    if (status != MH_OK || vk.is_inline)
        return status;
    status = claim(survey, vk.data, err);
    if (status != MH_OK)
        return status;
    if (mh_data_is_big(survey->image, vk.size))
        return claim_big(survey, &vk, err);
    return mh_cell_data(survey->image, vk.data, vk.size, &data, NULL, err);
}

static int claim_values(struct survey *survey, const struct mh_key *key, struct mh_error *err)
{
    const uint8_t *list = NULL;
    if (key->values == 0 || (key->flags & MH_NK_FLAG_PREDEFINED))
        return MH_OK;
    int status = claim_elements(survey, key->value_list, key->values, &list, err);
    for (uint32_t i = 0; status == MH_OK && i < key->values; i++)
        status = claim_value(survey, mh_get32(list + 4 * (size_t)i), err);
    return status;
}

static int claim_lists(struct survey *survey, const struct mh_key *key, struct mh_error *err)
{
    struct mh_list list = {0};
    int status = claim(survey, key->subkey_list, err);
    if (status == MH_OK)
        status = mh_list_read(survey->image, key->subkey_list, &list, err);
    if (status != MH_OK || list.kind != MH_LIST_RI)
        return status;
    for (uint32_t i = 0; status == MH_OK && i < list.count; i++)
        status = claim(survey, mh_get32(survey->image->memory + list.elements + 4 * (size_t)i), err);
    return status;
}

static int push(struct survey *survey, struct level level, struct mh_error *err)
{
    int status = claim(survey, level.key, err);
    if (status != MH_OK)
        return status;
    if (level.depth > DEPTH_MAX)
        return mh_error_set(err, MH_CORRUPT, "keys are nested deeper than %u", DEPTH_MAX);
    if (mh_array_reserve((void **)&survey->stack, sizeof(*survey->stack), survey->stack_count,
                         &survey->stack_capacity) < 0)
        return mh_error_no_memory(err);
    survey->stack[survey->stack_count++] = level;
    return MH_OK;
}

static int push_subkey(void *context, uint32_t kind, uint32_t cell, uint32_t hint,
                       struct mh_error *err)
{
    struct survey *survey = context;
    struct mh_key key;
    (void)kind;
    (void)hint;
    int status = mh_key_read(survey->image, cell, &key, err);
    if (status != MH_OK)
        return status;
    struct mh_stored_name before = mh_key_name(&survey->before);
    struct mh_stored_name name = mh_key_name(&key);
    if (survey->before.cell != 0 && !mh_name_may_precede(&before, &name))
        return mh_error_set(err, MH_CORRUPT, "the subkeys of the key at 0x%x are not sorted",
                            survey->here.key);
    survey->before = key;
    return push(survey,
                (struct level){
                    .key = cell, .parent = survey->here.key, .depth = survey->here.depth + 1},
                err);
}

static int check_security(struct survey *survey, const struct mh_key *key, struct mh_error *err)
{
    uint8_t *sk;
    int status = is_cell(survey, key->security, err);
    if (status != MH_OK || bit_get(survey->secured, key->security))
        return status;
    status = claim(survey, key->security, err);
    if (status != MH_OK)
        return status;
    status = mh_cell_data(survey->image, key->security, MH_SK_HEADER, &sk, NULL, err);
    if (status != MH_OK)
        return status;
    if (mh_get16(sk) != MH_SIGNATURE_SK)
        return mh_error_set(err, MH_CORRUPT, "the key at 0x%x has no security descriptor", key->cell);
    bit_set(survey->secured, key->security);
    return MH_OK;
}

static int visit_key(struct survey *survey, struct mh_error *err)
{
    struct mh_key key;
    uint8_t *class_name;
    survey->here = survey->stack[--survey->stack_count];
    survey->before.cell = 0;
    int status = mh_key_read(survey->image, survey->here.key, &key, err);
    if (status == MH_OK && survey->here.depth > 0 && key.parent != survey->here.parent)
        status = mh_error_set(err, MH_CORRUPT, "the key at 0x%x names another parent", key.cell);
    if (status == MH_OK)
        status = check_security(survey, &key, err);
    if (status == MH_OK && key.class_size > 0)
        status = claim(survey, key.class_cell, err);
    if (status == MH_OK && key.class_size > 0)
        status = mh_cell_data(survey->image, key.class_cell, key.class_size, &class_name, NULL, err);
    if (status == MH_OK)
        status = claim_values(survey, &key, err);
    if (status == MH_OK && key.subkeys > 0)
        status = claim_lists(survey, &key, err);
    if (status == MH_OK)
        status = mh_subkeys_each(survey->image, &key, push_subkey, survey, err);
    return status;
}

static int walk_tree(struct survey *survey, struct mh_error *err)
{
    int status = push(survey, (struct level){.key = survey->image->base.root}, err);
    while (status == MH_OK && survey->stack_count > 0)
        status = visit_key(survey, err);
    return status;
}

int mh_survey(struct mh_image *image, struct mh_space *ret_space, struct mh_error *err)
{
    struct mh_space space = {0};
    struct survey survey = {
        .image = image,
        .cells = calloc(image->base.bins_size / 64 + 1, 1),
        .claimed = calloc(image->base.bins_size / 64 + 1, 1),
        .secured = calloc(image->base.bins_size / 64 + 1, 1),
    };
    int status = survey.cells && survey.claimed && survey.secured ? MH_OK : mh_error_no_memory(err);
    if (status == MH_OK)
        status = tile_bins(&survey, &space, err);
    if (status == MH_OK)
        status = walk_tree(&survey, err);
    free(survey.cells);
    free(survey.claimed);
    free(survey.secured);
    free(survey.stack);
    if (status != MH_OK)
        mh_space_clear(&space);
    else
        *ret_space = space;
    return status;
}
