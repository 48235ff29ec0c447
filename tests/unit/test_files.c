/* SPDX-License-Identifier: MIT */
/* What os/file.h promises, on whatever system this runs. */
#include "kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/text.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/threads.h"
#include "scratch.h"

#define SIZE 100000u

struct ground {
    char *scratch;
    struct mh_dir *top;
    uint8_t *bytes; /* SIZE of them */
};

static int set_up(void **state)
{
    struct ground *ground = calloc(1, sizeof(*ground));
    assert_non_null(ground);
    ground->scratch = scratch_make();
    assert_int_equal(mh_dir_open(ground->scratch, &ground->top, NULL), MH_OK);
    ground->bytes = malloc(SIZE);
    assert_non_null(ground->bytes);
    for (size_t i = 0; i < SIZE; i++)
        ground->bytes[i] = (uint8_t)(i * 31 + i / 256);
    *state = ground;
    return 0;
}

static int tear_down(void **state)
{
    struct ground *ground = *state;
    mh_dir_close(ground->top);
    scratch_remove(ground->scratch);
    free(ground->bytes);
    free(ground);
    return 0;
}

static struct mh_file *open_file(const struct ground *ground, const char *path, enum mh_access access)
{
    struct mh_file *file = NULL;
    struct mh_error err = {0};
    int status = mh_file_open(ground->top, path, access, &file, &err);
    KIT_TEXT(path, err.message, "");
    KIT_INT(path, status, MH_OK);
    return file;
}

static void check_open_fails(const struct ground *ground, const char *path, enum mh_access access,
                             int expected)
{
    struct mh_file *untouched = (struct mh_file *)ground->bytes;
    struct mh_file *file = untouched;
    struct mh_error err = {0};
    KIT_INT(path, mh_file_open(ground->top, path, access, &file, &err), expected);
    KIT_INT(path, err.status, expected);
    KIT_TRUE(path, err.message[0] != '\0');
    KIT_TRUE(path, file == untouched);
}

static void check_enter_fails(const struct ground *ground, const char *path, int expected)
{
    struct mh_dir *untouched = (struct mh_dir *)ground->bytes;
    struct mh_dir *dir = untouched;
    struct mh_error err = {0};
    KIT_INT(path, mh_dir_enter(ground->top, path, &dir, &err), expected);
    KIT_INT(path, err.status, expected);
    KIT_TRUE(path, dir == untouched);
}

static void check_holds(const struct ground *ground, const char *path, const void *bytes, size_t size)
{
    size_t held;
    uint8_t *read = scratch_read(ground->scratch, path, &held);
    KIT_INT(path, held, size);
    KIT_TRUE(path, memcmp(read, bytes, size) == 0);
    free(read);
}

/* In a folder that is opened for it: Wine lists one that is open as it was when it was first listed. */
static bool is_listed(const struct ground *ground, const char *name)
{
    struct mh_entries entries = {0};
    struct mh_dir *dir = NULL;
    bool listed = false;
    assert_int_equal(mh_dir_enter(ground->top, ".", &dir, NULL), MH_OK);
    assert_int_equal(mh_dir_list(dir, &entries, NULL), MH_OK);
    mh_dir_close(dir);
    for (size_t i = 0; i < entries.count; i++)
        listed = listed || strcmp(entries.items[i].name, name) == 0;
    mh_entries_clear(&entries);
    return listed;
}

/* Long enough for every clock that files are marked by. */
static void let_time_pass(void)
{
    uint64_t now = mh_clock_milliseconds();
    while (mh_clock_milliseconds() < now + 60)
        continue;
}

