/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/text.h"
#include "core/upcase.h"
#include "kit.h"

#define DUONG_LOWER "\xC4\x91\xC6\xB0\xE1\xBB\x9Dng" /* "duong", as Vietnamese writes it */
#define DUONG_UPPER "\xC4\x90\xC6\xAF\xE1\xBB\x9CNG"

static void test_utf8_decode(void **state)
{
    static const struct {
        const char *name;
        const char *bytes;
        size_t length;
        size_t used; /* 0: no UTF-8 */
        uint32_t point;
    } cases[] = {
        {"NUL", "\0", 1, 1, 0},
        {"ASCII", "A", 1, 1, 0x41},
        {"last of one byte", "\x7F", 1, 1, 0x7F},
        {"first of two bytes", "\xC2\x80", 2, 2, 0x80},
        {"last of two bytes", "\xDF\xBF", 2, 2, 0x7FF},
        {"first of three bytes", "\xE0\xA0\x80", 3, 3, 0x800},
        {"last before the surrogates", "\xED\x9F\xBF", 3, 3, 0xD7FF},
        {"first behind the surrogates", "\xEE\x80\x80", 3, 3, 0xE000},
        {"last of three bytes", "\xEF\xBF\xBF", 3, 3, 0xFFFF},
        {"first of four bytes", "\xF0\x90\x80\x80", 4, 4, 0x10000},
        {"last of all", "\xF4\x8F\xBF\xBF", 4, 4, 0x10FFFF},
        {"more follows", "\xC3\xA9tude", 6, 2, 0xE9},
        {"a continuation alone", "\x80", 1, 0, 0},
        {"the last continuation alone", "\xBF", 1, 0, 0},
        {"overlong NUL", "\xC0\x80", 2, 0, 0},
        {"overlong DEL", "\xC1\xBF", 2, 0, 0},
        {"overlong in three bytes", "\xE0\x9F\xBF", 3, 0, 0},
        {"overlong in four bytes", "\xF0\x8F\xBF\xBF", 4, 0, 0},
        {"the first surrogate", "\xED\xA0\x80", 3, 0, 0},
        {"the last surrogate", "\xED\xBF\xBF", 3, 0, 0},
        {"beyond U+10FFFF", "\xF4\x90\x80\x80", 4, 0, 0},
        {"a lead that is none", "\xF5\x80\x80\x80", 4, 0, 0},
        {"five bytes", "\xF8\x88\x80\x80\x80", 5, 0, 0},
        {"0xFF", "\xFF", 1, 0, 0},
        {"two bytes cut short", "\xC3", 1, 0, 0},
        {"three bytes cut short", "\xE1\xBB", 2, 0, 0},
        {"four bytes cut short", "\xF0\x9F\x98", 3, 0, 0},
        {"the second is no continuation", "\xC3\x41", 2, 0, 0},
        {"the third is no continuation", "\xE1\xBB\x41", 3, 0, 0},
        {"the fourth is no continuation", "\xF0\x9F\x98\xC0", 4, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        uint32_t point = 0;
        KIT_INT(cases[i].name, mh_utf8_decode(cases[i].bytes, cases[i].length, &point),
                cases[i].used);
        KIT_INT(cases[i].name, point, cases[i].point);
        KIT_INT(cases[i].name, mh_utf8_valid(cases[i].bytes, cases[i].used ? cases[i].used
                                                                           : cases[i].length),
                cases[i].used > 0);
    }
}

static void test_every_point_there_and_back(void **state)
{
    (void)state;
    for (uint32_t point = 1; point <= 0x10FFFF; point++) {
        char text[5] = {0};
        uint32_t back = 0;
        size_t size = 0;
        bool broken = true;
        if (point >= 0xD800 && point <= 0xDFFF)
            continue;
        size_t used = mh_utf8_encode(point, text);
        if (mh_utf8_decode(text, used, &back) != used || back != point)
            fail_msg("U+%04X is not itself as UTF-8", (unsigned)point);
        if (point % 7 != 0 && point > 0x3000 && point < 0x10F000)
            continue;
        uint8_t *units = mh_utf8_to_utf16(text, used, &size);
        char *again = units ? mh_utf16_to_utf8(units, size, true, &broken) : NULL;
        if (!again || broken || strcmp(again, text) != 0 || size != (point < 0x10000 ? 2u : 4u))
            fail_msg("U+%04X is not itself as UTF-16", (unsigned)point);
        free(units);
        free(again);
    }
}

static void test_utf16_to_utf8(void **state)
{
    static const struct {
        const char *name;
        const char *bytes;
        size_t size;
        const char *strict; /* NULL: refused */
        const char *loose;
    } cases[] = {
        {"nothing", "", 0, "", ""},
        {"ASCII", "A\0b\0", 4, "Ab", "Ab"},
        {"a pair", "\x3D\xD8\x00\xDE", 4, "\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
        {"the last pair", "\xFF\xDB\xFF\xDF", 4, "\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},
        {"a high surrogate at the end", "A\0\x3D\xD8", 4, NULL, "A\xEF\xBF\xBD"},
        {"a high surrogate before a letter", "\x3D\xD8" "A\0", 4, NULL, "\xEF\xBF\xBD" "A"},
        {"a low surrogate alone", "\x00\xDE" "A\0", 4, NULL, "\xEF\xBF\xBD" "A"},
        {"two high surrogates", "\x3D\xD8\x3D\xD8\x00\xDE", 6, NULL,
         "\xEF\xBF\xBD\xF0\x9F\x98\x80"},
        {"a NUL within", "A\0\0\0B\0", 6, NULL, "A"},
        {"a NUL at the end", "A\0\0\0", 4, NULL, "A"},
        {"an odd size", "A\0B", 3, NULL, "A"},
        {"one byte", "A", 1, NULL, ""},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        bool broken = !cases[i].strict;
        uint8_t *exact = malloc(cases[i].size + (cases[i].size == 0));
        assert_non_null(exact);
        memcpy(exact, cases[i].bytes, cases[i].size);
        char *strict = mh_utf16_to_utf8(exact, cases[i].size, true, &broken);
        KIT_TEXT(cases[i].name, strict, cases[i].strict);
        KIT_INT(cases[i].name, broken, cases[i].strict == NULL);
        char *loose = mh_utf16_to_utf8(exact, cases[i].size, false, &broken);
        KIT_TEXT(cases[i].name, loose, cases[i].loose);
        free(strict);
        free(loose);
        free(exact);
    }
}

static void test_utf8_to_utf16_refuses(void **state)
{
    static const char *const cases[] = {"\xC0\x80", "a\xFF", "\xED\xA0\x80", "x\xE1\xBB"};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        size_t size = 77;
        assert_null(mh_utf8_to_utf16(cases[i], strlen(cases[i]), &size));
    }
}

static void test_mend(void **state)
{
    static const struct {
        const char *text;
        const char *mended;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {DUONG_LOWER, DUONG_LOWER},
        {"a\xFF" "b", "a?b"},
        {"\xED\xA0\x80", "???"},
        {"\xC3", "?"},
        {"\xC3\xC3\xA9", "?\xC3\xA9"},
        {"\xF0\x9F\x98", "???"},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        char text[32];
        snprintf(text, sizeof(text), "%s", cases[i].text);
        mh_utf8_mend(text);
        KIT_TEXT(cases[i].mended, text, cases[i].mended);
        KIT_TRUE(cases[i].mended, mh_utf8_valid(text, strlen(text)));
    }
}

static void test_escape(void **state)
{
    static const struct {
        const char *text;
        const char *escaped;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {DUONG_LOWER, DUONG_LOWER},
        {"a\xFF" "b", "a%FFb"},
        {"100%", "100%25"},
        {"a%FF" "b", "a%25FFb"},
        {"\xED\xA0\x80", "%ED%A0%80"},
        {"\xF0\x9F\x98", "%F0%9F%98"},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        char *escaped = mh_utf8_escape(cases[i].text);
        KIT_TEXT(cases[i].escaped, escaped, cases[i].escaped);
        free(escaped);
    }
}

static void test_copies(void **state)
{
    (void)state;
    char *copy = mh_text_copy("hello");
    char *part = mh_text_copyn("hello", 3);
    char *formatted = mh_text_format("%s-%d", "x", 42);
    KIT_TEXT("copy", copy, "hello");
    KIT_TEXT("part", part, "hel");
    KIT_TEXT("format", formatted, "x-42");
    free(copy);
    free(part);
    free(formatted);
}

static void test_equal(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        bool equal;
    } cases[] = {
        {"", "", true},
        {"a", "", false},
        {"ann", "ANN", true},
        {"ann", "anna", false},
        {"ann", "anm", false},
        {DUONG_LOWER, DUONG_UPPER, true},
        {"\xC3\xBF", "\xC5\xB8", true},         /* beyond Latin-1 */
        {"\xC9\x90", "\xE2\xB1\xAF", true},     /* of another length */
        {"ss", "\xC3\x9F", false},              /* no German rules */
        {"i", "\xC4\xB1", false},               /* no Turkish ones */
        {"s", "\xC5\xBF", false},               /* the long s is no s */
        {"k", "\xE2\x84\xAA", false},           /* the kelvin sign is no k */
        {"[", "{", false},
        {"@", "`", false},
        {"\xFF", "\xFF", true},
        {"\xFF", "\xFE", false},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        KIT_INT(cases[i].a, mh_text_equal(cases[i].a, cases[i].b), cases[i].equal);
        KIT_INT(cases[i].b, mh_text_equal(cases[i].b, cases[i].a), cases[i].equal);
    }
}

static void test_match(void **state)
{
    static const struct {
        const char *pattern;
        const char *text;
        bool matches;
    } cases[] = {
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "anything", true},
        {"**", "anything", true},
        {"?", "", false},
        {"?", "a", true},
        {"?", "ab", false},
        {"??", "\xE1\xBB\x9Dx", true},           /* one character, not one byte */
        {"?", "\xE1\xBB\x9D", true},
        {"?\?\?", "\xE1\xBB\x9D", false},
        {"a*", "A", true},
        {"a*", "ba", false},
        {"*a", "bbba", true},
        {"*a", "bbbab", false},
        {"a*c", "abbbc", true},
        {"a*c", "ac", true},
        {"a*c", "a", false},
        {"a*b*c", "axbxbxc", true},
        {"*ab", "aaab", true},
        {"*ab*ab", "abab", true},
        {"*ab*ab", "abb", false},
        {"a?c", "abc", true},
        {"a?c", "ac", false},
        {"*?", "", false},
        {"*?*", "x", true},
        {"CONTOSO\\*", "contoso\\ann", true},
        {"CONTOSO\\*", "CONTOSOann", false},
        {"S-1-5-21-*", "s-1-5-21-1-2-3-500", true},
        {"\xC4\x90?\xE1\xBB\x9C*", DUONG_LOWER, true},
        {"[a]", "a", false},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        KIT_INT(cases[i].pattern, mh_text_match(cases[i].pattern, cases[i].text),
                cases[i].matches);
        bool pattern = strchr(cases[i].pattern, '*') || strchr(cases[i].pattern, '?');
        KIT_INT(cases[i].pattern, mh_text_is_pattern(cases[i].pattern), pattern);
    }
}

