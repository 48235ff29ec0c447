/* SPDX-License-Identifier: MIT */
#include "registry/hive/data.h"

#include <stdlib.h>
#include <string.h>

int mh_vk_read(struct mh_image *image, uint32_t cell, struct mh_vk *ret_vk, struct mh_error *err)
{
    uint8_t vk[MH_VK_HEADER + sizeof(ret_vk->name_bytes)];
    uint64_t offset;
    uint32_t cell_size;
    int status = mh_cell_read(image, cell, vk, sizeof(vk), MH_VK_HEADER, &offset, &cell_size, err);
    if (status != MH_OK)
        return status;
    uint32_t size = mh_get32(vk + MH_VK_DATA_SIZE);
    size_t name_size = mh_get16(vk + MH_VK_NAME_SIZE);
    if (mh_get16(vk) != MH_SIGNATURE_VK)
        return mh_error_set(err, MH_CORRUPT, "the cell at 0x%x is no value node", cell);
    if (name_size > cell_size - MH_VK_HEADER)
        return mh_error_set(err, MH_CORRUPT, "the value at 0x%x claims a name of %zu bytes", cell,
                            name_size);
    if ((size & MH_VK_INLINE) && (size & ~MH_VK_INLINE) > 4)
        return mh_error_set(err, MH_CORRUPT, "the value at 0x%x claims %u bytes within itself", cell,
                            size & ~MH_VK_INLINE);
    ret_vk->cell = cell;
    ret_vk->offset = offset;
    ret_vk->type = mh_get32(vk + MH_VK_TYPE);
    ret_vk->size = size & ~MH_VK_INLINE;
    ret_vk->is_inline = (size & MH_VK_INLINE) != 0 || size == 0;
    ret_vk->data = mh_get32(vk + MH_VK_DATA);
    ret_vk->flags = mh_get16(vk + MH_VK_FLAGS);
    ret_vk->name_size = name_size;
    memcpy(ret_vk->name_bytes, vk + MH_VK_NAME,
           name_size < sizeof(ret_vk->name_bytes) ? name_size : sizeof(ret_vk->name_bytes));
    return MH_OK;
}

static bool vk_is_named(const struct mh_vk *vk, const struct mh_name *name)
{
    struct mh_stored_name stored = {
        .bytes = vk->name_bytes,
        .size = vk->name_size,
        .latin1 = (vk->flags & MH_VK_FLAG_LATIN1) != 0,
    };
    return vk->name_size <= sizeof(vk->name_bytes) && mh_name_compare(name, &stored) == 0;
}

int mh_vk_at(struct mh_image *image, const struct mh_key *key, uint32_t index, struct mh_vk *ret_vk,
             struct mh_error *err)
{
    uint64_t list;
    uint32_t size;
    uint8_t element[4];
    int status = mh_cell_find(image, key->value_list, &list, &size, err);
    if (status == MH_OK && key->values > size / 4)
        return mh_error_set(err, MH_CORRUPT, "the key at 0x%x says %u values, more than its list holds",
                            key->cell, key->values);
    if (status == MH_OK)
        status = mh_image_read(image, list + 4 * (uint64_t)index, element, sizeof(element), err);
    if (status == MH_OK)
        status = mh_vk_read(image, mh_get32(element), ret_vk, err);
    if (status == MH_OK)
        ret_vk->index = index;
    return status;
}

int mh_vk_find(struct mh_image *image, const struct mh_key *key, const char *name,
               struct mh_vk *ret_vk, bool *ret_found, struct mh_error *err)
{
    struct mh_name wanted;
    struct mh_vk vk = {0};
    int status = mh_name_make(name, strlen(name), &wanted, err);
    *ret_found = false;
    for (uint32_t i = 0; status == MH_OK && i < key->values; i++) {
        status = mh_vk_at(image, key, i, &vk, err);
        if (status != MH_OK || !vk_is_named(&vk, &wanted))
            continue;
        *ret_vk = vk;
        *ret_found = true;
        break;
    }
    return status;
}

int mh_vk_find_sole(struct mh_image *image, const struct mh_key *key, const char *name,
                    struct mh_vk *ret_vk, bool *ret_found, struct mh_error *err)
{
    struct mh_name wanted;
    struct mh_vk other = {0};
    int status = mh_vk_find(image, key, name, ret_vk, ret_found, err);
    if (status != MH_OK || !*ret_found)
        return status;
    status = mh_name_make(name, strlen(name), &wanted, err);
    for (uint32_t i = ret_vk->index + 1; status == MH_OK && i < key->values; i++) {
        status = mh_vk_at(image, key, i, &other, err);
        if (status == MH_OK && vk_is_named(&other, &wanted))
            return mh_error_set(err, MH_CORRUPT, "the key at 0x%x has two values of one name", key->cell);
    }
    return status;
}

