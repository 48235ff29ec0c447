/* SPDX-License-Identifier: MIT */
#ifndef MH_CORE_ARRAY_H
#define MH_CORE_ARRAY_H

#include <stddef.h>

/*
 * Makes room for one more item in a growing array: *items (NULL at first) holds `count` items of
 * `item_size` bytes and has room for *capacity. Returns 0, or -1 when memory is out (nothing changed).
 */
int mh_array_reserve(void **items, size_t item_size, size_t count, size_t *capacity);

/* Sorts as qsort does. What is in order already, as lists made of sorted ones are, costs one look at each. */
void mh_array_sort(void *items, size_t count, size_t item_size, int (*compare)(const void *a, const void *b));

#endif
