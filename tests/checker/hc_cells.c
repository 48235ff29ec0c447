/* SPDX-License-Identifier: MIT */
#include "hc_internal.h"

#include <inttypes.h>
#include <string.h>

static uint64_t file_offset(uint32_t cell)
{
    return (uint64_t)cell + HC_BASE_SIZE;
}

/* The number of bytes a cell takes. */
static uint32_t cell_size(const struct hc_state *state, uint32_t cell)
{
    uint32_t size = hc_get32(state->bins + cell);

    return size > INT32_MAX ? 0u - size : size;
}

/* Marks one cell; 0 when it is broken, so that nothing after it in the bin can be found. */
static uint32_t check_cell(struct hc_state *state, uint32_t cell, uint32_t end)
{
    bool allocated = hc_get32(state->bins + cell) > INT32_MAX;
    uint32_t size = cell_size(state, cell);

    if (size < 8 || size % 8 != 0) {
        hc_problem(state, file_offset(cell), "cell size %" PRIu32 " is not a multiple of 8", size);
        return 0;
    }
    if (size > end - cell) {
        hc_problem(state, file_offset(cell), "cell of %" PRIu32 " bytes crosses the end of its bin",
                   size);
        return 0;
    }
    state->marks[cell / 8] = allocated ? HC_MARK_ALLOCATED : HC_MARK_FREE;
    if (allocated) {
        state->report->cells++;
    } else {
        state->report->free_cells++;
        state->report->free_bytes += size;
    }
    return size;
}

static void check_cells(struct hc_state *state, uint32_t bin, uint32_t size)
{
    uint32_t cell = bin + HC_BIN_HEADER;
    bool after_free = false;

    while (cell < bin + size) {
        uint32_t taken = check_cell(state, cell, bin + size);
        bool is_free = state->marks[cell / 8] == HC_MARK_FREE;

        if (taken == 0)
            return;
        if (is_free && after_free)
            state->report->free_neighbours++;
        after_free = is_free;
        cell += taken;
    }
}

void hc_check_bins(struct hc_state *state)
{
    uint32_t bin = 0;

    while (bin < state->bins_size) {
        const uint8_t *header = state->bins + bin;
        uint32_t size = hc_get32(header + 8);

        if (memcmp(header, "hbin", 4) != 0) {
            hc_problem(state, file_offset(bin), "no bin here");
            return;
        }
        if (hc_get32(header + 4) != bin)
            hc_problem(state, file_offset(bin) + 4, "bin says it is at 0x%" PRIx32
                       ", not 0x%" PRIx32, hc_get32(header + 4), bin);
        if (size == 0 || size % 4096 != 0 || size > state->bins_size - bin) {
            hc_problem(state, file_offset(bin) + 8, "bin size is 0x%" PRIx32, size);
            return;
        }
        state->report->bins++;
        check_cells(state, bin, size);
        bin += size;
    }
}

bool hc_cell_look(struct hc_state *state, uint64_t from, uint32_t cell, const char *what,
                  struct hc_cell *ret)
{
    if (cell == HC_NIL) {
        hc_problem(state, from, "no %s", what);
        return false;
    }
    if (cell >= state->bins_size || cell % 8 != 0 ||
        (state->marks[cell / 8] & HC_MARK_ALLOCATED) == 0) {
        bool is_free = cell < state->bins_size && cell % 8 == 0 && state->marks[cell / 8] != 0;

        hc_problem(state, from, "%s at 0x%" PRIx32 " is %s", what, cell,
                   is_free ? "a free cell" : "no cell");
        return false;
    }
    ret->cell = cell;
    ret->at = state->bins + cell + 4;
    ret->size = cell_size(state, cell) - 4;
    ret->offset = file_offset(cell) + 4;
    return true;
}

bool hc_cell_take(struct hc_state *state, uint64_t from, uint32_t cell, const char *what,
                  struct hc_cell *ret)
{
    if (!hc_cell_look(state, from, cell, what, ret))
        return false;
    if ((state->marks[cell / 8] & HC_MARK_REACHED) != 0) {
        hc_problem(state, from, "%s at 0x%" PRIx32 " is in use for something else", what, cell);
        return false;
    }
    state->marks[cell / 8] |= HC_MARK_REACHED;
    return true;
}

/* For a text: two printable characters, as most cells begin with their kind. */
static void describe(const struct hc_state *state, uint32_t cell, char ret[3])
{
    for (int i = 0; i < 2; i++) {
        uint8_t byte = state->bins[cell + 4 + (uint32_t)i];

        ret[i] = '.';
        if (byte > ' ' && byte < 0x7F)
            ret[i] = (char)byte;
    }
    ret[2] = '\0';
}

void hc_check_leaks(struct hc_state *state)
{
    for (uint32_t cell = 0; cell < state->bins_size; cell += 8) {
        char kind[3];

        if ((state->marks[cell / 8] & (HC_MARK_ALLOCATED | HC_MARK_REACHED)) != HC_MARK_ALLOCATED)
            continue;
        state->report->leaks++;
        state->report->leaked_bytes += cell_size(state, cell);
        if ((state->flags & HC_ALLOW_LEAKS) != 0)
            continue;
        describe(state, cell, kind);
        hc_problem(state, file_offset(cell), "leak: nothing refers to this cell of %" PRIu32
                   " bytes (\"%s\")", cell_size(state, cell), kind);
    }
}
