/* SPDX-License-Identifier: MIT */
#ifndef HB_INTERNAL_H
#define HB_INTERNAL_H

#include "builder.h"

#define HB_NIL UINT32_MAX

enum {
    HB_PAGE = 4096,
    HB_SECTOR = 512,
    HB_BIN_HEADER = 32,
    HB_SEGMENT = 16344, /* data bytes in one segment of a big value */
    HB_BASE_TYPE_PRIMARY = 0,
    HB_BASE_TYPE_DIRT = 1,
    HB_BASE_TYPE_HVLE = 6,
};

/* Names (hb_name.c) */

/* Sets *ret from UTF-8 text; 0 or an error. Freed with hb_name_free. */
int hb_name_set(struct hb_name *ret, const char *utf8);
void hb_name_free(struct hb_name *name);
/* Whether every unit is at most U+00FF, so that one byte each will do. */
bool hb_name_is_latin1(const struct hb_name *name);
/* Bytes of the name as stored in a cell, and the writing of them. */
size_t hb_name_stored_size(const struct hb_name *name);
void hb_name_store(const struct hb_name *name, uint8_t *at);
/* Order of Windows: by upper-cased units. */
int hb_name_compare(const struct hb_name *left, const struct hb_name *right);
uint32_t hb_name_hash(const struct hb_name *name);
void hb_name_hint(const struct hb_name *name, uint8_t hint[4]);

/* Cells (hb_cells.c) */

/* The hive bins data under construction. Offsets are relative to its start. */
struct hb_cells {
    uint8_t *bytes;
    size_t size;       /* up to the end of the current bin */
    size_t capacity;
    size_t bin;        /* start of the current bin */
    size_t used;       /* where the next cell of the current bin starts */
    size_t last_free;  /* start of the last cell if that is a free one, else 0 */
    uint64_t timestamp;
    size_t allocated;  /* cells */
    size_t expected;   /* how many cells there will be, to spread the free ones; else 0 */
    size_t free_wanted;
    size_t free_made;
    int error;         /* the first error; sticky */
};

/* A new cell with `size` zeroed bytes of contents, or HB_NIL with cells->error set. */
uint32_t hb_cells_add(struct hb_cells *cells, size_t size);
/* The contents of a cell; valid until the next hb_cells_add. */
uint8_t *hb_cells_at(const struct hb_cells *cells, uint32_t cell);
/* The next cell starts a new bin. */
void hb_cells_break(struct hb_cells *cells);
/* Ends the last bin; adds a bin of free space when the data are shorter than `least` bytes. */
void hb_cells_finish(struct hb_cells *cells, size_t least);

/* Layout (hb_layout.c, hb_lists.c, hb_values.c, hb_security.c) */

struct hb_security {
    uint32_t number; /* struct hb_key.security */
    uint32_t cell;
    uint32_t uses;
};

struct hb_layout {
    const struct hb_options *options;
    struct hb_cells cells;
    struct hb_security *securities; /* in order of first use */
    size_t security_count;
    bool spread; /* keys near the root start new bins, so that a change dirties few pages */
};

struct hb_image {
    uint8_t *bytes; /* hive bins data */
    size_t size;
    uint32_t root;
};

/* Lays out a tree. image->bytes is freed by the caller. */
int hb_layout_build(struct hb_key *root, const struct hb_options *options, bool spread,
                    size_t least, struct hb_image *ret);
/* The file offset of a cell's contents. */
uint32_t hb_layout_file_offset(uint32_t cell);

/* Writes the subkey list of a key whose subkeys are laid out; HB_NIL for none or on error. */
uint32_t hb_lists_write(struct hb_layout *layout, struct hb_key *key);
/* Writes the values of a key; returns the value list's cell or HB_NIL. */
uint32_t hb_values_write(struct hb_layout *layout, struct hb_key *key);
/* Makes sk cells for every number in the tree, then counts and links them. */
void hb_security_collect(struct hb_layout *layout, struct hb_key *root);
uint32_t hb_security_use(struct hb_layout *layout, uint32_t number);
void hb_security_finish(struct hb_layout *layout);

/* Base block (hb_base.c) */

/* Writes a base block's first 512 bytes with a right checksum. */
void hb_base_write(uint8_t *at, const struct hb_options *options, const uint32_t sequence[2],
                   uint32_t type, const struct hb_image *image);
/* Fills in the sequence numbers of the primary file. */
void hb_base_sequence(const struct hb_options *options, uint32_t ret[2]);
/* The whole primary file. */
int hb_base_file(const struct hb_options *options, const uint32_t sequence[2],
                 const struct hb_image *image, uint8_t **ret, size_t *ret_size);
/* Checks the options that every build needs. */
int hb_options_check(const struct hb_options *options);

#endif
