/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "contract/decode.h"
#include "contract/encode.h"
#include "contract/json.h"
#include "contract/member.h"
#include "contract/value_json.h"
#include "core/buffer.h"
#include "core/result.h"
#include "core/state.h"
#include "core/text.h"
#include "kit.h"

static void add_texts(struct mh_buffer *buffer, const char *name, const struct mh_texts *texts)
{
    mh_buffer_puts(buffer, name);
    for (size_t i = 0; i < texts->count; i++) {
        mh_buffer_puts(buffer, i > 0 ? "|" : "");
        mh_buffer_puts(buffer, texts->items[i]);
    }
}

/* The request in one line; what is not given is left out. */
static char *describe(const struct mh_request *request)
{
    struct mh_buffer buffer = {0};
    const char *state = mh_state_name(request->state);
    mh_buffer_puts(&buffer, state ? state : "-");
    if (request->users.count > 0)
        add_texts(&buffer, " users=", &request->users);
    if (request->exclude.count > 0)
        add_texts(&buffer, " exclude=", &request->exclude);
    if (request->hives.count > 0)
        add_texts(&buffer, " hives=", &request->hives);
    mh_buffer_puts(&buffer, request->root ? " root=" : "");
    mh_buffer_puts(&buffer, request->root ? request->root : "");
    mh_buffer_puts(&buffer, request->store ? " store=" : "");
    mh_buffer_puts(&buffer, request->store ? request->store : "");
    mh_buffer_puts(&buffer, request->check ? " check" : "");
    for (size_t i = 0; request->has_restore && i < request->restore_count; i++) {
        char *value = mh_value_describe(&request->restore[i].value);
        mh_buffer_puts(&buffer, " restore ");
        mh_buffer_puts(&buffer, request->restore[i].id);
        mh_buffer_puts(&buffer, "=");
        mh_buffer_puts(&buffer, value);
        free(value);
    }
    return buffer.text;
}

