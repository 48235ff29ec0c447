/* SPDX-License-Identifier: MIT */
#ifndef MH_HIVE_LOG_H
#define MH_HIVE_LOG_H

#include "registry/hive/image.h"

#define MH_LOGS 3u /* NTUSER.DAT.LOG1, .LOG2, .LOG */

/*
 * A transaction log: "HvLE" since Windows 8.1 (entries, each with a sequence number and hashes, each a
 * set of pages), "DIRT" before (one bitmap, one set of sectors).
 */
struct mh_log {
    struct mh_source source;
    struct mh_base base;    /* its own copy of the hive's */
    uint8_t sector[MH_SECTOR];
    bool usable;            /* its base block is right, and it holds something */
    uint32_t first;         /* HvLE: sequence number of its first entry */
    uint32_t last;          /* HvLE: of the last one that is whole */
};

/* HvLE: reads and checks every entry in turn; what follows a broken one is not part of the log. */
int mh_log_hvle_open(struct mh_log *log, struct mh_error *err);
/* Applies the entries to a loaded image. MH_DIRTY when one points out of the hive. */
int mh_log_hvle_apply(const struct mh_log *log, struct mh_image *image, struct mh_error *err);

/* DIRT: checks that all its sectors are there. */
int mh_log_dirt_open(struct mh_log *log, struct mh_error *err);
int mh_log_dirt_apply(const struct mh_log *log, struct mh_image *image, struct mh_error *err);

/*
 * Opens a log of either format. Only failing to read or memory is an error: one that is empty, no log, or
 * broken is opened with `usable` false.
 */
int mh_log_open(const struct mh_source *source, struct mh_log *ret_log, struct mh_error *err);

/*
 * Whether logs may make the bins of the hive `bins_size` long: what is new in a hive must stand in its logs,
 * so that small ones cannot ask for much memory (image->limit).
 */
bool mh_log_may_grow(const struct mh_image *image, uint32_t bins_size);

/* The highest sequence number of the entries that count in a log: what is written after must go beyond. */
uint32_t mh_log_highest(const struct mh_log *log);

/*
 * The hive in `source` with its logs replayed: loaded, in memory only, its base block clean.
 *
 * base   the hive's own base block, or NULL when that is broken (the log's copy is used then).
 * logs   `count` opened logs, in any order.
 *
 * MH_DIRTY when no log brings the hive up to date: never a guess.
 */
int mh_logs_replay(const struct mh_source *source, const struct mh_base *base,
                   const struct mh_log *logs, size_t count, struct mh_image *ret_image,
                   struct mh_error *err);

#endif
