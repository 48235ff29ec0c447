/* SPDX-License-Identifier: MIT */
#ifndef MH_CORE_RESULT_H
#define MH_CORE_RESULT_H

#include "mapihttp/result.h"

/* Makes room for the outcomes of a result whose selection is there, so that settling cannot fail. */
int mh_result_reserve(struct mh_result *result, struct mh_error *err);

/*
 * Works out the outcomes, the counts, `changed`, `failed`, `restart_required` and `msg` of a result whose selection,
 * observations and steps are there (or of a refused request, whose `error` is set).
 */
void mh_result_settle(struct mh_result *result);

#endif
