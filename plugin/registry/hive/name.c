/* SPDX-License-Identifier: MIT */
#include "registry/hive/name.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "core/upcase.h"
#include "registry/hive/format.h"

/* How many units the name has; 0 where it can be none. */
static size_t put_upper(const char *text, size_t length, uint16_t *upper)
{
    uint16_t units[2];
    size_t count = 0;
    for (size_t at = 0; at < length;) {
        uint32_t point = (uint8_t)text[at];
        if (point < 0x80 && count < MH_NAME_MAX) {
            upper[count++] = mh_upcase((uint16_t)point);
            at++;
            continue;
        }
        size_t used = mh_utf8_decode(text + at, length - at, &point);
        size_t more = used > 0 ? mh_utf16_encode(point, units) : 0;
        if (more == 0 || count + more > MH_NAME_MAX)
            return 0;
        for (size_t i = 0; i < more; i++)
            upper[count++] = mh_upcase(units[i]);
        at += used;
    }
    return count;
}

int mh_name_make(const char *text, size_t length, struct mh_name *ret_name, struct mh_error *err)
{
    size_t count = put_upper(text, length, ret_name->upper);
    if (count == 0)
        return mh_error_set(err, MH_INTERNAL, "'%.*s' cannot be looked for in a hive", (int)length, text);
    ret_name->count = count;
    ret_name->ascii = true;
    for (size_t i = 0; i < count; i++)
        ret_name->ascii = ret_name->ascii && ret_name->upper[i] < 0x80;
    return MH_OK;
}

static size_t stored_count(const struct mh_stored_name *stored)
{
    return stored->latin1 ? stored->size : stored->size / 2;
}

static uint16_t stored_upper(const struct mh_stored_name *stored, size_t i)
{
    return mh_upcase(stored->latin1 ? stored->bytes[i] : mh_get16(stored->bytes + 2 * i));
}

static int by_length(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

int mh_name_compare(const struct mh_name *name, const struct mh_stored_name *stored)
{
    size_t count = stored_count(stored);
    for (size_t i = 0; i < name->count && i < count; i++) {
        int order = name->upper[i] - stored_upper(stored, i);
        if (order != 0)
            return order;
    }
    return by_length(name->count, count);
}

bool mh_name_may_precede(const struct mh_stored_name *a, const struct mh_stored_name *b)
{
    size_t a_count = stored_count(a);
    size_t b_count = stored_count(b);
    for (size_t i = 0; i < a_count && i < b_count; i++) {
        uint16_t left = stored_upper(a, i);
        uint16_t right = stored_upper(b, i);
        if (left != right)
            return left < right || (left >= 0x80 && right >= 0x80);
    }
    return a_count < b_count;
}

uint32_t mh_name_hash(const struct mh_name *name)
{
    uint32_t hash = 0;
    for (size_t i = 0; i < name->count; i++)
        hash = hash * 37 + name->upper[i];
    return hash;
}

char *mh_name_text(const struct mh_stored_name *stored)
{
    bool broken;
    if (!stored->latin1)
        return mh_utf16_to_utf8(stored->bytes, stored->size, false, &broken);
    char *text = malloc(stored->size * 2 + 1);
    size_t used = 0;
    if (!text)
        return NULL;
    for (size_t i = 0; i < stored->size && stored->bytes[i] != 0; i++)
        used += mh_utf8_encode(stored->bytes[i], text + used);
    text[used] = '\0';
    return text;
}