static void test_read(void **state)
{
    struct ground *ground = *state;
    uint8_t buffer[100];
    struct mh_error err = {0};
    scratch_write(ground->scratch, "x", ground->bytes, SIZE);
    struct mh_file *file = open_file(ground, "x", MH_READ);
    assert_true(mh_file_size(file) == SIZE);
    assert_int_equal(mh_file_read(file, 5000, buffer, sizeof(buffer), NULL), MH_OK);
    assert_memory_equal(buffer, ground->bytes + 5000, sizeof(buffer));
    assert_int_equal(mh_file_read(file, 0, buffer, 1, NULL), MH_OK);
    assert_int_equal(buffer[0], ground->bytes[0]);
    assert_int_equal(mh_file_read(file, SIZE - 100, buffer, 100, NULL), MH_OK);
    assert_int_equal(mh_file_read(file, SIZE, buffer, 0, NULL), MH_OK);
    assert_int_equal(mh_file_read(file, SIZE - 99, buffer, 100, &err), MH_IN_USE);
    assert_int_equal(err.status, MH_IN_USE);
    assert_int_equal(mh_file_read(file, (uint64_t)SIZE << 20, buffer, 1, NULL), MH_IN_USE);
    mh_file_close(file);
}

static void test_what_is_no_file(void **state)
{
    struct ground *ground = *state;
    scratch_write(ground->scratch, "a/x", "x", 1);
    for (int access = MH_READ; access <= MH_WRITE; access++) {
        check_open_fails(ground, "gone", (enum mh_access)access, MH_NOT_FOUND);
        check_open_fails(ground, "gone/x", (enum mh_access)access, MH_NOT_FOUND);
        check_open_fails(ground, "a/x/y", (enum mh_access)access, MH_NOT_FOUND);
        check_open_fails(ground, "a", (enum mh_access)access, MH_UNSUPPORTED);
    }
    check_enter_fails(ground, "gone", MH_NOT_FOUND);
    check_enter_fails(ground, "a/x", MH_NOT_FOUND);
    mh_file_close(NULL);
    mh_dir_close(NULL);
}

static void test_paths_that_lead_elsewhere(void **state)
{
    struct ground *ground = *state;
    scratch_write(ground->scratch, "a/x", "x", 1);
    scratch_write(ground->scratch, "x", "x", 1);
    for (size_t i = 0; scratch_astray[i]; i++) {
        check_open_fails(ground, scratch_astray[i], MH_READ, MH_UNSUPPORTED);
        check_open_fails(ground, scratch_astray[i], MH_WRITE, MH_UNSUPPORTED);
    }
}

static void test_links(void **state)
{
    struct ground *ground = *state;
    enum mh_entry_kind kind = MH_ENTRY_FILE;
    bool found = false;
    scratch_write(ground->scratch, "a/b/x", "x", 1);
    if (!scratch_link_folder(ground->scratch, "a", "link") ||
        !scratch_link_folder(ground->scratch, "a/b", "a/link"))
        kit_skip("no link to a folder can be made here");
    check_enter_fails(ground, "link", MH_UNSUPPORTED);
    check_enter_fails(ground, "link/b", MH_UNSUPPORTED);
    check_enter_fails(ground, "a/link", MH_UNSUPPORTED);
    check_open_fails(ground, "link", MH_READ, MH_UNSUPPORTED);
    check_open_fails(ground, "link/b/x", MH_READ, MH_UNSUPPORTED);
    check_open_fails(ground, "a/link/x", MH_WRITE, MH_UNSUPPORTED);
    mh_dir_look(ground->top, "link", &kind, &found);
    assert_true(found);
    assert_int_equal(kind, MH_ENTRY_OTHER);
    char *path = scratch_path(ground->scratch, "link");
    struct mh_dir *dir = NULL;
    assert_int_equal(mh_dir_open(path, &dir, NULL), MH_OK); /* the caller's own word */
    mh_dir_close(dir);
    free(path);
}

static void test_links_are_listed_as_such(void **state)
{
    struct ground *ground = *state;
    struct mh_entries entries = {0};
    scratch_folder(ground->scratch, "a");
    if (!scratch_link_folder(ground->scratch, "a", "b"))
        kit_skip("no link to a folder can be made here");
    assert_int_equal(mh_dir_list(ground->top, &entries, NULL), MH_OK);
    assert_int_equal(entries.count, 2);
    assert_int_equal(entries.items[0].kind, MH_ENTRY_FOLDER);
    assert_int_equal(entries.items[1].kind, MH_ENTRY_OTHER);
    mh_entries_clear(&entries);
}

