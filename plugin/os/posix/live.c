/* SPDX-License-Identifier: MIT */
#include "registry/open.h"

int mh_live_open(struct mh_registry **ret_registry, struct mh_error *err)
{
    (void)ret_registry;
    return mh_error_set(err, MH_UNSUPPORTED,
                        "this system has no live Windows registry; give root (a mounted Windows "
                        "volume), store (a folder of profile folders) or hives (hive files)");
}
