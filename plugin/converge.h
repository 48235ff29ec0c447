/* SPDX-License-Identifier: MIT */
#ifndef MH_CONVERGE_H
#define MH_CONVERGE_H

#include "mapihttp/plan.h"
#include "run.h"

/*
 * Looks at every selected profile, several at once where the registry allows. What cannot be read is an
 * observation too: it holds the error. *ret_observations, parallel to the selection, is freed with
 * mh_observations_free. Fails only for want of memory.
 */
int mh_observe(struct mh_registry *registry, const struct mh_selection *selection,
               const struct mh_audience *audience, struct mh_observation **ret_observations,
               struct mh_error *err);

/*
 * Carries out the steps that set or remove. Each profile is looked at again before it is touched: one
 * that is no longer as it was observed fails with MH_IN_USE, unless it already is as it should be. A step's failure is kept in the step.
 */
int mh_apply(struct mh_registry *registry, const struct mh_selection *selection,
             struct mh_observation *observations, const struct mh_audience *audience,
             struct mh_step *steps, struct mh_error *err);

#endif
