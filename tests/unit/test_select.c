/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/buffer.h"
#include "core/select.h"
#include "core/text.h"
#include "kit.h"

#define ANN "S-1-5-21-1-2-3-1001"
#define BOB "S-1-5-21-1-2-3-1002"
#define DUONG "S-1-12-1-1-2-3-4"
#define SYSTEM "S-1-5-18"
#define STORED "/store/ann/NTUSER.DAT"
#define STAR "/store/a*n"
#define DUONG_LOWER "\xC4\x91\xC6\xB0\xE1\xBB\x9Dng"
#define DUONG_UPPER "\xC4\x90\xC6\xAF\xE1\xBB\x9CNG"

static const struct mh_profile known[] = {
    {.id = "default", .path = "C:\\Users\\Default", .flags = MH_PROFILE_DEFAULT},
    {.id = BOB, .sid = BOB, .account = "CONTOSO\\bob", .path = "C:\\Users\\bob",
     .flags = MH_PROFILE_PERSON},
    {.id = ANN, .sid = ANN, .account = "CONTOSO\\ann", .path = "C:\\Users\\ann",
     .flags = MH_PROFILE_PERSON | MH_PROFILE_LOADED | MH_PROFILE_CURRENT | MH_PROFILE_LIVE},
    {.id = SYSTEM, .sid = SYSTEM, .account = "NT AUTHORITY\\SYSTEM",
     .path = "C:\\Windows\\system32\\config\\systemprofile", .flags = MH_PROFILE_LOADED},
    {.id = STORED, .path = "/store/ann", .flags = MH_PROFILE_PERSON},
    {.id = DUONG, .sid = DUONG, .account = "AzureAD\\" DUONG_LOWER,
     .path = "C:\\Users\\" DUONG_UPPER, .flags = MH_PROFILE_PERSON | MH_PROFILE_LOADED},
    {.id = STAR, .path = "/store/starred", .flags = MH_PROFILE_PERSON},
};

static char *copy_or_null(const char *text)
{
    return text ? mh_text_copy(text) : NULL;
}

static struct mh_profiles make_profiles(void)
{
    struct mh_profiles profiles = {0};
    for (size_t i = 0; i < KIT_COUNT(known); i++) {
        struct mh_profile profile = {
            .id = copy_or_null(known[i].id),
            .sid = copy_or_null(known[i].sid),
            .account = copy_or_null(known[i].account),
            .path = copy_or_null(known[i].path),
            .flags = known[i].flags,
        };
        assert_int_equal(mh_profiles_take(&profiles, &profile), 0);
    }
    return profiles;
}

/* Items with "|" between them; "" is none. */
static struct mh_texts split(const char *items)
{
    struct mh_texts texts = {0};
    while (*items) {
        size_t length = strcspn(items, "|");
        char *item = mh_text_copyn(items, length);
        assert_int_equal(mh_texts_add(&texts, item), 0);
        free(item);
        items += length + (items[length] == '|');
    }
    return texts;
}

/* The ids with "|" between them: "!" before one that is not there, "+" behind a named one. */
static char *render(const struct mh_selection *selection)
{
    struct mh_buffer buffer = {0};
    mh_buffer_puts(&buffer, "");
    for (size_t i = 0; i < selection->count; i++) {
        const struct mh_selected *selected = &selection->items[i];
        const struct mh_error *problem = selected->profile->problem;
        mh_buffer_puts(&buffer, i > 0 ? "|" : "");
        mh_buffer_puts(&buffer, problem && problem->status == MH_NOT_FOUND ? "!" : "");
        mh_buffer_puts(&buffer, selected->profile->id);
        mh_buffer_puts(&buffer, selected->named ? "+" : "");
    }
    return buffer.text;
}

#define EVERYBODY STAR "|" STORED "|" DUONG "|" ANN "|" BOB

