#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints plugin/core/upcase_table.inc: the simple upper-case mappings of the BMP, as Windows compares names.

Windows maps one UTF-16 unit to one unit, and only where the mapping comes back (so no long s, no dotless i,
no micro sign): a mapping that does not round-trip is left out here too.

    python3 plugin/cmake/make_upcase.py > plugin/core/upcase_table.inc
"""


def mappings():
    result = {}
    for code in range(0x10000):
        char = chr(code)
        upper = char.upper()
        if len(upper) == 1 and upper != char and ord(upper) < 0x10000 and upper.lower() == char:
            result[code] = ord(upper) - code
    return result


def longest_run(mapping, first, step):
    last = first
    while mapping.get(last + step) == mapping[first]:
        last += step
    return last


def runs(mapping):
    left = dict(mapping)
    while left:
        first = min(left)
        step, last = max(((s, longest_run(left, first, s)) for s in (1, 2)),
                         key=lambda run: (run[1] - first) // run[0])
        yield first, last, step, left[first] & 0xFFFF
        for code in range(first, last + 1, step):
            del left[code]


def main():
    print("/* SPDX-License-Identifier: MIT */")
    print("/* Made by plugin/cmake/make_upcase.py. {first, last, step, what to add (mod 2^16)}, sorted by first. */")
    for run in runs(mappings()):
        print("{0x%04X, 0x%04X, %d, 0x%04X}," % run)


if __name__ == "__main__":
    main()
