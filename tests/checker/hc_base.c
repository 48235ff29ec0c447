/* SPDX-License-Identifier: MIT */
#include "hc_internal.h"

#include <inttypes.h>
#include <string.h>

static uint32_t checksum(const uint8_t *block)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < 127; i++)
        sum ^= hc_get32(block + 4 * i);
    return sum == 0 ? 1 : sum == UINT32_MAX ? UINT32_MAX - 1 : sum;
}

static void expect(struct hc_state *state, size_t at, const char *what, uint32_t wanted)
{
    uint32_t found = hc_get32(state->hive + at);

    if (found != wanted)
        hc_problem(state, at, "%s is %" PRIu32 ", not %" PRIu32, what, found, wanted);
}

static void check_sequence(struct hc_state *state)
{
    uint32_t primary = hc_get32(state->hive + 4);
    uint32_t secondary = hc_get32(state->hive + 8);

    if (primary != secondary && (state->flags & HC_DIRTY_OK) == 0)
        hc_problem(state, 4, "dirty: sequence numbers %" PRIu32 " and %" PRIu32, primary,
                   secondary);
}

static void check_size(struct hc_state *state)
{
    uint32_t size = hc_get32(state->hive + 40);

    if (size == 0 || size % 4096 != 0)
        hc_problem(state, 40, "bins size 0x%" PRIx32 " is not a multiple of 4096", size);
    else if (size > state->size - HC_BASE_SIZE)
        hc_problem(state, 40, "bins size 0x%" PRIx32 " is beyond the end of the file", size);
    else
        state->bins_size = size;
}

void hc_check_base(struct hc_state *state)
{
    if (state->size < HC_BASE_SIZE) {
        hc_problem(state, state->size, "the file is shorter than a base block");
        return;
    }
    if (memcmp(state->hive, "regf", 4) != 0) {
        hc_problem(state, 0, "no base block");
        return;
    }
    state->bins = state->hive + HC_BASE_SIZE;
    state->minor = hc_get32(state->hive + 24);
    state->root = hc_get32(state->hive + 36);
    check_sequence(state);
    expect(state, 20, "major version", 1);
    if (state->minor < 3 || state->minor > 6)
        hc_problem(state, 24, "minor version is %" PRIu32, state->minor);
    expect(state, 28, "file type", 0);
    expect(state, 32, "file format", 1);
    expect(state, 44, "clustering factor", 1);
    expect(state, 508, "base block checksum", checksum(state->hive));
    check_size(state);
}
