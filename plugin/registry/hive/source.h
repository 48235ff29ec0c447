/* SPDX-License-Identifier: MIT */
#ifndef MH_HIVE_SOURCE_H
#define MH_HIVE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "mapihttp/error.h"

/*
 * Where the bytes of a hive or a log come from: the seam between the engine and files. Reading is
 * bounded and goes through here alone.
 */
struct mh_source {
    /*
     * Reads exactly `length` bytes at `offset` (both within `size`) into `buffer`. A file that became
     * shorter meanwhile is MH_IN_USE, a failing device MH_IO.
     */
    int (*read)(void *context, uint64_t offset, void *buffer, size_t length, struct mh_error *err);
    void *context;
    uint64_t size; /* bytes */
};

/* A source over `size` bytes in memory, which must outlive it. */
struct mh_source mh_source_memory(const void *bytes, size_t size);

#endif
