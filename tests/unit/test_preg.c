/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/text.h"
#include "kit.h"
#include "registry/hive/format.h"
#include "registry/policy/managed.h"
#include "registry/policy/preg.h"
#include "scratch.h"

#define OURS "Software\\Microsoft\\Exchange"
#define VALUE "MapiHttpDisabled"

/* A policy file being written. */
struct pol {
    uint8_t bytes[300000];
    size_t size;
};

static void put(struct pol *pol, const void *bytes, size_t size)
{
    assert_true(size <= sizeof(pol->bytes) - pol->size);
    if (size > 0)
        memcpy(pol->bytes + pol->size, bytes, size);
    pol->size += size;
}

static void put_number(struct pol *pol, uint32_t number)
{
    uint8_t bytes[4];
    mh_put32(bytes, number);
    put(pol, bytes, sizeof(bytes));
}

/* The text in UTF-16, without a terminator. */
static void put_text(struct pol *pol, const char *text)
{
    size_t size = 0;
    uint8_t *units = mh_utf8_to_utf16(text, strlen(text), &size);
    assert_non_null(units);
    put(pol, units, size);
    free(units);
}

static void put_header(struct pol *pol)
{
    pol->size = 0;
    put(pol, "PReg\1\0\0\0", 8);
}

/* The record as far as to its data. */
static void put_head(struct pol *pol, const char *key, const char *name, uint32_t type, uint32_t size)
{
    put_text(pol, "[");
    put_text(pol, key);
    put(pol, "\0\0;\0", 4);
    put_text(pol, name);
    put(pol, "\0\0;\0", 4);
    put_number(pol, type);
    put_text(pol, ";");
    put_number(pol, size);
    put_text(pol, ";");
}

static void put_record(struct pol *pol, const char *key, const char *name, uint32_t type, const void *data,
                       uint32_t size)
{
    put_head(pol, key, name, type, size);
    put(pol, data, size);
    put_text(pol, "]");
}

/* A record whose data are that text with its terminator. */
static void put_sz(struct pol *pol, const char *key, const char *name, const char *text)
{
    size_t size = 0;
    uint8_t *units = mh_utf8_to_utf16(text, strlen(text), &size);
    assert_non_null(units);
    put_head(pol, key, name, MH_REG_SZ, (uint32_t)size + 2);
    put(pol, units, size);
    put(pol, "\0\0]\0", 4);
    free(units);
}

/* In memory of its own size, so that the sanitizers see who reads beyond it. */
static int find(const uint8_t *bytes, size_t size, bool *ret_found, struct mh_error *err)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    if (size > 0)
        memcpy(copy, bytes, size);
    int status = mh_preg_find(copy, size, MH_VALUE_KEY, MH_VALUE_NAME, ret_found, err);
    free(copy);
    return status;
}

