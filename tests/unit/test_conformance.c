/* SPDX-License-Identifier: MIT */
#include "conformance.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "memory_registry.h"
#include "registry/offline/offline.h"
#include "scratch.h"

static void *make_memory(void)
{
    struct memory_world *world = calloc(1, sizeof(*world));
    assert_non_null(world);
    world->count = WORLD_PROFILES;
    world->profiles = calloc(WORLD_PROFILES, sizeof(*world->profiles));
    assert_non_null(world->profiles);
    for (int i = 0; i < WORLD_PROFILES; i++)
        world->profiles[i] = (struct memory_profile){
            .label = world_label((enum world_profile)i),
            .value = world_value((enum world_profile)i),
            .recovered = i == WORLD_DIRTY,
            .open_status = i == WORLD_BROKEN ? MH_CORRUPT : MH_OK,
        };
    return world;
}

static void unmake_memory(void *world)
{
    memory_world_clear(world);
    free(world);
}

static int open_memory(void *world, struct mh_registry **ret_registry, struct mh_error *err)
{
    return memory_registry_open(world, ret_registry, err);
}

static uint64_t print_memory(void *context)
{
    const struct memory_world *world = context;
    uint64_t sum = 0;
    for (size_t i = 0; i < world->count; i++)
        sum += world->profiles[i].commits;
    return sum;
}

static void *make_volume(void)
{
    char *scratch = scratch_make();
    world_write_volume(scratch, true);
    return scratch;
}

static void *make_store(void)
{
    char *scratch = scratch_make();
    world_write_store(scratch);
    return scratch;
}

static void unmake_files(void *scratch)
{
    scratch_remove(scratch);
}

static uint64_t print_files(void *scratch)
{
    return scratch_print(scratch);
}

static int open_volume(void *scratch, struct mh_registry **ret_registry, struct mh_error *err)
{
    return mh_volume_open(scratch, ret_registry, err);
}

static int open_store(void *scratch, struct mh_registry **ret_registry, struct mh_error *err)
{
    return mh_store_open(scratch, ret_registry, err);
}

static int open_hives(void *scratch, struct mh_registry **ret_registry, struct mh_error *err)
{
    struct mh_texts paths = world_paths(scratch);
    int status = mh_hives_open(&paths, ret_registry, err);
    mh_texts_clear(&paths);
    return status;
}

static const struct conformance_kind kinds[] = {
    {"memory", false, true, make_memory, unmake_memory, open_memory, print_memory},
    {"root", true, true, make_volume, unmake_files, open_volume, print_files},
    {"store", false, true, make_store, unmake_files, open_store, print_files},
    {"hives", false, true, make_store, unmake_files, open_hives, print_files},
};

/* A registry that is not there leaves what it would have returned as it was. */
static void test_no_such_folder(void **state)
{
    char *scratch = scratch_make();
    char *gone = scratch_path(scratch, "gone");
    struct mh_registry untouched;
    struct mh_registry *registry = &untouched;
    struct mh_error err = {0};
    (void)state;
    assert_int_equal(mh_store_open(gone, &registry, &err), MH_NOT_FOUND);
    assert_int_equal(err.status, MH_NOT_FOUND);
    err = (struct mh_error){0};
    assert_int_equal(mh_volume_open(gone, &registry, &err), MH_NOT_FOUND);
    assert_int_equal(err.status, MH_NOT_FOUND);
    assert_int_equal(mh_volume_open(scratch, &registry, NULL), MH_NOT_FOUND); /* no Windows */
    assert_ptr_equal(registry, &untouched);
    free(gone);
    scratch_remove(scratch);
}

static void list_store(const char *scratch, struct mh_profiles *profiles, struct mh_texts *warnings)
{
    struct mh_registry *registry = NULL;
    assert_int_equal(mh_store_open(scratch, &registry, NULL), MH_OK);
    assert_int_equal(mh_registry_list(registry, profiles, warnings, NULL), MH_OK);
    mh_registry_free(registry);
}

/* Folders that a system may tell apart though Windows would not, or that are no text. */
static void test_store_ids(void **state)
{
    static const char *const folders[] = {"Default", "DEFAULT", "a\xFF", "a\xFE", "a%FF", "a?"};
    char *scratch = scratch_make();
    struct mh_profiles profiles = {0};
    struct mh_texts warnings = {0};
    size_t made = 0;
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(folders); i++) {
        if (!scratch_try_folder(scratch, folders[i]))
            continue;
        world_write_profile(scratch, folders[i], WORLD_ONE);
        made++;
    }
    list_store(scratch, &profiles, &warnings);
    assert_int_equal(profiles.count, made);
    for (size_t i = 0; i < profiles.count; i++) {
        assert_true(mh_utf8_valid(profiles.items[i].id, strlen(profiles.items[i].id)));
        for (size_t j = 0; j < i; j++)
            if (strcmp(profiles.items[i].id, profiles.items[j].id) == 0)
                fail_msg("two profiles are called %s", profiles.items[i].id);
    }
    mh_profiles_clear(&profiles);
    mh_texts_clear(&warnings);
    scratch_remove(scratch);
}

