/* SPDX-License-Identifier: MIT */
#ifndef MH_CONTRACT_FIELDS_H
#define MH_CONTRACT_FIELDS_H

#include <jansson.h>

#include "mapihttp/request.h"

/* Decodes each field of the object by its own rule; an unknown one is MH_INVALID. */
int mh_fields_decode(const json_t *object, struct mh_request *request, struct mh_error *err);

/* The rules between fields, and those of the verb. */
int mh_fields_check(enum mh_verb verb, const struct mh_request *request, struct mh_error *err);

/* Whether a request has a field of that name. */
bool mh_field_is_known(const char *name);

/* A boolean, also as Ansible spells it: "yes", "no", 1, "true" ... False when `json` is none. */
bool mh_truth_decode(const json_t *json, bool *ret_truth);

#endif
