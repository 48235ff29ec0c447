/* SPDX-License-Identifier: MIT */
#include "registry/hive/source.h"

#include <string.h>

static int read_memory(void *context, uint64_t offset, void *buffer, size_t length,
                       struct mh_error *err)
{
    (void)err;
    memcpy(buffer, (const uint8_t *)context + offset, length);
    return MH_OK;
}

struct mh_source mh_source_memory(const void *bytes, size_t size)
{
    return (struct mh_source){.read = read_memory, .context = (void *)bytes, .size = size};
}
