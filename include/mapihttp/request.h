/* SPDX-License-Identifier: MIT */
#ifndef MAPIHTTP_REQUEST_H
#define MAPIHTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "mapihttp/profile.h"
#include "mapihttp/value.h"

/* The longest request, in bytes. */
#define MH_REQUEST_MAX (1u << 20)

enum mh_verb { MH_VERB_GET, MH_VERB_CHECK, MH_VERB_APPLY };

/* The desired states, and two that are only ever observed. X(constant, name in JSON). */
#define MH_DESIRED_STATES(X)                                                                       \
    X(ENABLED, "enabled")                                                                          \
    X(DISABLED, "disabled")                                                                        \
    X(ABSENT, "absent")                                                                            \
    X(ALLOWED, "allowed")                                                                          \
    X(POLICY, "policy")

enum mh_state {
    MH_STATE_NONE = 0, /* not given; not known */
#define MH_STATE_CONSTANT(constant, name) MH_STATE_##constant,
    MH_DESIRED_STATES(MH_STATE_CONSTANT)
#undef MH_STATE_CONSTANT
    MH_STATE_OTHER     /* observed: none of enabled, disabled, absent */
};

/* "enabled" ...; NULL for MH_STATE_NONE. Nothing to free. */
const char *mh_state_name(enum mh_state state);
/* The desired state of that exact name; MH_STATE_NONE when there is none. */
enum mh_state mh_state_parse(const char *name);

/* One value to put back: an absent one is removed. */
struct mh_restore {
    char *id;
    struct mh_value value;
};

/* A decoded request, every rule of the contract checked. Unchanged once made. */
struct mh_request {
    enum mh_state state;
    struct mh_texts users;     /* empty: not given */
    struct mh_texts exclude;
    char *root;                /* at most one of root, store, hives */
    char *store;
    struct mh_texts hives;
    bool check;
    bool has_restore;
    struct mh_restore *restore;
    size_t restore_count;
};

void mh_request_clear(struct mh_request *request);

#endif
