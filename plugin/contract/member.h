/* SPDX-License-Identifier: MIT */
#ifndef MH_CONTRACT_MEMBER_H
#define MH_CONTRACT_MEMBER_H

#include <jansson.h>

#include "core/buffer.h"
#include "mapihttp/error.h"

/*
 * A JSON object written member by member, so that ten thousand profiles are never one tree in memory: the
 * caller appends the "{", these the members with their commas, the caller the "}". A member's name is ours,
 * and needs no escapes.
 */

/* Appends the name only; the value comes next. */
void mh_member_name(struct mh_buffer *buffer, const char *name);

/* Steals the reference. NULL marks the buffer as failed. */
void mh_member(struct mh_buffer *buffer, const char *name, json_t *json);

void mh_member_truth(struct mh_buffer *buffer, const char *name, bool truth);
void mh_member_null(struct mh_buffer *buffer, const char *name);

/* A NULL `text` is null. */
void mh_member_text(struct mh_buffer *buffer, const char *name, const char *text);

/* The error as an object, its `field` only where that is wanted; null where there is none. A new reference;
 * NULL when memory is out. */
json_t *mh_error_encode(const struct mh_error *error, bool with_field);

#endif
