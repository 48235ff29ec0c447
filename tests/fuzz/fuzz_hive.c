/* SPDX-License-Identifier: MIT */
/* Input: a hive. It is read. */
#include "fuzz.h"

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t max_size, unsigned seed)
{
    uint64_t random = seed + 1ull;
    size = fuzz_mutate_hive(bytes, size, max_size, &random);
    fuzz_mend_base(bytes, size, &random);
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = fuzz_copy(bytes, size);
    struct kit_files files = kit_files(copy, size);
    fuzz_read(&files);
    free(copy);
    return 0;
}
