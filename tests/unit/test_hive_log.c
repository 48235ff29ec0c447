/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit.h"
#include "registry/hive/marvin.h"

enum { BEFORE = 11, SEQUENCE = 40 };

/* A profile with our value, and `fill` bytes else, so that its pages are several. */
static struct hb_key *tree(uint32_t number, uint32_t fill)
{
    struct mh_value value = kit_dword(number);
    struct hb_key *root = kit_profile(&value);
    assert_non_null(hb_value_add_fill(kit_key(root, "Environment"), "fill", HB_REG_BINARY, fill));
    for (uint32_t i = 0; i < fill / 300 + number; i++) {
        char name[24];
        snprintf(name, sizeof(name), "Software\\Key%04u", i * (number + 1));
        kit_key(root, name);
    }
    mh_value_clear(&value);
    return root;
}

static void options_for(struct hb_options *options)
{
    hb_options_init(options);
    options->sequence[0] = options->sequence[1] = SEQUENCE;
    options->timestamp = 0x01D9000000000000u;
}

/* A dirty hive whose value is BEFORE, logs that make it 1, 2 ... `trees`; `fill` as for tree. */
static struct hb_files make_filled(const struct hb_log_options *log, size_t trees, size_t slack,
                                   uint32_t fill)
{
    struct hb_key *before = tree(BEFORE, fill);
    struct hb_key *after[4] = {NULL};
    struct hb_options options;
    struct hb_files files;
    for (size_t i = 0; i < trees; i++)
        after[i] = tree((uint32_t)i + 1, fill + fill / 2 * (uint32_t)i);
    options_for(&options);
    options.slack = slack;
    assert_int_equal(hb_build_dirty(before, after, trees, &options, log, &files), HB_OK);
    hb_key_free(before);
    for (size_t i = 0; i < trees; i++)
        hb_key_free(after[i]);
    return files;
}

static struct hb_files make(const struct hb_log_options *log, size_t trees, size_t slack)
{
    return make_filled(log, trees, slack, 9000);
}

static struct kit_files with_logs(const struct hb_files *files)
{
    struct kit_files with = kit_files(files->primary, files->primary_size);
    for (size_t i = 0; i < 2; i++)
        if (files->log[i])
            with.logs[with.log_count++] =
                (struct kit_source){.bytes = files->log[i], .size = files->log_size[i]};
    return with;
}

/* Opens and reads our value's number. */
static int look(struct kit_files *files, uint32_t *ret_number, struct mh_error *err)
{
    struct mh_regf *regf = NULL;
    struct mh_value value = {0};
    int status = kit_open(files, &regf, err);
    if (status == MH_OK)
        status = mh_regf_read(regf, MH_VALUE_KEY, MH_VALUE_NAME, &value, err);
    if (status == MH_OK && !mh_value_dword(&value, ret_number))
        status = MH_STATUS_COUNT;
    assert_true(status != MH_OK || mh_regf_recovered(regf));
    mh_value_clear(&value);
    mh_regf_close(regf);
    assert_false(kit_strayed(files));
    return status;
}

static const struct {
    const char *name;
    struct hb_log_options log;
    size_t trees;
} variants[] = {
    {"one entry", {HB_LOG_HVLE, 1, 1, 0, 4096, false}, 1},
    {"five entries", {HB_LOG_HVLE, 1, 5, 0, 512, false}, 1},
    {"two files", {HB_LOG_HVLE, 2, 4, 0, 4096, false}, 1},
    {"two files, the later first", {HB_LOG_HVLE, 2, 4, 0, 4096, true}, 1},
    {"one change after another", {HB_LOG_HVLE, 1, 1, 0, 4096, false}, 3},
    {"changes over two files", {HB_LOG_HVLE, 2, 1, 0, 4096, true}, 3},
    {"later sequence numbers", {HB_LOG_HVLE, 1, 2, SEQUENCE + 5, 4096, false}, 1},
    {"DIRT", {HB_LOG_DIRT, 1, 1, 0, 4096, false}, 1},
};

