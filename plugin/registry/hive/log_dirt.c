/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "registry/hive/log.h"

/* "DIRT", then one bit for each sector of the bins, then the sectors that are set, from a sector's start. */
#define BITMAP_OFFSET (MH_SECTOR + 4u)

static uint64_t sectors_offset(const struct mh_log *log)
{
    uint64_t end = BITMAP_OFFSET + (uint64_t)log->base.bins_size / MH_SECTOR / 8;
    return (end + MH_SECTOR - 1) / MH_SECTOR * MH_SECTOR;
}

static bool bit(const uint8_t *bitmap, uint64_t at)
{
    return bitmap[at / 8] >> (at % 8) & 1;
}

/* The bitmap, on the heap. */
static int bitmap_read(const struct mh_log *log, uint8_t **ret_bitmap, struct mh_error *err)
{
    size_t size = log->base.bins_size / MH_SECTOR / 8;
    uint8_t *bitmap = malloc(size);
    if (!bitmap)
        return mh_error_no_memory(err);
    int status = log->source.read(log->source.context, BITMAP_OFFSET, bitmap, size, err);
    if (status != MH_OK)
        free(bitmap);
    else
        *ret_bitmap = bitmap;
    return status;
}

int mh_log_dirt_open(struct mh_log *log, struct mh_error *err)
{
    uint8_t signature[4];
    const struct mh_base *base = &log->base;
    if (base->bins_size == 0 || base->bins_size % MH_PAGE != 0 || base->bins_size > MH_HIVE_MAX ||
        sectors_offset(log) > log->source.size)
        return MH_OK;
    int status = log->source.read(log->source.context, MH_SECTOR, signature, sizeof(signature), err);
    if (status != MH_OK || memcmp(signature, "DIRT", 4) != 0)
        return status;
    uint8_t *bitmap = NULL;
    status = bitmap_read(log, &bitmap, err);
    if (status != MH_OK)
        return status;
    uint64_t set = 0;
    for (uint64_t at = 0; at < base->bins_size / MH_SECTOR; at++)
        set += bit(bitmap, at);
    free(bitmap);
    log->usable = set > 0 && set <= (log->source.size - sectors_offset(log)) / MH_SECTOR;
    return MH_OK;
}

int mh_log_dirt_apply(const struct mh_log *log, struct mh_image *image, struct mh_error *err)
{
    uint64_t from = sectors_offset(log);
    uint8_t *bitmap = NULL;
    if (!mh_log_may_grow(image, log->base.bins_size))
        return mh_error_set(err, MH_DIRTY, "its log claims %u bytes of bins", log->base.bins_size);
    int status = mh_image_resize(image, (size_t)MH_BASE_SIZE + log->base.bins_size, err);
    if (status == MH_OK)
        status = bitmap_read(log, &bitmap, err);
    if (status != MH_OK)
        return status;
    for (uint64_t at = 0; status == MH_OK && at < log->base.bins_size / MH_SECTOR; at++) {
        if (!bit(bitmap, at))
            continue;
        status = log->source.read(log->source.context, from,
                                  image->memory + MH_BASE_SIZE + at * MH_SECTOR, MH_SECTOR, err);
        from += MH_SECTOR;
    }
    free(bitmap);
    return status;
}
