/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "contract/json.h"
#include "contract/member.h"
#include "contract/value_json.h"
#include "core/text.h"
#include "dialect/shared.h"

static const char *desired_state(const json_t *object)
{
    return json_string_value(json_object_get(object, "state"));
}

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

#define IS_AMONG(name, names) is_among(name, names, sizeof(names) / sizeof((names)[0]))

static const char *const given[] = {"users", "exclude", "root", "store", "hives"};

/* The properties that only ever come out are met again where what came out is put in. */
static int take_properties(bool looks, json_t *object, struct mh_error *err)
{
    static const char *const answers[] = {"_inDesiredState", "_restartRequired", "_metadata"};
    const char *state = desired_state(object);
    const char *name;
    json_t *json;
    void *next;
    json_object_foreach_safe(object, next, name, json) {
        if (IS_AMONG(name, answers))
            json_object_del(object, name);
        else if (strcmp(name, "state") != 0 && !IS_AMONG(name, given))
            return mh_error_field(err, name,
                                  "there is no property '%s'; there are state, users, exclude, root, store and "
                                  "hives",
                                  name);
    }
    if (!looks && (!json_object_get(object, "state") || json_is_null(json_object_get(object, "state"))))
        return mh_error_field(err, "state", "state is missing: give enabled, disabled, absent, allowed or policy");
    if (looks && state && (strcmp(state, "mixed") == 0 || strcmp(state, "other") == 0))
        json_object_del(object, "state");
    return MH_OK;
}

static void put_line(struct mh_buffer *buffer, const char *level, json_t *text)
{
    mh_buffer_puts(buffer, "{");
    mh_member(buffer, level, text);
    mh_buffer_puts(buffer, "}\n");
}

/* What the engine shows of its own accord: a line of JSON each. */
static void put_traces(const struct mh_result *result, struct mh_buffer *buffer)
{
    if (result->failed)
        put_line(buffer, "error", json_string(result->msg));
    for (size_t i = 0; mh_next_failed(result, &i); i++)
        put_line(buffer, "error", mh_failure_encode(result, i));
    for (size_t i = 0; i < result->warnings.count; i++)
        put_line(buffer, "warn", mh_json_text(result->warnings.items[i]));
}

/* NULL where there is no profile. One that could not be read shares nothing. */
static const char *shared_state(const struct mh_result *result)
{
    enum mh_state shared = MH_STATE_NONE;
    if (result->failed)
        return "mixed";
    for (size_t i = 0; i < result->selection.count; i++) {
        if (result->outcomes[i] == MH_OUTCOME_SKIPPED)
            continue;
        if (shared != MH_STATE_NONE && result->observations[i].state != shared)
            return "mixed";
        shared = result->observations[i].state;
    }
    return mh_state_name(shared);
}

/* Opens the object that every operation answers: what was asked about, and its state. */
static void open_answer(const json_t *object, const char *state, struct mh_buffer *buffer)
{
    mh_buffer_puts(buffer, "{");
    if (state)
        mh_member(buffer, "state", json_string(state));
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
        json_t *json = json_object_get(object, given[i]);
        if (json && !json_is_null(json))
            mh_member(buffer, given[i], json_incref(json));
    }
}

static char *describe(const struct mh_value *value)
{
    return value->present ? mh_value_describe(value) : mh_text_copy("absent");
}

static json_t *encode_change(const struct mh_result *result, size_t i)
{
    char *before = describe(&result->observations[i].value);
    char *after = describe(mh_result_value_after(result, i));
    json_t *text = before && after ? json_sprintf("%s: " MH_VALUE_NAME " would change from %s to %s",
                                                  result->selection.items[i].profile->id, before, after)
                                   : NULL;
    free(before);
    free(after);
    return text;
}

static void put_what_if(const struct mh_result *result, struct mh_buffer *buffer)
{
    json_t *list = json_array();
    for (size_t i = 0; mh_next_changed(result, &i); i++)
        mh_json_append(&list, encode_change(result, i));
    mh_member(buffer, "_metadata", json_pack("{s:o}", "whatIf", list));
}

static json_t *encode_process(uint32_t id)
{
    return json_pack("{s:{s:s, s:I}}", "process", "name", "OUTLOOK.EXE", "id", (json_int_t)id);
}

/* Each Outlook that goes on with the value it read as it started. */
static void put_restarts(const struct mh_result *result, struct mh_buffer *buffer)
{
    json_t *list = json_array();
    for (size_t i = 0; mh_next_changed(result, &i); i++) {
        const char *sid = result->selection.items[i].profile->sid;
        for (size_t k = 0; sid && k < result->outlook.process_count; k++)
            if (mh_text_equal(result->outlook.processes[k].sid, sid))
                mh_json_append(&list, encode_process(result->outlook.processes[k].id));
    }
    if (!list || json_array_size(list) > 0)
        mh_member(buffer, "_restartRequired", json_incref(list));
    json_decref(list);
}

