/* SPDX-License-Identifier: MIT */
#ifndef MH_POLICY_POLICY_H
#define MH_POLICY_POLICY_H

#include "mapihttp/registry.h"
#include "registry/software.h"

/*
 * Reads what the machine policy declares: State, DefaultProfile, and the values of Exclude. MH_INVALID when State is no state that a policy may declare.
 */
int mh_policy_read(const struct mh_software *software, struct mh_policy *ret_policy, struct mh_error *err);

#endif
