/* SPDX-License-Identifier: MIT */
#include "contract/member.h"

#include "contract/json.h"

void mh_member_name(struct mh_buffer *buffer, const char *name)
{
    bool first = buffer->length == 0 || buffer->text[buffer->length - 1] == '{';
    mh_buffer_puts(buffer, first ? "\"" : ",\"");
    mh_buffer_puts(buffer, name);
    mh_buffer_puts(buffer, "\":");
}

void mh_member(struct mh_buffer *buffer, const char *name, json_t *json)
{
    mh_member_name(buffer, name);
    mh_json_put(buffer, json);
}

void mh_member_truth(struct mh_buffer *buffer, const char *name, bool truth)
{
    mh_member_name(buffer, name);
    mh_buffer_puts(buffer, truth ? "true" : "false");
}

void mh_member_null(struct mh_buffer *buffer, const char *name)
{
    mh_member_name(buffer, name);
    mh_buffer_puts(buffer, "null");
}

void mh_member_text(struct mh_buffer *buffer, const char *name, const char *text)
{
    if (!text) {
        mh_member_null(buffer, name);
        return;
    }
    mh_member_name(buffer, name);
    mh_json_put_text(buffer, text);
}

json_t *mh_error_encode(const struct mh_error *error, bool with_field)
{
    if (!error || error->status == MH_OK)
        return json_null();
    json_t *json = json_pack("{s:s, s:s}", "kind", mh_status_kind(error->status), "message",
                             error->message);
    if (error->has_code)
        mh_json_set(&json, "code", json_integer(error->code));
    if (with_field && error->field[0])
        mh_json_set(&json, "field", json_string(error->field));
    return json;
}
