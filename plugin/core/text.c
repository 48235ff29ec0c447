/* SPDX-License-Identifier: MIT */
#include "core/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/upcase.h"

char *mh_text_copyn(const char *text, size_t length)
{
    char *copy = malloc(length + 1);
    if (!copy)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *mh_text_copy(const char *text)
{
    return mh_text_copyn(text, strlen(text));
}

char *mh_text_join(const char *a, const char *b, const char *c)
{
    size_t a_length = strlen(a);
    size_t b_length = strlen(b);
    size_t c_size = strlen(c) + 1;
    char *text = malloc(a_length + b_length + c_size);
    if (!text)
        return NULL;
    memcpy(text, a, a_length);
    memcpy(text + a_length, b, b_length);
    memcpy(text + a_length + b_length, c, c_size);
    return text;
}

char *mh_text_vformat(const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (text)
        (void)vsnprintf(text, (size_t)length + 1, format, args);
    return text;
}

char *mh_text_format(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = mh_text_vformat(format, args);
    va_end(args);
    return text;
}

bool mh_utf8_valid(const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        uint32_t point;
        size_t used = mh_utf8_decode(text + at, length - at, &point);
        if (used == 0)
            return false;
        at += used;
    }
    return true;
}

void mh_utf8_mend(char *text)
{
    size_t length = strlen(text);
    for (size_t at = 0; at < length;) {
        uint32_t point;
        size_t used = mh_utf8_decode(text + at, length - at, &point);
        if (used == 0)
            text[at] = '?';
        at += used ? used : 1;
    }
}

char *mh_utf8_escape(const char *text)
{
    size_t length = strlen(text);
    char *escaped = malloc(3 * length + 1);
    char *to = escaped;
    for (size_t at = 0; escaped && at < length;) {
        uint32_t point;
        size_t used = mh_utf8_decode(text + at, length - at, &point);
        bool kept = used > 0 && point != '%';
        if (kept)
            memcpy(to, text + at, used);
        else
            snprintf(to, 4, "%%%02X", (unsigned)(uint8_t)text[at]);
        to += kept ? used : 3;
        at += used ? used : 1;
    }
    if (escaped)
        *to = '\0';
    return escaped;
}

/* One character of terminated text; a byte that is no UTF-8 counts as a character of its own. */
static uint32_t next_upper(const char **text)
{
    uint32_t point;
    size_t length = 1;
    if ((uint8_t)**text < 0x80)
        return mh_upcase((uint8_t)*(*text)++);
    while (length < 4 && (*text)[length - 1] && (*text)[length])
        length++;
    size_t used = mh_utf8_decode(*text, length, &point);
    if (used == 0) {
        point = 0xDC00u | (uint8_t)**text;
        used = 1;
    }
    *text += used;
    return mh_upcase_point(point);
}

char *mh_text_upcase(const char *text)
{
    size_t length = strlen(text);
    char *upper = malloc(length * 4 + 1); /* no upper case takes more than four bytes */
    size_t used = 0;
    if (!upper)
        return NULL;
    for (size_t at = 0; at < length;) {
        uint32_t point;
        size_t step = mh_utf8_decode(text + at, length - at, &point);
        if (step > 0)
            used += mh_utf8_encode(mh_upcase_point(point), upper + used);
        else
            upper[used++] = text[at];
        at += step ? step : 1;
    }
    upper[used] = '\0';
    return upper;
}

bool mh_text_equal(const char *a, const char *b)
{
    while (*a && *b)
        if (next_upper(&a) != next_upper(&b))
            return false;
    return *a == *b;
}

bool mh_text_is_pattern(const char *text)
{
    return strpbrk(text, "*?") != NULL;
}

/* Takes one character off both where they match. */
static bool match_one(const char **pattern, const char **text)
{
    const char *p = *pattern;
    const char *t = *text;
    if (*p == '\0')
        return false;
    bool any = *p == '?';
    if (next_upper(&p) != next_upper(&t) && !any)
        return false;
    *pattern = p;
    *text = t;
    return true;
}

/* Only the last star needs another try, so this is quadratic at worst and never recurses. */
bool mh_text_match(const char *pattern, const char *text)
{
    const char *after_star = NULL;
    const char *retry = NULL;
    while (*text) {
        if (*pattern == '*') {
            after_star = ++pattern;
            retry = text;
        } else if (!match_one(&pattern, &text)) {
            if (!after_star)
                return false;
            pattern = after_star;
            next_upper(&retry);
            text = retry;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

static bool digits(const char **text)
{
    const char *start = *text;
    while (**text >= '0' && **text <= '9')
        (*text)++;
    return *text > start && *text - start <= 15;
}

bool mh_text_is_sid(const char *text)
{
    if ((text[0] != 'S' && text[0] != 's') || strncmp(text + 1, "-1-", 3) != 0)
        return false;
    text += 4;
    if (!digits(&text))
        return false;
    int parts = 0;
    while (*text == '-') {
        text++;
        if (!digits(&text) || ++parts > 15)
            return false;
    }
    return *text == '\0' && parts > 0;
}

bool mh_text_is_person_sid(const char *text)
{
    return mh_text_is_sid(text) &&
           (strncmp(text + 1, "-1-5-21-", 8) == 0 || strncmp(text + 1, "-1-12-1-", 8) == 0);
}
