/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/text.h"
#include "kit.h"
#include "registry/hive/data.h"
#include "registry/hive/list.h"
#include "registry/hive/marvin.h"
#include "registry/software.h"

static void test_checksum(void **state)
{
    static const struct {
        const char *name;
        uint32_t first;
        uint32_t sum;
    } cases[] = {
        {"zero becomes 1", 0, 1},
        {"all ones lose one", 0xFFFFFFFFu, 0xFFFFFFFEu},
        {"1 stays", 1, 1},
        {"all ones but one stay", 0xFFFFFFFEu, 0xFFFFFFFEu},
        {"any other stays", 0x12345678u, 0x12345678u},
    };
    uint8_t sector[MH_SECTOR];
    uint64_t random = 3;
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        memset(sector, 0, sizeof(sector));
        mh_put32(sector, cases[i].first);
        KIT_INT(cases[i].name, mh_base_checksum(sector), cases[i].sum);
    }
    for (int i = 0; i < 100; i++) {
        for (size_t at = 0; at < sizeof(sector); at++)
            sector[at] = (uint8_t)kit_random(&random);
        assert_int_equal(mh_base_checksum(sector), hb_checksum(sector));
    }
}

/* One number of a good base block changed, the checksum right. */
static void test_base(void **state)
{
    static const struct {
        const char *name;
        size_t at;
        uint32_t number;
        int status;
        bool clean;
    } cases[] = {
        {"as it was", MH_BASE_FORMAT, 1, MH_OK, true},
        {"another beginning", 0, 0x66676573, MH_CORRUPT, false},
        {"version 0.5", MH_BASE_MAJOR, 0, MH_UNSUPPORTED, false},
        {"version 2.5", MH_BASE_MAJOR, 2, MH_UNSUPPORTED, false},
        {"version 1.2", MH_BASE_MINOR, 2, MH_UNSUPPORTED, false},
        {"version 1.3", MH_BASE_MINOR, 3, MH_OK, true},
        {"version 1.6", MH_BASE_MINOR, 6, MH_OK, true},
        {"version 1.7", MH_BASE_MINOR, 7, MH_UNSUPPORTED, false},
        {"primary sequence", MH_BASE_SEQUENCE1, 99, MH_OK, false},
        {"secondary sequence", MH_BASE_SEQUENCE2, 99, MH_OK, false},
    };
    size_t size;
    uint8_t *hive = kit_build_free(kit_profile(NULL), NULL, &size);
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        uint8_t sector[MH_SECTOR];
        struct mh_base base = {.root = 77};
        struct mh_error err = {0};
        memcpy(sector, hive, sizeof(sector));
        mh_put32(sector + cases[i].at, cases[i].number);
        kit_seal(sector);
        KIT_INT(cases[i].name, mh_base_parse(sector, &base, &err), cases[i].status);
        KIT_INT(cases[i].name, err.status, cases[i].status);
        if (cases[i].status != MH_OK) {
            KIT_INT(cases[i].name, base.root, 77);
            sector[MH_BASE_CHECKSUM] ^= 1; /* then nothing that it says is sure */
            KIT_INT(cases[i].name, mh_base_parse(sector, &base, NULL), MH_CORRUPT);
            continue;
        }
        KIT_TRUE(cases[i].name, base.checksum_right);
        KIT_INT(cases[i].name, mh_base_clean(&base), cases[i].clean);
        sector[MH_BASE_CHECKSUM] ^= 1;
        KIT_INT(cases[i].name, mh_base_parse(sector, &base, &err), MH_OK);
        KIT_TRUE(cases[i].name, !base.checksum_right);
        KIT_TRUE(cases[i].name, !mh_base_clean(&base));
    }
    free(hive);
}

