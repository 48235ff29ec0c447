/* SPDX-License-Identifier: MIT */
#include "builder/builder.h"
#include "builder/hb_bytes.h"
#include "checker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Parts of the test hive. */
enum place {
    NOWHERE,
    BASE,
    BIN,
    ROOT,
    ALPHA,
    BETA,
    GAMMA,
    LIST,        /* of the root */
    LEAF,        /* the first below the root's ri (hive TWO) */
    SECOND_LEAF,
    VALUES,
    TEXT,        /* vk with data of 18 bytes in a cell */
    TEXT_DATA,
    NUMBER,      /* vk with inline data */
    BIG,         /* vk with a db */
    BIG_RECORD,
    SEGMENT,     /* the first one's data */
    WIDE,        /* vk with a UTF-16 name */
    SK,
    OTHER_SK,
    CLASS,       /* of Alpha */
    FREE,
};

enum which {
    ONE, /* version 1.5, lh */
    TWO, /* version 1.3, lf below ri with 2 entries each */
};

/* One field to overwrite, and what the checker must then say (NULL: with the next one as well). */
struct damage {
    enum which which;
    enum place place;
    uint32_t delta;
    unsigned bytes;  /* of the field: 1, 2 or 4 */
    uint32_t value;  /* what to write, unless */
    enum place link; /* the cell offset of this is to be written */
    const char *expected;
};

#define NIL 0xFFFFFFFFu