static void test_records_that_count(void **state)
{
    static const struct {
        const char *name;
        const char *key;
        const char *value;
        const char *data;
        bool counts;
    } cases[] = {
        {"the value", OURS, VALUE, "x", true},
        {"in upper case", "SOFTWARE\\MICROSOFT\\EXCHANGE", "MAPIHTTPDISABLED", "x", true},
        {"in lower case", "software\\microsoft\\exchange", "mapihttpdisabled", "x", true},
        {"a key that ends in a backslash", OURS "\\", VALUE, "x", true},
        {"another value", OURS, "MapiHttpDisable", "x", false},
        {"a longer value", OURS, VALUE "d", "x", false},
        {"the key only", OURS, "", "", false},
        {"a key above", "Software\\Microsoft", VALUE, "x", false},
        {"a key below", OURS "\\Client", VALUE, "x", false},
        {"a longer key", OURS "s", VALUE, "x", false},
        {"the key of policies", "Software\\Policies\\Microsoft\\Exchange", VALUE, "x", false},
        {"a key with the hive in it", "HKCU\\" OURS, VALUE, "x", false},
        {"no key", "", VALUE, "x", false},
        {"**Del.", OURS, "**Del." VALUE, " ", true},
        {"**del. in another case", OURS, "**del.mapihttpDISABLED", " ", true},
        {"**Del. of another", OURS, "**Del.Other", " ", false},
        {"**Del. of a key above", "Software\\Microsoft", "**Del." VALUE, " ", false},
        {"**Del. of nothing", OURS, "**Del.", " ", false},
        {"**DelVals.", OURS, "**DelVals.", " ", true},
        {"**delvals.", OURS, "**delvals.", " ", true},
        {"**DelVals without the stop", OURS, "**DelVals", " ", true},
        {"**DelVals. of a key above", "Software\\Microsoft", "**DelVals.", " ", false},
        {"**DelVals. of a key below", OURS "\\Client", "**DelVals.", " ", false},
        {"**DeleteValues", OURS, "**DeleteValues", VALUE, true},
        {"**DeleteValues, the first of several", OURS, "**deletevalues", "mapihttpdisabled;B;C", true},
        {"**DeleteValues, one of several", OURS, "**DeleteValues", "A; " VALUE " ;C", true},
        {"**DeleteValues, the last of several", OURS, "**DeleteValues", "A;;" VALUE, true},
        {"**DeleteValues of others", OURS, "**DeleteValues", "A;MapiHttpDisable;MapiHttpDisabledd", false},
        {"**DeleteValues of none", OURS, "**DeleteValues", "", false},
        {"**DeleteValues of a key below", OURS "\\Client", "**DeleteValues", VALUE, false},
        {"**DeleteKeys", "Software\\Microsoft", "**DeleteKeys", "Exchange", true},
        {"**DeleteKeys, one of several", "software\\microsoft\\", "**deletekeys", "Office;EXCHANGE;X", true},
        {"**DeleteKeys of a key above", "Software", "**DeleteKeys", "Microsoft", true},
        {"**DeleteKeys of the key above all", "", "**DeleteKeys", "Other;Software", true},
        {"**DeleteKeys of others", "Software\\Microsoft", "**DeleteKeys", "Exchanges;Exchang;Office", false},
        {"**DeleteKeys with a path", "Software", "**DeleteKeys", "Microsoft\\Exchange", false},
        {"**DeleteKeys of subkeys", OURS, "**DeleteKeys", "Exchange;Client;" VALUE, false},
        {"**DeleteKeys elsewhere", "System", "**DeleteKeys", "Exchange;Microsoft;Software", false},
        {"**soft.", OURS, "**soft." VALUE, "x", true},
        {"**soft. of another", OURS, "**soft.Other", "x", false},
        {"**soft. of another key", "Software\\Microsoft", "**soft." VALUE, "x", false},
        {"**SecureKey", OURS, "**SecureKey", "x", false},
        {"an instruction that is not known", OURS, "**Other." VALUE, "x", false},
        {"**Del. of what is named as an instruction", OURS, "**Del.**soft." VALUE, " ", false},
    };
    static struct pol pol;
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        bool found = !cases[i].counts;
        struct mh_error err = {0};
        put_header(&pol);
        put_sz(&pol, "Software\\Other", VALUE, "before");
        put_sz(&pol, cases[i].key, cases[i].value, cases[i].data);
        put_sz(&pol, OURS, "Other", "behind");
        KIT_INT(cases[i].name, find(pol.bytes, pol.size, &found, &err), MH_OK);
        KIT_TEXT(cases[i].name, err.message, "");
        KIT_INT(cases[i].name, found, cases[i].counts);
    }
}