static void test_base_fields(void **state)
{
    struct hb_key *root = kit_profile(NULL);
    struct hb_options options;
    struct mh_base base;
    size_t size;
    (void)state;
    hb_options_init(&options);
    options.sequence[0] = options.sequence[1] = 0x01020304;
    options.timestamp = 0x0102030405060708u;
    options.minor = 3;
    uint8_t *hive = kit_build(root, &options, &size);
    assert_int_equal(mh_base_parse(hive, &base, NULL), MH_OK);
    assert_int_equal(base.sequence1, 0x01020304);
    assert_int_equal(base.sequence2, 0x01020304);
    assert_true(base.timestamp == 0x0102030405060708u);
    assert_int_equal(base.minor, 3);
    assert_int_equal(base.type, MH_BASE_PRIMARY);
    assert_int_equal(base.root, root->at_nk - 4100);
    assert_int_equal(base.bins_size, size - 4096);
    assert_int_equal(base.flags, 0);
    mh_base_update(hive, 9, 0x1122334455667788u, 8192);
    assert_int_equal(mh_base_parse(hive, &base, NULL), MH_OK);
    assert_true(mh_base_clean(&base));
    assert_int_equal(base.sequence1, 9);
    assert_true(base.timestamp == 0x1122334455667788u);
    assert_int_equal(base.bins_size, 8192);
    hb_key_free(root);
    free(hive);
}

static void test_open(void **state)
{
    static const struct {
        const char *name;
        size_t at;
        uint32_t number;
        size_t cut; /* bytes off the end */
        bool sealed;
        int status;
    } cases[] = {
        {"as it was", MH_BASE_FORMAT, 1, 0, true, MH_OK},
        {"a log", MH_BASE_TYPE, MH_BASE_LOG_NEW, 0, true, MH_CORRUPT},
        {"no bins", MH_BASE_BINS_SIZE, 0, 0, true, MH_CORRUPT},
        {"half a page of bins", MH_BASE_BINS_SIZE, 2048, 0, true, MH_CORRUPT},
        {"more bins than file", MH_BASE_BINS_SIZE, 1u << 20, 0, true, MH_CORRUPT},
        {"as many bins as can be said", MH_BASE_BINS_SIZE, 0xFFFFF000u, 0, true, MH_CORRUPT},
        {"one byte too short", MH_BASE_FORMAT, 1, 1, true, MH_CORRUPT},
        {"a root that is no cell", MH_BASE_ROOT, 33, 0, true, MH_CORRUPT},
        {"a root in the bin's header", MH_BASE_ROOT, 0, 0, true, MH_CORRUPT},
        {"a root behind the end", MH_BASE_ROOT, 0xFFFFFFF8u, 0, true, MH_CORRUPT},
        {"dirty, no logs", MH_BASE_SEQUENCE1, 99, 0, true, MH_DIRTY},
        {"broken, no logs", MH_BASE_SEQUENCE1, 99, 0, false, MH_CORRUPT},
        {"an old version", MH_BASE_MINOR, 2, 0, true, MH_UNSUPPORTED},
    };
    size_t size;
    uint8_t *good = kit_build_free(kit_profile(NULL), NULL, &size);
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_error err = {0};
        struct mh_regf *regf = NULL;
        uint8_t *hive = malloc(size - cases[i].cut);
        assert_non_null(hive);
        memcpy(hive, good, size - cases[i].cut);
        mh_put32(hive + cases[i].at, cases[i].number);
        if (cases[i].sealed)
            kit_seal(hive);
        struct kit_files files = kit_files(hive, size - cases[i].cut);
        int status = kit_open(&files, &regf, &err);
        if (status == MH_OK) {
            struct mh_value value = {0};
            status = mh_regf_read(regf, MH_VALUE_KEY, MH_VALUE_NAME, &value, &err);
            KIT_TRUE(cases[i].name, !value.present);
        } else {
            KIT_TRUE(cases[i].name, regf == NULL);
        }
        KIT_INT(cases[i].name, status, cases[i].status);
        KIT_INT(cases[i].name, err.status, cases[i].status);
        KIT_TRUE(cases[i].name, !kit_strayed(&files));
        mh_regf_close(regf);
        free(hive);
    }
    mh_regf_close(NULL);
    free(good);
}

/* Before memory is asked for. */
static void test_too_large_a_hive(void **state)
{
    static const struct {
        const char *name;
        uint32_t bins_size;
        int status;
    } cases[] = {
        {"the most", MH_HIVE_MAX, MH_OK},
        {"a page more", MH_HIVE_MAX + MH_PAGE, MH_UNSUPPORTED},
        {"as many as can be said", 0xFFFFF000u, MH_UNSUPPORTED},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct kit_source huge = {.size = (uint64_t)1 << 40}; /* never read */
        const struct mh_source source = kit_source(&huge);
        const struct mh_base base = {.checksum_right = true, .minor = 5,
                                     .bins_size = cases[i].bins_size};
        struct mh_image image;
        KIT_INT(cases[i].name, mh_image_open(&source, &base, &image, NULL), cases[i].status);
        KIT_INT(cases[i].name, huge.reads, 0);
    }
}

