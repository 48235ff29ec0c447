/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit.h"
#include "registry/hive/data.h"

/* The file is an attacker's: whatever it says, we answer, and no byte behind it is read. */

enum { VISITS_MAX = 20000, DEPTH_MAX = 600 };

struct visit {
    struct mh_image *image;
    unsigned visits;
    unsigned depth;
};

static int visit_key(void *context, uint32_t kind, uint32_t cell, uint32_t hint,
                     struct mh_error *err)
{
    struct visit *visit = context;
    struct mh_key key;
    (void)kind;
    (void)hint;
    if (++visit->visits > VISITS_MAX || visit->depth > DEPTH_MAX)
        return MH_INVALID;
    int status = mh_key_read(visit->image, cell, &key, err);
    for (uint32_t i = 0; status == MH_OK && i < key.values; i++) {
        struct mh_vk vk;
        struct mh_value value = {0};
        if (++visit->visits > VISITS_MAX)
            return MH_INVALID;
        status = mh_vk_at(visit->image, &key, i, &vk, err);
        if (status == MH_OK)
            (void)mh_vk_value(visit->image, &vk, &value, NULL);
        mh_value_clear(&value);
    }
    visit->depth++;
    if (status == MH_OK)
        status = mh_subkeys_each(visit->image, &key, visit_key, visit, err);
    visit->depth--;
    return status;
}

/* Reads, walks and changes a hive that may be anything. Returns what opening and reading said. */
static int try_all(const uint8_t *hive, size_t size, bool *ret_changed)
{
    struct kit_files files = kit_files(hive, size);
    struct mh_regf *regf = NULL;
    struct mh_error err = {0};
    struct mh_value value = {0};
    struct mh_regf_output output = {0};
    int status = kit_open(&files, &regf, &err);
    *ret_changed = false;
    if (status != MH_OK) {
        assert_int_equal(err.status, status);
        assert_false(kit_strayed(&files));
        return status;
    }
    status = mh_regf_read(regf, MH_VALUE_KEY, MH_VALUE_NAME, &value, &err);
    assert_int_equal(err.status, status);
    struct visit visit = {.image = mh_regf_image(regf)};
    (void)visit_key(&visit, 0, visit.image->base.root, 0, NULL);
    mh_value_clear(&value);
    struct mh_value text = kit_bytes(MH_REG_SZ, "a\0b\0c\0\0\0", 8);
    int changed = mh_regf_change(regf, MH_VALUE_KEY, MH_VALUE_NAME, &text, KIT_NOW, NULL);
    if (changed == MH_OK)
        changed = mh_regf_output(regf, KIT_NOW, &output, NULL);
    if (changed == MH_OK && output.kind == MH_REGF_IMAGE) {
        size_t new_size;
        uint8_t *image = kit_carry_out(&files, &output, &new_size);
        struct mh_value back = kit_read("changed", image, new_size);
        assert_true(mh_value_equal(&back, &text));
        mh_value_clear(&back);
        free(image);
        *ret_changed = true;
    }
    mh_value_clear(&text);
    mh_regf_close(regf);
    assert_false(kit_strayed(&files));
    return status;
}

static uint8_t *small_hive(uint32_t minor, uint32_t leaf_max, size_t *ret_size)
{
    struct mh_value one = kit_dword(1);
    struct hb_key *root = kit_profile(&one);
    struct hb_options options;
    assert_non_null(hb_key_add(kit_key(root, "Software"), "\xC4\x90\xC6\xB0\xE1\xBB\x9Dng"));
    kit_key(root, "Software\\Microsoft\\Office\\16.0");
    kit_key(root, "Control Panel\\Desktop");
    kit_key(root, "Software\\Microsoft\\Edge");
    assert_non_null(hb_value_add_fill(kit_key(root, "Environment"), "big", HB_REG_BINARY, 100));
    assert_int_equal(hb_key_set_class(kit_key(root, "Environment"), "class"), 0);
    hb_options_init(&options);
    options.minor = minor;
    options.leaf_max = leaf_max;
    options.free_cells = 4;
    mh_value_clear(&one);
    return kit_build_free(root, &options, ret_size);
}

static void test_every_truncation(void **state)
{
    size_t size;
    bool changed;
    uint8_t *hive = small_hive(5, 2, &size);
    (void)state;
    assert_int_equal(try_all(hive, size, &changed), MH_OK);
    assert_true(changed);
    for (size_t length = 0; length < size; length++) {
        uint8_t *cut = malloc(length + (length == 0)); /* exact, for the sanitizer */
        assert_non_null(cut);
        memcpy(cut, hive, length);
        int status = try_all(cut, length, &changed);
        if (status != MH_CORRUPT)
            fail_msg("%lu bytes: status %d", (unsigned long)length, status);
        free(cut);
    }
    free(hive);
}

