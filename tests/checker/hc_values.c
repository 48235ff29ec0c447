/* SPDX-License-Identifier: MIT */
#include "hc_internal.h"

#include <inttypes.h>
#include <string.h>

enum { VK_LATIN1 = 1 };

#define INLINE_BIT 0x80000000u

/* Windows makes all segments equally large, the last one too. */
static void check_segments(struct hc_state *state, const struct hc_cell *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct hc_cell segment;

        if (!hc_cell_take(state, list->offset + 4 * i, hc_get32(list->at + 4 * i), "data segment",
                          &segment))
            continue;
        if (segment.size < HC_SEGMENT)
            hc_problem(state, segment.offset, "data segment holds %zu of %d bytes", segment.size,
                       HC_SEGMENT);
    }
}

static void check_big(struct hc_state *state, const struct hc_cell *record, uint32_t size)
{
    size_t wanted = (size_t)size / HC_SEGMENT + (size % HC_SEGMENT != 0);
    size_t count;
    struct hc_cell list;

    if (record->size < 8 || memcmp(record->at, "db", 2) != 0) {
        hc_problem(state, record->offset, "no db record for %" PRIu32 " bytes of data", size);
        return;
    }
    count = hc_get16(record->at + 2);
    if (count != wanted) {
        hc_problem(state, record->offset + 2, "%zu data segments, not %zu", count, wanted);
        count = count < wanted ? count : wanted;
    }
    if (!hc_cell_take(state, record->offset + 4, hc_get32(record->at + 4), "segment list", &list))
        return;
    if (list.size < 4 * count) {
        hc_problem(state, list.offset, "%zu segments do not fit in their list", count);
        count = list.size / 4;
    }
    check_segments(state, &list, count);
}

static void check_data(struct hc_state *state, const struct hc_cell *vk)
{
    uint32_t size = hc_get32(vk->at + 4);
    struct hc_cell data;

    if ((size & INLINE_BIT) != 0) {
        if ((size & ~INLINE_BIT) > 4)
            hc_problem(state, vk->offset + 4, "inline data of %" PRIu32 " bytes",
                       size & ~INLINE_BIT);
        return;
    }
    if (size == 0 || !hc_cell_take(state, vk->offset + 8, hc_get32(vk->at + 8), "data", &data))
        return;
    if (size > HC_SEGMENT && state->minor > 3)
        check_big(state, &data, size);
    else if (size > data.size)
        hc_problem(state, vk->offset + 4, "data of %" PRIu32 " bytes do not fit in their cell of "
                   "%zu", size, data.size);
}

/* The value's name in bytes of UTF-16, and its data size, for the key's maxima. */
struct largest {
    size_t name;
    uint32_t data;
};

static void check_value(struct hc_state *state, uint64_t from, uint32_t cell,
                        struct largest *largest)
{
    struct hc_cell vk;
    size_t length;
    bool latin1;

    if (!hc_cell_take(state, from, cell, "value", &vk))
        return;
    if (vk.size < HC_VK_HEADER || memcmp(vk.at, "vk", 2) != 0) {
        hc_problem(state, vk.offset, "no value record here");
        return;
    }
    state->report->values++;
    length = hc_get16(vk.at + 2);
    latin1 = (hc_get16(vk.at + 16) & VK_LATIN1) != 0;
    if (length > vk.size - HC_VK_HEADER)
        hc_problem(state, vk.offset + 2, "value name of %zu bytes does not fit", length);
    if (!latin1 && length % 2 != 0)
        hc_problem(state, vk.offset + 2, "value name length is %zu", length);
    if (latin1)
        length *= 2;
    if (length > largest->name)
        largest->name = length;
    if ((hc_get32(vk.at + 4) & ~INLINE_BIT) > largest->data)
        largest->data = hc_get32(vk.at + 4) & ~INLINE_BIT;
    check_data(state, &vk);
}

void hc_check_values(struct hc_state *state, const struct hc_nk *nk)
{
    const struct hc_cell *key = &nk->cell;
    uint32_t count = hc_get32(key->at + 36);
    struct largest largest = {0, 0};
    struct hc_cell list;

    if (count == 0) {
        if (hc_get32(key->at + 40) != HC_NIL)
            hc_problem(state, key->offset + 40, "a value list without values");
        return;
    }
    if (!hc_cell_take(state, key->offset + 40, hc_get32(key->at + 40), "value list", &list))
        return;
    if (count > list.size / 4) {
        hc_problem(state, key->offset + 36, "%" PRIu32 " values do not fit in their list", count);
        count = (uint32_t)(list.size / 4);
    }
    for (uint32_t i = 0; i < count; i++)
        check_value(state, list.offset + 4 * (uint64_t)i, hc_get32(list.at + 4 * (size_t)i), &largest);
    if (largest.name > hc_get32(key->at + 60))
        hc_problem(state, key->offset + 60, "longest value name is %zu bytes, not %" PRIu32,
                   largest.name, hc_get32(key->at + 60));
    if (largest.data > hc_get32(key->at + 64))
        hc_problem(state, key->offset + 64, "largest data are %" PRIu32 " bytes, not %" PRIu32,
                   largest.data, hc_get32(key->at + 64));
}
