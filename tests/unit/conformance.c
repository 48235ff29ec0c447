/* SPDX-License-Identifier: MIT */
#include "conformance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "os/threads.h"
#include "registry/open.h"

/* One test at work. */
struct stage {
    const struct conformance_kind *kind;
    void *world;
    struct mh_registry *registry;
    struct mh_profiles profiles;
    struct mh_texts warnings;
};

static void open_stage(struct stage *stage, bool readonly)
{
    struct mh_error err = {0};
    int status = stage->kind->open(stage->world, &stage->registry, &err);
    if (status == MH_OK && readonly)
        status = mh_readonly_open(stage->registry, &stage->registry, &err);
    KIT_TEXT(stage->kind->name, err.message, "");
    KIT_INT(stage->kind->name, status, MH_OK);
    KIT_TRUE(stage->kind->name, stage->registry != NULL);
    status = mh_registry_list(stage->registry, &stage->profiles, &stage->warnings, &err);
    KIT_TEXT(stage->kind->name, err.message, "");
    KIT_INT(stage->kind->name, status, MH_OK);
}

static void close_stage(struct stage *stage)
{
    mh_profiles_clear(&stage->profiles);
    mh_texts_clear(&stage->warnings);
    mh_registry_free(stage->registry);
    stage->registry = NULL;
}

static void reopen(struct stage *stage)
{
    close_stage(stage);
    open_stage(stage, false);
}

static int set_up(void **state, bool readonly)
{
    struct stage *stage = calloc(1, sizeof(*stage));
    if (!stage)
        return -1;
    stage->kind = *state;
    stage->world = stage->kind->make();
    open_stage(stage, readonly);
    *state = stage;
    return 0;
}

static int set_up_writable(void **state)
{
    return set_up(state, false);
}

static int set_up_readonly(void **state)
{
    return set_up(state, true);
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    close_stage(stage);
    stage->kind->unmake(stage->world);
    free(stage);
    return 0;
}

static const struct mh_profile *profile_of(const struct stage *stage, enum world_profile which)
{
    for (size_t i = 0; i < stage->profiles.count; i++)
        if (strcmp(mh_profile_folder(&stage->profiles.items[i]), world_label(which)) == 0)
            return &stage->profiles.items[i];
    fail_msg("%s: no profile '%s' is listed", stage->kind->name, world_label(which));
    return NULL;
}

static struct mh_hive *open_hive(const struct stage *stage, enum world_profile which,
                                 enum mh_access access)
{
    struct mh_hive *hive = NULL;
    struct mh_error err = {0};
    int status = mh_hive_open(stage->registry, profile_of(stage, which), access, &hive, &err);
    KIT_TEXT(world_label(which), err.message, "");
    KIT_INT(world_label(which), status, MH_OK);
    KIT_TRUE(world_label(which), hive != NULL);
    return hive;
}

static void check_read(struct mh_hive *hive, enum world_profile which, const struct mh_value *value)
{
    struct mh_value read = {0};
    struct mh_error err = {0};
    int status = mh_hive_read(hive, &read, &err);
    KIT_TEXT(world_label(which), err.message, "");
    KIT_INT(world_label(which), status, MH_OK);
    KIT_TRUE(world_label(which), mh_value_equal(&read, value));
    mh_value_clear(&read);
}

/* Through a registry that is opened anew. */
static void check_lasts(struct stage *stage, enum world_profile which, const struct mh_value *value)
{
    reopen(stage);
    struct mh_hive *hive = open_hive(stage, which, MH_READ);
    check_read(hive, which, value);
    mh_hive_close(hive);
}

static bool opens(enum world_profile which)
{
    return which != WORLD_BROKEN;
}

/* What the others hold is as it was. */
static void check_others(struct stage *stage, enum world_profile but)
{
    for (int i = 0; i < WORLD_PROFILES; i++) {
        enum world_profile which = (enum world_profile)i;
        struct mh_value value = world_value(which);
        if (which != but && opens(which)) {
            struct mh_hive *hive = open_hive(stage, which, MH_READ);
            check_read(hive, which, &value);
            mh_hive_close(hive);
        }
        mh_value_clear(&value);
    }
}