static void test_decode(void **state)
{
    static const struct {
        enum mh_verb verb;
        const char *text;
        const char *request; /* NULL: refused */
        const char *field;   /* the one at fault */
    } cases[] = {
        {MH_VERB_GET, "", "-", NULL},
        {MH_VERB_GET, " \r\n\t", "-", NULL},
        {MH_VERB_GET, "{}", "-", NULL},
        {MH_VERB_GET, "{\"state\":null,\"users\":null,\"check\":null}", "-", NULL},
        {MH_VERB_GET, "{\"state\":\"absent\"}", "absent", NULL},
        {MH_VERB_CHECK, "{\"state\":\"enabled\"}", "enabled", NULL},
        {MH_VERB_APPLY, "{\"state\":\"policy\",\"root\":\"/mnt\"}", "policy root=/mnt", NULL},
        {MH_VERB_APPLY,
         "{\"state\":\"allowed\",\"users\":[\"all\",\"default\"],\"exclude\":\"a, b\"}",
         "allowed users=all|default exclude=a|b", NULL},
        {MH_VERB_APPLY, "{\"state\":\"enabled\",\"hives\":\"a,b\"}", "enabled hives=a|b", NULL},
        {MH_VERB_APPLY, "{\"state\":\"enabled\",\"hives\":[\"a,b\"]}", "enabled hives=a,b", NULL},
        {MH_VERB_APPLY, "{\"state\":\"enabled\",\"store\":\"/s\",\"check\":true}",
         "enabled store=/s check", NULL},
        {MH_VERB_APPLY, "{\"state\":\"enabled\",\"check\":\"Yes\"}", "enabled check", NULL},
        {MH_VERB_APPLY, "{\"state\":\"enabled\",\"check\":1}", "enabled check", NULL},
        {MH_VERB_APPLY, "{\"state\":\"enabled\",\"check\":\"off\"}", "enabled", NULL},
        {MH_VERB_APPLY, "{\"restore\":[{\"id\":\"x\",\"value\":null},"
                        "{\"id\":\"y\",\"value\":{\"type\":\"REG_DWORD\",\"data\":1}}]}",
         "- restore x=- restore y=REG_DWORD 1", NULL},
        {MH_VERB_APPLY, "{\"restore\":[]}", "-", NULL},
        {MH_VERB_CHECK, "{}", NULL, "state"},
        {MH_VERB_APPLY, "{\"state\":null}", NULL, "state"},
        {MH_VERB_GET, "{\"state\":\"on\"}", NULL, "state"},
        {MH_VERB_GET, "{\"state\":\"other\"}", NULL, "state"},
        {MH_VERB_GET, "{\"state\":1}", NULL, "state"},
        {MH_VERB_GET, "{\"state\":\"enabled\\u0000\"}", NULL, "state"},
        {MH_VERB_GET, "{\"user\":\"all\"}", NULL, "user"},
        {MH_VERB_GET, "{\"users\":[]}", NULL, "users"},
        {MH_VERB_GET, "{\"users\":[1]}", NULL, "users"},
        {MH_VERB_GET, "{\"users\":\"a,,b\"}", NULL, "users"},
        {MH_VERB_GET, "{\"users\":{}}", NULL, "users"},
        {MH_VERB_GET, "{\"root\":\"\"}", NULL, "root"},
        {MH_VERB_GET, "{\"root\":\"a\\u0000b\"}", NULL, "root"},
        {MH_VERB_GET, "{\"root\":\"a\",\"store\":\"b\"}", NULL, "store"},
        {MH_VERB_GET, "{\"root\":\"a\",\"hives\":[\"b\"]}", NULL, "hives"},
        {MH_VERB_GET, "{\"hives\":[]}", NULL, "hives"},
        {MH_VERB_GET, "{\"check\":\"maybe\"}", NULL, "check"},
        {MH_VERB_GET, "{\"check\":2}", NULL, "check"},
        {MH_VERB_GET, "{\"check\":[]}", NULL, "check"},
        {MH_VERB_GET, "{\"check\":true,\"check\":false}", NULL, "check"},
        {MH_VERB_APPLY, "{\"state\":\"enabled\",\"restore\":[]}", NULL, "restore"},
        {MH_VERB_APPLY, "{\"users\":[\"a\"],\"restore\":[]}", NULL, "users"},
        {MH_VERB_GET, "{\"restore\":[]}", NULL, "restore"},
        {MH_VERB_APPLY, "{\"restore\":[{\"id\":\"x\"}]}", NULL, "restore"},
        {MH_VERB_APPLY, "{\"restore\":[{\"id\":\"\",\"value\":null}]}", NULL, "restore"},
        {MH_VERB_APPLY, "{\"restore\":{}}", NULL, "restore"},
        {MH_VERB_GET, "[]", NULL, ""},
        {MH_VERB_GET, "1", NULL, ""},
        {MH_VERB_GET, "{", NULL, ""},
        {MH_VERB_GET, "{}{}", NULL, ""},
        {MH_VERB_GET, "{\"users\":\"\xFF\"}", NULL, ""},
        {MH_VERB_GET, "\xEF\xBB\xBF{}", NULL, ""},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_request request = {.restore_count = 77};
        struct mh_error err = {0};
        const char *text = cases[i].text;
        int status = mh_request_decode(cases[i].verb, text, strlen(text), &request, &err);
        if (cases[i].request) {
            KIT_TEXT(text, err.message, "");
            KIT_INT(text, status, MH_OK);
            char *described = describe(&request);
            KIT_TEXT(text, described, cases[i].request);
            free(described);
            mh_request_clear(&request);
        } else {
            KIT_INT(text, status, MH_INVALID);
            KIT_TEXT(text, err.field, cases[i].field);
            KIT_TRUE(text, err.message[0] != '\0');
            KIT_INT(text, request.restore_count, 77);
        }
    }
}

static void test_decode_length(void **state)
{
    char *text = malloc(MH_REQUEST_MAX + 2);
    struct mh_request request = {0};
    struct mh_error err = {0};
    (void)state;
    assert_non_null(text);
    memset(text, ' ', MH_REQUEST_MAX + 1);
    memcpy(text, "{}", 2);
    assert_int_equal(mh_request_decode(MH_VERB_GET, text, MH_REQUEST_MAX, &request, &err), MH_OK);
    mh_request_clear(&request);
    assert_int_equal(mh_request_decode(MH_VERB_GET, text, MH_REQUEST_MAX + 1, &request, &err),
                     MH_INVALID);
    /* A NUL is no end: what follows counts. */
    memset(&err, 0, sizeof(err));
    assert_int_equal(mh_request_decode(MH_VERB_GET, "{}\0{}", 5, &request, &err), MH_INVALID);
    free(text);
}