static void test_selectors(void **state)
{
    static const struct {
        const char *users;
        const char *exclude;
        const char *chosen;
        size_t warnings;
    } cases[] = {
        {"all", "", EVERYBODY, 0},
        {"ALL", "", EVERYBODY, 0},
        {"*", "", EVERYBODY, 0},
        {"default", "", "default+", 0},
        {"Default", "", "default+", 0},
        {"all|default", "", EVERYBODY "|default+", 0},
        {"current", "", ANN "+", 0},
        {"loaded", "", DUONG "|" ANN, 0},
        {ANN, "", ANN "+", 0},
        {"s-1-5-21-1-2-3-1001", "", ANN "+", 0},
        {SYSTEM, "", SYSTEM "+", 0},
        {"nt authority\\system", "", SYSTEM "+", 0},
        {"contoso\\BOB", "", BOB "+", 0},
        {"BOB", "", BOB "+", 0},
        {"ann", "", STORED "+|" ANN "+", 0},
        {STORED, "", STORED "+", 0},
        {"/STORE/ANN/ntuser.dat", "", STORED "+", 0},
        {"CONTOSO\\*", "", ANN "|" BOB, 0},
        {"S-1-5-*", "", ANN "|" BOB, 0},
        {"s-1-12-1-*", "", DUONG, 0},
        {"b?b", "", BOB, 0},
        {"Default*", "", "", 0},
        {"system*", "", "", 0},
        {"zz*", "", "", 0},
        {STAR, "", STAR "+", 0},
        {DUONG_LOWER, "", DUONG "+", 0},
        {DUONG_UPPER, "", DUONG "+", 0},
        {"AZUREAD\\" DUONG_UPPER, "", DUONG "+", 0},
        {"\xC4\x91?\xE1\xBB\x9C*", "", DUONG, 0},
        {"carol", "", "!carol+", 0},
        {"carol|carol", "", "!carol+", 0},
        {"carol|bob", "", BOB "+|!carol+", 0},
        {"S-1-5-21-9-9-9-9", "", "!S-1-5-21-9-9-9-9+", 0},
        {"bob|CONTOSO\\bob|" BOB "|b*", "", BOB "+", 0},
        {"all|bob", "", STAR "|" STORED "|" DUONG "|" ANN "|" BOB "+", 0},
        {"bob|all", "", STAR "|" STORED "|" DUONG "|" ANN "|" BOB "+", 0},
        {"all", "bob", STAR "|" STORED "|" DUONG "|" ANN, 0},
        {"all", "ANN|" STAR, DUONG "|" BOB, 0},
        {"all", "S-1-5-21-*", STAR "|" STORED "|" DUONG, 0},
        {"all|default", "default", EVERYBODY, 0},
        {"all", "loaded", STAR "|" STORED "|" BOB, 0},
        {"all", "all", "", 0},
        {"bob", "bob", "", 0},
        {"all", "carol", EVERYBODY, 1},
        {"all", "zz*", EVERYBODY, 0},
        {"bob", "current", BOB "+", 0},
        {"bob", DUONG_LOWER "|carol", BOB "+", 1},
    };
    (void)state;
    struct mh_profiles profiles = make_profiles();
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_desired desired = {.users = split(cases[i].users),
                                     .exclude = split(cases[i].exclude)};
        struct mh_selection selection = {0};
        struct mh_texts warnings = {0};
        struct mh_error err = {0};
        KIT_INT(cases[i].users, mh_select(&desired, &profiles, &selection, &warnings, &err), MH_OK);
        char *chosen = render(&selection);
        KIT_TEXT(cases[i].users, chosen, cases[i].chosen);
        KIT_INT(cases[i].users, warnings.count, cases[i].warnings);
        free(chosen);
        mh_selection_clear(&selection);
        mh_texts_clear(&warnings);
        mh_texts_clear(&desired.users);
        mh_texts_clear(&desired.exclude);
    }
    mh_profiles_clear(&profiles);
}

static void test_without_profiles(void **state)
{
    static const struct {
        const char *users;
        const char *chosen;
    } cases[] = {
        {"all", ""},
        {"loaded", ""},
        {"*", ""},
        {"default", "!default+"},
        {"current", "!current+"},
        {"ann", "!ann+"},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_desired desired = {.users = split(cases[i].users)};
        struct mh_profiles none = {0};
        struct mh_selection selection = {0};
        struct mh_texts warnings = {0};
        KIT_INT(cases[i].users, mh_select(&desired, &none, &selection, &warnings, NULL), MH_OK);
        char *chosen = render(&selection);
        KIT_TEXT(cases[i].users, chosen, cases[i].chosen);
        free(chosen);
        mh_selection_clear(&selection);
        mh_texts_clear(&desired.users);
    }
}

