/* SPDX-License-Identifier: MIT */
#ifndef MH_CORE_STATE_H
#define MH_CORE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "mapihttp/request.h"

/* The state that a value is: ENABLED, DISABLED, ABSENT, or OTHER. Exact: type and data both. */
enum mh_state mh_state_of(const struct mh_value *value);

/* Whether a value in state `observed` is what `desired` (not POLICY, not NONE) asks for. */
bool mh_state_satisfies(enum mh_state desired, enum mh_state observed);

/* Whether just one value is in that state: ENABLED, DISABLED, ABSENT. */
bool mh_state_is_exact(enum mh_state state);

/* The data of the REG_DWORD that a value in state ENABLED, DISABLED or ALLOWED is made. */
uint32_t mh_state_number(enum mh_state state);

/*
 * The value that `desired` converges to: absent for ABSENT. Returns 0, or -1 when memory is out.
 */
int mh_state_target(enum mh_state desired, struct mh_value *ret_value);

#endif
