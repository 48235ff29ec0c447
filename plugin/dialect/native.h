/* SPDX-License-Identifier: MIT */
#ifndef MH_DIALECT_NATIVE_H
#define MH_DIALECT_NATIVE_H

#include "core/buffer.h"
#include "run.h"

/* A request as it came: KEY=VALUE arguments when there are any, else text. */
struct mh_native_input {
    char *const *arguments;
    size_t argument_count;
    const char *text;
    size_t length;
};

enum mh_format { MH_FORMAT_JSON, MH_FORMAT_TABLE };

/*
 * The contract as it is: decodes, runs, and appends the result to `buffer`. Returns the exit code.
 */
int mh_native_call(enum mh_verb verb, const struct mh_native_input *input, enum mh_format format,
                   const struct mh_audience *audience, struct mh_buffer *buffer);

/* Appends the result of a call that was refused before it was a request. Returns the exit code. */
int mh_native_refuse(enum mh_verb verb, const struct mh_error *why, enum mh_format format,
                     struct mh_buffer *buffer);

/* The verb called `name`; false when there is none. */
bool mh_verb_parse(const char *name, enum mh_verb *ret_verb);

#endif
