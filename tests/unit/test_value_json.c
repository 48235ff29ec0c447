/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "contract/value_json.h"
#include "kit.h"

/* Through text, as a caller keeps it. */
static void assert_there_and_back(const char *name, const struct mh_value *value)
{
    struct mh_error err = {0};
    struct mh_value back = {0};
    json_t *json = mh_value_encode(value);
    KIT_TRUE(name, json != NULL);
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY);
    json_t *again = json_loads(text, JSON_DECODE_ANY, NULL);
    int status = mh_value_decode(again, "restore", &back, &err);
    bool same = status == MH_OK && mh_value_equal(&back, value);
    if (!same)
        print_error("%s: %s (%s)\n", name, text, err.message);
    KIT_TRUE(name, same);
    mh_value_clear(&back);
    json_decref(json);
    json_decref(again);
    free(text);
}

static void test_encode(void **state)
{
    static const struct {
        const char *name;
        uint32_t type;
        const char *data;
        uint32_t size;
        const char *json; /* of "data" */
    } cases[] = {
        {"REG_DWORD", MH_REG_DWORD, "\1\0\0\0", 4, "1"},
        {"REG_DWORD", MH_REG_DWORD, "\xFF\xFF\xFF\xFF", 4, "4294967295"},
        {"REG_DWORD", MH_REG_DWORD, "", 0, "\"\""},
        {"REG_DWORD", MH_REG_DWORD, "\1\0\0", 3, "\"010000\""},
        {"REG_DWORD", MH_REG_DWORD, "\1\0\0\0\0\0\0\xAB", 8, "\"01000000000000AB\""},
        {"REG_QWORD", MH_REG_QWORD, "\0\0\0\0\1\0\0\0", 8, "4294967296"},
        {"REG_QWORD", MH_REG_QWORD, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", 8, "9223372036854775807"},
        {"REG_QWORD", MH_REG_QWORD, "\0\0\0\0\0\0\0\x80", 8, "\"0000000000000080\""},
        {"REG_QWORD", MH_REG_QWORD, "\1\0\0\0", 4, "\"01000000\""},
        {"REG_DWORD_BIG_ENDIAN", MH_REG_DWORD_BIG_ENDIAN, "\0\0\0\1", 4, "\"00000001\""},
        {"REG_SZ", MH_REG_SZ, "0\0\0\0", 4, "\"0\""},
        {"REG_SZ", MH_REG_SZ, "\0\0", 2, "\"\""},
        {"REG_SZ", MH_REG_SZ, "", 0, "{\"hex\":\"\"}"},
        {"REG_SZ", MH_REG_SZ, "0\0", 2, "{\"hex\":\"3000\"}"},
        {"REG_SZ", MH_REG_SZ, "0\0\0", 3, "{\"hex\":\"300000\"}"},
        {"REG_SZ", MH_REG_SZ, "0\0\0\0\0\0", 6, "{\"hex\":\"300000000000\"}"},
        {"REG_SZ", MH_REG_SZ, "0\0\0\0001\0\0\0", 8, "{\"hex\":\"3000000031000000\"}"},
        {"REG_SZ", MH_REG_SZ, "\0\xD8\0\0", 4, "{\"hex\":\"00D80000\"}"},
        {"REG_SZ", MH_REG_SZ, "\x11\x01\0\0", 4, "\"\xC4\x91\""},
        {"REG_EXPAND_SZ", MH_REG_EXPAND_SZ, "%\0\0\0", 4, "\"%\""},
        {"REG_MULTI_SZ", MH_REG_MULTI_SZ, "\0\0", 2, "[]"},
        {"REG_MULTI_SZ", MH_REG_MULTI_SZ, "", 0, "\"\""},
        {"REG_MULTI_SZ", MH_REG_MULTI_SZ, "a\0\0\0\0\0", 6, "[\"a\"]"},
        {"REG_MULTI_SZ", MH_REG_MULTI_SZ, "a\0\0\0b\0\0\0\0\0", 10, "[\"a\",\"b\"]"},
        {"REG_MULTI_SZ", MH_REG_MULTI_SZ, "a\0\0\0", 4, "\"61000000\""},
        {"REG_MULTI_SZ", MH_REG_MULTI_SZ, "\0\0\0\0", 4, "\"00000000\""},
        {"REG_MULTI_SZ", MH_REG_MULTI_SZ, "a\0\0\0\0\0b\0\0\0\0\0", 12,
         "\"610000000000620000000000\""},
        {"REG_BINARY", MH_REG_BINARY, "\x0F\xA0", 2, "\"0FA0\""},
        {"REG_BINARY", MH_REG_BINARY, "", 0, "\"\""},
        {"REG_NONE", MH_REG_NONE, "\1", 1, "\"01\""},
        {"REG_LINK", MH_REG_LINK, "a\0", 2, "\"6100\""},
        {"REG_RESOURCE_LIST", MH_REG_RESOURCE_LIST, "", 0, "\"\""},
        {"REG_FULL_RESOURCE_DESCRIPTOR", MH_REG_FULL_RESOURCE_DESCRIPTOR, "", 0, "\"\""},
        {"REG_RESOURCE_REQUIREMENTS_LIST", MH_REG_RESOURCE_REQUIREMENTS_LIST, "", 0, "\"\""},
        {"0x0000000C", 12, "\1\0\0\0", 4, "\"01000000\""},
        {"0xFFFFFFFF", 0xFFFFFFFFu, "\1", 1, "\"01\""},
        {"0x00000104", 0x104, "", 0, "\"\""},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_value value = kit_bytes(cases[i].type, cases[i].data, cases[i].size);
        json_t *json = mh_value_encode(&value);
        char *data = json_dumps(json_object_get(json, "data"), JSON_COMPACT | JSON_ENCODE_ANY);
        KIT_TEXT(cases[i].json, data, cases[i].json);
        KIT_TEXT(cases[i].json, json_string_value(json_object_get(json, "type")), cases[i].name);
        KIT_INT(cases[i].json, json_object_size(json), 2);
        assert_there_and_back(cases[i].json, &value);
        free(data);
        json_decref(json);
        mh_value_clear(&value);
    }
}

static void test_absent(void **state)
{
    const struct mh_value absent = {0};
    (void)state;
    json_t *json = mh_value_encode(&absent);
    assert_true(json_is_null(json));
    json_decref(json);
    assert_there_and_back("absent", &absent);
}

/* Other spellings of what encode never says, and what is none. */
static void test_decode(void **state)
{
    static const struct {
        const char *json;
        int size; /* -1: refused */
        uint32_t type;
        const char *data;
    } cases[] = {
        {"{\"type\":\"REG_DWORD\",\"data\":\"01000000\"}", 4, MH_REG_DWORD, "\1\0\0\0"},
        {"{\"type\":\"REG_DWORD\",\"data\":0}", 4, MH_REG_DWORD, "\0\0\0\0"},
        {"{\"type\":\"REG_BINARY\",\"data\":\"aBcD\"}", 2, MH_REG_BINARY, "\xAB\xCD"},
        {"{\"type\":\"0x00000004\",\"data\":1}", 4, MH_REG_DWORD, "\1\0\0\0"},
        {"{\"type\":\"0x0000000c\",\"data\":\"\"}", 0, 12, ""},
        {"{\"type\":\"REG_SZ\",\"data\":{\"hex\":\"00\"}}", 1, MH_REG_SZ, "\0"},
        {"{\"type\":\"REG_SZ\",\"data\":\"\\uD83D\\uDE00\"}", 6, MH_REG_SZ, "\x3D\xD8\0\xDE\0\0"},
        {"{\"type\":\"REG_DWORD\",\"data\":4294967296}", -1, 0, NULL},
        {"{\"type\":\"REG_DWORD\",\"data\":-1}", -1, 0, NULL},
        {"{\"type\":\"REG_DWORD\",\"data\":1.0}", -1, 0, NULL},
        {"{\"type\":\"REG_DWORD\",\"data\":true}", -1, 0, NULL},
        {"{\"type\":\"REG_DWORD\",\"data\":null}", -1, 0, NULL},
        {"{\"type\":\"REG_DWORD\",\"data\":\"0\"}", -1, 0, NULL},
        {"{\"type\":\"REG_DWORD\",\"data\":\"0x01\"}", -1, 0, NULL},
        {"{\"type\":\"REG_DWORD\",\"data\":\"0\\u0000\"}", -1, 0, NULL},
        {"{\"type\":\"REG_QWORD\",\"data\":-1}", -1, 0, NULL},
        {"{\"type\":\"REG_BINARY\",\"data\":1}", -1, 0, NULL},
        {"{\"type\":\"REG_BINARY\",\"data\":[]}", -1, 0, NULL},
        {"{\"type\":\"REG_BINARY\",\"data\":\"GG\"}", -1, 0, NULL},
        {"{\"type\":\"REG_BINARY\",\"data\":{\"hex\":\"00\"}}", -1, 0, NULL},
        {"{\"type\":\"REG_SZ\",\"data\":1}", -1, 0, NULL},
        {"{\"type\":\"REG_SZ\",\"data\":[\"a\"]}", -1, 0, NULL},
        {"{\"type\":\"REG_SZ\",\"data\":\"a\\u0000b\"}", -1, 0, NULL},
        {"{\"type\":\"REG_SZ\",\"data\":{}}", -1, 0, NULL},
        {"{\"type\":\"REG_SZ\",\"data\":{\"hex\":\"0\"}}", -1, 0, NULL},
        {"{\"type\":\"REG_SZ\",\"data\":{\"hex\":\"00\",\"x\":1}}", -1, 0, NULL},
        {"{\"type\":\"REG_MULTI_SZ\",\"data\":[\"\"]}", -1, 0, NULL},
        {"{\"type\":\"REG_MULTI_SZ\",\"data\":[1]}", -1, 0, NULL},
        {"{\"type\":\"REG_MULTI_SZ\",\"data\":[\"a\\u0000\"]}", -1, 0, NULL},
        {"{\"type\":\"REG_WORD\",\"data\":1}", -1, 0, NULL},
        {"{\"type\":\"reg_dword\",\"data\":1}", -1, 0, NULL},
        {"{\"type\":\"0x4\",\"data\":1}", -1, 0, NULL},
        {"{\"type\":\"0x0000000G\",\"data\":\"\"}", -1, 0, NULL},
        {"{\"type\":4,\"data\":1}", -1, 0, NULL},
        {"{\"type\":\"REG_DWORD\"}", -1, 0, NULL},
        {"{\"data\":1}", -1, 0, NULL},
        {"{\"type\":\"REG_DWORD\",\"data\":1,\"x\":1}", -1, 0, NULL},
        {"1", -1, 0, NULL},
        {"[]", -1, 0, NULL},
        {"\"REG_DWORD\"", -1, 0, NULL},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_value value = {.type = 77};
        struct mh_error err = {0};
        json_t *json = json_loads(cases[i].json, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        KIT_TRUE(cases[i].json, json != NULL);
        int status = mh_value_decode(json, "restore", &value, &err);
        KIT_INT(cases[i].json, status, cases[i].size < 0 ? MH_INVALID : MH_OK);
        if (cases[i].size >= 0) {
            struct mh_value wanted =
                kit_bytes(cases[i].type, cases[i].data, (uint32_t)cases[i].size);
            KIT_TRUE(cases[i].json, mh_value_equal(&value, &wanted));
            mh_value_clear(&wanted);
            mh_value_clear(&value);
        } else {
            KIT_TEXT(cases[i].json, err.field, "restore");
            KIT_INT(cases[i].json, value.type, 77);
        }
        json_decref(json);
    }
}

static void test_sizes(void **state)
{
    static const uint32_t types[] = {MH_REG_SZ, MH_REG_BINARY, MH_REG_MULTI_SZ, MH_REG_DWORD};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(types); i++) {
        for (uint32_t less = 0; less < 5; less++) {
            struct mh_value value = kit_fill(types[i], MH_VALUE_MAX - less, 1);
            assert_there_and_back("large", &value);
            for (uint32_t at = 0; at < value.size; at++) /* a text of letters, ended right */
                value.data[at] = at % 2 || at + 4 > value.size ? 0 : 'a';
            assert_there_and_back("large text", &value);
            mh_value_clear(&value);
        }
    }
    json_t *json = json_object();
    char *hex = malloc(2 * (size_t)MH_VALUE_MAX + 3);
    assert_non_null(hex);
    memset(hex, '0', 2 * (size_t)MH_VALUE_MAX + 2);
    json_object_set_new(json, "type", json_string("REG_BINARY"));
    json_object_set_new(json, "data", json_stringn(hex, 2 * (size_t)MH_VALUE_MAX + 2));
    struct mh_value value = {0};
    assert_int_equal(mh_value_decode(json, "restore", &value, NULL), MH_INVALID);
    json_decref(json);
    free(hex);
}

/* Bytes that look like texts more often than not, so that both ways of saying them are met. */
static void fill(uint64_t *random, uint8_t *data, uint32_t size)
{
    uint32_t kind = kit_below(random, 4);
    for (uint32_t i = 0; i < size; i++) {
        uint32_t number = kit_random(random);
        if (kind == 0)
            data[i] = (uint8_t)number;
        else if (kind == 1)
            data[i] = i % 2 ? 0 : (uint8_t)(number % 4 ? 'a' + number % 26 : 0);
        else if (kind == 2)
            data[i] = i % 2 ? (uint8_t)(number % 8 ? number % 4 : 0xD8 + number % 8)
                            : (uint8_t)number;
        else
            data[i] = number % 3 ? 0 : (uint8_t)number;
    }
    for (uint32_t i = size > 4 ? size - kit_below(random, 5) : size; i < size; i++)
        data[i] = 0;
}

static void test_random_values(void **state)
{
    uint64_t random = 0x9E3779B97F4A7C15u;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        uint8_t data[64];
        char name[32];
        uint32_t size = kit_below(&random, 3) ? kit_below(&random, 20) : kit_below(&random, 65);
        uint32_t type = kit_below(&random, 8) ? kit_below(&random, 13) : kit_random(&random);
        if (kit_below(&random, 4) == 0)
            type = MH_REG_MULTI_SZ;
        fill(&random, data, size);
        struct mh_value value = kit_bytes(type, data, size);
        snprintf(name, sizeof(name), "random value %d", i);
        assert_there_and_back(name, &value);
        mh_value_clear(&value);
    }
}