static const struct damage damages[] = {
    {ONE, BASE, 0, 1, 'R', NOWHERE, "no base block"},
    {ONE, BASE, 4, 4, 2, NOWHERE, "dirty: sequence numbers 2 and 1"},
    {ONE, BASE, 20, 4, 2, NOWHERE, "major version is 2"},
    {ONE, BASE, 24, 4, 7, NOWHERE, "minor version is 7"},
    {ONE, BASE, 24, 4, 4, NOWHERE, "an lh list in version 1.4"},
    {ONE, BASE, 28, 4, 6, NOWHERE, "file type is 6"},
    {ONE, BASE, 32, 4, 0, NOWHERE, "file format is 0"},
    {ONE, BASE, 36, 4, 0x24, NOWHERE, "key at 0x24 is no cell"},
    {ONE, BASE, 36, 4, 0, GAMMA, "flags do not say so"},
    {ONE, BASE, 40, 4, 4095, NOWHERE, "not a multiple of 4096"},
    {ONE, BASE, 40, 4, 0x10000000, NOWHERE, "beyond the end of the file"},
    {ONE, BASE, 44, 4, 8, NOWHERE, "clustering factor is 8"},
    {ONE, BASE, 508, 1, 0, NOWHERE, "checksum is"},
    {ONE, BIN, 0, 1, 'H', NOWHERE, "no bin here"},
    {ONE, BIN, 4, 4, 4096, NOWHERE, "bin says it is at"},
    {ONE, BIN, 8, 4, 0, NOWHERE, "bin size is 0x0"},
    {ONE, BIN, 8, 4, 0x1008, NOWHERE, "bin size is 0x1008"},
    {ONE, BIN, 32, 4, 0xFFFFFFF4, NOWHERE, "not a multiple of 8"},
    {ONE, BIN, 32, 4, 0, NOWHERE, "cell size 0"},
    {ONE, BIN, 32, 4, 0xFFFF0000, NOWHERE, "crosses the end of its bin"},
    {ONE, ROOT, 0, 1, 'm', NOWHERE, "no key record here"},
    {ONE, ROOT, 2, 2, 0x20, NOWHERE, "the root key's flags"},
    {ONE, ALPHA, 2, 2, 0x24, NOWHERE, "a second root key"},
    {ONE, ALPHA, 16, 4, 0, BETA, "parent is"},
    {ONE, ALPHA, 72, 2, 0, NOWHERE, "key name length is 0"},
    {ONE, ALPHA, 72, 2, 90, NOWHERE, "key name of 90 bytes does not fit"},
    {ONE, ALPHA, 2, 2, 0, NOWHERE, "key name length is 5"},
    {ONE, ALPHA, 44, 4, NIL, NOWHERE, "without a security record"},
    {ONE, ALPHA, 44, 4, 0, BETA, "no security record at"},
    {ONE, ALPHA, 44, 4, 0, SK, "reference count is 1, but 0 keys"},
    {ONE, ALPHA, 48, 4, NIL, NOWHERE, "no class name"},
    {ONE, ALPHA, 74, 2, 200, NOWHERE, "class name of 200 bytes does not fit"},
    {ONE, ALPHA, 74, 2, 0, NOWHERE, "leak: nothing refers"},
    {ONE, ALPHA, 28, 4, 0, CLASS, "a subkey list without subkeys"},
    {ONE, ALPHA, 40, 4, 0, CLASS, "a value list without values"},
    {ONE, ROOT, 20, 4, 3, NOWHERE, "3 subkeys, but the lists have 4"},
    {ONE, ROOT, 20, 4, 0, NOWHERE, "a subkey list without subkeys"},
    {ONE, ROOT, 28, 4, 0, FREE, "is a free cell"},
    {ONE, ROOT, 28, 4, 0, ALPHA, "no subkey list here"},
    {ONE, ROOT, 52, 2, 9, NOWHERE, "longest subkey name is 10 bytes, not 9"},
    {ONE, ROOT, 56, 4, 9, NOWHERE, "longest subkey class is 10 bytes, not 9"},
    {ONE, ROOT, 60, 4, 1, NOWHERE, "longest value name is"},
    {ONE, ROOT, 64, 4, 19999, NOWHERE, "largest data are 20000 bytes, not 19999"},
    {ONE, ROOT, 36, 4, 100, NOWHERE, "100 values do not fit in their list"},
    {ONE, ROOT, 40, 4, 0x10000000, NOWHERE, "value list at 0x10000000 is no cell"},
    {ONE, LIST, 2, 2, 0, NOWHERE, "an empty subkey list"},
    {ONE, LIST, 2, 2, 900, NOWHERE, "900 entries do not fit"},
    {ONE, LIST, 4, 4, 0, GAMMA, "subkeys are out of order"},
    {ONE, LIST, 4, 4, 0, ROOT, "is in use for something else"},
    {ONE, LIST, 8, 4, 1, NOWHERE, "hash is 0x1"},
    {ONE, BETA, 76, 1, 'z', NOWHERE, "subkeys are out of order"},
    {ONE, BETA, 72, 2, 1, NOWHERE, NULL},
    {ONE, GAMMA, 72, 2, 1, NOWHERE, NULL},
    {ONE, GAMMA, 76, 1, 'B', NOWHERE, "the same name as the one before"},
    {ONE, VALUES, 0, 4, 0, ALPHA, "is in use for something else"},
    {ONE, TEXT, 0, 1, 'w', NOWHERE, "no value record here"},
    {ONE, TEXT, 2, 2, 99, NOWHERE, "value name of 99 bytes does not fit"},
    {ONE, WIDE, 2, 2, 1, NOWHERE, "value name length is 1"},
    {ONE, TEXT, 4, 4, 1000, NOWHERE, "do not fit in their cell"},
    {ONE, TEXT, 8, 4, NIL, NOWHERE, "no data"},
    {ONE, TEXT_DATA, NIL - 3, 4, 16, NOWHERE, "is a free cell"},
    {ONE, NUMBER, 4, 4, 0x80000005, NOWHERE, "inline data of 5 bytes"},
    {ONE, BIG_RECORD, 0, 1, 'x', NOWHERE, "no db record"},
    {ONE, BIG_RECORD, 2, 2, 1, NOWHERE, "1 data segments, not 2"},
    {ONE, BIG_RECORD, 4, 4, 0, FREE, "segment list at"},
    {ONE, SEGMENT, NIL - 3, 4, 0xFFFFFFF0, NOWHERE, "data segment holds 12 of 16344"},
    {ONE, BIG, 4, 4, 16344 * 2, NOWHERE, "largest data are"},
    {ONE, BIG, 4, 4, 16344 * 60, NOWHERE, NULL},
    {ONE, BIG_RECORD, 2, 2, 60, NOWHERE, "60 segments do not fit in their list"},
    {ONE, BIG, 4, 4, 16344 * 2 + 1, NOWHERE, "2 data segments, not 3"},
    {ONE, SK, 0, 1, 'z', NOWHERE, "no security record"},
    {ONE, SK, 4, 4, 0, SK, "does not link back"},
    {ONE, SK, 4, 4, 0, SK, "is not on the ring of the others"},
    {ONE, VALUES, 0, 4, 0, SK, "security record is in use for something else"},
    {ONE, SK, 8, 4, 0, SK, "does not link to this one"},
    {ONE, SK, 12, 4, 9, NOWHERE, "reference count is 9, but 4 keys"},
    {ONE, SK, 16, 4, 4000, NOWHERE, "security descriptor of 4000 bytes"},
    {ONE, SK, 20, 1, 2, NOWHERE, "no self-relative security descriptor"},
    {ONE, SK, 24, 4, 500, NOWHERE, "a part of the security descriptor"},
    {ONE, FREE, NIL - 3, 1, 12, NOWHERE, "not a multiple of 8"},
    {TWO, LEAF, 8, 1, 'x', NOWHERE, "hint does not match"},
    {TWO, LEAF, 4, 4, 0, GAMMA, "is in use for something else"},
    {TWO, LEAF, 1, 1, 'x', NOWHERE, "no li, lf or lh list here"},
    {TWO, LEAF, 1, 1, 'h', NOWHERE, "an lh list in version 1.3"},
    {TWO, LIST, 4, 4, 0, SECOND_LEAF, "is in use for something else"},
    {TWO, LIST, 2, 2, 1, NOWHERE, "4 subkeys, but the lists have 2"},
    {TWO, LIST, 2, 2, 900, NOWHERE, "900 entries do not fit"},
    {TWO, LIST, 2, 2, 0, NOWHERE, "an empty subkey list"},
};

