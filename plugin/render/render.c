/* SPDX-License-Identifier: MIT */
#include "render/render.h"

#include <stdio.h>
#include <string.h>

static const struct mh_render_format formats[] = {
    {"reg", mh_render_reg, NULL, NULL},
    {"pol", mh_render_pol, NULL, NULL},
    {"gpp", mh_render_gpp, NULL, NULL},
    {"lgpo", mh_render_lgpo, NULL, NULL},
    {"samba", mh_render_samba, NULL, NULL},
    {"intune", mh_render_intune, NULL,
     "its settings set a value or leave it; let 'mapihttp intune remediate state=absent' remove it"},
    {"backup", NULL, mh_render_backup, NULL},
};

const struct mh_render_format *mh_render_find(const char *name)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

/* Its first bytes say "mapiht"; the version and the variant have their bits where the RFC has them. */
struct mh_render_guid mh_render_guid(enum mh_render_thing thing, enum mh_state state)
{
    struct mh_render_guid guid;
    snprintf(guid.text, sizeof(guid.text), "{6D617069-6874-8000-80%02X-0000000000%02X}", (unsigned)thing & 0xFF,
             (unsigned)state & 0xFF);
    return guid;
}
