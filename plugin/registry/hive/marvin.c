/* SPDX-License-Identifier: MIT */
#include "registry/hive/marvin.h"

#include "registry/hive/format.h"

struct marvin {
    uint32_t low;
    uint32_t high;
};

static uint32_t rotate(uint32_t number, unsigned bits)
{
    return number << bits | number >> (32 - bits);
}

static void mix(struct marvin *state, uint32_t number)
{
    state->low += number;
    state->high ^= state->low;
    state->low = rotate(state->low, 20) + state->high;
    state->high = rotate(state->high, 9) ^ state->low;
    state->low = rotate(state->low, 27) + state->high;
    state->high = rotate(state->high, 19);
}

uint64_t mh_marvin32(const uint8_t *bytes, size_t size)
{
    struct marvin state = {.low = 0x7A4E55C5u, .high = 0x82EF4D88u};
    size_t at = 0;
    for (; size - at >= 4; at += 4)
        mix(&state, mh_get32(bytes + at));
    uint32_t last = 0x80u << (8 * (size - at));
    for (size_t i = 0; at + i < size; i++)
        last |= (uint32_t)bytes[at + i] << (8 * i);
    mix(&state, last);
    mix(&state, 0);
    return (uint64_t)state.high << 32 | state.low;
}