static void test_list(void **state)
{
    struct stage *stage = *state;
    const struct mh_profiles *profiles = &stage->profiles;
    assert_true(profiles->count >= WORLD_PROFILES);
    for (size_t i = 0; i < profiles->count; i++) {
        assert_non_null(profiles->items[i].id);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(profiles->items[i].id, profiles->items[j].id);
    }
}

static void test_list_appends(void **state)
{
    struct stage *stage = *state;
    size_t once = stage->profiles.count;
    assert_int_equal(mh_registry_list(stage->registry, &stage->profiles, &stage->warnings, NULL),
                     MH_OK);
    assert_int_equal(stage->profiles.count, 2 * once);
}

/* What is in a hive no list can know. */
static void test_list_opens_nothing(void **state)
{
    struct stage *stage = *state;
    assert_null(profile_of(stage, WORLD_BROKEN)->problem);
    assert_false(profile_of(stage, WORLD_BROKEN)->skipped);
}

static void test_read(void **state)
{
    check_others(*state, WORLD_PROFILES);
}

static void test_read_twice(void **state)
{
    struct stage *stage = *state;
    struct mh_value value = world_value(WORLD_BIG);
    struct mh_hive *hive = open_hive(stage, WORLD_BIG, MH_READ);
    check_read(hive, WORLD_BIG, &value);
    check_read(hive, WORLD_BIG, &value);
    mh_hive_close(hive);
    mh_value_clear(&value);
}

static void test_reading_leaves_no_trace(void **state)
{
    struct stage *stage = *state;
    uint64_t before = stage->kind->print(stage->world);
    struct mh_policy policy = {0};
    check_others(stage, WORLD_PROFILES);
    if (mh_registry_policy(stage->registry, &policy, NULL) == MH_OK)
        mh_policy_clear(&policy);
    reopen(stage);
    assert_true(stage->kind->print(stage->world) == before);
}

/* So does opening for writing, as long as nothing is committed. */
static void test_close_forgets(void **state)
{
    struct stage *stage = *state;
    uint64_t before = stage->kind->print(stage->world);
    struct mh_value value = kit_fill(MH_REG_BINARY, 100, 1);
    for (int i = 0; i < WORLD_PROFILES; i++) {
        enum world_profile which = (enum world_profile)i;
        if (!opens(which))
            continue;
        struct mh_hive *hive = open_hive(stage, which, MH_WRITE);
        KIT_INT(world_label(which), mh_hive_write(hive, &value, NULL), MH_OK);
        mh_hive_close(hive);
        hive = open_hive(stage, which, MH_WRITE);
        KIT_INT(world_label(which), mh_hive_remove(hive, NULL), MH_OK);
        mh_hive_close(hive);
    }
    assert_true(stage->kind->print(stage->world) == before);
    check_others(stage, WORLD_PROFILES);
    mh_value_clear(&value);
}

/* Writes `value` to each profile in turn and looks at it before and after the commit. */
static void write_everywhere(struct stage *stage, const struct mh_value *value)
{
    for (int i = 0; i < WORLD_PROFILES; i++) {
        enum world_profile which = (enum world_profile)i;
        struct mh_error err = {0};
        if (!opens(which))
            continue;
        struct mh_hive *hive = open_hive(stage, which, MH_WRITE);
        int status = mh_hive_write(hive, value, &err);
        KIT_TEXT(world_label(which), err.message, "");
        KIT_INT(world_label(which), status, MH_OK);
        check_read(hive, which, value);
        status = mh_hive_commit(hive, &err);
        KIT_TEXT(world_label(which), err.message, "");
        KIT_INT(world_label(which), status, MH_OK);
        mh_hive_close(hive);
        check_lasts(stage, which, value);
    }
}