static void test_reading_fails(void **state)
{
    size_t size;
    struct hb_options options;
    struct mh_value value_in_it = kit_fill(MH_REG_BINARY, 50000, 1);
    (void)state;
    hb_options_init(&options);
    options.size = 200000; /* so that not all of it is read at once */
    uint8_t *hive = kit_build_free(kit_profile(&value_in_it), &options, &size);
    mh_value_clear(&value_in_it);
    for (uint64_t reads = 1; reads < 1000; reads++) {
        struct kit_files files = kit_files(hive, size);
        struct mh_regf *regf = NULL;
        struct mh_error err = {0};
        struct mh_value value = {.type = 77};
        files.hive.fail_after = reads;
        int status = kit_open(&files, &regf, &err);
        if (status == MH_OK)
            status = mh_regf_read(regf, MH_VALUE_KEY, MH_VALUE_NAME, &value, &err);
        mh_regf_close(regf);
        if (status == MH_OK) {
            mh_value_clear(&value);
            free(hive);
            assert_true(reads > 1);
            return;
        }
        assert_int_equal(status, MH_IO);
        assert_int_equal(value.type, 77);
    }
    fail_msg("reading one value takes a thousand reads");
}

/* Neither what stands behind the bins nor a log is looked at. */
static void test_clean_needs_no_logs(void **state)
{
    struct hb_options options;
    size_t size;
    struct mh_value one = kit_dword(1);
    (void)state;
    hb_options_init(&options);
    options.slack = 1000;
    uint8_t *hive = kit_build_free(kit_profile(&one), &options, &size);
    struct kit_files files = kit_files(hive, size);
    struct mh_regf *regf = NULL;
    struct mh_value value;
    assert_int_equal(kit_open(&files, &regf, NULL), MH_OK);
    assert_false(mh_regf_recovered(regf));
    assert_int_equal(mh_regf_read(regf, "SOFTWARE\\microsoft\\EXCHANGE", "mapihttpDISABLED", &value,
                                  NULL),
                     MH_OK);
    assert_true(mh_value_equal(&value, &one));
    assert_int_equal(files.log_calls, 0);
    mh_value_clear(&value);
    mh_value_clear(&one);
    mh_regf_close(regf);
    free(hive);
}

static const char *const odd_names[] = {
    "A", "Zebra", "With Space", "M\xC3\xBCller", "\xC3\xBF", ("stra\xC3\x9F" "e"),
    "\xC4\x90\xC6\xB0\xE1\xBB\x9Dng", "\xF0\x9F\x98\x80 smile", "a\xF0\x9F\x98\x80", "[a]", "_",
    "~",
};
static const char *const odd_lookups[] = {
    "a", "zEBRA", "with space", "m\xC3\x9CLLER", "\xC5\xB8", ("STRA\xC3\x9F" "E"),
    "\xC4\x91\xC6\xAF\xE1\xBB\x9CNG", "\xF0\x9F\x98\x80 SMILE", "A\xF0\x9F\x98\x80", "[A]", "_",
    "~",
};

static void check_found(const char *name, struct mh_image *image, const char *path,
                        const char *lookup, bool expected)
{
    struct mh_key parent;
    struct mh_key key;
    struct mh_name wanted;
    const char *rest;
    bool found = !expected;
    KIT_INT(name, mh_key_walk(image, path, &parent, &rest, NULL), MH_OK);
    KIT_TEXT(name, rest, "");
    KIT_INT(name, mh_name_make(lookup, strlen(lookup), &wanted, NULL), MH_OK);
    KIT_INT(lookup, mh_subkey_find(image, &parent, &wanted, &key, &found, NULL), MH_OK);
    KIT_INT(lookup, found, expected);
    if (expected)
        KIT_INT(lookup, key.parent, parent.cell);
}