static void test_sole(void **state)
{
    struct ground *ground = *state;
    scratch_write(ground->scratch, "x", "x", 1);
    struct mh_file *file = open_file(ground, "x", MH_READ);
    assert_int_equal(mh_file_sole(file, NULL), MH_OK);
    mh_file_close(file);
    if (!scratch_link_file(ground->scratch, "x", "y"))
        kit_skip("no hard link can be made here");
    file = open_file(ground, "y", MH_READ);
    assert_int_equal(mh_file_sole(file, NULL), MH_UNSUPPORTED);
    mh_file_close(file);
}

/* More than any system gives at once, sorted, and the same twice. */
static void test_list(void **state)
{
    struct ground *ground = *state;
    enum { COUNT = 700 };
    scratch_folder(ground->scratch, "many");
    for (unsigned i = 0; i < COUNT; i++) {
        char name[128];
        snprintf(name, sizeof(name), "many/%u-%080d", i * 7919u % 10007u, 0);
        if (i % 7 == 0)
            scratch_folder(ground->scratch, name);
        else
            scratch_write(ground->scratch, name, "x", 1);
    }
    struct mh_dir *dir = NULL;
    assert_int_equal(mh_dir_enter(ground->top, "many", &dir, NULL), MH_OK);
    for (int round = 0; round < 2; round++) {
        struct mh_entries entries = {0};
        size_t folders = 0;
        assert_int_equal(mh_dir_list(dir, &entries, NULL), MH_OK);
        assert_int_equal(entries.count, COUNT);
        for (size_t i = 0; i < entries.count; i++) {
            assert_true(i == 0 || strcmp(entries.items[i - 1].name, entries.items[i].name) < 0);
            assert_int_not_equal(entries.items[i].kind, MH_ENTRY_OTHER);
            folders += entries.items[i].kind == MH_ENTRY_FOLDER;
        }
        assert_int_equal(folders, COUNT / 7);
        mh_entries_clear(&entries);
    }
    mh_dir_close(dir);
}

/* Of a folder with anything in it only what is called so is kept, however it is spelled. */
static void test_pick(void **state)
{
    static const char *const names[] = {"NTUSER.DAT", "ntuser.pol"};
    struct ground *ground = *state;
    struct mh_entries entries = {0};
    scratch_write(ground->scratch, "ntuser.dat", "x", 1);
    scratch_write(ground->scratch, "NTUSER.DAT.LOG1", "x", 1);
    scratch_folder(ground->scratch, "NTUSER.POL");
    for (unsigned i = 0; i < 50; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%u", i);
        scratch_write(ground->scratch, name, "x", 1);
    }
    assert_int_equal(mh_dir_pick(ground->top, names, 2, &entries, NULL), MH_OK);
    assert_int_equal(entries.count, 2);
    assert_int_equal(entries.capacity < 50, 1);
    assert_string_equal(entries.items[0].name, "NTUSER.POL");
    assert_string_equal(entries.items[1].name, "ntuser.dat");
    mh_entries_clear(&entries);
}

static void test_list_nothing(void **state)
{
    struct ground *ground = *state;
    struct mh_entries entries = {0};
    assert_int_equal(mh_dir_list(ground->top, &entries, NULL), MH_OK);
    assert_int_equal(entries.count, 0);
    mh_entries_clear(&entries);
}

static void test_names_of_all_kinds(void **state)
{
    static const char *const names[] = {"a b", "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", "x.y.z", "CON.DAT",
                                        "a'%s&"};
    struct ground *ground = *state;
    for (size_t i = 0; i < KIT_COUNT(names); i++) {
        enum mh_entry_kind kind = MH_ENTRY_OTHER;
        bool found = false;
        char *path = mh_text_format("%s/%s", names[i], names[i]);
        assert_non_null(path);
        if (!scratch_try_folder(ground->scratch, names[i])) {
            free(path);
            continue;
        }
        scratch_write(ground->scratch, path, "x", 1);
        KIT_TRUE(names[i], is_listed(ground, names[i]));
        mh_dir_look(ground->top, names[i], &kind, &found);
        KIT_TRUE(names[i], found);
        KIT_INT(names[i], kind, MH_ENTRY_FOLDER);
        mh_file_close(open_file(ground, path, MH_WRITE));
        free(path);
    }
}