static void test_data_of_any_type_and_size(void **state)
{
    static const uint32_t sizes[] = {0, 1, 2, 3, 4, 5, 8, 255, 65534, 65535};
    static uint8_t data[65535];
    static struct pol pol;
    (void)state;
    memset(data, ']', sizeof(data)); /* what ends a record must not end it within its data */
    for (size_t i = 0; i < KIT_COUNT(sizes); i++) {
        char name[32];
        bool found = false;
        snprintf(name, sizeof(name), "%u bytes", (unsigned)sizes[i]);
        put_header(&pol);
        put_record(&pol, "A", "**DeleteValues", (uint32_t)i, data, sizes[i]);
        put_record(&pol, OURS, "**DeleteValues", 99, data, sizes[i]);
        put_record(&pol, OURS, VALUE, MH_REG_DWORD, data, sizes[i]);
        KIT_INT(name, find(pol.bytes, pol.size, &found, NULL), MH_OK);
        KIT_TRUE(name, found);
    }
}

/* A list need have no terminator, and what is behind one is not of it. */
static void test_where_a_list_ends(void **state)
{
    static struct pol pol;
    bool found = false;
    (void)state;
    put_header(&pol);
    put_head(&pol, OURS, "**DeleteValues", MH_REG_SZ, 2 * (uint32_t)strlen("A;" VALUE));
    put_text(&pol, "A;" VALUE "]");
    assert_int_equal(find(pol.bytes, pol.size, &found, NULL), MH_OK);
    assert_true(found);
    put_header(&pol);
    put_head(&pol, OURS, "**DeleteValues", MH_REG_SZ, 2 * (uint32_t)strlen("A?" VALUE));
    put(&pol, "A\0\0\0", 4);
    put_text(&pol, VALUE "]");
    assert_int_equal(find(pol.bytes, pol.size, &found, NULL), MH_OK);
    assert_false(found);
}

static void test_names_beyond_ascii(void **state)
{
    static const char key[] = "Software\\\xC4\x91\xC6\xB0\xE1\xBB\x9Dng\\\xF0\x9F\x98\x80";
    static struct pol pol;
    bool found = false;
    (void)state;
    put_header(&pol);
    put_sz(&pol, "SOFTWARE\\\xC4\x90\xC6\xAF\xE1\xBB\x9CNG\\\xF0\x9F\x98\x80", "\xC3\x84", "x");
    assert_int_equal(mh_preg_find(pol.bytes, pol.size, key, "\xC3\xA4", &found, NULL), MH_OK);
    assert_true(found);
    assert_int_equal(mh_preg_find(pol.bytes, pol.size, key, "\xC3\xB6", &found, NULL), MH_OK);
    assert_false(found);
}

static void put_sample(struct pol *pol)
{
    put_header(pol);
    put_sz(pol, "Software\\Policies\\X", "**del.Y", " ");
    put_record(pol, OURS, VALUE, MH_REG_DWORD, "\1\0\0\0", 4);
    put_record(pol, "K", "", MH_REG_NONE, NULL, 0);
}

/* Only where a record ends may the file end. */
static void test_cut_at_every_byte(void **state)
{
    static struct pol pol;
    size_t ends[4];
    size_t count = 0;
    (void)state;
    put_header(&pol);
    ends[count++] = pol.size;
    put_sz(&pol, "Software\\Policies\\X", "**del.Y", " ");
    ends[count++] = pol.size;
    put_record(&pol, OURS, VALUE, MH_REG_DWORD, "\1\0\0\0", 4);
    ends[count++] = pol.size;
    put_record(&pol, "K", "", MH_REG_NONE, NULL, 0);
    ends[count++] = pol.size;
    for (size_t size = 0; size <= pol.size; size++) {
        char name[32];
        struct mh_error err = {0};
        bool found = true;
        bool whole = false;
        for (size_t i = 0; i < count; i++)
            whole = whole || ends[i] == size;
        snprintf(name, sizeof(name), "%zu bytes", size);
        KIT_INT(name, find(pol.bytes, size, &found, &err), whole ? MH_OK : MH_CORRUPT);
        KIT_INT(name, err.message[0] != '\0', !whole);
        if (whole)
            KIT_INT(name, found, size >= ends[2]);
    }
}

