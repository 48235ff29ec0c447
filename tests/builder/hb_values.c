/* SPDX-License-Identifier: MIT */
#include "hb_bytes.h"
#include "hb_internal.h"

#include <string.h>

#define INLINE_BIT 0x80000000u

/* `room` bytes, of which the first `size` are data. */
static uint32_t write_cell(struct hb_layout *layout, const uint8_t *data, size_t size, size_t room)
{
    uint32_t cell = hb_cells_add(&layout->cells, room);

    if (cell != HB_NIL && size != 0)
        memcpy(hb_cells_at(&layout->cells, cell), data, size);
    return cell;
}

static uint32_t write_big(struct hb_layout *layout, const struct hb_value *value)
{
    size_t count = (value->size + HB_SEGMENT - 1) / HB_SEGMENT;
    uint32_t record = hb_cells_add(&layout->cells, 8);
    uint32_t list = hb_cells_add(&layout->cells, 4 * count);

    if (count > UINT16_MAX)
        layout->cells.error = HB_ERR_SIZE;
    for (size_t i = 0; i < count; i++) {
        size_t left = value->size - i * HB_SEGMENT;
        size_t size = left < HB_SEGMENT ? left : HB_SEGMENT;
        uint32_t segment =
            write_cell(layout, value->data + i * HB_SEGMENT, size, HB_SEGMENT);

        if (segment == HB_NIL)
            return HB_NIL;
        hb_put32(hb_cells_at(&layout->cells, list) + 4 * i, segment);
    }
    if (layout->cells.error != HB_OK)
        return HB_NIL;
    memcpy(hb_cells_at(&layout->cells, record), "db", 2);
    hb_put16(hb_cells_at(&layout->cells, record) + 2, (uint16_t)count);
    hb_put32(hb_cells_at(&layout->cells, record) + 4, list);
    return record;
}

static enum hb_data_kind data_kind(const struct hb_layout *layout, const struct hb_value *value)
{
    if (value->size <= 4 && !value->no_inline)
        return HB_DATA_INLINE;
    if (value->size == 0)
        return HB_DATA_NONE;
    if (value->size > HB_SEGMENT && layout->options->minor > 3)
        return HB_DATA_BIG;
    return HB_DATA_CELL;
}

static uint32_t write_data(struct hb_layout *layout, struct hb_value *value)
{
    uint32_t cell = HB_NIL;

    value->data_kind = data_kind(layout, value);
    if (value->data_kind == HB_DATA_CELL)
        cell = write_cell(layout, value->data, value->size, value->size);
    if (value->data_kind == HB_DATA_BIG)
        cell = write_big(layout, value);
    value->at_data = cell == HB_NIL ? 0 : hb_layout_file_offset(cell);
    return cell;
}

static uint32_t write_value(struct hb_layout *layout, struct hb_value *value)
{
    size_t name_size = hb_name_stored_size(&value->name);
    bool latin1 = value->name.count != 0 && hb_name_is_latin1(&value->name);
    uint32_t cell = hb_cells_add(&layout->cells, 20 + name_size);
    uint32_t data = write_data(layout, value);
    uint8_t *vk;

    if (value->name.count > INT16_MAX)
        layout->cells.error = HB_ERR_NAME;
    if (layout->cells.error != HB_OK)
        return HB_NIL;
    value->at_vk = hb_layout_file_offset(cell);
    vk = hb_cells_at(&layout->cells, cell);
    memcpy(vk, "vk", 2);
    hb_put16(vk + 2, (uint16_t)name_size);
    hb_put32(vk + 4, value->size);
    hb_put32(vk + 8, data);
    hb_put32(vk + 12, value->type);
    hb_put16(vk + 16, (uint16_t)((latin1 ? 1 : 0) | value->vk_flags));
    hb_name_store(&value->name, vk + 20);
    if (value->data_kind == HB_DATA_INLINE) {
        hb_put32(vk + 4, value->size | INLINE_BIT);
        hb_put32(vk + 8, 0);
        memcpy(vk + 8, value->data, value->size);
        value->at_data = value->at_vk + 8;
    }
    return cell;
}

uint32_t hb_values_write(struct hb_layout *layout, struct hb_key *key)
{
    uint32_t list;

    key->at_values = 0;
    if (key->value_count == 0)
        return HB_NIL;
    list = hb_cells_add(&layout->cells, 4 * key->value_count);
    for (size_t i = 0; i < key->value_count; i++) {
        uint32_t cell = write_value(layout, key->values[i]);

        if (cell == HB_NIL)
            return HB_NIL;
        hb_put32(hb_cells_at(&layout->cells, list) + 4 * i, cell);
    }
    key->at_values = hb_layout_file_offset(list);
    return list;
}
