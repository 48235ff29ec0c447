/* SPDX-License-Identifier: MIT */
#include "hc_internal.h"

#include "core/upcase.h"

uint16_t hc_name_unit(const struct hc_name *name, size_t index)
{
    return name->latin1 ? name->at[index] : hc_get16(name->at + 2 * index);
}

int hc_name_compare(const struct hc_name *left, const struct hc_name *right)
{
    for (size_t i = 0; i < left->count && i < right->count; i++) {
        int difference =
            (int)mh_upcase(hc_name_unit(left, i)) - (int)mh_upcase(hc_name_unit(right, i));

        if (difference != 0)
            return difference;
    }
    return (left->count > right->count) - (left->count < right->count);
}

uint32_t hc_name_hash(const struct hc_name *name)
{
    uint32_t hash = 0;

    for (size_t i = 0; i < name->count; i++)
        hash = hash * 37 + mh_upcase(hc_name_unit(name, i));
    return hash;
}

/* A character that is not Latin-1 among the first four makes the hint void: its first byte is 0. */
bool hc_name_hint_is(const struct hc_name *name, const uint8_t hint[4])
{
    for (size_t i = 0; i < 4 && i < name->count; i++)
        if (hc_name_unit(name, i) > 0xFF)
            return hint[0] == 0;
    for (size_t i = 0; i < 4; i++)
        if (hint[i] != (i < name->count ? hc_name_unit(name, i) : 0))
            return false;
    return true;
}
