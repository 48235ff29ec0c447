/* SPDX-License-Identifier: MIT */
/*
 * Input: a verb and a form (its first byte), and a request: JSON, or KEY=VALUE arguments on a line each. It is decoded
 * and nothing else; a refusal is told in both ways that there are.
 */
#include <string.h>

#include "answer.h"
#include "contract/decode.h"
#include "contract/encode.h"
#include "core/plan.h"
#include "core/text.h"
#include "fuzz.h"
#include "run.h"

#define ARGUMENTS_MAX 8u

static bool has_arguments(uint8_t first)
{
    return first / 3 % 2 == 1;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t max_size, unsigned seed)
{
    uint64_t random = seed + 1ull;
    if (size == 0)
        return LLVMFuzzerMutate(bytes, size, max_size);
    if (kit_below(&random, 8) == 0)
        bytes[0] = (uint8_t)kit_below(&random, 6);
    return 1 + fuzz_mutate_request(bytes + 1, size - 1, max_size - 1, has_arguments(bytes[0]), &random);
}

/* The rules of the contract that a request keeps, whatever it was made of. */
static void check_request(enum mh_verb verb, const struct mh_request *request)
{
    FUZZ_REQUIRE((request->root != NULL) + (request->store != NULL) + (request->hives.count > 0) <= 1);
    FUZZ_REQUIRE(!request->root || *request->root);
    FUZZ_REQUIRE(!request->store || *request->store);
    FUZZ_REQUIRE(!request->has_restore || (verb != MH_VERB_GET && request->state == MH_STATE_NONE));
    FUZZ_REQUIRE(verb == MH_VERB_GET || request->has_restore || request->state != MH_STATE_NONE);
    FUZZ_REQUIRE(request->state != MH_STATE_OTHER);
    for (size_t i = 0; i < request->users.count; i++)
        FUZZ_REQUIRE(*request->users.items[i]);
    for (size_t i = 0; i < request->restore_count; i++) {
        const struct mh_value *value = &request->restore[i].value;
        FUZZ_REQUIRE(*request->restore[i].id && value->size <= MH_VALUE_MAX);
        FUZZ_REQUIRE(value->present || value->size == 0);
    }
}

static bool same_texts(const struct mh_texts *a, const struct mh_texts *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = strcmp(a->items[i], b->items[i]) == 0;
    return same;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static void check_arguments(enum mh_verb verb, json_t *object, const struct mh_request *request)
{
    char *arguments[ARGUMENTS_MAX];
    size_t count = 0;
    struct mh_request other;
    const char *name;
    json_t *json;
    json_object_foreach(object, name, json) {
        FUZZ_REQUIRE((arguments[count++] = mh_text_format("%s=%s", name, json_string_value(json))));
    }
    int status = mh_request_decode_arguments(verb, arguments, count, &other, NULL);
    FUZZ_REQUIRE(status == MH_OK);
    FUZZ_REQUIRE(other.state == request->state && other.check == request->check);
    FUZZ_REQUIRE(same_texts(&other.users, &request->users) && same_texts(&other.exclude, &request->exclude));
    FUZZ_REQUIRE(same_texts(&other.hives, &request->hives) && same_text(other.root, request->root));
    FUZZ_REQUIRE(same_text(other.store, request->store));
    mh_request_clear(&other);
    while (count > 0)
        free(arguments[--count]);
}

/* What can be said as arguments means the same as the JSON that says it. */
static void check_forms(enum mh_verb verb, const char *text, size_t length, const struct mh_request *request)
{
    const char *name;
    json_t *object = json_loadb(text, length, 0, NULL);
    json_t *json;
    bool plain = json_object_size(object) <= ARGUMENTS_MAX && json_object_size(object) > 0;
    json_object_foreach(object, name, json)
        plain = plain && json_is_string(json) && strlen(json_string_value(json)) == json_string_length(json);
    if (plain)
        check_arguments(verb, object, request);
    json_decref(object);
}

static void check_refusal(enum mh_verb verb, const struct mh_error *err)
{
    struct mh_result result;
    struct mh_buffer line = {0};
    struct mh_buffer table = {0};
    FUZZ_REQUIRE(err->status == MH_INVALID && err->message[0]);
    mh_run_refused(verb, err, &result);
    mh_result_encode(&result, &line);
    mh_result_print(&result, &table);
    json_decref(fuzz_require_object(&line));
    fuzz_require_plain(&table);
    mh_result_clear(&result);
    mh_buffer_clear(&line);
    mh_buffer_clear(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct mh_request request;
    struct mh_error err = {0};
    char *arguments[ARGUMENTS_MAX];
    size_t count = 0;
    if (size == 0)
        return 0;
    enum mh_verb verb = (enum mh_verb)(bytes[0] % 3);
    char *text = (char *)fuzz_copy(bytes + 1, size - 1);
    bool is_json = !has_arguments(bytes[0]);
    if (!is_json)
        count = fuzz_split(text, size - 1, arguments, ARGUMENTS_MAX);
    int status = is_json ? mh_request_decode(verb, text, size - 1, &request, &err)
                         : mh_request_decode_arguments(verb, arguments, count, &request, &err);
    if (status == MH_OK) {
        check_request(verb, &request);
        if (is_json)
            check_forms(verb, text, size - 1, &request);
        mh_request_clear(&request);
    } else {
        check_refusal(verb, &err);
    }
    while (count > 0)
        free(arguments[--count]);
    free(text);
    return 0;
}
