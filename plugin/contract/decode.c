/* SPDX-License-Identifier: MIT */
#include "contract/decode.h"

#include <stdlib.h>
#include <string.h>

#include "contract/fields.h"
#include "contract/json.h"
#include "core/text.h"

int mh_object_decode(enum mh_verb verb, const json_t *object, struct mh_request *ret_request,
                     struct mh_error *err)
{
    struct mh_request request = {0};
    int status = mh_fields_decode(object, &request, err);
    if (status == MH_OK)
        status = mh_fields_check(verb, &request, err);
    if (status != MH_OK)
        mh_request_clear(&request);
    else
        *ret_request = request;
    return status;
}

int mh_object_parse(const char *text, size_t length, json_t **ret_object, struct mh_error *err)
{
    json_t *json = NULL;
    if (length > MH_REQUEST_MAX)
        return mh_error_set(err, MH_INVALID, "the request is longer than %u bytes; give it in parts",
                            MH_REQUEST_MAX);
    int status = mh_json_parse(text, length, &json, err);
    if (status != MH_OK)
        return status;
    if (!json_is_object(json)) {
        json_decref(json);
        return mh_error_set(err, MH_INVALID, "the request must be one JSON object");
    }
    *ret_object = json;
    return MH_OK;
}

static int add_argument(json_t *object, const char *argument, struct mh_error *err)
{
    const char *equals = strchr(argument, '=');
    if (!equals || equals == argument)
        return mh_error_set(err, MH_INVALID, "'%s' is not KEY=VALUE; see 'mapihttp help'", argument);
    char *key = mh_text_copyn(argument, (size_t)(equals - argument));
    if (!key)
        return mh_error_no_memory(err);
    int status = MH_OK;
    if (!mh_utf8_valid(argument, strlen(argument)))
        status = mh_error_field(err, key, "%s is not valid UTF-8", key);
    else if (json_object_get(object, key))
        status = mh_error_field(err, key, "%s is given twice", key);
    else if (json_object_set_new(object, key, json_string(equals + 1)) < 0)
        status = mh_error_no_memory(err);
    free(key);
    return status;
}

int mh_object_of_arguments(char *const *arguments, size_t count, json_t **ret_object, struct mh_error *err)
{
    json_t *object = json_object();
    int status = object ? MH_OK : mh_error_no_memory(err);
    for (size_t i = 0; status == MH_OK && i < count; i++)
        status = add_argument(object, arguments[i], err);
    if (status == MH_OK)
        *ret_object = object;
    else
        json_decref(object);
    return status;
}

int mh_request_decode(enum mh_verb verb, const char *text, size_t length,
                      struct mh_request *ret_request, struct mh_error *err)
{
    json_t *object = NULL;
    int status = mh_object_parse(text, length, &object, err);
    if (status == MH_OK)
        status = mh_object_decode(verb, object, ret_request, err);
    json_decref(object);
    return status;
}

int mh_request_decode_arguments(enum mh_verb verb, char *const *arguments, size_t count,
                                struct mh_request *ret_request, struct mh_error *err)
{
    json_t *object = NULL;
    int status = mh_object_of_arguments(arguments, count, &object, err);
    if (status == MH_OK)
        status = mh_object_decode(verb, object, ret_request, err);
    json_decref(object);
    return status;
}
