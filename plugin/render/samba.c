/* SPDX-License-Identifier: MIT */
#include "contract/member.h"
#include "core/state.h"
#include "render/render.h"

void mh_render_samba(enum mh_state state, struct mh_buffer *buffer)
{
    mh_buffer_puts(buffer, "[{");
    mh_member_text(buffer, "keyname", MH_VALUE_KEY);
    mh_member_text(buffer, "valuename", MH_VALUE_NAME);
    mh_member_text(buffer, "class", "USER");
    if (state != MH_STATE_ABSENT) {
        mh_member_text(buffer, "type", "REG_DWORD");
        mh_member_name(buffer, "data");
        mh_buffer_print(buffer, "%u", (unsigned)mh_state_number(state));
    }
    mh_buffer_puts(buffer, "}]\n");
}
