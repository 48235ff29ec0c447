/* SPDX-License-Identifier: MIT */
#include "contract/encode.h"
#include "contract/json.h"
#include "contract/member.h"
#include "contract/value_json.h"
#include "dialect/native.h"
#include "dialect/shared.h"

/* The state's name; NULL where it has none. A new reference. */
static int find_name(const json_t *object, json_t **ret_name, struct mh_error *err)
{
    json_t *name = json_object_get(object, "name");
    if (name && !json_is_null(name) && !json_is_string(name))
        return mh_error_field(err, "name", "name must be a string");
    *ret_name = json_is_string(name) ? json_incref(name) : NULL;
    return MH_OK;
}

static void put_change(const struct mh_value *before, const struct mh_value *after, struct mh_buffer *buffer)
{
    mh_buffer_puts(buffer, "{");
    mh_member_value(buffer, "old", before);
    mh_member_value(buffer, "new", after);
    mh_buffer_puts(buffer, "}");
}

static void put_changes(const struct mh_result *result, struct mh_buffer *buffer)
{
    const char *comma = "";
    mh_member_name(buffer, "changes");
    mh_buffer_puts(buffer, "{");
    for (size_t i = 0; mh_next_changed(result, &i); i++) {
        mh_buffer_puts(buffer, comma);
        mh_json_put_text(buffer, result->selection.items[i].profile->id);
        mh_buffer_puts(buffer, ":");
        put_change(&result->observations[i].value, mh_result_value_after(result, i), buffer);
        comma = ",";
    }
    mh_buffer_puts(buffer, "}");
}

static void add_line(struct mh_buffer *buffer, const char *before, const char *text)
{
    mh_buffer_puts(buffer, "\n");
    mh_buffer_puts(buffer, before);
    mh_buffer_puts(buffer, text);
}

/* A state return has no other place for what went wrong, or what a person should know. */
static json_t *encode_comment(const struct mh_result *result)
{
    struct mh_buffer text = {0};
    mh_buffer_puts(&text, result->msg);
    for (size_t i = 0; mh_next_failed(result, &i); i++) {
        json_t *failure = mh_failure_encode(result, i);
        text.failed = text.failed || !failure;
        add_line(&text, "", failure ? json_string_value(failure) : "");
        json_decref(failure);
    }
    for (size_t i = 0; i < result->warnings.count; i++)
        add_line(&text, "warning: ", result->warnings.items[i]);
    if (result->restart_required)
        add_line(&text, "", result->check ? "Outlook would have to be restarted: it reads the value only when it starts"
                                          : "Outlook must be restarted: it reads the value only when it starts");
    json_t *comment = text.failed ? NULL : json_stringn(text.text, text.length);
    mh_buffer_clear(&text);
    return comment;
}

/* What the state's result is: null says that a test found something to do. */
static void put_return(const struct mh_result *result, json_t *name, struct mh_buffer *buffer)
{
    mh_buffer_puts(buffer, "{");
    mh_member(buffer, "name", name ? json_incref(name) : json_string("mapihttp"));
    if (!result->failed && result->check && result->changed)
        mh_member_null(buffer, "result");
    else
        mh_member_truth(buffer, "result", !result->failed);
    put_changes(result, buffer);
    mh_member(buffer, "comment", encode_comment(result));
    mh_buffer_puts(buffer, "}\n");
}

int mh_salt_answer(const struct mh_call *call, struct mh_reply *reply)
{
    struct mh_error err = {0};
    struct mh_result result;
    enum mh_verb verb = MH_VERB_CHECK;
    json_t *object = NULL;
    json_t *name = NULL;
    bool test = false;
    int status = mh_call_object(call, &object, &err);
    if (call->word)
        (void)mh_verb_parse(call->word, &verb);
    if (status == MH_OK)
        status = find_name(object, &name, &err);
    if (status == MH_OK)
        status = mh_object_take_truth(object, "test", &test, &err);
    json_object_del(object, "name");
    mh_object_run(verb, status, object, test, &err, &result);
    if (verb == MH_VERB_GET)
        mh_result_encode(&result, &reply->out);
    else
        put_return(&result, name, &reply->out);
    json_decref(name);
    json_decref(object);
    int code = result.failed ? 1 : 0;
    mh_result_clear(&result);
    return code;
}
