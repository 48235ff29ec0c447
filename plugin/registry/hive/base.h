/* SPDX-License-Identifier: MIT */
#ifndef MH_HIVE_BASE_H
#define MH_HIVE_BASE_H

#include <stdbool.h>
#include <stdint.h>

#include "mapihttp/error.h"
#include "registry/hive/format.h"

/* The base block's first sector, taken apart. */
struct mh_base {
    bool checksum_right;
    uint32_t sequence1;
    uint32_t sequence2;
    uint64_t timestamp;
    uint32_t minor;
    uint32_t type;
    uint32_t root;
    uint32_t bins_size;
    uint32_t flags;
};

/* The checksum of a base block's first sector. */
uint32_t mh_base_checksum(const uint8_t sector[MH_SECTOR]);

/*
 * Takes a sector apart. MH_CORRUPT when it does not begin a hive ("regf"), MH_UNSUPPORTED for a version
 * other than 1.3 to 1.6. A wrong checksum is no error by itself: see checksum_right.
 */
int mh_base_parse(const uint8_t sector[MH_SECTOR], struct mh_base *ret_base, struct mh_error *err);

/* Its checksum is right and both sequence numbers are the same. */
bool mh_base_clean(const struct mh_base *base);

/* Writes the fields that change when a hive is saved into `sector`, and the checksum. */
void mh_base_update(uint8_t sector[MH_SECTOR], uint32_t sequence, uint64_t timestamp,
                    uint32_t bins_size);

#endif
