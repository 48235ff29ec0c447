/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit.h"

/* What our value is before and after. */
enum what { NO_KEY, ABSENT, ZERO, ONE, CELL_DWORD, SHORT, TEXT, EMPTY, BIG, LARGEST };

static struct mh_value make_value(enum what what)
{
    switch (what) {
    case ZERO:
        return kit_dword(0);
    case ONE:
    case CELL_DWORD:
        return kit_dword(1);
    case SHORT:
        return kit_bytes(MH_REG_BINARY, "\1\2", 2);
    case TEXT:
        return kit_bytes(MH_REG_SZ, "0\0\0\0", 4);
    case EMPTY:
        return kit_bytes(MH_REG_NONE, NULL, 0);
    case BIG:
        return kit_fill(MH_REG_BINARY, 20000, 3);
    case LARGEST:
        return kit_fill(MH_REG_BINARY, MH_VALUE_MAX, 5);
    default:
        return (struct mh_value){0};
    }
}

static const struct {
    const char *name;
    enum what before;
    enum what after;
    enum mh_regf_kind kind;
} changes[] = {
    {"0 to 1", ZERO, ONE, MH_REGF_PATCH},
    {"1 to 0", ONE, ZERO, MH_REGF_PATCH},
    {"0 to 0", ZERO, ZERO, MH_REGF_SAME},
    {"a text to itself", TEXT, TEXT, MH_REGF_SAME},
    {"absent removed", ABSENT, ABSENT, MH_REGF_SAME},
    {"removed without a key", NO_KEY, ABSENT, MH_REGF_SAME},
    {"set without a key", NO_KEY, ZERO, MH_REGF_IMAGE},
    {"set big without a key", NO_KEY, LARGEST, MH_REGF_IMAGE},
    {"absent to 0", ABSENT, ZERO, MH_REGF_IMAGE},
    {"absent to a text", ABSENT, TEXT, MH_REGF_IMAGE},
    {"absent to nothing", ABSENT, EMPTY, MH_REGF_IMAGE},
    {"absent to big data", ABSENT, BIG, MH_REGF_IMAGE},
    {"0 removed", ZERO, ABSENT, MH_REGF_IMAGE},
    {"a text removed", TEXT, ABSENT, MH_REGF_IMAGE},
    {"nothing removed", EMPTY, ABSENT, MH_REGF_IMAGE},
    {"big data removed", BIG, ABSENT, MH_REGF_IMAGE},
    {"huge data removed", LARGEST, ABSENT, MH_REGF_IMAGE},
    {"a number of its own cell to 0", CELL_DWORD, ZERO, MH_REGF_IMAGE},
    {"a number of its own cell removed", CELL_DWORD, ABSENT, MH_REGF_IMAGE},
    {"a text to 0", TEXT, ZERO, MH_REGF_IMAGE},
    {"0 to a text", ZERO, TEXT, MH_REGF_IMAGE},
    {"two bytes to 0", SHORT, ZERO, MH_REGF_IMAGE},
    {"nothing to 1", EMPTY, ONE, MH_REGF_IMAGE},
    {"1 to nothing", ONE, EMPTY, MH_REGF_IMAGE},
    {"big data to 0", BIG, ZERO, MH_REGF_IMAGE},
    {"0 to big data", ZERO, BIG, MH_REGF_IMAGE},
    {"big data to huge", BIG, LARGEST, MH_REGF_IMAGE},
    {"huge data to big", LARGEST, BIG, MH_REGF_IMAGE},
};

