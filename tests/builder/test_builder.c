/* SPDX-License-Identifier: MIT */
#include "builder.h"
#include "hb_bytes.h"

#include "checker/checker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {
    "abc",
    "Zebra",
    "zebra2",
    "With Space",
    "M\xC3\xBCller",                      /* Latin-1 */
    "\xC3\xBF",                           /* Latin-1, its upper case is not */
    "stra\303\237e",                      /* Latin-1 without upper case */
    "\xC4\x90\xC6\xB0\xE1\xBB\x9Dng",     /* Vietnamese */
    "Ti\xE1\xBA\xBFng Vi\xE1\xBB\x87t",
    "\xF0\x9F\x98\x80 smile",             /* beyond U+FFFF */
    "a\xF0\x9F\x98\x80",
};

enum { NAME_COUNT = sizeof(names) / sizeof(names[0]) };

static const uint32_t fills[] = {0, 1, 4, 5, 16343, 16344, 16345, 32688, 32689, 50000};

static void add_values(struct hb_key *key)
{
    const char *const texts[] = {"one", "", "hai"};
    struct hb_value *own = hb_value_add_dword(key, "own cell", 7);

    assert_non_null(own);
    own->no_inline = true;
    assert_non_null(hb_value_add_text(key, "", HB_REG_SZ, "default"));
    assert_non_null(hb_value_add_dword(key, "dword", 0xFFFFFFFF));
    assert_non_null(hb_value_add_qword(key, "qword", 1));
    assert_non_null(hb_value_add_texts(key, "Gi\xC3\xA1 tr\xE1\xBB\x8B", texts, 3));
    for (size_t i = 0; i < sizeof(fills) / sizeof(fills[0]); i++) {
        const char name[] = {'f', (char)('0' + i), '\0'};

        assert_non_null(hb_value_add_fill(key, name, HB_REG_BINARY, fills[i]));
    }
}

/* A tree with all kinds of names and values, and `many` keys in one list. */
static struct hb_key *make_tree(size_t many)
{
    struct hb_key *root = hb_key_new("ROOT");
    struct hb_key *list;

    assert_non_null(root);
    add_values(root);
    for (size_t i = 0; i < NAME_COUNT; i++) {
        struct hb_key *key = hb_key_add(root, names[i]);

        assert_non_null(key);
        key->security = (uint32_t)i % 3;
        assert_non_null(hb_key_add(key, "below"));
        assert_int_equal(hb_key_set_class(key, names[i]), HB_OK);
    }
    list = hb_key_add(root, "Many");
    for (size_t i = 0; i < many; i++) {
        char name[] = "k0000";

        for (size_t digit = 4, rest = i; digit > 0; digit--, rest /= 10)
            name[digit] = (char)('0' + rest % 10);
        assert_non_null(hb_key_add(list, name));
    }
    return root;
}

static void assert_sound(const uint8_t *hive, size_t size, unsigned flags)
{
    struct hc_report report;
    int result = hc_check(hive, size, flags, &report);

    if (report.text_count > 0)
        print_error("0x%llx: %s\n", (unsigned long long)report.texts[0].offset,
                    report.texts[0].text);
    assert_int_equal(report.free_neighbours, 0);
    hc_report_free(&report);
    assert_int_equal(result, 0);
}

static void build_and_check(struct hb_key *root, const struct hb_options *options)
{
    uint8_t *hive = NULL, *again = NULL;
    size_t size = 0, again_size = 0;

    assert_int_equal(hb_build(root, options, &hive, &size), HB_OK);
    assert_sound(hive, size, 0);
    assert_int_equal(hb_build(root, options, &again, &again_size), HB_OK);
    assert_int_equal(size, again_size);
    assert_memory_equal(hive, again, size);
    free(hive);
    free(again);
}

static void test_variants(void **state)
{
    static const enum hb_list lists[] = {HB_LIST_DEFAULT, HB_LIST_LI, HB_LIST_LF, HB_LIST_LH};
    static const uint32_t free_cells[] = {0, 11, 100000};
    static const uint32_t leaf_max[] = {1, 10, 506};
    struct hb_key *root = make_tree(700);
    struct hb_options options;

    (void)state;
    hb_options_init(&options);
    for (size_t i = 0; i < 144; i++) {
        options.minor = 3 + (uint32_t)i % 4;
        options.lists = lists[i / 4 % 4];
        options.free_cells = free_cells[i / 16 % 3];
        options.leaf_max = leaf_max[i / 48];
        options.slack = i;
        if (options.lists != HB_LIST_LH || options.minor > 4)
            build_and_check(root, &options);
    }
    hb_key_free(root);
}

