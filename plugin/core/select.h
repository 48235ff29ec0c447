/* SPDX-License-Identifier: MIT */
#ifndef MH_CORE_SELECT_H
#define MH_CORE_SELECT_H

#include "mapihttp/plan.h"

/*
 * Chooses from the listed `profiles` those that `desired` is about: by its `restore` when it has one,
 * else by its `users` less its `exclude`. Selectors are compared without regard to case.
 *
 * A selector without wildcards that matches nothing becomes a made-up profile with the problem
 * MH_NOT_FOUND (`all` and `loaded` name a class, which may be empty); in `exclude` it becomes a warning.
 * MH_INVALID when `restore` names a profile twice. The selection points into `profiles` and `desired`;
 * the caller clears it.
 */
int mh_select(const struct mh_desired *desired, const struct mh_profiles *profiles,
              struct mh_selection *ret_selection, struct mh_texts *warnings, struct mh_error *err);
void mh_selection_clear(struct mh_selection *selection);

#endif
