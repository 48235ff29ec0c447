/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "registry/hive/data.h"
#include "registry/hive/edit.h"

/* A cell with room for `room` bytes that holds the `size` bytes at `data`. */
static int make_plain(struct mh_edit *edit, const uint8_t *data, uint32_t size, uint32_t room,
                      uint32_t *ret_cell, struct mh_error *err)
{
    int status = mh_cell_allocate(edit->image, &edit->space, room, ret_cell, err);
    if (status == MH_OK)
        memcpy(edit->image->memory + MH_BASE_SIZE + *ret_cell + MH_CELL_HEADER, data, size);
    return status;
}

static int make_big(struct mh_edit *edit, const struct mh_value *value, uint32_t *ret_cell,
                    struct mh_error *err)
{
    uint32_t segments = (value->size + MH_DB_SEGMENT_SIZE - 1) / MH_DB_SEGMENT_SIZE;
    uint32_t list;
    uint8_t *at;
    int status = mh_cell_allocate(edit->image, &edit->space, 4 * segments, &list, err);
    for (uint32_t i = 0; status == MH_OK && i < segments; i++) {
        uint32_t done = i * MH_DB_SEGMENT_SIZE;
        uint32_t left = value->size - done;
        uint32_t segment;
        /* Windows makes the last segment's cell as large as the others, whatever is left for it. */
        status = make_plain(edit, value->data + done,
                            left < MH_DB_SEGMENT_SIZE ? left : MH_DB_SEGMENT_SIZE, MH_DB_SEGMENT_SIZE,
                            &segment, err);
        if (status == MH_OK)
            status = mh_cell_data(edit->image, list, 4 * (size_t)segments, &at, NULL, err);
        if (status == MH_OK)
            mh_put32(at + 4 * (size_t)i, segment);
    }
    if (status == MH_OK)
        status = mh_cell_allocate(edit->image, &edit->space, MH_DB_HEADER, ret_cell, err);
    if (status == MH_OK)
        status = mh_cell_data(edit->image, *ret_cell, MH_DB_HEADER, &at, NULL, err);
    if (status != MH_OK)
        return status;
    mh_put16(at, MH_SIGNATURE_DB);
    mh_put16(at + MH_DB_SEGMENTS, segments);
    mh_put32(at + MH_DB_LIST, list);
    return MH_OK;
}

int mh_edit_make_data(struct mh_edit *edit, const struct mh_value *value, uint32_t *ret_cell,
                      struct mh_error *err)
{
    if (mh_data_is_big(edit->image, value->size))
        return make_big(edit, value, ret_cell, err);
    return make_plain(edit, value->data, value->size, value->size, ret_cell, err);
}

static int free_big(struct mh_edit *edit, uint32_t cell, struct mh_error *err)
{
    uint8_t *at;
    int status = mh_cell_data(edit->image, cell, MH_DB_HEADER, &at, NULL, err);
    if (status != MH_OK)
        return status;
    uint32_t segments = mh_get16(at + MH_DB_SEGMENTS);
    uint32_t list = mh_get32(at + MH_DB_LIST);
    status = mh_cell_data(edit->image, list, 4 * (size_t)segments, &at, NULL, err);
    for (uint32_t i = 0; status == MH_OK && i < segments; i++)
        status = mh_cell_free(edit->image, &edit->space, mh_get32(at + 4 * (size_t)i), err);
    return status == MH_OK ? mh_cell_free(edit->image, &edit->space, list, err) : status;
}

int mh_edit_free_data(struct mh_edit *edit, uint32_t cell, uint32_t size, struct mh_error *err)
{
    int status = mh_data_is_big(edit->image, size) ? free_big(edit, cell, err) : MH_OK;
    return status == MH_OK ? mh_cell_free(edit->image, &edit->space, cell, err) : status;
}
