/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/array.h"
#include "core/desired.h"
#include "core/plan.h"
#include "core/result.h"
#include "core/state.h"
#include "core/text.h"
#include "kit.h"

static void test_status_kinds(void **state)
{
    static const struct {
        int status;
        const char *kind;
    } cases[] = {
        {MH_OK, "ok"},
        {MH_INVALID, "invalid"},
        {MH_NOT_FOUND, "not_found"},
        {MH_ACCESS_DENIED, "access_denied"},
        {MH_IN_USE, "in_use"},
        {MH_DIRTY, "dirty"},
        {MH_CORRUPT, "corrupt"},
        {MH_UNSUPPORTED, "unsupported"},
        {MH_NO_SPACE, "no_space"},
        {MH_IO, "io"},
        {MH_INTERNAL, "internal"},
        {MH_STATUS_COUNT, "internal"},
        {-1, "internal"},
        {9999, "internal"},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++)
        KIT_TEXT(cases[i].kind, mh_status_kind(cases[i].status), cases[i].kind);
}

static void test_state_names(void **state)
{
    static const struct {
        const char *name;
        enum mh_state state;
    } cases[] = {
        {"enabled", MH_STATE_ENABLED}, {"disabled", MH_STATE_DISABLED},
        {"absent", MH_STATE_ABSENT},   {"allowed", MH_STATE_ALLOWED},
        {"policy", MH_STATE_POLICY},   {"other", MH_STATE_NONE},
        {"Enabled", MH_STATE_NONE},    {"enable", MH_STATE_NONE},
        {"enabled ", MH_STATE_NONE},   {"", MH_STATE_NONE},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        KIT_INT(cases[i].name, mh_state_parse(cases[i].name), cases[i].state);
        if (cases[i].state != MH_STATE_NONE)
            KIT_TEXT(cases[i].name, mh_state_name(cases[i].state), cases[i].name);
    }
    assert_null(mh_state_name(MH_STATE_NONE));
    assert_string_equal(mh_state_name(MH_STATE_OTHER), "other");
}

static void test_state_of(void **state)
{
    static const struct {
        const char *name;
        bool present;
        uint32_t type;
        uint32_t size;
        uint8_t data[8];
        enum mh_state state;
    } cases[] = {
        {"absent", false, 0, 0, {0}, MH_STATE_ABSENT},
        {"0", true, MH_REG_DWORD, 4, {0}, MH_STATE_ENABLED},
        {"1", true, MH_REG_DWORD, 4, {1}, MH_STATE_DISABLED},
        {"2", true, MH_REG_DWORD, 4, {2}, MH_STATE_OTHER},
        {"256", true, MH_REG_DWORD, 4, {0, 1}, MH_STATE_OTHER},
        {"0x01000000", true, MH_REG_DWORD, 4, {0, 0, 0, 1}, MH_STATE_OTHER},
        {"0xFFFFFFFF", true, MH_REG_DWORD, 4, {255, 255, 255, 255}, MH_STATE_OTHER},
        {"no data", true, MH_REG_DWORD, 0, {0}, MH_STATE_OTHER},
        {"two bytes", true, MH_REG_DWORD, 2, {0}, MH_STATE_OTHER},
        {"eight bytes", true, MH_REG_DWORD, 8, {0}, MH_STATE_OTHER},
        {"REG_SZ 0", true, MH_REG_SZ, 4, {'0', 0, 0, 0}, MH_STATE_OTHER},
        {"REG_SZ of zeros", true, MH_REG_SZ, 4, {0}, MH_STATE_OTHER},
        {"REG_BINARY 0", true, MH_REG_BINARY, 4, {0}, MH_STATE_OTHER},
        {"REG_QWORD 0", true, MH_REG_QWORD, 8, {0}, MH_STATE_OTHER},
        {"big-endian 0", true, MH_REG_DWORD_BIG_ENDIAN, 4, {0}, MH_STATE_OTHER},
        {"REG_NONE", true, MH_REG_NONE, 0, {0}, MH_STATE_OTHER},
        {"an unknown type", true, 0x12345678, 4, {0}, MH_STATE_OTHER},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_value value = {0};
        if (cases[i].present)
            value = kit_bytes(cases[i].type, cases[i].data, cases[i].size);
        KIT_INT(cases[i].name, mh_state_of(&value), cases[i].state);
        mh_value_clear(&value);
    }
}