static void look_through(const char *name, const uint8_t *hive, size_t size, unsigned many)
{
    struct kit_files files = kit_files(hive, size);
    struct mh_regf *regf = NULL;
    KIT_INT(name, kit_open(&files, &regf, NULL), MH_OK);
    struct mh_image *image = mh_regf_image(regf);
    for (size_t i = 0; i < KIT_COUNT(odd_names); i++) {
        check_found(name, image, "Odd", odd_names[i], true);
        check_found(name, image, "Odd", odd_lookups[i], true);
    }
    check_found(name, image, "odd", "b", false);
    check_found(name, image, "odd", "Zebr", false);
    check_found(name, image, "odd", "Zebra2", false);
    for (unsigned i = 0; i < many; i += 1 + many / 50) {
        char lookup[16];
        snprintf(lookup, sizeof(lookup), "KEY%04u", i);
        check_found(name, image, "many", lookup, true);
        snprintf(lookup, sizeof(lookup), "key%04ux", i);
        check_found(name, image, "many", lookup, false);
    }
    check_found(name, image, "A\\Empty", "x", false);
    mh_regf_close(regf);
    assert_false(kit_strayed(&files));
}

static void test_find_in_every_list(void **state)
{
    static const struct {
        const char *name;
        uint32_t minor;
        enum hb_list lists;
        uint32_t leaf_max;
        unsigned many;
        const char *kind; /* of the list of many */
    } cases[] = {
        {"li", 3, HB_LIST_LI, 2000, 1500, "li"},
        {"lf", 3, HB_LIST_LF, 2000, 1500, "lf"},
        {"lf, version 1.5", 5, HB_LIST_LF, 506, 506, "lf"},
        {"lh", 5, HB_LIST_LH, 2000, 1500, "lh"},
        {"lh, version 1.6", 6, HB_LIST_DEFAULT, 506, 3, "lh"},
        {"ri of li", 4, HB_LIST_LI, 100, 1500, "ri"},
        {"ri of lf", 5, HB_LIST_LF, 100, 1500, "ri"},
        {"ri of lh", 5, HB_LIST_LH, 506, 1500, "ri"},
        {"ri of single keys", 5, HB_LIST_LH, 1, 700, "ri"},
        {"as Windows 2000 makes it", 3, HB_LIST_DEFAULT, 506, 1500, "ri"},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct hb_key *root = kit_profile(NULL);
        struct hb_options options;
        size_t size;
        for (size_t j = 0; j < KIT_COUNT(odd_names); j++)
            assert_non_null(hb_key_add(kit_key(root, "Odd"), odd_names[j]));
        for (unsigned j = 0; j < cases[i].many; j++) {
            char name[16];
            snprintf(name, sizeof(name), "Key%04u", j);
            assert_non_null(hb_key_add(kit_key(root, "Many"), name));
        }
        kit_key(root, "A\\Empty");
        hb_options_init(&options);
        options.minor = cases[i].minor;
        options.lists = cases[i].lists;
        options.leaf_max = cases[i].leaf_max;
        uint8_t *hive = kit_build(root, &options, &size);
        KIT_TEXT(cases[i].name, hb_key_find(root, "many")->list_kind, cases[i].kind);
        look_through(cases[i].name, hive, size, cases[i].many);
        hb_key_free(root);
        free(hive);
    }
}

static void test_walk(void **state)
{
    static const struct {
        const char *path;
        const char *rest;
    } cases[] = {
        {"", ""},
        {"Software", ""},
        {"SOFTWARE\\MICROSOFT\\exchange", ""},
        {"Software\\Microsoft\\Exchange\\Deeper", "Deeper"},
        {"Software\\Google\\Chrome", "Google\\Chrome"},
        {"Nothing", "Nothing"},
        {"Nothing\\at\\all", "Nothing\\at\\all"},
    };
    size_t size;
    const struct mh_value absent = {0};
    uint8_t *hive = kit_build_free(kit_profile(&absent), NULL, &size);
    struct kit_files files = kit_files(hive, size);
    struct mh_regf *regf = NULL;
    (void)state;
    assert_int_equal(kit_open(&files, &regf, NULL), MH_OK);
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_key key;
        const char *rest = NULL;
        KIT_INT(cases[i].path,
                mh_key_walk(mh_regf_image(regf), cases[i].path, &key, &rest, NULL), MH_OK);
        KIT_TEXT(cases[i].path, rest, cases[i].rest);
    }
    assert_int_equal(mh_path_first("a\\b"), 1);
    assert_int_equal(mh_path_first("abc"), 3);
    assert_int_equal(mh_path_first(""), 0);
    mh_regf_close(regf);
    free(hive);
}

