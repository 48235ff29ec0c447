/* SPDX-License-Identifier: MIT */
#ifndef MH_HIVE_DATA_H
#define MH_HIVE_DATA_H

#include "mapihttp/value.h"
#include "registry/hive/key.h"

/* A value node, taken apart. */
struct mh_vk {
    uint32_t cell;
    uint32_t index;       /* in the key's value list */
    uint64_t offset;      /* of the node's data in the file */
    uint32_t type;
    uint32_t size;        /* of the value's data, in bytes */
    bool is_inline;       /* the data are in the node itself */
    uint32_t data;        /* else their cell */
    uint32_t flags;
    size_t name_size;     /* bytes as stored */
    uint8_t name_bytes[2 * MH_NAME_MAX]; /* as many of them as fit */
};

/* Reads the value node at `cell`. MH_CORRUPT when there is none. */
int mh_vk_read(struct mh_image *image, uint32_t cell, struct mh_vk *ret_vk, struct mh_error *err);

/* The key's value at place `index` (below key->values) of its list. */
int mh_vk_at(struct mh_image *image, const struct mh_key *key, uint32_t index, struct mh_vk *ret_vk,
             struct mh_error *err);

/* The key's value of that name, as mh_subkey_find. */
int mh_vk_find(struct mh_image *image, const struct mh_key *key, const char *name,
               struct mh_vk *ret_vk, bool *ret_found, struct mh_error *err);

/* The same for a change: MH_CORRUPT when there are two, for it cannot be known which one Windows goes by. */
int mh_vk_find_sole(struct mh_image *image, const struct mh_key *key, const char *name,
                    struct mh_vk *ret_vk, bool *ret_found, struct mh_error *err);

/* Reads the value's type and data. MH_UNSUPPORTED beyond MH_VALUE_MAX, or for a layered hive's tombstone. */
int mh_vk_value(struct mh_image *image, const struct mh_vk *vk, struct mh_value *ret_value,
                struct mh_error *err);

/* Whether data of `size` bytes are kept in segments ("db") in this hive. */
bool mh_data_is_big(const struct mh_image *image, uint32_t size);

/*
 * The value `name` of the key at `path`, absent when either is not there.
 */
int mh_value_lookup(struct mh_image *image, const char *path, const char *name,
                    struct mh_value *ret_value, struct mh_error *err);

#endif
