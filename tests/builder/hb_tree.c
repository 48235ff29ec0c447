/* SPDX-License-Identifier: MIT */
#include "hb_bytes.h"
#include "hb_internal.h"

#include "core/upcase.h"

#include <stdlib.h>
#include <string.h>

/* Room for one more in an array that doubles at each power of two. */
static void *grow(void *array, size_t count, size_t item)
{
    if (count != 0 && (count & (count - 1)) != 0)
        return array;
    return realloc(array, (count == 0 ? 1 : count * 2) * item);
}

struct hb_key *hb_key_new(const char *name)
{
    struct hb_key *key = calloc(1, sizeof(*key));

    if (key == NULL)
        return NULL;
    if (hb_name_set(&key->name, name) != HB_OK || hb_name_set(&key->class_name, "") != HB_OK) {
        hb_key_free(key);
        return NULL;
    }
    return key;
}

static void value_free(struct hb_value *value)
{
    hb_name_free(&value->name);
    free(value->data);
    free(value);
}

void hb_key_free(struct hb_key *root)
{
    if (root == NULL)
        return;
    for (size_t i = 0; i < root->value_count; i++)
        value_free(root->values[i]);
    for (size_t i = 0; i < root->key_count; i++)
        hb_key_free(root->keys[i]);
    free(root->values);
    free(root->keys);
    free(root->at_leaves);
    hb_name_free(&root->name);
    hb_name_free(&root->class_name);
    free(root);
}

struct hb_key *hb_key_add(struct hb_key *parent, const char *name)
{
    struct hb_key **keys = grow(parent->keys, parent->key_count, sizeof(struct hb_key *));
    struct hb_key *key;

    if (keys == NULL)
        return NULL;
    parent->keys = keys;
    key = hb_key_new(name);
    if (key == NULL)
        return NULL;
    parent->keys[parent->key_count++] = key;
    return key;
}

static bool name_equals(const struct hb_name *name, const char *ascii)
{
    if (strlen(ascii) != name->count)
        return false;
    for (size_t i = 0; i < name->count; i++)
        if (mh_upcase(name->units[i]) != mh_upcase((uint16_t)(unsigned char)ascii[i]))
            return false;
    return true;
}

struct hb_key *hb_key_find(const struct hb_key *parent, const char *name)
{
    for (size_t i = 0; i < parent->key_count; i++)
        if (name_equals(&parent->keys[i]->name, name))
            return parent->keys[i];
    return NULL;
}

int hb_key_set_class(struct hb_key *key, const char *class_name)
{
    struct hb_name name;
    int error = hb_name_set(&name, class_name);

    if (error != HB_OK)
        return error;
    hb_name_free(&key->class_name);
    key->class_name = name;
    return HB_OK;
}

static struct hb_value *value_new(const char *name, uint32_t type, const void *data, uint32_t size)
{
    struct hb_value *value = calloc(1, sizeof(*value));

    if (value == NULL)
        return NULL;
    value->type = type;
    value->size = size;
    value->data = malloc((size_t)size + 1);
    if (value->data == NULL || hb_name_set(&value->name, name) != HB_OK) {
        value_free(value);
        return NULL;
    }
    if (data != NULL)
        memcpy(value->data, data, size);
    else
        memset(value->data, 0, size);
    return value;
}

struct hb_value *hb_value_add(struct hb_key *key, const char *name, uint32_t type, const void *data,
                              uint32_t size)
{
    struct hb_value **values = grow(key->values, key->value_count, sizeof(struct hb_value *));
    struct hb_value *value;

    if (values == NULL)
        return NULL;
    key->values = values;
    value = value_new(name, type, data, size);
    if (value == NULL)
        return NULL;
    key->values[key->value_count++] = value;
    return value;
}

struct hb_value *hb_value_add_text(struct hb_key *key, const char *name, uint32_t type,
                                   const char *text)
{
    struct hb_name units;
    struct hb_value *value;

    if (hb_name_set(&units, text) != HB_OK)
        return NULL;
    value = hb_value_add(key, name, type, NULL, (uint32_t)(units.count * 2 + 2));
    for (size_t i = 0; value != NULL && i < units.count; i++)
        hb_put16(value->data + 2 * i, units.units[i]);
    hb_name_free(&units);
    return value;
}

struct hb_value *hb_value_add_dword(struct hb_key *key, const char *name, uint32_t number)
{
    uint8_t bytes[4];

    hb_put32(bytes, number);
    return hb_value_add(key, name, HB_REG_DWORD, bytes, sizeof(bytes));
}

struct hb_value *hb_value_add_qword(struct hb_key *key, const char *name, uint64_t number)
{
    uint8_t bytes[8];

    hb_put64(bytes, number);
    return hb_value_add(key, name, HB_REG_QWORD, bytes, sizeof(bytes));
}

/* Appends one text with its NUL to bytes that have room for it. */
static bool texts_put(uint8_t *bytes, size_t *used, const char *text)
{
    struct hb_name units;

    if (hb_name_set(&units, text) != HB_OK)
        return false;
    for (size_t i = 0; i < units.count; i++, *used += 2)
        hb_put16(bytes + *used, units.units[i]);
    *used += 2;
    hb_name_free(&units);
    return true;
}

struct hb_value *hb_value_add_texts(struct hb_key *key, const char *name, const char *const *texts,
                                    size_t count)
{
    size_t room = 2;
    size_t used = 0;
    uint8_t *bytes;
    struct hb_value *value = NULL;
    bool ok;

    for (size_t i = 0; i < count; i++)
        room += 2 * (strlen(texts[i]) + 1);
    bytes = calloc(1, room);
    ok = bytes != NULL;
    for (size_t i = 0; ok && i < count; i++)
        ok = texts_put(bytes, &used, texts[i]);
    if (ok)
        value = hb_value_add(key, name, HB_REG_MULTI_SZ, bytes, (uint32_t)(used + 2));
    free(bytes);
    return value;
}

struct hb_value *hb_value_add_fill(struct hb_key *key, const char *name, uint32_t type,
                                   uint32_t size)
{
    struct hb_value *value = hb_value_add(key, name, type, NULL, size);

    for (uint32_t i = 0; value != NULL && i < size; i++)
        value->data[i] = (uint8_t)((7 * i + 13 * (i / 256)) & 0xFF);
    return value;
}
