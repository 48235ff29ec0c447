/* SPDX-License-Identifier: MIT */
#ifndef MH_TESTS_CONFORMANCE_H
#define MH_TESTS_CONFORMANCE_H

/*
 * The promises of registry.h, as tests that every registry has to pass: one suite for those that
 * write, one for the read-only view of them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worlds.h"

/* A kind of registry, and how to make a world of worlds.h's profiles for it. */
struct conformance_kind {
    const char *name;
    bool has_policy; /* that of world_write_volume */
    bool recovers;   /* the dirty profile is read with its logs replayed, and says so */

    /* Makes the world anew, before each test; what it returns goes to the others. */
    void *(*make)(void);
    void (*unmake)(void *world);

    /* Opens the registry over the world. */
    int (*open)(void *world, struct mh_registry **ret_registry, struct mh_error *err);

    /* The same as long as nothing that lasts was written. */
    uint64_t (*print)(void *world);
};

enum { CONFORMANCE_MAX = 64 };

/*
 * Appends the suites' tests over `kind` to `tests` (room for CONFORMANCE_MAX more), of which there
 * are `count`. Their names are freed by conformance_free.
 */
void conformance_add(const struct conformance_kind *kind, struct CMUnitTest *tests, size_t *count);
void conformance_free(struct CMUnitTest *tests, size_t count);

#endif
