/* SPDX-License-Identifier: MIT */
#ifndef MH_POLICY_MANAGED_H
#define MH_POLICY_MANAGED_H

#include <stdbool.h>

#include "mapihttp/error.h"
#include "os/file.h"

/*
 * Whether the ntuser.pol at `path` below `top` (as mh_file_open takes them) says that Group Policy sets or
 * removes our value for that user: a change of ours lasts until it is applied next only. No such file, or
 * `path` NULL: it does not. MH_CORRUPT when it is no registry policy file, MH_UNSUPPORTED beyond
 * MH_PREG_FILE_MAX, MH_IN_USE when it changes while it is read, and what mh_file_open says. Group Policy
 * Preferences leave no trace there.
 */
int mh_managed_read(struct mh_dir *top, const char *path, bool *ret_managed, struct mh_error *err);

#endif