static void test_free_cells(void **state)
{
    struct hb_key *root = make_tree(100);
    struct hb_options options;
    struct hc_report report;
    size_t free_cells[2], cells[2];

    (void)state;
    hb_options_init(&options);
    for (size_t i = 0; i < 2; i++) {
        uint8_t *hive = NULL;
        size_t size = 0;

        options.free_cells = i == 0 ? 0 : 50;
        assert_int_equal(hb_build(root, &options, &hive, &size), HB_OK);
        assert_int_equal(hc_check(hive, size, 0, &report), 0);
        free_cells[i] = report.free_cells;
        cells[i] = report.cells;
        free(hive);
        hc_report_free(&report);
    }
    assert_true(free_cells[1] >= 50 && free_cells[0] < 50);
    assert_int_equal(cells[1], cells[0]);
    hb_key_free(root);
}

static void test_size(void **state)
{
    struct hb_key *root = make_tree(1);
    struct hb_options options;
    uint8_t *hive = NULL;
    size_t size = 0;

    (void)state;
    hb_options_init(&options);
    options.size = 3000000;
    assert_int_equal(hb_build(root, &options, &hive, &size), HB_OK);
    assert_true(size >= options.size && size < options.size + options.size / 10);
    assert_sound(hive, size, 0);
    assert_non_null(hb_key_find(hb_key_find(root, "software"), "BULK"));
    free(hive);
    hb_key_free(root);
}

/* The places must be what a test will overwrite. */
static void test_places(void **state)
{
    struct hb_key *root = make_tree(30);
    struct hb_key *many = hb_key_find(root, "many");
    struct hb_options options;
    uint8_t *hive = NULL;
    size_t size = 0;

    (void)state;
    hb_options_init(&options);
    options.leaf_max = 25;
    assert_int_equal(hb_build(root, &options, &hive, &size), HB_OK);
    assert_memory_equal(hive + root->at_nk, "nk", 2);
    assert_memory_equal(hive + root->at_list, "lh", 2);
    assert_memory_equal(hive + root->at_security, "sk", 2);
    assert_memory_equal(hive + many->at_list, "ri", 2);
    assert_int_equal(many->leaf_count, 2);
    assert_memory_equal(hive + many->at_leaves[1], "lh", 2);
    assert_int_equal(hb_get32(hive + many->keys[0]->at_nk + 16) + 4100, many->at_nk);
    for (size_t i = 0; i < root->value_count; i++) {
        const struct hb_value *value = root->values[i];

        assert_memory_equal(hive + value->at_vk, "vk", 2);
        assert_int_equal(hb_get32(hive + root->at_values + 4 * i) + 4100, value->at_vk);
        if (value->data_kind == HB_DATA_BIG)
            assert_memory_equal(hive + value->at_data, "db", 2);
        else if (value->size > 0)
            assert_memory_equal(hive + value->at_data, value->data, value->size);
    }
    free(hive);
    hb_key_free(root);
}

static void test_errors(void **state)
{
    struct hb_key *root = hb_key_new("r");
    struct hb_key *key;
    struct hb_options options;
    uint8_t *hive = NULL;
    size_t size = 0;

    (void)state;
    hb_options_init(&options);
    options.minor = 4;
    options.lists = HB_LIST_LH;
    assert_int_equal(hb_build(root, &options, &hive, &size), HB_ERR_OPTION);
    hb_options_init(&options);
    options.minor = 2;
    assert_int_equal(hb_build(root, &options, &hive, &size), HB_ERR_OPTION);
    hb_options_init(&options);
    assert_null(hb_key_add(root, "\xC3"));
    assert_null(hb_key_add(root, "\xED\xA0\x80"));
    assert_null(hb_value_add_text(root, "v", HB_REG_SZ, "\xC0\x80"));
    assert_non_null(hb_key_add(root, "\xC4\x91"));
    assert_non_null(hb_key_add(root, "\xC4\x90"));
    assert_int_equal(hb_build(root, &options, &hive, &size), HB_ERR_DUPLICATE);
    hb_key_free(root);
    root = key = hb_key_new("r");
    for (size_t i = 0; i <= HB_MAX_DEPTH; i++)
        key = hb_key_add(key, "deep");
    assert_int_equal(hb_build(root, &options, &hive, &size), HB_ERR_SIZE);
    assert_null(hive);
    hb_key_free(root);
}

