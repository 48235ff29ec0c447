/* SPDX-License-Identifier: MIT */
#include "contract/member.h"
#include "render/render.h"

/* How admx/mapihttp.admx is ingested, and what its policy is called then: APP~Policy~CATEGORY/POLICY. */
#define INGEST_URI "./Device/Vendor/MSFT/Policy/ConfigOperations/ADMXInstall/MapiHttp/Policy/MapiHttp"
#define POLICY_URI "./User/Vendor/MSFT/Policy/Config/MapiHttp~Policy~MapiHttp/MapiHttp_Use"

static void put_setting(struct mh_buffer *buffer, const char *title, const char *uri, const char *value)
{
    mh_buffer_puts(buffer, "{");
    mh_member_text(buffer, "@odata.type", "#microsoft.graph.omaSettingString");
    mh_member_text(buffer, "displayName", title);
    mh_member_text(buffer, "omaUri", uri);
    mh_member_text(buffer, "value", value);
    mh_buffer_puts(buffer, "}");
}

void mh_render_intune(enum mh_state state, struct mh_buffer *buffer)
{
    bool enabled = state == MH_STATE_ENABLED;
    const char *title = enabled ? MH_RENDER_TITLE " enabled" : MH_RENDER_TITLE " disabled";
    mh_buffer_puts(buffer, "{");
    mh_member_text(buffer, "@odata.type", "#microsoft.graph.windows10CustomConfiguration");
    mh_member_text(buffer, "displayName", title);
    mh_member_name(buffer, "omaSettings");
    mh_buffer_puts(buffer, "[");
    put_setting(buffer, "mapihttp.admx", INGEST_URI, "(the text of admx/mapihttp.admx)");
    mh_buffer_puts(buffer, ",");
    put_setting(buffer, title, POLICY_URI, enabled ? "<enabled/>" : "<disabled/>");
    mh_buffer_puts(buffer, "]}\n");
}
