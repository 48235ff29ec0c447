/* SPDX-License-Identifier: MIT */
#ifndef MH_HIVE_SPACE_H
#define MH_HIVE_SPACE_H

#include "registry/hive/image.h"

/* A free cell. */
struct mh_free_cell {
    uint32_t cell;
    uint32_t size; /* bytes, its header counted */
};

/* The free cells of a loaded hive, sorted by offset. Zero-initialised it is empty. */
struct mh_space {
    struct mh_free_cell *cells;
    size_t count;
    size_t capacity;
};

void mh_space_clear(struct mh_space *space);

/* Appends a free cell that lies behind all others. */
int mh_space_add(struct mh_space *space, uint32_t cell, uint32_t size, struct mh_error *err);

/*
 * Allocates a cell for `size` bytes of data, all zero: from the free cell that fits best, else from a new
 * bin at the end. Pointers into the image end here.
 */
int mh_cell_allocate(struct mh_image *image, struct mh_space *space, uint32_t size,
                     uint32_t *ret_cell, struct mh_error *err);

/* Frees an allocated cell, and makes one of it and its free neighbours. */
int mh_cell_free(struct mh_image *image, struct mh_space *space, uint32_t cell,
                 struct mh_error *err);

#endif
