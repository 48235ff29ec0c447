/* SPDX-License-Identifier: MIT */
#ifndef MAPIHTTP_PLAN_H
#define MAPIHTTP_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "mapihttp/error.h"
#include "mapihttp/profile.h"
#include "mapihttp/registry.h"
#include "mapihttp/request.h"
#include "mapihttp/value.h"

/* What is wanted of whom, the policy already asked. */
struct mh_desired {
    enum mh_state state;        /* never MH_STATE_POLICY; MH_STATE_NONE: get, restore, no policy */
    bool nothing;               /* `policy` was asked for and none is configured: nothing to do */
    struct mh_texts users;      /* selectors; never empty */
    struct mh_texts exclude;
    const struct mh_restore *restore; /* the request's; NULL when there is none */
    size_t restore_count;
};

/* One profile that a request is about. */
struct mh_selected {
    const struct mh_profile *profile;
    bool named;                       /* by a selector that means just it: being gone is a failure */
    const struct mh_restore *restore; /* what to put back; NULL unless restoring */
};

/*
 * The profiles that a request is about, sorted by id (byte order). They point into the listed profiles,
 * and into `unmatched`: one made-up profile, with its problem, for each selector that names nothing.
 */
struct mh_selection {
    struct mh_selected *items;
    size_t count;
    struct mh_profiles unmatched;
};

/* What was seen in one profile. */
struct mh_observation {
    struct mh_value value;
    enum mh_state state;     /* ENABLED, DISABLED, ABSENT, OTHER; NONE: could not be read */
    bool recovered;
    bool live;               /* seen in the running Windows, not in a file */
    bool managed;            /* Group Policy wrote the value for that user */
    struct mh_error *error;  /* why it could not be read; NULL when it was */
    struct mh_texts remarks; /* what a person should know besides */
};

enum mh_action { MH_KEEP, MH_SET, MH_REMOVE };

/* What is to be done to one profile, and what came of it. */
struct mh_step {
    enum mh_action action;
    struct mh_value value;   /* MH_SET: what to set */
    bool done;               /* applying: the change was made; then `error` is about what came after it */
    struct mh_error *error;  /* applying: why it failed; NULL when it did not */
    struct mh_texts remarks; /* applying: what a person should know besides */
};

#endif
