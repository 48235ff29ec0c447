/* SPDX-License-Identifier: MIT */
#include "registry/hive/space.h"

#include <stdlib.h>
#include <string.h>

#include "core/array.h"

void mh_space_clear(struct mh_space *space)
{
    free(space->cells);
    *space = (struct mh_space){0};
}

static int insert_at(struct mh_space *space, size_t at, uint32_t cell, uint32_t size,
                     struct mh_error *err)
{
    if (mh_array_reserve((void **)&space->cells, sizeof(*space->cells), space->count,
                         &space->capacity) < 0)
        return mh_error_no_memory(err);
    memmove(space->cells + at + 1, space->cells + at, (space->count - at) * sizeof(*space->cells));
    space->cells[at] = (struct mh_free_cell){.cell = cell, .size = size};
    space->count++;
    return MH_OK;
}

static void remove_at(struct mh_space *space, size_t at)
{
    space->count--;
    memmove(space->cells + at, space->cells + at + 1, (space->count - at) * sizeof(*space->cells));
}

int mh_space_add(struct mh_space *space, uint32_t cell, uint32_t size, struct mh_error *err)
{
    return insert_at(space, space->count, cell, size, err);
}

static void put_size(struct mh_image *image, uint32_t cell, uint32_t raw)
{
    mh_put32(image->memory + MH_BASE_SIZE + cell, raw);
}

static size_t best_fit(const struct mh_space *space, uint32_t size)
{
    size_t best = space->count;
    for (size_t i = 0; i < space->count; i++)
        if (space->cells[i].size >= size &&
            (best == space->count || space->cells[i].size < space->cells[best].size))
            best = i;
    return best;
}

static int grow(struct mh_image *image, struct mh_space *space, uint32_t size, struct mh_error *err)
{
    uint32_t bin = image->base.bins_size;
    uint32_t bin_size = (size + MH_BIN_HEADER + MH_PAGE - 1) / MH_PAGE * MH_PAGE;
    int status = mh_image_resize(image, image->size + bin_size, err);
    if (status != MH_OK)
        return status;
    uint8_t *header = image->memory + MH_BASE_SIZE + bin;
    memcpy(header, "hbin", 4);
    mh_put32(header + MH_BIN_OFFSET, bin);
    mh_put32(header + MH_BIN_SIZE, bin_size);
    put_size(image, bin + MH_BIN_HEADER, bin_size - MH_BIN_HEADER);
    return mh_space_add(space, bin + MH_BIN_HEADER, bin_size - MH_BIN_HEADER, err);
}

int mh_cell_allocate(struct mh_image *image, struct mh_space *space, uint32_t size,
                     uint32_t *ret_cell, struct mh_error *err)
{
    uint32_t needed = (size + MH_CELL_HEADER + MH_CELL_ALIGN - 1) / MH_CELL_ALIGN * MH_CELL_ALIGN;
    size_t at = best_fit(space, needed);
    if (at == space->count) {
        int status = grow(image, space, needed, err);
        if (status != MH_OK)
            return status;
        at = space->count - 1;
    }
    struct mh_free_cell *found = &space->cells[at];
    uint32_t cell = found->cell;
    uint32_t left = found->size - needed;
    if (left == 0) {
        remove_at(space, at);
    } else {
        found->cell += needed;
        found->size = left;
        put_size(image, found->cell, left);
    }
    put_size(image, cell, 0u - needed);
    memset(image->memory + MH_BASE_SIZE + cell + MH_CELL_HEADER, 0, needed - MH_CELL_HEADER);
    *ret_cell = cell;
    return MH_OK;
}

int mh_cell_free(struct mh_image *image, struct mh_space *space, uint32_t cell,
                 struct mh_error *err)
{
    uint64_t offset;
    uint32_t data_size;
    int status = mh_cell_find(image, cell, &offset, &data_size, err);
    if (status != MH_OK)
        return status;
    size_t at = 0;
    while (at < space->count && space->cells[at].cell < cell)
        at++;
    status = insert_at(space, at, cell, data_size + MH_CELL_HEADER, err);
    if (status != MH_OK)
        return status;
    /* Bins' headers lie between the cells of different bins, so only cells of one bin ever touch. */
    struct mh_free_cell *here = &space->cells[at];
    if (at + 1 < space->count && here->cell + here->size == here[1].cell) {
        here->size += here[1].size;
        remove_at(space, at + 1);
    }
    if (at > 0 && here[-1].cell + here[-1].size == here->cell) {
        here[-1].size += here->size;
        remove_at(space, at);
        here--;
    }
    put_size(image, here->cell, here->size);
    return MH_OK;
}
