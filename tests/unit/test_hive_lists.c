/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/text.h"
#include "kit.h"
#include "registry/hive/edit.h"
#include "registry/hive/list.h"
#include "registry/hive/survey.h"

/* A hive whose structure is being changed. */
struct bench {
    struct kit_files files;
    struct mh_regf *regf;
    struct mh_edit edit;
};

static void open_bench(struct bench *bench, const uint8_t *hive, size_t size)
{
    bench->files = kit_files(hive, size);
    assert_int_equal(kit_open(&bench->files, &bench->regf, NULL), MH_OK);
    bench->edit = (struct mh_edit){.image = mh_regf_image(bench->regf), .now = KIT_NOW};
    assert_int_equal(mh_image_load(bench->edit.image, NULL), MH_OK);
    assert_int_equal(mh_survey(bench->edit.image, &bench->edit.space, NULL), MH_OK);
}

static void check_bench(const char *name, const struct bench *bench)
{
    struct mh_image *image = bench->edit.image;
    mh_base_update(image->memory, 2, KIT_NOW, image->base.bins_size);
    kit_assert_sound(name, image->memory, image->size);
}

static void close_bench(struct bench *bench)
{
    mh_space_clear(&bench->edit.space);
    mh_regf_close(bench->regf);
}

static void add_key(const char *name, struct bench *bench, const char *parent, const char *key)
{
    struct mh_value value = kit_bytes(MH_REG_SZ, key, (uint32_t)strlen(key));
    struct mh_error err = {0};
    char *path = mh_text_format("%s\\%s", parent, key);
    int status = mh_edit_set(&bench->edit, path, "v", &value, &err);
    KIT_TEXT(name, err.message, "");
    KIT_INT(name, status, MH_OK);
    mh_value_clear(&value);
    free(path);
}

static void check_key(const char *name, struct bench *bench, const char *parent, const char *key)
{
    struct mh_key found;
    const char *rest;
    char *path = mh_text_format("%s\\%s", parent, key);
    KIT_INT(path, mh_key_walk(bench->edit.image, path, &found, &rest, NULL), MH_OK);
    KIT_TEXT(name, rest, "");
    free(path);
}

/* The list of a key, as it is now: "li", and for an ri what its leaves are and how long. */
static void read_list(struct bench *bench, const char *path, struct mh_list *ret_list)
{
    struct mh_key key;
    const char *rest;
    assert_int_equal(mh_key_walk(bench->edit.image, path, &key, &rest, NULL), MH_OK);
    assert_string_equal(rest, "");
    assert_int_equal(mh_list_read(bench->edit.image, key.subkey_list, ret_list, NULL), MH_OK);
}

static void check_leaves(const char *name, struct bench *bench, const struct mh_list *list,
                         uint32_t leaf_kind, uint32_t most, uint32_t keys)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        struct mh_list leaf;
        uint32_t cell = mh_get32(bench->edit.image->memory + list->elements + 4 * (size_t)i);
        KIT_INT(name, mh_list_read(bench->edit.image, cell, &leaf, NULL), MH_OK);
        KIT_INT(name, leaf.kind, leaf_kind);
        KIT_TRUE(name, leaf.count > 0 && leaf.count <= most);
        sum += leaf.count;
    }
    KIT_INT(name, sum, keys);
}

static uint32_t kind_of(enum hb_list lists)
{
    return lists == HB_LIST_LI ? MH_LIST_LI : lists == HB_LIST_LF ? MH_LIST_LF : MH_LIST_LH;
}

