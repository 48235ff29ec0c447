/* SPDX-License-Identifier: MIT */
#include "outlook/version.h"

#include <stddef.h>

static bool take_part(const char **text, uint16_t *ret_part)
{
    uint32_t number = 0;
    const char *at = *text;
    while (*at >= '0' && *at <= '9' && number <= UINT16_MAX)
        number = number * 10 + (uint32_t)(*at++ - '0');
    if (at == *text || number > UINT16_MAX)
        return false;
    *text = at;
    *ret_part = (uint16_t)number;
    return true;
}

bool mh_version_parse(const char *text, struct mh_version *ret_version)
{
    struct mh_version version = {.known = 0};
    do {
        if (version.known == 4 || !take_part(&text, &version.parts[version.known]))
            return false;
        version.known++;
    } while (*text++ == '.');
    if (text[-1] != '\0')
        return false;
    *ret_version = version;
    return true;
}

int mh_version_compare(const struct mh_version *a, const struct mh_version *b)
{
    for (int i = 0; i < 4; i++)
        if (a->parts[i] != b->parts[i])
            return a->parts[i] < b->parts[i] ? -1 : 1;
    return 0;
}

/* The first that can, of each major version of which some can; what comes after the last one can. */
static const struct mh_version firsts[] = {
    {.parts = {14, 0, 7147}, .known = 3},
    {.parts = {15, 0, 4569, 1503}, .known = 4},
    {.parts = {16}, .known = 1},
};

/* Where all that is known is the same, the rest decides. */
static enum mh_outlook_support support_from(const struct mh_version *version, const struct mh_version *first)
{
    for (int i = 0; i < first->known; i++) {
        if (i == version->known)
            return MH_SUPPORT_UNKNOWN;
        if (version->parts[i] != first->parts[i])
            return version->parts[i] < first->parts[i] ? MH_SUPPORT_NO : MH_SUPPORT_YES;
    }
    return MH_SUPPORT_YES;
}

enum mh_outlook_support mh_version_support(const char *text)
{
    struct mh_version version;
    const struct mh_version *first = &firsts[0];
    if (!mh_version_parse(text, &version))
        return MH_SUPPORT_UNKNOWN;
    for (size_t i = 1; i < sizeof(firsts) / sizeof(firsts[0]); i++)
        if (version.parts[0] >= firsts[i].parts[0])
            first = &firsts[i];
    return support_from(&version, first);
}