static uint8_t *make_hive(enum what what, bool neighbours, struct hb_options *options,
                          uint32_t *ret_at_data, size_t *ret_size)
{
    struct mh_value value = make_value(what);
    struct hb_key *root = kit_profile(NULL);
    struct hb_value *ours = NULL;
    if (what != NO_KEY) {
        struct hb_key *key = kit_key(root, MH_VALUE_KEY);
        if (neighbours)
            assert_non_null(hb_value_add_text(key, "Before", HB_REG_SZ, "left"));
        if (value.present)
            ours = kit_add(key, MH_VALUE_NAME, &value);
        if (neighbours)
            assert_non_null(hb_value_add_fill(key, "Behind", HB_REG_BINARY, 20000));
    }
    if (neighbours) {
        kit_key(root, "Software\\Microsoft\\Office\\16.0\\Outlook");
        kit_key(root, MH_VALUE_KEY "\\Below");
    }
    if (ours)
        ours->no_inline = what == CELL_DWORD;
    uint8_t *hive = kit_build(root, options, ret_size);
    *ret_at_data = ours ? ours->at_data : 0;
    hb_key_free(root);
    mh_value_clear(&value);
    return hive;
}

static void check_patch(const char *name, const uint8_t *before, const uint8_t *after, size_t size,
                        uint32_t at)
{
    for (size_t i = 0; i < size; i++)
        if (i < at || i >= at + 4)
            KIT_INT(name, after[i], before[i]);
}

static void check_image(const char *name, const uint8_t *before, size_t before_size,
                        const uint8_t *after, size_t after_size, size_t slack)
{
    uint32_t sequence = mh_get32(before + MH_BASE_SEQUENCE1);
    KIT_INT(name, mh_get32(after + MH_BASE_SEQUENCE1), sequence + 1);
    KIT_INT(name, mh_get32(after + MH_BASE_SEQUENCE2), sequence + 1);
    KIT_TRUE(name, mh_get64(after + MH_BASE_TIMESTAMP) == KIT_NOW);
    KIT_TRUE(name, after_size >= before_size);
    size_t bins = mh_get32(after + MH_BASE_BINS_SIZE) + (size_t)MH_BASE_SIZE;
    KIT_TRUE(name, bins <= after_size && after_size - bins <= slack);
}

static void check_change(const char *name, size_t which, bool neighbours,
                         struct hb_options *options)
{
    uint32_t at = 0;
    size_t size;
    size_t new_size = 0;
    uint8_t *new_hive = NULL;
    enum mh_regf_kind kind = MH_REGF_SAME;
    struct mh_error err = {0};
    struct mh_value wanted = make_value(changes[which].after);
    uint8_t *hive = make_hive(changes[which].before, neighbours, options, &at, &size);
    int status = kit_change(hive, size, &wanted, &kind, &new_hive, &new_size, &err);
    bool possible = options->minor < 6 || changes[which].kind != MH_REGF_IMAGE;
    if (!possible) {
        KIT_INT(name, status, MH_UNSUPPORTED);
    } else {
        KIT_TEXT(name, err.message, "");
        KIT_INT(name, status, MH_OK);
        KIT_INT(name, kind, changes[which].kind);
        kit_assert_sound(name, new_hive, new_size);
        struct mh_value read = kit_read(name, new_hive, new_size);
        KIT_TRUE(name, mh_value_equal(&read, &wanted));
        mh_value_clear(&read);
        if (kind == MH_REGF_IMAGE)
            check_image(name, hive, size, new_hive, new_size, options->slack);
        else
            check_patch(name, hive, new_hive, size, at);
        char *before = kit_dump(name, hive, size);
        char *after = kit_dump(name, new_hive, new_size);
        KIT_TEXT(name, after, before);
        free(before);
        free(after);
    }
    mh_value_clear(&wanted);
    free(new_hive);
    free(hive);
}

static void check_all_changes(uint32_t minor, uint32_t free_cells, size_t slack)
{
    for (size_t i = 0; i < KIT_COUNT(changes) * 2; i++) {
        struct hb_options options;
        char name[96];
        hb_options_init(&options);
        options.minor = minor;
        options.free_cells = free_cells;
        options.slack = slack;
        options.timestamp = 0x01D0000000000000u;
        snprintf(name, sizeof(name), "%s%s, version 1.%u, %u free cells", changes[i / 2].name,
                 i % 2 ? ", with neighbours" : "", minor, free_cells);
        check_change(name, i / 2, i % 2 == 1, &options);
    }
}

static void test_changes_of_version_3(void **state)
{
    (void)state;
    check_all_changes(3, 0, 0);
}

