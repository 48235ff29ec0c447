/* SPDX-License-Identifier: MIT */
/* Input: the sizes of a hive and a first log (u32 each), then the hive, the log and a second log. */
#include <string.h>

#include "fuzz.h"

struct input {
    struct mh_source logs[2];
};

static int give_logs(void *context, struct mh_source *ret_sources, size_t *ret_count,
                     struct mh_error *err)
{
    const struct input *input = context;
    (void)err;
    ret_sources[0] = input->logs[0];
    ret_sources[1] = input->logs[1];
    *ret_count = 2;
    return MH_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 8)
        return 0;
    size_t left = size - 8;
    size_t hive = mh_get32(bytes) % (left + 1);
    size_t first = mh_get32(bytes + 4) % (left - hive + 1);
    const uint8_t *at = bytes + 8;
    struct input input = {.logs = {mh_source_memory(at + hive, first),
                                   mh_source_memory(at + hive + first, left - hive - first)}};
    struct mh_regf_files files = {
        .hive = mh_source_memory(at, hive), .logs = give_logs, .context = &input};
    fuzz_hive(&files);
    return 0;
}