/* What a store's folders are: whose, and which hive counts. */
static void test_store_folders(void **state)
{
    static const struct {
        const char *file;
        const char *sid; /* NULL: none known */
        unsigned flags;
    } cases[] = {
        {"ann/NTUSER.DAT", NULL, MH_PROFILE_PERSON},
        {"ann.V6/ntuser.man", NULL, MH_PROFILE_PERSON},
        {"S-1-5-21-1-2-3-4/NTUSER.DAT", "S-1-5-21-1-2-3-4", MH_PROFILE_PERSON},
        {"S-1-5-18/NTUSER.DAT", "S-1-5-18", 0},
        {"Default/NTUSER.DAT", NULL, MH_PROFILE_DEFAULT},
        {"Default User/NTUSER.DAT", NULL, MH_PROFILE_DEFAULT},
        {"default user.v6/NTUSER.DAT", NULL, MH_PROFILE_DEFAULT},
        {"Defaulter/NTUSER.DAT", NULL, MH_PROFILE_PERSON},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        char *scratch = scratch_make();
        struct mh_profiles profiles = {0};
        struct mh_texts warnings = {0};
        scratch_write(scratch, cases[i].file, "x", 1);
        scratch_write(scratch, "a file", "x", 1);
        scratch_folder(scratch, "empty");
        list_store(scratch, &profiles, &warnings);
        KIT_INT(cases[i].file, profiles.count, 1);
        KIT_TEXT(cases[i].file, profiles.items[0].sid, cases[i].sid);
        KIT_INT(cases[i].file, profiles.items[0].flags, cases[i].flags);
        for (char *at = profiles.items[0].hive; *at; at++)
            if (*at == '\\')
                *at = '/'; /* the system's own separator is as good */
        KIT_TRUE(cases[i].file, strstr(profiles.items[0].hive, cases[i].file) != NULL);
        KIT_INT(cases[i].file, warnings.count, 0);
        mh_profiles_clear(&profiles);
        mh_texts_clear(&warnings);
        scratch_remove(scratch);
    }
}

/* NTUSER.MAN is the one that Windows takes; a person is told. */
static void test_both_hives(void **state)
{
    char *scratch = scratch_make();
    struct mh_profiles profiles = {0};
    struct mh_texts warnings = {0};
    (void)state;
    scratch_write(scratch, "ann/NTUSER.DAT", "x", 1);
    scratch_write(scratch, "ann/NTUSER.MAN", "x", 1);
    list_store(scratch, &profiles, &warnings);
    assert_int_equal(profiles.count, 1);
    assert_non_null(strstr(profiles.items[0].hive, "NTUSER.MAN"));
    assert_int_equal(warnings.count, 1);
    mh_profiles_clear(&profiles);
    mh_texts_clear(&warnings);
    scratch_remove(scratch);
}

/* One file named twice, in whatever spelling, is one profile: the first named. */
static void test_hives_named_twice(void **state)
{
    char *scratch = scratch_make();
    char *first = scratch_path(scratch, "one/NTUSER.DAT");
    char *again = scratch_path(scratch, "one/../one/NTUSER.DAT");
    char *gone = scratch_path(scratch, "gone");
    const char *const named[] = {first, again, first, gone, gone};
    struct mh_texts paths = {0};
    struct mh_registry *registry = NULL;
    struct mh_profiles profiles = {0};
    struct mh_texts warnings = {0};
    (void)state;
    world_write_profile(scratch, "one", WORLD_ONE);
    for (size_t i = 0; i < KIT_COUNT(named); i++)
        assert_int_equal(mh_texts_add(&paths, named[i]), 0);
    assert_int_equal(mh_hives_open(&paths, &registry, NULL), MH_OK);
    assert_int_equal(mh_registry_list(registry, &profiles, &warnings, NULL), MH_OK);
    assert_int_equal(profiles.count, 2);
    for (size_t i = 0; i < 2; i++)
        assert_true(strcmp(profiles.items[i].id, first) == 0 ||
                    strcmp(profiles.items[i].id, gone) == 0);
    mh_registry_free(registry);
    mh_profiles_clear(&profiles);
    mh_texts_clear(&warnings);
    mh_texts_clear(&paths);
    free(first);
    free(again);
    free(gone);
    scratch_remove(scratch);
}

/* Somebody holds it open for writing: nobody else may. */
static void test_writers_exclude_each_other(void **state)
{
    char *scratch = scratch_make();
    struct mh_registry *registry = NULL;
    struct mh_profiles profiles = {0};
    struct mh_texts warnings = {0};
    struct mh_hive *first = NULL;
    struct mh_hive *second = NULL;
    struct mh_error err = {0};
    (void)state;
    world_write_profile(scratch, "one", WORLD_ONE);
    assert_int_equal(mh_store_open(scratch, &registry, NULL), MH_OK);
    assert_int_equal(mh_registry_list(registry, &profiles, &warnings, NULL), MH_OK);
    assert_int_equal(mh_hive_open(registry, &profiles.items[0], MH_WRITE, &first, NULL), MH_OK);
    assert_int_equal(mh_hive_open(registry, &profiles.items[0], MH_WRITE, &second, &err),
                     MH_IN_USE);
    assert_int_equal(err.status, MH_IN_USE);
    mh_hive_close(first);
    assert_int_equal(mh_hive_open(registry, &profiles.items[0], MH_WRITE, &second, NULL), MH_OK);
    mh_hive_close(second);
    mh_registry_free(registry);
    mh_profiles_clear(&profiles);
    mh_texts_clear(&warnings);
    scratch_remove(scratch);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(test_no_such_folder),
        cmocka_unit_test(test_store_ids),
        cmocka_unit_test(test_store_folders),
        cmocka_unit_test(test_both_hives),
        cmocka_unit_test(test_hives_named_twice),
        cmocka_unit_test(test_writers_exclude_each_other),
    };
    static struct CMUnitTest tests[KIT_COUNT(kinds) * CONFORMANCE_MAX + KIT_COUNT(others)];
    size_t count = 0;
    for (size_t i = 0; i < KIT_COUNT(kinds); i++)
        conformance_add(&kinds[i], tests, &count);
    size_t named = count;
    for (size_t i = 0; i < KIT_COUNT(others); i++)
        tests[count++] = others[i];
    int failed = _cmocka_run_group_tests("conformance", tests, count, NULL, NULL);
    conformance_free(tests, named);
    return failed;
}
