/* SPDX-License-Identifier: MIT */
#ifndef MAPIHTTP_RESULT_H
#define MAPIHTTP_RESULT_H

#include <stdbool.h>
#include <stddef.h>

#include "mapihttp/error.h"
#include "mapihttp/outlook.h"
#include "mapihttp/plan.h"
#include "mapihttp/profile.h"
#include "mapihttp/request.h"

/* X(constant, name in JSON). For `get`, OBSERVED stands where COMPLIANT would. */
#define MH_OUTCOMES(X)                                                                             \
    X(COMPLIANT, "compliant")                                                                      \
    X(OBSERVED, "observed")                                                                        \
    X(CHANGED, "changed")                                                                          \
    X(SKIPPED, "skipped")                                                                          \
    X(FAILED, "failed")

enum mh_outcome {
#define MH_OUTCOME_CONSTANT(constant, name) MH_OUTCOME_##constant,
    MH_OUTCOMES(MH_OUTCOME_CONSTANT)
#undef MH_OUTCOME_CONSTANT
    MH_OUTCOME_COUNT
};

const char *mh_outcome_name(enum mh_outcome outcome);

/*
 * All that came of a request. It owns everything that it points to, and is freed by mh_result_clear.
 * Entry i of `observations`, `steps` and `outcomes` is about profile i of `selection`.
 */
struct mh_result {
    enum mh_verb verb;
    bool check;             /* nothing was to be written */
    bool changed;           /* something was written; in a check: would be */
    bool failed;
    bool restart_required;
    enum mh_state state;    /* as in mh_desired */
    struct mh_error error;  /* the request was refused; status MH_OK when it was not */
    char msg[sizeof(((struct mh_error *)0)->message)];
    size_t counts[MH_OUTCOME_COUNT];
    struct mh_texts warnings;
    struct mh_outlook outlook;

    /* Where the values live, for `undo`. */
    char *root;
    char *store;
    struct mh_texts hives;

    struct mh_profiles profiles;
    struct mh_selection selection;
    struct mh_observation *observations;
    struct mh_step *steps;
    enum mh_outcome *outcomes;
};

void mh_result_clear(struct mh_result *result);

/* Whether profile i was changed (in a check: would be), also where something failed after that. */
bool mh_result_is_changed(const struct mh_result *result, size_t i);

/* What profile i's value is once all is done (in a check: would be), whoever did it. Belongs to the result. */
const struct mh_value *mh_result_value_after(const struct mh_result *result, size_t i);

/* Why profile i failed, or why there was nothing to look at; NULL where nothing went wrong. */
const struct mh_error *mh_result_error_of(const struct mh_result *result, size_t i);

/* 0 nothing to report, 1 a difference (check only), 2 trouble: diff(1)'s. */
int mh_result_exit_code(const struct mh_result *result);

#endif