static void test_write_a_number(void **state)
{
    struct mh_value value = kit_dword(0);
    write_everywhere(*state, &value);
    mh_value_clear(&value);
}

static void test_write_a_text(void **state)
{
    struct mh_value value = kit_bytes(MH_REG_SZ, "x\0\0\0", 4);
    write_everywhere(*state, &value);
    mh_value_clear(&value);
}

static void test_write_nothing_at_all(void **state)
{
    struct mh_value value = kit_bytes(MH_REG_NONE, NULL, 0);
    write_everywhere(*state, &value);
    mh_value_clear(&value);
}

static void test_write_much(void **state)
{
    struct mh_value value = kit_fill(0x12345678, MH_VALUE_MAX, 3);
    write_everywhere(*state, &value);
    mh_value_clear(&value);
}

static void test_write_touches_one(void **state)
{
    struct stage *stage = *state;
    struct mh_value value = kit_fill(MH_REG_BINARY, 5000, 1);
    struct mh_hive *hive = open_hive(stage, WORLD_KEYED, MH_WRITE);
    assert_int_equal(mh_hive_write(hive, &value, NULL), MH_OK);
    assert_int_equal(mh_hive_commit(hive, NULL), MH_OK);
    mh_hive_close(hive);
    reopen(stage);
    check_others(stage, WORLD_KEYED);
    mh_value_clear(&value);
}

static void test_remove(void **state)
{
    struct stage *stage = *state;
    const struct mh_value absent = {0};
    for (int i = 0; i < WORLD_PROFILES; i++) {
        enum world_profile which = (enum world_profile)i;
        if (!opens(which))
            continue;
        struct mh_hive *hive = open_hive(stage, which, MH_WRITE);
        KIT_INT(world_label(which), mh_hive_remove(hive, NULL), MH_OK);
        check_read(hive, which, &absent);
        KIT_INT(world_label(which), mh_hive_remove(hive, NULL), MH_OK);
        KIT_INT(world_label(which), mh_hive_commit(hive, NULL), MH_OK);
        mh_hive_close(hive);
        check_lasts(stage, which, &absent);
    }
}

static void test_the_last_word_counts(void **state)
{
    struct stage *stage = *state;
    struct mh_value first = kit_fill(MH_REG_BINARY, 30000, 1);
    struct mh_value second = kit_dword(7);
    struct mh_hive *hive = open_hive(stage, WORLD_BARE, MH_WRITE);
    assert_int_equal(mh_hive_write(hive, &first, NULL), MH_OK);
    assert_int_equal(mh_hive_remove(hive, NULL), MH_OK);
    assert_int_equal(mh_hive_write(hive, &second, NULL), MH_OK);
    check_read(hive, WORLD_BARE, &second);
    assert_int_equal(mh_hive_commit(hive, NULL), MH_OK);
    mh_hive_close(hive);
    check_lasts(stage, WORLD_BARE, &second);
    mh_value_clear(&first);
    mh_value_clear(&second);
}

/* Nothing was changed: nothing is written, not even the time. */
static void test_commit_of_no_change(void **state)
{
    struct stage *stage = *state;
    uint64_t before = stage->kind->print(stage->world);
    for (int i = 0; i < WORLD_PROFILES; i++) {
        enum world_profile which = (enum world_profile)i;
        struct mh_value value = world_value(which);
        if (opens(which)) {
            struct mh_hive *hive = open_hive(stage, which, MH_WRITE);
            KIT_INT(world_label(which), mh_hive_commit(hive, NULL), MH_OK);
            int status = value.present ? mh_hive_write(hive, &value, NULL)
                                       : mh_hive_remove(hive, NULL);
            KIT_INT(world_label(which), status, MH_OK);
            KIT_INT(world_label(which), mh_hive_commit(hive, NULL), MH_OK);
            mh_hive_close(hive);
        }
        mh_value_clear(&value);
    }
    assert_true(stage->kind->print(stage->world) == before);
}