static void test_hashes(void **state)
{
    uint8_t block[508] = {0};

    (void)state;
    assert_int_equal(hb_checksum(block), 1);
    memset(block, 0xFF, 4);
    assert_int_equal(hb_checksum(block), 0xFFFFFFFE);
    block[3] = 0;
    assert_int_equal(hb_checksum(block), 0x00FFFFFF);
    assert_true(hb_marvin(NULL, 0) == 0xB39EFCA403966E08u);
    assert_true(hb_marvin((const uint8_t *)"abcdefg", 7) == 0x0C00597AC6BF45F2u);
}

struct log_case {
    enum hb_log_format format;
    uint32_t files;
    uint32_t entries;
    uint32_t sequence;
    uint32_t alignment;
    bool swap;
    int error;
};

static const struct log_case log_cases[] = {
    {HB_LOG_HVLE, 1, 1, 0, 4096, false, HB_OK},
    {HB_LOG_HVLE, 1, 5, 0, 512, false, HB_OK},
    {HB_LOG_HVLE, 2, 2, 77, 4096, false, HB_OK},
    {HB_LOG_HVLE, 2, 9, 0, 4096, true, HB_OK},
    {HB_LOG_DIRT, 1, 1, 0, 4096, false, HB_OK},
    {HB_LOG_DIRT, 2, 1, 0, 4096, false, HB_ERR_OPTION},
    {HB_LOG_HVLE, 2, 1, 0, 4096, false, HB_ERR_OPTION},
    {HB_LOG_HVLE, 1, 1, 0, 100, false, HB_ERR_OPTION},
    {HB_LOG_HVLE, 3, 3, 0, 4096, false, HB_ERR_OPTION},
};

/* Counts the entries of an HvLE file; their numbers must run from its base block's. */
static uint32_t count_entries(const uint8_t *log, size_t size)
{
    uint32_t count = 0;

    assert_int_equal(hb_get32(log + 508), hb_checksum(log));
    assert_int_equal(hb_get32(log + 28), 6);
    for (size_t at = 512; at < size; at += hb_get32(log + at + 4)) {
        assert_memory_equal(log + at, "HvLE", 4);
        assert_int_equal(hb_get32(log + at + 4) % 512, 0);
        assert_int_equal(hb_get32(log + at + 12), hb_get32(log + 4) + count++);
    }
    return count;
}

static void check_files(const struct hb_files *files, const struct log_case *log_case)
{
    uint32_t first = log_case->sequence != 0 ? log_case->sequence : 9;
    uint32_t count = 0;

    assert_sound(files->primary, files->primary_size, HC_DIRTY_OK);
    assert_sound(files->recovered, files->recovered_size, 0);
    assert_int_equal(hb_get32(files->primary + 4), 10);
    assert_int_equal(hb_get32(files->primary + 8), 9);
    if (log_case->format == HB_LOG_DIRT) {
        assert_memory_equal(files->log[0] + 512, "DIRT", 4);
        assert_memory_equal(files->log[0] + 12, files->primary + 12, 8);
        return;
    }
    for (uint32_t i = 0; i < log_case->files; i++)
        count += count_entries(files->log[i], files->log_size[i]);
    assert_int_equal(count, log_case->entries);
    assert_int_equal(hb_get32(files->log[log_case->swap] + 4), first);
    assert_int_equal(hb_get32(files->recovered + 4), first + count);
}

static void test_logs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(log_cases) / sizeof(log_cases[0]); i++) {
        const struct log_case *one = &log_cases[i];
        const struct hb_log_options log = {one->format,   one->files,     one->entries,
                                           one->sequence, one->alignment, one->swap};
        struct hb_key *before = make_tree(10), *after = make_tree(600);
        struct hb_options options;
        struct hb_files files;

        hb_options_init(&options);
        options.sequence[0] = options.sequence[1] = 9;
        options.size = 300000;
        assert_int_equal(hb_build_dirty(before, &after, 1, &options, &log, &files), one->error);
        if (one->error == HB_OK)
            check_files(&files, one);
        else
            assert_null(files.primary);
        hb_files_free(&files);
        hb_key_free(before);
        hb_key_free(after);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variants), cmocka_unit_test(test_free_cells),
        cmocka_unit_test(test_size),     cmocka_unit_test(test_places),
        cmocka_unit_test(test_errors),   cmocka_unit_test(test_hashes),
        cmocka_unit_test(test_logs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
