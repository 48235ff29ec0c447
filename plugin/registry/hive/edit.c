/* SPDX-License-Identifier: MIT */
#include "registry/hive/edit.h"

#include <string.h>

#include "registry/hive/data.h"

static int nk_at(const struct mh_edit *edit, uint32_t cell, uint8_t **ret_nk, struct mh_error *err)
{
    return mh_cell_data(edit->image, cell, MH_NK_HEADER, ret_nk, NULL, err);
}

static void raise32(uint8_t *at, uint32_t least)
{
    if (mh_get32(at) < least)
        mh_put32(at, least);
}

/* One more key uses the security descriptor. */
static int share_security(struct mh_edit *edit, uint32_t cell, struct mh_error *err)
{
    uint8_t *sk;
    int status = mh_cell_data(edit->image, cell, MH_SK_HEADER, &sk, NULL, err);
    if (status != MH_OK)
        return status;
    uint32_t count = mh_get32(sk + MH_SK_COUNT);
    if (mh_get16(sk) != MH_SIGNATURE_SK || count == 0 || count == UINT32_MAX)
        return mh_error_set(err, MH_CORRUPT, "the security descriptor at 0x%x is not counted right",
                            cell);
    mh_put32(sk + MH_SK_COUNT, count + 1);
    return MH_OK;
}

/* Only ASCII names are ever made, so they are stored as Latin-1. */
static int make_nk(struct mh_edit *edit, const struct mh_key *parent, const char *text, size_t length,
                   uint32_t *ret_cell, struct mh_error *err)
{
    static const int nil_fields[] = {MH_NK_SUBKEY_LIST, MH_NK_VOLATILE_LIST, MH_NK_VALUE_LIST,
                                     MH_NK_CLASS};
    uint8_t *nk;
    int status = mh_cell_allocate(edit->image, &edit->space, MH_NK_HEADER + (uint32_t)length,
                                  ret_cell, err);
    if (status == MH_OK)
        status = nk_at(edit, *ret_cell, &nk, err);
    if (status != MH_OK)
        return status;
    mh_put16(nk, MH_SIGNATURE_NK);
    mh_put16(nk + MH_NK_FLAGS, MH_NK_FLAG_LATIN1);
    mh_put64(nk + MH_NK_TIMESTAMP, edit->now);
    mh_put32(nk + MH_NK_PARENT, parent->cell);
    for (size_t i = 0; i < sizeof(nil_fields) / sizeof(nil_fields[0]); i++)
        mh_put32(nk + nil_fields[i], MH_CELL_NIL);
    mh_put32(nk + MH_NK_SECURITY, parent->security);
    mh_put16(nk + MH_NK_NAME_SIZE, (uint32_t)length);
    memcpy(nk + MH_NK_NAME, text, length);
    return share_security(edit, parent->security, err);
}

int mh_edit_make_key(struct mh_edit *edit, const struct mh_key *parent, const struct mh_name *name,
                     const char *text, size_t length, struct mh_key *ret_key, struct mh_error *err)
{
    uint32_t cell;
    uint8_t *nk;
    int status = make_nk(edit, parent, text, length, &cell, err);
    if (status == MH_OK)
        status = mh_edit_list_subkey(edit, parent, cell, name, err);
    if (status == MH_OK)
        status = nk_at(edit, parent->cell, &nk, err);
    if (status != MH_OK)
        return status;
    mh_put64(nk + MH_NK_TIMESTAMP, edit->now);
    if (mh_get16(nk + MH_NK_MAX_SUBKEY_NAME) < 2 * length)
        mh_put16(nk + MH_NK_MAX_SUBKEY_NAME, (uint32_t)(2 * length));
    return mh_key_read(edit->image, cell, ret_key, err);
}

