/* SPDX-License-Identifier: MIT */
#include "hc_internal.h"

#include <inttypes.h>
#include <string.h>

/* What is known while going through the subkeys of one key. */
struct walk {
    const struct hc_nk *parent;
    unsigned depth;
    size_t entries;
    struct hc_name previous; /* at NULL = none yet */
    size_t longest;          /* name, in bytes of UTF-16 */
    size_t longest_class;
};

static bool is_leaf(const struct hc_cell *list)
{
    return memcmp(list->at, "li", 2) == 0 || memcmp(list->at, "lf", 2) == 0 ||
           memcmp(list->at, "lh", 2) == 0;
}

static void check_order(struct hc_state *state, struct walk *walk, const struct hc_nk *nk,
                        uint64_t from)
{
    int order = walk->previous.at == NULL ? -1 : hc_name_compare(&walk->previous, &nk->name);

    if (order == 0)
        hc_problem(state, from, "this subkey has the same name as the one before");
    if (order > 0)
        hc_problem(state, from, "subkeys are out of order");
    walk->previous = nk->name;
}

static void check_entry(struct hc_state *state, struct walk *walk, char kind, const uint8_t *entry,
                        uint64_t from)
{
    struct hc_nk nk;
    size_t class_length;

    walk->entries++;
    if (!hc_nk_take(state, from, hc_get32(entry), &nk))
        return;
    check_order(state, walk, &nk, from);
    if (kind == 'h' && hc_get32(entry + 4) != hc_name_hash(&nk.name))
        hc_problem(state, from + 4, "hash is 0x%" PRIx32 ", not 0x%" PRIx32, hc_get32(entry + 4),
                   hc_name_hash(&nk.name));
    if (kind == 'f' && !hc_name_hint_is(&nk.name, entry + 4))
        hc_problem(state, from + 4, "hint does not match the name");
    if (nk.name.count * 2 > walk->longest)
        walk->longest = nk.name.count * 2;
    class_length = hc_get16(nk.cell.at + 74);
    if (class_length > walk->longest_class)
        walk->longest_class = class_length;
    hc_check_key(state, &nk, walk->parent->cell.cell, walk->depth + 1);
}

static void check_leaf(struct hc_state *state, struct walk *walk, const struct hc_cell *leaf)
{
    char kind = (char)leaf->at[1];
    size_t item = kind == 'i' ? 4 : 8;
    size_t count = hc_get16(leaf->at + 2);

    if (kind == 'h' && state->minor <= 4)
        hc_problem(state, leaf->offset, "an lh list in version 1.%" PRIu32, state->minor);
    if (count == 0)
        hc_problem(state, leaf->offset + 2, "an empty subkey list");
    if (4 + count * item > leaf->size) {
        hc_problem(state, leaf->offset + 2, "%zu entries do not fit in the subkey list", count);
        count = (leaf->size - 4) / item;
    }
    for (size_t i = 0; i < count; i++)
        check_entry(state, walk, kind, leaf->at + 4 + item * i, leaf->offset + 4 + item * i);
}

static void check_root(struct hc_state *state, struct walk *walk, const struct hc_cell *root)
{
    size_t count = hc_get16(root->at + 2);

    if (count == 0)
        hc_problem(state, root->offset + 2, "an empty subkey list");
    if (4 + count * 4 > root->size) {
        hc_problem(state, root->offset + 2, "%zu entries do not fit in the subkey list", count);
        count = (root->size - 4) / 4;
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t from = root->offset + 4 + 4 * i;
        struct hc_cell leaf;

        if (!hc_cell_take(state, from, hc_get32(root->at + 4 + 4 * i), "subkey list", &leaf))
            continue;
        if (is_leaf(&leaf))
            check_leaf(state, walk, &leaf);
        else
            hc_problem(state, leaf.offset, "no li, lf or lh list here");
    }
}

static void check_counts(struct hc_state *state, const struct walk *walk)
{
    const struct hc_cell *nk = &walk->parent->cell;
    uint32_t count = hc_get32(nk->at + 20);
    uint32_t longest = hc_get16(nk->at + 52); /* the upper half holds other flags */
    uint32_t longest_class = hc_get32(nk->at + 56);

    if (walk->entries != count)
        hc_problem(state, nk->offset + 20, "%" PRIu32 " subkeys, but the lists have %zu", count,
                   walk->entries);
    if (walk->longest > longest)
        hc_problem(state, nk->offset + 52, "longest subkey name is %zu bytes, not %" PRIu32,
                   walk->longest, longest);
    if (walk->longest_class > longest_class)
        hc_problem(state, nk->offset + 56, "longest subkey class is %zu bytes, not %" PRIu32,
                   walk->longest_class, longest_class);
}

void hc_check_subkeys(struct hc_state *state, const struct hc_nk *nk, unsigned depth)
{
    struct walk walk = {.parent = nk, .depth = depth};
    uint32_t list = hc_get32(nk->cell.at + 28);
    struct hc_cell cell;

    if (hc_get32(nk->cell.at + 20) == 0) {
        if (list != HC_NIL)
            hc_problem(state, nk->cell.offset + 28, "a subkey list without subkeys");
        return;
    }
    if (!hc_cell_take(state, nk->cell.offset + 28, list, "subkey list", &cell))
        return;
    if (memcmp(cell.at, "ri", 2) == 0) {
        check_root(state, &walk, &cell);
    } else if (is_leaf(&cell)) {
        check_leaf(state, &walk, &cell);
    } else {
        hc_problem(state, cell.offset, "no subkey list here");
        return;
    }
    check_counts(state, &walk);
}