static void test_recovers(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(variants) * 2; i++) {
        const char *name = variants[i / 2].name;
        struct hb_files files =
            make(&variants[i / 2].log, variants[i / 2].trees, i % 2 ? 8192 : 0);
        struct kit_files opened = with_logs(&files);
        struct mh_regf *regf = NULL;
        struct mh_error err = {0};
        uint32_t number = 0;
        int status = kit_open(&opened, &regf, &err);
        KIT_TEXT(name, err.message, "");
        KIT_INT(name, status, MH_OK);
        KIT_TRUE(name, mh_regf_recovered(regf));
        KIT_INT(name, opened.log_calls, 1);
        struct mh_image *image = mh_regf_image(regf);
        KIT_TRUE(name, image->size <= files.recovered_size);
        KIT_TRUE(name, memcmp(image->memory + MH_BASE_SIZE, files.recovered + MH_BASE_SIZE,
                              image->size - MH_BASE_SIZE) == 0);
        KIT_TRUE(name, mh_base_clean(&image->base));
        KIT_INT(name, image->base.sequence1, mh_get32(files.recovered + MH_BASE_SEQUENCE1));
        mh_regf_close(regf);
        KIT_INT(name, look(&opened, &number, NULL), MH_OK);
        KIT_INT(name, number, variants[i / 2].trees);
        hb_files_free(&files);
    }
}

/* What is written then begins beyond the logs, so that nobody replays them over it. */
static void test_change_after_recovery(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(variants); i++) {
        const char *name = variants[i].name;
        struct hb_files files = make(&variants[i].log, variants[i].trees, 0);
        struct kit_files opened = with_logs(&files);
        struct mh_regf *regf = NULL;
        struct mh_regf_output output;
        struct mh_value wanted = kit_dword(77);
        KIT_INT(name, kit_open(&opened, &regf, NULL), MH_OK);
        KIT_INT(name, mh_regf_change(regf, MH_VALUE_KEY, MH_VALUE_NAME, &wanted, KIT_NOW, NULL),
                MH_OK);
        KIT_INT(name, mh_regf_output(regf, KIT_NOW, &output, NULL), MH_OK);
        KIT_INT(name, output.kind, MH_REGF_IMAGE);
        size_t size;
        uint8_t *hive = kit_carry_out(&opened, &output, &size);
        kit_assert_sound(name, hive, size);
        struct mh_value read = kit_read(name, hive, size);
        KIT_TRUE(name, mh_value_equal(&read, &wanted));
        uint32_t recovered = mh_get32(files.recovered + MH_BASE_SEQUENCE1);
        KIT_TRUE(name, mh_get32(hive + MH_BASE_SEQUENCE1) >= recovered);
        for (size_t log = 0; log < 2; log++) {
            struct mh_log one;
            struct kit_source source = {.bytes = files.log[log], .size = files.log_size[log]};
            struct mh_source bytes = kit_source(&source);
            if (!files.log[log])
                continue;
            KIT_INT(name, mh_log_open(&bytes, &one, NULL), MH_OK);
            KIT_TRUE(name, mh_get32(hive + MH_BASE_SEQUENCE1) > mh_log_highest(&one));
        }
        mh_value_clear(&read);
        mh_value_clear(&wanted);
        mh_regf_close(regf);
        free(hive);
        hb_files_free(&files);
    }
}

/* A clean hive beside logs that count further: what is written goes beyond them, too. */
static void test_change_beside_other_logs(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(variants); i++) {
        const char *name = variants[i].name;
        struct hb_files files = make(&variants[i].log, variants[i].trees, 0);
        size_t size;
        uint8_t *hive = kit_build_free(tree(BEFORE, 300), NULL, &size);
        struct kit_files opened = with_logs(&files);
        struct mh_regf *regf = NULL;
        struct mh_regf_output output;
        struct mh_value text = kit_bytes(MH_REG_SZ, "a\0\0\0", 4);
        struct mh_value zero = kit_dword(0);
        opened.hive = (struct kit_source){.bytes = hive, .size = size};
        KIT_INT(name, kit_open(&opened, &regf, NULL), MH_OK);
        KIT_TRUE(name, !mh_regf_recovered(regf));
        KIT_INT(name, mh_regf_change(regf, MH_VALUE_KEY, MH_VALUE_NAME, &zero, KIT_NOW, NULL),
                MH_OK);
        KIT_INT(name, opened.log_calls, 0); /* a patch of a clean hive is none of their business */
        KIT_INT(name, mh_regf_change(regf, MH_VALUE_KEY, MH_VALUE_NAME, &text, KIT_NOW, NULL),
                MH_OK);
        KIT_INT(name, opened.log_calls, 1);
        KIT_INT(name, mh_regf_output(regf, KIT_NOW, &output, NULL), MH_OK);
        KIT_INT(name, output.kind, MH_REGF_IMAGE);
        KIT_TRUE(name, mh_get32(output.bytes + MH_BASE_SEQUENCE1) >=
                           mh_get32(files.recovered + MH_BASE_SEQUENCE1));
        mh_value_clear(&text);
        mh_value_clear(&zero);
        mh_regf_close(regf);
        hb_files_free(&files);
        free(hive);
    }
}

