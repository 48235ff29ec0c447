/* SPDX-License-Identifier: MIT */
#include "registry/policy/policy.h"

#include <stdlib.h>

#define POLICY_KEY "Policies\\MapiHttp"
#define POLICY_NAME "HKLM\\Software\\Policies\\MapiHttp"

static int read_state(const struct mh_software *software, enum mh_state *ret_state, struct mh_error *err)
{
    char *text = NULL;
    struct mh_value value;
    int status = mh_software_value(software, POLICY_KEY, "State", &value, err);
    if (status != MH_OK || !value.present)
        return status;
    status = mh_value_text(&value, &text, err);
    mh_value_clear(&value);
    if (status != MH_OK)
        return status;
    enum mh_state state = text ? mh_state_parse(text) : MH_STATE_NONE;
    if (state == MH_STATE_NONE || state == MH_STATE_POLICY)
        mh_error_field(err, "state",
                       POLICY_NAME " says State '%s'; it must be a REG_SZ enabled, disabled, absent or "
                                   "allowed",
                       text ? text : "(no text)");
    else
        *ret_state = state;
    status = state == MH_STATE_NONE || state == MH_STATE_POLICY ? MH_INVALID : MH_OK;
    free(text);
    return status;
}

static int read_default_profile(const struct mh_software *software, bool *ret_wanted, struct mh_error *err)
{
    struct mh_value value;
    uint32_t number = 0;
    int status = mh_software_value(software, POLICY_KEY, "DefaultProfile", &value, err);
    if (status != MH_OK)
        return status;
    *ret_wanted = mh_value_dword(&value, &number) && number == 1;
    mh_value_clear(&value);
    return MH_OK;
}

static int add_excluded(void *visitor, const struct mh_value *value, struct mh_error *err)
{
    struct mh_texts *exclude = visitor;
    char *text = NULL;
    int status = mh_value_text(value, &text, err);
    if (status == MH_OK && text && *text && mh_texts_add(exclude, text) < 0)
        status = mh_error_no_memory(err);
    free(text);
    return status;
}

int mh_policy_read(const struct mh_software *software, struct mh_policy *ret_policy, struct mh_error *err)
{
    struct mh_policy policy = {0};
    int status = read_state(software, &policy.state, err);
    if (status == MH_OK && policy.state != MH_STATE_NONE) {
        status = read_default_profile(software, &policy.default_profile, err);
        if (status == MH_OK)
            status = mh_software_values(software, POLICY_KEY "\\Exclude", add_excluded, &policy.exclude, err);
    }
    if (status != MH_OK)
        mh_policy_clear(&policy);
    else
        *ret_policy = policy;
    return status;
}
