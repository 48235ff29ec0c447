/* SPDX-License-Identifier: MIT */
/*
 * differential [SEED]: random changes of random hives, a third of them dirty, each held against libhivex's view of
 * the tree and against the checker. MAPIHTTP_DIFFERENTIAL says how many hives (default 1000); each is changed three
 * times. Hive N is made of seed N alone; with a SEED only that one is made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random_hive.h"
#include "view.h"

enum { HIVES = 1000, CHANGES = 3, STEPS = 3, GROUP = 100, GROUPS_MAX = 1000 };

/* What was compared in this run, and what libhivex could not say of it. */
static struct {
    size_t hives;
    size_t changes;
    size_t kinds[MH_REGF_IMAGE + 1];
    size_t items;
    size_t hvle;
    size_t dirt;
    size_t lost_base; /* of these: the base block is the log's */
    struct view_limits limits;
} tally;

/* A hive, its logs, and what it holds to whoever replays them. */
struct made {
    struct hb_files files;
    bool dirty;
};

static uint64_t begin(uint64_t seed)
{
    uint64_t random = (seed + 1) * 0x9E3779B97F4A7C15u;
    return random ? random : 1;
}

static void random_log(uint64_t *random, struct hb_options *options, struct hb_log_options *log,
                       size_t *ret_steps)
{
    hb_log_options_init(log);
    *ret_steps = 1;
    options->damage_base = kit_below(random, 5) == 0;
    tally.lost_base += options->damage_base;
    if (kit_below(random, 3) == 0) {
        log->format = HB_LOG_DIRT;
        tally.dirt++;
        return;
    }
    *ret_steps = 1 + kit_below(random, STEPS);
    log->files = *ret_steps > 1 && !options->damage_base ? 1 + kit_below(random, 2) : 1;
    log->swap = log->files == 2 && kit_below(random, 2);
    log->alignment = kit_below(random, 2) ? 512 : 4096;
    if (*ret_steps == 1)
        log->entries = 1 + kit_below(random, 4);
    tally.hvle++;
}

static struct made make_dirty(uint64_t *random, struct hb_key *root, struct hb_options *options)
{
    struct made made = {.dirty = true};
    struct hb_log_options log;
    struct hb_key *after[STEPS];
    size_t steps;
    random_log(random, options, &log, &steps);
    for (size_t i = 0; i < steps; i++)
        after[i] = kit_random_tree(random);
    int error = hb_build_dirty(root, after, steps, options, &log, &made.files);
    for (size_t i = 0; i < steps; i++)
        hb_key_free(after[i]);
    KIT_TEXT("builder", hb_error_text(error), hb_error_text(HB_OK));
    return made;
}

static struct made make(uint64_t *random)
{
    struct made made = {0};
    struct hb_options options;
    struct hb_key *root = kit_random_tree(random);
    kit_random_options(random, &options);
    if (kit_below(random, 3) == 0)
        made = make_dirty(random, root, &options);
    else
        made.files.primary = kit_build(root, &options, &made.files.primary_size);
    hb_key_free(root);
    return made;
}

static struct kit_files files_of(const struct made *made)
{
    struct kit_files files = kit_files(made->files.primary, made->files.primary_size);
    for (size_t i = 0; i < 2; i++)
        if (made->files.log[i])
            files.logs[files.log_count++] = (struct kit_source){.bytes = made->files.log[i],
                                                                .size = made->files.log_size[i]};
    return files;
}

/* As both read it. Of a dirty hive libhivex gets what the builder says that recovery makes of it. */
static struct view look(const char *name, const struct made *made)
{
    struct view engine = {0};
    struct view hivex = {0};
    struct kit_files files = files_of(made);
    const uint8_t *bytes = made->dirty ? made->files.recovered : made->files.primary;
    size_t size = made->dirty ? made->files.recovered_size : made->files.primary_size;
    kit_assert_sound(name, bytes, size);
    view_engine(name, &files, &engine);
    view_hivex(name, bytes, size, &hivex, &tally.limits);
    view_same(name, &engine, &hivex);
    tally.items += hivex.count;
    view_clear(&engine);
    return hivex;
}