static void test_describe(void **state)
{
    struct mh_value value = kit_dword(1);
    struct mh_value absent = {0};
    struct mh_value text = kit_bytes(MH_REG_SZ, "0\0\0\0", 4);
    struct mh_value unknown = kit_bytes(0x1234, "\xAB", 1);
    struct mh_value whole = kit_bytes(MH_REG_BINARY, "abcdefghijklmnopqrstuvwx", 24);
    struct mh_value longer = kit_bytes(MH_REG_BINARY, "abcdefghijklmnopqrstuvwxy", 25);
    char *described[] = {mh_value_describe(&value),   mh_value_describe(&absent), mh_value_describe(&text),
                         mh_value_describe(&unknown), mh_value_describe(&whole),  mh_value_describe(&longer)};
    static const char *const expected[] = {
        "REG_DWORD 1", "-", "REG_SZ \"0\"", "0x00001234 \"AB\"",
        "REG_BINARY \"6162636465666768696A6B6C6D6E6F707172737475767778\"",
        "REG_BINARY \"6162636465666768696A6B6C6D6E6F707172737475767778\"... (25 bytes)"};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(expected); i++) {
        KIT_TEXT("describe", described[i], expected[i]);
        free(described[i]);
    }
    mh_value_clear(&value);
    mh_value_clear(&text);
    mh_value_clear(&unknown);
    mh_value_clear(&whole);
    mh_value_clear(&longer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encode),        cmocka_unit_test(test_absent),
        cmocka_unit_test(test_decode),        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_random_values), cmocka_unit_test(test_describe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
