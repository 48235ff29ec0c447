/* SPDX-License-Identifier: MIT */
#ifndef MH_REGISTRY_OPEN_H
#define MH_REGISTRY_OPEN_H

#include "mapihttp/registry.h"
#include "mapihttp/request.h"

/*
 * Opens the registry that the request is about: its `root`, `store` or `hives`, else that of the running
 * Windows. The caller frees it (mh_registry_free).
 */
int mh_registry_open(const struct mh_request *request, struct mh_registry **ret_registry,
                     struct mh_error *err);

/* The running Windows; MH_UNSUPPORTED where there is none. */
int mh_live_open(struct mh_registry **ret_registry, struct mh_error *err);

/*
 * A view of `inner` (which it takes over, on failure too) that opens everything for reading and refuses
 * to write, remove and commit with MH_INTERNAL: a check cannot write even by mistake.
 */
int mh_readonly_open(struct mh_registry *inner, struct mh_registry **ret_registry,
                     struct mh_error *err);

#endif
