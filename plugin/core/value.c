/* SPDX-License-Identifier: MIT */
#include "mapihttp/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_names[] = {
    [MH_REG_NONE] = "REG_NONE",
    [MH_REG_SZ] = "REG_SZ",
    [MH_REG_EXPAND_SZ] = "REG_EXPAND_SZ",
    [MH_REG_BINARY] = "REG_BINARY",
    [MH_REG_DWORD] = "REG_DWORD",
    [MH_REG_DWORD_BIG_ENDIAN] = "REG_DWORD_BIG_ENDIAN",
    [MH_REG_LINK] = "REG_LINK",
    [MH_REG_MULTI_SZ] = "REG_MULTI_SZ",
    [MH_REG_RESOURCE_LIST] = "REG_RESOURCE_LIST",
    [MH_REG_FULL_RESOURCE_DESCRIPTOR] = "REG_FULL_RESOURCE_DESCRIPTOR",
    [MH_REG_RESOURCE_REQUIREMENTS_LIST] = "REG_RESOURCE_REQUIREMENTS_LIST",
    [MH_REG_QWORD] = "REG_QWORD",
};

#define TYPE_NAMES (sizeof(type_names) / sizeof(type_names[0]))

const char *mh_type_name(uint32_t type, char buffer[16])
{
    if (type < TYPE_NAMES)
        return type_names[type];
    snprintf(buffer, 16, "0x%08X", type);
    return buffer;
}

bool mh_type_parse(const char *name, uint32_t *ret_type)
{
    for (uint32_t type = 0; type < TYPE_NAMES; type++) {
        if (strcmp(type_names[type], name) == 0) {
            *ret_type = type;
            return true;
        }
    }
    if (strncmp(name, "0x", 2) != 0 || strlen(name) != 10 ||
        strspn(name + 2, "0123456789ABCDEFabcdef") != 8)
        return false;
    *ret_type = (uint32_t)strtoul(name + 2, NULL, 16);
    return true;
}

int mh_value_make(uint32_t type, const void *data, uint32_t size, struct mh_value *ret_value)
{
    uint8_t *copy = NULL;
    if (size > 0) {
        copy = malloc(size);
        if (!copy)
            return -1;
        memcpy(copy, data, size);
    }
    *ret_value = (struct mh_value){.present = true, .type = type, .size = size, .data = copy};
    return 0;
}

int mh_value_make_dword(uint32_t number, struct mh_value *ret_value)
{
    const uint8_t bytes[4] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
                              (uint8_t)(number >> 24)};
    return mh_value_make(MH_REG_DWORD, bytes, sizeof(bytes), ret_value);
}

int mh_value_copy(const struct mh_value *value, struct mh_value *ret_value)
{
    if (value->present)
        return mh_value_make(value->type, value->data, value->size, ret_value);
    *ret_value = (struct mh_value){0};
    return 0;
}

bool mh_value_equal(const struct mh_value *a, const struct mh_value *b)
{
    if (!a->present || !b->present)
        return a->present == b->present;
    return a->type == b->type && a->size == b->size &&
           (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

bool mh_value_dword(const struct mh_value *value, uint32_t *ret_number)
{
    if (!value->present || value->type != MH_REG_DWORD || value->size != 4)
        return false;
    *ret_number = value->data[0] | (uint32_t)value->data[1] << 8 | (uint32_t)value->data[2] << 16 |
                  (uint32_t)value->data[3] << 24;
    return true;
}

void mh_value_clear(struct mh_value *value)
{
    if (!value)
        return;
    free(value->data);
    *value = (struct mh_value){0};
}
