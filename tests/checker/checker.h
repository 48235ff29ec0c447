/* SPDX-License-Identifier: MIT */
#ifndef HC_CHECKER_H
#define HC_CHECKER_H

#include <stddef.h>
#include <stdint.h>

/*
 * Checks that a registry hive file (regf, versions 1.3 to 1.6) is sound in all respects that
 * Windows and other readers rely on: base block, bins, cells, keys, lists, values, security
 * records, and that every allocated cell is used exactly once. Safe on any input; the time taken
 * is linear in the size, but for the sorting of the security references.
 */

enum {
    HC_ALLOW_LEAKS = 1, /* allocated cells that nothing refers to are counted, but no problem */
    HC_DIRTY_OK = 2,    /* nor are unequal sequence numbers */
};

/* Problems after this one are counted, but their text is not kept. */
enum { HC_MAX_TEXTS = 1000 };

struct hc_problem {
    uint64_t offset; /* in the file */
    char text[120];
};

struct hc_report {
    size_t bins;
    size_t cells; /* allocated */
    size_t free_cells;
    size_t free_bytes;
    size_t free_neighbours; /* free cells right after another in their bin; Windows leaves none */
    size_t keys;
    size_t values;
    size_t securities;
    size_t leaks; /* allocated cells not reached from the root, whatever the flags */
    size_t leaked_bytes;
    size_t problems;
    struct hc_problem *texts; /* the first problems */
    size_t text_count;
};

/*
 * Checks a whole file. `flags` are HC_ALLOW_LEAKS, HC_DIRTY_OK. Returns 0 when sound, 1 with
 * problems, -1 when out of memory (*ret is then incomplete). In each case *ret is to be freed with
 * hc_report_free.
 */
int hc_check(const uint8_t *hive, size_t size, unsigned flags, struct hc_report *ret);

/* Frees what the report owns, not the struct. */
void hc_report_free(struct hc_report *report);

#endif
