/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit.h"
#include "registry/hive/survey.h"

/* Surveys a hive; *ret_free is how many free cells there are. */
static int survey(const uint8_t *hive, size_t size, size_t *ret_free, struct mh_error *err)
{
    struct kit_files files = kit_files(hive, size);
    struct mh_regf *regf = NULL;
    struct mh_space space = {0};
    int status = kit_open(&files, &regf, err);
    if (status == MH_OK)
        status = mh_image_load(mh_regf_image(regf), err);
    if (status == MH_OK)
        status = mh_survey(mh_regf_image(regf), &space, err);
    *ret_free = space.count;
    mh_space_clear(&space);
    mh_regf_close(regf);
    assert_false(kit_strayed(&files));
    return status;
}

static struct hb_key *everything(uint32_t many)
{
    static const uint32_t fills[] = {0, 1, 4, 5, 16344, 16345, 32688, 50000};
    struct mh_value one = kit_dword(1);
    struct hb_key *root = kit_profile(&one);
    for (uint32_t i = 0; i < KIT_COUNT(fills); i++) {
        char name[16];
        snprintf(name, sizeof(name), "fill%u", i);
        hb_value_add_fill(kit_key(root, "Environment"), name, HB_REG_BINARY, fills[i])->no_inline =
            i % 2;
    }
    for (uint32_t i = 0; i < many; i++) {
        char name[24];
        snprintf(name, sizeof(name), "Many\\K%05u", i);
        kit_key(root, name)->security = i % 5;
    }
    assert_int_equal(hb_key_set_class(kit_key(root, "Many"), "a class"), 0);
    assert_non_null(hb_key_add(root, "\xC4\x90\xC6\xB0\xE1\xBB\x9Dng"));
    mh_value_clear(&one);
    return root;
}

static void test_accepts(void **state)
{
    static const enum hb_list lists[] = {HB_LIST_DEFAULT, HB_LIST_LI, HB_LIST_LF, HB_LIST_LH};
    static const uint32_t leaf_max[] = {1, 10, 506};
    struct hb_key *root = everything(600);
    (void)state;
    for (uint32_t i = 0; i < 4 * 4 * 3; i++) {
        struct hb_options options;
        struct mh_error err = {0};
        size_t size;
        size_t free_cells;
        char name[64];
        hb_options_init(&options);
        options.minor = 3 + i % 4;
        options.lists = lists[i / 4 % 4];
        options.leaf_max = leaf_max[i / 16];
        options.free_cells = i % 3 * 50;
        options.slack = (size_t)i * 100;
        if (options.lists == HB_LIST_LH && options.minor < 5)
            continue;
        snprintf(name, sizeof(name), "version 1.%u, lists %d, leaves of %u", options.minor,
                 (int)options.lists, options.leaf_max);
        uint8_t *hive = kit_build(root, &options, &size);
        int status = survey(hive, size, &free_cells, &err);
        KIT_TEXT(name, err.message, "");
        KIT_INT(name, status, MH_OK);
        KIT_TRUE(name, free_cells >= options.free_cells);
        free(hive);
    }
    hb_key_free(root);
}

/* Cells that nothing leads to are no fault: here the values of a key that has forgotten them. */
static void test_accepts_leaks(void **state)
{
    struct hb_key *root = everything(3);
    struct hb_key *key = kit_key(root, "Environment");
    size_t size;
    size_t free_cells;
    uint8_t *hive = kit_build(root, NULL, &size);
    (void)state;
    mh_put32(hive + key->at_nk + MH_NK_VALUES, 0);
    mh_put32(hive + key->at_nk + MH_NK_VALUE_LIST, MH_CELL_NIL);
    assert_int_equal(survey(hive, size, &free_cells, NULL), MH_OK);
    hb_key_free(root);
    free(hive);
}

/* The hive that is damaged, and where its parts are: file offsets of cells' data. */
struct victim {
    uint8_t *hive;
    struct hb_key *root;
    struct hb_key *environment; /* has values */
    struct hb_key *many;        /* has an ri */
    struct hb_key *plain;       /* has one leaf */
    struct hb_value *cell;      /* of 5 bytes */
    struct hb_value *big;       /* of three segments */
};

