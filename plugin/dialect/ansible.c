/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "contract/encode.h"
#include "contract/json.h"
#include "contract/member.h"
#include "contract/value_json.h"
#include "core/text.h"
#include "dialect/shared.h"

/* One side of the diff: nothing where the value is not there, so that a person sees only a + or a -. */
static json_t *encode_side(const struct mh_value *value)
{
    if (!value->present)
        return json_string("");
    char *what = mh_value_describe(value);
    json_t *side = what ? json_sprintf(MH_VALUE_NAME ": %s\n", what) : NULL;
    free(what);
    return side;
}

static json_t *encode_header(const struct mh_profile *profile)
{
    if (!profile->hive || strcmp(profile->hive, profile->id) == 0)
        return json_string(profile->id);
    return json_sprintf("%s (%s)", profile->id, profile->hive);
}

static void put_diff(const struct mh_result *result, struct mh_buffer *buffer)
{
    const char *comma = "{";
    mh_member_name(buffer, "diff");
    mh_buffer_puts(buffer, "[");
    for (size_t i = 0; mh_next_changed(result, &i); i++) {
        const struct mh_profile *profile = result->selection.items[i].profile;
        mh_buffer_puts(buffer, comma);
        mh_member(buffer, "before_header", encode_header(profile));
        mh_member(buffer, "after_header", encode_header(profile));
        mh_member(buffer, "before", encode_side(&result->observations[i].value));
        mh_member(buffer, "after", encode_side(mh_result_value_after(result, i)));
        mh_buffer_puts(buffer, "}");
        comma = ",{";
    }
    mh_buffer_puts(buffer, "]");
}

int mh_ansible_answer(const struct mh_call *call, struct mh_reply *reply)
{
    struct mh_error err = {0};
    struct mh_result result;
    json_t *object = NULL;
    bool diff = false;
    int status = mh_call_object(call, &object, &err);
    if (status == MH_OK)
        status = mh_object_take_truth(object, "_ansible_diff", &diff, &err);
    mh_object_apply(status, object, "_ansible_check_mode", "_ansible_", &err, &result);
    json_decref(object);
    mh_result_encode_members(&result, &reply->out);
    if (diff)
        put_diff(&result, &reply->out);
    mh_buffer_puts(&reply->out, "}\n");
    int code = result.failed ? 1 : 0;
    mh_result_clear(&result);
    return code;
}
