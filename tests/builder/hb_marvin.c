/* SPDX-License-Identifier: MIT */
#include "hb_bytes.h"
#include "hb_internal.h"

struct marvin {
    uint32_t low;
    uint32_t high;
};

static uint32_t rotate(uint32_t number, unsigned bits)
{
    return number << bits | number >> (32 - bits);
}

static void absorb(struct marvin *state, uint32_t block)
{
    state->low += block;
    state->high ^= state->low;
    state->low = rotate(state->low, 20) + state->high;
    state->high = rotate(state->high, 9) ^ state->low;
    state->low = rotate(state->low, 27) + state->high;
    state->high = rotate(state->high, 19);
}

uint64_t hb_marvin(const uint8_t *bytes, size_t size)
{
    struct marvin state = {0x7A4E55C5, 0x82EF4D88};
    uint8_t last[4] = {0};
    size_t i;

    for (i = 0; i + 4 <= size; i += 4)
        absorb(&state, hb_get32(bytes + i));
    for (size_t left = 0; i + left < size; left++)
        last[left] = bytes[i + left];
    last[size % 4] = 0x80;
    absorb(&state, hb_get32(last));
    absorb(&state, 0);
    return (uint64_t)state.high << 32 | state.low;
}
