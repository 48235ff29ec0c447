/* SPDX-License-Identifier: MIT */
#include "core/state.h"
#include "render/render.h"

void mh_render_lgpo(enum mh_state state, struct mh_buffer *buffer)
{
    mh_buffer_print(buffer, "; " MH_RENDER_TITLE " %s\r\n\r\nUser\r\n%s\r\n" MH_VALUE_NAME "\r\n", mh_state_name(state),
                    MH_VALUE_KEY);
    if (state == MH_STATE_ABSENT)
        mh_buffer_puts(buffer, "DELETE");
    else
        mh_buffer_print(buffer, "DWORD:%u", (unsigned)mh_state_number(state));
    mh_buffer_puts(buffer, "\r\n\r\n");
}
