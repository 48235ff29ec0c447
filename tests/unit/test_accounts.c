/* SPDX-License-Identifier: MIT */
#include "accounts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/desired.h"
#include "core/select.h"
#include "core/text.h"
#include "kit.h"

/* A registry that knows accounts, and counts who is asked for. */
struct directory {
    struct mh_registry base;
    bool gone;        /* the domain controller */
    unsigned names;   /* how often a SID was asked for */
    unsigned sids;    /* how often an account was */
};

static const struct {
    const char *sid;
    const char *account;
} people[] = {
    {"S-1-5-21-1-2-3-1001", "CONTOSO\\ann"},
    {"S-1-5-21-1-2-3-1002", "CONTOSO\\bob"},
    {"S-1-5-21-9-9-9-1001", "FABRIKAM\\ann"},
    {"S-1-5-18", "NT AUTHORITY\\SYSTEM"},
};

static int account_sid(struct mh_registry *registry, const char *account, char **ret_sid, struct mh_error *err)
{
    struct directory *directory = (struct directory *)registry;
    directory->sids++;
    if (directory->gone)
        return mh_error_set(err, MH_IO, "no domain controller answers");
    for (size_t i = 0; i < KIT_COUNT(people); i++)
        if (mh_text_equal(people[i].account, account))
            *ret_sid = mh_text_copy(people[i].sid);
    return MH_OK;
}

static int sid_account(struct mh_registry *registry, const char *sid, char **ret_account, struct mh_error *err)
{
    struct directory *directory = (struct directory *)registry;
    directory->names++;
    if (directory->gone)
        return mh_error_set(err, MH_IO, "no domain controller answers");
    for (size_t i = 0; i < KIT_COUNT(people); i++)
        if (mh_text_equal(people[i].sid, sid))
            *ret_account = mh_text_copy(people[i].account);
    return MH_OK;
}

static const struct mh_registry_ops knowing = {.account_sid = account_sid, .sid_account = sid_account};
static const struct mh_registry_ops unknowing = {.name = "without accounts"};

/* The first three have a profile; so have SYSTEM, which is no person, and one whose account was deleted. */
static void list(struct mh_profiles *profiles)
{
    static const char *const sids[] = {"S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1002", "S-1-5-18",
                                       "S-1-5-21-7-7-7-7"};
    for (size_t i = 0; i < KIT_COUNT(sids); i++) {
        struct mh_profile profile = {.id = mh_text_copy(sids[i]), .sid = mh_text_copy(sids[i])};
        profile.flags = mh_text_is_person_sid(sids[i]) ? MH_PROFILE_PERSON : 0;
        assert_int_equal(mh_profiles_take(profiles, &profile), 0);
    }
}

struct stage {
    struct directory directory;
    struct mh_profiles profiles;
    struct mh_desired desired;
    struct mh_texts warnings;
};

static void learn(struct stage *stage, const char *users, const char *exclude)
{
    struct mh_error err = {0};
    list(&stage->profiles);
    assert_int_equal(mh_texts_add(&stage->desired.users, users), 0);
    if (exclude)
        assert_int_equal(mh_texts_add(&stage->desired.exclude, exclude), 0);
    KIT_INT(users, mh_accounts_learn(&stage->directory.base, &stage->desired, &stage->profiles, &stage->warnings, &err),
            MH_OK);
    KIT_TEXT(users, err.message, "");
}

static void clear(struct stage *stage)
{
    mh_profiles_clear(&stage->profiles);
    mh_desired_clear(&stage->desired);
    mh_texts_clear(&stage->warnings);
}

static void test_asks_only_when_a_selector_needs_it(void **state)
{
    static const struct {
        const char *users;
        const char *exclude;
        unsigned names; /* there are three people */
        unsigned sids;
    } cases[] = {
        {"all", NULL, 0, 0},
        {"default", "loaded", 0, 0},
        {"ann", NULL, 0, 0}, /* a folder's name */
        {"S-1-5-21-1-2-3-1001", NULL, 0, 0},
        {"S-1-5-21-*", NULL, 0, 0},
        {"CONTOSO\\ann", NULL, 0, 1},
        {"all", "CONTOSO\\ann", 0, 1},
        {"CONTOSO\\*", NULL, 3, 0},
        {"*ann", NULL, 3, 0},
        {"all", "?ann", 3, 0},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct stage stage = {.directory = {.base = {.ops = &knowing}}};
        learn(&stage, cases[i].users, cases[i].exclude);
        KIT_INT(cases[i].users, stage.directory.names, cases[i].names);
        KIT_INT(cases[i].users, stage.directory.sids, cases[i].sids);
        KIT_INT(cases[i].users, stage.warnings.count, 0);
        clear(&stage);
    }
}