static const enum mh_state wanted_states[] = {MH_STATE_ENABLED, MH_STATE_DISABLED,
                                              MH_STATE_ABSENT, MH_STATE_ALLOWED};
static const enum mh_state observed_states[] = {MH_STATE_ENABLED, MH_STATE_DISABLED,
                                                MH_STATE_ABSENT, MH_STATE_OTHER};

static void test_satisfies(void **state)
{
    static const bool satisfied[4][4] = {
        /* observed: enabled, disabled, absent, other */
        {true, false, false, false}, /* enabled */
        {false, true, false, false}, /* disabled */
        {false, false, true, false}, /* absent */
        {true, false, true, false},  /* allowed */
    };
    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++)
            KIT_INT(mh_state_name(wanted_states[i]),
                    mh_state_satisfies(wanted_states[i], observed_states[j]), satisfied[i][j]);
}

static void test_target(void **state)
{
    static const struct {
        enum mh_state desired;
        bool present;
        uint32_t number;
    } cases[] = {
        {MH_STATE_ENABLED, true, 0},
        {MH_STATE_DISABLED, true, 1},
        {MH_STATE_ABSENT, false, 0},
        {MH_STATE_ALLOWED, true, 0},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        const char *name = mh_state_name(cases[i].desired);
        struct mh_value value;
        uint32_t number = 77;
        KIT_INT(name, mh_state_target(cases[i].desired, &value), 0);
        KIT_INT(name, value.present, cases[i].present);
        KIT_INT(name, mh_value_dword(&value, &number), cases[i].present);
        KIT_INT(name, number, cases[i].present ? cases[i].number : 77);
        KIT_TRUE(name, mh_state_satisfies(cases[i].desired, mh_state_of(&value)));
        mh_value_clear(&value);
    }
}

static void test_values(void **state)
{
    struct mh_value a = kit_bytes(MH_REG_SZ, "a\0\0\0", 4);
    struct mh_value empty = kit_bytes(MH_REG_SZ, NULL, 0);
    struct mh_value none = kit_bytes(MH_REG_NONE, NULL, 0);
    struct mh_value absent = {0};
    struct mh_value copy;
    (void)state;
    assert_int_equal(mh_value_copy(&a, &copy), 0);
    assert_true(mh_value_equal(&a, &copy));
    assert_ptr_not_equal(a.data, copy.data);
    copy.data[3] ^= 1;
    assert_false(mh_value_equal(&a, &copy));
    mh_value_clear(&copy);
    assert_false(copy.present);
    assert_null(copy.data);
    assert_true(mh_value_equal(&copy, &absent));
    assert_false(mh_value_equal(&empty, &absent));
    assert_false(mh_value_equal(&empty, &none));
    assert_false(mh_value_equal(&empty, &a));
    assert_int_equal(mh_value_copy(&absent, &copy), 0);
    assert_false(copy.present);
    assert_int_equal(mh_value_copy(&empty, &copy), 0);
    assert_true(copy.present && copy.size == 0 && !copy.data);
    mh_value_clear(&a);
    mh_value_clear(NULL);
}

static void test_texts(void **state)
{
    struct mh_texts texts = {0};
    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(mh_texts_addf(&texts, "%d", i), 0);
    assert_int_equal(mh_texts_add(&texts, "last"), 0);
    assert_int_equal(texts.count, 101);
    assert_string_equal(texts.items[42], "42");
    assert_string_equal(texts.items[100], "last");
    mh_texts_clear(&texts);
    assert_int_equal(texts.count, 0);
    assert_null(texts.items);
}

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void test_sort(void **state)
{
    static const struct {
        const char *name;
        size_t count;
        int items[5];
        int sorted[5];
    } cases[] = {
        {"nothing", 0, {2, 1}, {2, 1}},
        {"one", 1, {2, 1}, {2, 1}},
        {"in order, some alike", 5, {1, 2, 2, 3, 4}, {1, 2, 2, 3, 4}},
        {"the first wrong", 5, {9, 2, 3, 4, 5}, {2, 3, 4, 5, 9}},
        {"the last wrong", 5, {2, 3, 4, 5, 1}, {1, 2, 3, 4, 5}},
        {"the wrong way round", 5, {5, 4, 3, 2, 1}, {1, 2, 3, 4, 5}},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        int items[5];
        memcpy(items, cases[i].items, sizeof(items));
        mh_array_sort(items, cases[i].count, sizeof(items[0]), by_number);
        KIT_TRUE(cases[i].name, memcmp(items, cases[i].sorted, sizeof(items)) == 0);
    }
}