static uint32_t get(const struct victim *victim, uint32_t at)
{
    return mh_get32(victim->hive + at);
}

static void put(struct victim *victim, uint32_t at, uint32_t number)
{
    mh_put32(victim->hive + at, number);
}

static uint32_t cell_of(uint32_t at)
{
    return at - 4100;
}

static void no_bin(struct victim *v) { v->hive[4096] = 'x'; }
static void bin_elsewhere(struct victim *v) { put(v, 4096 + MH_BIN_OFFSET, 4096); }
static void bin_of_nothing(struct victim *v) { put(v, 4096 + MH_BIN_SIZE, 0); }
static void bin_of_half(struct victim *v) { put(v, 4096 + MH_BIN_SIZE, 2048); }
static void bin_too_large(struct victim *v) { put(v, 4096 + MH_BIN_SIZE, 0x7FFFF000); }
static void cell_of_nothing(struct victim *v) { put(v, v->root->at_nk - 4, 0); }
static void cell_odd(struct victim *v) { put(v, v->root->at_nk - 4, 0u - 84); }
static void cell_out_of_its_bin(struct victim *v) { put(v, v->root->at_nk - 4, 0u - 0x100000); }
static void key_freed(struct victim *v)
{
    put(v, v->plain->at_nk - 4, 0u - get(v, v->plain->at_nk - 4));
}
static void no_key(struct victim *v) { v->hive[v->plain->at_nk] = 'x'; }
static void key_name_too_long(struct victim *v)
{
    mh_put16(v->hive + v->plain->at_nk + MH_NK_NAME_SIZE, 500);
}
static void key_without_name(struct victim *v)
{
    mh_put16(v->hive + v->plain->at_nk + MH_NK_NAME_SIZE, 0);
}
static void another_parent(struct victim *v)
{
    put(v, v->plain->at_nk + MH_NK_PARENT, cell_of(v->many->at_nk));
}
static void no_security(struct victim *v) { v->hive[v->plain->at_security] = 'x'; }
static void security_nowhere(struct victim *v)
{
    put(v, v->plain->at_nk + MH_NK_SECURITY, cell_of(v->plain->at_nk) + 8);
}
static void fewer_keys(struct victim *v)
{
    put(v, v->plain->at_nk + MH_NK_SUBKEYS, get(v, v->plain->at_nk + MH_NK_SUBKEYS) - 1);
}
static void more_keys(struct victim *v)
{
    put(v, v->plain->at_nk + MH_NK_SUBKEYS, get(v, v->plain->at_nk + MH_NK_SUBKEYS) + 1);
}
static void no_list(struct victim *v) { v->hive[v->plain->at_list] = 'x'; }
static void list_too_long(struct victim *v)
{
    mh_put16(v->hive + v->plain->at_list + 2, 60000);
    put(v, v->plain->at_nk + MH_NK_SUBKEYS, 60000);
}
static void list_nowhere(struct victim *v) { put(v, v->plain->at_nk + MH_NK_SUBKEY_LIST, 0x20); }
static void list_behind_the_end(struct victim *v)
{
    put(v, v->plain->at_nk + MH_NK_SUBKEY_LIST, 0x7FFFFFF8);
}
static void one_key_twice(struct victim *v)
{
    put(v, v->plain->at_list + 12, get(v, v->plain->at_list + 4));
}
static void keys_out_of_order(struct victim *v)
{
    uint8_t *list = v->hive + v->plain->at_list + 4;
    uint8_t first[8];
    memcpy(first, list, 8);
    memcpy(list, list + 8, 8);
    memcpy(list + 8, first, 8);
}
static void leaves_out_of_order(struct victim *v)
{
    uint32_t first = get(v, v->many->at_list + 4);
    put(v, v->many->at_list + 4, get(v, v->many->at_list + 8));
    put(v, v->many->at_list + 8, first);
}
static void key_in_itself(struct victim *v)
{
    put(v, v->plain->at_list + 4, cell_of(v->plain->at_nk));
}
static void list_of_another(struct victim *v)
{
    put(v, v->plain->at_nk + MH_NK_SUBKEY_LIST, cell_of(v->root->at_list));
    put(v, v->plain->at_nk + MH_NK_SUBKEYS, get(v, v->root->at_nk + MH_NK_SUBKEYS));
}
static void root_in_root(struct victim *v)
{
    put(v, v->many->at_list + 4, cell_of(v->many->at_list));
}
static void leaf_twice(struct victim *v)
{
    put(v, v->many->at_list + 8, get(v, v->many->at_list + 4));
}
static void values_nowhere(struct victim *v)
{
    put(v, v->environment->at_nk + MH_NK_VALUE_LIST, 0x21);
}
static void too_many_values(struct victim *v)
{
    put(v, v->environment->at_nk + MH_NK_VALUES, 1000);
}
static void one_value_twice(struct victim *v)
{
    put(v, v->environment->at_values + 4, get(v, v->environment->at_values));
}
static void no_value(struct victim *v) { v->hive[v->cell->at_vk] = 'x'; }
static void value_name_too_long(struct victim *v)
{
    mh_put16(v->hive + v->cell->at_vk + MH_VK_NAME_SIZE, 1000);
}
static void data_nowhere(struct victim *v) { put(v, v->cell->at_vk + MH_VK_DATA, 0x7FFFFFF8); }
static void data_of_another(struct victim *v)
{
    put(v, v->cell->at_vk + MH_VK_DATA, cell_of(v->big->at_data));
}
static void data_longer_than_its_cell(struct victim *v)
{
    put(v, v->cell->at_vk + MH_VK_DATA_SIZE, 16000);
}
static void inline_of_nine(struct victim *v)
{
    put(v, v->cell->at_vk + MH_VK_DATA_SIZE, MH_VK_INLINE | 9);
}
static void no_big_data(struct victim *v) { v->hive[v->big->at_data] = 'x'; }
static void segment_missing(struct victim *v) { mh_put16(v->hive + v->big->at_data + 2, 2); }
static void segments_nowhere(struct victim *v) { put(v, v->big->at_data + 4, 0x20); }
static void segment_twice(struct victim *v)
{
    uint32_t list = get(v, v->big->at_data + 4) + 4100;
    put(v, list + 4, get(v, list));
}
/* The first segment's cell becomes two: one too small, and a free one. */
static void segment_too_small(struct victim *v)
{
    uint32_t segment = get(v, get(v, v->big->at_data + 4) + 4100) + 4096;
    uint32_t size = 0u - get(v, segment);
    put(v, segment, 0u - 64);
    put(v, segment + 64, size - 64);
}

