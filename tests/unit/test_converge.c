/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "converge.h"
#include "core/plan.h"
#include "core/text.h"
#include "kit.h"
#include "memory_registry.h"
#include "os/threads.h"

enum { COUNT = 200 };

/* Many profiles in memory, all chosen; every third holds 1. */
struct stage {
    struct memory_world world;
    struct mh_registry *registry;
    struct mh_profiles profiles;
    struct mh_selection selection;
    struct mh_observation *observations;
    struct mh_step *steps;
    char labels[COUNT][8];
};

static struct stage *make(bool sequential)
{
    struct stage *stage = calloc(1, sizeof(*stage));
    struct mh_texts warnings = {0};
    assert_non_null(stage);
    stage->world = (struct memory_world){.count = COUNT, .sequential = sequential};
    stage->world.profiles = calloc(COUNT, sizeof(*stage->world.profiles));
    assert_non_null(stage->world.profiles);
    for (uint32_t i = 0; i < COUNT; i++) {
        snprintf(stage->labels[i], sizeof(stage->labels[i]), "p%u", i);
        stage->world.profiles[i] = (struct memory_profile){
            .label = stage->labels[i], .value = kit_dword(i % 3 == 0), .recovered = i == 7};
    }
    assert_int_equal(memory_registry_open(&stage->world, &stage->registry, NULL), MH_OK);
    assert_int_equal(mh_registry_list(stage->registry, &stage->profiles, &warnings, NULL), MH_OK);
    stage->selection.items = calloc(COUNT, sizeof(*stage->selection.items));
    assert_non_null(stage->selection.items);
    stage->selection.count = COUNT;
    for (size_t i = 0; i < COUNT; i++)
        stage->selection.items[i].profile = &stage->profiles.items[i];
    return stage;
}

static void unmake(struct stage *stage)
{
    mh_observations_free(stage->observations, COUNT);
    mh_steps_free(stage->steps, COUNT);
    free(stage->selection.items);
    mh_profiles_clear(&stage->profiles);
    mh_registry_free(stage->registry);
    memory_world_clear(&stage->world);
    free(stage);
}

static void observe(struct stage *stage, const struct mh_audience *audience)
{
    assert_int_equal(mh_observe(stage->registry, &stage->selection, audience, &stage->observations,
                                NULL),
                     MH_OK);
}

static void plan(struct stage *stage, enum mh_state state)
{
    const struct mh_desired desired = {.state = state};
    assert_int_equal(
        mh_plan_make(&desired, &stage->selection, stage->observations, &stage->steps, NULL), MH_OK);
}

static void apply(struct stage *stage, const struct mh_audience *audience)
{
    assert_int_equal(mh_apply(stage->registry, &stage->selection, stage->observations, audience,
                              stage->steps, NULL),
                     MH_OK);
}

static void test_observe(void **state)
{
    (void)state;
    for (int sequential = 0; sequential < 2; sequential++) {
        struct stage *stage = make(sequential);
        struct mh_error known = {0};
        mh_error_set(&known, MH_UNSUPPORTED, "known before");
        stage->world.profiles[5].open_status = MH_CORRUPT;
        stage->profiles.items[6].problem = mh_error_copy(&known);
        stage->profiles.items[5].hive = mh_text_copy("C:\\p5");
        observe(stage, NULL);
        for (size_t i = 0; i < COUNT; i++) {
            const struct mh_observation *observation = &stage->observations[i];
            enum mh_state expected = i == 5 || i == 6 ? MH_STATE_NONE
                                     : i % 3 == 0     ? MH_STATE_DISABLED
                                                      : MH_STATE_ENABLED;
            assert_int_equal(observation->state, expected);
            assert_int_equal(observation->recovered, i == 7);
            assert_int_equal(observation->error != NULL, i == 5 || i == 6);
        }
        assert_int_equal(stage->observations[5].error->status, MH_CORRUPT);
        assert_string_equal(stage->observations[5].error->message,
                            "C:\\p5: p5 cannot be opened");
        assert_string_equal(stage->observations[6].error->message, "known before");
        unmake(stage);
    }
}

