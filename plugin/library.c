/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "contract/json.h"
#include "contract/schema.h"
#include "dialect/native.h"
#include "mapihttp/mapihttp.h"
#include "version.h"

#define TROUBLE 2

static int refuse(struct mh_buffer *buffer, const char *message)
{
    struct mh_error why = {0};
    mh_error_set(&why, MH_INVALID, "%s", message);
    return mh_native_refuse(MH_VERB_GET, &why, MH_FORMAT_JSON, buffer);
}

static int put_schema(const char *text, size_t length, struct mh_buffer *buffer)
{
    json_t *which = NULL;
    bool known = mh_json_parse(text, length, &which, NULL) == MH_OK && json_is_string(which) &&
                 mh_schema_put(json_string_value(which), false, buffer);
    json_decref(which);
    return known ? 0 : refuse(buffer, "the schemas are \"request\" and \"result\"");
}

int mapihttp_call(const char *verb, const char *request, size_t length, char **ret_result)
{
    struct mh_buffer buffer = {0};
    struct mh_native_input input = {.text = request ? request : "", .length = request ? length : 0};
    enum mh_verb known;
    int code;
    if (mh_verb_parse(verb, &known))
        code = mh_native_call(known, &input, MH_FORMAT_JSON, NULL, &buffer);
    else if (strcmp(verb, "schema") == 0)
        code = put_schema(input.text, input.length, &buffer);
    else
        code = refuse(&buffer, "the verbs are get, check, apply and schema");
    if (buffer.failed) {
        mh_buffer_clear(&buffer);
        code = TROUBLE;
    }
    *ret_result = buffer.text;
    return code;
}

void mapihttp_free(char *result)
{
    free(result);
}

const char *mapihttp_version(void)
{
    return MAPIHTTP_VERSION;
}
