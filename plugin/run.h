/* SPDX-License-Identifier: MIT */
#ifndef MH_RUN_H
#define MH_RUN_H

#include "mapihttp/request.h"
#include "mapihttp/result.h"

/* Who waits for the result. */
struct mh_audience {
    /* Unless NULL, is told how far a long run is. Called from one thread only. */
    void (*tick)(void *context, size_t done, size_t count);
    void *context;
    bool person; /* reads a table, in which profiles are to have names */
};

/*
 * The journey of one request: select, observe, plan, apply (skipped by get and check), settle.
 * `audience` may be NULL. Always gives a result, whose `error` is set when the request was refused; the
 * caller clears it.
 */
void mh_run(enum mh_verb verb, const struct mh_request *request, const struct mh_audience *audience,
            struct mh_result *ret_result);

/* The result of a request that could not even be decoded. */
void mh_run_refused(enum mh_verb verb, const struct mh_error *why, struct mh_result *ret_result);

#endif
