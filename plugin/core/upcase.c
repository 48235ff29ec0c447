/* SPDX-License-Identifier: MIT */
#include "core/upcase.h"

#include <stddef.h>

struct run {
    uint16_t first;
    uint16_t last;
    uint16_t step;
    uint16_t add;
};

static const struct run runs[] = {
#include "core/upcase_table.inc"
};

/* Runs of step 2 interleave, so a unit may belong to any of the few runs that start at or before it. */
static bool run_maps(const struct run *run, uint16_t unit)
{
    return unit >= run->first && unit <= run->last && (unit - run->first) % run->step == 0;
}

uint16_t mh_upcase(uint16_t unit)
{
    if (unit < 0x80)
        return (unit >= 'a' && unit <= 'z') ? (uint16_t)(unit - 0x20) : unit;
    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]) && runs[i].first <= unit; i++)
        if (run_maps(&runs[i], unit))
            return (uint16_t)(unit + runs[i].add);
    return unit;
}

uint32_t mh_upcase_point(uint32_t point)
{
    return point < 0x10000 ? mh_upcase((uint16_t)point) : point;
}
