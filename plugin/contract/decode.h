/* SPDX-License-Identifier: MIT */
#ifndef MH_CONTRACT_DECODE_H
#define MH_CONTRACT_DECODE_H

#include <jansson.h>

#include "mapihttp/request.h"

/*
 * Decodes a request, `length` bytes of JSON (none at all is {}), and holds it against every rule of the
 * contract. MH_INVALID names the field at fault. The caller clears *ret_request.
 */
int mh_request_decode(enum mh_verb verb, const char *text, size_t length,
                      struct mh_request *ret_request, struct mh_error *err);

/* The same of KEY=VALUE arguments: the values are strings, which every field but `restore` understands. */
int mh_request_decode_arguments(enum mh_verb verb, char *const *arguments, size_t count,
                                struct mh_request *ret_request, struct mh_error *err);

/* The two halves of these, for a dialect that takes members of its own out of the object between them. */

/* The JSON object in the text. A new reference. */
int mh_object_parse(const char *text, size_t length, json_t **ret_object, struct mh_error *err);

/* The arguments as an object of strings. A new reference. */
int mh_object_of_arguments(char *const *arguments, size_t count, json_t **ret_object, struct mh_error *err);

/* Decodes the object, all of whose members must be fields of a request. The caller clears *ret_request. */
int mh_object_decode(enum mh_verb verb, const json_t *object, struct mh_request *ret_request,
                     struct mh_error *err);

#endif
