/* SPDX-License-Identifier: MIT */
#ifndef MH_CORE_PLAN_H
#define MH_CORE_PLAN_H

#include "mapihttp/plan.h"

/*
 * Decides, from what was observed, what is to be done to each selected profile: pure, touches nothing.
 * `observations` are parallel to the selection's items. A profile that could not be observed is kept.
 * *ret_steps, parallel too, is freed with mh_steps_free.
 */
int mh_plan_make(const struct mh_desired *desired, const struct mh_selection *selection,
                 const struct mh_observation *observations, struct mh_step **ret_steps,
                 struct mh_error *err);
void mh_steps_free(struct mh_step *steps, size_t count);
void mh_observations_free(struct mh_observation *observations, size_t count);

#endif