/* A recovered hive that nobody changes is not written. */
static void test_recovery_alone_writes_nothing(void **state)
{
    struct hb_files files = make(&variants[0].log, 1, 0);
    struct kit_files opened = with_logs(&files);
    struct mh_regf *regf = NULL;
    struct mh_regf_output output;
    struct mh_value same = kit_dword(1);
    (void)state;
    assert_int_equal(kit_open(&opened, &regf, NULL), MH_OK);
    assert_int_equal(mh_regf_change(regf, MH_VALUE_KEY, MH_VALUE_NAME, &same, KIT_NOW, NULL),
                     MH_OK);
    assert_int_equal(mh_regf_output(regf, KIT_NOW, &output, NULL), MH_OK);
    assert_int_equal(output.kind, MH_REGF_SAME);
    mh_value_clear(&same);
    mh_regf_close(regf);
    hb_files_free(&files);
}

static void test_without_use(void **state)
{
    struct hb_log_options log;
    struct mh_error err = {0};
    uint32_t number = 0;
    (void)state;
    hb_log_options_init(&log);
    struct hb_files files = make(&log, 1, 0);
    struct kit_files opened = with_logs(&files);
    opened.log_count = 0;
    assert_int_equal(look(&opened, &number, &err), MH_DIRTY);
    assert_int_equal(err.status, MH_DIRTY);
    opened = with_logs(&files);
    opened.logs[0].size = 0;
    assert_int_equal(look(&opened, &number, NULL), MH_DIRTY);
    opened.logs[0].size = 100;
    assert_int_equal(look(&opened, &number, NULL), MH_DIRTY);
    opened.logs[0].size = MH_SECTOR;
    assert_int_equal(look(&opened, &number, NULL), MH_DIRTY);
    /* A log of itself, and a log that is the hive. */
    opened.logs[0] = opened.hive;
    assert_int_equal(look(&opened, &number, NULL), MH_DIRTY);
    hb_files_free(&files);
}

/* HvLE logs older than the last flush are left over: they would bring old bytes back. */
static void test_stale(void **state)
{
    struct hb_log_options log;
    uint32_t number = 0;
    (void)state;
    hb_log_options_init(&log);
    log.sequence = SEQUENCE - 1;
    struct hb_files files = make(&log, 1, 0);
    struct kit_files opened = with_logs(&files);
    assert_int_equal(look(&opened, &number, NULL), MH_DIRTY);
    hb_files_free(&files);
}

/* The later of two logs is not replayed when the earlier one does not lead up to it. */
static void test_gap(void **state)
{
    const struct hb_log_options log = {HB_LOG_HVLE, 2, 4, 0, 4096, false};
    uint32_t number = 0;
    (void)state;
    struct hb_files files = make(&log, 1, 0);
    struct kit_files opened = with_logs(&files);
    /* The second entry of the first file is broken: its second half is missing from the chain. */
    uint8_t *first = files.log[0];
    first[MH_SECTOR + mh_get32(first + MH_SECTOR + 4) + 60] ^= 1;
    assert_int_equal(look(&opened, &number, NULL), MH_DIRTY);
    hb_files_free(&files);
}

/* Entries up to the broken one are whole transactions. */
static void test_broken_entry_ends_the_log(void **state)
{
    struct hb_log_options log;
    (void)state;
    hb_log_options_init(&log);
    for (uint32_t broken = 0; broken < 3; broken++) {
        struct hb_files files = make(&log, 3, 0);
        struct kit_files opened = with_logs(&files);
        uint32_t number = 0;
        size_t at = MH_SECTOR;
        for (uint32_t i = 0; i < broken; i++)
            at += mh_get32(files.log[0] + at + 4);
        files.log[0][at + mh_get32(files.log[0] + at + 4) - 1] ^= 0x10;
        int status = look(&opened, &number, NULL);
        assert_int_equal(status, broken == 0 ? MH_DIRTY : MH_OK);
        assert_int_equal(number, broken);
        hb_files_free(&files);
    }
}