static void test_every_byte_changed(void **state)
{
    static struct pol pol;
    (void)state;
    put_sample(&pol);
    for (size_t i = 0; i < pol.size; i++) {
        for (int bit = 0; bit < 8; bit++) {
            bool found;
            struct mh_error err = {0};
            pol.bytes[i] ^= (uint8_t)(1 << bit);
            int status = find(pol.bytes, pol.size, &found, &err);
            assert_true(status == MH_OK || (status == MH_CORRUPT && strstr(err.message, "at byte ")));
            pol.bytes[i] ^= (uint8_t)(1 << bit);
        }
    }
}

/* Bytes put in place of others in the sample, or, where `cut` is not 0, a shorter file. */
static void test_what_is_broken(void **state)
{
    static const struct {
        const char *name;
        size_t at;
        const char *bytes;
        size_t size;
        const char *message;
    } cases[] = {
        {"the signature in another case", 0, "preg", 4, "at byte 0: it is no registry policy file"},
        {"the signature backwards", 0, "geRP", 4, "at byte 0: it is no registry policy file"},
        {"version 0", 4, "\0", 1, "at byte 4: its version is not known"},
        {"version 2", 4, "\2", 1, "at byte 4: its version is not known"},
        {"version 257", 5, "\1", 1, "at byte 4: its version is not known"},
        {"no bracket", 8, "x", 1, "at byte 8: there is no '['"},
        {"half a bracket", 9, "\1", 1, "at byte 8: there is no '['"},
        {"no semicolon behind the key", 14, ",", 1, "at byte 14: there is no ';'"},
        {"no semicolon behind the name", 20, ",", 1, "at byte 20: there is no ';'"},
        {"no semicolon behind the type", 26, ",", 1, "at byte 26: there is no ';'"},
        {"no semicolon behind the size", 32, ",", 1, "at byte 32: there is no ';'"},
        {"no closing bracket", 38, "[", 1, "at byte 38: there is no ']'"},
        {"a key without end", 12, "x", 1, "at byte 38: there is no ';'"},
        {"a size one too small", 28, "\3", 1, "at byte 37: there is no ']'"},
        {"a size one too large", 28, "\5", 1, "at byte 39: there is no ']'"},
        {"a size beyond the file", 28, "\xFF", 1, "at byte 34: it ends within a value"},
        {"a size beyond the limit", 30, "\1", 1, "at byte 34: a value is too large"},
        {"a size that is negative", 28, "\xFF\xFF\xFF\xFF", 4, "at byte 34: a value is too large"},
    };
    static struct pol pol;
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_error err = {0};
        bool found = true;
        put_header(&pol);
        put_record(&pol, "K", "V", MH_REG_DWORD, "\1\0\0\0", 4);
        memcpy(pol.bytes + cases[i].at, cases[i].bytes, cases[i].size);
        KIT_INT(cases[i].name, find(pol.bytes, pol.size, &found, &err), MH_CORRUPT);
        KIT_TRUE(cases[i].name, found); /* not touched */
        if (!strstr(err.message, cases[i].message))
            KIT_TEXT(cases[i].name, err.message, cases[i].message);
    }
}

static void test_limits_of_names(void **state)
{
    static char text[MH_PREG_KEY_MAX + 2];
    static struct pol pol;
    struct mh_error err = {0};
    bool found;
    (void)state;
    memset(text, 'k', sizeof(text) - 1);
    for (int over = 0; over < 2; over++) {
        int status = over ? MH_CORRUPT : MH_OK;
        put_header(&pol);
        put_record(&pol, text + (over ? 0 : 1), "V", MH_REG_NONE, NULL, 0);
        KIT_INT("key", find(pol.bytes, pol.size, &found, &err), status);
        put_header(&pol);
        put_record(&pol, "K", text + sizeof(text) - 1 - MH_PREG_NAME_MAX - over, MH_REG_NONE, NULL, 0);
        KIT_INT("name", find(pol.bytes, pol.size, &found, NULL), status);
    }
    assert_non_null(strstr(err.message, "at byte 10: a name is too long"));
}

