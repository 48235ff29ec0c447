/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

size_t mh_utf8_decode(const char *text, size_t length, uint32_t *ret_point)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t lead = (uint8_t)text[0];
    if (lead < 0x80) {
        *ret_point = lead;
        return 1;
    }
    size_t used = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || used > length)
        return 0;
    uint32_t point = lead & (0xFFu >> (used + 1));
    for (size_t i = 1; i < used; i++) {
        uint8_t byte = (uint8_t)text[i];
        if ((byte & 0xC0) != 0x80)
            return 0;
        point = point << 6 | (byte & 0x3Fu);
    }
    if (point < least[used] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
        return 0;
    *ret_point = point;
    return used;
}

size_t mh_utf8_encode(uint32_t point, char *buffer)
{
    if (point < 0x80) {
        buffer[0] = (char)point;
        return 1;
    }
    size_t used = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = used - 1; i > 0; i--) {
        buffer[i] = (char)(0x80 | (point & 0x3F));
        point >>= 6;
    }
    static const uint8_t leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    buffer[0] = (char)(leads[used] | point);
    return used;
}

static uint32_t unit_at(const uint8_t *data, size_t at)
{
    return data[at] | (uint32_t)data[at + 1] << 8;
}

/* The character at `at`, a multiple of 2 below `size`; *broken is set where a surrogate stands alone. */
static uint32_t utf16_decode(const uint8_t *data, size_t size, size_t *at, bool *broken)
{
    uint32_t unit = unit_at(data, *at);
    *at += 2;
    if (unit < 0xD800 || unit > 0xDFFF)
        return unit;
    if (unit < 0xDC00 && *at + 2 <= size) {
        uint32_t low = unit_at(data, *at);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *at += 2;
            return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    *broken = true;
    return 0xFFFD;
}

char *mh_utf16_to_utf8(const uint8_t *data, size_t size, bool strict, bool *ret_broken)
{
    bool broken = size % 2 != 0;
    size_t end = size & ~(size_t)1;
    char *text = malloc(end / 2 * 3 + 1);
    size_t used = 0;
    *ret_broken = false;
    if (!text)
        return NULL;
    for (size_t at = 0; at < end;) {
        uint32_t point = utf16_decode(data, end, &at, &broken);
        if (point == 0) {
            broken = true;
            break;
        }
        used += mh_utf8_encode(point, text + used);
    }
    text[used] = '\0';
    if (broken && strict) {
        free(text);
        *ret_broken = true;
        return NULL;
    }
    return text;
}

size_t mh_utf16_encode(uint32_t point, uint16_t units[2])
{
    units[0] = (uint16_t)point;
    if (point < 0x10000)
        return 1;
    units[0] = (uint16_t)(0xD800 + ((point - 0x10000) >> 10));
    units[1] = (uint16_t)(0xDC00 + ((point - 0x10000) & 0x3FF));
    return 2;
}

uint8_t *mh_utf8_to_utf16(const char *text, size_t length, size_t *ret_size)
{
    uint8_t *data = malloc(length * 2 + 1);
    size_t size = 0;
    if (!data)
        return NULL;
    for (size_t at = 0; at < length;) {
        uint32_t point;
        size_t used = mh_utf8_decode(text + at, length - at, &point);
        if (used == 0) {
            free(data);
            return NULL;
        }
        at += used;
        uint16_t units[2];
        size_t count = mh_utf16_encode(point, units);
        for (size_t i = 0; i < count; i++) {
            data[size++] = (uint8_t)units[i];
            data[size++] = (uint8_t)(units[i] >> 8);
        }
    }
    *ret_size = size;
    return data;
}
