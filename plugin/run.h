/* SPDX-License-Identifier: MIT */
#ifndef MH_RUN_H
#define MH_RUN_H

#include "mapihttp/request.h"
#include "mapihttp/result.h"

/* Who wants to know how far a long run is. Called from one thread only. */
struct mh_progress {
    void (*tick)(void *context, size_t done, size_t count);
    void *context;
};

/*
 * The journey of one request: select, observe, plan, apply (skipped by get and check), settle.
 * `progress` may be NULL. Always gives a result, whose `error` is set when the request was refused; the
 * caller clears it.
 */
void mh_run(enum mh_verb verb, const struct mh_request *request, const struct mh_progress *progress,
            struct mh_result *ret_result);

/* The result of a request that could not even be decoded. */
void mh_run_refused(enum mh_verb verb, const struct mh_error *why, struct mh_result *ret_result);

#endif
