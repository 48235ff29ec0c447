/* SPDX-License-Identifier: MIT */
#include "contract/encode.h"

#include "contract/json.h"
#include "contract/value_json.h"

/*
 * The result is written member by member, so that ten thousand profiles are never one tree in memory. A
 * member's name is ours, and needs no escapes.
 */
static void member_name(struct mh_buffer *buffer, const char *name)
{
    char last = buffer->length > 0 ? buffer->text[buffer->length - 1] : '{';
    mh_buffer_puts(buffer, last == '{' ? "\"" : ",\"");
    mh_buffer_puts(buffer, name);
    mh_buffer_puts(buffer, "\":");
}

static void member(struct mh_buffer *buffer, const char *name, json_t *json)
{
    member_name(buffer, name);
    mh_json_put(buffer, json);
}

static void member_truth(struct mh_buffer *buffer, const char *name, bool truth)
{
    member_name(buffer, name);
    mh_buffer_puts(buffer, truth ? "true" : "false");
}

static void member_null(struct mh_buffer *buffer, const char *name)
{
    member_name(buffer, name);
    mh_buffer_puts(buffer, "null");
}

static void member_text(struct mh_buffer *buffer, const char *name, const char *text)
{
    if (text)
        member(buffer, name, json_string(text));
    else
        member_null(buffer, name);
}

static json_t *encode_error(const struct mh_error *error, bool with_field)
{
    if (!error || error->status == MH_OK)
        return json_null();
    json_t *json = json_pack("{s:s, s:s}", "kind", mh_status_kind(error->status), "message",
                             error->message);
    if (json && error->has_code)
        json_object_set_new(json, "code", json_integer(error->code));
    if (json && with_field && error->field[0])
        json_object_set_new(json, "field", json_string(error->field));
    return json;
}

static json_t *encode_counts(const struct mh_result *result)
{
    json_t *counts = json_pack("{s:I}", "profiles", (json_int_t)result->selection.count);
    for (int outcome = 0; counts && outcome < MH_OUTCOME_COUNT; outcome++) {
        bool other = outcome == (result->verb == MH_VERB_GET ? MH_OUTCOME_COMPLIANT : MH_OUTCOME_OBSERVED);
        if (!other)
            json_object_set_new(counts, mh_outcome_name((enum mh_outcome)outcome),
                                json_integer((json_int_t)result->counts[outcome]));
    }
    return counts;
}

static json_t *encode_texts(const struct mh_texts *texts)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < texts->count; i++)
        json_array_append_new(list, json_string(texts->items[i]));
    return list;
}

/* What the value is once all is done, whoever did it. */
static const struct mh_value *value_after(const struct mh_result *result, size_t i)
{
    const struct mh_step *step = &result->steps[i];
    bool reached = step->action != MH_KEEP && (!step->error || step->done);
    return reached ? &step->value : &result->observations[i].value;
}

static const struct mh_error *error_of(const struct mh_result *result, size_t i)
{
    return result->observations[i].error ? result->observations[i].error : result->steps[i].error;
}

/* One that could not be opened has only its listing to go by. */
static bool is_live(const struct mh_profile *profile, const struct mh_observation *observation)
{
    return observation->live || (observation->error && (profile->flags & MH_PROFILE_LIVE));
}

static void put_running(const struct mh_result *result, const char *sid, struct mh_buffer *buffer)
{
    bool runs = false;
    if (mh_outlook_runs_for(&result->outlook, sid, &runs))
        member_truth(buffer, "outlook_running", runs);
    else
        member_null(buffer, "outlook_running");
}

static json_t *encode_support(enum mh_outlook_support support)
{
    return support == MH_SUPPORT_UNKNOWN ? json_null() : json_boolean(support == MH_SUPPORT_YES);
}

static json_t *encode_installs(const struct mh_outlook *outlook)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < outlook->install_count; i++) {
        const struct mh_outlook_install *install = &outlook->installs[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "version", install->version, "kind",
                                              mh_outlook_kind_name(install->kind), "supports_mapi_http",
                                              encode_support(install->support)));
    }
    return list;
}

static void put_profile(const struct mh_result *result, size_t i, struct mh_buffer *buffer)
{
    const struct mh_profile *profile = result->selection.items[i].profile;
    const struct mh_observation *observation = &result->observations[i];
    mh_buffer_puts(buffer, "{");
    member(buffer, "id", json_string(profile->id));
    member_text(buffer, "sid", profile->sid);
    member_text(buffer, "account", profile->account);
    member_text(buffer, "path", profile->path);
    member_text(buffer, "hive", profile->hive);
    member(buffer, "source", json_string(is_live(profile, observation) ? "live" : "file"));
    member(buffer, "outcome", json_string(mh_outcome_name(result->outcomes[i])));
    member_text(buffer, "state", mh_state_name(observation->state));
    member(buffer, "before", mh_value_encode(&observation->value));
    member(buffer, "after", mh_value_encode(value_after(result, i)));
    member_text(buffer, "managed_by", observation->managed ? "group_policy" : NULL);
    put_running(result, profile->sid, buffer);
    member_truth(buffer, "recovered", observation->recovered);
    member(buffer, "error", encode_error(error_of(result, i), false));
    mh_buffer_puts(buffer, "}");
}

static void put_profiles(const struct mh_result *result, struct mh_buffer *buffer)
{
    member_name(buffer, "profiles");
    mh_buffer_puts(buffer, "[");
    for (size_t i = 0; i < result->selection.count; i++) {
        mh_buffer_puts(buffer, i > 0 ? "," : "");
        put_profile(result, i, buffer);
    }
    mh_buffer_puts(buffer, "]");
}

static void put_undo(const struct mh_result *result, struct mh_buffer *buffer)
{
    bool first = true;
    member_name(buffer, "undo");
    mh_buffer_puts(buffer, "{\"restore\":[");
    for (size_t i = 0; i < result->selection.count; i++) {
        if (!mh_result_is_changed(result, i))
            continue;
        mh_buffer_puts(buffer, first ? "{" : ",{");
        member(buffer, "id", json_string(result->selection.items[i].profile->id));
        member(buffer, "value", mh_value_encode(&result->observations[i].value));
        mh_buffer_puts(buffer, "}");
        first = false;
    }
    mh_buffer_puts(buffer, "]");
    if (result->root)
        member(buffer, "root", json_string(result->root));
    if (result->store)
        member(buffer, "store", json_string(result->store));
    if (result->hives.count > 0)
        member(buffer, "hives", encode_texts(&result->hives));
    mh_buffer_puts(buffer, "}");
}

void mh_result_encode(const struct mh_result *result, struct mh_buffer *buffer)
{
    mh_buffer_puts(buffer, "{");
    member_truth(buffer, "changed", result->changed);
    member_truth(buffer, "failed", result->failed);
    member_truth(buffer, "check", result->check);
    member_text(buffer, "state", mh_state_name(result->state));
    member(buffer, "msg", json_string(result->msg));
    if (result->error.status != MH_OK)
        member(buffer, "error", encode_error(&result->error, true));
    member(buffer, "counts", encode_counts(result));
    member_truth(buffer, "restart_required", result->restart_required);
    put_profiles(result, buffer);
    if (result->outlook.installs_known)
        member(buffer, "outlook", encode_installs(&result->outlook));
    member(buffer, "warnings", encode_texts(&result->warnings));
    if (result->changed && !result->check)
        put_undo(result, buffer);
    mh_buffer_puts(buffer, "}\n");
}
