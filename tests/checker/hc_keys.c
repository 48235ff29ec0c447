/* SPDX-License-Identifier: MIT */
#include "hc_internal.h"

#include <inttypes.h>
#include <string.h>

enum { NK_ROOT = 0x04, NK_LATIN1 = 0x20, NK_PREDEFINED = 0x40 };

bool hc_nk_take(struct hc_state *state, uint64_t from, uint32_t cell, struct hc_nk *ret)
{
    struct hc_cell *nk = &ret->cell;
    size_t length;

    if (!hc_cell_take(state, from, cell, "key", nk))
        return false;
    if (nk->size < HC_NK_HEADER || memcmp(nk->at, "nk", 2) != 0) {
        hc_problem(state, nk->offset, "no key record here");
        return false;
    }
    ret->flags = hc_get16(nk->at + 2);
    length = hc_get16(nk->at + 72);
    if (length > nk->size - HC_NK_HEADER) {
        hc_problem(state, nk->offset + 72, "key name of %zu bytes does not fit", length);
        return false;
    }
    ret->name.latin1 = (ret->flags & NK_LATIN1) != 0;
    ret->name.at = nk->at + HC_NK_HEADER;
    ret->name.count = ret->name.latin1 ? length : length / 2;
    if (length == 0 || (!ret->name.latin1 && length % 2 != 0))
        hc_problem(state, nk->offset + 72, "key name length is %zu", length);
    return true;
}

static void check_class(struct hc_state *state, const struct hc_nk *nk)
{
    uint16_t length = hc_get16(nk->cell.at + 74);
    struct hc_cell cell;

    if (length == 0)
        return;
    if (!hc_cell_take(state, nk->cell.offset + 48, hc_get32(nk->cell.at + 48), "class name", &cell))
        return;
    if (length > cell.size)
        hc_problem(state, nk->cell.offset + 74, "class name of %u bytes does not fit", length);
}

void hc_check_key(struct hc_state *state, const struct hc_nk *nk, uint32_t parent, unsigned depth)
{
    uint64_t offset = nk->cell.offset;

    state->report->keys++;
    if (parent != HC_NIL && hc_get32(nk->cell.at + 16) != parent)
        hc_problem(state, offset + 16, "parent is 0x%" PRIx32 ", not 0x%" PRIx32,
                   hc_get32(nk->cell.at + 16), parent);
    if (parent != HC_NIL && (nk->flags & NK_ROOT) != 0)
        hc_problem(state, offset + 2, "a second root key");
    hc_security_use(state, nk);
    check_class(state, nk);
    if ((nk->flags & NK_PREDEFINED) == 0)
        hc_check_values(state, nk);
    if (depth > HC_MAX_DEPTH)
        hc_problem(state, offset, "more than %d levels of keys", HC_MAX_DEPTH);
    else
        hc_check_subkeys(state, nk, depth);
}
