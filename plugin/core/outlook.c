/* SPDX-License-Identifier: MIT */
#include "mapihttp/outlook.h"

#include <stdlib.h>

#include "core/text.h"

const char *mh_outlook_kind_name(enum mh_outlook_kind kind)
{
    static const char *const names[] = {
#define NAME(constant, name) name,
        MH_OUTLOOK_KINDS(NAME)
#undef NAME
    };
    return names[kind];
}

void mh_outlook_clear(struct mh_outlook *outlook)
{
    for (size_t i = 0; i < outlook->install_count; i++)
        free(outlook->installs[i].version);
    free(outlook->installs);
    mh_texts_clear(&outlook->running);
    *outlook = (struct mh_outlook){0};
}

static bool has_running(const struct mh_outlook *outlook, const char *sid)
{
    for (size_t i = 0; i < outlook->running.count; i++)
        if (mh_text_equal(outlook->running.items[i], sid))
            return true;
    return false;
}

bool mh_outlook_runs_for(const struct mh_outlook *outlook, const char *sid, bool *ret_runs)
{
    *ret_runs = sid && has_running(outlook, sid);
    return sid && (*ret_runs || outlook->running_known);
}

bool mh_outlook_lacks_mapi_http(const struct mh_outlook *outlook)
{
    for (size_t i = 0; i < outlook->install_count; i++)
        if (outlook->installs[i].support != MH_SUPPORT_NO)
            return false;
    return outlook->install_count > 0;
}