static void test_decode_arguments(void **state)
{
    static const struct {
        const char *name;
        const char *arguments[4];
        const char *request; /* NULL: refused */
        const char *field;
    } cases[] = {
        {"state", {"state=enabled"}, "enabled", NULL},
        {"a list", {"state=absent", "users=all, default"}, "absent users=all|default", NULL},
        {"a boolean", {"state=absent", "check=true"}, "absent check", NULL},
        {"an equals sign in the value", {"state=absent", "store=/a=b"}, "absent store=/a=b", NULL},
        {"twice", {"state=absent", "state=absent"}, NULL, "state"},
        {"no equals sign", {"state"}, NULL, ""},
        {"no key", {"=enabled"}, NULL, ""},
        {"unknown", {"state=absent", "colour=red"}, NULL, "colour"},
        {"empty", {"state="}, NULL, "state"},
        {"no UTF-8", {"state=absent", "store=\xFF"}, NULL, "store"},
        {"restore", {"restore=[]"}, NULL, "restore"},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_request request = {0};
        struct mh_error err = {0};
        size_t count = 0;
        while (count < 4 && cases[i].arguments[count])
            count++;
        int status = mh_request_decode_arguments(
            MH_VERB_APPLY, (char *const *)cases[i].arguments, count, &request, &err);
        if (cases[i].request) {
            KIT_INT(cases[i].name, status, MH_OK);
            char *described = describe(&request);
            KIT_TEXT(cases[i].name, described, cases[i].request);
            free(described);
            mh_request_clear(&request);
        } else {
            KIT_INT(cases[i].name, status, MH_INVALID);
            KIT_TEXT(cases[i].name, err.field, cases[i].field);
        }
    }
}

static void test_buffer(void **state)
{
    struct mh_buffer buffer = {0};
    (void)state;
    for (int i = 0; i < 1000; i++)
        mh_buffer_puts(&buffer, "abc");
    mh_buffer_add(&buffer, "\0x", 2);
    mh_buffer_add(&buffer, "", 0);
    assert_int_equal(buffer.length, 3002);
    assert_int_equal(strlen(buffer.text), 3000);
    assert_int_equal(buffer.text[3002], '\0');
    assert_false(buffer.failed);
    mh_buffer_clear(&buffer);
    assert_null(buffer.text);
    assert_int_equal(buffer.length, 0);
    buffer.failed = true;
    mh_buffer_puts(&buffer, "x");
    assert_null(buffer.text);
    mh_buffer_clear(&buffer);
    assert_false(buffer.failed);
}

static void test_buffer_take(void **state)
{
    struct mh_buffer buffer = {0};
    struct mh_buffer other = {0};
    (void)state;
    mh_buffer_take(&buffer, &other);
    assert_null(buffer.text);
    mh_buffer_puts(&buffer, "ab");
    mh_buffer_puts(&other, "cd");
    mh_buffer_take(&buffer, &other);
    assert_string_equal(buffer.text, "abcd");
    assert_null(other.text);
    other.failed = true;
    mh_buffer_take(&buffer, &other);
    assert_true(buffer.failed);
    assert_false(other.failed);
    mh_buffer_clear(&buffer);
}

static void assert_puts_as_jansson(const char *text)
{
    struct mh_buffer straight = {0};
    struct mh_buffer jansson = {0};
    mh_json_put_text(&straight, text);
    mh_json_put(&jansson, json_string(text));
    KIT_INT(text, straight.failed, jansson.failed);
    KIT_TEXT(text, straight.text, jansson.text);
    mh_buffer_clear(&straight);
    mh_buffer_clear(&jansson);
}

/* Whatever is written straight is what jansson writes. */
static void test_json_put_text(void **state)
{
    static const char *const texts[] = {"", "plain", "C:\\Users", "a\"b", "a/b", "caf\xC3\xA9", "a\tb", "~ \x7F!"};
    (void)state;
    for (int byte = 1; byte < 0x80; byte++) {
        char text[] = {'a', (char)byte, 'z', '\0'};
        assert_puts_as_jansson(text);
    }
    for (size_t i = 0; i < KIT_COUNT(texts); i++)
        assert_puts_as_jansson(texts[i]);
}