/* What the plan sees and does: a REG_DWORD of that number, or one of these. */
enum { ABSENT = -1, FAILED = -2, TEXT = -3, NOTHING = -4 };

static struct mh_value value_of(int what)
{
    if (what == ABSENT)
        return (struct mh_value){0};
    return what == TEXT ? kit_bytes(MH_REG_SZ, "0\0\0\0", 4) : kit_dword((uint32_t)what);
}

static void test_plan(void **state)
{
    static const struct {
        const char *name;
        enum mh_state desired;
        int restore; /* NOTHING: none */
        int observed;
        enum mh_action action;
        int value;
    } cases[] = {
        {"get", MH_STATE_NONE, NOTHING, 1, MH_KEEP, 0},
        {"get what fails", MH_STATE_NONE, NOTHING, FAILED, MH_KEEP, 0},
        {"enabled of 0", MH_STATE_ENABLED, NOTHING, 0, MH_KEEP, 0},
        {"enabled of 1", MH_STATE_ENABLED, NOTHING, 1, MH_SET, 0},
        {"enabled of 2", MH_STATE_ENABLED, NOTHING, 2, MH_SET, 0},
        {"enabled of absent", MH_STATE_ENABLED, NOTHING, ABSENT, MH_SET, 0},
        {"enabled of a text", MH_STATE_ENABLED, NOTHING, TEXT, MH_SET, 0},
        {"enabled of what fails", MH_STATE_ENABLED, NOTHING, FAILED, MH_KEEP, 0},
        {"disabled of 0", MH_STATE_DISABLED, NOTHING, 0, MH_SET, 1},
        {"disabled of 1", MH_STATE_DISABLED, NOTHING, 1, MH_KEEP, 0},
        {"disabled of absent", MH_STATE_DISABLED, NOTHING, ABSENT, MH_SET, 1},
        {"absent of 0", MH_STATE_ABSENT, NOTHING, 0, MH_REMOVE, 0},
        {"absent of a text", MH_STATE_ABSENT, NOTHING, TEXT, MH_REMOVE, 0},
        {"absent of absent", MH_STATE_ABSENT, NOTHING, ABSENT, MH_KEEP, 0},
        {"allowed of 0", MH_STATE_ALLOWED, NOTHING, 0, MH_KEEP, 0},
        {"allowed of absent", MH_STATE_ALLOWED, NOTHING, ABSENT, MH_KEEP, 0},
        {"allowed of 1", MH_STATE_ALLOWED, NOTHING, 1, MH_SET, 0},
        {"allowed of a text", MH_STATE_ALLOWED, NOTHING, TEXT, MH_SET, 0},
        {"restore 1 over 0", MH_STATE_NONE, 1, 0, MH_SET, 1},
        {"restore 1 over 1", MH_STATE_NONE, 1, 1, MH_KEEP, 0},
        {"restore 0 over a text", MH_STATE_NONE, 0, TEXT, MH_SET, 0},
        {"restore a text over a text", MH_STATE_NONE, TEXT, TEXT, MH_KEEP, 0},
        {"restore a text over 0", MH_STATE_NONE, TEXT, 0, MH_SET, TEXT},
        {"restore absent over 0", MH_STATE_NONE, ABSENT, 0, MH_REMOVE, 0},
        {"restore absent over absent", MH_STATE_NONE, ABSENT, ABSENT, MH_KEEP, 0},
        {"restore 1 over absent", MH_STATE_NONE, 1, ABSENT, MH_SET, 1},
        {"restore over what fails", MH_STATE_NONE, 1, FAILED, MH_KEEP, 0},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        const struct mh_profile profile = {.id = "x"};
        struct mh_restore restore = {.id = "x"};
        struct mh_selected selected = {.profile = &profile};
        struct mh_observation observation = {0};
        struct mh_error why = {.status = MH_CORRUPT};
        if (cases[i].restore != NOTHING) {
            restore.value = value_of(cases[i].restore);
            selected.restore = &restore;
        }
        if (cases[i].observed == FAILED)
            observation.error = &why;
        else
            observation.value = value_of(cases[i].observed);
        if (!observation.error)
            observation.state = mh_state_of(&observation.value);
        struct mh_desired desired = {.state = cases[i].desired};
        struct mh_selection selection = {.items = &selected, .count = 1};
        struct mh_step *steps = NULL;
        struct mh_error err = {0};
        KIT_INT(cases[i].name, mh_plan_make(&desired, &selection, &observation, &steps, &err),
                MH_OK);
        KIT_INT(cases[i].name, steps[0].action, cases[i].action);
        if (steps[0].action == MH_SET) {
            struct mh_value expected = value_of(cases[i].value);
            KIT_TRUE(cases[i].name, mh_value_equal(&steps[0].value, &expected));
            mh_value_clear(&expected);
        }
        KIT_TRUE(cases[i].name, steps[0].error == NULL);
        mh_steps_free(steps, 1);
        mh_value_clear(&observation.value);
        mh_value_clear(&restore.value);
    }
    mh_steps_free(NULL, 3);
    mh_observations_free(NULL, 3);
}

