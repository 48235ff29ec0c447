/* SPDX-License-Identifier: MIT */
#include "core/state.h"
#include "render/render.h"

/* The class identifiers that [MS-GPPREF] gives to a collection of registry items, and to one. */
#define SETTINGS "{A3CCFC41-DFDB-43a5-8D26-0FE8B954DA51}"
#define ITEM "{9CD4B2F4-923D-47f5-A062-E897DD1DAD50}"

/* What the console draws beside the item: a text that is deleted, a number that is updated. */
#define IMAGE_DELETE 8
#define IMAGE_UPDATE 12

/* Spelled and laid out as the Group Policy editor does: others read it with less than an XML parser. Of what is deleted
 * that editor knows no type, and writes that of a text. */
void mh_render_gpp(enum mh_state state, struct mh_buffer *buffer)
{
    bool absent = state == MH_STATE_ABSENT;
    mh_buffer_puts(buffer, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<RegistrySettings clsid=\"" SETTINGS "\">");
    mh_buffer_print(buffer,
                    "<Registry clsid=\"" ITEM "\" name=\"" MH_VALUE_NAME "\" status=\"" MH_VALUE_NAME
                    "\" image=\"%d\" changed=\"" MH_RENDER_DATE " " MH_RENDER_TIME "\" uid=\"%s\">",
                    absent ? IMAGE_DELETE : IMAGE_UPDATE, mh_render_guid(MH_RENDER_ITEM, state).text);
    mh_buffer_print(buffer,
                    "<Properties action=\"%s\" displayDecimal=\"0\" default=\"0\" hive=\"HKEY_CURRENT_USER\" "
                    "key=\"%s\" name=\"" MH_VALUE_NAME "\" type=\"%s\" value=\"",
                    absent ? "D" : "U", MH_VALUE_KEY, absent ? "REG_SZ" : "REG_DWORD");
    if (!absent)
        mh_buffer_print(buffer, "%08X", (unsigned)mh_state_number(state));
    mh_buffer_puts(buffer, "\"/></Registry>\r\n</RegistrySettings>\r\n");
}
