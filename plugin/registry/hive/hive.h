/* SPDX-License-Identifier: MIT */
#ifndef MH_HIVE_HIVE_H
#define MH_HIVE_HIVE_H

/*
 * The hive engine: one hive file, read and changed. It knows bytes and sources, not files: who opens it
 * says where the bytes come from, and carries out what mh_regf_change describes.
 */

#include "mapihttp/value.h"
#include "registry/hive/key.h"
#include "registry/hive/log.h"

/* Where the bytes of a hive and its logs come from. */
struct mh_regf_files {
    struct mh_source hive;
    /*
     * Opens the transaction logs, up to MH_LOGS, as sources that last as long as the hive is open; called
     * once at the most, and only when they matter. *ret_count may be 0.
     */
    int (*logs)(void *context, struct mh_source *ret_sources, size_t *ret_count,
                struct mh_error *err);
    void *context;
};

struct mh_regf;

/*
 * Opens a hive: reads its base block, and when it is not clean, its logs, which are replayed in memory.
 * MH_DIRTY, MH_CORRUPT, MH_UNSUPPORTED as the contract tells. The caller closes it.
 */
int mh_regf_open(const struct mh_regf_files *files, struct mh_regf **ret_regf, struct mh_error *err);
void mh_regf_close(struct mh_regf *regf);

/* It was not clean, and what is read are its logs replayed. */
bool mh_regf_recovered(const struct mh_regf *regf);

/* For reading keys beside our value: see key.h and data.h. Belongs to the hive. */
struct mh_image *mh_regf_image(struct mh_regf *regf);

/* The value at `path`, `name`; absent when it or a key on the way is not there. The caller clears it. */
int mh_regf_read(struct mh_regf *regf, const char *path, const char *name,
                 struct mh_value *ret_value, struct mh_error *err);

/*
 * Sets or removes (an absent `value`) the value, in memory. An inline REG_DWORD that becomes another, in
 * a clean hive, is a patch of four bytes; all else goes through the whole hive first (mh_survey) and
 * gives a new image. `now` is a FILETIME. After an error the hive can only be closed.
 *
 * `path` and `name` must last until the hive is closed.
 *
 * MH_DIRTY when transactions are pending (KTM), MH_UNSUPPORTED where this version cannot be changed safely.
 */
int mh_regf_change(struct mh_regf *regf, const char *path, const char *name,
                   const struct mh_value *value, uint64_t now, struct mh_error *err);

enum mh_regf_kind {
    MH_REGF_SAME,  /* nothing was changed */
    MH_REGF_PATCH, /* `size` bytes at file offset `offset` */
    MH_REGF_IMAGE  /* the whole file: these bytes, then what the old file holds from `tail` on */
};

/* What has to be written so that the change lasts. `bytes` belong to the hive. */
struct mh_regf_output {
    enum mh_regf_kind kind;
    uint64_t offset;
    const uint8_t *bytes;
    size_t size;
    uint64_t tail; /* MH_REGF_IMAGE: where what follows the bins begins; the file's size when nothing does */
};

/*
 * Finishes the base block (a sequence number beyond all logs'), goes through the new image once more, reads
 * the value back from it, and describes what is to be written. MH_INTERNAL when anything is not as it
 * should be.
 */
int mh_regf_output(struct mh_regf *regf, uint64_t now, struct mh_regf_output *ret_output,
                   struct mh_error *err);

#endif
