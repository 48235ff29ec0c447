/* SPDX-License-Identifier: MIT */
#ifndef MH_HIVE_NAME_H
#define MH_HIVE_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapihttp/error.h"

#define MH_NAME_MAX 256u /* characters of a key's name; a longer value name cannot be one of ours */

/* A name to look for, in upper case, one UTF-16 unit each. */
struct mh_name {
    uint16_t upper[MH_NAME_MAX];
    size_t count;
    bool ascii;
};

/* A name as a hive stores it: Latin-1 or UTF-16LE. */
struct mh_stored_name {
    const uint8_t *bytes;
    size_t size;
    bool latin1;
};

/* Makes a name of `length` bytes of UTF-8. MH_INTERNAL when it is empty, no UTF-8 or too long. */
int mh_name_make(const char *text, size_t length, struct mh_name *ret_name, struct mh_error *err);

/* The order in which a hive keeps its keys: <0, 0, >0. */
int mh_name_compare(const struct mh_name *name, const struct mh_stored_name *stored);

/*
 * Whether `a` may stand right before `b` in a list: not the same, and not plainly the wrong way round.
 * Where the first difference is between two characters beyond ASCII, Windows' upper case may be another
 * than ours, and either order is taken.
 */
bool mh_name_may_precede(const struct mh_stored_name *a, const struct mh_stored_name *b);

/* The hash of an lh list: H = H * 37 + upper case unit, from 0, mod 2^32. */
uint32_t mh_name_hash(const struct mh_name *name);

/* The stored name as UTF-8 on the heap; NULL when memory is out. Broken units become U+FFFD. */
char *mh_name_text(const struct mh_stored_name *stored);

#endif
