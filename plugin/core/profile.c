/* SPDX-License-Identifier: MIT */
#include "mapihttp/profile.h"

#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "core/text.h"

static int take_text(struct mh_texts *texts, char *text)
{
    if (!text || mh_array_reserve((void **)&texts->items, sizeof(*texts->items), texts->count,
                                  &texts->capacity) < 0) {
        free(text);
        return -1;
    }
    texts->items[texts->count++] = text;
    return 0;
}

int mh_texts_add(struct mh_texts *texts, const char *text)
{
    return take_text(texts, mh_text_copy(text));
}

int mh_texts_addf(struct mh_texts *texts, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = mh_text_vformat(format, args);
    va_end(args);
    return take_text(texts, text);
}

void mh_texts_clear(struct mh_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->items[i]);
    free(texts->items);
    *texts = (struct mh_texts){0};
}

int mh_profiles_take(struct mh_profiles *profiles, struct mh_profile *profile)
{
    if (mh_array_reserve((void **)&profiles->items, sizeof(*profiles->items), profiles->count,
                         &profiles->capacity) < 0) {
        mh_profile_clear(profile);
        return -1;
    }
    profiles->items[profiles->count++] = *profile;
    *profile = (struct mh_profile){0};
    return 0;
}

void mh_profiles_clear(struct mh_profiles *profiles)
{
    for (size_t i = 0; i < profiles->count; i++)
        mh_profile_clear(&profiles->items[i]);
    free(profiles->items);
    *profiles = (struct mh_profiles){0};
}

void mh_profile_clear(struct mh_profile *profile)
{
    free(profile->id);
    free(profile->sid);
    free(profile->account);
    free(profile->path);
    free(profile->hive);
    free(profile->ref);
    free(profile->policy);
    mh_error_free(profile->problem);
    *profile = (struct mh_profile){0};
}

const char *mh_profile_folder(const struct mh_profile *profile)
{
    const char *name = profile->path ? profile->path : "";
    for (const char *at = name; *at; at++)
        if (*at == '\\' || *at == '/')
            name = at + 1;
    return name;
}