static const struct {
    uint32_t minor;
    enum hb_list lists;
    uint32_t leaf_max;
    uint32_t keys;
    uint32_t kind;   /* after one more */
    uint32_t leaves; /* their kind, where it is an ri */
} insertions[] = {
    {5, HB_LIST_LH, 2000, 0, MH_LIST_LH, 0},
    {5, HB_LIST_LH, 2000, 1, MH_LIST_LH, 0},
    {5, HB_LIST_LH, 2000, 2, MH_LIST_LH, 0},
    {5, HB_LIST_LH, 2000, 505, MH_LIST_LH, 0},
    {5, HB_LIST_LH, 2000, 506, MH_LIST_RI, MH_LIST_LH},
    {5, HB_LIST_LH, 2000, 507, MH_LIST_RI, MH_LIST_LH},
    {5, HB_LIST_LH, 506, 1012, MH_LIST_RI, MH_LIST_LH},
    {5, HB_LIST_LH, 506, 1100, MH_LIST_RI, MH_LIST_LH},
    {5, HB_LIST_LH, 1, 20, MH_LIST_RI, MH_LIST_LH},
    {5, HB_LIST_LF, 2000, 7, MH_LIST_LF, 0},
    {5, HB_LIST_LI, 2000, 7, MH_LIST_LI, 0},
    {3, HB_LIST_LF, 2000, 0, MH_LIST_LF, 0},
    {3, HB_LIST_LF, 2000, 1, MH_LIST_LF, 0},
    {3, HB_LIST_LF, 2000, 505, MH_LIST_LF, 0},
    {3, HB_LIST_LF, 2000, 506, MH_LIST_LI, 0},
    {3, HB_LIST_LF, 2000, 507, MH_LIST_LI, 0},
    {3, HB_LIST_LF, 2000, 1011, MH_LIST_LI, 0},
    {3, HB_LIST_LF, 506, 1012, MH_LIST_RI, MH_LIST_LF},
    {3, HB_LIST_LI, 2000, 1, MH_LIST_LI, 0},
    {3, HB_LIST_LI, 2000, 506, MH_LIST_LI, 0},
    {3, HB_LIST_LI, 2000, 1011, MH_LIST_LI, 0},
    {3, HB_LIST_LI, 2000, 1012, MH_LIST_RI, MH_LIST_LI},
    {3, HB_LIST_LI, 1012, 2024, MH_LIST_RI, MH_LIST_LI},
    {4, HB_LIST_LI, 3, 20, MH_LIST_RI, MH_LIST_LI},
};

static void insert_one(size_t which, const char *added)
{
    struct hb_options options;
    struct bench bench;
    struct mh_list list;
    size_t size;
    char name[96];
    uint32_t keys = insertions[which].keys;
    struct hb_key *root = kit_profile(NULL);
    struct hb_key *parent = kit_key(root, "Parent");
    snprintf(name, sizeof(name), "version 1.%u, lists %d of %u, %u keys, %s",
             insertions[which].minor, (int)insertions[which].lists, insertions[which].leaf_max,
             keys, added);
    for (uint32_t i = 0; i < keys; i++) {
        char key[16];
        snprintf(key, sizeof(key), "K%05u", i);
        assert_non_null(hb_key_add(parent, key));
    }
    hb_options_init(&options);
    options.minor = insertions[which].minor;
    options.lists = insertions[which].lists;
    options.leaf_max = insertions[which].leaf_max;
    uint8_t *hive = kit_build_free(root, &options, &size);
    open_bench(&bench, hive, size);
    add_key(name, &bench, "Parent", added);
    check_bench(name, &bench);
    read_list(&bench, "Parent", &list);
    KIT_INT(name, list.kind, insertions[which].kind);
    if (list.kind == MH_LIST_RI)
        check_leaves(name, &bench, &list, insertions[which].leaves,
                     kind_of(insertions[which].lists) == MH_LIST_LI ? 1012 : 506, keys + 1);
    else
        KIT_INT(name, list.count, keys + 1);
    check_key(name, &bench, "Parent", added);
    for (uint32_t i = 0; i < keys; i += 1 + keys / 20) {
        char key[16];
        snprintf(key, sizeof(key), "k%05u", i);
        check_key(name, &bench, "Parent", key);
    }
    close_bench(&bench);
    free(hive);
}

static void test_one_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(insertions); i++) {
        char middle[16];
        char early[16];
        snprintf(middle, sizeof(middle), "k%05ux", insertions[i].keys / 2);
        snprintf(early, sizeof(early), "K%05ux", insertions[i].keys / 7);
        insert_one(i, "a");
        insert_one(i, "z");
        insert_one(i, middle);
        insert_one(i, early);
    }
}

