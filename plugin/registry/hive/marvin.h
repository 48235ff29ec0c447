/* SPDX-License-Identifier: MIT */
#ifndef MH_HIVE_MARVIN_H
#define MH_HIVE_MARVIN_H

#include <stddef.h>
#include <stdint.h>

/* Marvin32 of `size` bytes with the seed that transaction logs use (82EF4D887A4E55C5). */
uint64_t mh_marvin32(const uint8_t *bytes, size_t size);

#endif