static void test_broken_base_block(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(variants); i++) {
        struct hb_files files = make(&variants[i].log, variants[i].trees, 0);
        struct kit_files opened = with_logs(&files);
        uint32_t number = 0;
        files.primary[MH_BASE_CHECKSUM] ^= 1;
        /* Without a base block nothing tells which files belong together: never more than one. */
        if (variants[i].log.files == 1) {
            KIT_INT(variants[i].name, look(&opened, &number, NULL), MH_OK);
            KIT_INT(variants[i].name, number, variants[i].trees);
        } else {
            int status = look(&opened, &number, NULL);
            KIT_TRUE(variants[i].name, status != MH_INTERNAL);
        }
        opened.log_count = 0;
        KIT_INT(variants[i].name, look(&opened, &number, NULL), MH_CORRUPT);
        hb_files_free(&files);
    }
}

/* A DIRT log is of one flush: its timestamp says of which. */
static void test_dirt_of_another_flush(void **state)
{
    const struct hb_log_options log = {HB_LOG_DIRT, 1, 1, 0, 4096, false};
    uint32_t number = 0;
    (void)state;
    struct hb_files files = make(&log, 1, 0);
    struct kit_files opened = with_logs(&files);
    files.log[0][MH_BASE_TIMESTAMP] ^= 1;
    kit_seal(files.log[0]);
    assert_int_equal(look(&opened, &number, NULL), MH_DIRTY);
    files.log[0][MH_BASE_TIMESTAMP] ^= 1;
    kit_seal(files.log[0]);
    assert_int_equal(look(&opened, &number, NULL), MH_OK);
    opened.logs[0].size -= 1;
    assert_int_equal(look(&opened, &number, NULL), MH_DIRTY);
    hb_files_free(&files);
}

/* An entry with right hashes may still say anything. */
static void test_entries_that_lie(void **state)
{
    static const struct {
        const char *name;
        size_t at; /* in the entry */
        uint32_t number;
    } cases[] = {
        {"no bins", 16, 0},
        {"odd bins", 16, 4097},
        {"more bins than numbers", 16, 0xFFFFF000u},
        {"bins beyond the most", 16, MH_HIVE_MAX + 4096},
        {"bins that no log accounts for", 16, 64u * 1024u * 1024u},
        {"too many pages", 20, 0x10000000},
        {"all pages", 20, 0xFFFFFFFFu},
        {"a page behind the end", 40, 0x7FFFF000},
        {"a page whose end overflows", 40, 0xFFFFF000u},
        {"a page of too many bytes", 44, 0xFFFFFFFFu},
        {"no size", 4, 0},
        {"less than a sector", 4, 8},
        {"more than the file", 4, 0x7FFFFE00},
        {"another sequence number", 12, SEQUENCE + 1},
    };
    struct hb_log_options log;
    (void)state;
    hb_log_options_init(&log);
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct hb_files files = make(&log, 1, 0);
        struct kit_files opened = with_logs(&files);
        uint8_t *entry = files.log[0] + MH_SECTOR;
        size_t size = mh_get32(entry + 4);
        uint32_t number = 0;
        mh_put32(entry + cases[i].at, cases[i].number);
        mh_put64(entry + 24, mh_marvin32(entry + 40, size - 40));
        mh_put64(entry + 32, mh_marvin32(entry, 32));
        KIT_INT(cases[i].name, look(&opened, &number, NULL), MH_DIRTY);
        hb_files_free(&files);
    }
}

