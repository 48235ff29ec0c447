/* SPDX-License-Identifier: MIT */
#include "core/print.h"

#include <stdint.h>
#include <string.h>

#include "core/text.h"

/* What a terminal would obey instead of showing it (control characters, and those that turn text around), and what
 * would let two names look alike without taking any place. */
#define HIDDEN 9u

static unsigned width_of(uint32_t point)
{
    static const struct {
        uint32_t first;
        uint32_t last : 28;
        uint32_t width : 4;
    } odd[] = { /* the first that it is in counts */
        {0x0000, 0x001F, HIDDEN},   {0x007F, 0x009F, HIDDEN},   {0x00AD, 0x00AD, HIDDEN},   {0x034F, 0x034F, HIDDEN},
        {0x0300, 0x036F, 0},        {0x061C, 0x061C, HIDDEN},   {0x115F, 0x1160, HIDDEN},   {0x1100, 0x115F, 2},
        {0x17B4, 0x17B5, HIDDEN},   {0x180B, 0x180F, HIDDEN},   {0x200B, 0x200F, HIDDEN},   {0x2028, 0x202E, HIDDEN},
        {0x2060, 0x206F, HIDDEN},   {0x3164, 0x3164, HIDDEN},   {0x2E80, 0xA4CF, 2},        {0xAC00, 0xD7A3, 2},
        {0xF900, 0xFAFF, 2},        {0xFE00, 0xFE0F, HIDDEN},   {0xFE30, 0xFE6F, 2},        {0xFEFF, 0xFEFF, HIDDEN},
        {0xFF00, 0xFF60, 2},        {0xFFA0, 0xFFA0, HIDDEN},   {0xFFE0, 0xFFE6, 2},        {0xFFF0, 0xFFFB, HIDDEN},
        {0x13430, 0x1343F, HIDDEN}, {0x1BCA0, 0x1BCA3, HIDDEN}, {0x1D173, 0x1D17A, HIDDEN}, {0x1F300, 0x1FAFF, 2},
        {0x20000, 0x3FFFD, 2},      {0xE0000, 0xE0FFF, HIDDEN},
    };
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
        if (point >= odd[i].first && point <= odd[i].last)
            return odd[i].width;
    return 1;
}

size_t mh_text_print(struct mh_buffer *buffer, const char *text)
{
    size_t width = 0;
    size_t length = strlen(text);
    for (size_t at = 0; at < length;) {
        uint32_t point;
        size_t used = mh_utf8_decode(text + at, length - at, &point);
        unsigned taken = used > 0 ? width_of(point) : HIDDEN;
        bool shown = taken != HIDDEN;
        mh_buffer_add(buffer, shown ? text + at : "?", shown ? used : 1);
        width += shown ? taken : 1;
        at += used ? used : 1;
    }
    return width;
}
