/* SPDX-License-Identifier: MIT */
#include "hc_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

uint16_t hc_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

uint32_t hc_get32(const uint8_t *at)
{
    return (uint32_t)hc_get16(at) | (uint32_t)hc_get16(at + 2) << 16;
}

static bool grow_texts(struct hc_report *report)
{
    size_t count = report->text_count;
    struct hc_problem *texts;

    if ((count & (count - 1)) != 0)
        return true;
    texts = realloc(report->texts, (count == 0 ? 1 : 2 * count) * sizeof(*texts));
    if (texts == NULL)
        return false;
    report->texts = texts;
    return true;
}

void hc_problem(struct hc_state *state, uint64_t offset, const char *format, ...)
{
    struct hc_report *report = state->report;
    struct hc_problem *problem;
    va_list arguments;

    report->problems++;
    if (report->text_count == HC_MAX_TEXTS)
        return;
    if (!grow_texts(report)) {
        state->no_memory = true;
        return;
    }
    problem = &report->texts[report->text_count++];
    problem->offset = offset;
    va_start(arguments, format);
    (void)vsnprintf(problem->text, sizeof(problem->text), format, arguments);
    va_end(arguments);
}

static void check_tree(struct hc_state *state)
{
    struct hc_nk root;

    if (!hc_nk_take(state, 36, state->root, &root))
        return;
    if ((root.flags & 0x04) == 0)
        hc_problem(state, root.cell.offset + 2, "the root key's flags do not say so");
    hc_check_key(state, &root, HC_NIL, 1);
}

int hc_check(const uint8_t *hive, size_t size, unsigned flags, struct hc_report *ret)
{
    struct hc_state state = {.hive = hive, .size = size, .flags = flags, .report = ret};

    *ret = (struct hc_report){0};
    hc_check_base(&state);
    if (state.bins_size > 0) {
        state.marks = calloc(state.bins_size / 8, 1);
        state.no_memory = state.no_memory || state.marks == NULL;
    }
    if (state.marks != NULL) {
        hc_check_bins(&state);
        check_tree(&state);
        hc_check_security(&state);
        hc_check_leaks(&state);
    }
    free(state.marks);
    free(state.uses);
    if (state.no_memory)
        return -1;
    return ret->problems > 0;
}

void hc_report_free(struct hc_report *report)
{
    free(report->texts);
    *report = (struct hc_report){0};
}
