/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "contract/fields.h"
#include "dialect/shared.h"

/* More than all figures and kinds take, and less than the 2,048 characters that Intune keeps. */
#define LINE 1024

/* Appends to `line` what fits. */
static void add(char line[LINE], const char *format, ...) MH_PRINTF(2, 3);

static void add(char line[LINE], const char *format, ...)
{
    size_t used = strlen(line);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line + used, LINE - used, format, args);
    va_end(args);
}

/* "(dirty 1, in_use 2)": whose they are is not for a portal to know. */
static void add_kinds(const struct mh_result *result, char line[LINE])
{
    size_t counts[MH_STATUS_COUNT] = {0};
    const char *before = " (";
    for (size_t i = 0; mh_next_failed(result, &i); i++)
        counts[mh_result_error_of(result, i)->status]++;
    for (int status = 0; status < MH_STATUS_COUNT; status++) {
        if (counts[status] == 0)
            continue;
        add(line, "%s%s %zu", before, mh_status_kind(status), counts[status]);
        before = ", ";
    }
    add(line, ")");
}

static const char *verdict(const struct mh_result *result)
{
    if (result->failed)
        return "failed";
    if (!result->changed)
        return "compliant";
    return result->check ? "drift" : "remediated";
}

static void describe(const struct mh_result *result, bool by_policy, char line[LINE])
{
    const size_t *counts = result->counts;
    add(line, "%s: %zu profile%s, %zu compliant, %zu %s, %zu skipped, %zu failed", verdict(result),
        result->selection.count, result->selection.count == 1 ? "" : "s", counts[MH_OUTCOME_COMPLIANT],
        counts[MH_OUTCOME_CHANGED], result->check ? "would change" : "changed", counts[MH_OUTCOME_SKIPPED],
        counts[MH_OUTCOME_FAILED]);
    if (counts[MH_OUTCOME_FAILED] > 0)
        add_kinds(result, line);
    if (result->restart_required)
        add(line, "; Outlook %s restart", result->check ? "would have to" : "must");
    if (by_policy && !result->failed && result->state == MH_STATE_NONE)
        add(line, "; no policy is configured");
}

/* A refusal's message may have a path in it, and so a name, and an unknown field is whatever somebody wrote. */
static void describe_refusal(const struct mh_error *error, char line[LINE])
{
    add(line, "failed: the request was refused: %s", mh_status_kind(error->status));
    if (mh_field_is_known(error->field))
        add(line, ", field %s", error->field);
    add(line, "; 'mapihttp check' with the same arguments tells more");
}

int mh_intune_answer(const struct mh_call *call, struct mh_reply *reply)
{
    struct mh_error err = {0};
    struct mh_result result;
    json_t *object = NULL;
    char line[LINE] = "";
    bool remediates = call->word && strcmp(call->word, "remediate") == 0;
    int status = mh_call_object(call, &object, &err);
    mh_object_run(remediates ? MH_VERB_APPLY : MH_VERB_CHECK, status, object, false, &err, &result);
    const char *state = json_string_value(json_object_get(object, "state"));
    bool by_policy = state && strcmp(state, "policy") == 0;
    json_decref(object);
    if (call->fault.status == MH_INVALID)
        add(line, "failed: the call is wrong: it is 'intune detect' or 'intune remediate', with KEY=VALUE arguments");
    else if (result.error.status != MH_OK)
        describe_refusal(&result.error, line);
    else
        describe(&result, by_policy, line);
    mh_buffer_puts(&reply->out, line);
    mh_buffer_puts(&reply->out, "\n");
    int code = result.failed || (result.check && result.changed) ? 1 : 0;
    mh_result_clear(&result);
    return code;
}
