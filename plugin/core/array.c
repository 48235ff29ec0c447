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

void mh_array_sort(void *items, size_t count, size_t item_size, int (*compare)(const void *a, const void *b))
{
    const char *at = items;
    size_t in_order = 1;
    while (in_order < count && compare(at, at + item_size) <= 0) {
        in_order++;
        at += item_size;
    }
    if (in_order < count)
        qsort(items, count, item_size, compare);
}
