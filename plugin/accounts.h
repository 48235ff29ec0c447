/* SPDX-License-Identifier: MIT */
#ifndef MH_ACCOUNTS_H
#define MH_ACCOUNTS_H

#include "mapihttp/plan.h"

/*
 * Accounts ("DOMAIN\name") are looked up only when somebody needs one: a domain controller that is far away
 * or gone must not slow a run.
 */

/*
 * Learns what the selectors of `desired` need before profiles are selected: a selector that is an account
 * becomes its SID where a listed profile has that, and for wildcards that an account could match, the people
 * among `profiles` get theirs. What cannot be looked up becomes a warning. Fails only for want of memory.
 */
int mh_accounts_learn(struct mh_registry *registry, struct mh_desired *desired, struct mh_profiles *profiles,
                      struct mh_texts *warnings, struct mh_error *err);

/* Names the selected profiles for a person's eyes. Those that cannot be looked up stay without. */
void mh_accounts_name(struct mh_registry *registry, const struct mh_selection *selection,
                      struct mh_profiles *profiles);

#endif
