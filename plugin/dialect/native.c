/* SPDX-License-Identifier: MIT */
#include "dialect/native.h"

#include <string.h>

#include "contract/decode.h"
#include "contract/encode.h"

bool mh_verb_parse(const char *name, enum mh_verb *ret_verb)
{
    static const char *const names[] = {
        [MH_VERB_GET] = "get", [MH_VERB_CHECK] = "check", [MH_VERB_APPLY] = "apply"};
    for (int verb = 0; verb < 3; verb++) {
        if (strcmp(names[verb], name) == 0) {
            *ret_verb = (enum mh_verb)verb;
            return true;
        }
    }
    return false;
}

static int put_result(struct mh_result *result, enum mh_format format, struct mh_buffer *buffer)
{
    if (format == MH_FORMAT_TABLE)
        mh_result_print(result, buffer);
    else
        mh_result_encode(result, buffer);
    int code = mh_result_exit_code(result);
    mh_result_clear(result);
    return code;
}

int mh_native_call(enum mh_verb verb, const struct mh_native_input *input, enum mh_format format,
                   const struct mh_audience *audience, struct mh_buffer *buffer)
{
    struct mh_request request;
    struct mh_result result;
    struct mh_error err = {0};
    int status = input->argument_count > 0
                     ? mh_request_decode_arguments(verb, input->arguments, input->argument_count,
                                                   &request, &err)
                     : mh_request_decode(verb, input->text, input->length, &request, &err);
    if (status != MH_OK)
        return mh_native_refuse(verb, &err, format, buffer);
    mh_run(verb, &request, audience, &result);
    mh_request_clear(&request);
    return put_result(&result, format, buffer);
}

int mh_native_refuse(enum mh_verb verb, const struct mh_error *why, enum mh_format format,
                     struct mh_buffer *buffer)
{
    struct mh_result result;
    mh_run_refused(verb, why, &result);
    return put_result(&result, format, buffer);
}
