/* SPDX-License-Identifier: MIT */
#ifndef MH_CORE_DESIRED_H
#define MH_CORE_DESIRED_H

#include "mapihttp/plan.h"

/* Whether the request needs the machine's policy to be read (never for `get`, which ignores state). */
bool mh_desired_needs_policy(enum mh_verb verb, const struct mh_request *request);

/*
 * What the request wants, `policy` (read when it is needed, else empty) merged into it, the defaults
 * filled in. Borrows the request's `restore`. The caller clears it.
 */
int mh_desired_make(enum mh_verb verb, const struct mh_request *request,
                    const struct mh_policy *policy, struct mh_desired *ret_desired,
                    struct mh_error *err);
void mh_desired_clear(struct mh_desired *desired);

#endif