static void test_every_bit_of_a_log(void **state)
{
    static const size_t some[] = {0, 3, 7};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(some); i++) {
        struct hb_files files = make_filled(&variants[some[i]].log, 1, 0, 300);
        struct kit_files opened = with_logs(&files);
        for (size_t bit = 0; bit < (size_t)8 * 640; bit++) {
            uint32_t number = 0;
            files.log[0][bit / 8] ^= (uint8_t)(1u << bit % 8);
            int status = look(&opened, &number, NULL);
            if (status == MH_INTERNAL || (status == MH_OK && number != 1 && number != BEFORE))
                fail_msg("%s, bit %lu: status %d, %u", variants[some[i]].name, (unsigned long)bit,
                         status, number);
            files.log[0][bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        hb_files_free(&files);
    }
}

static void test_every_truncation_of_a_log(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(variants); i += 4) {
        struct hb_files files = make_filled(&variants[i].log, variants[i].trees, 0, 300);
        struct kit_files opened = with_logs(&files);
        for (uint64_t size = 0; size < files.log_size[0]; size += size < 600 ? 1 : 61) {
            uint32_t number = 0;
            opened.logs[0].size = size;
            int status = look(&opened, &number, NULL);
            assert_true(status == MH_OK || status == MH_DIRTY);
        }
        hb_files_free(&files);
    }
}

/* Counted when it is opened, applied later: an entry that is gone by then must not pass for applied. */
static void test_log_that_changes(void **state)
{
    struct hb_files files = make(&variants[1].log, 1, 0);
    struct kit_source hive = {.bytes = files.primary, .size = files.primary_size};
    struct kit_source source = {.bytes = files.log[0], .size = files.log_size[0]};
    struct mh_source hive_bytes = kit_source(&hive);
    struct mh_source log_bytes = kit_source(&source);
    struct mh_base base;
    struct mh_image image;
    struct mh_log log;
    (void)state;
    assert_int_equal(mh_base_parse(files.primary, &base, NULL), MH_OK);
    assert_int_equal(mh_image_open(&hive_bytes, &base, &image, NULL), MH_OK);
    assert_int_equal(mh_image_load(&image, NULL), MH_OK);
    image.limit = files.primary_size + files.log_size[0];
    assert_int_equal(mh_log_open(&log_bytes, &log, NULL), MH_OK);
    assert_int_equal(mh_log_hvle_apply(&log, &image, NULL), MH_OK);
    memset(files.log[0] + MH_SECTOR + mh_get32(files.log[0] + MH_SECTOR + 4), 0, 4);
    assert_int_equal(mh_log_hvle_apply(&log, &image, NULL), MH_IN_USE);
    mh_image_clear(&image);
    hb_files_free(&files);
}

static void test_log_open(void **state)
{
    static const uint8_t garbage[2048] = {'r', 'e', 'g', 'f'};
    static const size_t sizes[] = {0, 1, 511, 512, 513, 2048};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(sizes); i++) {
        struct kit_source source = {.bytes = garbage, .size = sizes[i]};
        struct mh_source bytes = kit_source(&source);
        struct mh_log log = {.usable = true};
        assert_int_equal(mh_log_open(&bytes, &log, NULL), MH_OK);
        assert_false(log.usable);
        assert_int_equal(mh_log_highest(&log), 0);
        assert_false(source.strayed);
    }
    struct hb_files files = make(&variants[1].log, 1, 0);
    struct kit_source source = {.bytes = files.log[0], .size = files.log_size[0]};
    struct mh_source bytes = kit_source(&source);
    struct mh_log log;
    assert_int_equal(mh_log_open(&bytes, &log, NULL), MH_OK);
    assert_true(log.usable);
    assert_int_equal(log.first, SEQUENCE);
    assert_int_equal(log.last, SEQUENCE + 4);
    assert_int_equal(mh_log_highest(&log), SEQUENCE + 4);
    source.fail_after = 3;
    source.reads = 0;
    assert_int_equal(mh_log_open(&bytes, &log, NULL), MH_IO);
    hb_files_free(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recovers),
        cmocka_unit_test(test_change_after_recovery),
        cmocka_unit_test(test_change_beside_other_logs),
        cmocka_unit_test(test_recovery_alone_writes_nothing),
        cmocka_unit_test(test_without_use),
        cmocka_unit_test(test_stale),
        cmocka_unit_test(test_gap),
        cmocka_unit_test(test_broken_entry_ends_the_log),
        cmocka_unit_test(test_broken_base_block),
        cmocka_unit_test(test_dirt_of_another_flush),
        cmocka_unit_test(test_entries_that_lie),
        cmocka_unit_test(test_every_bit_of_a_log),
        cmocka_unit_test(test_every_truncation_of_a_log),
        cmocka_unit_test(test_log_that_changes),
        cmocka_unit_test(test_log_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
