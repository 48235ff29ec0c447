/* SPDX-License-Identifier: MIT */
#ifndef MH_TESTS_MEMORY_H
#define MH_TESTS_MEMORY_H

/*
 * Memory that is out when a test says so. A program that is linked with it (test_memory in CMakeLists.txt) asks here
 * for all that it and jansson allocate, but what the system's own functions do. jansson's parser is given what it
 * asks for, or is not begun, unless a test says otherwise: it goes on without what it cannot have. Nothing is flushed
 * to the device.
 */

#include <stdbool.h>
#include <stddef.h>

/* Whether jansson's parser is given what it asks for. It runs past the end of a string whose last quote it dropped, and
 * ends the process at a number whose end it dropped: a request for which it is not spared has no string whose length
 * with both quotes is a power of two, and no number of more than 14 characters. */
void memory_spare_parser(bool spare);

/* From now on allocations `first` to `last` fail, counted from 1; 0: none does. */
void memory_begin(size_t first, size_t last);

/* The end of it. Returns how many failed; *ret_count: how many were asked for, *ret_kept: how many blocks more are
 * there than at the beginning. */
size_t memory_end(size_t *ret_count, long *ret_kept);

#endif