/* Goes to the key at `path`, making what is missing of it. */
static int reach_key(struct mh_edit *edit, const char *path, struct mh_key *ret_key,
                     struct mh_error *err)
{
    const char *rest;
    int status = mh_key_walk(edit->image, path, ret_key, &rest, err);
    while (status == MH_OK && *rest) {
        struct mh_name name;
        size_t length = mh_path_first(rest);
        struct mh_key parent = *ret_key;
        status = mh_name_make(rest, length, &name, err);
        if (status == MH_OK)
            status = mh_edit_make_key(edit, &parent, &name, rest, length, ret_key, err);
        rest += length;
        rest += *rest == '\\';
    }
    return status;
}

/* Puts type and data into a value node whose old data are gone, and keeps the key's books. */
static int fill_vk(struct mh_edit *edit, uint32_t key, uint32_t cell, const struct mh_value *value,
                   struct mh_error *err)
{
    uint32_t data = MH_CELL_NIL;
    uint32_t size = value->size;
    uint8_t *vk;
    uint8_t *nk;
    int status = MH_OK;
    if (size <= 4) {
        uint8_t in_place[4] = {0};
        if (size > 0)
            memcpy(in_place, value->data, size);
        data = mh_get32(in_place);
        size |= MH_VK_INLINE;
    } else {
        status = mh_edit_make_data(edit, value, &data, err);
    }
    if (status == MH_OK)
        status = mh_cell_data(edit->image, cell, MH_VK_HEADER, &vk, NULL, err);
    if (status == MH_OK)
        status = nk_at(edit, key, &nk, err);
    if (status != MH_OK)
        return status;
    mh_put32(vk + MH_VK_DATA_SIZE, size);
    mh_put32(vk + MH_VK_DATA, data);
    mh_put32(vk + MH_VK_TYPE, value->type);
    raise32(nk + MH_NK_MAX_VALUE_DATA, value->size);
    mh_put64(nk + MH_NK_TIMESTAMP, edit->now);
    return MH_OK;
}

static int make_vk(struct mh_edit *edit, const char *name, uint32_t *ret_cell, struct mh_error *err)
{
    uint32_t length = (uint32_t)strlen(name);
    uint8_t *vk;
    int status = mh_cell_allocate(edit->image, &edit->space, MH_VK_HEADER + length, ret_cell, err);
    if (status == MH_OK)
        status = mh_cell_data(edit->image, *ret_cell, MH_VK_HEADER, &vk, NULL, err);
    if (status != MH_OK)
        return status;
    mh_put16(vk, MH_SIGNATURE_VK);
    mh_put16(vk + MH_VK_NAME_SIZE, length);
    mh_put16(vk + MH_VK_FLAGS, MH_VK_FLAG_LATIN1);
    memcpy(vk + MH_VK_NAME, name, length);
    return MH_OK;
}

/* A value list with room for one more: the key's own, or a new one with the old one's elements. */
static int value_list_grow(struct mh_edit *edit, const struct mh_key *key, uint32_t *ret_cell,
                           struct mh_error *err)
{
    uint8_t *from = NULL;
    uint8_t *to;
    uint32_t room = 0;
    int status = MH_OK;
    if (key->values > 0)
        status = mh_cell_data(edit->image, key->value_list, 4 * (size_t)key->values, &from, &room, err);
    *ret_cell = key->value_list;
    if (status != MH_OK || (key->values > 0 && room / 4 > key->values))
        return status;
    status = mh_cell_allocate(edit->image, &edit->space, 4 * (key->values + 1), ret_cell, err);
    if (status != MH_OK || key->values == 0)
        return status;
    status = mh_cell_data(edit->image, key->value_list, 4 * (size_t)key->values, &from, NULL, err);
    if (status == MH_OK)
        status = mh_cell_data(edit->image, *ret_cell, 4 * (size_t)key->values, &to, NULL, err);
    if (status != MH_OK)
        return status;
    memcpy(to, from, 4 * (size_t)key->values);
    return mh_cell_free(edit->image, &edit->space, key->value_list, err);
}