static enum mh_regf_kind change(const char *name, struct made *made, const struct mh_value *value)
{
    struct kit_files files = files_of(made);
    struct mh_regf *regf = NULL;
    struct mh_regf_output output = {0};
    struct mh_error err = {0};
    size_t size;
    int status = kit_open(&files, &regf, &err);
    if (status == MH_OK)
        status = mh_regf_change(regf, MH_VALUE_KEY, MH_VALUE_NAME, value, KIT_NOW, &err);
    if (status == MH_OK)
        status = mh_regf_output(regf, KIT_NOW, &output, &err);
    KIT_TEXT(name, err.message, "");
    KIT_INT(name, status, MH_OK);
    KIT_TRUE(name, !kit_strayed(&files));
    uint8_t *file = kit_carry_out(&files, &output, &size);
    if (output.kind == MH_REGF_SAME)
        KIT_TRUE(name, size == made->files.primary_size && memcmp(file, made->files.primary, size) == 0);
    else
        made->dirty = false;
    free(made->files.primary);
    made->files.primary = file;
    made->files.primary_size = size;
    mh_regf_close(regf);
    return output.kind;
}

/* *seen is what was there before, and becomes what is there after. */
static void one_change(const char *name, struct made *made, uint64_t *random, struct view *seen)
{
    struct mh_value value = kit_below(random, 3) ? kit_random_value(random) : kit_dword(kit_random(random));
    enum mh_regf_kind kind = change(name, made, &value);
    struct view after = look(name, made);
    view_only_ours(name, seen, &after, &value, kind != MH_REGF_IMAGE, KIT_NOW);
    tally.kinds[kind]++;
    tally.changes++;
    view_clear(seen);
    *seen = after;
    mh_value_clear(&value);
}

/* The logs stay beside the hive: after the first change they are history. */
static void one_hive(uint64_t seed)
{
    char name[64];
    uint64_t random = begin(seed);
    struct made made = make(&random);
    snprintf(name, sizeof(name), "seed %llu", (unsigned long long)seed);
    struct view seen = look(name, &made);
    for (unsigned i = 0; i < CHANGES; i++) {
        snprintf(name, sizeof(name), "seed %llu, change %u", (unsigned long long)seed, i + 1);
        one_change(name, &made, &random, &seen);
    }
    view_clear(&seen);
    hb_files_free(&made.files);
    tally.hives++;
}

struct group {
    char name[64];
    uint64_t first;
    uint64_t count;
};

static void test_group(void **state)
{
    const struct group *group = *state;
    for (uint64_t i = 0; i < group->count; i++)
        one_hive(group->first + i);
}

static void report(void)
{
    printf("# %zu hives, %zu changes (%zu by a new image, %zu in place, %zu had nothing to change), %zu keys and "
           "values compared with libhivex\n",
           tally.hives, tally.changes, tally.kinds[MH_REGF_IMAGE], tally.kinds[MH_REGF_PATCH],
           tally.kinds[MH_REGF_SAME], tally.items);
    printf("# libhivex replays no logs: %zu dirty hives with HvLE logs, %zu with a DIRT log (of both %zu with a broken "
           "base block), before the first change seen as the builder's recovered hive\n",
           tally.hvle, tally.dirt, tally.lost_base);
    printf("# libhivex has no calls for class names and security: read from the bytes where it says that the key is, "
           "%zu times\n",
           tally.limits.plain);
    printf("# libhivex gives no data of empty values: type and size alone compared, %zu times\n",
           tally.limits.empty);
    printf("# libhivex writes no data over 16344 bytes that Windows reads; it reads them: compared %zu times\n",
           tally.limits.big);
}

static size_t fill_groups(uint64_t first, uint64_t count, struct group *groups, struct CMUnitTest *tests)
{
    size_t used = 0;
    while (count > 0 && used < GROUPS_MAX) {
        uint64_t here = count < GROUP ? count : GROUP;
        struct group *group = &groups[used];
        *group = (struct group){.first = first, .count = here};
        snprintf(group->name, sizeof(group->name), "seeds %llu to %llu", (unsigned long long)first,
                 (unsigned long long)(first + here - 1));
        tests[used++] = (struct CMUnitTest){
            .name = group->name, .test_func = test_group, .initial_state = group};
        first += here;
        count -= here;
    }
    return used;
}

int main(int argc, char **argv)
{
    static struct group groups[GROUPS_MAX];
    static struct CMUnitTest tests[GROUPS_MAX];
    const char *wanted = getenv("MAPIHTTP_DIFFERENTIAL");
    uint64_t count = wanted && *wanted ? strtoull(wanted, NULL, 10) : HIVES;
    size_t used = argc > 1 ? fill_groups(strtoull(argv[1], NULL, 10), 1, groups, tests)
                           : fill_groups(0, count, groups, tests);
    int failed = _cmocka_run_group_tests("differential", tests, used, NULL, NULL);
    report();
    return failed || used == 0;
}