/* Windows would go elsewhere from such a key. */
static void test_links(void **state)
{
    static const struct {
        const char *name;
        const char *key;
        uint32_t flags;
        int status;
    } cases[] = {
        {"plain", "Software", 0, MH_OK},
        {"a link on the way", "Software\\Microsoft", MH_NK_FLAG_SYMLINK, MH_UNSUPPORTED},
        {"a link at the end", MH_VALUE_KEY, MH_NK_FLAG_SYMLINK, MH_UNSUPPORTED},
        {"a predefined handle", MH_VALUE_KEY, MH_NK_FLAG_PREDEFINED, MH_UNSUPPORTED},
        {"a link elsewhere", "Environment", MH_NK_FLAG_SYMLINK, MH_OK},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_value one = kit_dword(1);
        struct hb_key *root = kit_profile(&one);
        struct mh_value value = {0};
        size_t size;
        kit_key(root, cases[i].key)->flags = cases[i].flags;
        uint8_t *hive = kit_build_free(root, NULL, &size);
        struct kit_files files = kit_files(hive, size);
        struct mh_regf *regf = NULL;
        KIT_INT(cases[i].name, kit_open(&files, &regf, NULL), MH_OK);
        KIT_INT(cases[i].name, mh_regf_read(regf, MH_VALUE_KEY, MH_VALUE_NAME, &value, NULL),
                cases[i].status);
        struct mh_value two = kit_dword(2);
        KIT_INT(cases[i].name,
                mh_regf_change(regf, MH_VALUE_KEY, MH_VALUE_NAME, &two, KIT_NOW, NULL),
                cases[i].status);
        mh_value_clear(&value);
        mh_value_clear(&one);
        mh_value_clear(&two);
        mh_regf_close(regf);
        free(hive);
    }
}

static void test_values(void **state)
{
    static const uint32_t minors[] = {3, 4, 5, 6};
    static const uint32_t types[] = {MH_REG_NONE, MH_REG_SZ, MH_REG_BINARY, MH_REG_DWORD,
                                     MH_REG_MULTI_SZ, MH_REG_QWORD, 0xDEADBEEF};
    static const uint32_t sizes[] = {0,     1,     3,     4,     5,     8,      100,         16343,
                                     16344, 16345, 32688, 32689, 50000, 100000, MH_VALUE_MAX};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(minors) * KIT_COUNT(sizes) * 2; i++) {
        struct hb_options options;
        struct mh_value value = kit_fill(types[i % KIT_COUNT(types)], sizes[i / 8], (uint32_t)i);
        struct hb_key *root = kit_profile(NULL);
        struct hb_key *key = kit_key(root, MH_VALUE_KEY);
        size_t size;
        char name[64];
        snprintf(name, sizeof(name), "%u bytes in version 1.%u", value.size, minors[i % 4]);
        assert_non_null(hb_value_add_text(key, "", HB_REG_SZ, "the default value"));
        assert_non_null(hb_value_add_dword(key, "MapiHttpDisable", 5));
        kit_add(key, MH_VALUE_NAME, &value)->no_inline = i / 4 % 2;
        hb_options_init(&options);
        options.minor = minors[i % 4];
        uint8_t *hive = kit_build_free(root, &options, &size);
        struct mh_value read = kit_read(name, hive, size);
        KIT_TRUE(name, mh_value_equal(&read, &value));
        mh_value_clear(&read);
        mh_value_clear(&value);
        free(hive);
    }
}

static void test_too_large_a_value(void **state)
{
    struct mh_value value = kit_fill(MH_REG_BINARY, MH_VALUE_MAX + 1, 0);
    size_t size;
    uint8_t *hive = kit_build_free(kit_profile(&value), NULL, &size);
    struct kit_files files = kit_files(hive, size);
    struct mh_regf *regf = NULL;
    struct mh_value read = {.type = 77};
    (void)state;
    assert_int_equal(kit_open(&files, &regf, NULL), MH_OK);
    assert_int_equal(mh_regf_read(regf, MH_VALUE_KEY, MH_VALUE_NAME, &read, NULL), MH_UNSUPPORTED);
    assert_int_equal(read.type, 77);
    mh_regf_close(regf);
    mh_value_clear(&value);
    free(hive);
}

