/* SPDX-License-Identifier: MIT */
#ifndef HB_LOG_H
#define HB_LOG_H

#include "hb_internal.h"

/* A growing file. Zeroed at first; bytes is freed by the caller. */
struct hb_buffer {
    uint8_t *bytes;
    size_t size;
};

/* One HvLE entry: pages of 4096 bytes, ascending, as they are in `image`. */
struct hb_entry {
    const struct hb_image *image;
    const size_t *pages;
    size_t page_count;
    bool unfinished; /* page 0 gets a made-up bin time, so that a later entry must win */
};

/* Whether a page of `after` is new or not the same as in `before`. */
bool hb_log_page_differs(const struct hb_image *before, const struct hb_image *after, size_t page);

/* Appends the log's base block (512 bytes), both sequence numbers being `sequence`. */
int hb_log_start(struct hb_buffer *log, const struct hb_options *options, uint32_t sequence,
                 uint32_t type, const struct hb_image *image);

/* Appends an HvLE entry. */
int hb_log_add(struct hb_buffer *log, const struct hb_entry *entry, uint32_t sequence,
               uint32_t alignment);

/* Writes a whole old-format log into an empty buffer. */
int hb_log_dirt(struct hb_buffer *log, const struct hb_options *options, uint32_t sequence,
                const struct hb_image *before, const struct hb_image *after);

#endif
