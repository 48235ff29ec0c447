/* SPDX-License-Identifier: MIT */
#include "core/array.h"

#include <stdint.h>
#include <stdlib.h>

int mh_array_reserve(void **items, size_t item_size, size_t count, size_t *capacity)
{
    if (count < *capacity)
        return 0;
    size_t wanted = *capacity ? *capacity * 2 : 8;
    if (wanted > SIZE_MAX / item_size)
        return -1;
    void *grown = realloc(*items, wanted * item_size);
    if (!grown)
        return -1;
    *items = grown;
    *capacity = wanted;
    return 0;
}