static void test_restore(void **state)
{
    static const struct {
        const char *ids;
        const char *chosen; /* NULL: refused */
    } cases[] = {
        {"", ""},
        {BOB, BOB "+"},
        {"default|" BOB, BOB "+|default+"},
        {"DEFAULT", "default+"},
        {"s-1-12-1-1-2-3-4", DUONG "+"},
        {"carol", "!carol+"},
        {"bob", "!bob+"},           /* ids only: no other name of a profile */
        {"all", "!all+"},
        {"*", "!*+"},
        {STAR, STAR "+"},
        {BOB "|" BOB, NULL},
        {BOB "|s-1-5-21-1-2-3-1002", NULL},
        {SYSTEM, SYSTEM "+"},
    };
    (void)state;
    struct mh_profiles profiles = make_profiles();
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_texts ids = split(cases[i].ids);
        struct mh_restore restores[4] = {0};
        for (size_t j = 0; j < ids.count; j++)
            restores[j].id = ids.items[j];
        struct mh_desired desired = {.restore = restores, .restore_count = ids.count};
        struct mh_selection selection = {.count = 77};
        struct mh_texts warnings = {0};
        struct mh_error err = {0};
        int status = mh_select(&desired, &profiles, &selection, &warnings, &err);
        if (cases[i].chosen) {
            KIT_INT(cases[i].ids, status, MH_OK);
            char *chosen = render(&selection);
            KIT_TEXT(cases[i].ids, chosen, cases[i].chosen);
            for (size_t j = 0; j < selection.count; j++)
                KIT_TRUE(cases[i].ids, selection.items[j].profile->problem ||
                                           mh_text_equal(selection.items[j].restore->id,
                                                         selection.items[j].profile->id));
            free(chosen);
            mh_selection_clear(&selection);
        } else {
            KIT_INT(cases[i].ids, status, MH_INVALID);
            KIT_TEXT(cases[i].ids, err.field, "restore");
            KIT_INT(cases[i].ids, selection.count, 77);
        }
        mh_texts_clear(&ids);
    }
    mh_profiles_clear(&profiles);
}

/* A hive file may be called as a keyword is; `all`, given or not, still means all. */
static void test_file_called_all(void **state)
{
    struct mh_profile items[] = {
        {.id = "all", .path = ".", .flags = MH_PROFILE_PERSON},
        {.id = "other", .path = ".", .flags = MH_PROFILE_PERSON},
    };
    struct mh_profiles profiles = {.items = items, .count = 2};
    struct mh_desired desired = {.users = split("all")};
    struct mh_selection selection = {0};
    struct mh_texts warnings = {0};
    (void)state;
    assert_int_equal(mh_select(&desired, &profiles, &selection, &warnings, NULL), MH_OK);
    char *chosen = render(&selection);
    KIT_TEXT("a file called all", chosen, "all|other");
    free(chosen);
    mh_selection_clear(&selection);
    mh_texts_clear(&desired.users);
}

static void test_sorted_and_pointing_into_the_list(void **state)
{
    enum { MANY = 2000 };
    struct mh_profiles profiles = {0};
    struct mh_desired desired = {.users = split("all")};
    struct mh_selection selection = {0};
    struct mh_texts warnings = {0};
    uint64_t random = 7;
    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        struct mh_profile profile = {
            .id = mh_text_format("S-1-5-21-%u-%u", kit_random(&random), (unsigned)i),
            .flags = MH_PROFILE_PERSON};
        assert_int_equal(mh_profiles_take(&profiles, &profile), 0);
    }
    assert_int_equal(mh_select(&desired, &profiles, &selection, &warnings, NULL), MH_OK);
    assert_int_equal(selection.count, MANY);
    for (size_t i = 0; i < MANY; i++) {
        const struct mh_profile *profile = selection.items[i].profile;
        assert_true(profile >= profiles.items && profile < profiles.items + MANY);
        assert_true(i == 0 || strcmp(selection.items[i - 1].profile->id, profile->id) < 0);
    }
    mh_selection_clear(&selection);
    mh_texts_clear(&desired.users);
    mh_profiles_clear(&profiles);
}

static void test_folder_of_a_path(void **state)
{
    static const struct {
        const char *path;
        const char *folder;
    } cases[] = {
        {NULL, ""},          {"C:\\Users\\ann", "ann"}, {"/store/ann", "ann"},
        {"ann", "ann"},      {"C:\\Users/bob", "bob"},  {"", ""},
        {"C:\\Users\\", ""},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_profile profile = {.path = (char *)cases[i].path};
        KIT_TEXT("folder", mh_profile_folder(&profile), cases[i].folder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selectors),
        cmocka_unit_test(test_without_profiles),
        cmocka_unit_test(test_restore),
        cmocka_unit_test(test_file_called_all),
        cmocka_unit_test(test_sorted_and_pointing_into_the_list),
        cmocka_unit_test(test_folder_of_a_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