static void test_what_is_behind_the_last_record(void **state)
{
    static const char *const behind[] = {"]", "x", "[", "PReg"};
    static struct pol pol;
    bool found;
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(behind); i++) {
        put_sample(&pol);
        put(&pol, behind[i], strlen(behind[i]));
        KIT_INT(behind[i], find(pol.bytes, pol.size, &found, NULL), MH_CORRUPT);
    }
    put_sample(&pol);
    put(&pol, "\0", 1);
    KIT_INT("a zero", find(pol.bytes, pol.size, &found, NULL), MH_CORRUPT);
}

struct seen {
    const uint8_t *bytes;
    unsigned count;
    unsigned stop; /* at this many, when not 0 */
};

static int visit(void *context, const struct mh_preg_record *record, struct mh_error *err)
{
    static const struct {
        size_t key;
        size_t name;
        uint32_t type;
        uint32_t size;
    } expected[] = {{19, 7, MH_REG_SZ, 4}, {27, 16, MH_REG_DWORD, 4}, {1, 0, MH_REG_NONE, 0}};
    struct seen *seen = context;
    assert_true(seen->count < KIT_COUNT(expected));
    assert_int_equal(record->key.units, expected[seen->count].key);
    assert_int_equal(record->name.units, expected[seen->count].name);
    assert_int_equal(record->type, expected[seen->count].type);
    assert_int_equal(record->size, expected[seen->count].size);
    assert_int_equal(mh_get16(seen->bytes + record->offset), '[');
    assert_int_equal(mh_get16(record->data + record->size), ']');
    if (++seen->count == seen->stop)
        return mh_error_set(err, MH_IO, "stopped");
    return MH_OK;
}

static void test_every_record_is_visited_in_turn(void **state)
{
    static struct pol pol;
    struct mh_error err = {0};
    (void)state;
    put_sample(&pol);
    struct seen all = {.bytes = pol.bytes};
    assert_int_equal(mh_preg_each(pol.bytes, pol.size, visit, &all, &err), MH_OK);
    assert_int_equal(all.count, 3);
    struct seen some = {.bytes = pol.bytes, .stop = 2};
    assert_int_equal(mh_preg_each(pol.bytes, pol.size, visit, &some, &err), MH_IO);
    assert_int_equal(some.count, 2);
    assert_string_equal(err.message, "stopped");
}

/* What is written is what these tests write, and is read. */
static void test_writing(void **state)
{
    static struct pol pol;
    struct mh_buffer buffer = {0};
    bool found = false;
    (void)state;
    put_header(&pol);
    put_record(&pol, OURS, VALUE, MH_REG_DWORD, "\1\2\3\4", 4);
    put_sz(&pol, OURS, "**del." VALUE, " ");
    mh_preg_put_header(&buffer);
    mh_preg_put_dword(&buffer, OURS, VALUE, 0x04030201);
    mh_preg_put_removal(&buffer, OURS, VALUE);
    assert_false(buffer.failed);
    assert_int_equal(buffer.length, pol.size);
    assert_memory_equal(buffer.text, pol.bytes, pol.size);
    assert_int_equal(find((const uint8_t *)buffer.text, buffer.length, &found, NULL), MH_OK);
    assert_true(found);
    mh_buffer_clear(&buffer);
}

static void test_writing_what_is_no_text(void **state)
{
    struct mh_buffer buffer = {0};
    (void)state;
    mh_preg_put_dword(&buffer, OURS, "\xFF", 1);
    assert_true(buffer.failed);
    mh_buffer_clear(&buffer);
}