static void test_enter_itself(void **state)
{
    struct ground *ground = *state;
    struct mh_dir *dir = NULL;
    struct mh_entries entries = {0};
    scratch_write(ground->scratch, "x", "x", 1);
    assert_int_equal(mh_dir_enter(ground->top, ".", &dir, NULL), MH_OK);
    assert_int_equal(mh_dir_list(dir, &entries, NULL), MH_OK);
    assert_int_equal(entries.count, 1);
    mh_entries_clear(&entries);
    mh_dir_close(dir);
}

static void check_find(const struct ground *ground, const char *name, const char *expected,
                       enum mh_entry_kind kind)
{
    char *really = NULL;
    enum mh_entry_kind found = MH_ENTRY_OTHER;
    KIT_INT(name, mh_dir_find(ground->top, name, &really, &found, NULL), MH_OK);
    KIT_TRUE(name, (really != NULL) == (expected != NULL));
    if (expected) {
        KIT_TRUE(name, mh_text_equal(really, expected));
        KIT_INT(name, found, kind);
    }
    free(really);
}

/* What is found in another case can be opened by the name that is given for it. */
static void test_find_in_any_case(void **state)
{
    struct ground *ground = *state;
    char *really = NULL;
    enum mh_entry_kind kind;
    scratch_write(ground->scratch, "Name.Dat", "x", 1);
    scratch_folder(ground->scratch, "Folder");
    check_find(ground, "Name.Dat", "Name.Dat", MH_ENTRY_FILE);
    check_find(ground, "NAME.dat", "Name.Dat", MH_ENTRY_FILE);
    check_find(ground, "folder", "Folder", MH_ENTRY_FOLDER);
    check_find(ground, "Name", NULL, MH_ENTRY_OTHER);
    assert_int_equal(mh_dir_find(ground->top, "nAME.dAT", &really, &kind, NULL), MH_OK);
    mh_file_close(open_file(ground, really, MH_READ));
    free(really);
}

static void test_find_among_alike(void **state)
{
    struct ground *ground = *state;
    char *untouched = (char *)ground->bytes;
    char *really = untouched;
    enum mh_entry_kind kind;
    if (!scratch_try_folder(ground->scratch, "name") || !scratch_try_folder(ground->scratch, "NAME"))
        kit_skip("names that differ only in case are one here");
    struct mh_error err = {0};
    assert_int_equal(mh_dir_find(ground->top, "Name", &really, &kind, &err), MH_UNSUPPORTED);
    assert_int_equal(err.status, MH_UNSUPPORTED);
    assert_ptr_equal(really, untouched);
    assert_int_equal(mh_dir_find(ground->top, "NAME", &really, &kind, NULL), MH_OK);
    assert_string_equal(really, "NAME");
    free(really);
}

static void test_paths(void **state)
{
    (void)state;
    for (size_t i = 0; scratch_splits[i].path; i++) {
        const char *name = NULL;
        char *folder = mh_path_parent(scratch_splits[i].path, &name);
        KIT_TEXT(scratch_splits[i].path, folder, scratch_splits[i].folder);
        KIT_TEXT(scratch_splits[i].path, name, scratch_splits[i].name);
        free(folder);
    }
    for (size_t i = 0; scratch_joins[i].path; i++) {
        char *path = mh_path_join(scratch_joins[i].folder, scratch_joins[i].name);
        KIT_TEXT(scratch_joins[i].folder, path, scratch_joins[i].path);
        free(path);
    }
}

static struct mh_identity identify(const struct ground *ground, const char *relative, bool expected)
{
    struct mh_identity identity = {0};
    bool found = !expected;
    char *path = scratch_path(ground->scratch, relative);
    mh_path_identity(path, &identity, &found);
    KIT_INT(relative, found, expected);
    free(path);
    return identity;
}

static bool same_identity(struct mh_identity a, struct mh_identity b)
{
    return a.device == b.device && a.file == b.file;
}

