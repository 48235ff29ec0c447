/* SPDX-License-Identifier: MIT */
#include "core/state.h"
#include "render/render.h"

void mh_render_reg(enum mh_state state, struct mh_buffer *buffer)
{
    char value[] = "dword:00000000";
    value[sizeof(value) - 2] = (char)('0' + mh_state_number(state));
    mh_buffer_add(buffer, "\xFF\xFE", 2);
    mh_buffer_put_utf16(buffer, "Windows Registry Editor Version 5.00\r\n\r\n"
                                "[HKEY_CURRENT_USER\\" MH_VALUE_KEY "]\r\n\"" MH_VALUE_NAME "\"=");
    mh_buffer_put_utf16(buffer, state == MH_STATE_ABSENT ? "-" : value);
    mh_buffer_put_utf16(buffer, "\r\n\r\n");
}