struct hive {
    struct hb_key *root;
    uint8_t *bytes;
    size_t size;
};

static void make_hive(enum which which, struct hive *ret)
{
    struct hb_key *root = hb_key_new("ROOT");
    struct hb_key *alpha = hb_key_add(root, "Alpha");
    struct hb_options options;

    hb_options_init(&options);
    options.free_cells = 3;
    if (which == TWO) {
        options.minor = 3;
        options.leaf_max = 2;
        options.lists = HB_LIST_LF;
    }
    alpha->security = 1;
    assert_int_equal(hb_key_set_class(alpha, "class"), HB_OK);
    assert_non_null(hb_key_add(root, "beta"));
    assert_non_null(hb_key_add(root, "Gamma"));
    assert_non_null(hb_key_add(root, "\xC4\x90\xC3\xAAm"));
    assert_non_null(hb_value_add_text(root, "Text", HB_REG_SZ, "contents"));
    assert_non_null(hb_value_add_dword(root, "Number", 5));
    assert_non_null(hb_value_add_fill(root, "Big", HB_REG_BINARY, 20000));
    assert_non_null(hb_value_add_fill(root, "Gi\xC3\xA1 tr\xE1\xBB\x8B", HB_REG_BINARY, 3));
    ret->root = root;
    assert_int_equal(hb_build(root, &options, &ret->bytes, &ret->size), HB_OK);
}

static void free_hive(struct hive *hive)
{
    hb_key_free(hive->root);
    free(hive->bytes);
}

/* The contents of the first free cell of the first bin. */
static size_t find_free(const struct hive *hive)
{
    size_t at = 4096 + 32;

    while (hb_get32(hive->bytes + at) > INT32_MAX)
        at += 0u - hb_get32(hive->bytes + at);
    return at + 4;
}

static size_t locate_value(const struct hive *hive, enum place place)
{
    struct hb_value *const *values = hive->root->values;

    switch (place) {
    case TEXT:
        return values[0]->at_vk;
    case TEXT_DATA:
        return values[0]->at_data;
    case NUMBER:
        return values[1]->at_vk;
    case BIG:
        return values[2]->at_vk;
    case BIG_RECORD:
        return values[2]->at_data;
    case WIDE:
        return values[3]->at_vk;
    default:
        return 0;
    }
}

static size_t find_segment(const struct hive *hive)
{
    size_t list = hb_get32(hive->bytes + locate_value(hive, BIG_RECORD) + 4) + 4100;

    return hb_get32(hive->bytes + list) + 4100;
}

