/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit.h"
#include "random_hive.h"

/* Many trees, many changes: sound after each, the value what it should be, nothing else touched. */

enum { TREES = 300, CHANGES = 4 };

/* Changes the value and checks; the new file takes the old one's place. */
static void change(const char *name, uint8_t **hive, size_t *size, const struct mh_value *value)
{
    uint8_t *new_hive = NULL;
    size_t new_size = 0;
    enum mh_regf_kind kind;
    struct mh_error err = {0};
    int status = kit_change(*hive, *size, value, &kind, &new_hive, &new_size, &err);
    KIT_TEXT(name, err.message, "");
    KIT_INT(name, status, MH_OK);
    kit_assert_sound(name, new_hive, new_size);
    struct mh_value read = kit_read(name, new_hive, new_size);
    KIT_TRUE(name, mh_value_equal(&read, value));
    mh_value_clear(&read);
    free(*hive);
    *hive = new_hive;
    *size = new_size;
}

static void one_tree(uint64_t *random, unsigned number)
{
    struct hb_options options;
    size_t size;
    char name[32];
    const struct mh_value absent = {0};
    struct hb_key *root = kit_random_tree(random);
    snprintf(name, sizeof(name), "tree %u", number);
    kit_random_options(random, &options);
    uint8_t *hive = kit_build_free(root, &options, &size);
    kit_assert_sound(name, hive, size);
    char *before = kit_dump(name, hive, size);
    struct mh_value first = kit_read(name, hive, size);
    for (int i = 0; i < CHANGES; i++) {
        struct mh_value value = kit_random_value(random);
        change(name, &hive, &size, &value);
        mh_value_clear(&value);
    }
    change(name, &hive, &size, &absent);
    change(name, &hive, &size, &first);
    char *after = kit_dump(name, hive, size);
    KIT_TEXT(name, after, before);
    mh_value_clear(&first);
    free(before);
    free(after);
    free(hive);
}

static void test_random_trees(void **state)
{
    uint64_t random = 0x2545F4914F6CDD1Du;
    (void)state;
    for (unsigned i = 0; i < TREES; i++)
        one_tree(&random, i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_trees)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
