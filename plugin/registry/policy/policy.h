/* SPDX-License-Identifier: MIT */
#ifndef MH_POLICY_POLICY_H
#define MH_POLICY_POLICY_H

#include "mapihttp/registry.h"
#include "registry/hive/image.h"

/*
 * Reads what the machine policy declares from a SOFTWARE hive (its root is HKLM\Software): State,
 * DefaultProfile, and the values of Exclude. MH_INVALID when State is no state that a policy may declare.
 */
int mh_policy_read(struct mh_image *software, struct mh_policy *ret_policy, struct mh_error *err);

#endif