/* What is no UTF-8 ought never to get there; if it does, the rest of a result is not lost for it. */
static void test_json_put_text_that_is_none(void **state)
{
    static const struct {
        const char *text;
        const char *json;
    } cases[] = {{"\xFF", "\"?\""},
                 {"a\xC3", "\"a?\""},
                 {"\xE2\x80z\xC3\xA9", "\"??z\\u00E9\""},
                 {"\xED\xA0\x80", "\"???\""}};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_buffer buffer = {0};
        mh_json_put_text(&buffer, cases[i].text);
        KIT_TRUE(cases[i].json, !buffer.failed);
        KIT_TEXT(cases[i].json, buffer.text, cases[i].json);
        mh_buffer_clear(&buffer);
    }
}

/* A warning of that kind leaves the result whole. */
static void test_warning_that_is_no_text(void **state)
{
    struct mh_result result = {.msg = "m"};
    struct mh_buffer buffer = {0};
    (void)state;
    assert_int_equal(mh_texts_add(&result.warnings, "a\xFFz"), 0);
    mh_result_encode(&result, &buffer);
    assert_false(buffer.failed);
    assert_non_null(strstr(buffer.text, "\"warnings\":[\"a?z\"]"));
    mh_buffer_clear(&buffer);
    mh_texts_clear(&result.warnings);
}

/* The short way and jansson's say the same of every kind of value. */
static void test_member_value(void **state)
{
    struct mh_value values[] = {{0}, kit_dword(0), kit_dword(1), kit_dword(4294967295u),
                                kit_bytes(MH_REG_DWORD, "\1\0", 2), kit_bytes(MH_REG_SZ, "a\0\0\0", 4)};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(values); i++) {
        struct mh_buffer straight = {0};
        struct mh_buffer jansson = {0};
        mh_member_value(&straight, "value", &values[i]);
        mh_member(&jansson, "value", mh_value_encode(&values[i]));
        assert_string_equal(straight.text, jansson.text);
        mh_buffer_clear(&straight);
        mh_buffer_clear(&jansson);
        mh_value_clear(&values[i]);
    }
}

static void test_json_put(void **state)
{
    struct mh_buffer buffer = {0};
    (void)state;
    mh_json_put(&buffer, json_pack("{s:s}", "\xC4\x91", "\xF0\x9F\x98\x80\n"));
    assert_string_equal(buffer.text, "{\"\\u0111\":\"\\uD83D\\uDE00\\n\"}");
    assert_false(buffer.failed);
    mh_buffer_clear(&buffer);
    mh_json_put(&buffer, json_pack("{s:s}", "\x7F", "a\x7F\x7F" "b\x01")); /* no control character goes out as it is */
    assert_string_equal(buffer.text, "{\"\\u007f\":\"a\\u007f\\u007fb\\u0001\"}");
    mh_json_put(&buffer, NULL);
    assert_true(buffer.failed);
    mh_buffer_clear(&buffer);
}

/* Something of every field of the contract. */
static void fill(struct mh_result *result)
{
    struct mh_profile profiles[] = {
        {.id = mh_text_copy("S-1-5-21-1"), .sid = mh_text_copy("S-1-5-21-1"),
         .account = mh_text_copy("CONTOSO\\\xC4\x91" "ao"), .path = mh_text_copy("C:\\Users\\dao"),
         .hive = mh_text_copy("C:\\Users\\dao\\NTUSER.DAT"), .flags = MH_PROFILE_PERSON},
        {.id = mh_text_copy("/s/x/NTUSER.DAT")},
    };
    for (size_t i = 0; i < KIT_COUNT(profiles); i++)
        assert_int_equal(mh_profiles_take(&result->profiles, &profiles[i]), 0);
    result->selection.count = 2;
    result->selection.items = calloc(3, sizeof(*result->selection.items));
    result->observations = calloc(3, sizeof(*result->observations));
    result->steps = calloc(3, sizeof(*result->steps));
    struct mh_error why = {0};
    mh_error_native(&why, MH_ACCESS_DENIED, 13, "no \"rights\"");
    for (size_t i = 0; i < 2; i++)
        result->selection.items[i].profile = &result->profiles.items[i];
    result->observations[0].value = kit_dword(1);
    result->observations[0].state = MH_STATE_DISABLED;
    result->observations[0].recovered = true;
    result->observations[0].live = true;
    result->observations[0].managed = true;
    assert_int_equal(mh_outlook_add_process(&result->outlook, "S-1-5-21-1", 1234), 0);
    result->observations[1].error = mh_error_copy(&why);
    result->steps[0] = (struct mh_step){.action = MH_SET, .value = kit_dword(0), .done = !result->check};
    result->root = mh_text_copy("/mnt");
    assert_int_equal(mh_texts_add(&result->warnings, "a\tb"), 0);
    assert_int_equal(mh_result_reserve(result, NULL), MH_OK);
    mh_result_settle(result);
}

