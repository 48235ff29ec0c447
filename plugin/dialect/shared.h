/* SPDX-License-Identifier: MIT */
#ifndef MH_DIALECT_SHARED_H
#define MH_DIALECT_SHARED_H

#include <jansson.h>

#include "dialect/dialect.h"
#include "run.h"

/* What the dialects have in common. */

/* The object that a call brings: of its arguments or its text; its `fault` is the error. A new reference. */
int mh_call_object(const struct mh_call *call, json_t **ret_object, struct mh_error *err);

/* Takes the member `name`, a boolean, out of the object. *ret_truth stays as it is where there is none. */
int mh_object_take_truth(json_t *object, const char *name, bool *ret_truth, struct mh_error *err);

/* Takes all members whose names begin with `prefix` out of the object. */
void mh_object_drop(json_t *object, const char *prefix);

/*
 * Decodes what is left of `object`, with `check` beside a check of its own, and runs it. `status` other than MH_OK
 * says that `err` has come up before: the result is then that of a refused request. The caller clears *ret_result.
 */
void mh_object_run(enum mh_verb verb, int status, const json_t *object, bool check, struct mh_error *err,
                   struct mh_result *ret_result);

/*
 * The same for a tool that always applies: takes its word `check`, a boolean, and all its words that begin with
 * `prefix` out of the object first.
 */
void mh_object_apply(int status, json_t *object, const char *check, const char *prefix, struct mh_error *err,
                     struct mh_result *ret_result);

/* "ID: why it failed" of profile i, a string; the id is not said twice. A new reference; NULL when memory is out. */
json_t *mh_failure_encode(const struct mh_result *result, size_t i);

/*
 * The next profile from *index on that was changed (in a check: would be), or that failed; *index is then its
 * place. False when there is none.
 */
bool mh_next_changed(const struct mh_result *result, size_t *index);
bool mh_next_failed(const struct mh_result *result, size_t *index);

#endif
