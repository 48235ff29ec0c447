/* SPDX-License-Identifier: MIT */
#include "registry/hive/image.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

int mh_image_open(const struct mh_source *source, const struct mh_base *base,
                  struct mh_image *ret_image, struct mh_error *err)
{
    if (base->type != MH_BASE_PRIMARY)
        return mh_error_set(err, MH_CORRUPT, "it is a transaction log, not a hive");
    if (base->bins_size == 0 || base->bins_size % MH_PAGE != 0)
        return mh_error_set(err, MH_CORRUPT, "its base block claims %u bytes of bins",
                            base->bins_size);
    if (source->size < MH_BASE_SIZE || base->bins_size > source->size - MH_BASE_SIZE)
        return mh_error_set(err, MH_CORRUPT,
                            "it is cut short: %llu bytes where its base block says %llu",
                            (unsigned long long)source->size,
                            (unsigned long long)MH_BASE_SIZE + base->bins_size);
    if (base->bins_size > MH_HIVE_MAX)
        return mh_error_set(err, MH_UNSUPPORTED,
                            "%u bytes of bins are more than a user's hive holds", base->bins_size);
    memset(ret_image, 0, offsetof(struct mh_image, bytes));
    ret_image->source = *source;
    ret_image->base = *base;
    ret_image->size = (size_t)MH_BASE_SIZE + base->bins_size;
    return MH_OK;
}

void mh_image_clear(struct mh_image *image)
{
    free(image->memory);
    image->memory = NULL;
}

/* What is read from the source, with the patch over it. */
static int read_source(struct mh_image *image, uint64_t offset, uint8_t *buffer, size_t length,
                       struct mh_error *err)
{
    int status = image->source.read(image->source.context, offset, buffer, length, err);
    for (size_t i = 0; status == MH_OK && i < image->patch_length; i++) {
        uint64_t at = image->patch_offset + i;
        if (at >= offset && at - offset < length)
            buffer[at - offset] = image->patch[i];
    }
    return status;
}

static const uint8_t *window_find(struct mh_image *image, uint64_t offset, size_t length)
{
    for (int i = 0; i < MH_WINDOWS; i++) {
        struct mh_window *window = &image->windows[i];
        if (offset < window->offset || offset + length > window->offset + window->length)
            continue;
        window->used = ++image->reads;
        return image->bytes[i] + (offset - window->offset);
    }
    return NULL;
}

static int window_oldest(const struct mh_image *image)
{
    int oldest = 0;
    for (int i = 1; i < MH_WINDOWS; i++)
        if (image->windows[i].used < image->windows[oldest].used)
            oldest = i;
    return oldest;
}

/* From where on to read so that a window holds what is asked for. */
static uint64_t window_start(uint64_t offset, size_t length)
{
    uint64_t start = offset - offset % MH_WINDOW_ALIGN;
    return offset + length > start + MH_WINDOW_SIZE ? offset : start;
}

static int window_fill(struct mh_image *image, uint64_t offset, size_t length,
                       const uint8_t **ret_bytes, struct mh_error *err)
{
    int i = window_oldest(image);
    struct mh_window *window = &image->windows[i];
    uint64_t start = window_start(offset, length);
    uint64_t left = image->size - start;
    size_t size = left < MH_WINDOW_SIZE ? (size_t)left : MH_WINDOW_SIZE;
    window->length = 0;
    int status = read_source(image, start, image->bytes[i], size, err);
    if (status != MH_OK)
        return status;
    *window = (struct mh_window){.offset = start, .length = size, .used = ++image->reads};
    *ret_bytes = image->bytes[i] + (offset - start);
    return MH_OK;
}

int mh_image_patch(struct mh_image *image, uint64_t offset, const void *bytes, size_t length,
                   struct mh_error *err)
{
    if (length > sizeof(image->patch) || offset > image->size || length > image->size - offset)
        return mh_error_set(err, MH_INTERNAL, "no place for a patch at 0x%llx",
                            (unsigned long long)offset);
    if (image->memory) {
        memcpy(image->memory + offset, bytes, length);
        return MH_OK;
    }
    memcpy(image->patch, bytes, length);
    image->patch_offset = offset;
    image->patch_length = length;
    for (int i = 0; i < MH_WINDOWS; i++)
        image->windows[i].length = 0;
    return MH_OK;
}

void mh_image_prime(struct mh_image *image, uint64_t offset, const uint8_t *bytes, size_t length)
{
    int i = window_oldest(image);
    size_t size = length < MH_WINDOW_SIZE ? length : MH_WINDOW_SIZE;
    image->windows[i] = (struct mh_window){.offset = offset, .length = size, .used = ++image->reads};
    memcpy(image->bytes[i], bytes, size);
}

