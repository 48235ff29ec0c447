/* SPDX-License-Identifier: MIT */
/* Input: a hive. */
#include <string.h>

#include "fuzz.h"

/* Mutations break the checksum at once; without mending it nothing behind the base block is ever reached. */
static void mend_checksum(uint8_t *bytes, size_t size)
{
    if (size >= MH_SECTOR)
        mh_put32(bytes + MH_BASE_CHECKSUM, mh_base_checksum(bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    FUZZ_REQUIRE(copy);
    memcpy(copy, bytes, size);
    mend_checksum(copy, size);
    struct mh_regf_files files = {.hive = mh_source_memory(copy, size)};
    fuzz_hive(&files);
    free(copy);
    return 0;
}
