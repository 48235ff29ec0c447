/* SPDX-License-Identifier: MIT */
#include "hb_bytes.h"
#include "hb_internal.h"

#include "core/upcase.h"

#include <stdlib.h>
#include <string.h>

/* Reads one code point; returns the bytes taken, 0 when this is not UTF-8. */
static size_t read_point(const unsigned char *at, uint32_t *ret)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t lead = at[0];
    size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;

    if (length == 0 || lead > 0xF4)
        return 0;
    *ret = length == 1 ? at[0] : at[0] & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        *ret = *ret << 6 | (at[i] & 0x3F);
    }
    if (*ret < least[length] || *ret > 0x10FFFF || (*ret >= 0xD800 && *ret <= 0xDFFF))
        return 0;
    return length;
}

/* UTF-16 never has more units than UTF-8 has bytes. */
static bool to_units(const char *utf8, uint16_t *units, size_t *ret_count)
{
    const unsigned char *at = (const unsigned char *)utf8;

    *ret_count = 0;
    while (*at != '\0') {
        uint32_t point = 0;
        size_t taken = read_point(at, &point);

        if (taken == 0)
            return false;
        at += taken;
        if (point >= 0x10000) {
            units[(*ret_count)++] = (uint16_t)(0xD800 + ((point - 0x10000) >> 10));
            point = 0xDC00 + ((point - 0x10000) & 0x3FF);
        }
        units[(*ret_count)++] = (uint16_t)point;
    }
    return true;
}

int hb_name_set(struct hb_name *ret, const char *utf8)
{
    size_t length = strlen(utf8);
    struct hb_name name = {malloc(length + 1), malloc((length + 1) * sizeof(uint16_t)), 0};

    if (name.utf8 == NULL || name.units == NULL) {
        hb_name_free(&name);
        return HB_ERR_MEMORY;
    }
    memcpy(name.utf8, utf8, length + 1);
    if (!to_units(utf8, name.units, &name.count)) {
        hb_name_free(&name);
        return HB_ERR_NAME;
    }
    *ret = name;
    return HB_OK;
}

void hb_name_free(struct hb_name *name)
{
    free(name->utf8);
    free(name->units);
    *name = (struct hb_name){0};
}

bool hb_name_is_latin1(const struct hb_name *name)
{
    for (size_t i = 0; i < name->count; i++)
        if (name->units[i] > 0xFF)
            return false;
    return true;
}

size_t hb_name_stored_size(const struct hb_name *name)
{
    return hb_name_is_latin1(name) ? name->count : name->count * 2;
}

void hb_name_store(const struct hb_name *name, uint8_t *at)
{
    bool latin1 = hb_name_is_latin1(name);

    for (size_t i = 0; i < name->count; i++) {
        if (latin1)
            at[i] = (uint8_t)name->units[i];
        else
            hb_put16(at + 2 * i, name->units[i]);
    }
}

int hb_name_compare(const struct hb_name *left, const struct hb_name *right)
{
    for (size_t i = 0; i < left->count && i < right->count; i++) {
        int difference = (int)mh_upcase(left->units[i]) - (int)mh_upcase(right->units[i]);

        if (difference != 0)
            return difference;
    }
    return (left->count > right->count) - (left->count < right->count);
}

uint32_t hb_name_hash(const struct hb_name *name)
{
    uint32_t hash = 0;

    for (size_t i = 0; i < name->count; i++)
        hash = hash * 37 + mh_upcase(name->units[i]);
    return hash;
}

void hb_name_hint(const struct hb_name *name, uint8_t hint[4])
{
    memset(hint, 0, 4);
    for (size_t i = 0; i < 4 && i < name->count; i++) {
        if (name->units[i] > 0xFF) {
            hint[0] = 0;
            return;
        }
        hint[i] = (uint8_t)name->units[i];
    }
}
