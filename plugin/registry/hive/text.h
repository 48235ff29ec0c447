/* SPDX-License-Identifier: MIT */
#ifndef MH_HIVE_TEXT_H
#define MH_HIVE_TEXT_H

#include "registry/hive/data.h"

/*
 * The text of a REG_SZ or REG_EXPAND_SZ value as UTF-8, on the heap, up to its first NUL; broken units
 * become U+FFFD. *ret_text is NULL for an absent value and one of another type.
 */
int mh_value_text(const struct mh_value *value, char **ret_text, struct mh_error *err);

/* mh_value_lookup and mh_value_text in one. */
int mh_text_lookup(struct mh_image *image, const char *path, const char *name, char **ret_text,
                   struct mh_error *err);

#endif