static void flip_every_bit(uint32_t minor, uint32_t leaf_max)
{
    size_t size;
    uint8_t *hive = small_hive(minor, leaf_max, &size);
    size_t end = size < 8192 ? size : 8192;
    for (size_t bit = 0; bit < 8 * end; bit++) {
        bool changed;
        uint8_t mask = (uint8_t)(1u << bit % 8);
        hive[bit / 8] ^= mask;
        int status = try_all(hive, size, &changed);
        if (status < MH_OK || status >= MH_STATUS_COUNT || status == MH_INTERNAL)
            fail_msg("bit %lu: status %d", (unsigned long)bit, status);
        /* In the base block's first sector all counts, in the rest nothing does. */
        if (bit / 8 < MH_SECTOR && status == MH_OK)
            fail_msg("bit %lu of a base block is changed, but it is believed", (unsigned long)bit);
        if (bit / 8 >= MH_SECTOR && bit / 8 < MH_BASE_SIZE && status != MH_OK)
            fail_msg("bit %lu means nothing, but the status is %d", (unsigned long)bit, status);
        hive[bit / 8] ^= mask;
    }
    free(hive);
}

static void test_every_bit_flipped(void **state)
{
    (void)state;
    flip_every_bit(5, 506);
}

static void test_every_bit_flipped_with_roots(void **state)
{
    (void)state;
    flip_every_bit(3, 1);
}

/* Every number of four bytes on a cell, made large, small and odd. */
static void test_every_number_replaced(void **state)
{
    static const uint32_t numbers[] = {0,          1,          7,          8,          0x20,
                                       0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFF8, 0xFFFFF000,
                                       0xFFFFFFE0, 0x1000,     0x10000};
    size_t size;
    uint8_t *hive = small_hive(5, 2, &size);
    (void)state;
    for (size_t at = MH_BASE_SIZE; at + 4 <= size; at += 2) {
        uint8_t before[4];
        memcpy(before, hive + at, 4);
        for (size_t i = 0; i < KIT_COUNT(numbers); i++) {
            bool changed;
            mh_put32(hive + at, numbers[i]);
            int status = try_all(hive, size, &changed);
            if (status == MH_INTERNAL)
                fail_msg("0x%lx: 0x%x is a defect of ours", (unsigned long)at, numbers[i]);
        }
        memcpy(hive + at, before, 4);
    }
    free(hive);
}

static int count_visit(void *context, uint32_t kind, uint32_t cell, uint32_t hint,
                       struct mh_error *err)
{
    (void)kind;
    (void)cell;
    (void)hint;
    (void)err;
    ++*(unsigned long *)context;
    return MH_OK;
}

/*
 * A list of lists that are all one and the same: no file has room for so many keys. `claimed` is
 * what the key says; no walk may go far beyond what the file can hold.
 */
static void check_bomb(const char *name, uint32_t claimed)
{
    enum { LEAVES = 4000, ELEMENTS = 1000 };
    struct hb_key *root = kit_profile(NULL);
    struct hb_options options;
    size_t size;
    struct hb_key *key = kit_key(root, "Bomb");
    struct hb_value *lists = hb_value_add_fill(key, "ri", HB_REG_BINARY, 4 + 4 * LEAVES);
    struct hb_value *leaf = hb_value_add_fill(key, "li", HB_REG_BINARY, 4 + 4 * ELEMENTS);
    struct hb_key *child = kit_key(root, "Bomb\\Child");
    assert_true(lists && leaf && child);
    hb_options_init(&options);
    options.minor = 3; /* no big data: each in one cell */
    uint8_t *hive = kit_build(root, &options, &size);
    memcpy(hive + lists->at_data, "ri", 2);
    mh_put16(hive + lists->at_data + 2, LEAVES);
    memcpy(hive + leaf->at_data, "li", 2);
    mh_put16(hive + leaf->at_data + 2, ELEMENTS);
    for (uint32_t i = 0; i < LEAVES; i++)
        mh_put32(hive + lists->at_data + 4 + 4 * (size_t)i, leaf->at_data - 4100);
    for (uint32_t i = 0; i < ELEMENTS; i++)
        mh_put32(hive + leaf->at_data + 4 + 4 * (size_t)i, child->at_nk - 4100);
    mh_put32(hive + key->at_nk + MH_NK_SUBKEYS, claimed);
    mh_put32(hive + key->at_nk + MH_NK_SUBKEY_LIST, lists->at_data - 4100);
    struct kit_files files = kit_files(hive, size);
    struct mh_regf *regf = NULL;
    struct mh_key bomb;
    const char *rest;
    unsigned long visits = 0;
    KIT_INT(name, kit_open(&files, &regf, NULL), MH_OK);
    KIT_INT(name, mh_key_walk(mh_regf_image(regf), "Bomb", &bomb, &rest, NULL), MH_OK);
    KIT_INT(name, mh_subkeys_each(mh_regf_image(regf), &bomb, count_visit, &visits, NULL),
            MH_CORRUPT);
    unsigned long most = (unsigned long)size / (MH_NK_HEADER + MH_CELL_HEADER);
    most = claimed < most ? claimed + 1 : most;
    mh_regf_close(regf);
    hb_key_free(root);
    free(hive);
    if (visits > most)
        fail_msg("%s: %lu subkeys visited in a file of %lu bytes", name, visits,
                 (unsigned long)size);
}

static void test_list_of_one_list(void **state)
{
    (void)state;
    check_bomb("two claimed", 2);
}

static void test_list_of_one_list_believed(void **state)
{
    (void)state;
    check_bomb("four million claimed", 4000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_every_bit_flipped),
        cmocka_unit_test(test_every_bit_flipped_with_roots),
        cmocka_unit_test(test_every_number_replaced),
        cmocka_unit_test(test_list_of_one_list),
        cmocka_unit_test(test_list_of_one_list_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