static void test_tombstone(void **state)
{
    struct mh_value one = kit_dword(1);
    struct hb_key *root = kit_profile(&one);
    size_t size;
    (void)state;
    kit_key(root, MH_VALUE_KEY)->values[0]->vk_flags = MH_VK_FLAG_TOMBSTONE;
    uint8_t *hive = kit_build_free(root, NULL, &size);
    struct kit_files files = kit_files(hive, size);
    struct mh_regf *regf = NULL;
    struct mh_value read = {0};
    assert_int_equal(kit_open(&files, &regf, NULL), MH_OK);
    assert_int_equal(mh_regf_read(regf, MH_VALUE_KEY, MH_VALUE_NAME, &read, NULL), MH_UNSUPPORTED);
    mh_regf_close(regf);
    mh_value_clear(&one);
    free(hive);
}

static void test_value_text(void **state)
{
    static const struct {
        const char *name;
        uint32_t type;
        const char *data;
        uint32_t size;
        const char *text; /* NULL: none */
    } cases[] = {
        {"a text", MH_REG_SZ, "a\0b\0\0\0", 6, "ab"},
        {"an expandable one", MH_REG_EXPAND_SZ, "%\0\0\0", 4, "%"},
        {"without an end", MH_REG_SZ, "a\0b\0", 4, "ab"},
        {"up to the first NUL", MH_REG_SZ, "a\0\0\0b\0", 6, "a"},
        {"broken", MH_REG_SZ, "\0\xD8\0\0", 4, "\xEF\xBF\xBD"},
        {"empty", MH_REG_SZ, "", 0, ""},
        {"a number", MH_REG_DWORD, "a\0\0\0", 4, NULL},
        {"a list", MH_REG_MULTI_SZ, "a\0\0\0", 4, NULL},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_value value = kit_bytes(cases[i].type, cases[i].data, cases[i].size);
        char *text = NULL;
        KIT_INT(cases[i].name, mh_value_text(&value, &text, NULL), MH_OK);
        KIT_TEXT(cases[i].name, text, cases[i].text);
        free(text);
        mh_value_clear(&value);
    }
    const struct mh_value absent = {0};
    char *text = NULL;
    assert_int_equal(mh_value_text(&absent, &text, NULL), MH_OK);
    assert_null(text);
}

static void test_marvin(void **state)
{
    uint8_t bytes[301];
    uint64_t random = 5;
    (void)state;
    assert_true(mh_marvin32(NULL, 0) == 0xB39EFCA403966E08u);
    assert_true(mh_marvin32((const uint8_t *)"abcdefg", 7) == 0x0C00597AC6BF45F2u);
    for (size_t size = 0; size < sizeof(bytes); size++) {
        bytes[size] = (uint8_t)kit_random(&random);
        assert_true(mh_marvin32(bytes, size) == hb_marvin(bytes, size));
    }
}

static void test_names(void **state)
{
    static const struct {
        const char *text;
        const char *bytes;
        size_t size;
        bool latin1;
        int order; /* sign */
    } cases[] = {
        {"abc", "ABC", 3, true, 0},
        {"abc", "aBd", 3, true, -1},
        {"abd", "abc", 3, true, 1},
        {"ab", "abc", 3, true, -1},
        {"abc", "ab", 2, true, 1},
        {"ab", "a\0b\0", 4, false, 0},
        {"a", "_", 1, true, -1},            /* upper case sorts before the underscore */
        {"\xC3\xBC", "\xFC", 1, true, 0},
        {"\xC3\x9C", "\xFC", 1, true, 0},
        {"\xC3\xBF", "\xFF", 1, true, 0},
        {"\xC5\xB8", "\xFF", 1, true, 0},   /* beyond Latin-1, yet its upper case */
        {"\xC4\x91", "\x10\x01", 2, false, 0},
        {"\xF0\x9F\x98\x80", "\x3D\xD8\x00\xDE", 4, false, 0},
        {"\xEF\xBD\x81", "\x3D\xD8\x00\xDE", 4, false, 1}, /* by units, not by characters */
        {"a", "", 0, true, 1},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_name name;
        struct mh_stored_name stored = {.bytes = (const uint8_t *)cases[i].bytes,
                                        .size = cases[i].size,
                                        .latin1 = cases[i].latin1};
        KIT_INT(cases[i].text, mh_name_make(cases[i].text, strlen(cases[i].text), &name, NULL),
                MH_OK);
        int order = mh_name_compare(&name, &stored);
        KIT_INT(cases[i].text, (order > 0) - (order < 0), cases[i].order);
    }
}

