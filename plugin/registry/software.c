/* SPDX-License-Identifier: MIT */
#include "registry/software.h"

#include "core/text.h"

int mh_value_text(const struct mh_value *value, char **ret_text, struct mh_error *err)
{
    bool broken;
    *ret_text = NULL;
    if (!value->present || (value->type != MH_REG_SZ && value->type != MH_REG_EXPAND_SZ))
        return MH_OK;
    *ret_text = mh_utf16_to_utf8(value->data, value->size, false, &broken);
    return *ret_text ? MH_OK : mh_error_no_memory(err);
}

int mh_software_text(const struct mh_software *software, const char *key, const char *name,
                     char **ret_text, struct mh_error *err)
{
    struct mh_value value;
    int status = mh_software_value(software, key, name, &value, err);
    if (status != MH_OK)
        return status;
    status = mh_value_text(&value, ret_text, err);
    mh_value_clear(&value);
    return status;
}