static const struct {
    const char *name;
    void (*damage)(struct victim *victim);
} damages[] = {
    {"no bin", no_bin},
    {"a bin that says it is elsewhere", bin_elsewhere},
    {"a bin of nothing", bin_of_nothing},
    {"a bin of half a page", bin_of_half},
    {"a bin too large", bin_too_large},
    {"a cell of nothing", cell_of_nothing},
    {"a cell of an odd size", cell_odd},
    {"a cell out of its bin", cell_out_of_its_bin},
    {"a key in a free cell", key_freed},
    {"no key", no_key},
    {"a key's name too long", key_name_too_long},
    {"a key without a name", key_without_name},
    {"a key that names another parent", another_parent},
    {"no security descriptor", no_security},
    {"a security descriptor nowhere", security_nowhere},
    {"fewer keys than listed", fewer_keys},
    {"more keys than listed", more_keys},
    {"no list", no_list},
    {"a list too long", list_too_long},
    {"a list in the bin's header", list_nowhere},
    {"a list behind the end", list_behind_the_end},
    {"one key listed twice", one_key_twice},
    {"keys out of order", keys_out_of_order},
    {"leaves out of order", leaves_out_of_order},
    {"a key in its own list", key_in_itself},
    {"one list of two keys", list_of_another},
    {"a list of lists in itself", root_in_root},
    {"one leaf twice", leaf_twice},
    {"values nowhere", values_nowhere},
    {"too many values", too_many_values},
    {"one value twice", one_value_twice},
    {"no value", no_value},
    {"a value's name too long", value_name_too_long},
    {"data behind the end", data_nowhere},
    {"data of another value", data_of_another},
    {"data longer than their cell", data_longer_than_its_cell},
    {"nine bytes in place", inline_of_nine},
    {"no big data", no_big_data},
    {"a segment missing", segment_missing},
    {"segments in the bin's header", segments_nowhere},
    {"one segment twice", segment_twice},
    {"a segment too small", segment_too_small},
};