static void test_identity(void **state)
{
    struct ground *ground = *state;
    scratch_write(ground->scratch, "a/x", "x", 1);
    scratch_write(ground->scratch, "a/y", "x", 1);
    struct mh_identity x = identify(ground, "a/x", true);
    assert_true(same_identity(x, identify(ground, "a/../a/x", true)));
    assert_false(same_identity(x, identify(ground, "a/y", true)));
    (void)identify(ground, "a/z", false);
    (void)identify(ground, "b/x", false);
}

static void test_patch(void **state)
{
    struct ground *ground = *state;
    static const uint8_t patch[] = {1, 2, 3, 4};
    uint8_t much[17] = {0};
    scratch_write(ground->scratch, "x", ground->bytes, SIZE);
    struct mh_identity before = identify(ground, "x", true);
    struct mh_file *file = open_file(ground, "x", MH_WRITE);
    assert_int_equal(mh_file_patch(file, 0, much, sizeof(much), NULL), MH_INTERNAL);
    assert_int_equal(mh_file_patch(file, SIZE - 2, patch, sizeof(patch), NULL), MH_IN_USE); /* would grow */
    assert_int_equal(mh_file_patch(file, 5000, patch, sizeof(patch), NULL), MH_OK);
    mh_file_close(file);
    memcpy(ground->bytes + 5000, patch, sizeof(patch));
    check_holds(ground, "x", ground->bytes, SIZE);
    assert_true(same_identity(before, identify(ground, "x", true)));
}

