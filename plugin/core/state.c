/* SPDX-License-Identifier: MIT */
#include "core/state.h"

#include <string.h>

static const char *const names[] = {
    NULL,
#define NAME(constant, name) name,
    MH_DESIRED_STATES(NAME)
#undef NAME
    "other",
};

const char *mh_state_name(enum mh_state state)
{
    return names[state];
}

enum mh_state mh_state_parse(const char *name)
{
    for (int state = MH_STATE_NONE + 1; state < MH_STATE_OTHER; state++)
        if (strcmp(names[state], name) == 0)
            return (enum mh_state)state;
    return MH_STATE_NONE;
}

enum mh_state mh_state_of(const struct mh_value *value)
{
    uint32_t number;
    if (!value->present)
        return MH_STATE_ABSENT;
    if (!mh_value_dword(value, &number) || number > 1)
        return MH_STATE_OTHER;
    return number == 0 ? MH_STATE_ENABLED : MH_STATE_DISABLED;
}

bool mh_state_satisfies(enum mh_state desired, enum mh_state observed)
{
    if (desired == MH_STATE_ALLOWED)
        return observed == MH_STATE_ENABLED || observed == MH_STATE_ABSENT;
    return desired == observed;
}

bool mh_state_is_exact(enum mh_state state)
{
    return state == MH_STATE_ENABLED || state == MH_STATE_DISABLED || state == MH_STATE_ABSENT;
}

uint32_t mh_state_number(enum mh_state state)
{
    return state == MH_STATE_DISABLED ? 1 : 0;
}

int mh_state_target(enum mh_state desired, struct mh_value *ret_value)
{
    if (desired == MH_STATE_ABSENT) {
        *ret_value = (struct mh_value){0};
        return 0;
    }
    return mh_value_make_dword(mh_state_number(desired), ret_value);
}
