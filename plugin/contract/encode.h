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

/*
 * Appends text of anybody's for people to read: whatever is no UTF-8, would be obeyed by a terminal, turns text around
 * or takes no place is a "?"; marks over and under a letter (U+0300 to U+036F) are kept. Returns how many columns it
 * takes.
 */
size_t mh_text_print(struct mh_buffer *buffer, const char *text);

#endif