static void check_replace(struct ground *ground, size_t size, uint64_t tail)
{
    uint8_t *expected = malloc(size + SIZE);
    assert_non_null(expected);
    for (size_t i = 0; i < size; i++)
        expected[i] = (uint8_t)(i * 17 + 3);
    size_t kept = tail < SIZE ? SIZE - (size_t)tail : 0;
    memcpy(expected + size, ground->bytes + (SIZE - kept), kept);
    scratch_write(ground->scratch, "x", ground->bytes, SIZE);
    struct mh_file *file = open_file(ground, "x", MH_WRITE);
    struct mh_error err = {0};
    int status = mh_file_replace(file, expected, size, tail, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(status, MH_OK);
    mh_file_close(file);
    check_holds(ground, "x", expected, size + kept);
    assert_false(scratch_exists(ground->scratch, "x.mapihttp-new"));
    free(expected);
}

static void test_replace(void **state)
{
    struct ground *ground = *state;
    check_replace(ground, 5000, SIZE);
    check_replace(ground, 3u << 20, SIZE + 5);
    check_replace(ground, 0, SIZE);
}

static void test_replace_keeps_the_tail(void **state)
{
    struct ground *ground = *state;
    check_replace(ground, 5000, 5000);
    check_replace(ground, 8192, 4096);
    check_replace(ground, 10, SIZE - 1);
    check_replace(ground, 0, 0);
}

static void test_replace_takes_a_leftover_away(void **state)
{
    struct ground *ground = *state;
    scratch_write(ground->scratch, "x.mapihttp-new", ground->bytes, SIZE);
    check_replace(ground, 7, SIZE);
}

/* Not what a killed run of ours left: it stays, and so does the file. */
static void test_replace_meets_a_folder(void **state)
{
    struct ground *ground = *state;
    struct mh_error err = {0};
    scratch_write(ground->scratch, "x", ground->bytes, SIZE);
    scratch_folder(ground->scratch, "x.mapihttp-new");
    uint64_t before = scratch_print(ground->scratch);
    struct mh_file *file = open_file(ground, "x", MH_WRITE);
    assert_int_equal(mh_file_replace(file, "new", 3, SIZE, &err), MH_UNSUPPORTED);
    assert_int_equal(err.status, MH_UNSUPPORTED);
    mh_file_close(file);
    assert_true(scratch_print(ground->scratch) == before);
}

/* A file is replaced once: what is open then is no longer the file of that name. */
static void test_replace_twice(void **state)
{
    struct ground *ground = *state;
    uint8_t byte;
    scratch_write(ground->scratch, "x", ground->bytes, SIZE);
    struct mh_file *file = open_file(ground, "x", MH_WRITE);
    assert_int_equal(mh_file_replace(file, "new", 3, SIZE, NULL), MH_OK);
    assert_int_equal(mh_file_unchanged(file, NULL), MH_IN_USE);
    assert_int_equal(mh_file_replace(file, "again", 5, SIZE, NULL), MH_IN_USE);
    assert_int_equal(mh_file_patch(file, 0, "a", 1, NULL), MH_IN_USE);
    (void)mh_file_read(file, 0, &byte, 1, NULL);
    mh_file_close(file);
    check_holds(ground, "x", "new", 3);
    assert_false(scratch_exists(ground->scratch, "x.mapihttp-new"));
}

/* By the caller's own path. Where another case names the same file, the file keeps its own. */
static void test_replace_by_path(void **state)
{
    static const char *const spelled[] = {"Name.Dat", "a/../Name.Dat", "NAME.DAT"};
    struct ground *ground = *state;
    scratch_folder(ground->scratch, "a");
    scratch_write(ground->scratch, "Name.Dat", "0", 1);
    for (size_t i = 0; i < KIT_COUNT(spelled); i++) {
        struct mh_file *file = NULL;
        char *path = scratch_path(ground->scratch, spelled[i]);
        char digit = (char)('1' + (int)i);
        int status = mh_file_open(NULL, path, MH_WRITE, &file, NULL);
        KIT_TRUE(spelled[i], status == MH_OK || (i == 2 && status == MH_NOT_FOUND));
        free(path);
        if (status != MH_OK)
            continue;
        KIT_INT(spelled[i], mh_file_replace(file, &digit, 1, 1, NULL), MH_OK);
        mh_file_close(file);
        check_holds(ground, "Name.Dat", &digit, 1);
        KIT_TRUE(spelled[i], is_listed(ground, "Name.Dat"));
    }
}

static void test_make_folders_and_files(void **state)
{
    struct ground *ground = *state;
    struct mh_error err = {0};
    assert_int_equal(mh_dir_make(ground->top, "a", &err), MH_OK);
    assert_int_equal(mh_dir_make(ground->top, "a/b c", &err), MH_OK);
    assert_int_equal(mh_file_make(ground->top, "a/b c/file", ground->bytes, SIZE, &err), MH_OK);
    assert_int_equal(mh_file_make(ground->top, "a/none", NULL, 0, &err), MH_OK);
    check_holds(ground, "a/b c/file", ground->bytes, SIZE);
    check_holds(ground, "a/none", "", 0);
    assert_int_equal(err.status, MH_OK);
}

static void test_make_what_cannot_be(void **state)
{
    static const struct {
        const char *path;
        int status;
    } cases[] = {
        {"file", MH_IN_USE},      {"folder", MH_IN_USE},      {"folder/file", MH_IN_USE},
        {"file/x", MH_NOT_FOUND}, {"nowhere/x", MH_NOT_FOUND},
    };
    struct ground *ground = *state;
    scratch_write(ground->scratch, "file", "x", 1);
    scratch_write(ground->scratch, "folder/file", "x", 1);
    uint64_t before = scratch_print(ground->scratch);
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        for (int file = 0; file < 2; file++) {
            struct mh_error err = {0};
            int status = file ? mh_file_make(ground->top, cases[i].path, "y", 1, &err)
                              : mh_dir_make(ground->top, cases[i].path, &err);
            KIT_INT(cases[i].path, status, cases[i].status);
            KIT_INT(cases[i].path, err.status, cases[i].status);
            KIT_TRUE(cases[i].path, strstr(err.message, cases[i].path) != NULL);
        }
    }
    assert_true(scratch_print(ground->scratch) == before);
}

static void test_nothing_is_made_through_a_link(void **state)
{
    struct ground *ground = *state;
    scratch_folder(ground->scratch, "folder");
    if (!scratch_link_folder(ground->scratch, "folder", "link"))
        kit_skip("no links can be made here");
    assert_int_equal(mh_dir_make(ground->top, "link/x", NULL), MH_UNSUPPORTED);
    assert_int_equal(mh_file_make(ground->top, "link/x", "y", 1, NULL), MH_UNSUPPORTED);
    assert_false(scratch_exists(ground->scratch, "folder/x"));
}