static int make_value(struct mh_edit *edit, const struct mh_key *key, const char *name,
                      const struct mh_value *value, struct mh_error *err)
{
    uint32_t cell;
    uint32_t list;
    uint8_t *at;
    int status = make_vk(edit, name, &cell, err);
    if (status == MH_OK)
        status = fill_vk(edit, key->cell, cell, value, err);
    if (status == MH_OK)
        status = value_list_grow(edit, key, &list, err);
    if (status == MH_OK)
        status = mh_cell_data(edit->image, list, 4 * ((size_t)key->values + 1), &at, NULL, err);
    if (status != MH_OK)
        return status;
    mh_put32(at + 4 * (size_t)key->values, cell);
    status = nk_at(edit, key->cell, &at, err);
    if (status != MH_OK)
        return status;
    mh_put32(at + MH_NK_VALUE_LIST, list);
    mh_put32(at + MH_NK_VALUES, key->values + 1);
    raise32(at + MH_NK_MAX_VALUE_NAME, 2 * (uint32_t)strlen(name));
    return MH_OK;
}

static int drop_data(struct mh_edit *edit, const struct mh_vk *vk, struct mh_error *err)
{
    return vk->is_inline ? MH_OK : mh_edit_free_data(edit, vk->data, vk->size, err);
}

int mh_edit_set(struct mh_edit *edit, const char *path, const char *name,
                const struct mh_value *value, struct mh_error *err)
{
    struct mh_key key;
    struct mh_vk vk;
    bool found = false;
    int status = reach_key(edit, path, &key, err);
    if (status == MH_OK)
        status = mh_vk_find_sole(edit->image, &key, name, &vk, &found, err);
    if (status != MH_OK)
        return status;
    if (!found)
        return make_value(edit, &key, name, value, err);
    status = drop_data(edit, &vk, err);
    return status == MH_OK ? fill_vk(edit, key.cell, vk.cell, value, err) : status;
}

/* Takes element `index` out of the key's value list, and the list away with its last one. */
static int unlist_value(struct mh_edit *edit, const struct mh_key *key, uint32_t index,
                        struct mh_error *err)
{
    uint8_t *list;
    uint8_t *nk;
    uint32_t left = key->values - 1;
    int status = mh_cell_data(edit->image, key->value_list, 4 * (size_t)key->values, &list, NULL, err);
    if (status == MH_OK)
        status = nk_at(edit, key->cell, &nk, err);
    if (status != MH_OK)
        return status;
    memmove(list + 4 * (size_t)index, list + 4 * ((size_t)index + 1), 4 * (size_t)(left - index));
    mh_put32(nk + MH_NK_VALUES, left);
    mh_put64(nk + MH_NK_TIMESTAMP, edit->now);
    if (left > 0)
        return MH_OK;
    mh_put32(nk + MH_NK_VALUE_LIST, MH_CELL_NIL);
    mh_put32(nk + MH_NK_MAX_VALUE_NAME, 0);
    mh_put32(nk + MH_NK_MAX_VALUE_DATA, 0);
    return mh_cell_free(edit->image, &edit->space, key->value_list, err);
}

int mh_edit_remove(struct mh_edit *edit, const char *path, const char *name, struct mh_error *err)
{
    struct mh_key key;
    struct mh_vk vk;
    const char *rest;
    bool found = false;
    int status = mh_key_walk(edit->image, path, &key, &rest, err);
    if (status == MH_OK && *rest == '\0')
        status = mh_vk_find_sole(edit->image, &key, name, &vk, &found, err);
    if (status != MH_OK || !found)
        return status;
    status = drop_data(edit, &vk, err);
    if (status == MH_OK)
        status = unlist_value(edit, &key, vk.index, err);
    return status == MH_OK ? mh_cell_free(edit->image, &edit->space, vk.cell, err) : status;
}