static void test_recovered(void **state)
{
    struct stage *stage = *state;
    struct mh_value value = kit_dword(0);
    for (int i = 0; i < WORLD_PROFILES; i++) {
        enum world_profile which = (enum world_profile)i;
        if (!opens(which))
            continue;
        struct mh_hive *hive = open_hive(stage, which, MH_READ);
        KIT_INT(world_label(which), hive->recovered, which == WORLD_DIRTY && stage->kind->recovers);
        mh_hive_close(hive);
    }
    struct mh_hive *hive = open_hive(stage, WORLD_DIRTY, MH_WRITE);
    assert_int_equal(mh_hive_write(hive, &value, NULL), MH_OK);
    assert_int_equal(mh_hive_commit(hive, NULL), MH_OK);
    mh_hive_close(hive);
    hive = open_hive(stage, WORLD_DIRTY, MH_READ);
    assert_false(hive->recovered);
    mh_hive_close(hive);
    mh_value_clear(&value);
}

static void check_open_fails(const struct stage *stage, const struct mh_profile *profile,
                             enum mh_access access, int expected)
{
    struct mh_hive untouched;
    struct mh_hive *hive = &untouched;
    struct mh_error err = {0};
    assert_int_equal(mh_hive_open(stage->registry, profile, access, &hive, &err), expected);
    assert_ptr_equal(hive, &untouched);
    assert_int_equal(err.status, expected);
    assert_string_not_equal(err.message, "");
    assert_int_equal(mh_hive_open(stage->registry, profile, access, &hive, NULL), expected);
}

static void test_open_fails(void **state)
{
    struct stage *stage = *state;
    uint64_t before = stage->kind->print(stage->world);
    check_open_fails(stage, profile_of(stage, WORLD_BROKEN), MH_READ, MH_CORRUPT);
    check_open_fails(stage, profile_of(stage, WORLD_BROKEN), MH_WRITE, MH_CORRUPT);
    struct mh_profile gone = {.id = "x", .ref = "gone/NTUSER.DAT"};
    check_open_fails(stage, &gone, MH_READ, MH_NOT_FOUND);
    check_open_fails(stage, &gone, MH_WRITE, MH_NOT_FOUND);
    assert_true(stage->kind->print(stage->world) == before);
}

static void check_policy(const struct stage *stage)
{
    struct mh_policy policy = {.state = MH_STATE_OTHER};
    struct mh_error err = {0};
    int status = mh_registry_policy(stage->registry, &policy, &err);
    assert_int_equal(err.status, status);
    if (!stage->kind->has_policy) {
        assert_int_equal(status, MH_UNSUPPORTED);
        assert_int_equal(policy.state, MH_STATE_OTHER);
        return;
    }
    assert_int_equal(status, MH_OK);
    assert_int_equal(policy.state, MH_STATE_ALLOWED);
    assert_true(policy.default_profile);
    assert_int_equal(policy.exclude.count, 1);
    assert_string_equal(policy.exclude.items[0], "zero");
    mh_policy_clear(&policy);
}

static void test_policy(void **state)
{
    check_policy(*state);
}

static void test_nothing_to_close(void **state)
{
    struct stage *stage = *state;
    stage->registry->ops->close(NULL);
    stage->registry->ops->free(NULL);
    mh_hive_close(NULL);
    mh_registry_free(NULL);
    assert_non_null(stage->registry->ops->name);
}

enum { TOGETHER = 20 * WORLD_PROFILES };

/* Asserting is for the test's own thread: the others leave word. */
struct together {
    struct stage *stage;
    int status[TOGETHER];
    bool right[TOGETHER];
};

static const struct mh_profile *find(const struct stage *stage, enum world_profile which)
{
    for (size_t i = 0; i < stage->profiles.count; i++)
        if (strcmp(mh_profile_folder(&stage->profiles.items[i]), world_label(which)) == 0)
            return &stage->profiles.items[i];
    return NULL;
}