static void test_rename_a_folder(void **state)
{
    struct ground *ground = *state;
    scratch_write(ground->scratch, "new/file", "x", 1);
    assert_int_equal(mh_dir_rename(ground->top, "new", "name", NULL), MH_OK);
    assert_false(scratch_exists(ground->scratch, "new"));
    check_holds(ground, "name/file", "x", 1);
}

static void test_an_empty_folder_gives_way(void **state)
{
    struct ground *ground = *state;
    scratch_write(ground->scratch, "new/file", "x", 1);
    scratch_folder(ground->scratch, "name");
    assert_int_equal(mh_dir_rename(ground->top, "new", "name", NULL), MH_OK);
    assert_false(scratch_exists(ground->scratch, "new"));
    check_holds(ground, "name/file", "x", 1);
}

static void test_nothing_else_gives_way(void **state)
{
    static const char *const names[] = {"full", "file"};
    struct ground *ground = *state;
    scratch_write(ground->scratch, "new/file", "x", 1);
    scratch_write(ground->scratch, "full/file", "y", 1);
    scratch_write(ground->scratch, "file", "z", 1);
    for (size_t i = 0; i < KIT_COUNT(names); i++) {
        struct mh_error err = {0};
        KIT_TRUE(names[i], mh_dir_rename(ground->top, "new", names[i], &err) != MH_OK);
        KIT_TRUE(names[i], err.status != MH_OK && strstr(err.message, names[i]));
    }
    check_holds(ground, "new/file", "x", 1);
    check_holds(ground, "full/file", "y", 1);
    check_holds(ground, "file", "z", 1);
}

static void test_remove(void **state)
{
    struct ground *ground = *state;
    scratch_write(ground->scratch, "folder/file", "x", 1);
    mh_dir_remove(ground->top, "folder");
    mh_dir_remove(ground->top, "nowhere/x");
    assert_true(scratch_exists(ground->scratch, "folder/file"));
    mh_dir_remove(ground->top, "folder/file");
    assert_false(scratch_exists(ground->scratch, "folder/file"));
    mh_dir_remove(ground->top, "folder");
    assert_false(scratch_exists(ground->scratch, "folder"));
}

static void test_unchanged(void **state)
{
    struct ground *ground = *state;
    uint8_t buffer[10];
    scratch_write(ground->scratch, "x", ground->bytes, SIZE);
    for (int access = MH_READ; access <= MH_WRITE; access++) {
        let_time_pass();
        struct mh_file *file = open_file(ground, "x", (enum mh_access)access);
        assert_int_equal(mh_file_unchanged(file, NULL), MH_OK);
        assert_int_equal(mh_file_read(file, 0, buffer, sizeof(buffer), NULL), MH_OK);
        let_time_pass();
        assert_int_equal(mh_file_unchanged(file, NULL), MH_OK);
        mh_file_close(file);
    }
}

static void check_change_shows(const struct ground *ground, const void *bytes, size_t size)
{
    struct mh_error err = {0};
    scratch_write(ground->scratch, "x", ground->bytes, 1000);
    struct mh_file *file = open_file(ground, "x", MH_READ);
    let_time_pass();
    scratch_write(ground->scratch, "x", bytes, size);
    assert_int_equal(mh_file_unchanged(file, &err), MH_IN_USE);
    assert_int_equal(err.status, MH_IN_USE);
    mh_file_close(file);
}

static void test_changed(void **state)
{
    struct ground *ground = *state;
    check_change_shows(ground, ground->bytes, 999);
    check_change_shows(ground, ground->bytes + 1, 1000);
    check_change_shows(ground, ground->bytes, 1000);
}

