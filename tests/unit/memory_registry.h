/* SPDX-License-Identifier: MIT */
#ifndef MH_TESTS_MEMORY_REGISTRY_H
#define MH_TESTS_MEMORY_REGISTRY_H

/* A registry that is in memory alone, and keeps every promise of registry.h. */

#include "mapihttp/registry.h"

/* One profile, and what lasts of it. */
struct memory_profile {
    const char *label;      /* its id, and its folder */
    struct mh_value value;
    bool recovered;
    int open_status;        /* not MH_OK: opening it fails with this */
    int commit_status;      /* likewise */
    unsigned commits;       /* that changed something */
};

/* All that lasts. Outlives its registries; cleared with memory_world_clear. */
struct memory_world {
    struct memory_profile *profiles;
    size_t count;
    bool sequential;        /* its registries are not concurrent */
    bool has_policy;
    enum mh_state policy;   /* the state that it declares */
};

void memory_world_clear(struct memory_world *world);

int memory_registry_open(struct memory_world *world, struct mh_registry **ret_registry,
                         struct mh_error *err);

#endif
