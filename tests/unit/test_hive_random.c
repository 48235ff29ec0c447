/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/text.h"
#include "kit.h"

/* Many trees, many changes: sound after each, the value what it should be, nothing else touched. */

enum { TREES = 300, CHANGES = 4 };

static struct mh_value random_value(uint64_t *random)
{
    switch (kit_below(random, 8)) {
    case 0:
        return (struct mh_value){0};
    case 1:
    case 2:
        return kit_dword(kit_below(random, 3));
    case 3:
        return kit_fill(kit_random(random), kit_below(random, 40000), kit_random(random));
    case 4:
        return kit_fill(MH_REG_BINARY, 16340 + kit_below(random, 10), 1);
    default:
        return kit_fill(kit_below(random, 12), kit_below(random, 70), kit_random(random));
    }
}

/* Names that differ only in case would be one key. */
static void random_keys(uint64_t *random, struct hb_key *key, unsigned depth)
{
    static const char *const heads[] = {"a", "Z", "_", "\xC3\xBC", "\xC4\x91",
                                        "\xF0\x9F\x98\x80", "M"};
    uint32_t keys = kit_below(random, depth == 0 ? 12 : 5);
    if (kit_below(random, 60) == 0)
        keys = 400 + kit_below(random, 300);
    for (uint32_t i = 0; i < keys; i++) {
        char *name = mh_text_format("%s%u", heads[kit_below(random, KIT_COUNT(heads))], i);
        struct hb_key *child = hb_key_add(key, name);
        assert_non_null(child);
        child->security = kit_below(random, 3);
        if (kit_below(random, 4) == 0)
            assert_int_equal(hb_key_set_class(child, name), HB_OK);
        if (keys < 20 && depth < 4)
            random_keys(random, child, depth + 1);
        free(name);
    }
    uint32_t values = kit_below(random, 4);
    for (uint32_t i = 0; i < values; i++) {
        char name[16];
        uint32_t size = kit_below(random, kit_below(random, 10) ? 30 : 40000);
        snprintf(name, sizeof(name), "value%u", i);
        struct hb_value *value = hb_value_add_fill(key, name, kit_below(random, 12), size);
        assert_non_null(value);
        value->no_inline = kit_below(random, 5) == 0;
    }
}

static struct hb_key *random_tree(uint64_t *random)
{
    static const char *const paths[] = {"", "Software", "Software\\Microsoft", MH_VALUE_KEY,
                                        MH_VALUE_KEY};
    struct hb_key *root = hb_key_new("ROOT");
    assert_non_null(root);
    uint32_t which = kit_below(random, KIT_COUNT(paths));
    struct hb_key *last = kit_key(root, paths[which]);
    random_keys(random, root, 0);
    if (last != root)
        random_keys(random, last, 2);
    if (which > 1)
        random_keys(random, kit_key(root, "Software"), 2);
    struct mh_value value = random_value(random);
    if (which >= 3 && value.present)
        kit_add(last, MH_VALUE_NAME, &value)->no_inline = kit_below(random, 5) == 0;
    mh_value_clear(&value);
    return root;
}

static void random_options(uint64_t *random, struct hb_options *options)
{
    static const uint32_t leaves[] = {1, 3, 100, 506, 506, 506};
    hb_options_init(options);
    options->minor = 3 + kit_below(random, 3);
    options->leaf_max = leaves[kit_below(random, KIT_COUNT(leaves))];
    options->free_cells = kit_below(random, 3) * kit_below(random, 100);
    options->slack = kit_below(random, 4) ? 0 : kit_below(random, 10000);
}

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
    struct hb_key *root = random_tree(random);
    snprintf(name, sizeof(name), "tree %u", number);
    random_options(random, &options);
    uint8_t *hive = kit_build_free(root, &options, &size);
    kit_assert_sound(name, hive, size);
    char *before = kit_dump(name, hive, size);
    struct mh_value first = kit_read(name, hive, size);
    for (int i = 0; i < CHANGES; i++) {
        struct mh_value value = random_value(random);
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