static size_t locate(const struct hive *hive, enum place place)
{
    const struct hb_key *root = hive->root;

    switch (place) {
    case BIN:
        return 4096;
    case ROOT:
        return root->at_nk;
    case ALPHA:
    case BETA:
    case GAMMA:
        return root->keys[place - ALPHA]->at_nk;
    case LIST:
        return root->at_list;
    case LEAF:
    case SECOND_LEAF:
        return root->at_leaves[place - LEAF];
    case VALUES:
        return root->at_values;
    case SK:
        return root->at_security;
    case OTHER_SK:
        return root->keys[0]->at_security;
    case CLASS:
        return root->keys[0]->at_class;
    case FREE:
        return find_free(hive);
    case SEGMENT:
        return find_segment(hive);
    default:
        return locate_value(hive, place);
    }
}

static void apply(struct hive *hive, const struct damage *damage)
{
    uint8_t *at = hive->bytes + (uint32_t)(locate(hive, damage->place) + damage->delta);
    uint32_t value = damage->value;

    if (damage->link != NOWHERE)
        value = (uint32_t)locate(hive, damage->link) - 4100;
    for (unsigned i = 0; i < damage->bytes; i++)
        at[i] = (uint8_t)(value >> (8 * i) & 0xFF);
    if (damage->place == BASE && damage->delta < 508)
        hb_put32(hive->bytes + 508, hb_checksum(hive->bytes));
}

static bool reports(const struct hc_report *report, const char *expected)
{
    for (size_t i = 0; i < report->text_count; i++)
        if (strstr(report->texts[i].text, expected) != NULL)
            return true;
    return false;
}

static void test_damages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
        struct hive hive;
        struct hc_report report;

        make_hive(damages[i].which, &hive);
        assert_int_equal(hc_check(hive.bytes, hive.size, 0, &report), 0);
        hc_report_free(&report);
        while (damages[i].expected == NULL)
            apply(&hive, &damages[i++]);
        apply(&hive, &damages[i]);
        assert_int_equal(hc_check(hive.bytes, hive.size, 0, &report), 1);
        if (!reports(&report, damages[i].expected))
            fail_msg("not \"%s\" but \"%s\"", damages[i].expected, report.texts[0].text);
        hc_report_free(&report);
        free_hive(&hive);
    }
}

static void test_flags(void **state)
{
    struct hive hive;
    struct hc_report report;

    (void)state;
    make_hive(ONE, &hive);
    hive.bytes[4]++;
    hb_put32(hive.bytes + 508, hb_checksum(hive.bytes));
    hb_put32(hive.bytes + locate(&hive, ALPHA) + 72, 5);
    assert_int_equal(hc_check(hive.bytes, hive.size, HC_ALLOW_LEAKS | HC_DIRTY_OK, &report), 0);
    assert_int_equal(report.leaks, 1);
    assert_int_equal(report.leaked_bytes, 16);
    assert_int_equal(report.keys, 5);
    assert_int_equal(report.values, 4);
    assert_int_equal(report.securities, 2);
    hc_report_free(&report);
    assert_int_equal(hc_check(hive.bytes, hive.size, 0, &report), 1);
    assert_int_equal(report.problems, 2);
    hc_report_free(&report);
    free_hive(&hive);
}

/* All lengths of a hive but its whole must be refused, without reading past the end. */
static void test_truncated(void **state)
{
    struct hive hive;

    (void)state;
    make_hive(ONE, &hive);
    for (size_t size = 0; size < hive.size; size += size < 600 ? 1 : 509) {
        uint8_t *copy = malloc(size + 1);
        struct hc_report report;

        assert_non_null(copy);
        memcpy(copy, hive.bytes, size);
        assert_int_equal(hc_check(copy, size, 0, &report), 1);
        hc_report_free(&report);
        free(copy);
    }
    free_hive(&hive);
}

static void test_depth(void **state)
{
    struct hb_key *root = hb_key_new("r"), *key = root;
    struct hb_options options;
    struct hc_report report;
    uint8_t *bytes = NULL;
    size_t size = 0;

    (void)state;
    hb_options_init(&options);
    for (int depth = 2; depth <= 513; depth++) {
        key = hb_key_add(key, "deeper");
        assert_non_null(key);
        if (depth < 512)
            continue;
        assert_int_equal(hb_build(root, &options, &bytes, &size), HB_OK);
        assert_int_equal(hc_check(bytes, size, 0, &report), depth > 512);
        hc_report_free(&report);
        free(bytes);
    }
    hb_key_free(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_damages),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_depth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
