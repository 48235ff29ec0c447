/* SPDX-License-Identifier: MIT */
#ifndef MH_CONTRACT_ENCODE_H
#define MH_CONTRACT_ENCODE_H

#include "core/buffer.h"
#include "mapihttp/result.h"

/* Appends the result as one line of ASCII JSON, its newline included. */
void mh_result_encode(const struct mh_result *result, struct mh_buffer *buffer);

/* The same but for the closing "}" and the newline: a dialect has members of its own to add. */
void mh_result_encode_members(const struct mh_result *result, struct mh_buffer *buffer);

/* Appends the result as a table for people, in UTF-8, with no control character of anybody's in it. */
void mh_result_print(const struct mh_result *result, struct mh_buffer *buffer);

#endif
