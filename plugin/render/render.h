/* SPDX-License-Identifier: MIT */
#ifndef MH_RENDER_RENDER_H
#define MH_RENDER_RENDER_H

#include "core/buffer.h"
#include "core/tree.h"
#include "mapihttp/request.h"

/*
 * The desired state as another tool's file. All here is pure: an exact state (mh_state_is_exact) in, bytes out, and
 * the same state always gives the same bytes. docs/contract.md says of each format what it is.
 */

struct mh_render_format {
    const char *name;
    void (*put)(enum mh_state state, struct mh_buffer *buffer); /* appends the file; NULL: it is a folder */
    void (*plant)(enum mh_state state, struct mh_tree *tree);   /* adds what is in the folder; NULL: it is a file */
    const char *no_absent; /* why the format cannot say ABSENT, for an error; NULL: it can */
};

/* The format of that name; NULL when there is none. */
const struct mh_render_format *mh_render_find(const char *name);

void mh_render_reg(enum mh_state state, struct mh_buffer *buffer);
void mh_render_pol(enum mh_state state, struct mh_buffer *buffer);
void mh_render_gpp(enum mh_state state, struct mh_buffer *buffer);
void mh_render_lgpo(enum mh_state state, struct mh_buffer *buffer);
void mh_render_samba(enum mh_state state, struct mh_buffer *buffer);
void mh_render_intune(enum mh_state state, struct mh_buffer *buffer);

/* Its first item is the folder that is named with the backup's GUID. */
void mh_render_backup(enum mh_state state, struct mh_tree *tree);

/* What the formats share. */

/* What the file is about, for a console to show: "Outlook MAPI over HTTP enabled". */
#define MH_RENDER_TITLE "Outlook MAPI over HTTP"

/* The files have a time in them; it is no clock's. */
#define MH_RENDER_DATE "2000-01-01"
#define MH_RENDER_TIME "00:00:00"

enum mh_render_thing {
    MH_RENDER_GPO = 1,
    MH_RENDER_BACKUP,
    MH_RENDER_DOMAIN,
    MH_RENDER_ITEM,
};

/* A GUID (RFC 9562, version 8) that is the thing's and the state's, and always the same, with its braces. What is the
 * same for all states has MH_STATE_NONE. */
struct mh_render_guid {
    char text[39];
};
struct mh_render_guid mh_render_guid(enum mh_render_thing thing, enum mh_state state);

#endif