int mh_image_read(struct mh_image *image, uint64_t offset, void *buffer, size_t length,
                  struct mh_error *err)
{
    if (offset > image->size || length > image->size - offset)
        return mh_error_set(err, MH_CORRUPT, "offset 0x%llx points beyond its end",
                            (unsigned long long)offset);
    if (image->memory) {
        memcpy(buffer, image->memory + offset, length);
        return MH_OK;
    }
    if (length > MH_WINDOW_SIZE)
        return read_source(image, offset, buffer, length, err);
    const uint8_t *bytes = window_find(image, offset, length);
    if (!bytes) {
        int status = window_fill(image, offset, length, &bytes, err);
        if (status != MH_OK)
            return status;
    }
    memcpy(buffer, bytes, length);
    return MH_OK;
}

int mh_image_load(struct mh_image *image, struct mh_error *err)
{
    if (image->memory)
        return MH_OK;
    uint8_t *memory = malloc(image->size);
    if (!memory)
        return mh_error_no_memory(err);
    int status = read_source(image, 0, memory, image->size, err);
    if (status != MH_OK) {
        free(memory);
        return status;
    }
    image->memory = memory;
    image->capacity = image->size;
    return MH_OK;
}

int mh_image_resize(struct mh_image *image, size_t size, struct mh_error *err)
{
    if (size - MH_BASE_SIZE > MH_HIVE_MAX)
        return mh_error_set(err, MH_UNSUPPORTED, "the hive would grow beyond what a user's hive holds");
    size_t have = image->capacity > image->size ? image->capacity : image->size;
    if (size > have) {
        uint8_t *memory = realloc(image->memory, size);
        if (!memory)
            return mh_error_no_memory(err);
        memset(memory + have, 0, size - have);
        image->memory = memory;
        image->capacity = size;
    }
    image->size = size;
    image->base.bins_size = (uint32_t)(size - MH_BASE_SIZE);
    return MH_OK;
}

static int cell_bounds(const struct mh_image *image, uint32_t cell, uint32_t raw_size,
                       uint32_t *ret_size, struct mh_error *err)
{
    uint32_t size = 0u - raw_size; /* allocated: stored negative */
    if ((raw_size & 0x80000000u) == 0)
        return mh_error_set(err, MH_CORRUPT, "the cell at 0x%x is in use but marked free", cell);
    if (size < MH_CELL_ALIGN || size % MH_CELL_ALIGN != 0 || size > image->base.bins_size - cell)
        return mh_error_set(err, MH_CORRUPT, "the cell at 0x%x claims %u bytes", cell, size);
    *ret_size = size - MH_CELL_HEADER;
    return MH_OK;
}

int mh_cell_find(struct mh_image *image, uint32_t cell, uint64_t *ret_offset, uint32_t *ret_size,
                 struct mh_error *err)
{
    uint8_t header[MH_CELL_HEADER] = {0};
    if (cell < MH_BIN_HEADER || cell % MH_CELL_ALIGN != 0 ||
        cell > image->base.bins_size - MH_CELL_ALIGN)
        return mh_error_set(err, MH_CORRUPT, "there can be no cell at 0x%x", cell);
    uint64_t offset = (uint64_t)MH_BASE_SIZE + cell;
    int status = mh_image_read(image, offset, header, sizeof(header), err);
    if (status == MH_OK)
        status = cell_bounds(image, cell, mh_get32(header), ret_size, err);
    if (status == MH_OK)
        *ret_offset = offset + MH_CELL_HEADER;
    return status;
}

/* mh_cell_find, and at least `least` bytes of data. */
static int find_filled(struct mh_image *image, uint32_t cell, size_t least, uint64_t *ret_offset,
                       uint32_t *ret_size, struct mh_error *err)
{
    int status = mh_cell_find(image, cell, ret_offset, ret_size, err);
    if (status == MH_OK && *ret_size < least)
        return mh_error_set(err, MH_CORRUPT, "the cell at 0x%x is too small", cell);
    return status;
}

int mh_cell_read(struct mh_image *image, uint32_t cell, void *buffer, size_t capacity, size_t least,
                 uint64_t *ret_offset, uint32_t *ret_size, struct mh_error *err)
{
    uint64_t offset = 0;
    uint32_t size = 0;
    int status = find_filled(image, cell, least, &offset, &size, err);
    if (status == MH_OK)
        status = mh_image_read(image, offset, buffer, size < capacity ? size : capacity, err);
    if (status != MH_OK)
        return status;
    if (ret_offset)
        *ret_offset = offset;
    *ret_size = size;
    return MH_OK;
}

int mh_cell_data(struct mh_image *image, uint32_t cell, size_t least, uint8_t **ret_data,
                 uint32_t *ret_size, struct mh_error *err)
{
    uint64_t offset = 0;
    uint32_t size = 0;
    int status = find_filled(image, cell, least, &offset, &size, err);
    if (status != MH_OK)
        return status;
    if (ret_size)
        *ret_size = size;
    *ret_data = image->memory + offset;
    return MH_OK;
}