static int write_alone(struct stage *stage, enum world_profile which, bool *ret_right)
{
    struct mh_hive *hive = NULL;
    struct mh_value value = {0};
    struct mh_value read = {0};
    const struct mh_profile *profile = find(stage, which);
    int status = mh_hive_open(stage->registry, profile, MH_WRITE, &hive, NULL);
    if (status != MH_OK)
        return status;
    if (mh_value_make_dword(100 + (uint32_t)which, &value) == 0)
        status = mh_hive_write(hive, &value, NULL);
    if (status == MH_OK)
        status = mh_hive_commit(hive, NULL);
    mh_hive_close(hive);
    if (status == MH_OK)
        status = mh_hive_open(stage->registry, profile, MH_READ, &hive, NULL);
    if (status == MH_OK) {
        status = mh_hive_read(hive, &read, NULL);
        *ret_right = mh_value_equal(&read, &value);
        mh_hive_close(hive);
    }
    mh_value_clear(&read);
    mh_value_clear(&value);
    return status;
}

static void work_alone(void *context, size_t i)
{
    struct together *together = context;
    together->status[i] =
        write_alone(together->stage, (enum world_profile)i, &together->right[i]);
}

static void test_several_at_once(void **state)
{
    struct stage *stage = *state;
    struct together together = {.stage = stage};
    for (int round = 0; round < 5; round++) {
        if (stage->registry->concurrent)
            mh_parallel(WORLD_PROFILES, work_alone, &together, NULL, NULL);
        else
            for (size_t i = 0; i < WORLD_PROFILES; i++)
                work_alone(&together, i);
        for (int i = 0; i < WORLD_PROFILES; i++) {
            enum world_profile which = (enum world_profile)i;
            KIT_INT(world_label(which), together.status[i], opens(which) ? MH_OK : MH_CORRUPT);
            KIT_INT(world_label(which), together.right[i], opens(which));
        }
    }
}

static void test_readonly_lists(void **state)
{
    struct stage *stage = *state;
    struct stage plain = {.kind = stage->kind, .world = stage->world};
    open_stage(&plain, false);
    assert_int_equal(plain.profiles.count, stage->profiles.count);
    for (size_t i = 0; i < plain.profiles.count; i++)
        assert_string_equal(plain.profiles.items[i].id, stage->profiles.items[i].id);
    assert_int_equal(plain.registry->concurrent || plain.registry->concurrent_looks, stage->registry->concurrent);
    close_stage(&plain);
}

static int read_alone(struct stage *stage, enum world_profile which, bool *ret_right)
{
    struct mh_hive *hive = NULL;
    struct mh_value read = {0};
    struct mh_value wanted = world_value(which);
    bool managed;
    const struct mh_profile *profile = find(stage, which);
    int status = mh_hive_open(stage->registry, profile, MH_READ, &hive, NULL);
    if (status == MH_OK)
        status = mh_hive_read(hive, &read, NULL);
    if (status == MH_OK)
        status = mh_registry_managed(stage->registry, profile, &managed, NULL);
    *ret_right = status == MH_OK && mh_value_equal(&read, &wanted);
    mh_hive_close(hive);
    mh_value_clear(&read);
    mh_value_clear(&wanted);
    return status;
}

/* Each profile is looked at by several threads in turn. */
static void look_alone(void *context, size_t i)
{
    struct together *together = context;
    together->status[i] =
        read_alone(together->stage, (enum world_profile)(i % WORLD_PROFILES), &together->right[i]);
}

static void test_readonly_several_at_once(void **state)
{
    struct stage *stage = *state;
    struct together together = {.stage = stage};
    assert_true(stage->registry->concurrent);
    mh_parallel(TOGETHER, look_alone, &together, NULL, NULL);
    for (size_t i = 0; i < TOGETHER; i++) {
        enum world_profile which = (enum world_profile)(i % WORLD_PROFILES);
        KIT_INT(world_label(which), together.status[i], opens(which) ? MH_OK : MH_CORRUPT);
        KIT_INT(world_label(which), together.right[i], opens(which));
    }
}