static void refuses(size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        struct hb_options options;
        struct victim victim = {.root = everything(40)};
        struct mh_error err = {0};
        size_t size;
        size_t free_cells;
        kit_key(victim.root, "Plain\\A");
        kit_key(victim.root, "Plain\\B");
        hb_options_init(&options);
        options.leaf_max = 15;
        victim.hive = kit_build(victim.root, &options, &size);
        victim.environment = kit_key(victim.root, "Environment");
        victim.many = kit_key(victim.root, "Many");
        victim.plain = kit_key(victim.root, "Plain");
        for (size_t j = 0; j < victim.environment->value_count; j++) {
            struct hb_value *value = victim.environment->values[j];
            victim.cell = value->size == 5 ? value : victim.cell;
            victim.big = value->size == 32688 + 17312 ? value : victim.big;
        }
        assert_int_equal(survey(victim.hive, size, &free_cells, NULL), MH_OK);
        damages[i].damage(&victim);
        KIT_INT(damages[i].name, survey(victim.hive, size, &free_cells, &err), MH_CORRUPT);
        KIT_INT(damages[i].name, free_cells, 0);
        KIT_TRUE(damages[i].name, err.message[0] != '\0');
        hb_key_free(victim.root);
        free(victim.hive);
    }
}

static void test_refuses(void **state)
{
    (void)state;
    refuses(0, KIT_COUNT(damages) - 1);
}

static void test_refuses_small_segments(void **state)
{
    (void)state;
    refuses(KIT_COUNT(damages) - 1, KIT_COUNT(damages));
}

static void test_depth(void **state)
{
    static const struct {
        const char *name;
        unsigned depth; /* of the deepest key; the root's is 0 */
        int status;
    } cases[] = {{"as deep as Windows goes", 512, MH_OK}, {"one deeper", 513, MH_CORRUPT}};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct hb_key *root = hb_key_new("ROOT");
        struct hb_key *key = root;
        size_t size;
        size_t free_cells;
        for (unsigned depth = 0; depth < cases[i].depth; depth++)
            key = hb_key_add(key, "deep");
        uint8_t *hive = kit_build_free(root, NULL, &size);
        KIT_INT(cases[i].name, survey(hive, size, &free_cells, NULL), cases[i].status);
        free(hive);
    }
}

/*
 * A security descriptor may be shared, but by keys alone: freeing what a value and a later key both lead to would take
 * it away from the key. Whichever the survey comes to first.
 */
static void test_security_is_nobody_elses(void **state)
{
    static const char *const orders[][2] = {{"A", "B"}, {"B", "A"}};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(orders); i++) {
        struct hb_key *root = hb_key_new("ROOT");
        struct hb_key *key = kit_key(root, orders[i][0]);
        struct hb_value *value = hb_value_add_fill(kit_key(root, orders[i][1]), "v", HB_REG_BINARY, 5);
        struct mh_error err = {0};
        size_t size;
        size_t free_cells;
        key->security = 1;
        uint8_t *hive = kit_build(root, NULL, &size);
        mh_put32(hive + value->at_vk + MH_VK_DATA, cell_of(key->at_security));
        KIT_INT(orders[i][0], survey(hive, size, &free_cells, &err), MH_CORRUPT);
        KIT_TRUE(orders[i][0], strstr(err.message, "two things lead to the cell"));
        hb_key_free(root);
        free(hive);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepts),        cmocka_unit_test(test_accepts_leaks),
        cmocka_unit_test(test_refuses),        cmocka_unit_test(test_refuses_small_segments),
        cmocka_unit_test(test_depth),          cmocka_unit_test(test_security_is_nobody_elses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