static void test_name_hash_and_text(void **state)
{
    struct mh_name name;
    const struct mh_stored_name latin1 = {(const uint8_t *)"a\xFF", 2, true};
    const struct mh_stored_name wide = {(const uint8_t *)"a\0\x11\x01\0\xD8", 6, false};
    (void)state;
    assert_int_equal(mh_name_make("ab", 2, &name, NULL), MH_OK);
    assert_int_equal(mh_name_hash(&name), 'A' * 37 + 'B');
    assert_true(name.ascii);
    assert_int_equal(mh_name_make("Software", 8, &name, NULL), MH_OK);
    uint32_t hash = 0;
    for (const char *at = "SOFTWARE"; *at; at++)
        hash = hash * 37 + (uint8_t)*at;
    assert_int_equal(mh_name_hash(&name), hash);
    char *text = mh_name_text(&latin1);
    KIT_TEXT("Latin-1", text, "a\xC3\xBF");
    free(text);
    text = mh_name_text(&wide);
    KIT_TEXT("UTF-16", text, "a\xC4\x91\xEF\xBF\xBD");
    free(text);
}

/* Sorted, but for what Windows' own upper case may order otherwise. */
static void test_may_precede(void **state)
{
    static const struct {
        const char *name;
        const char *a;
        size_t a_size;
        bool a_latin1;
        const char *b;
        size_t b_size;
        bool b_latin1;
        bool may;
        bool back; /* likewise, b before a */
    } cases[] = {
        {"a, B", "a", 1, true, "B", 1, true, true, false},
        {"a, A", "a", 1, true, "A", 1, true, false, false},
        {"a, A of two kinds", "a", 1, true, "A\0", 2, false, false, false},
        {"a, ab", "a", 1, true, "ab", 2, true, true, false},
        {"Z, _", "z", 1, true, "_", 1, true, true, false},
        {"z, beyond ASCII", "z", 1, true, "\xFC", 1, true, true, false},
        {"two beyond ASCII", "\xFC", 1, true, "\xFD", 1, true, true, true},
        {"two beyond Latin-1", "\x10\x01", 2, false, "\xA0\x1E", 2, false, true, true},
        {"the same beyond ASCII", "\xFC", 1, true, "\xDC\0", 2, false, false, false},
        {"longer beyond ASCII", "\xFC", 1, true, "\xFC" "a", 2, true, true, false},
        {"ASCII after what is the same", "\xFC" "a", 2, true, "\xDC" "b", 2, true, true, false},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        const struct mh_stored_name a = {(const uint8_t *)cases[i].a, cases[i].a_size,
                                         cases[i].a_latin1};
        const struct mh_stored_name b = {(const uint8_t *)cases[i].b, cases[i].b_size,
                                         cases[i].b_latin1};
        KIT_INT(cases[i].name, mh_name_may_precede(&a, &b), cases[i].may);
        KIT_INT(cases[i].name, mh_name_may_precede(&b, &a), cases[i].back);
    }
}

static void test_names_refused(void **state)
{
    struct mh_name name = {.count = 77};
    char longest[MH_NAME_MAX + 2];
    (void)state;
    memset(longest, 'x', sizeof(longest));
    assert_int_equal(mh_name_make("", 0, &name, NULL), MH_INTERNAL);
    assert_int_equal(mh_name_make("\xFF", 1, &name, NULL), MH_INTERNAL);
    assert_int_equal(mh_name_make(longest, MH_NAME_MAX + 1, &name, NULL), MH_INTERNAL);
    assert_int_equal(name.count, 77);
    assert_int_equal(mh_name_make(longest, MH_NAME_MAX, &name, NULL), MH_OK);
    assert_int_equal(name.count, MH_NAME_MAX);
}