/* The items with "|" between them. */
static char *joined(const struct mh_texts *texts)
{
    char *all = mh_text_copy("");
    for (size_t i = 0; i < texts->count; i++) {
        char *longer = mh_text_format("%s%s%s", all, i > 0 ? "|" : "", texts->items[i]);
        free(all);
        all = longer;
    }
    return all;
}

static void test_desired(void **state)
{
    static const struct {
        const char *name;
        enum mh_verb verb;
        enum mh_state asked;
        const char *user;    /* the one given; NULL: none */
        const char *exclude; /* likewise */
        bool restore;
        enum mh_state policy;
        bool policy_default;
        const char *policy_exclude;
        bool needs_policy;
        enum mh_state state;
        bool nothing;
        const char *users;
        const char *excluded;
    } cases[] = {
        {"get", MH_VERB_GET, MH_STATE_NONE, NULL, NULL, false, 0, false, NULL, false,
         MH_STATE_NONE, false, "all", ""},
        {"get ignores the state", MH_VERB_GET, MH_STATE_ENABLED, NULL, NULL, false, 0, false, NULL,
         false, MH_STATE_NONE, false, "all", ""},
        {"get reads no policy", MH_VERB_GET, MH_STATE_POLICY, NULL, NULL, false, 0, false, NULL,
         false, MH_STATE_NONE, false, "all", ""},
        {"check", MH_VERB_CHECK, MH_STATE_ENABLED, NULL, NULL, false, 0, false, NULL, false,
         MH_STATE_ENABLED, false, "all", ""},
        {"apply with users", MH_VERB_APPLY, MH_STATE_ABSENT, "bob", "ann", false, 0, false, NULL,
         false, MH_STATE_ABSENT, false, "bob", "ann"},
        {"policy", MH_VERB_APPLY, MH_STATE_POLICY, NULL, NULL, false, MH_STATE_ALLOWED, false,
         NULL, true, MH_STATE_ALLOWED, false, "all", ""},
        {"policy in a check", MH_VERB_CHECK, MH_STATE_POLICY, NULL, NULL, false,
         MH_STATE_DISABLED, false, NULL, true, MH_STATE_DISABLED, false, "all", ""},
        {"policy adds the default profile", MH_VERB_APPLY, MH_STATE_POLICY, NULL, NULL, false,
         MH_STATE_ENABLED, true, NULL, true, MH_STATE_ENABLED, false, "all|default", ""},
        {"policy adds to what is given", MH_VERB_APPLY, MH_STATE_POLICY, "bob", "ann", false,
         MH_STATE_ENABLED, true, "carol", true, MH_STATE_ENABLED, false, "bob|default",
         "ann|carol"},
        {"no policy", MH_VERB_APPLY, MH_STATE_POLICY, NULL, NULL, false, MH_STATE_NONE, false,
         NULL, true, MH_STATE_NONE, true, "all", ""},
        {"restore", MH_VERB_APPLY, MH_STATE_NONE, NULL, NULL, true, 0, false, NULL, false,
         MH_STATE_NONE, false, "all", ""},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        const char *name = cases[i].name;
        struct mh_request request = {.state = cases[i].asked, .has_restore = cases[i].restore};
        struct mh_policy policy = {.state = cases[i].policy,
                                   .default_profile = cases[i].policy_default};
        struct mh_desired desired = {0};
        if (cases[i].restore) {
            request.restore = calloc(1, sizeof(*request.restore));
            assert_non_null(request.restore);
            request.restore->id = mh_text_copy("x");
            request.restore_count = 1;
        }
        if (cases[i].user)
            assert_int_equal(mh_texts_add(&request.users, cases[i].user), 0);
        if (cases[i].exclude)
            assert_int_equal(mh_texts_add(&request.exclude, cases[i].exclude), 0);
        if (cases[i].policy_exclude)
            assert_int_equal(mh_texts_add(&policy.exclude, cases[i].policy_exclude), 0);
        KIT_INT(name, mh_desired_needs_policy(cases[i].verb, &request), cases[i].needs_policy);
        KIT_INT(name, mh_desired_make(cases[i].verb, &request, &policy, &desired, NULL), MH_OK);
        KIT_INT(name, desired.state, cases[i].state);
        KIT_INT(name, desired.nothing, cases[i].nothing);
        KIT_TRUE(name, desired.restore == request.restore);
        KIT_INT(name, desired.restore_count, request.restore_count);
        char *users = joined(&desired.users);
        char *excluded = joined(&desired.exclude);
        KIT_TEXT(name, users, cases[i].users);
        KIT_TEXT(name, excluded, cases[i].excluded);
        free(users);
        free(excluded);
        mh_desired_clear(&desired);
        mh_policy_clear(&policy);
        mh_request_clear(&request);
    }
}

