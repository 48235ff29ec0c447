/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "contract/encode.h"
#include "contract/json.h"
#include "contract/member.h"
#include "dialect/shared.h"

static json_t *encode_profile(const struct mh_profile *profile, const struct mh_error *error)
{
    return json_pack("{s:s, s:s, s:s}", "id", profile->id, "kind", mh_status_kind(error->status), "message",
                     error->message);
}

static json_t *encode_failed(const struct mh_result *result, const struct mh_error **ret_first)
{
    json_t *list = json_array();
    for (size_t i = 0; mh_next_failed(result, &i); i++) {
        const struct mh_error *error = mh_result_error_of(result, i);
        *ret_first = *ret_first ? *ret_first : error;
        mh_json_append(&list, encode_profile(result->selection.items[i].profile, error));
    }
    return json_pack("{s:o}", "profiles", list);
}

static json_t *encode_error(const struct mh_result *result)
{
    bool refused = result->error.status != MH_OK;
    const struct mh_error *first = refused ? &result->error : NULL;
    json_t *details = refused ? mh_error_encode(first, true) : encode_failed(result, &first);
    json_t *kind = json_sprintf("mapihttp/%s", mh_status_kind(first ? first->status : MH_INTERNAL));
    return json_pack("{s:s, s:o, s:o}", "msg", result->msg, "kind", kind, "details", details);
}

/* PowerShell puts a byte order mark before what it pipes to a program. */
static void skip_mark(struct mh_call *call)
{
    static const char mark[] = {'\xEF', '\xBB', '\xBF'};
    if (call->length >= sizeof(mark) && memcmp(call->text, mark, sizeof(mark)) == 0) {
        call->text += sizeof(mark);
        call->length -= sizeof(mark);
    }
}

int mh_bolt_answer(const struct mh_call *call, struct mh_reply *reply)
{
    struct mh_call plain = *call;
    struct mh_error err = {0};
    struct mh_result result;
    json_t *object = NULL;
    skip_mark(&plain);
    int status = mh_call_object(&plain, &object, &err);
    mh_object_apply(status, object, "_noop", "_", &err, &result);
    json_decref(object);
    mh_result_encode_members(&result, &reply->out);
    if (result.failed)
        mh_member(&reply->out, "_error", encode_error(&result));
    mh_buffer_puts(&reply->out, "}\n");
    int code = result.failed ? 1 : 0;
    mh_result_clear(&result);
    return code;
}
