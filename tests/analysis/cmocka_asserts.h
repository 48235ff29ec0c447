/* SPDX-License-Identifier: MIT */
#ifndef MH_TESTS_ANALYSIS_CMOCKA_ASSERTS_H
#define MH_TESTS_ANALYSIS_CMOCKA_ASSERTS_H

/*
 * Read by analysers only, after cmocka.h wherever that is included: an assertion that fails does not return, which cmocka
 * knows and does not say. Without it, whatever a test has asserted is doubted again.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

_Noreturn void analysis_stop(void);

#undef assert_true
#undef assert_false
#undef assert_null
#undef assert_non_null
#undef assert_int_equal
#undef fail
#undef skip
#define assert_true(condition) ((condition) ? (void)0 : analysis_stop())
#define assert_false(condition) ((condition) ? analysis_stop() : (void)0)
#define assert_null(pointer) ((pointer) == NULL ? (void)0 : analysis_stop())
#define assert_non_null(pointer) ((pointer) != NULL ? (void)0 : analysis_stop())
#define assert_int_equal(a, b) ((long long)(a) == (long long)(b) ? (void)0 : analysis_stop())
#define fail() analysis_stop()
#define skip() analysis_stop()

#endif
