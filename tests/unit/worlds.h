/* SPDX-License-Identifier: MIT */
#ifndef MH_TESTS_WORLDS_H
#define MH_TESTS_WORLDS_H

/* Volumes, stores and hives on disk, each with the same profiles, and the registries over them. */

#include "kit.h"
#include "mapihttp/registry.h"

/* The profiles of every world; a profile's folder is called as its label. */
enum world_profile {
    WORLD_ONE,    /* REG_DWORD 1 */
    WORLD_ZERO,   /* REG_DWORD 0 */
    WORLD_BARE,   /* not even the key Software */
    WORLD_KEYED,  /* the key, without the value */
    WORLD_TEXT,   /* REG_SZ "0" */
    WORLD_BIG,    /* 20000 bytes of REG_BINARY */
    WORLD_DIRTY,  /* REG_DWORD 1, once its logs are replayed */
    WORLD_BROKEN, /* cannot be opened: MH_CORRUPT */
    WORLD_PROFILES
};

const char *world_label(enum world_profile which);

/* What the profile holds (the broken one: nothing). The caller clears it. */
struct mh_value world_value(enum world_profile which);

/* Files for the profile in `folder` of the scratch folder. */
void world_write_profile(const char *scratch, const char *folder, enum world_profile which);

/*
 * A Windows volume: the profiles below Users, and Default, listed by its SOFTWARE hive; with a
 * policy (allowed, the Default profile too, but not "zero") when it has one.
 */
void world_write_volume(const char *scratch, bool policy);
/* All profiles' folders, beside one another. */
void world_write_store(const char *scratch);
/* The paths of the hives of world_write_store. */
struct mh_texts world_paths(const char *scratch);

/* "S-1-5-21-1-2-3-1000" and so on: the profile's in a volume. The caller frees it. */
char *world_sid(enum world_profile which);

#endif
