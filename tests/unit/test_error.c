/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/text.h"
#include "kit.h"
#include "mapihttp/error.h"

enum {
    ROOM = sizeof(((struct mh_error *)0)->message),
    FIELD = sizeof(((struct mh_error *)0)->field)
};

static void test_set(void **state)
{
    struct mh_error err = {0};
    (void)state;
    assert_int_equal(mh_error_set(&err, MH_CORRUPT, "cell %d of %s", 7, "x"), MH_CORRUPT);
    assert_int_equal(err.status, MH_CORRUPT);
    assert_string_equal(err.message, "cell 7 of x");
    assert_string_equal(err.field, "");
    assert_false(err.has_code);
}

static void test_first_cause_stays(void **state)
{
    struct mh_error err = {0};
    (void)state;
    mh_error_set(&err, MH_DIRTY, "the first");
    assert_int_equal(mh_error_set(&err, MH_IO, "the second"), MH_DIRTY);
    assert_int_equal(mh_error_native(&err, MH_IO, 5, "the third"), MH_DIRTY);
    assert_int_equal(mh_error_field(&err, "users", "the fourth"), MH_DIRTY);
    assert_int_equal(mh_error_no_memory(&err), MH_DIRTY);
    assert_int_equal(err.status, MH_DIRTY);
    assert_string_equal(err.message, "the first");
    assert_string_equal(err.field, "");
    assert_false(err.has_code);
}

static void test_nobody_listens(void **state)
{
    (void)state;
    assert_int_equal(mh_error_set(NULL, MH_IO, "x"), MH_IO);
    assert_int_equal(mh_error_native(NULL, MH_NO_SPACE, 28, "x"), MH_NO_SPACE);
    assert_int_equal(mh_error_field(NULL, "f", "x"), MH_INVALID);
    assert_int_equal(mh_error_no_memory(NULL), MH_INTERNAL);
    mh_error_at(NULL, "f");
    mh_error_wrap(NULL, "x");
}

static void test_native(void **state)
{
    struct mh_error err = {0};
    (void)state;
    assert_int_equal(mh_error_native(&err, MH_ACCESS_DENIED, 13, "cannot %s", "open"),
                     MH_ACCESS_DENIED);
    assert_true(err.has_code);
    assert_int_equal(err.code, 13);
    assert_string_equal(err.message, "cannot open");
}

static void test_field(void **state)
{
    struct mh_error err = {0};
    struct mh_error unset = {0};
    (void)state;
    assert_int_equal(mh_error_field(&err, "state", "no"), MH_INVALID);
    assert_string_equal(err.field, "state");
    mh_error_at(&err, "root");
    assert_string_equal(err.field, "root");
    mh_error_at(&unset, "root");
    assert_string_equal(unset.field, "");
    assert_int_equal(unset.status, MH_OK);
}

static void test_wrap(void **state)
{
    struct mh_error err = {0};
    struct mh_error unset = {0};
    (void)state;
    mh_error_native(&err, MH_IO, 5, "cannot read");
    assert_int_equal(mh_error_wrap(&err, "hive %d", 3), MH_IO);
    assert_string_equal(err.message, "hive 3: cannot read");
    assert_int_equal(mh_error_wrap(&err, "%s", "C:\\Users\\ann"), MH_IO);
    assert_string_equal(err.message, "C:\\Users\\ann: hive 3: cannot read");
    assert_true(err.has_code);
    assert_int_equal(err.code, 5);
    assert_int_equal(mh_error_wrap(&unset, "where"), MH_OK);
    assert_string_equal(unset.message, "");
}

static const char *const characters[] = {"x", "\xC3\xA9", "\xE1\xBB\x9D", "\xF0\x9F\x98\x80"};

/* `lead` times "-", then the character until `size` bytes are passed. */
static char *long_text(size_t lead, const char *character, size_t size)
{
    char *text = malloc(size + 8);
    size_t used = 0;
    assert_non_null(text);
    while (used < lead)
        text[used++] = '-';
    while (used < size) {
        memcpy(text + used, character, strlen(character));
        used += strlen(character);
    }
    text[used] = '\0';
    return text;
}

