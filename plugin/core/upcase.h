/* SPDX-License-Identifier: MIT */
#ifndef MH_CORE_UPCASE_H
#define MH_CORE_UPCASE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The upper case of one UTF-16 code unit, as Windows compares key, value and file names: one unit to one
 * unit, no locale. A surrogate is its own upper case. Never fails.
 */
uint16_t mh_upcase(uint16_t unit);

/*
 * The upper case of one Unicode code point; what lies beyond U+FFFF is its own upper case.
 */
uint32_t mh_upcase_point(uint32_t point);

#endif