static void put_get(const struct mh_result *result, const json_t *object, struct mh_buffer *buffer)
{
    open_answer(object, shared_state(result), buffer);
    mh_buffer_puts(buffer, "}\n");
}

/* Where all comply, what was asked for is what they share: also where that is `allowed` or `policy`, and where
 * there is nobody. */
static void put_test(const struct mh_result *result, const json_t *object, struct mh_buffer *buffer)
{
    open_answer(object, result->changed ? shared_state(result) : desired_state(object), buffer);
    mh_member_truth(buffer, "_inDesiredState", !result->changed);
    mh_buffer_puts(buffer, "}\n");
}

/* The second line of an answer: which properties were changed, or would be. */
static void put_differing(const struct mh_result *result, struct mh_buffer *buffer)
{
    mh_buffer_puts(buffer, result->changed ? "[\"state\"]\n" : "[]\n");
}

static void put_set(const struct mh_result *result, const json_t *object, struct mh_buffer *buffer)
{
    open_answer(object, desired_state(object), buffer);
    put_restarts(result, buffer);
    mh_buffer_puts(buffer, "}\n");
    put_differing(result, buffer);
}

static void put_whatif(const struct mh_result *result, const json_t *object, struct mh_buffer *buffer)
{
    open_answer(object, desired_state(object), buffer);
    put_what_if(result, buffer);
    mh_buffer_puts(buffer, "}\n");
}

/* Told nothing, the engine takes `_metadata` for a property that differs, also where nothing does. */
static void put_whatif_diff(const struct mh_result *result, const json_t *object, struct mh_buffer *buffer)
{
    put_whatif(result, object, buffer);
    put_differing(result, buffer);
}

/* What one profile is, as a configuration of its own. */
static void put_one(const struct mh_result *result, size_t i, const json_t *object, struct mh_buffer *buffer)
{
    const char *id = result->selection.items[i].profile->id;
    json_t *one = json_copy((json_t *)object); /* what there is no memory for is missing from it */
    bool whole = json_object_size(one) == json_object_size(object);
    json_object_del(one, "exclude");
    mh_json_set(&one, "users", json_pack("[s]", id));
    if (json_object_get(one, "hives"))
        mh_json_set(&one, "hives", json_pack("[s]", id));
    buffer->failed = buffer->failed || !whole || !one;
    open_answer(one, mh_state_name(result->observations[i].state), buffer);
    mh_buffer_puts(buffer, "}\n");
    json_decref(one);
}

static void put_export(const struct mh_result *result, const json_t *object, struct mh_buffer *buffer)
{
    for (size_t i = 0; i < result->selection.count; i++)
        if (result->outcomes[i] == MH_OUTCOME_OBSERVED)
            put_one(result, i, object, buffer);
}

struct operation {
    const char *word;
    enum mh_verb verb;
    bool partial; /* what could be read is answered also where something could not */
    void (*put)(const struct mh_result *result, const json_t *object, struct mh_buffer *buffer);
};

static const struct operation operations[] = {
    {"get", MH_VERB_GET, true, put_get},
    {"set", MH_VERB_APPLY, false, put_set},
    {"test", MH_VERB_CHECK, false, put_test},
    {"whatif", MH_VERB_CHECK, false, put_whatif},
    {"whatif-diff", MH_VERB_CHECK, false, put_whatif_diff},
    {"export", MH_VERB_GET, true, put_export},
};

/* The first for a call whose word is none of them: that is its fault. */
static const struct operation *find_operation(const char *word)
{
    for (size_t i = 0; word && i < sizeof(operations) / sizeof(operations[0]); i++)
        if (strcmp(operations[i].word, word) == 0)
            return &operations[i];
    return &operations[0];
}

/*
 * Before each set the engine gets. Would that fail because one profile cannot be read, none of the others
 * would ever be converged.
 */
static bool is_answered(const struct operation *operation, const struct mh_result *result)
{
    return !result->failed || (operation->partial && result->counts[MH_OUTCOME_OBSERVED] > 0);
}

/* The one list of what can go wrong has the exit codes, too: the manifest says what each means. */
static int exit_code(const struct mh_result *result)
{
    size_t i = 0;
    if (result->error.status != MH_OK)
        return result->error.status;
    return mh_next_failed(result, &i) ? mh_result_error_of(result, i)->status : MH_INTERNAL;
}

int mh_dsc_answer(const struct mh_call *call, struct mh_reply *reply)
{
    const struct operation *operation = find_operation(call->word);
    struct mh_error err = {0};
    struct mh_result result;
    json_t *object = NULL;
    int status = mh_call_object(call, &object, &err);
    if (status == MH_OK)
        status = take_properties(operation->verb == MH_VERB_GET, object, &err);
    mh_object_run(operation->verb, status, object, false, &err, &result);
    put_traces(&result, &reply->err);
    int code = is_answered(operation, &result) ? 0 : exit_code(&result);
    if (code == 0)
        operation->put(&result, object, &reply->out);
    json_decref(object);
    mh_result_clear(&result);
    return code;
}
