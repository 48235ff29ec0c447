/* SPDX-License-Identifier: MIT */
#ifndef MH_HIVE_EDIT_H
#define MH_HIVE_EDIT_H

#include "mapihttp/value.h"
#include "registry/hive/key.h"
#include "registry/hive/space.h"

/*
 * A change of a loaded hive's structure, in memory. After an error the image is to be thrown away.
 */
struct mh_edit {
    struct mh_image *image;
    struct mh_space space;   /* from mh_survey */
    uint64_t now;            /* FILETIME: when the keys are said to have been written */
};

/*
 * Sets the value `name` of the key at `path`: type and data, the missing keys made (with the security of
 * their parent), the value made when it is not there.
 */
int mh_edit_set(struct mh_edit *edit, const char *path, const char *name,
                const struct mh_value *value, struct mh_error *err);

/* Removes the value; MH_OK when it or a key on the way is not there. */
int mh_edit_remove(struct mh_edit *edit, const char *path, const char *name, struct mh_error *err);

/* Makes the subkey `name` (not there yet) of `parent`. */
int mh_edit_make_key(struct mh_edit *edit, const struct mh_key *parent, const struct mh_name *name,
                     const char *text, size_t length, struct mh_key *ret_key, struct mh_error *err);

/*
 * Puts `child`, named `name`, where it belongs in the lists of the key `parent`, and counts it there.
 * MH_CORRUPT when those are not sorted as Windows keeps them.
 */
int mh_edit_list_subkey(struct mh_edit *edit, const struct mh_key *parent, uint32_t child,
                        const struct mh_name *name, struct mh_error *err);

/* Makes data of `value` (more than four bytes) and returns their cell. */
int mh_edit_make_data(struct mh_edit *edit, const struct mh_value *value, uint32_t *ret_cell,
                      struct mh_error *err);
/* Frees the data of a value of `size` bytes that stand in `cell`. */
int mh_edit_free_data(struct mh_edit *edit, uint32_t cell, uint32_t size, struct mh_error *err);

#endif
