/* SPDX-License-Identifier: MIT */
/* Input: three edits (EDITS of struct fuzz_edit, little-endian), then a hive. It is edited, and checked after each edit. */
#include <string.h>

#include "fuzz.h"

#define EDITS 3u
#define HEAD (EDITS * 4u)

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t max_size, unsigned seed)
{
    uint64_t random = seed + 1ull;
    if (size < HEAD)
        return LLVMFuzzerMutate(bytes, size, max_size);
    if (kit_below(&random, 3) == 0) {
        uint8_t *edit = bytes + 4 * kit_below(&random, EDITS);
        edit[kit_below(&random, 4)] = (uint8_t)kit_random(&random);
        edit[0] = (uint8_t)kit_below(&random, FUZZ_EDIT_KINDS);
    } else {
        size = HEAD + fuzz_mutate_hive(bytes + HEAD, size - HEAD, max_size - HEAD, &random);
        fuzz_mend_base(bytes + HEAD, size - HEAD, &random);
    }
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_edit edits[EDITS];
    if (size < HEAD)
        return 0;
    for (size_t i = 0; i < EDITS; i++)
        edits[i] = (struct fuzz_edit){bytes[4 * i], bytes[4 * i + 1], mh_get16(bytes + 4 * i + 2)};
    uint8_t *copy = fuzz_copy(bytes + HEAD, size - HEAD);
    struct kit_files files = kit_files(copy, size - HEAD);
    fuzz_edit(&files, edits, EDITS);
    free(copy);
    return 0;
}