/* From nothing to many, in every order. */
static void grow(const char *name, uint32_t minor, uint32_t keys, uint32_t kind, int order)
{
    struct hb_options options;
    struct bench bench;
    struct mh_list list;
    size_t size;
    uint64_t random = 99;
    uint32_t *numbers = malloc(keys * sizeof(*numbers));
    assert_non_null(numbers);
    for (uint32_t i = 0; i < keys; i++)
        numbers[i] = order < 0 ? keys - i : i;
    for (uint32_t i = keys; order == 0 && i > 1; i--) {
        uint32_t other = kit_below(&random, i);
        uint32_t number = numbers[i - 1];
        numbers[i - 1] = numbers[other];
        numbers[other] = number;
    }
    hb_options_init(&options);
    options.minor = minor;
    uint8_t *hive = kit_build_free(kit_profile(NULL), &options, &size);
    open_bench(&bench, hive, size);
    for (uint32_t i = 0; i < keys; i++) {
        char key[16];
        snprintf(key, sizeof(key), "%c%u", numbers[i] % 2 ? 'k' : 'K', numbers[i]);
        add_key(name, &bench, "Parent", key);
        if (i % 101 == 0 || i + 1 == keys)
            check_bench(name, &bench);
    }
    read_list(&bench, "Parent", &list);
    KIT_INT(name, list.kind, kind);
    for (uint32_t i = 0; i < keys; i += 13) {
        char key[16];
        snprintf(key, sizeof(key), "K%u", numbers[i]);
        check_key(name, &bench, "Parent", key);
    }
    close_bench(&bench);
    free(numbers);
    free(hive);
}

static void test_many_more(void **state)
{
    static const struct {
        const char *name;
        uint32_t minor;
        uint32_t keys;
        uint32_t kind;
        int order; /* 1 rising, -1 falling, 0 shuffled */
    } cases[] = {
        {"lh, rising", 5, 1400, MH_LIST_RI, 1},
        {"lh, falling", 5, 1400, MH_LIST_RI, -1},
        {"lh, shuffled", 5, 1400, MH_LIST_RI, 0},
        {"lf, shuffled", 3, 506, MH_LIST_LF, 0},
        {"lf to li, shuffled", 3, 1012, MH_LIST_LI, 0},
        {"lf to li to ri, rising", 4, 1300, MH_LIST_RI, 1},
        {"lf to li to ri, shuffled", 3, 1300, MH_LIST_RI, 0},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++)
        grow(cases[i].name, cases[i].minor, cases[i].keys, cases[i].kind, cases[i].order);
}

/* Neighbours whose names are not ASCII are ordered as Windows orders them. */
static void test_among_other_names(void **state)
{
    static const char *const others[] = {"\xC4\x90", "\xC3\xBC", "[", "_", "\xF0\x9F\x98\x80", "A",
                                         "z", "\xC3\xBF", "\xEF\xBD\x81"};
    static const char *const added[] = {"Exchange", "~", "!", "Z", "A0", "^"};
    struct bench bench;
    size_t size;
    struct hb_key *root = kit_profile(NULL);
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(others); i++)
        assert_non_null(hb_key_add(kit_key(root, "Parent"), others[i]));
    uint8_t *hive = kit_build_free(root, NULL, &size);
    open_bench(&bench, hive, size);
    for (size_t i = 0; i < KIT_COUNT(added); i++) {
        add_key(added[i], &bench, "Parent", added[i]);
        check_bench(added[i], &bench);
    }
    for (size_t i = 0; i < KIT_COUNT(others); i++)
        check_key("other", &bench, "Parent", others[i]);
    close_bench(&bench);
    free(hive);
}

