/* SPDX-License-Identifier: MIT */
#ifndef MH_CONTRACT_VALUE_JSON_H
#define MH_CONTRACT_VALUE_JSON_H

#include <jansson.h>

#include "core/buffer.h"
#include "mapihttp/error.h"
#include "mapihttp/value.h"

/*
 * A value as JSON: null when it is absent, else {"type","data"}. Lossless: data that their type cannot
 * say (a REG_DWORD of eight bytes, a text that does not end) are upper-case hex, as a string, or, where
 * a string is text already, as {"hex": ...}. A new reference; NULL when memory is out.
 */
json_t *mh_value_encode(const struct mh_value *value);

/* Appends it as a member of an object, as member.h does. */
void mh_member_value(struct mh_buffer *buffer, const char *name, const struct mh_value *value);

/*
 * The reverse, of a value within the request's field `field`. The caller clears *ret_value.
 */
int mh_value_decode(const json_t *json, const char *field, struct mh_value *ret_value,
                    struct mh_error *err);

/*
 * The value for a person's eyes, on the heap: "REG_DWORD 1", "-" when absent; long data are cut, and how many
 * bytes they are is said. NULL when memory is out.
 */
char *mh_value_describe(const struct mh_value *value);

#endif
