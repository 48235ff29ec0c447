/* SPDX-License-Identifier: MIT */
#ifndef MH_HIVE_IMAGE_H
#define MH_HIVE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapihttp/error.h"
#include "registry/hive/base.h"
#include "registry/hive/source.h"

#define MH_WINDOWS 4
#define MH_WINDOW_SIZE 2048u  /* what a window holds: a key, its list and what is beside them */
#define MH_WINDOW_ALIGN 1024u /* where it begins: what was written together lies before it as often as behind */

/* A stretch of the file kept from an earlier read; what is asked next is often beside it. */
struct mh_window {
    uint64_t offset;
    size_t length;
    uint64_t used;           /* when it last served, in reads */
};

/*
 * The bytes of one hive. At first they are read from the source, few at a time; once loaded, they are
 * all in memory, may be changed there, and the source is not asked again.
 */
struct mh_image {
    struct mh_source source;
    struct mh_base base;     /* of the hive as it is now: replayed logs and edits counted in */
    uint8_t *memory;         /* base block and bins, `size` bytes; NULL until loaded */
    size_t size;             /* base block and bins, in bytes */
    size_t capacity;         /* of memory */
    uint64_t limit;          /* replaying: the most bytes of bins that the logs can account for */
    struct mh_window windows[MH_WINDOWS];
    uint64_t reads;
    uint64_t patch_offset;   /* while not loaded: bytes that are read instead of the source's */
    size_t patch_length;
    uint8_t patch[4];
    uint8_t bytes[MH_WINDOWS][MH_WINDOW_SIZE]; /* of the windows; the last, for it is not cleared */
};

/*
 * Begins the image of `source`, whose base block is `base`: a primary file, the bins' size a multiple of
 * 4096, within MH_HIVE_MAX and within the file, or it is an error. Whether the hive is clean is the
 * caller's to judge (mh_base_clean). On failure there is nothing to clear.
 */
int mh_image_open(const struct mh_source *source, const struct mh_base *base,
                  struct mh_image *ret_image, struct mh_error *err);
void mh_image_clear(struct mh_image *image);

/* Makes known what was read of the source already: `length` bytes (as many as a window holds) at `offset`. */
void mh_image_prime(struct mh_image *image, uint64_t offset, const uint8_t *bytes, size_t length);

/* Reads `length` bytes at file offset `offset`; MH_CORRUPT beyond the bins' end. */
int mh_image_read(struct mh_image *image, uint64_t offset, void *buffer, size_t length,
                  struct mh_error *err);

/* Puts `length` bytes at file offset `offset` into what is read from now on; the source is not touched. */
int mh_image_patch(struct mh_image *image, uint64_t offset, const void *bytes, size_t length,
                   struct mh_error *err);

/* Brings everything into memory. Does nothing when it is there. */
int mh_image_load(struct mh_image *image, struct mh_error *err);

/*
 * Makes a loaded image `size` bytes long (a multiple of 4096). What is new is zero, or what stood there
 * before the image was made shorter. Cells may move in memory: pointers to them end here.
 */
int mh_image_resize(struct mh_image *image, size_t size, struct mh_error *err);

/*
 * Where the data of the allocated cell at cell offset `cell` begin: *ret_offset in the file, *ret_size
 * bytes long (the cell less its header). MH_CORRUPT when there can be no such cell.
 */
int mh_cell_find(struct mh_image *image, uint32_t cell, uint64_t *ret_offset, uint32_t *ret_size,
                 struct mh_error *err);

/*
 * The same, and reads up to `capacity` bytes of its data into `buffer`, at least `least` or it is
 * MH_CORRUPT. *ret_offset may be NULL.
 */
int mh_cell_read(struct mh_image *image, uint32_t cell, void *buffer, size_t capacity, size_t least,
                 uint64_t *ret_offset, uint32_t *ret_size, struct mh_error *err);

/* The data of an allocated cell of a loaded image: *ret_data, at least `least` bytes, of *ret_size (which
 * may be NULL). MH_CORRUPT when there is no such cell or it is smaller. */
int mh_cell_data(struct mh_image *image, uint32_t cell, size_t least, uint8_t **ret_data,
                 uint32_t *ret_size, struct mh_error *err);

#endif
