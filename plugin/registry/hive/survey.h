/* SPDX-License-Identifier: MIT */
#ifndef MH_HIVE_SURVEY_H
#define MH_HIVE_SURVEY_H

#include "registry/hive/space.h"

/*
 * Goes through the whole of a loaded hive before its structure is changed: bins and cells tile, every
 * list, key, value and piece of data that the root leads to is an allocated cell of its own and fits, and
 * subkeys are sorted and named once.
 * MH_CORRUPT, with the offset, when that is not so. Cells that nothing leads to are no fault: Windows
 * leaves some behind. *ret_space is what is free; the caller clears it.
 */
int mh_survey(struct mh_image *image, struct mh_space *ret_space, struct mh_error *err);

#endif