static void assert_encodes(const char *name, const struct mh_result *result, const char *expected)
{
    struct mh_buffer buffer = {0};
    mh_result_encode(result, &buffer);
    KIT_TRUE(name, !buffer.failed && buffer.text);
    for (size_t i = 0; i < buffer.length; i++)
        KIT_TRUE(name, (buffer.text[i] >= ' ' && buffer.text[i] <= '~') ||
                           (buffer.text[i] == '\n' && i + 1 == buffer.length));
    KIT_TRUE(name, buffer.text[buffer.length - 1] == '\n');
    json_t *actual = json_loadb(buffer.text, buffer.length, JSON_REJECT_DUPLICATES, NULL);
    json_t *wanted = json_loads(expected, 0, NULL);
    assert_non_null(wanted);
    if (!json_equal(actual, wanted))
        print_error("%s: %s", name, buffer.text);
    KIT_TRUE(name, json_equal(actual, wanted));
    json_decref(actual);
    json_decref(wanted);
    mh_buffer_clear(&buffer);
}

#define FIRST                                                                                      \
    "{\"id\":\"S-1-5-21-1\",\"sid\":\"S-1-5-21-1\",\"account\":\"CONTOSO\\\\\\u0111ao\","          \
    "\"path\":\"C:\\\\Users\\\\dao\",\"hive\":\"C:\\\\Users\\\\dao\\\\NTUSER.DAT\","               \
    "\"source\":\"live\",\"outcome\":\"changed\",\"state\":\"disabled\","                          \
    "\"before\":{\"type\":\"REG_DWORD\",\"data\":1},\"after\":{\"type\":\"REG_DWORD\",\"data\":0},"\
    "\"managed_by\":\"group_policy\",\"outlook_running\":true,\"recovered\":true,\"error\":null}"
#define SECOND                                                                                     \
    "{\"id\":\"/s/x/NTUSER.DAT\",\"sid\":null,\"account\":null,\"path\":null,\"hive\":null,"       \
    "\"source\":\"file\",\"outcome\":\"failed\",\"state\":null,\"before\":null,\"after\":null,"    \
    "\"managed_by\":null,\"outlook_running\":null,\"recovered\":false,"                            \
    "\"error\":{\"kind\":\"access_denied\",\"message\":\"no \\\"rights\\\"\",\"code\":13}}"
#define COUNTS "{\"profiles\":2,\"compliant\":0,\"changed\":1,\"skipped\":0,\"failed\":1}"
#define UNDO                                                                                       \
    "{\"root\":\"/mnt\",\"restore\":[{\"id\":\"S-1-5-21-1\","                                      \
    "\"value\":{\"type\":\"REG_DWORD\",\"data\":1}}]}"

static void test_encode_apply(void **state)
{
    struct mh_result result = {.verb = MH_VERB_APPLY, .state = MH_STATE_ENABLED};
    (void)state;
    fill(&result);
    assert_encodes("apply", &result,
                   "{\"changed\":true,\"failed\":true,\"check\":false,\"state\":\"enabled\","
                   "\"msg\":\"1 of 2 profiles changed, 1 failed\",\"counts\":" COUNTS
                   ",\"restart_required\":true,\"profiles\":[" FIRST "," SECOND
                   "],\"warnings\":[\"a\\tb\"],\"undo\":" UNDO "}");
    mh_result_clear(&result);
}

