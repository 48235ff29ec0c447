/* SPDX-License-Identifier: MIT */
#include "contract/encode.h"

#include <stdlib.h>

#include "contract/json.h"
#include "contract/member.h"
#include "contract/value_json.h"
#include "os/threads.h"

static json_t *encode_counts(const struct mh_result *result)
{
    json_t *counts = json_pack("{s:I}", "profiles", (json_int_t)result->selection.count);
    for (int outcome = 0; outcome < MH_OUTCOME_COUNT; outcome++) {
        bool other = outcome == (result->verb == MH_VERB_GET ? MH_OUTCOME_COMPLIANT : MH_OUTCOME_OBSERVED);
        if (!other)
            mh_json_set(&counts, mh_outcome_name((enum mh_outcome)outcome),
                        json_integer((json_int_t)result->counts[outcome]));
    }
    return counts;
}

static json_t *encode_texts(const struct mh_texts *texts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < texts->count; i++)
        mh_json_append(&list, mh_json_text(texts->items[i]));
    return list;
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
        mh_member_truth(buffer, "outlook_running", runs);
    else
        mh_member_null(buffer, "outlook_running");
}

static json_t *encode_support(enum mh_outlook_support support)
{
    return support == MH_SUPPORT_UNKNOWN ? json_null() : json_boolean(support == MH_SUPPORT_YES);
}

static json_t *encode_installs(const struct mh_outlook *outlook)
{
    json_t *list = json_array();
    for (size_t i = 0; i < outlook->install_count; i++) {
        const struct mh_outlook_install *install = &outlook->installs[i];
        mh_json_append(&list, json_pack("{s:s, s:s, s:o}", "version", install->version, "kind",
                                        mh_outlook_kind_name(install->kind), "supports_mapi_http",
                                        encode_support(install->support)));
    }
    return list;
}

static void put_profile(const struct mh_result *result, size_t i, struct mh_buffer *buffer)
{
    const struct mh_profile *profile = result->selection.items[i].profile;
    const struct mh_observation *observation = &result->observations[i];
    const struct mh_error *error = mh_result_error_of(result, i);
    mh_buffer_puts(buffer, "{");
    mh_member_text(buffer, "id", profile->id);
    mh_member_text(buffer, "sid", profile->sid);
    mh_member_text(buffer, "account", profile->account);
    mh_member_text(buffer, "path", profile->path);
    mh_member_text(buffer, "hive", profile->hive);
    mh_member_text(buffer, "source", is_live(profile, observation) ? "live" : "file");
    mh_member_text(buffer, "outcome", mh_outcome_name(result->outcomes[i]));
    mh_member_text(buffer, "state", mh_state_name(observation->state));
    mh_member_value(buffer, "before", &observation->value);
    mh_member_value(buffer, "after", mh_result_value_after(result, i));
    mh_member_text(buffer, "managed_by", observation->managed ? "group_policy" : NULL);
    put_running(result, profile->sid, buffer);
    mh_member_truth(buffer, "recovered", observation->recovered);
    if (error)
        mh_member(buffer, "error", mh_error_encode(error, false));
    else
        mh_member_null(buffer, "error");
    mh_buffer_puts(buffer, "}");
}

#define SHEET 256u /* profiles that one thread writes down at a time */

struct sheets {
    const struct mh_result *result;
    struct mh_buffer *buffers;
};

static void put_sheet(void *context, size_t at)
{
    const struct sheets *sheets = context;
    size_t count = sheets->result->selection.count;
    for (size_t i = at * SHEET; i < count && i < (at + 1) * SHEET; i++) {
        mh_buffer_puts(&sheets->buffers[at], i > 0 ? "," : "");
        put_profile(sheets->result, i, &sheets->buffers[at]);
    }
}

static void put_profiles(const struct mh_result *result, struct mh_buffer *buffer)
{
    size_t count = (result->selection.count + SHEET - 1) / SHEET;
    struct sheets sheets = {.result = result, .buffers = calloc(count + 1, sizeof(*sheets.buffers))};
    mh_member_name(buffer, "profiles");
    mh_buffer_puts(buffer, "[");
    if (sheets.buffers)
        mh_parallel(count, put_sheet, &sheets, NULL, NULL);
    else
        buffer->failed = true;
    for (size_t at = 0; sheets.buffers && at < count; at++)
        mh_buffer_take(buffer, &sheets.buffers[at]);
    free(sheets.buffers);
    mh_buffer_puts(buffer, "]");
}

static void put_undo(const struct mh_result *result, struct mh_buffer *buffer)
{
    bool first = true;
    mh_member_name(buffer, "undo");
    mh_buffer_puts(buffer, "{\"restore\":[");
    for (size_t i = 0; i < result->selection.count; i++) {
        if (!mh_result_is_changed(result, i))
            continue;
        mh_buffer_puts(buffer, first ? "{" : ",{");
        mh_member_text(buffer, "id", result->selection.items[i].profile->id);
        mh_member_value(buffer, "value", &result->observations[i].value);
        mh_buffer_puts(buffer, "}");
        first = false;
    }
    mh_buffer_puts(buffer, "]");
    if (result->root)
        mh_member_text(buffer, "root", result->root);
    if (result->store)
        mh_member_text(buffer, "store", result->store);
    if (result->hives.count > 0)
        mh_member(buffer, "hives", encode_texts(&result->hives));
    mh_buffer_puts(buffer, "}");
}

void mh_result_encode_members(const struct mh_result *result, struct mh_buffer *buffer)
{
    mh_buffer_puts(buffer, "{");
    mh_member_truth(buffer, "changed", result->changed);
    mh_member_truth(buffer, "failed", result->failed);
    mh_member_truth(buffer, "check", result->check);
    mh_member_text(buffer, "state", mh_state_name(result->state));
    mh_member_text(buffer, "msg", result->msg);
    if (result->error.status != MH_OK)
        mh_member(buffer, "error", mh_error_encode(&result->error, true));
    mh_member(buffer, "counts", encode_counts(result));
    mh_member_truth(buffer, "restart_required", result->restart_required);
    put_profiles(result, buffer);
    if (result->outlook.installs_known)
        mh_member(buffer, "outlook", encode_installs(&result->outlook));
    mh_member(buffer, "warnings", encode_texts(&result->warnings));
    if (result->changed && !result->check)
        put_undo(result, buffer);
}

void mh_result_encode(const struct mh_result *result, struct mh_buffer *buffer)
{
    mh_result_encode_members(result, buffer);
    mh_buffer_puts(buffer, "}\n");
}
