/* SPDX-License-Identifier: MIT */
#ifndef MH_CONTRACT_JSON_H
#define MH_CONTRACT_JSON_H

#include <jansson.h>

#include "core/buffer.h"
#include "mapihttp/error.h"

/*
 * For a program: `no_memory` is called, and must not return, where jansson can have none. It drops a character of
 * what it reads then, and goes on. To be called first; what embeds us has its own say over jansson's memory, and
 * everything is read twice for it.
 */
void mh_json_no_memory(void (*no_memory)(void));

/*
 * Parses one JSON value: valid UTF-8, no key twice, nothing behind it. No bytes but white space are {}.
 * MH_INVALID tells where it is wrong, and names a key that is there twice. What jansson reads wrongly for want of
 * memory is MH_INTERNAL. A new reference.
 */
int mh_json_parse(const char *text, size_t length, json_t **ret_json, struct mh_error *err);

/* A NUL character is in the JSON string. */
bool mh_json_holds_nul(const json_t *text);

/* Put a new reference into an object, or behind an array; when memory is out, *json is freed and becomes NULL. */
void mh_json_set(json_t **json, const char *name, json_t *member);
void mh_json_append(json_t **json, json_t *item);

/* The text as a JSON string, with a "?" for every byte that is no UTF-8. A new reference; NULL when memory is out. */
json_t *mh_json_text(const char *text);

/* Appends the same as a string of ASCII. */
void mh_json_put_text(struct mh_buffer *buffer, const char *text);

/* Appends `json` as compact ASCII; steals the reference. NULL marks the buffer as failed. */
void mh_json_put(struct mh_buffer *buffer, json_t *json);
/* The same, indented for people. */
void mh_json_put_indented(struct mh_buffer *buffer, json_t *json);

#endif