/* What has the name now is not what is open. */
static void test_moved_away(void **state)
{
    struct ground *ground = *state;
    scratch_write(ground->scratch, "x", ground->bytes, SIZE);
    struct mh_file *file = open_file(ground, "x", MH_WRITE);
    scratch_move(ground->scratch, "x", "y");
    assert_int_equal(mh_file_unchanged(file, NULL), MH_IN_USE);
    scratch_write(ground->scratch, "x", "other", 5);
    assert_int_equal(mh_file_unchanged(file, NULL), MH_IN_USE);
    assert_int_equal(mh_file_replace(file, "new", 3, SIZE, NULL), MH_IN_USE);
    assert_int_equal(mh_file_patch(file, 0, "new", 3, NULL), MH_IN_USE);
    mh_file_close(file);
    check_holds(ground, "x", "other", 5);
    check_holds(ground, "y", ground->bytes, SIZE);
}

static void test_writers_exclude_each_other(void **state)
{
    struct ground *ground = *state;
    scratch_write(ground->scratch, "x", ground->bytes, SIZE);
    struct mh_file *file = open_file(ground, "x", MH_WRITE);
    check_open_fails(ground, "x", MH_WRITE, MH_IN_USE);
    mh_file_close(file);
    file = open_file(ground, "x", MH_WRITE);
    mh_file_close(file);
}

static void test_readers_share(void **state)
{
    struct ground *ground = *state;
    scratch_write(ground->scratch, "x", ground->bytes, SIZE);
    struct mh_file *first = open_file(ground, "x", MH_READ);
    struct mh_file *second = open_file(ground, "x", MH_READ);
    mh_file_close(first);
    mh_file_close(second);
}

struct tally {
    unsigned calls[1000];
    size_t told;
};

static _Thread_local bool is_test; /* in the test's own thread */

/* Slow at first, so that other threads begin; they are, so that they still work when this one is done. */
static void count_call(void *context, size_t i)
{
    if (!is_test || i == 0)
        let_time_pass();
    ((struct tally *)context)->calls[i]++;
}

static void count_tick(void *context, size_t done, size_t count)
{
    struct tally *tally = context;
    assert_true(done > 0 && done <= count);
    tally->told++;
}

static void test_parallel(void **state)
{
    struct tally tally = {0};
    (void)state;
    is_test = true;
    mh_parallel(0, count_call, &tally, count_tick, &tally);
    assert_int_equal(tally.told, 0);
    mh_parallel(1, count_call, &tally, NULL, NULL);
    mh_parallel(KIT_COUNT(tally.calls), count_call, &tally, count_tick, &tally);
    for (size_t i = 0; i < KIT_COUNT(tally.calls); i++)
        assert_int_equal(tally.calls[i], i == 0 ? 2 : 1);
    assert_true(tally.told <= KIT_COUNT(tally.calls));
}

#define FILES_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        FILES_TEST(test_read),
        FILES_TEST(test_what_is_no_file),
        FILES_TEST(test_paths_that_lead_elsewhere),
        FILES_TEST(test_links),
        FILES_TEST(test_links_are_listed_as_such),
        FILES_TEST(test_sole),
        FILES_TEST(test_list), FILES_TEST(test_pick),
        FILES_TEST(test_list_nothing),
        FILES_TEST(test_names_of_all_kinds),
        FILES_TEST(test_enter_itself),
        FILES_TEST(test_find_in_any_case),
        FILES_TEST(test_find_among_alike),
        cmocka_unit_test(test_paths),
        FILES_TEST(test_identity),
        FILES_TEST(test_patch),
        FILES_TEST(test_replace),
        FILES_TEST(test_replace_keeps_the_tail),
        FILES_TEST(test_replace_takes_a_leftover_away),
        FILES_TEST(test_replace_meets_a_folder),
        FILES_TEST(test_replace_twice),
        FILES_TEST(test_replace_by_path),
        FILES_TEST(test_make_folders_and_files),
        FILES_TEST(test_make_what_cannot_be),
        FILES_TEST(test_nothing_is_made_through_a_link),
        FILES_TEST(test_rename_a_folder),
        FILES_TEST(test_an_empty_folder_gives_way),
        FILES_TEST(test_nothing_else_gives_way),
        FILES_TEST(test_remove),
        FILES_TEST(test_unchanged),
        FILES_TEST(test_changed),
        FILES_TEST(test_moved_away),
        FILES_TEST(test_writers_exclude_each_other),
        FILES_TEST(test_readers_share),
        cmocka_unit_test(test_parallel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