static void test_changes_of_version_4(void **state)
{
    (void)state;
    check_all_changes(4, 200, 512);
}

static void test_changes_of_version_5(void **state)
{
    (void)state;
    check_all_changes(5, 20, 100000);
}

static void test_changes_of_version_6(void **state)
{
    (void)state;
    check_all_changes(6, 0, 0);
}

/* What stands behind the bins stays as it is, where it is, unless the bins grow over it. */
static void test_tail(void **state)
{
    static const size_t slacks[] = {0, 1, 4096, 8192, 400000};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(slacks) * 2; i++) {
        struct hb_options options;
        uint32_t at;
        size_t size;
        size_t new_size = 0;
        uint8_t *new_hive = NULL;
        enum mh_regf_kind kind;
        char name[64];
        snprintf(name, sizeof(name), "%lu bytes behind", (unsigned long)slacks[i / 2]);
        hb_options_init(&options);
        options.slack = slacks[i / 2];
        struct mh_value wanted = make_value(i % 2 ? LARGEST : TEXT);
        uint8_t *hive = make_hive(ABSENT, false, &options, &at, &size);
        for (size_t j = size - options.slack; j < size; j++)
            hive[j] = (uint8_t)(j * 7);
        KIT_INT(name, kit_change(hive, size, &wanted, &kind, &new_hive, &new_size, NULL), MH_OK);
        size_t bins = mh_get32(new_hive + MH_BASE_BINS_SIZE) + (size_t)MH_BASE_SIZE;
        KIT_INT(name, new_size, bins > size ? bins : size);
        for (size_t j = bins; j < size; j++)
            KIT_INT(name, new_hive[j], hive[j]);
        mh_value_clear(&wanted);
        free(hive);
        free(new_hive);
    }
}

/* One after the other in the same open hive. */
static void test_several_changes(void **state)
{
    static const enum what path[] = {ONE, ZERO, TEXT, BIG, ABSENT, ONE, ZERO, LARGEST, TEXT, ZERO};
    struct hb_options options;
    uint32_t at;
    size_t size;
    (void)state;
    hb_options_init(&options);
    uint8_t *hive = make_hive(ZERO, true, &options, &at, &size);
    char *before = kit_dump("several", hive, size);
    for (size_t steps = 1; steps <= KIT_COUNT(path); steps++) {
        struct kit_files files = kit_files(hive, size);
        struct mh_regf *regf = NULL;
        struct mh_regf_output output;
        char name[32];
        snprintf(name, sizeof(name), "%u changes", (unsigned)steps);
        KIT_INT(name, kit_open(&files, &regf, NULL), MH_OK);
        struct mh_value wanted = {0};
        for (size_t i = 0; i < steps; i++) {
            struct mh_value read;
            mh_value_clear(&wanted);
            wanted = make_value(path[i]);
            KIT_INT(name, mh_regf_change(regf, MH_VALUE_KEY, MH_VALUE_NAME, &wanted, KIT_NOW, NULL),
                    MH_OK);
            KIT_INT(name, mh_regf_read(regf, MH_VALUE_KEY, MH_VALUE_NAME, &read, NULL), MH_OK);
            KIT_TRUE(name, mh_value_equal(&read, &wanted));
            mh_value_clear(&read);
        }
        size_t new_size;
        KIT_INT(name, mh_regf_output(regf, KIT_NOW, &output, NULL), MH_OK);
        uint8_t *new_hive = kit_carry_out(&files, &output, &new_size);
        kit_assert_sound(name, new_hive, new_size);
        struct mh_value read = kit_read(name, new_hive, new_size);
        KIT_TRUE(name, mh_value_equal(&read, &wanted));
        char *after = kit_dump(name, new_hive, new_size);
        KIT_TEXT(name, after, before);
        free(after);
        free(new_hive);
        mh_value_clear(&read);
        mh_value_clear(&wanted);
        mh_regf_close(regf);
    }
    free(before);
    free(hive);
}