/* What became of each profile, one letter each:
 * . kept   c set   r removed   f observing failed   s likewise, skipped   S likewise, but named
 * x setting failed   X set, and something failed after that   b somebody else set it meanwhile */
static void fill_result(struct mh_result *result, const char *fates)
{
    size_t count = strlen(fates);
    struct mh_error why = {.status = MH_IO};
    result->selection.items = calloc(count + 1, sizeof(*result->selection.items));
    result->observations = calloc(count + 1, sizeof(*result->observations));
    result->steps = calloc(count + 1, sizeof(*result->steps));
    result->selection.count = count;
    for (size_t i = 0; i < count; i++) {
        struct mh_profile profile = {.id = mh_text_format("%u", (unsigned)i),
                                     .skipped = fates[i] == 's' || fates[i] == 'S'};
        assert_int_equal(mh_profiles_take(&result->profiles, &profile), 0);
    }
    for (size_t i = 0; i < count; i++) {
        result->selection.items[i].profile = &result->profiles.items[i];
        result->selection.items[i].named = fates[i] == 'S';
        if (strchr("fsS", fates[i]))
            result->observations[i].error = mh_error_copy(&why);
        if (strchr("cxXb", fates[i]))
            result->steps[i] = (struct mh_step){.action = MH_SET, .value = kit_dword(1)};
        if (fates[i] == 'r')
            result->steps[i].action = MH_REMOVE;
        result->steps[i].done = strchr("crX", fates[i]) && !result->check;
        if (strchr("xX", fates[i]))
            result->steps[i].error = mh_error_copy(&why);
    }
}