static void test_unsorted_is_refused(void **state)
{
    static const char *const paths[] = {"Parent\\D", "Parent\\0", "Parent\\A", "Elsewhere"};
    struct hb_key *root = kit_profile(NULL);
    struct mh_value one = kit_dword(1);
    size_t size;
    (void)state;
    kit_key(root, "Parent\\A");
    kit_key(root, "Parent\\B");
    kit_key(root, "Parent\\C");
    uint8_t *hive = kit_build(root, NULL, &size);
    uint8_t *list = hive + kit_key(root, "Parent")->at_list + 4;
    uint8_t element[8];
    memcpy(element, list, 8);
    memcpy(list, list + 8, 8);
    memcpy(list + 8, element, 8);
    for (size_t i = 0; i < KIT_COUNT(paths); i++) {
        struct kit_files files = kit_files(hive, size);
        struct mh_regf *regf = NULL;
        KIT_INT(paths[i], kit_open(&files, &regf, NULL), MH_OK);
        KIT_INT(paths[i], mh_regf_change(regf, paths[i], "v", &one, KIT_NOW, NULL), MH_CORRUPT);
        mh_regf_close(regf);
    }
    mh_value_clear(&one);
    hb_key_free(root);
    free(hive);
}

/* A new key shares its parent's security descriptor, which counts it. */
static void test_security_is_counted(void **state)
{
    struct hb_key *root = kit_profile(NULL);
    struct bench bench;
    size_t size;
    (void)state;
    kit_key(root, "Software\\Microsoft")->security = 3;
    struct hb_key *key = kit_key(root, "Software\\Microsoft");
    uint8_t *hive = kit_build(root, NULL, &size);
    uint32_t at = key->at_security;
    uint32_t count = mh_get32(hive + at + MH_SK_COUNT);
    open_bench(&bench, hive, size);
    add_key("security", &bench, "Software\\Microsoft", "One\\Two\\Three");
    check_bench("security", &bench);
    assert_int_equal(mh_get32(bench.edit.image->memory + at + MH_SK_COUNT), count + 3);
    close_bench(&bench);
    hb_key_free(root);
    free(hive);
}

/* Values come and go at every place of the list. */
static void test_value_lists(void **state)
{
    enum { VALUES = 40 };
    struct bench bench;
    size_t size;
    uint64_t random = 21;
    bool there[VALUES] = {false};
    uint8_t *hive = kit_build_free(kit_profile(NULL), NULL, &size);
    (void)state;
    open_bench(&bench, hive, size);
    for (int i = 0; i < 1500; i++) {
        uint32_t which = kit_below(&random, VALUES);
        char value_name[32];
        snprintf(value_name, sizeof(value_name), "%.*s%u", (int)(which % 9), "valuename", which);
        struct mh_value value = kit_fill(MH_REG_BINARY, kit_below(&random, i % 20 ? 40 : 40000),
                                         which);
        bool removes = there[which] && kit_below(&random, 3) > 0;
        int status = removes
                         ? mh_edit_remove(&bench.edit, "A\\B", value_name, NULL)
                         : mh_edit_set(&bench.edit, "A\\B", value_name, &value, NULL);
        assert_int_equal(status, MH_OK);
        there[which] = !removes;
        check_bench(value_name, &bench);
        mh_value_clear(&value);
    }
    for (uint32_t which = 0; which < VALUES; which++) {
        char value_name[32];
        struct mh_value value;
        snprintf(value_name, sizeof(value_name), "%.*s%u", (int)(which % 9), "VALUENAME", which);
        assert_int_equal(mh_regf_read(bench.regf, "a\\b", value_name, &value, NULL), MH_OK);
        assert_int_equal(value.present, there[which]);
        struct mh_value expected = kit_fill(MH_REG_BINARY, value.size, which);
        assert_true(!value.present || mh_value_equal(&value, &expected));
        mh_value_clear(&expected);
        mh_value_clear(&value);
    }
    close_bench(&bench);
    free(hive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_more),
        cmocka_unit_test(test_many_more),
        cmocka_unit_test(test_among_other_names),
        cmocka_unit_test(test_unsorted_is_refused),
        cmocka_unit_test(test_security_is_counted),
        cmocka_unit_test(test_value_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