static void test_apply(void **state)
{
    (void)state;
    for (int sequential = 0; sequential < 2; sequential++) {
        struct stage *stage = make(sequential);
        observe(stage, NULL);
        plan(stage, MH_STATE_ENABLED);
        apply(stage, NULL);
        for (size_t i = 0; i < COUNT; i++) {
            uint32_t number = 77;
            assert_null(stage->steps[i].error);
            assert_int_equal(stage->world.profiles[i].commits, i % 3 == 0);
            assert_true(mh_value_dword(&stage->world.profiles[i].value, &number));
            assert_int_equal(number, 0);
        }
        unmake(stage);
    }
}

/* One that somebody changed between the two looks is left alone; one that they converged is done. */
static void test_moved_meanwhile(void **state)
{
    struct stage *stage = make(false);
    (void)state;
    observe(stage, NULL);
    plan(stage, MH_STATE_ABSENT);
    mh_value_clear(&stage->world.profiles[3].value);
    stage->world.profiles[3].value = kit_dword(9);
    mh_value_clear(&stage->world.profiles[4].value);
    apply(stage, NULL);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(stage->steps[i].error != NULL, i == 3);
        assert_int_equal(stage->world.profiles[i].commits, i != 3 && i != 4);
    }
    assert_int_equal(stage->steps[3].error->status, MH_IN_USE);
    assert_true(stage->world.profiles[3].value.present);
    unmake(stage);
}

/* One that fails stops no other. */
static void test_failures_are_kept(void **state)
{
    static const int statuses[] = {MH_ACCESS_DENIED, MH_NO_SPACE, MH_IO, MH_IN_USE};
    struct stage *stage = make(false);
    (void)state;
    observe(stage, NULL);
    plan(stage, MH_STATE_ABSENT);
    for (size_t i = 0; i < KIT_COUNT(statuses); i++)
        stage->world.profiles[10 + i].commit_status = statuses[i];
    stage->world.profiles[20].open_status = MH_DIRTY;
    apply(stage, NULL);
    for (size_t i = 0; i < KIT_COUNT(statuses); i++) {
        assert_int_equal(stage->steps[10 + i].error->status, statuses[i]);
        assert_true(stage->world.profiles[10 + i].value.present);
    }
    assert_int_equal(stage->steps[20].error->status, MH_DIRTY);
    assert_null(stage->steps[21].error);
    assert_int_equal(stage->world.profiles[COUNT - 1].commits, 1);
    unmake(stage);
}

struct ticks {
    size_t calls;
    size_t last;
    size_t count;
    bool wrong;
};

static void tick(void *context, size_t done, size_t count)
{
    struct ticks *ticks = context;
    ticks->calls++;
    ticks->wrong = ticks->wrong || done <= ticks->last || done > count || count != ticks->count;
    ticks->last = done;
}

static void test_progress(void **state)
{
    (void)state;
    for (int sequential = 0; sequential < 2; sequential++) {
        struct stage *stage = make(sequential);
        struct ticks ticks = {.count = COUNT};
        const struct mh_audience audience = {.tick = tick, .context = &ticks};
        observe(stage, &audience);
        assert_false(ticks.wrong);
        assert_true(!sequential || ticks.calls == COUNT);
        plan(stage, MH_STATE_ENABLED);
        ticks = (struct ticks){.count = (COUNT + 2) / 3};
        apply(stage, &audience);
        assert_false(ticks.wrong);
        assert_true(!sequential || ticks.calls == (COUNT + 2) / 3);
        unmake(stage);
    }
}

struct tally {
    unsigned char done[5000];
};

static void mark(void *context, size_t i)
{
    ((struct tally *)context)->done[i]++;
}

static void test_parallel(void **state)
{
    static const size_t counts[] = {0, 1, 2, 3, 63, 64, 65, 5000};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(counts); i++) {
        static struct tally tally;
        struct ticks ticks = {.count = counts[i]};
        memset(&tally, 0, sizeof(tally));
        mh_parallel(counts[i], mark, &tally, tick, &ticks);
        for (size_t j = 0; j < sizeof(tally.done); j++)
            assert_int_equal(tally.done[j], j < counts[i]);
        assert_false(ticks.wrong);
        assert_true(counts[i] != 1 || ticks.calls == 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_observe),          cmocka_unit_test(test_apply),
        cmocka_unit_test(test_moved_meanwhile),  cmocka_unit_test(test_failures_are_kept),
        cmocka_unit_test(test_progress),         cmocka_unit_test(test_parallel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