/* Writes an ntuser.pol and reads it. */
static int read_managed(const uint8_t *bytes, size_t size, bool *ret_managed, struct mh_error *err)
{
    struct mh_dir *dir;
    char *scratch = scratch_make();
    scratch_write(scratch, "ann/ntuser.pol", bytes, size);
    uint64_t before = scratch_print(scratch);
    assert_int_equal(mh_dir_open(scratch, &dir, NULL), MH_OK);
    int status = mh_managed_read(dir, "ann/ntuser.pol", ret_managed, err);
    mh_dir_close(dir);
    assert_true(scratch_print(scratch) == before);
    scratch_remove(scratch);
    return status;
}

static void test_managed(void **state)
{
    static struct pol pol;
    struct mh_error err = {0};
    bool managed = false;
    (void)state;
    put_sample(&pol);
    assert_int_equal(read_managed(pol.bytes, pol.size, &managed, &err), MH_OK);
    assert_true(managed);
    put_header(&pol);
    assert_int_equal(read_managed(pol.bytes, pol.size, &managed, &err), MH_OK);
    assert_false(managed);
    assert_int_equal(err.status, MH_OK);
    assert_int_equal(read_managed(pol.bytes, 0, &managed, &err), MH_CORRUPT);
    assert_int_equal(err.status, MH_CORRUPT);
}

static void test_managed_without_a_file(void **state)
{
    struct mh_dir *dir;
    struct mh_error err = {0};
    char *scratch = scratch_make();
    static const char *const paths[] = {"ntuser.pol", "nobody/ntuser.pol", NULL};
    (void)state;
    assert_int_equal(mh_dir_open(scratch, &dir, NULL), MH_OK);
    for (size_t i = 0; i < KIT_COUNT(paths); i++) {
        bool managed = true;
        assert_int_equal(mh_managed_read(dir, paths[i], &managed, &err), MH_OK);
        assert_false(managed);
        assert_int_equal(err.status, MH_OK);
    }
    mh_dir_close(dir);
    scratch_remove(scratch);
}

/* Of a folder in the file's place, and of a file that nobody needs to read to know that it is too large. */
static void test_managed_that_is_none(void **state)
{
    struct mh_dir *dir;
    struct mh_error err = {0};
    bool managed = true;
    char *scratch = scratch_make();
    (void)state;
    scratch_folder(scratch, "ntuser.pol");
    uint8_t *large = calloc(1, MH_PREG_FILE_MAX + 1);
    assert_non_null(large);
    scratch_write(scratch, "large.pol", large, MH_PREG_FILE_MAX + 1);
    free(large);
    assert_int_equal(mh_dir_open(scratch, &dir, NULL), MH_OK);
    assert_int_not_equal(mh_managed_read(dir, "ntuser.pol", &managed, &err), MH_OK);
    assert_int_not_equal(err.status, MH_OK);
    assert_int_equal(mh_managed_read(dir, "large.pol", &managed, NULL), MH_UNSUPPORTED);
    assert_true(managed);
    mh_dir_close(dir);
    scratch_remove(scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_that_count),
        cmocka_unit_test(test_data_of_any_type_and_size),
        cmocka_unit_test(test_where_a_list_ends),
        cmocka_unit_test(test_names_beyond_ascii),
        cmocka_unit_test(test_cut_at_every_byte),
        cmocka_unit_test(test_every_byte_changed),
        cmocka_unit_test(test_what_is_broken),
        cmocka_unit_test(test_limits_of_names),
        cmocka_unit_test(test_what_is_behind_the_last_record),
        cmocka_unit_test(test_every_record_is_visited_in_turn),
        cmocka_unit_test(test_writing),
        cmocka_unit_test(test_writing_what_is_no_text),
        cmocka_unit_test(test_managed),
        cmocka_unit_test(test_managed_without_a_file),
        cmocka_unit_test(test_managed_that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
