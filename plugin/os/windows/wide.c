/* SPDX-License-Identifier: MIT */
#include "os/windows/wide.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

static bool is_high(uint32_t unit)
{
    return unit >= 0xD800 && unit < 0xDC00;
}

static bool is_low(uint32_t unit)
{
    return unit >= 0xDC00 && unit < 0xE000;
}

/* Three bytes that are a surrogate's, which no UTF-8 is. Returns 0 when they are not. */
static size_t decode_lone(const char *text, size_t length, uint32_t *ret_unit)
{
    const unsigned char *at = (const unsigned char *)text;
    if (length < 3 || at[0] != 0xED || (at[1] & 0xE0) != 0xA0 || (at[2] & 0xC0) != 0x80)
        return 0;
    *ret_unit = 0xD000u | ((uint32_t)(at[1] & 0x3F) << 6) | (at[2] & 0x3Fu);
    return 3;
}

/* Into `units`, which has room for as many as there are bytes, and one. False when it is no text. */
static bool fill_units(const char *text, wchar_t *units)
{
    size_t length = strlen(text);
    size_t count = 0;
    for (size_t at = 0; at < length;) {
        uint32_t point;
        size_t used = mh_utf8_decode(text + at, length - at, &point);
        if (used == 0)
            used = decode_lone(text + at, length - at, &point);
        if (used == 0)
            return false;
        if (point >= 0x10000) {
            units[count++] = (wchar_t)(0xD800 + ((point - 0x10000) >> 10));
            point = 0xDC00 + ((point - 0x10000) & 0x3FF);
        }
        units[count++] = (wchar_t)point;
        at += used;
    }
    units[count] = 0;
    return true;
}

int mh_wide_name(const char *text, wchar_t **ret_units, struct mh_error *err)
{
    wchar_t *units = malloc((strlen(text) + 1) * sizeof(*units));
    if (!units)
        return mh_error_no_memory(err);
    if (!fill_units(text, units)) {
        free(units);
        char *shown = mh_utf8_escape(text);
        mh_error_set(err, MH_NOT_FOUND, "nothing can be called '%s': that is no UTF-8", shown ? shown : "?");
        free(shown);
        return MH_NOT_FOUND;
    }
    *ret_units = units;
    return MH_OK;
}

wchar_t *mh_wide(const char *text)
{
    wchar_t *units = NULL;
    return mh_wide_name(text, &units, NULL) == MH_OK ? units : NULL;
}

static size_t encode(uint32_t point, char *at)
{
    if (!is_high(point) && !is_low(point))
        return mh_utf8_encode(point, at);
    at[0] = (char)0xED;
    at[1] = (char)(0x80 | ((point >> 6) & 0x3F));
    at[2] = (char)(0x80 | (point & 0x3F));
    return 3;
}

char *mh_narrow(const wchar_t *units, size_t length)
{
    char *text = malloc(length * 3 + 1);
    size_t used = 0;
    if (!text)
        return NULL;
    for (size_t i = 0; i < length; i++) {
        uint32_t point = units[i];
        if (is_high(point) && i + 1 < length && is_low(units[i + 1]))
            point = 0x10000 + ((point - 0xD800) << 10) + (units[++i] - 0xDC00u);
        used += encode(point, text + used);
    }
    text[used] = '\0';
    return text;
}

char *mh_narrow_text(const wchar_t *text)
{
    return mh_narrow(text, wcslen(text));
}
