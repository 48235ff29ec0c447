/* SPDX-License-Identifier: MIT */
#ifndef MH_HIVE_KEY_H
#define MH_HIVE_KEY_H

#include "registry/hive/image.h"
#include "registry/hive/name.h"

#define MH_KEY_NAME_SIZE 512u /* bytes: 256 characters of UTF-16 */

/* A key node, taken apart. */
struct mh_key {
    uint32_t cell;
    uint32_t flags;
    uint32_t parent;
    uint32_t subkeys;
    uint32_t subkey_list;
    uint32_t values;
    uint32_t value_list;
    uint32_t security;
    uint32_t class_cell;
    uint32_t class_size;
    size_t name_size;
    uint8_t name_bytes[MH_KEY_NAME_SIZE];
};

/* Reads the key node at `cell`; MH_CORRUPT when there is none. */
int mh_key_read(struct mh_image *image, uint32_t cell, struct mh_key *ret_key, struct mh_error *err);

/* The key's name as it is stored; points into `key`. */
struct mh_stored_name mh_key_name(const struct mh_key *key);

/*
 * Calls `visit` for every subkey that a list names, in its order. `kind` is that of the leaf
 * (MH_LIST_LI, _LF, _LH), `hint` its second number (0 for li). When visit returns anything but MH_OK the
 * walk ends and returns that. MH_CORRUPT when a list is broken, or names more or fewer than the key says.
 */
typedef int mh_visit_subkey(void *context, uint32_t kind, uint32_t cell, uint32_t hint,
                            struct mh_error *err);
int mh_subkeys_each(struct mh_image *image, const struct mh_key *key, mh_visit_subkey *visit,
                    void *context, struct mh_error *err);

/* The subkey of that name. *ret_found tells whether there is one; *ret_key is set only then. */
int mh_subkey_find(struct mh_image *image, const struct mh_key *key, const struct mh_name *name,
                   struct mh_key *ret_key, bool *ret_found, struct mh_error *err);

/*
 * Goes from the root along `path` (names with backslashes between them) as far as keys are there.
 * *ret_key is the last one, *ret_rest the part of `path` that is not there ("" when all of it is).
 * MH_UNSUPPORTED when a key on the way is a symbolic link or a predefined handle.
 */
int mh_key_walk(struct mh_image *image, const char *path, struct mh_key *ret_key,
                const char **ret_rest, struct mh_error *err);

/* The length in bytes of the first name of a path. */
size_t mh_path_first(const char *path);

#endif
