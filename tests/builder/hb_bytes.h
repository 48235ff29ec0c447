/* SPDX-License-Identifier: MIT */
#ifndef HB_BYTES_H
#define HB_BYTES_H

#include <stdint.h>

/* Little-endian numbers at any address. */

static inline void hb_put16(uint8_t *at, uint16_t number)
{
    at[0] = (uint8_t)(number & 0xFF);
    at[1] = (uint8_t)(number >> 8);
}

static inline void hb_put32(uint8_t *at, uint32_t number)
{
    hb_put16(at, (uint16_t)(number & 0xFFFF));
    hb_put16(at + 2, (uint16_t)(number >> 16));
}

static inline void hb_put64(uint8_t *at, uint64_t number)
{
    hb_put32(at, (uint32_t)(number & 0xFFFFFFFF));
    hb_put32(at + 4, (uint32_t)(number >> 32));
}

static inline uint32_t hb_get32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

#endif