bool mh_data_is_big(const struct mh_image *image, uint32_t size)
{
    return size > MH_DB_SEGMENT_SIZE && image->base.minor > 3;
}

static int read_plain(struct mh_image *image, uint32_t cell, uint8_t *buffer, uint32_t length,
                      struct mh_error *err)
{
    uint64_t offset;
    uint32_t size;
    int status = mh_cell_find(image, cell, &offset, &size, err);
    if (status == MH_OK && size < length)
        return mh_error_set(err, MH_CORRUPT, "the data at 0x%x are longer than their cell", cell);
    return status == MH_OK ? mh_image_read(image, offset, buffer, length, err) : status;
}

static int read_big(struct mh_image *image, uint32_t cell, uint8_t *buffer, uint32_t length,
                    struct mh_error *err)
{
    uint8_t db[MH_DB_HEADER];
    uint32_t size;
    uint64_t list = 0;
    int status = mh_cell_read(image, cell, db, sizeof(db), sizeof(db), NULL, &size, err);
    if (status != MH_OK)
        return status;
    uint32_t segments = mh_get16(db + MH_DB_SEGMENTS);
    if (mh_get16(db) != MH_SIGNATURE_DB ||
        segments != (length + MH_DB_SEGMENT_SIZE - 1) / MH_DB_SEGMENT_SIZE)
        return mh_error_set(err, MH_CORRUPT, "the cell at 0x%x does not hold big data", cell);
    status = mh_cell_find(image, mh_get32(db + MH_DB_LIST), &list, &size, err);
    if (status == MH_OK && segments > size / 4)
        return mh_error_set(err, MH_CORRUPT, "the big data at 0x%x have too short a list", cell);
    for (uint32_t i = 0; status == MH_OK && i < segments; i++) {
        uint8_t element[4];
        uint32_t done = i * MH_DB_SEGMENT_SIZE;
        uint32_t part = length - done < MH_DB_SEGMENT_SIZE ? length - done : MH_DB_SEGMENT_SIZE;
        status = mh_image_read(image, list + 4 * (uint64_t)i, element, sizeof(element), err);
        if (status == MH_OK)
            status = read_plain(image, mh_get32(element), buffer + done, part, err);
    }
    return status;
}

static int read_data(struct mh_image *image, const struct mh_vk *vk, uint8_t *buffer,
                     struct mh_error *err)
{
    if (vk->is_inline) {
        uint8_t in_place[4];
        mh_put32(in_place, vk->data);
        memcpy(buffer, in_place, vk->size);
        return MH_OK;
    }
    if (mh_data_is_big(image, vk->size))
        return read_big(image, vk->data, buffer, vk->size, err);
    return read_plain(image, vk->data, buffer, vk->size, err);
}

int mh_vk_value(struct mh_image *image, const struct mh_vk *vk, struct mh_value *ret_value,
                struct mh_error *err)
{
    if (vk->flags & MH_VK_FLAG_TOMBSTONE)
        return mh_error_set(err, MH_UNSUPPORTED,
                            "the value belongs to a layered hive, which is no profile");
    if (vk->size > MH_VALUE_MAX)
        return mh_error_set(err, MH_UNSUPPORTED,
                            "the value holds %u bytes, more than could be put back (%u)", vk->size,
                            MH_VALUE_MAX);
    struct mh_value value = {.present = true, .type = vk->type, .size = vk->size};
    if (vk->size > 0) {
        value.data = malloc(vk->size);
        if (!value.data)
            return mh_error_no_memory(err);
        int status = read_data(image, vk, value.data, err);
        if (status != MH_OK) {
            mh_value_clear(&value);
            return status;
        }
    }
    *ret_value = value;
    return MH_OK;
}

int mh_value_lookup(struct mh_image *image, const char *path, const char *name,
                    struct mh_value *ret_value, struct mh_error *err)
{
    struct mh_key key;
    struct mh_vk vk = {0};
    const char *rest;
    bool found = false;
    int status = mh_key_walk(image, path, &key, &rest, err);
    if (status == MH_OK && *rest == '\0')
        status = mh_vk_find(image, &key, name, &vk, &found, err);
    if (status != MH_OK)
        return status;
    if (found)
        return mh_vk_value(image, &vk, ret_value, err);
    *ret_value = (struct mh_value){0};
    return MH_OK;
}