static void test_image_bounds(void **state)
{
    static const struct {
        const char *name;
        int64_t from_end; /* of the bins */
        size_t length;
        int status;
    } cases[] = {
        {"the last byte", -1, 1, MH_OK},
        {"one too many", -1, 2, MH_CORRUPT},
        {"nothing at the end", 0, 0, MH_OK},
        {"one behind the end", 0, 1, MH_CORRUPT},
        {"a large piece", -4096, 4096, MH_OK},
        {"a large piece too far", -4095, 4096, MH_CORRUPT},
        {"far behind", 1 << 30, 1, MH_CORRUPT},
    };
    struct hb_options options;
    size_t size;
    (void)state;
    hb_options_init(&options);
    options.slack = 4096; /* there are bytes behind the bins, but they are no part of the hive */
    uint8_t *hive = kit_build_free(kit_profile(NULL), &options, &size);
    uint8_t *buffer = malloc(8192);
    assert_non_null(buffer);
    for (size_t i = 0; i < KIT_COUNT(cases) * 2; i++) {
        const char *name = cases[i / 2].name;
        struct kit_files files = kit_files(hive, size);
        struct mh_regf *regf = NULL;
        KIT_INT(name, kit_open(&files, &regf, NULL), MH_OK);
        struct mh_image *image = mh_regf_image(regf);
        if (i % 2)
            KIT_INT(name, mh_image_load(image, NULL), MH_OK);
        uint64_t offset = (uint64_t)((int64_t)image->size + cases[i / 2].from_end);
        KIT_INT(name, mh_image_read(image, offset, buffer, cases[i / 2].length, NULL),
                cases[i / 2].status);
        if (cases[i / 2].status == MH_OK)
            KIT_TRUE(name, memcmp(buffer, hive + offset, cases[i / 2].length) == 0);
        mh_regf_close(regf);
    }
    free(buffer);
    free(hive);
}

/* What is read small and large, at any place, is what is there: with a patch over it, too. */
static void test_image_windows(void **state)
{
    struct hb_options options;
    size_t size;
    uint64_t random = 11;
    const uint8_t patch[4] = {0xDE, 0xAD, 0xBE, 0xEF};
    (void)state;
    hb_options_init(&options);
    options.size = 40000;
    uint8_t *hive = kit_build_free(kit_profile(NULL), &options, &size);
    struct kit_files files = kit_files(hive, size);
    struct mh_regf *regf = NULL;
    assert_int_equal(kit_open(&files, &regf, NULL), MH_OK);
    struct mh_image *image = mh_regf_image(regf);
    uint8_t *expected = malloc(size);
    assert_non_null(expected);
    memcpy(expected, hive, size);
    for (int i = 0; i < 20000; i++) {
        uint8_t buffer[3000];
        size_t length = kit_below(&random, i % 16 ? 64 : sizeof(buffer));
        uint64_t offset = kit_below(&random, (uint32_t)(image->size - length) + 1);
        if (i == 10000) {
            memcpy(expected + 5001, patch, sizeof(patch));
            assert_int_equal(mh_image_patch(image, 5001, patch, sizeof(patch), NULL), MH_OK);
        }
        if (i > 10000 && i % 4 == 0)
            offset = 4990 + kit_below(&random, 20);
        assert_int_equal(mh_image_read(image, offset, buffer, length, NULL), MH_OK);
        assert_memory_equal(buffer, expected + offset, length);
    }
    assert_int_equal(mh_image_load(image, NULL), MH_OK);
    assert_memory_equal(image->memory, expected, image->size);
    assert_false(kit_strayed(&files));
    mh_regf_close(regf);
    free(expected);
    free(hive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checksum),
        cmocka_unit_test(test_base),
        cmocka_unit_test(test_base_fields),
        cmocka_unit_test(test_open),
        cmocka_unit_test(test_too_large_a_hive),
        cmocka_unit_test(test_reading_fails),
        cmocka_unit_test(test_clean_needs_no_logs),
        cmocka_unit_test(test_find_in_every_list),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_too_large_a_value),
        cmocka_unit_test(test_tombstone),
        cmocka_unit_test(test_value_text),
        cmocka_unit_test(test_marvin),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_name_hash_and_text),
        cmocka_unit_test(test_may_precede),
        cmocka_unit_test(test_names_refused),
        cmocka_unit_test(test_image_bounds),
        cmocka_unit_test(test_image_windows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
