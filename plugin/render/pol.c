/* SPDX-License-Identifier: MIT */
#include "core/state.h"
#include "registry/policy/preg.h"
#include "render/render.h"

void mh_render_pol(enum mh_state state, struct mh_buffer *buffer)
{
    mh_preg_put_header(buffer);
    if (state == MH_STATE_ABSENT)
        mh_preg_put_removal(buffer, MH_VALUE_KEY, MH_VALUE_NAME);
    else
        mh_preg_put_dword(buffer, MH_VALUE_KEY, MH_VALUE_NAME, mh_state_number(state));
}
