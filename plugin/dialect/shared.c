/* SPDX-License-Identifier: MIT */
#include "dialect/shared.h"

#include <string.h>

#include "contract/decode.h"
#include "contract/fields.h"

int mh_call_object(const struct mh_call *call, json_t **ret_object, struct mh_error *err)
{
    if (call->fault.status != MH_OK) {
        *err = call->fault;
        return err->status;
    }
    return call->argument_count > 0
               ? mh_object_of_arguments(call->arguments, call->argument_count, ret_object, err)
               : mh_object_parse(call->text, call->length, ret_object, err);
}

int mh_object_take_truth(json_t *object, const char *name, bool *ret_truth, struct mh_error *err)
{
    const json_t *json = json_object_get(object, name);
    if (json && !json_is_null(json) && !mh_truth_decode(json, ret_truth))
        return mh_error_field(err, name, "%s must be a boolean (true, false, yes, no ...)", name);
    json_object_del(object, name);
    return MH_OK;
}

void mh_object_drop(json_t *object, const char *prefix)
{
    const char *name;
    json_t *json;
    void *next;
    json_object_foreach_safe(object, next, name, json) {
        if (strncmp(name, prefix, strlen(prefix)) == 0)
            json_object_del(object, name);
    }
}

void mh_object_run(enum mh_verb verb, int status, const json_t *object, bool check, struct mh_error *err,
                   struct mh_result *ret_result)
{
    struct mh_request request;
    if (status == MH_OK)
        status = mh_object_decode(verb, object, &request, err);
    if (status != MH_OK) {
        mh_run_refused(verb, err, ret_result);
        ret_result->check = ret_result->check || check;
        return;
    }
    request.check = request.check || check;
    mh_run(verb, &request, NULL, ret_result);
    mh_request_clear(&request);
}

void mh_object_apply(int status, json_t *object, const char *check, const char *prefix, struct mh_error *err,
                     struct mh_result *ret_result)
{
    bool checks = false;
    if (status == MH_OK)
        status = mh_object_take_truth(object, check, &checks, err);
    mh_object_drop(object, prefix);
    mh_object_run(MH_VERB_APPLY, status, object, checks, err, ret_result);
}

json_t *mh_failure_encode(const struct mh_result *result, size_t i)
{
    const char *id = result->selection.items[i].profile->id;
    const char *message = mh_result_error_of(result, i)->message;
    size_t length = strlen(id);
    bool said = strncmp(message, id, length) == 0 && strncmp(message + length, ": ", 2) == 0;
    return said ? json_string(message) : json_sprintf("%s: %s", id, message);
}

bool mh_next_changed(const struct mh_result *result, size_t *index)
{
    while (*index < result->selection.count && !mh_result_is_changed(result, *index))
        (*index)++;
    return *index < result->selection.count;
}

bool mh_next_failed(const struct mh_result *result, size_t *index)
{
    while (*index < result->selection.count && result->outcomes[*index] != MH_OUTCOME_FAILED)
        (*index)++;
    return *index < result->selection.count;
}