static void check_cut(const char *what, const char *text, size_t room, const char *whole)
{
    size_t length = strlen(text);
    KIT_TRUE(what, length < room && length + 4 >= room);
    KIT_TRUE(what, memcmp(text, whole, length) == 0);
    KIT_TRUE(what, mh_utf8_valid(text, length));
}

static void test_cut_between_characters(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(characters); i++) {
        for (size_t lead = 0; lead < 4; lead++) {
            struct mh_error err = {0};
            char *whole = long_text(lead, characters[i], (size_t)2 * ROOM);
            mh_error_field(&err, whole, "%s", whole);
            check_cut("message", err.message, ROOM, whole);
            check_cut("field", err.field, FIELD, whole);
            free(whole);
        }
    }
}

static void test_wrapped_cut_between_characters(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(characters); i++) {
        for (size_t context = ROOM - 16; context < ROOM + 4; context++) {
            struct mh_error err = {0};
            char *inner = long_text(0, characters[i], 100);
            char *outer = long_text(context % 4, characters[i], context);
            char *whole = mh_text_format("%s: %s", outer, inner);
            mh_error_set(&err, MH_IO, "%s", inner);
            mh_error_wrap(&err, "%s", outer);
            /* Of a context that is cut itself, the cut may leave room for the colon. */
            check_cut("wrapped", err.message, ROOM,
                      strlen(outer) + 2 < ROOM ? whole : err.message);
            free(inner);
            free(outer);
            free(whole);
        }
    }
}

/* One that just fits is not cut. */
static void test_fits(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(characters); i++) {
        struct mh_error err = {0};
        size_t lead = (ROOM - 1) % strlen(characters[i]);
        char *whole = long_text(lead, characters[i], ROOM - 1);
        mh_error_set(&err, MH_IO, "%s", whole);
        KIT_TEXT("fits", err.message, whole);
        free(whole);
    }
}

static void test_mended(void **state)
{
    static const char *const broken[] = {"a\xFFz", "\xC3", "\xED\xA0\x80x", "\xE1\xBB"};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(broken); i++) {
        struct mh_error err = {0};
        mh_error_set(&err, MH_IO, "cannot open %s", broken[i]);
        assert_true(mh_utf8_valid(err.message, strlen(err.message)));
        assert_int_equal(strlen(err.message), strlen("cannot open ") + strlen(broken[i]));
        mh_error_wrap(&err, "%s", broken[i]);
        assert_true(mh_utf8_valid(err.message, strlen(err.message)));
    }
}

/* A field's name comes from the request, and goes into the result's JSON. */
static void test_field_mended(void **state)
{
    struct mh_error err = {0};
    (void)state;
    mh_error_field(&err, "st\xFF" "te", "no");
    assert_true(mh_utf8_valid(err.field, strlen(err.field)));
}

/* "no newline": a folder's name may hold one. */
static void test_one_line(void **state)
{
    struct mh_error err = {0};
    (void)state;
    mh_error_set(&err, MH_IO, "cannot open %s", "a\nb\r\n");
    mh_error_wrap(&err, "%s", "C:\\x\ny");
    assert_null(strpbrk(err.message, "\r\n"));
}

static void test_copy(void **state)
{
    struct mh_error err = {0};
    (void)state;
    mh_error_native(&err, MH_IO, 5, "x");
    mh_error_at(&err, "root");
    struct mh_error *copy = mh_error_copy(&err);
    assert_non_null(copy);
    assert_ptr_not_equal(copy, &err);
    assert_int_equal(copy->status, MH_IO);
    assert_int_equal(copy->code, 5);
    assert_string_equal(copy->field, "root");
    assert_string_equal(copy->message, "x");
    mh_error_free(copy);
    mh_error_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_first_cause_stays),
        cmocka_unit_test(test_nobody_listens),
        cmocka_unit_test(test_native),
        cmocka_unit_test(test_field),
        cmocka_unit_test(test_wrap),
        cmocka_unit_test(test_cut_between_characters),
        cmocka_unit_test(test_wrapped_cut_between_characters),
        cmocka_unit_test(test_fits),
        cmocka_unit_test(test_mended),
        cmocka_unit_test(test_field_mended),
        cmocka_unit_test(test_one_line),
        cmocka_unit_test(test_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
