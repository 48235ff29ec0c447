/* SPDX-License-Identifier: MIT */
#ifndef MH_FUZZ_SEEDS_H
#define MH_FUZZ_SEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Hands `taker` what the fuzzer `target` begins with, one input after the other; false when there is no such fuzzer. */
bool fuzz_seeds(const char *target, void (*taker)(const uint8_t *bytes, size_t size));

#endif