static void test_settling(void **state)
{
    static const struct {
        const char *fates;
        enum mh_verb verb;
        bool check;
        bool changed;
        bool failed;
        const char *msg;
        int code;
    } cases[] = {
        {"", MH_VERB_GET, false, false, false, "no profile to look at", 0},
        {".", MH_VERB_GET, false, false, false, "1 of 1 profile observed", 0},
        {"..", MH_VERB_GET, false, false, false, "2 of 2 profiles observed", 0},
        {".sf", MH_VERB_GET, false, false, true, "1 of 3 profiles observed, 1 skipped, 1 failed",
         2},
        {"", MH_VERB_APPLY, false, false, false, "no profile to look at", 0},
        {"..", MH_VERB_APPLY, false, false, false, "2 of 2 profiles compliant", 0},
        {"c.c", MH_VERB_APPLY, false, true, false, "2 of 3 profiles changed", 0},
        {"r", MH_VERB_APPLY, false, true, false, "1 of 1 profile changed", 0},
        {"cx.", MH_VERB_APPLY, false, true, true, "1 of 3 profiles changed, 1 failed", 2},
        {"x", MH_VERB_APPLY, false, false, true, "0 of 1 profile compliant, 1 failed", 2},
        {"X", MH_VERB_APPLY, false, true, true, "0 of 1 profile compliant, 1 failed", 2},
        {"b.", MH_VERB_APPLY, false, false, false, "2 of 2 profiles compliant", 0},
        {"s.", MH_VERB_APPLY, false, false, false, "1 of 2 profiles compliant, 1 skipped", 0},
        {"S.", MH_VERB_APPLY, false, false, true, "1 of 2 profiles compliant, 1 failed", 2},
        {"..", MH_VERB_CHECK, true, false, false, "2 of 2 profiles compliant", 0},
        {"c.", MH_VERB_CHECK, true, true, false, "1 of 2 profiles would change", 1},
        {"cf", MH_VERB_CHECK, true, true, true, "1 of 2 profiles would change, 1 failed", 2},
        {"c.", MH_VERB_APPLY, true, true, false, "1 of 2 profiles would change", 1},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_result result = {.verb = cases[i].verb, .check = cases[i].check};
        fill_result(&result, cases[i].fates);
        KIT_INT(cases[i].msg, mh_result_reserve(&result, NULL), MH_OK);
        mh_result_settle(&result);
        KIT_TEXT(cases[i].msg, result.msg, cases[i].msg);
        KIT_INT(cases[i].msg, result.changed, cases[i].changed);
        KIT_INT(cases[i].msg, result.failed, cases[i].failed);
        KIT_INT(cases[i].msg, mh_result_exit_code(&result), cases[i].code);
        size_t sum = 0;
        for (int outcome = 0; outcome < MH_OUTCOME_COUNT; outcome++)
            sum += result.counts[outcome];
        KIT_INT(cases[i].msg, sum, strlen(cases[i].fates));
        KIT_TRUE(cases[i].msg,
                 cases[i].verb != MH_VERB_GET || result.counts[MH_OUTCOME_COMPLIANT] == 0);
        mh_result_clear(&result);
    }
}

static void test_outcomes(void **state)
{
    static const enum mh_outcome expected[] = {
        MH_OUTCOME_COMPLIANT, MH_OUTCOME_CHANGED, MH_OUTCOME_CHANGED, MH_OUTCOME_FAILED,
        MH_OUTCOME_SKIPPED,   MH_OUTCOME_FAILED,  MH_OUTCOME_FAILED,
    };
    static const char *const names[] = {"compliant", "observed", "changed", "skipped", "failed"};
    struct mh_result result = {.verb = MH_VERB_APPLY};
    (void)state;
    fill_result(&result, ".crfsSx");
    assert_int_equal(mh_result_reserve(&result, NULL), MH_OK);
    mh_result_settle(&result);
    for (size_t i = 0; i < KIT_COUNT(expected); i++)
        assert_int_equal(result.outcomes[i], expected[i]);
    mh_result_clear(&result);
    for (int i = 0; i < MH_OUTCOME_COUNT; i++)
        assert_string_equal(mh_outcome_name((enum mh_outcome)i), names[i]);
}

static void test_refused(void **state)
{
    struct mh_result result = {.verb = MH_VERB_CHECK, .check = true};
    (void)state;
    mh_error_field(&result.error, "state", "state is missing");
    mh_result_settle(&result);
    assert_true(result.failed);
    assert_false(result.changed);
    assert_string_equal(result.msg, "state is missing");
    assert_int_equal(mh_result_exit_code(&result), 2);
    mh_result_clear(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status_kinds), cmocka_unit_test(test_state_names),
        cmocka_unit_test(test_state_of),     cmocka_unit_test(test_satisfies),
        cmocka_unit_test(test_target),       cmocka_unit_test(test_values),
        cmocka_unit_test(test_texts),        cmocka_unit_test(test_plan),
        cmocka_unit_test(test_sort),
        cmocka_unit_test(test_desired),      cmocka_unit_test(test_settling),
        cmocka_unit_test(test_outcomes),     cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