static void test_encode_check(void **state)
{
    struct mh_result result = {.verb = MH_VERB_CHECK, .check = true, .state = MH_STATE_ENABLED};
    struct mh_outlook_install *installs = calloc(2, sizeof(*installs));
    (void)state;
    assert_non_null(installs);
    installs[0] = (struct mh_outlook_install){mh_text_copy("16.0.1.2"), MH_OUTLOOK_CLICK_TO_RUN, MH_SUPPORT_YES};
    installs[1] = (struct mh_outlook_install){mh_text_copy("14.0"), MH_OUTLOOK_MSI, MH_SUPPORT_UNKNOWN};
    fill(&result);
    result.outlook.installs_known = true;
    result.outlook.installs = installs;
    result.outlook.install_count = 2;
    assert_encodes("check", &result,
                   "{\"changed\":true,\"failed\":true,\"check\":true,\"state\":\"enabled\","
                   "\"msg\":\"1 of 2 profiles would change, 1 failed\",\"counts\":" COUNTS
                   ",\"restart_required\":true,\"profiles\":[" FIRST "," SECOND
                   "],\"outlook\":[{\"version\":\"16.0.1.2\",\"kind\":\"click_to_run\","
                   "\"supports_mapi_http\":true},{\"version\":\"14.0\",\"kind\":\"msi\","
                   "\"supports_mapi_http\":null}],\"warnings\":[\"a\\tb\"]}");
    mh_result_clear(&result);
}

static void test_encode_refused(void **state)
{
    struct mh_result result = {.verb = MH_VERB_APPLY};
    (void)state;
    mh_error_field(&result.error, "state", "state is missing");
    mh_result_settle(&result);
    assert_encodes("refused", &result,
                   "{\"changed\":false,\"failed\":true,\"check\":false,\"state\":null,"
                   "\"msg\":\"state is missing\",\"error\":{\"kind\":\"invalid\","
                   "\"message\":\"state is missing\",\"field\":\"state\"},"
                   "\"counts\":{\"profiles\":0,\"compliant\":0,\"changed\":0,\"skipped\":0,"
                   "\"failed\":0},\"restart_required\":false,\"profiles\":[],\"warnings\":[]}");
    mh_result_clear(&result);
}

static void test_encode_get(void **state)
{
    struct mh_result result = {.verb = MH_VERB_GET};
    (void)state;
    assert_int_equal(mh_result_reserve(&result, NULL), MH_OK);
    mh_result_settle(&result);
    assert_encodes("get", &result,
                   "{\"changed\":false,\"failed\":false,\"check\":false,\"state\":null,"
                   "\"msg\":\"no profile to look at\","
                   "\"counts\":{\"profiles\":0,\"observed\":0,\"changed\":0,\"skipped\":0,"
                   "\"failed\":0},\"restart_required\":false,\"profiles\":[],\"warnings\":[]}");
    mh_result_clear(&result);
}

/* The table is for a terminal: nobody's name may steer it. */
static void test_print(void **state)
{
    struct mh_result result = {.verb = MH_VERB_APPLY, .state = MH_STATE_ENABLED};
    struct mh_buffer buffer = {0};
    (void)state;
    fill(&result);
    free(result.profiles.items[0].account);
    result.profiles.items[0].account = mh_text_copy("a\033[2J\xC2\x9B" "b\xE2\x80\xAE");
    mh_result_print(&result, &buffer);
    assert_non_null(strstr(buffer.text, "1 of 2 profiles changed, 1 failed\n"));
    assert_non_null(strstr(buffer.text, "access_denied: no \"rights\"\n"));
    assert_non_null(strstr(buffer.text, "REG_DWORD 1"));
    assert_null(strstr(buffer.text, "\033"));
    assert_null(strstr(buffer.text, "\xC2\x9B"));
    assert_null(strstr(buffer.text, "\xE2\x80\xAE"));
    assert_null(strstr(buffer.text, "\t"));
    assert_true(mh_utf8_valid(buffer.text, buffer.length));
    mh_buffer_clear(&buffer);
    mh_result_clear(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode),         cmocka_unit_test(test_decode_length),
        cmocka_unit_test(test_decode_arguments), cmocka_unit_test(test_buffer),
        cmocka_unit_test(test_buffer_take),    cmocka_unit_test(test_json_put_text),
        cmocka_unit_test(test_json_put_text_that_is_none),
        cmocka_unit_test(test_warning_that_is_no_text),
        cmocka_unit_test(test_member_value),
        cmocka_unit_test(test_json_put),       cmocka_unit_test(test_encode_apply),
        cmocka_unit_test(test_encode_check),   cmocka_unit_test(test_encode_refused),
        cmocka_unit_test(test_encode_get),     cmocka_unit_test(test_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
