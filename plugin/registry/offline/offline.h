/* SPDX-License-Identifier: MIT */
#ifndef MH_OFFLINE_OFFLINE_H
#define MH_OFFLINE_OFFLINE_H

/* The registries whose values live in hive files that no Windows has loaded. */

#include "mapihttp/registry.h"

/*
 * A Windows volume that is mounted at `root`: profiles from the ProfileList of its SOFTWARE hive, their
 * paths mapped below `root` without regard to case and through no link. MH_NOT_FOUND when it is no Windows
 * volume, MH_IN_USE when Windows is hibernated on it (or was shut down with fast startup).
 */
int mh_volume_open(const char *root, struct mh_registry **ret_registry, struct mh_error *err);

/* A folder of profile folders, an NTUSER.MAN or NTUSER.DAT in each. */
int mh_store_open(const char *path, struct mh_registry **ret_registry, struct mh_error *err);

/* These hive files, each one profile. */
int mh_hives_open(const struct mh_texts *paths, struct mh_registry **ret_registry,
                  struct mh_error *err);

#endif