/* Setting and removing it again and again must not make the hive grow. */
static void test_space_is_reused(void **state)
{
    static const enum what turns[] = {LARGEST, ABSENT, TEXT, BIG, ZERO};
    struct hb_options options;
    uint32_t at;
    size_t size;
    size_t most = 0;
    (void)state;
    hb_options_init(&options);
    uint8_t *hive = make_hive(NO_KEY, false, &options, &at, &size);
    for (int i = 0; i < 40; i++) {
        struct mh_value wanted = make_value(turns[i % 5]);
        uint8_t *new_hive = NULL;
        size_t new_size = 0;
        enum mh_regf_kind kind;
        assert_int_equal(kit_change(hive, size, &wanted, &kind, &new_hive, &new_size, NULL), MH_OK);
        kit_assert_sound("again and again", new_hive, new_size);
        mh_value_clear(&wanted);
        free(hive);
        hive = new_hive;
        size = new_size;
        if (i == 4)
            most = size;
        assert_true(i < 5 || size <= most);
    }
    free(hive);
}

static void test_pending_transactions(void **state)
{
    struct hb_options options;
    uint32_t at;
    size_t size;
    struct mh_value one = kit_dword(1);
    struct mh_value zero = kit_dword(0);
    uint8_t *new_hive = NULL;
    size_t new_size = 0;
    enum mh_regf_kind kind;
    (void)state;
    hb_options_init(&options);
    uint8_t *hive = make_hive(ONE, false, &options, &at, &size);
    mh_put32(hive + MH_BASE_FLAGS, MH_BASE_FLAG_KTM);
    kit_seal(hive);
    struct mh_value read = kit_read("pending", hive, size);
    assert_true(mh_value_equal(&read, &one));
    assert_int_equal(kit_change(hive, size, &zero, &kind, &new_hive, &new_size, NULL), MH_DIRTY);
    assert_int_equal(kit_change(hive, size, &one, &kind, &new_hive, &new_size, NULL), MH_OK);
    assert_int_equal(kind, MH_REGF_SAME);
    mh_value_clear(&read);
    mh_value_clear(&one);
    mh_value_clear(&zero);
    free(new_hive);
    free(hive);
}

static void test_sequence_numbers_used_up(void **state)
{
    static const struct {
        uint32_t sequence;
        int status;
    } cases[] = {
        {0xFFFFFFFDu, MH_OK}, {0xFFFFFFFEu, MH_UNSUPPORTED}, {0xFFFFFFFFu, MH_UNSUPPORTED}};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct hb_options options;
        uint32_t at;
        size_t size;
        struct mh_value one = kit_dword(1);
        uint8_t *new_hive = NULL;
        size_t new_size = 0;
        enum mh_regf_kind kind;
        hb_options_init(&options);
        options.sequence[0] = options.sequence[1] = cases[i].sequence;
        uint8_t *hive = make_hive(ABSENT, false, &options, &at, &size);
        KIT_INT("used up", kit_change(hive, size, &one, &kind, &new_hive, &new_size, NULL),
                cases[i].status);
        mh_value_clear(&one);
        free(hive);
        free(new_hive);
    }
}

/* Windows 8.1 and later keep no time in the base block; then none is put there. */
static void test_no_timestamp(void **state)
{
    struct hb_options options;
    uint32_t at;
    size_t size;
    struct mh_value one = kit_dword(1);
    uint8_t *new_hive = NULL;
    size_t new_size = 0;
    enum mh_regf_kind kind;
    (void)state;
    hb_options_init(&options);
    uint8_t *hive = make_hive(ABSENT, false, &options, &at, &size);
    mh_put64(hive + MH_BASE_TIMESTAMP, 0);
    mh_put64(hive + MH_BASE_SIZE + MH_BIN_TIMESTAMP, 0);
    kit_seal(hive);
    assert_int_equal(kit_change(hive, size, &one, &kind, &new_hive, &new_size, NULL), MH_OK);
    assert_true(mh_get64(new_hive + MH_BASE_TIMESTAMP) == 0);
    assert_true(mh_get64(new_hive + MH_BASE_SIZE + MH_BIN_TIMESTAMP) == 0);
    mh_value_clear(&one);
    free(hive);
    free(new_hive);
}

