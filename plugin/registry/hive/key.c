/* SPDX-License-Identifier: MIT */
#include "registry/hive/key.h"

#include <string.h>

int mh_key_read(struct mh_image *image, uint32_t cell, struct mh_key *ret_key, struct mh_error *err)
{
    uint8_t nk[MH_NK_HEADER + MH_KEY_NAME_SIZE];
    uint32_t size;
    int status = mh_cell_read(image, cell, nk, sizeof(nk), MH_NK_HEADER, NULL, &size, err);
    if (status != MH_OK)
        return status;
    size_t name_size = mh_get16(nk + MH_NK_NAME_SIZE);
    if (mh_get16(nk) != MH_SIGNATURE_NK)
        return mh_error_set(err, MH_CORRUPT, "the cell at 0x%x is no key node", cell);
    if (name_size == 0 || name_size > MH_KEY_NAME_SIZE || name_size > size - MH_NK_HEADER)
        return mh_error_set(err, MH_CORRUPT, "the key at 0x%x claims a name of %zu bytes", cell,
                            name_size);
    ret_key->cell = cell;
    ret_key->flags = mh_get16(nk + MH_NK_FLAGS);
    ret_key->parent = mh_get32(nk + MH_NK_PARENT);
    ret_key->subkeys = mh_get32(nk + MH_NK_SUBKEYS);
    ret_key->subkey_list = mh_get32(nk + MH_NK_SUBKEY_LIST);
    ret_key->values = mh_get32(nk + MH_NK_VALUES);
    ret_key->value_list = mh_get32(nk + MH_NK_VALUE_LIST);
    ret_key->security = mh_get32(nk + MH_NK_SECURITY);
    ret_key->class_cell = mh_get32(nk + MH_NK_CLASS);
    ret_key->class_size = mh_get16(nk + MH_NK_CLASS_SIZE);
    ret_key->name_size = name_size;
    memcpy(ret_key->name_bytes, nk + MH_NK_NAME, name_size);
    return MH_OK;
}

struct mh_stored_name mh_key_name(const struct mh_key *key)
{
    return (struct mh_stored_name){
        .bytes = key->name_bytes,
        .size = key->name_size,
        .latin1 = (key->flags & MH_NK_FLAG_LATIN1) != 0,
    };
}

struct subkey_search {
    struct mh_image *image;
    const struct mh_name *name;
    uint32_t hash;
    struct mh_key *key;
    bool found;
};

#define SEARCH_ENDS (-1) /* no enum mh_status: ends the walk without an error */

/* An lf hint holds the first characters of a Latin-1 name as they are, or begins with 0. */
static bool hint_may_match(const struct mh_name *name, uint32_t hint)
{
    for (size_t i = 0; i < 4; i++) {
        uint32_t unit = hint >> (8 * i) & 0xFF;
        if (unit >= 0x80 || (unit == 0 && i == 0))
            return true;
        if (unit >= 'a' && unit <= 'z')
            unit -= 0x20;
        if (unit != (i < name->count ? name->upper[i] : 0u))
            return false;
    }
    return true;
}

/* Only a plain ASCII name may be ruled out by hash or hint: Windows' upper case decides the rest. */
static bool may_be(const struct subkey_search *search, uint32_t kind, uint32_t hint)
{
    if (!search->name->ascii || kind == MH_LIST_LI)
        return true;
    return kind == MH_LIST_LH ? hint == search->hash : hint_may_match(search->name, hint);
}

static int visit_search(void *context, uint32_t kind, uint32_t cell, uint32_t hint,
                        struct mh_error *err)
{
    struct subkey_search *search = context;
    if (!may_be(search, kind, hint))
        return MH_OK;
    int status = mh_key_read(search->image, cell, search->key, err);
    if (status != MH_OK)
        return status;
    struct mh_stored_name stored = mh_key_name(search->key);
    if (mh_name_compare(search->name, &stored) != 0)
        return MH_OK;
    search->found = true;
    return SEARCH_ENDS;
}

int mh_subkey_find(struct mh_image *image, const struct mh_key *key, const struct mh_name *name,
                   struct mh_key *ret_key, bool *ret_found, struct mh_error *err)
{
    struct mh_key child = {0};
    struct subkey_search search = {
        .image = image, .name = name, .hash = mh_name_hash(name), .key = &child};
    int status = mh_subkeys_each(image, key, visit_search, &search, err);
    if (status != MH_OK && status != SEARCH_ENDS)
        return status;
    *ret_found = search.found;
    if (search.found)
        *ret_key = child;
    return MH_OK;
}

size_t mh_path_first(const char *path)
{
    const char *end = strchr(path, '\\');
    return end ? (size_t)(end - path) : strlen(path);
}

static int walk_on(struct mh_image *image, const char *path, struct mh_key *key, bool *ret_found,
                   struct mh_error *err)
{
    struct mh_name name;
    if (key->flags & (MH_NK_FLAG_SYMLINK | MH_NK_FLAG_PREDEFINED))
        return mh_error_set(err, MH_UNSUPPORTED,
                            "the key at 0x%x on the way to the value is a link to another", key->cell);
    int status = mh_name_make(path, mh_path_first(path), &name, err);
    if (status != MH_OK)
        return status;
    uint32_t parent = key->cell;
    status = mh_subkey_find(image, key, &name, key, ret_found, err);
    if (status == MH_OK && *ret_found && key->parent != parent)
        status = mh_error_set(err, MH_CORRUPT, "the key at 0x%x names another parent", key->cell);
    return status;
}

int mh_key_walk(struct mh_image *image, const char *path, struct mh_key *ret_key,
                const char **ret_rest, struct mh_error *err)
{
    int status = mh_key_read(image, image->base.root, ret_key, err);
    bool found = true;
    while (status == MH_OK && *path) {
        status = walk_on(image, path, ret_key, &found, err);
        if (status != MH_OK || !found)
            break;
        path += mh_path_first(path);
        path += *path == '\\';
    }
    *ret_rest = path;
    if (status == MH_OK && found &&
        (ret_key->flags & (MH_NK_FLAG_SYMLINK | MH_NK_FLAG_PREDEFINED)))
        return mh_error_set(err, MH_UNSUPPORTED, "the key at 0x%x is a link to another",
                            ret_key->cell);
    return status;
}