/* Where a matcher that tries every way would take longer than the world lasts. */
static void test_match_of_many_stars(void **state)
{
    char pattern[401] = {0};
    char text[2001] = {0};
    (void)state;
    memset(text, 'a', sizeof(text) - 1);
    for (size_t i = 0; i + 2 < sizeof(pattern); i += 2)
        memcpy(pattern + i, "a*", 2);
    assert_true(mh_text_match(pattern, text));
    memcpy(pattern + sizeof(pattern) - 3, "*b", 2);
    assert_false(mh_text_match(pattern, text));
    for (size_t i = 0; i + 1 < sizeof(pattern); i++)
        pattern[i] = i % 2 ? '?' : '*';
    assert_true(mh_text_match(pattern, text));
}

static void test_sids(void **state)
{
    static const struct {
        const char *text;
        bool sid;
        bool person;
    } cases[] = {
        {"S-1-5-21-1-2-3-1001", true, true},
        {"s-1-5-21-1-2-3-1001", true, true},
        {"S-1-5-21-4294967295-4294967295-4294967295-4294967295", true, true},
        {"S-1-12-1-1-2-3-4", true, true},
        {"S-1-5-18", true, false},
        {"S-1-5-80-1-2-3-4-5", true, false},
        {"S-1-5-82-1-2-3-4-5", true, false},
        {"S-1-5-2-1", true, false},
        {"S-1-5-210-1", true, false},
        {"S-1-12-10-1", true, false},
        {"S-1-0-0", true, false},
        {"S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15", true, false},
        {"S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16", false, false},
        {"S-1-5", false, false},
        {"S-1-", false, false},
        {"S-1-5-", false, false},
        {"S-1-5-21-", false, false},
        {"S-1-5--21", false, false},
        {"S-2-5-21-1", false, false},
        {"S-1-5-21-1-2-3-1001.bak", false, false},
        {"S-1-5-21-1-2-3-x", false, false},
        {" S-1-5-18", false, false},
        {"S-1-5-18 ", false, false},
        {"", false, false},
        {"S", false, false},
        {"ann", false, false},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        KIT_INT(cases[i].text, mh_text_is_sid(cases[i].text), cases[i].sid);
        KIT_INT(cases[i].text, mh_text_is_person_sid(cases[i].text), cases[i].person);
    }
}