/* A damaged hive can be read where it is whole, but is not rewritten. */
static void test_damaged_is_not_rewritten(void **state)
{
    struct mh_value one = kit_dword(1);
    struct mh_value zero = kit_dword(0);
    const struct mh_value absent = {0};
    struct hb_key *root = kit_profile(&one);
    uint8_t *new_hive = NULL;
    size_t new_size = 0;
    size_t size;
    enum mh_regf_kind kind = MH_REGF_SAME;
    (void)state;
    struct hb_value *other = kit_key(root, "Environment")->values[0];
    uint8_t *hive = kit_build(root, NULL, &size);
    mh_put32(hive + other->at_vk + MH_VK_DATA, 0x7FFFFFF8);
    struct mh_value read = kit_read("damaged elsewhere", hive, size);
    assert_true(mh_value_equal(&read, &one));
    assert_int_equal(kit_change(hive, size, &absent, &kind, &new_hive, &new_size, NULL),
                     MH_CORRUPT);
    assert_null(new_hive);
    assert_int_equal(kit_change(hive, size, &zero, &kind, &new_hive, &new_size, NULL), MH_OK);
    assert_int_equal(kind, MH_REGF_PATCH);
    mh_value_clear(&read);
    mh_value_clear(&one);
    mh_value_clear(&zero);
    hb_key_free(root);
    free(hive);
    free(new_hive);
}

/* Of two values of one name nobody knows which one Windows goes by: neither is replaced. */
static void test_two_of_one_name(void **state)
{
    struct mh_value one = kit_dword(1);
    struct mh_value text = make_value(TEXT);
    const struct mh_value absent = {0};
    struct hb_key *root = kit_profile(&one);
    uint8_t *new_hive = NULL;
    size_t new_size = 0;
    size_t size;
    enum mh_regf_kind kind;
    (void)state;
    kit_add(kit_key(root, MH_VALUE_KEY), "MAPIHTTPDISABLED", &text);
    uint8_t *hive = kit_build_free(root, NULL, &size);
    assert_int_equal(kit_change(hive, size, &absent, &kind, &new_hive, &new_size, NULL),
                     MH_CORRUPT);
    assert_int_equal(kit_change(hive, size, &text, &kind, &new_hive, &new_size, NULL), MH_CORRUPT);
    mh_value_clear(&one);
    mh_value_clear(&text);
    free(hive);
}

/* Nor is one of them patched: the other might count. */
static void test_two_of_one_name_patched(void **state)
{
    struct mh_value one = kit_dword(1);
    struct mh_value zero = kit_dword(0);
    struct hb_key *root = kit_profile(&one);
    uint8_t *new_hive = NULL;
    size_t new_size = 0;
    size_t size;
    enum mh_regf_kind kind;
    (void)state;
    kit_add(kit_key(root, MH_VALUE_KEY), "MAPIHTTPDISABLED", &one);
    uint8_t *hive = kit_build_free(root, NULL, &size);
    int status = kit_change(hive, size, &zero, &kind, &new_hive, &new_size, NULL);
    mh_value_clear(&one);
    mh_value_clear(&zero);
    free(new_hive);
    free(hive);
    assert_int_equal(status, MH_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes_of_version_3),
        cmocka_unit_test(test_changes_of_version_4),
        cmocka_unit_test(test_changes_of_version_5),
        cmocka_unit_test(test_changes_of_version_6),
        cmocka_unit_test(test_tail),
        cmocka_unit_test(test_several_changes),
        cmocka_unit_test(test_space_is_reused),
        cmocka_unit_test(test_pending_transactions),
        cmocka_unit_test(test_sequence_numbers_used_up),
        cmocka_unit_test(test_no_timestamp),
        cmocka_unit_test(test_damaged_is_not_rewritten),
        cmocka_unit_test(test_two_of_one_name),
        cmocka_unit_test(test_two_of_one_name_patched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
