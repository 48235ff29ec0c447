/* SPDX-License-Identifier: MIT */
#include "hb_log.h"

#include "hb_bytes.h"

#include <stdlib.h>
#include <string.h>

enum { ENTRY_HEADER = 40, REFERENCE = 8, DIRT_HEADER = 4 };

static size_t round_up(size_t size, size_t unit)
{
    return (size + unit - 1) / unit * unit;
}

bool hb_log_page_differs(const struct hb_image *before, const struct hb_image *after, size_t page)
{
    size_t start = page * HB_PAGE;

    return start + HB_PAGE > before->size ||
           memcmp(before->bytes + start, after->bytes + start, HB_PAGE) != 0;
}

/* Room for `size` more bytes, zeroed; NULL when out of memory. */
static uint8_t *buffer_add(struct hb_buffer *buffer, size_t size)
{
    uint8_t *bytes = realloc(buffer->bytes, buffer->size + size);

    if (bytes == NULL)
        return NULL;
    buffer->bytes = bytes;
    bytes += buffer->size;
    memset(bytes, 0, size);
    buffer->size += size;
    return bytes;
}

int hb_log_start(struct hb_buffer *log, const struct hb_options *options, uint32_t sequence,
                 uint32_t type, const struct hb_image *image)
{
    const uint32_t both[2] = {sequence, sequence};
    uint8_t *base = buffer_add(log, HB_SECTOR);

    if (base == NULL)
        return HB_ERR_MEMORY;
    hb_base_write(base, options, both, type, image);
    return HB_OK;
}

/* Like Windows, one reference for each run of neighbouring pages. */
static size_t count_runs(const struct hb_entry *entry)
{
    size_t runs = 0;

    for (size_t i = 0; i < entry->page_count; i++)
        if (i == 0 || entry->pages[i] != entry->pages[i - 1] + 1)
            runs++;
    return runs;
}

static void put_references(uint8_t *at, const struct hb_entry *entry)
{
    at -= REFERENCE;
    for (size_t i = 0; i < entry->page_count; i++) {
        if (i == 0 || entry->pages[i] != entry->pages[i - 1] + 1) {
            at += REFERENCE;
            hb_put32(at, (uint32_t)(entry->pages[i] * HB_PAGE));
        }
        hb_put32(at + 4, hb_get32(at + 4) + HB_PAGE);
    }
}

int hb_log_add(struct hb_buffer *log, const struct hb_entry *entry, uint32_t sequence,
               uint32_t alignment)
{
    size_t runs = count_runs(entry);
    size_t exact = ENTRY_HEADER + runs * REFERENCE + entry->page_count * HB_PAGE;
    size_t size = round_up(log->size + exact, alignment) - log->size;
    uint8_t *at = buffer_add(log, size);
    uint8_t *page;

    if (at == NULL)
        return HB_ERR_MEMORY;
    memcpy(at, "HvLE", 4);
    hb_put32(at + 4, (uint32_t)size);
    hb_put32(at + 12, sequence);
    hb_put32(at + 16, (uint32_t)entry->image->size);
    hb_put32(at + 20, (uint32_t)runs);
    put_references(at + ENTRY_HEADER, entry);
    page = at + ENTRY_HEADER + runs * REFERENCE;
    for (size_t i = 0; i < entry->page_count; i++, page += HB_PAGE)
        memcpy(page, entry->image->bytes + entry->pages[i] * HB_PAGE, HB_PAGE);
    if (entry->page_count > 0 && entry->pages[0] == 0 && entry->unfinished)
        hb_put64(at + ENTRY_HEADER + runs * REFERENCE + 20, sequence);
    hb_put64(at + 24, hb_marvin(at + ENTRY_HEADER, size - ENTRY_HEADER));
    hb_put64(at + 32, hb_marvin(at, 32));
    return HB_OK;
}

int hb_log_dirt(struct hb_buffer *log, const struct hb_options *options, uint32_t sequence,
                const struct hb_image *before, const struct hb_image *after)
{
    size_t bitmap = round_up(DIRT_HEADER + after->size / HB_SECTOR / 8, HB_SECTOR);
    size_t pages = after->size / HB_PAGE;
    size_t at = HB_SECTOR;
    int error = hb_log_start(log, options, sequence, HB_BASE_TYPE_DIRT, after);

    if (error != HB_OK)
        return error;
    if (buffer_add(log, bitmap) == NULL)
        return HB_ERR_MEMORY;
    memcpy(log->bytes + at, "DIRT", DIRT_HEADER);
    for (size_t page = 0; page < pages; page++) {
        uint8_t *copy;

        if (!hb_log_page_differs(before, after, page))
            continue;
        copy = buffer_add(log, HB_PAGE);
        if (copy == NULL)
            return HB_ERR_MEMORY;
        memcpy(copy, after->bytes + page * HB_PAGE, HB_PAGE);
        log->bytes[at + DIRT_HEADER + page] = 0xFF; /* its eight sectors */
    }
    return HB_OK;
}
