/* SPDX-License-Identifier: MIT */
#include "hc_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FLINK = 4, BLINK = 8, REFERENCES = 12, LENGTH = 16, SELF_RELATIVE = 0x8000 };

void hc_security_use(struct hc_state *state, const struct hc_nk *nk)
{
    size_t count = state->use_count;

    if ((count & (count - 1)) == 0) {
        size_t room = count == 0 ? 1 : 2 * count;
        uint32_t *uses = realloc(state->uses, room * sizeof(*uses));

        if (uses == NULL) {
            state->no_memory = true;
            return;
        }
        state->uses = uses;
    }
    state->uses[state->use_count++] = hc_get32(nk->cell.at + 44);
    if (hc_get32(nk->cell.at + 44) == HC_NIL)
        hc_problem(state, nk->cell.offset + 44, "key without a security record");
}

static int compare(const void *left, const void *right)
{
    const uint32_t *one = left;
    const uint32_t *other = right;

    return (*one > *other) - (*one < *other);
}

/* How many keys use the record: `uses` is sorted. */
static uint32_t count_uses(const struct hc_state *state, uint32_t cell)
{
    size_t low = 0, high = state->use_count;
    uint32_t count = 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (state->uses[middle] < cell)
            low = middle + 1;
        else
            high = middle;
    }
    while (low < state->use_count && state->uses[low++] == cell)
        count++;
    return count;
}

static void check_descriptor(struct hc_state *state, const struct hc_cell *sk)
{
    uint32_t length = hc_get32(sk->at + LENGTH);
    const uint8_t *descriptor = sk->at + HC_SK_HEADER;

    if (length > sk->size - HC_SK_HEADER || length < 20) {
        hc_problem(state, sk->offset + LENGTH, "security descriptor of %" PRIu32 " bytes", length);
        return;
    }
    if (descriptor[0] != 1 || (hc_get16(descriptor + 2) & SELF_RELATIVE) == 0)
        hc_problem(state, sk->offset + HC_SK_HEADER, "no self-relative security descriptor");
    for (size_t i = 4; i < 20; i += 4)
        if (hc_get32(descriptor + i) >= length)
            hc_problem(state, sk->offset + HC_SK_HEADER + i, "a part of the security descriptor "
                       "is at 0x%" PRIx32, hc_get32(descriptor + i));
}

/* A security record; false with a problem when it is none. */
static bool look(struct hc_state *state, uint64_t from, uint32_t cell, struct hc_cell *ret)
{
    if (!hc_cell_look(state, from, cell, "security record", ret))
        return false;
    if (ret->size < HC_SK_HEADER || memcmp(ret->at, "sk", 2) != 0) {
        hc_problem(state, from, "no security record at 0x%" PRIx32, cell);
        return false;
    }
    return true;
}

/* Checks one record; *ret_next is the one that follows it in the ring. */
static bool check_record(struct hc_state *state, const struct hc_cell *sk, struct hc_cell *ret_next)
{
    uint32_t uses = count_uses(state, sk->cell);
    uint32_t references = hc_get32(sk->at + REFERENCES);
    struct hc_cell previous;

    state->report->securities++;
    if (uses != references)
        hc_problem(state, sk->offset + REFERENCES, "reference count is %" PRIu32 ", but %" PRIu32
                   " keys use it", references, uses);
    check_descriptor(state, sk);
    if (look(state, sk->offset + BLINK, hc_get32(sk->at + BLINK), &previous) &&
        hc_get32(previous.at + FLINK) != sk->cell)
        hc_problem(state, sk->offset + BLINK, "the record before does not link to this one");
    if (!look(state, sk->offset + FLINK, hc_get32(sk->at + FLINK), ret_next))
        return false;
    if (hc_get32(ret_next->at + BLINK) != sk->cell)
        hc_problem(state, sk->offset + FLINK, "the next record does not link back to this one");
    return true;
}

/* Goes round the ring that a record is on. Each step takes a new cell, so it ends. */
static void check_ring(struct hc_state *state, struct hc_cell sk)
{
    struct hc_cell next;

    while ((state->marks[sk.cell / 8] & HC_MARK_SECURITY) == 0) {
        if ((state->marks[sk.cell / 8] & HC_MARK_REACHED) != 0) {
            hc_problem(state, sk.offset, "security record is in use for something else");
            return;
        }
        state->marks[sk.cell / 8] |= HC_MARK_SECURITY | HC_MARK_REACHED;
        if (!check_record(state, &sk, &next))
            return;
        sk = next;
    }
}

void hc_check_security(struct hc_state *state)
{
    bool first = true;

    if (state->use_count > 1)
        qsort(state->uses, state->use_count, sizeof(*state->uses), compare);
    for (size_t i = 0; i < state->use_count; i++) {
        struct hc_cell sk;

        if (state->uses[i] == HC_NIL || (i > 0 && state->uses[i] == state->uses[i - 1]) ||
            !look(state, 0, state->uses[i], &sk))
            continue;
        if (!first && (state->marks[sk.cell / 8] & HC_MARK_SECURITY) == 0)
            hc_problem(state, sk.offset, "security record is not on the ring of the others");
        check_ring(state, sk);
        first = false;
    }
}
