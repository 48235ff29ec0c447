/* SPDX-License-Identifier: MIT */
/* Folders that are made whole or not at all, and the buffers that are in them. */
#include "kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/buffer.h"
#include "core/text.h"
#include "core/tree.h"
#include "os/tree.h"
#include "scratch.h"

static void add_file(struct mh_tree *tree, const char *path, const char *text)
{
    struct mh_buffer bytes = {0};
    mh_buffer_puts(&bytes, text);
    mh_tree_add_file(tree, path, &bytes);
    assert_null(bytes.text);
}

static struct mh_tree sample(void)
{
    struct mh_tree tree = {0};
    mh_tree_add_folder(&tree, "{A}");
    add_file(&tree, "{A}/one.xml", "one");
    mh_tree_add_folder(&tree, "{A}/in");
    add_file(&tree, "{A}/in/two.pol", "two");
    add_file(&tree, "none", "");
    assert_false(tree.failed);
    return tree;
}

static int write(const char *scratch, const char *name, const struct mh_tree *tree, struct mh_error *err)
{
    char *path = scratch_path(scratch, name);
    int status = mh_tree_write(path, tree, err);
    free(path);
    return status;
}

static void check_holds(const char *scratch, const char *path, const char *text)
{
    size_t size;
    uint8_t *bytes = scratch_read(scratch, path, &size);
    KIT_INT(path, size, strlen(text));
    KIT_TRUE(path, memcmp(bytes, text, size) == 0);
    free(bytes);
}

static void check_sample(const char *scratch)
{
    check_holds(scratch, "out/{A}/one.xml", "one");
    check_holds(scratch, "out/{A}/in/two.pol", "two");
    check_holds(scratch, "out/none", "");
    assert_false(scratch_exists(scratch, "out.mapihttp-new"));
}

static void test_where_nothing_is(void **state)
{
    char *scratch = scratch_make();
    struct mh_tree tree = sample();
    struct mh_error err = {0};
    (void)state;
    assert_int_equal(write(scratch, "out", &tree, &err), MH_OK);
    assert_string_equal(err.message, "");
    check_sample(scratch);
    mh_tree_clear(&tree);
    scratch_remove(scratch);
}

static void test_in_the_place_of_an_empty_folder(void **state)
{
    static const char *const names[] = {"out", "out/", "out//"};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(names); i++) {
        char *scratch = scratch_make();
        struct mh_tree tree = sample();
        scratch_folder(scratch, "out");
        KIT_INT(names[i], write(scratch, names[i], &tree, NULL), MH_OK);
        check_sample(scratch);
        mh_tree_clear(&tree);
        scratch_remove(scratch);
    }
}

static void test_what_is_refused(void **state)
{
    static const struct {
        const char *name;
        int status;
    } cases[] = {
        {"full", MH_INVALID},      {"full/", MH_INVALID}, {".", MH_INVALID},         {"full/..", MH_INVALID},
        {"file", MH_NOT_FOUND},    {"", MH_INVALID},      {"nowhere/x", MH_NOT_FOUND}, {"file/x", MH_NOT_FOUND},
        {"old", MH_IN_USE},
    };
    char *scratch = scratch_make();
    struct mh_tree tree = sample();
    (void)state;
    scratch_write(scratch, "full/somebodys", "x", 1);
    scratch_write(scratch, "file", "x", 1);
    scratch_folder(scratch, "old.mapihttp-new");
    uint64_t before = scratch_print(scratch);
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_error err = {0};
        KIT_INT(cases[i].name, write(scratch, cases[i].name, &tree, &err), cases[i].status);
        KIT_INT(cases[i].name, err.status, cases[i].status);
        KIT_TRUE(cases[i].name, err.message[0] != '\0');
    }
    assert_true(scratch_print(scratch) == before);
    mh_tree_clear(&tree);
    scratch_remove(scratch);
}

/* An item cannot be made: what was made before it goes again. */
static void test_nothing_is_left_of_a_failure(void **state)
{
    char *scratch = scratch_make();
    struct mh_tree tree = sample();
    struct mh_error err = {0};
    (void)state;
    add_file(&tree, "nowhere/three", "three");
    assert_int_equal(write(scratch, "out", &tree, &err), MH_NOT_FOUND);
    assert_non_null(strstr(err.message, "nowhere/three"));
    assert_false(scratch_exists(scratch, "out") || scratch_exists(scratch, "out.mapihttp-new"));
    mh_tree_clear(&tree);
    scratch_remove(scratch);
}

static void test_an_empty_folder_outlives_a_failure(void **state)
{
    char *scratch = scratch_make();
    struct mh_tree tree = sample();
    (void)state;
    scratch_folder(scratch, "out");
    mh_tree_add_folder(&tree, "{A}");
    assert_int_equal(write(scratch, "out", &tree, NULL), MH_IN_USE);
    assert_true(scratch_exists(scratch, "out"));
    assert_false(scratch_exists(scratch, "out/{A}") || scratch_exists(scratch, "out.mapihttp-new"));
    mh_tree_clear(&tree);
    scratch_remove(scratch);
}

static void test_a_tree_remembers_that_it_failed(void **state)
{
    char *scratch = scratch_make();
    struct mh_tree tree = sample();
    struct mh_buffer bytes = {0};
    (void)state;
    mh_buffer_put_utf16(&bytes, "\xFF");
    assert_true(bytes.failed);
    mh_tree_add_file(&tree, "three", &bytes);
    assert_false(bytes.failed);
    assert_true(tree.failed);
    mh_tree_add_folder(&tree, "four");
    assert_int_equal(tree.count, 5);
    assert_int_equal(write(scratch, "out", &tree, NULL), MH_INTERNAL);
    assert_false(scratch_exists(scratch, "out"));
    mh_tree_clear(&tree);
    assert_false(tree.failed);
    scratch_remove(scratch);
}

static void test_buffers(void **state)
{
    struct mh_buffer buffer = {0};
    (void)state;
    mh_buffer_puts(&buffer, "a");
    mh_buffer_print(&buffer, "%s%03u", "b", 7u);
    mh_buffer_add(&buffer, "\0c", 2);
    assert_int_equal(buffer.length, 7);
    assert_memory_equal(buffer.text, "ab007\0c", 8);
    mh_buffer_clear(&buffer);
    mh_buffer_put_utf16(&buffer, "\xC3\xA4\xF0\x9F\x98\x80");
    assert_int_equal(buffer.length, 6);
    assert_memory_equal(buffer.text, "\xE4\0\x3D\xD8\0\xDE", 6);
    mh_buffer_clear(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_where_nothing_is),
        cmocka_unit_test(test_in_the_place_of_an_empty_folder),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_nothing_is_left_of_a_failure),
        cmocka_unit_test(test_an_empty_folder_outlives_a_failure),
        cmocka_unit_test(test_a_tree_remembers_that_it_failed),
        cmocka_unit_test(test_buffers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