static void test_upcase(void **state)
{
    static const struct {
        uint16_t unit;
        uint16_t upper;
    } cases[] = {
        {'a', 'A'},       {'z', 'Z'},       {'`', '`'},       {'{', '{'},       {'A', 'A'},
        {'0', '0'},       {0, 0},           {0x7F, 0x7F},
        {0xE0, 0xC0},     {0xF6, 0xD6},     {0xF7, 0xF7},     {0xFE, 0xDE},     {0xFF, 0x178},
        {0xDF, 0xDF},     {0xB5, 0xB5},     {0xD7, 0xD7},     {0xAA, 0xAA},
        {0x131, 0x131},   {0x17F, 0x17F},   {0x130, 0x130},   {0x101, 0x100},   {0x137, 0x136},
        {0x3B1, 0x391},   {0x3C1, 0x3A1},   {0x3C2, 0x3C2},   {0x3C3, 0x3A3},   {0x3C9, 0x3A9},
        {0x3AC, 0x386},   {0x3CC, 0x38C},   {0x3CE, 0x38F},
        {0x430, 0x410},   {0x44F, 0x42F},   {0x450, 0x400},   {0x45F, 0x40F},
        {0x103, 0x102},   {0x111, 0x110},   {0x129, 0x128},   {0x169, 0x168},   {0x1A1, 0x1A0},
        {0x1B0, 0x1AF},   {0x1EA1, 0x1EA0}, {0x1EBF, 0x1EBE}, {0x1EC7, 0x1EC6}, {0x1EDD, 0x1EDC},
        {0x1EF9, 0x1EF8},
        {0xFF41, 0xFF21}, {0xFF5A, 0xFF3A}, {0x212A, 0x212A}, {0xD800, 0xD800}, {0xDFFF, 0xDFFF},
        {0xFFFF, 0xFFFF},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        if (mh_upcase(cases[i].unit) != cases[i].upper)
            fail_msg("U+%04X becomes U+%04X, not U+%04X", cases[i].unit,
                     mh_upcase(cases[i].unit), cases[i].upper);
        assert_int_equal(mh_upcase_point(cases[i].unit), cases[i].upper);
    }
    assert_int_equal(mh_upcase_point(0x1F600), 0x1F600);
    assert_int_equal(mh_upcase_point(0x10428), 0x10428);
}

