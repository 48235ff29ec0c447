/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "registry/hive/log.h"
#include "registry/hive/marvin.h"

/* An entry's header. */
#define ENTRY_HEADER 40u
enum {
    ENTRY_SIZE = 4,
    ENTRY_SEQUENCE = 12,
    ENTRY_BINS_SIZE = 16,
    ENTRY_PAGES = 20,
    ENTRY_HASH_BODY = 24,  /* of all from offset 40 on */
    ENTRY_HASH_HEAD = 32   /* of the first 32 bytes */
};

struct entry {
    uint8_t *bytes; /* the caller frees */
    uint32_t size;
    uint32_t sequence;
};

static bool head_is_right(const uint8_t *head, uint64_t left)
{
    uint32_t size = mh_get32(head + ENTRY_SIZE);
    return memcmp(head, "HvLE", 4) == 0 && size % MH_SECTOR == 0 && size >= MH_SECTOR &&
           size <= left && mh_get64(head + ENTRY_HASH_HEAD) == mh_marvin32(head, ENTRY_HASH_HEAD);
}

/* The list of pages and the pages themselves fit into the entry. */
static bool pages_fit(const uint8_t *bytes, uint32_t size)
{
    uint64_t pages = mh_get32(bytes + ENTRY_PAGES);
    uint64_t needed = ENTRY_HEADER + 8 * pages;
    if (needed > size)
        return false;
    for (uint64_t i = 0; i < pages; i++)
        needed += mh_get32(bytes + ENTRY_HEADER + 8 * i + 4);
    return needed <= size;
}

/* Reads the entry at `offset`. *ret_entry.bytes stays NULL when there is no whole one. */
static int entry_read(const struct mh_source *source, uint64_t offset, struct entry *ret_entry,
                      struct mh_error *err)
{
    uint8_t head[ENTRY_HEADER];
    if (offset > source->size || source->size - offset < sizeof(head))
        return MH_OK;
    int status = source->read(source->context, offset, head, sizeof(head), err);
    if (status != MH_OK || !head_is_right(head, source->size - offset))
        return status;
    uint32_t size = mh_get32(head + ENTRY_SIZE);
    uint8_t *bytes = malloc(size);
    if (!bytes)
        return mh_error_no_memory(err);
    status = source->read(source->context, offset, bytes, size, err);
    if (status != MH_OK || memcmp(bytes, head, sizeof(head)) != 0 || !pages_fit(bytes, size) ||
        mh_get64(bytes + ENTRY_HASH_BODY) !=
            mh_marvin32(bytes + ENTRY_HEADER, size - ENTRY_HEADER)) {
        free(bytes);
        return status;
    }
    ret_entry->bytes = bytes;
    ret_entry->size = size;
    ret_entry->sequence = mh_get32(bytes + ENTRY_SEQUENCE);
    return MH_OK;
}

/* Calls `visit` (unless NULL) for each whole entry, as long as their sequence numbers run on. */
static int each_entry(const struct mh_log *log, uint32_t *ret_next,
                      int (*visit)(const struct entry *entry, struct mh_image *image,
                                   struct mh_error *err),
                      struct mh_image *image, struct mh_error *err)
{
    uint64_t offset = MH_SECTOR;
    uint32_t next = log->base.sequence1;
    for (;;) {
        struct entry entry = {0};
        int status = entry_read(&log->source, offset, &entry, err);
        bool follows = entry.bytes && entry.sequence == next;
        if (status == MH_OK && follows && visit)
            status = visit(&entry, image, err);
        free(entry.bytes);
        if (status != MH_OK)
            return status;
        if (!follows)
            break;
        offset += entry.size;
        next++;
    }
    *ret_next = next;
    return MH_OK;
}

int mh_log_hvle_open(struct mh_log *log, struct mh_error *err)
{
    uint32_t next;
    int status = each_entry(log, &next, NULL, NULL, err);
    if (status != MH_OK)
        return status;
    log->first = log->base.sequence1;
    log->last = next - 1;
    log->usable = next != log->first;
    return MH_OK;
}

static int entry_apply(const struct entry *entry, struct mh_image *image, struct mh_error *err)
{
    uint32_t bins_size = mh_get32(entry->bytes + ENTRY_BINS_SIZE);
    uint32_t pages = mh_get32(entry->bytes + ENTRY_PAGES);
    const uint8_t *page = entry->bytes + ENTRY_HEADER + 8 * (uint64_t)pages;
    if (!mh_log_may_grow(image, bins_size))
        return mh_error_set(err, MH_DIRTY, "log entry %u claims %u bytes of bins", entry->sequence,
                            bins_size);
    int status = mh_image_resize(image, (size_t)MH_BASE_SIZE + bins_size, err);
    if (status != MH_OK)
        return status;
    for (uint32_t i = 0; i < pages; i++) {
        uint32_t offset = mh_get32(entry->bytes + ENTRY_HEADER + 8 * (uint64_t)i);
        uint32_t size = mh_get32(entry->bytes + ENTRY_HEADER + 8 * (uint64_t)i + 4);
        if (offset > bins_size || size > bins_size - offset)
            return mh_error_set(err, MH_DIRTY, "log entry %u points out of the hive",
                                entry->sequence);
        memcpy(image->memory + MH_BASE_SIZE + offset, page, size);
        page += size;
    }
    return MH_OK;
}

int mh_log_hvle_apply(const struct mh_log *log, struct mh_image *image, struct mh_error *err)
{
    uint32_t next = log->first;
    int status = each_entry(log, &next, entry_apply, image, err);
    if (status == MH_OK && next != log->last + 1)
        return mh_error_set(err, MH_IN_USE, "its log changed while it was read; try again");
    return status;
}
