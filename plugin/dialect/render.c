/* SPDX-License-Identifier: MIT */
#include "render/render.h"

#include <stdlib.h>
#include <string.h>

#include "contract/encode.h"
#include "contract/fields.h"
#include "contract/json.h"
#include "contract/member.h"
#include "core/print.h"
#include "core/state.h"
#include "core/text.h"
#include "dialect/shared.h"
#include "os/tree.h"

#define TROUBLE 2

/* What a request for a file may say. */
struct wish {
    enum mh_state state;
    char *out; /* NULL: not given */
};

static int read_state(const json_t *json, struct wish *wish, struct mh_error *err)
{
    if (!json_is_string(json))
        return mh_error_field(err, "state", "state must be enabled, disabled or absent");
    if (mh_json_holds_nul(json))
        return mh_error_field(err, "state", "state has a NUL character in it");
    wish->state = mh_state_parse(json_string_value(json));
    if (!mh_state_is_exact(wish->state))
        return mh_error_field(err, "state", "state is '%s', but a file can say only enabled, disabled or absent",
                              json_string_value(json));
    return MH_OK;
}

static int read_out(const json_t *json, struct wish *wish, struct mh_error *err)
{
    if (!json_is_string(json))
        return mh_error_field(err, "out", "out must be a path: the folder to make");
    if (json_string_length(json) == 0)
        return mh_error_field(err, "out", "out is an empty path");
    if (mh_json_holds_nul(json))
        return mh_error_field(err, "out", "out has a NUL character in it");
    wish->out = mh_text_copy(json_string_value(json));
    return wish->out ? MH_OK : mh_error_no_memory(err);
}

static int read_field(const char *name, const json_t *json, struct wish *wish, struct mh_error *err)
{
    bool is_out = strcmp(name, "out") == 0;
    if (json_is_null(json) && (is_out || mh_field_is_known(name)))
        return MH_OK;
    if (strcmp(name, "state") == 0)
        return read_state(json, wish, err);
    if (is_out)
        return read_out(json, wish, err);
    return mh_error_field(err, name, "render takes no '%s'; it takes state and, for backup, out", name);
}

/* The rules between what was given and the format. */
static int check_wish(const struct wish *wish, const struct mh_render_format *format, struct mh_error *err)
{
    if (wish->state == MH_STATE_NONE)
        return mh_error_field(err, "state", "state is missing: give enabled, disabled or absent");
    if (wish->state == MH_STATE_ABSENT && format->no_absent)
        return mh_error_field(err, "state", "%s cannot say absent: %s", format->name, format->no_absent);
    if (format->put && wish->out)
        return mh_error_field(err, "out", "out is for backup; %s is printed", format->name);
    if (!format->put && !wish->out)
        return mh_error_field(err, "out", "out is missing: %s makes a folder, which out names", format->name);
    return MH_OK;
}

static int read_wish(const json_t *object, const struct mh_render_format *format, struct wish *wish,
                     struct mh_error *err)
{
    const char *name;
    json_t *json;
    int status = MH_OK;
    json_object_foreach((json_t *)object, name, json) {
        status = read_field(name, json, wish, err);
        if (status != MH_OK)
            return status;
    }
    return check_wish(wish, format, err);
}

/* What Import-GPO is to be given is told in place of the file. */
static void tell_backup(const struct mh_tree *tree, struct mh_buffer *out)
{
    mh_buffer_puts(out, "{");
    mh_member_text(out, "backup_id", tree->items[0].path);
    mh_buffer_puts(out, "}\n");
}

static int grant(const struct wish *wish, const struct mh_render_format *format, struct mh_buffer *out,
                 struct mh_error *err)
{
    struct mh_tree tree = {0};
    if (format->put) {
        format->put(wish->state, out);
        return MH_OK;
    }
    format->plant(wish->state, &tree);
    int status = mh_tree_write(wish->out, &tree, err);
    if (status == MH_OK)
        tell_backup(&tree, out);
    mh_tree_clear(&tree);
    mh_error_at(err, "out");
    return status;
}

/* Standard output is likely to be the file that was asked for: a person looks at the other one. */
static void refuse(const struct mh_error *why, struct mh_reply *reply)
{
    struct mh_result result;
    mh_run_refused(MH_VERB_GET, why, &result);
    mh_result_encode(&result, &reply->out);
    mh_result_clear(&result);
    mh_buffer_puts(&reply->err, "mapihttp: ");
    (void)mh_text_print(&reply->err, why->message);
    mh_buffer_puts(&reply->err, "\n");
}

int mh_render_answer(const struct mh_call *call, struct mh_reply *reply)
{
    const struct mh_render_format *format = call->word ? mh_render_find(call->word) : NULL;
    struct mh_error err = {0};
    struct wish wish = {0};
    json_t *object = NULL;
    int status = mh_call_object(call, &object, &err); /* a word that is no format is a fault of the call */
    if (status == MH_OK)
        status = format ? read_wish(object, format, &wish, &err)
                        : mh_error_set(&err, MH_INTERNAL, "render is called without a format");
    if (status == MH_OK && format)
        status = grant(&wish, format, &reply->out, &err);
    if (status != MH_OK)
        refuse(&err, reply);
    free(wish.out);
    json_decref(object);
    return status == MH_OK ? 0 : TROUBLE;
}
