/* SPDX-License-Identifier: MIT */
/*
 * A fuzzer (FUZZ_TARGET) without libFuzzer: what it begins with, a few changes of that, always the same, and the inputs
 * of former findings (in the folder FUZZ_REGRESSIONS). A property that does not hold ends the program.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fuzz.h"
#include "seeds.h"

#define SIZE_LIMIT 65536u
#define CHANGES 10u /* of each input */

#if defined(FUZZ_MUTATES)
#define MUTATE LLVMFuzzerCustomMutator
#else
#define MUTATE mutate
static size_t mutate(uint8_t *bytes, size_t size, size_t max_size, unsigned seed)
{
    (void)seed;
    return LLVMFuzzerMutate(bytes, size, max_size);
}
#endif

static uint64_t randomness = 1;
static unsigned inputs;

/* In place of libFuzzer's: a byte becomes another. */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t max_size)
{
    (void)max_size;
    if (size > 0)
        bytes[kit_below(&randomness, (uint32_t)size)] = (uint8_t)kit_random(&randomness);
    return size;
}

static void try(const uint8_t *bytes, size_t size)
{
    inputs++;
    assert_int_equal(LLVMFuzzerTestOneInput(bytes, size), 0);
}

static void try_changed(const uint8_t *bytes, size_t size)
{
    uint8_t *changed = malloc(SIZE_LIMIT);
    assert_non_null(changed);
    assert_true(size <= SIZE_LIMIT);
    memcpy(changed, bytes, size);
    for (unsigned i = 0; i < CHANGES; i++) {
        size = MUTATE(changed, size, SIZE_LIMIT, kit_random(&randomness));
        try(changed, size);
    }
    free(changed);
}

static void test_seeds(void **state)
{
    (void)state;
    assert_true(fuzz_seeds(FUZZ_TARGET, try));
    assert_true(inputs > 0);
}

static void test_changes(void **state)
{
    (void)state;
    assert_true(fuzz_seeds(FUZZ_TARGET, try_changed));
}

static void try_file(const char *path)
{
    uint8_t *bytes = malloc(SIZE_LIMIT);
    FILE *file = fopen(path, "rb");
    assert_non_null(bytes);
    assert_non_null(file);
    size_t size = fread(bytes, 1, SIZE_LIMIT, file);
    assert_int_equal(fclose(file), 0);
    try(bytes, size);
    free(bytes);
}

/* A target without a folder never found anything. */
static void test_regressions(void **state)
{
    char path[4096];
    DIR *folder = opendir(FUZZ_REGRESSIONS);
    const struct dirent *entry;
    (void)state;
    while (folder && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", FUZZ_REGRESSIONS, entry->d_name);
        try_file(path);
    }
    if (folder)
        closedir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_regressions),
    };
    return cmocka_run_group_tests_name(FUZZ_TARGET, tests, NULL, NULL);
}