static void test_an_account_becomes_its_sid(void **state)
{
    static const struct {
        const char *account;
        const char *selector; /* what it is then */
    } cases[] = {
        {"contoso\\ANN", "S-1-5-21-1-2-3-1001"},
        {"FABRIKAM\\ann", "FABRIKAM\\ann"}, /* has no profile here */
        {"CONTOSO\\eve", "CONTOSO\\eve"},   /* is nobody */
        {"NT AUTHORITY\\SYSTEM", "S-1-5-18"},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct stage stage = {.directory = {.base = {.ops = &knowing}}};
        learn(&stage, cases[i].account, cases[i].account);
        KIT_TEXT(cases[i].account, stage.desired.users.items[0], cases[i].selector);
        KIT_TEXT(cases[i].account, stage.desired.exclude.items[0], cases[i].selector);
        clear(&stage);
    }
}

static void test_wildcards_match_accounts(void **state)
{
    struct stage stage = {.directory = {.base = {.ops = &knowing}}};
    struct mh_selection selection = {0};
    (void)state;
    learn(&stage, "CONTOSO\\*", "*\\b?b");
    assert_int_equal(mh_select(&stage.desired, &stage.profiles, &selection, &stage.warnings, NULL), MH_OK);
    assert_int_equal(selection.count, 1);
    assert_string_equal(selection.items[0].profile->account, "CONTOSO\\ann");
    mh_selection_clear(&selection);
    clear(&stage);
}

/* One that does not answer is asked once, not for each of thousands. */
static void test_no_answer_is_a_warning(void **state)
{
    static const char *const selectors[] = {"CONTOSO\\ann", "CONTOSO\\*"};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(selectors); i++) {
        struct stage stage = {.directory = {.base = {.ops = &knowing}, .gone = true}};
        learn(&stage, selectors[i], NULL);
        KIT_TEXT(selectors[i], stage.desired.users.items[0], selectors[i]);
        KIT_INT(selectors[i], stage.warnings.count, 1);
        KIT_TRUE(selectors[i], strstr(stage.warnings.items[0], "no domain controller answers") != NULL);
        KIT_INT(selectors[i], stage.directory.names + stage.directory.sids, 1);
        clear(&stage);
    }
}

static void test_where_accounts_are_not_known(void **state)
{
    static const char *const selectors[] = {"CONTOSO\\ann", "CONTOSO\\*"};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(selectors); i++) {
        struct stage stage = {.directory = {.base = {.ops = &unknowing}}};
        learn(&stage, selectors[i], NULL);
        KIT_TEXT(selectors[i], stage.desired.users.items[0], selectors[i]);
        KIT_INT(selectors[i], stage.warnings.count, 0);
        clear(&stage);
    }
}

/* The id of a hive is its path, which has backslashes on Windows. */
static void test_an_id_is_no_account(void **state)
{
    struct stage stage = {.directory = {.base = {.ops = &knowing}}};
    struct mh_profile profile = {.id = mh_text_copy("D:\\hives\\ann.dat")};
    (void)state;
    assert_int_equal(mh_profiles_take(&stage.profiles, &profile), 0);
    learn(&stage, "d:\\hives\\ANN.dat", NULL);
    assert_int_equal(stage.directory.sids, 0);
    clear(&stage);
}

static void test_only_the_selected_are_named(void **state)
{
    struct stage stage = {.directory = {.base = {.ops = &knowing}}};
    struct mh_selection selection = {0};
    (void)state;
    learn(&stage, "S-1-5-21-1-2-3-1002", NULL);
    assert_int_equal(mh_select(&stage.desired, &stage.profiles, &selection, &stage.warnings, NULL), MH_OK);
    mh_accounts_name(&stage.directory.base, &selection, &stage.profiles);
    assert_int_equal(stage.directory.names, 1);
    assert_string_equal(selection.items[0].profile->account, "CONTOSO\\bob");
    assert_null(stage.profiles.items[0].account);
    mh_accounts_name(&stage.directory.base, &selection, &stage.profiles);
    assert_int_equal(stage.directory.names, 1); /* it has one */
    mh_selection_clear(&selection);
    clear(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asks_only_when_a_selector_needs_it),
        cmocka_unit_test(test_an_account_becomes_its_sid),
        cmocka_unit_test(test_wildcards_match_accounts),
        cmocka_unit_test(test_no_answer_is_a_warning),
        cmocka_unit_test(test_where_accounts_are_not_known),
        cmocka_unit_test(test_an_id_is_no_account),
        cmocka_unit_test(test_only_the_selected_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
