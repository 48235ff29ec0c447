/* SPDX-License-Identifier: MIT */
#include "hb_bytes.h"
#include "hb_internal.h"

#include <stdlib.h>
#include <string.h>

enum { HIVE_LIMIT = 0x7FFF0000 };

static size_t round_up(size_t size, size_t unit)
{
    return (size + unit - 1) / unit * unit;
}

static bool reserve(struct hb_cells *cells, size_t size)
{
    size_t capacity = cells->capacity < 65536 ? 65536 : cells->capacity;
    uint8_t *bytes;

    if (size > HIVE_LIMIT) {
        cells->error = HB_ERR_SIZE;
        return false;
    }
    while (capacity < size)
        capacity *= 2;
    if (capacity == cells->capacity)
        return true;
    bytes = realloc(cells->bytes, capacity);
    if (bytes == NULL) {
        cells->error = HB_ERR_MEMORY;
        return false;
    }
    memset(bytes + cells->capacity, 0, capacity - cells->capacity);
    cells->bytes = bytes;
    cells->capacity = capacity;
    return true;
}

/* Windows joins neighbouring free cells, so what is left of a bin goes to a free cell before it. */
static void end_bin(struct hb_cells *cells)
{
    size_t start = cells->last_free != 0 ? cells->last_free : cells->used;

    if (cells->used < cells->size)
        hb_put32(cells->bytes + start, (uint32_t)(cells->size - start));
    cells->used = cells->size;
    cells->last_free = 0;
}

static bool start_bin(struct hb_cells *cells, size_t cell_size)
{
    size_t start = cells->size;
    size_t size = round_up(cell_size + HB_BIN_HEADER, HB_PAGE);
    uint8_t *header;

    end_bin(cells);
    if (!reserve(cells, start + size))
        return false;
    header = cells->bytes + start;
    memcpy(header, "hbin", 4);
    hb_put32(header + 4, (uint32_t)start);
    hb_put32(header + 8, (uint32_t)size);
    if (start == 0)
        hb_put64(header + 20, cells->timestamp);
    cells->bin = start;
    cells->size = start + size;
    cells->used = start + HB_BIN_HEADER;
    return true;
}

/* Free cells go where the share of cells made passes the share of free cells made. */
static void scatter(struct hb_cells *cells)
{
    static const uint16_t sizes[] = {16, 72, 32, 256, 24, 128, 48, 200, 96, 40};
    size_t size;

    if (cells->expected == 0 || cells->free_made >= cells->free_wanted)
        return;
    if (cells->free_wanted < cells->expected &&
        cells->free_made * cells->expected > (cells->allocated - 1) * cells->free_wanted)
        return;
    size = sizes[cells->free_made % (sizeof(sizes) / sizeof(sizes[0]))];
    if (cells->size - cells->used < size)
        size = cells->size - cells->used;
    if (size < 16)
        return;
    hb_put32(cells->bytes + cells->used, (uint32_t)size);
    cells->last_free = cells->used;
    cells->used += size;
    cells->free_made++;
}

uint32_t hb_cells_add(struct hb_cells *cells, size_t size)
{
    size_t whole = round_up(size + 4, 8);
    uint32_t cell;

    if (cells->error != HB_OK)
        return HB_NIL;
    if (whole > HIVE_LIMIT) {
        cells->error = HB_ERR_SIZE;
        return HB_NIL;
    }
    if (whole > cells->size - cells->used && !start_bin(cells, whole))
        return HB_NIL;
    cell = (uint32_t)cells->used;
    hb_put32(cells->bytes + cell, 0u - (uint32_t)whole);
    cells->used += whole;
    cells->last_free = 0;
    cells->allocated++;
    scatter(cells);
    return cell;
}

uint8_t *hb_cells_at(const struct hb_cells *cells, uint32_t cell)
{
    return cells->bytes + cell + 4;
}

void hb_cells_break(struct hb_cells *cells)
{
    end_bin(cells);
}

void hb_cells_finish(struct hb_cells *cells, size_t least)
{
    if (cells->error == HB_OK && cells->size < least)
        start_bin(cells, least - cells->size - HB_BIN_HEADER);
    end_bin(cells);
}