static void test_readonly_recovered(void **state)
{
    struct stage *stage = *state;
    struct mh_hive *hive = open_hive(stage, WORLD_DIRTY, MH_READ);
    assert_int_equal(hive->recovered, stage->kind->recovers);
    mh_hive_close(hive);
    hive = open_hive(stage, WORLD_ONE, MH_READ);
    assert_false(hive->recovered);
    mh_hive_close(hive);
}

static void test_readonly_refuses(void **state)
{
    struct stage *stage = *state;
    struct mh_value value = kit_dword(55);
    uint64_t before = stage->kind->print(stage->world);
    for (int i = 0; i < WORLD_PROFILES; i++) {
        enum world_profile which = (enum world_profile)i;
        struct mh_value held = world_value(which);
        if (!opens(which))
            continue;
        for (int access = MH_READ; access <= MH_WRITE; access++) {
            struct mh_error err = {0};
            struct mh_hive *hive = open_hive(stage, which, (enum mh_access)access);
            KIT_INT(world_label(which), mh_hive_write(hive, &value, &err), MH_INTERNAL);
            KIT_INT(world_label(which), err.status, MH_INTERNAL);
            KIT_INT(world_label(which), mh_hive_remove(hive, NULL), MH_INTERNAL);
            KIT_INT(world_label(which), mh_hive_commit(hive, NULL), MH_INTERNAL);
            check_read(hive, which, &held);
            mh_hive_close(hive);
        }
        mh_value_clear(&held);
    }
    assert_true(stage->kind->print(stage->world) == before);
    mh_value_clear(&value);
}

#define TEST(function) {#function, function}

static const struct {
    const char *name;
    CMUnitTestFunction function;
} writable_tests[] = {
    TEST(test_list),
    TEST(test_list_appends),
    TEST(test_list_opens_nothing),
    TEST(test_read),
    TEST(test_read_twice),
    TEST(test_reading_leaves_no_trace),
    TEST(test_close_forgets),
    TEST(test_write_a_number),
    TEST(test_write_a_text),
    TEST(test_write_nothing_at_all),
    TEST(test_write_much),
    TEST(test_write_touches_one),
    TEST(test_remove),
    TEST(test_the_last_word_counts),
    TEST(test_commit_of_no_change),
    TEST(test_recovered),
    TEST(test_open_fails),
    TEST(test_policy),
    TEST(test_nothing_to_close),
    TEST(test_several_at_once),
}, readonly_tests[] = {
    TEST(test_list),
    TEST(test_list_opens_nothing),
    TEST(test_read),
    TEST(test_read_twice),
    TEST(test_open_fails),
    TEST(test_policy),
    TEST(test_nothing_to_close),
    TEST(test_readonly_lists),
    TEST(test_readonly_several_at_once),
    TEST(test_readonly_recovered),
    TEST(test_readonly_refuses),
};

static void add(const struct conformance_kind *kind, const char *view, const char *name,
                CMUnitTestFunction function, CMFixtureFunction before, struct CMUnitTest *test)
{
    *test = (struct CMUnitTest){
        .name = mh_text_format("%s%s: %s", kind->name, view, name),
        .test_func = function,
        .setup_func = before,
        .teardown_func = tear_down,
        .initial_state = (void *)kind,
    };
}

void conformance_add(const struct conformance_kind *kind, struct CMUnitTest *tests, size_t *count)
{
    for (size_t i = 0; i < KIT_COUNT(writable_tests); i++)
        add(kind, "", writable_tests[i].name, writable_tests[i].function, set_up_writable,
            &tests[(*count)++]);
    for (size_t i = 0; i < KIT_COUNT(readonly_tests); i++)
        add(kind, ", read only", readonly_tests[i].name, readonly_tests[i].function,
            set_up_readonly, &tests[(*count)++]);
}

void conformance_free(struct CMUnitTest *tests, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((char *)tests[i].name);
}
