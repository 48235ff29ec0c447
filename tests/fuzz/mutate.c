/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <string.h>

#define CELLS_MAX 4096u

struct mutation {
    uint8_t *hive;
    size_t size;
    size_t max_size;
    uint64_t *random;
    uint32_t cells[CELLS_MAX]; /* file offsets of their headers */
    size_t count;
};

uint8_t *fuzz_copy(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    FUZZ_REQUIRE(copy);
    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

static uint32_t cell_size(const uint8_t *cell)
{
    uint32_t raw = mh_get32(cell);
    return raw & 0x80000000u ? 0u - raw : raw;
}

static void find_cells(struct mutation *mutation)
{
    size_t at = MH_BASE_SIZE;
    mutation->count = 0;
    while (at + MH_PAGE <= mutation->size) {
        size_t bin = mh_get32(mutation->hive + at + MH_BIN_SIZE);
        size_t end = bin == 0 || bin % MH_PAGE != 0 || bin > mutation->size - at ? at + MH_PAGE : at + bin;
        for (size_t cell = at + MH_BIN_HEADER; cell + MH_CELL_ALIGN <= end && mutation->count < CELLS_MAX;) {
            uint32_t size = cell_size(mutation->hive + cell);
            if (size < MH_CELL_ALIGN || size % MH_CELL_ALIGN != 0 || size > end - cell)
                break;
            mutation->cells[mutation->count++] = (uint32_t)cell;
            cell += size;
        }
        at = end;
    }
}

/* A cell, an allocated one most of the time. */
static uint8_t *any_cell(struct mutation *mutation)
{
    uint8_t *cell = mutation->hive + mutation->cells[kit_below(mutation->random, (uint32_t)mutation->count)];
    for (int i = 0; i < 4 && !(mh_get32(cell) & 0x80000000u); i++)
        cell = mutation->hive + mutation->cells[kit_below(mutation->random, (uint32_t)mutation->count)];
    return cell;
}

/* A number that is likely to matter where `old` stands; `room` bytes are behind it. */
static uint32_t any_number(struct mutation *mutation, uint32_t old, uint32_t room)
{
    static const uint32_t limits[] = {0, 1, 4, 8, 0x10, 0x7F, 0x80, 0xFF, 0x100, 0x200, 506, 512, 0xFFF, 0x1000,
                                      16344, 16345, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000u,
                                      0x80000001u, 0x80000004u, 0x80000005u, 0xFFFFFFF8u, 0xFFFFFFFEu, 0xFFFFFFFFu};
    uint32_t which = kit_below(mutation->random, 18);
    if (which < 6)
        return (uint32_t)(any_cell(mutation) - mutation->hive) - MH_BASE_SIZE;
    if (which < 9)
        return limits[kit_below(mutation->random, KIT_COUNT(limits))];
    if (which < 13)
        return old + kit_below(mutation->random, 5) - 2;
    if (which == 13)
        return old ^ 1u << kit_below(mutation->random, 32);
    if (which < 16)
        return which == 14 ? old + 8 : old - 8;
    return which == 16 ? kit_below(mutation->random, room + 1) : room / 4 + kit_below(mutation->random, 3) - 1;
}

static void change_field(struct mutation *mutation, uint8_t *cell)
{
    static const struct {
        char signature[3];
        uint8_t fields[14];     /* offsets in the cell's data; a list's elements begin at the last one */
        uint8_t wide;           /* how many of them have 32 bits; they come first */
        uint8_t count;
    } kinds[] = {
        {"nk", {16, 20, 28, 36, 40, 44, 48, 60, 64, 2, 52, 72, 74, 76}, 9, 14},
        {"vk", {4, 8, 12, 2, 16, 20}, 3, 6},
        {"sk", {4, 8, 12, 16, 2}, 4, 5},
        {"db", {4, 2}, 1, 2},
    };
    uint32_t room = cell_size(cell) - MH_CELL_HEADER;
    uint8_t *data = cell + MH_CELL_HEADER;
    uint32_t offset = kit_below(mutation->random, room / 4) * 4; /* of a list, or what has no signature */
    bool wide = true;
    for (size_t i = 0; i < KIT_COUNT(kinds); i++) {
        if (memcmp(data, kinds[i].signature, 2) != 0)
            continue;
        uint32_t field = kit_below(mutation->random, kinds[i].count);
        offset = kinds[i].fields[field];
        wide = field < kinds[i].wide;
    }
    if (data[0] == 'l' && offset == 0) {
        offset = 2;
        wide = false;
    }
    if (wide && offset + 4 <= room)
        mh_put32(data + offset, any_number(mutation, mh_get32(data + offset), room - offset - 4));
    else if (offset + 2 <= room)
        mh_put16(data + offset, any_number(mutation, mh_get16(data + offset), room - offset - 2));
}

static void change_data(struct mutation *mutation)
{
    uint8_t *cell = any_cell(mutation);
    uint32_t room = cell_size(cell) - MH_CELL_HEADER;
    LLVMFuzzerMutate(cell + MH_CELL_HEADER, room, room);
}

static void copy_cell(struct mutation *mutation)
{
    uint8_t *from = any_cell(mutation);
    uint8_t *to = any_cell(mutation);
    uint32_t size = cell_size(from) < cell_size(to) ? cell_size(from) : cell_size(to);
    memmove(to + MH_CELL_HEADER, from + MH_CELL_HEADER, size - MH_CELL_HEADER);
}

/* Lets a cell lead to what another of its kind leads to. */
static void share(struct mutation *mutation)
{
    const uint8_t *from = any_cell(mutation);
    uint8_t *to = any_cell(mutation);
    for (int i = 0; i < 16 && (to == from || memcmp(from + MH_CELL_HEADER, to + MH_CELL_HEADER, 2) != 0); i++)
        to = any_cell(mutation);
    uint32_t size = cell_size(from) < cell_size(to) ? cell_size(from) : cell_size(to);
    uint32_t at = 4 + 4 * kit_below(mutation->random, (size < 64 ? size : 64) / 4 - 1);
    memcpy(to + at, from + at, 4);
}

/* Splits a cell, makes one of it and the next, or frees or allocates it. */
static void change_cell(struct mutation *mutation)
{
    uint8_t *cell = any_cell(mutation);
    uint32_t size = cell_size(cell);
    uint32_t first = 8 + 8 * kit_below(mutation->random, size / 8);
    uint32_t which = kit_below(mutation->random, 4);
    size_t rest = mutation->size - (size_t)(cell - mutation->hive);
    if (which == 0 && size > first) {
        mh_put32(cell, 0u - first);
        mh_put32(cell + first, size - first);
    } else if (which == 1 && rest >= size + MH_CELL_ALIGN) {
        mh_put32(cell, 0u - (size + cell_size(cell + size)));
    } else if (which == 2) {
        mh_put32(cell, any_number(mutation, mh_get32(cell), size));
    } else {
        mh_put32(cell, 0u - mh_get32(cell));
    }
}

/* Appends a bin of one free cell and returns that; NULL when there is no room for it. */
static uint8_t *append_bin(struct mutation *mutation)
{
    uint32_t bins = mh_get32(mutation->hive + MH_BASE_BINS_SIZE);
    size_t end = MH_BASE_SIZE + (size_t)bins;
    if (end != mutation->size || mutation->max_size - end < MH_PAGE)
        return NULL;
    uint8_t *bin = mutation->hive + end;
    memset(bin, 0, MH_PAGE);
    memcpy(bin, "hbin", 4);
    mh_put32(bin + MH_BIN_OFFSET, bins);
    mh_put32(bin + MH_BIN_SIZE, MH_PAGE);
    mh_put32(bin + MH_BIN_HEADER, MH_PAGE - MH_BIN_HEADER);
    mutation->size += MH_PAGE;
    mh_put32(mutation->hive + MH_BASE_BINS_SIZE, bins + MH_PAGE);
    return bin + MH_BIN_HEADER;
}

/* Fills a list's cell with its first element, as often as it fits. */
static void repeat_element(uint8_t *data, uint32_t room)
{
    uint32_t size = data[1] == 'f' || data[1] == 'h' ? 8 : 4;
    uint32_t count = (room - 4) / size;
    for (uint32_t i = 1; i < count; i++)
        memcpy(data + 4 + (size_t)size * i, data + 4, size);
    mh_put16(data + 2, count);
}

/* Moves what a cell holds to a new, larger one, and what leads to it along, and changes it; the old one becomes free. */
static void move_cell(struct mutation *mutation)
{
    uint8_t *cell = any_cell(mutation);
    uint32_t size = cell_size(cell);
    uint32_t from = (uint32_t)(cell - mutation->hive) - MH_BASE_SIZE;
    uint8_t *larger = size < MH_PAGE - MH_BIN_HEADER ? append_bin(mutation) : NULL;
    if (!larger)
        return;
    uint32_t to = (uint32_t)(larger - mutation->hive) - MH_BASE_SIZE;
    uint8_t *data = larger + MH_CELL_HEADER;
    memcpy(data, cell + MH_CELL_HEADER, size - MH_CELL_HEADER);
    for (size_t at = MH_BASE_ROOT; at + 4 <= mutation->size; at += at == MH_BASE_ROOT ? MH_BASE_SIZE - at : 4)
        if (mh_get32(mutation->hive + at) == from)
            mh_put32(mutation->hive + at, to);
    mh_put32(larger, 0u - mh_get32(larger));
    mh_put32(cell, size);
    if ((data[0] == 'l' || memcmp(data, "ri", 2) == 0) && kit_below(mutation->random, 2) == 0)
        repeat_element(data, MH_PAGE - MH_BIN_HEADER - MH_CELL_HEADER);
    else
        change_field(mutation, larger);
}

static void change_bins(struct mutation *mutation)
{
    uint32_t bins = mh_get32(mutation->hive + MH_BASE_BINS_SIZE);
    if (kit_below(mutation->random, 3) == 0) {
        (void)append_bin(mutation);
    } else if (kit_below(mutation->random, 2) == 0) {
        mh_put32(mutation->hive + MH_BASE_BINS_SIZE, bins - MH_PAGE);
    } else {
        uint8_t *bin = mutation->hive + MH_BASE_SIZE + MH_PAGE * kit_below(mutation->random,
                                                                          (uint32_t)(mutation->size / MH_PAGE - 1));
        mh_put32(bin + MH_BIN_SIZE, any_number(mutation, mh_get32(bin + MH_BIN_SIZE), MH_PAGE));
    }
}

static void change_base(struct mutation *mutation)
{
    static const uint8_t fields[] = {MH_BASE_SEQUENCE1, MH_BASE_SEQUENCE2, MH_BASE_TIMESTAMP, MH_BASE_MAJOR,
                                     MH_BASE_MINOR,     MH_BASE_TYPE,      MH_BASE_ROOT,      MH_BASE_BINS_SIZE,
                                     MH_BASE_FLAGS};
    uint8_t *field = mutation->hive + fields[kit_below(mutation->random, KIT_COUNT(fields))];
    if (field == mutation->hive + MH_BASE_MINOR)
        mh_put32(field, 2 + kit_below(mutation->random, 6));
    else
        mh_put32(field, any_number(mutation, mh_get32(field), (uint32_t)mutation->size));
}

void fuzz_mend_base(uint8_t *sector, size_t size, uint64_t *random)
{
    if (size < MH_SECTOR || kit_below(random, 32) == 0)
        return;
    if (kit_below(random, 32) > 0)
        memcpy(sector, "regf", 4);
    if (kit_below(random, 32) > 0)
        mh_put32(sector + MH_BASE_SEQUENCE2, mh_get32(sector + MH_BASE_SEQUENCE1));
    kit_seal(sector);
}

size_t fuzz_mutate_hive(uint8_t *hive, size_t size, size_t max_size, uint64_t *random)
{
    static struct mutation mutation;
    mutation.hive = hive;
    mutation.size = size;
    mutation.max_size = max_size;
    mutation.random = random;
    if (size >= MH_BASE_SIZE + MH_PAGE)
        find_cells(&mutation);
    if (size < MH_BASE_SIZE + MH_PAGE || mutation.count == 0)
        return LLVMFuzzerMutate(hive, size, max_size);
    uint32_t which = kit_below(random, 32);
    if (which < 16)
        change_field(&mutation, any_cell(&mutation));
    else if (which < 20)
        change_data(&mutation);
    else if (which < 22)
        copy_cell(&mutation);
    else if (which < 24)
        share(&mutation);
    else if (which < 27)
        change_cell(&mutation);
    else if (which < 29)
        move_cell(&mutation);
    else if (which < 30)
        change_bins(&mutation);
    else if (which < 31)
        change_base(&mutation);
    else
        mutation.size = LLVMFuzzerMutate(hive, size, max_size);
    return mutation.size;
}
