/* SPDX-License-Identifier: MIT */
#ifndef HB_MKHIVE_SPEC_H
#define HB_MKHIVE_SPEC_H

#include "mapihttp/error.h"
#include "builder.h"

#include <jansson.h>

/*
 * Reads a hive's description from JSON.
 *
 * SPEC = {"minor": 3..6, "name": base block's file name, "sequence": [primary, secondary],
 *         "timestamp": FILETIME, "lists": "li"|"lf"|"lh", "leaf_max": N, "free": N, "slack": N,
 *         "size": N, "dirty": bool, "damage": "base", "log": LOG, "root": KEY}
 * KEY = {"name", "class", "security": N, "flags": N, "timestamp": FILETIME, "values": [VALUE],
 *        "keys": [KEY]}; a name is needed but for the root's, which is "ROOT"
 * VALUE = {"name" (default ""), "type": name or number, "data": DATA or "hex": "00ff",
 *          "inline": bool (default true), "flags": N}
 * DATA = number (REG_DWORD, REG_DWORD_BIG_ENDIAN, REG_QWORD), text (REG_SZ, REG_EXPAND_SZ,
 *        REG_LINK), list of texts (REG_MULTI_SZ), {"fill": N} (any type); without data and hex
 *        there are 0 bytes
 * LOG = {"format": "hvle"|"dirt", "files": 1|2, "entries": N, "sequence": N, "align": 512|4096,
 *        "swap": bool, "root": KEY or a list of KEYs, one after the other}
 *
 * The meaning of all fields is in builder.h.
 */
struct hb_spec {
    struct hb_options options;
    struct hb_log_options log;
    struct hb_key *root;
    struct hb_key **after; /* the trees of "log"; NULL without it */
    size_t after_count;
    char error[256]; /* what is wrong, when hb_spec_read fails */
};

/*
 * Returns whether the description is right. *ret is to be freed with hb_spec_free in either case,
 * and before `json`, from which it borrows texts.
 */
bool hb_spec_read(const json_t *json, struct hb_spec *ret);
void hb_spec_free(struct hb_spec *spec);

/* Tools for the two source files of the reader. */

/* Writes an error text and returns false. */
bool hb_spec_fail(struct hb_spec *spec, const char *format, ...) MH_PRINTF(2, 3);
/* Fails when an object has a field not in the NULL-terminated list; `what` names the object. */
bool hb_spec_fields(struct hb_spec *spec, const json_t *object, const char *what,
                    const char *const *fields);
/* An optional whole number from 0 to `most`; *ret is left alone when it is not there. */
bool hb_spec_number(struct hb_spec *spec, const json_t *object, const char *field, uint64_t most,
                    uint64_t *ret);
/* An optional truth value and an optional text, likewise. */
bool hb_spec_bool(struct hb_spec *spec, const json_t *object, const char *field, bool *ret);
bool hb_spec_text(struct hb_spec *spec, const json_t *object, const char *field, const char **ret);

/* Reads a whole tree into *ret (mkhive_tree.c). */
bool hb_spec_tree(struct hb_spec *spec, const json_t *json, struct hb_key **ret);

/* The JSON object of mkhive --map for a built tree (mkhive_map.c), or NULL when out of memory. */
json_t *hb_map_make(const struct hb_key *root);

#endif