static void test_upcase_everywhere(void **state)
{
    (void)state;
    for (uint32_t unit = 0; unit <= 0xFFFF; unit++) {
        uint16_t upper = mh_upcase((uint16_t)unit);
        if (mh_upcase(upper) != upper)
            fail_msg("U+%04X is not the upper case of itself", upper);
        if (unit >= 0x80 && upper < 0x80)
            fail_msg("U+%04X becomes ASCII", (unsigned)unit);
        if (unit >= 0xD800 && unit <= 0xDFFF && upper != unit)
            fail_msg("the surrogate U+%04X changes", (unsigned)unit);
        if ((unit < 0xD800 || unit > 0xDFFF) && upper >= 0xD800 && upper <= 0xDFFF)
            fail_msg("U+%04X becomes a surrogate", (unsigned)unit);
    }
    for (uint16_t unit = 0x1EA0; unit <= 0x1EF9; unit++)
        assert_int_equal(mh_upcase(unit), unit & ~1); /* all of Vietnamese's own block */
}

static void test_upcase_of_texts(void **state)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"C:\\Users\\ann_1", "C:\\USERS\\ANN_1"},
        {"m\xC3\xBCller", "M\xC3\x9CLLER"},
        {"\xC4\x91\xE1\xBB\x9D", "\xC4\x90\xE1\xBB\x9C"},
        {"\xC3\xBF", "\xC5\xB8"},
        {"\xF0\x9F\x98\x80z", "\xF0\x9F\x98\x80Z"},
        {"a\xFFz\xC3", "A\xFFZ\xC3"}, /* no UTF-8 stays */
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        char *upper = mh_text_upcase(cases[i][0]);
        KIT_TEXT(cases[i][0], upper, cases[i][1]);
        free(upper);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_decode),
        cmocka_unit_test(test_every_point_there_and_back),
        cmocka_unit_test(test_utf16_to_utf8),
        cmocka_unit_test(test_utf8_to_utf16_refuses),
        cmocka_unit_test(test_mend),
        cmocka_unit_test(test_escape),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_match_of_many_stars),
        cmocka_unit_test(test_sids),
        cmocka_unit_test(test_upcase),
        cmocka_unit_test(test_upcase_everywhere),
        cmocka_unit_test(test_upcase_of_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
