/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "contract/json.h"
#include "contract/schema.h"
#include "dialect/native.h"
#include "mapihttp/mapihttp.h"
#include "version.h"

#define TROUBLE 2

/* What refused it already counts more than the message. */
static int refuse(struct mh_buffer *buffer, struct mh_error *why, const char *message)
{
    (void)mh_error_set(why, MH_INVALID, "%s", message);
    return mh_native_refuse(MH_VERB_GET, why, MH_FORMAT_JSON, buffer);
}

static int put_schema(const char *text, size_t length, struct mh_buffer *buffer)
{
    static const char rule[] = "the schemas are \"request\" and \"result\"";
    struct mh_error why = {0};
    json_t *which = NULL;
    int status = mh_json_parse(text, length, &which, &why);
    bool known = status == MH_OK && json_is_string(which) &&
                 mh_schema_put(json_string_value(which), false, buffer);
    json_decref(which);
    if (status != MH_INTERNAL)
        why = (struct mh_error){0};
    return known ? 0 : refuse(buffer, &why, rule);
}

int mapihttp_call(const char *verb, const char *request, size_t length, char **ret_result)
{
    struct mh_buffer buffer = {0};
    struct mh_error why = {0};
    struct mh_native_input input = {.text = request ? request : "", .length = request ? length : 0};
    enum mh_verb known;
    int code;
    if (mh_verb_parse(verb, &known))
        code = mh_native_call(known, &input, MH_FORMAT_JSON, NULL, &buffer);
    else if (strcmp(verb, "schema") == 0)
        code = put_schema(input.text, input.length, &buffer);
    else
        code = refuse(&buffer, &why, "the verbs are get, check, apply and schema");
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
