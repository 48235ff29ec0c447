/* SPDX-License-Identifier: MIT */
#ifndef MH_TESTS_VIEW_H
#define MH_TESTS_VIEW_H

/*
 * A hive as one list of keys and values, in the hive's own order, as the engine or libhivex reads it. Each key
 * stands before its values, and these before its subkeys. `name` of a function is that of the case: whatever
 * fails, fails the test and says it.
 */

#include "unit/kit.h"

struct view_item {
    char *path;         /* "" is the root */
    char *name;         /* of a value; NULL: the item is the key itself */
    uint32_t type;
    uint32_t size;
    uint64_t digest;    /* of the value's data */
    uint32_t cell;      /* of a key: two readers mean the same one */
    uint64_t timestamp; /* of a key; 0 where the reader does not say */
    uint64_t class_name; /* of a key: digest; likewise */
    uint64_t security;  /* of a key: digest of its descriptor; likewise */
};

struct view {
    struct view_item *items;
    size_t count;
    size_t capacity;
};

/* What a reader does not say itself, and how often it was found out otherwise. */
struct view_limits {
    size_t plain; /* keys: class name and security, for which libhivex has no calls */
    size_t empty; /* values of no bytes, whose data libhivex does not give */
    size_t big;   /* values of more than 16344 bytes: read by libhivex, but not to be written by it */
};

/* FNV-1a, 64 bits. */
uint64_t view_digest(const void *bytes, size_t size);

/* Appends an item; owns its texts from then on. */
void view_add(struct view *view, struct view_item item);
void view_clear(struct view *view);

/* As the engine reads it; the logs that `files` has are replayed where it takes them to matter. */
void view_engine(const char *name, struct kit_files *files, struct view *ret_view);

/* As libhivex reads it, which takes no logs; `limits` are counted up. */
void view_hivex(const char *name, const uint8_t *hive, size_t size, struct view *ret_view,
                struct view_limits *limits);

/* Both read the same keys, at the same places, and the same values, in the same order. */
void view_same(const char *name, const struct view *engine, const struct view *hivex);

/* Our value in it, or NULL. */
const struct view_item *view_ours(const struct view *view);

/*
 * The one view is the other after our value was set to `value` (absent: was removed): all else is there as it
 * was, in the same order, to the time stamps, class names and security of all keys. Missing keys are made, with
 * their parent's security; the time stamp of the key that got a key or the value is `now`, but when `in_place`.
 */
void view_only_ours(const char *name, const struct view *before, const struct view *after,
                    const struct mh_value *value, bool in_place, uint64_t now);

#endif
