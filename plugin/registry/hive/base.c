/* SPDX-License-Identifier: MIT */
#include "registry/hive/base.h"

#include <string.h>

uint32_t mh_base_checksum(const uint8_t sector[MH_SECTOR])
{
    uint32_t sum = 0;
    for (size_t at = 0; at < MH_BASE_CHECKSUM; at += 4)
        sum ^= mh_get32(sector + at);
    if (sum == 0)
        return 1;
    return sum == 0xFFFFFFFFu ? 0xFFFFFFFEu : sum;
}

int mh_base_parse(const uint8_t sector[MH_SECTOR], struct mh_base *ret_base, struct mh_error *err)
{
    if (memcmp(sector, "regf", 4) != 0)
        return mh_error_set(err, MH_CORRUPT, "it does not begin as a hive does (\"regf\")");
    uint32_t major = mh_get32(sector + MH_BASE_MAJOR);
    uint32_t minor = mh_get32(sector + MH_BASE_MINOR);
    bool checksum_right = mh_get32(sector + MH_BASE_CHECKSUM) == mh_base_checksum(sector);
    bool known = major == 1 && minor >= 3 && minor <= 6;
    if (!known && !checksum_right)
        return mh_error_set(err, MH_CORRUPT, "its base block is broken");
    if (!known)
        return mh_error_set(err, MH_UNSUPPORTED,
                            "hive version %u.%u; versions 1.3 to 1.6 are understood", major, minor);
    *ret_base = (struct mh_base){
        .checksum_right = checksum_right,
        .sequence1 = mh_get32(sector + MH_BASE_SEQUENCE1),
        .sequence2 = mh_get32(sector + MH_BASE_SEQUENCE2),
        .timestamp = mh_get64(sector + MH_BASE_TIMESTAMP),
        .minor = minor,
        .type = mh_get32(sector + MH_BASE_TYPE),
        .root = mh_get32(sector + MH_BASE_ROOT),
        .bins_size = mh_get32(sector + MH_BASE_BINS_SIZE),
        .flags = mh_get32(sector + MH_BASE_FLAGS),
    };
    return MH_OK;
}

bool mh_base_clean(const struct mh_base *base)
{
    return base->checksum_right && base->sequence1 == base->sequence2;
}

void mh_base_update(uint8_t sector[MH_SECTOR], uint32_t sequence, uint64_t timestamp,
                    uint32_t bins_size)
{
    mh_put32(sector + MH_BASE_SEQUENCE1, sequence);
    mh_put32(sector + MH_BASE_SEQUENCE2, sequence);
    mh_put64(sector + MH_BASE_TIMESTAMP, timestamp);
    mh_put32(sector + MH_BASE_TYPE, MH_BASE_PRIMARY);
    mh_put32(sector + MH_BASE_BINS_SIZE, bins_size);
    mh_put32(sector + MH_BASE_CHECKSUM, mh_base_checksum(sector));
}
