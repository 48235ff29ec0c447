/* SPDX-License-Identifier: MIT */
#ifndef HC_INTERNAL_H
#define HC_INTERNAL_H

#include "mapihttp/error.h"
#include "checker.h"

#include <stdbool.h>

#define HC_NIL UINT32_MAX

enum {
    HC_BASE_SIZE = 4096,
    HC_BIN_HEADER = 32,
    HC_SEGMENT = 16344,  /* data bytes in one segment of a big value */
    HC_MAX_DEPTH = 512,  /* levels of keys that Windows allows */
    HC_NK_HEADER = 76,
    HC_VK_HEADER = 20,
    HC_SK_HEADER = 20,
};

/* What is known of each 8-byte unit of the bins data. */
enum {
    HC_MARK_ALLOCATED = 1, /* an allocated cell starts here */
    HC_MARK_FREE = 2,      /* a free one */
    HC_MARK_REACHED = 4,   /* something refers to it */
    HC_MARK_SECURITY = 8,  /* as a security record */
};

struct hc_state {
    const uint8_t *hive;
    size_t size;
    unsigned flags;
    struct hc_report *report;
    const uint8_t *bins;
    uint32_t bins_size; /* 0 = the bins cannot be looked at */
    uint32_t minor;
    uint32_t root;
    uint8_t *marks;   /* bins_size / 8 */
    uint32_t *uses;   /* the security cell of each key */
    size_t use_count;
    bool no_memory;
};

/* A cell that was found good. */
struct hc_cell {
    uint32_t cell;     /* offset in the bins data */
    const uint8_t *at; /* contents */
    size_t size;       /* of the contents */
    uint64_t offset;   /* of the contents in the file */
};

/* A key or value name in place. */
struct hc_name {
    const uint8_t *at;
    size_t count; /* UTF-16 units */
    bool latin1;  /* one byte each */
};

struct hc_nk {
    struct hc_cell cell;
    struct hc_name name;
    uint16_t flags;
};

/* Little-endian numbers */
uint16_t hc_get16(const uint8_t *at);
uint32_t hc_get32(const uint8_t *at);

/* Notes a problem. */
void hc_problem(struct hc_state *state, uint64_t offset, const char *format, ...) MH_PRINTF(3, 4);

/* Cells (hc_cells.c) */

/* Base block (hc_base.c): sets bins, bins_size, minor and root. */
void hc_check_base(struct hc_state *state);
/* Walks every bin and cell and sets the marks. */
void hc_check_bins(struct hc_state *state);
/* Finds a cell; false with a problem at `from` when there is no allocated one. */
bool hc_cell_look(struct hc_state *state, uint64_t from, uint32_t cell, const char *what,
                  struct hc_cell *ret);
/* The same, and it must not have been reached before; it is now. */
bool hc_cell_take(struct hc_state *state, uint64_t from, uint32_t cell, const char *what,
                  struct hc_cell *ret);
void hc_check_leaks(struct hc_state *state);

/* Names (hc_name.c) */

uint16_t hc_name_unit(const struct hc_name *name, size_t index);
int hc_name_compare(const struct hc_name *left, const struct hc_name *right);
uint32_t hc_name_hash(const struct hc_name *name);
bool hc_name_hint_is(const struct hc_name *name, const uint8_t hint[4]);

/* Keys (hc_keys.c, hc_lists.c, hc_values.c, hc_security.c) */

/* Takes a key's cell and reads what lists need to know of it. */
bool hc_nk_take(struct hc_state *state, uint64_t from, uint32_t cell, struct hc_nk *ret);
/* Checks a key that was taken, and all below. */
void hc_check_key(struct hc_state *state, const struct hc_nk *nk, uint32_t parent, unsigned depth);
void hc_check_subkeys(struct hc_state *state, const struct hc_nk *nk, unsigned depth);
void hc_check_values(struct hc_state *state, const struct hc_nk *nk);
/* Notes which security record a key uses. */
void hc_security_use(struct hc_state *state, const struct hc_nk *nk);
void hc_check_security(struct hc_state *state);

#endif
