/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "contract/decode.h"
#include "core/text.h"
#include "mapihttp/mapihttp.h"
#include "run.h"
#include "scratch.h"
#include "worlds.h"

/* Decodes a request that has the scratch folder as its `field`, and runs it. */
static void run(enum mh_verb verb, const char *scratch, const char *field, const char *more,
                const struct mh_audience *audience, struct mh_result *ret_result)
{
    struct mh_request request;
    struct mh_error err = {0};
    char *text = mh_text_format("{\"%s\":\"%s\"%s%s}", field, scratch, *more ? "," : "", more);
    int status = mh_request_decode(verb, text, strlen(text), &request, &err);
    KIT_TEXT(text, err.message, "");
    KIT_INT(text, status, MH_OK);
    mh_run(verb, &request, audience, ret_result);
    mh_request_clear(&request);
    free(text);
}

/* A letter for what came of each world profile: o observed, . compliant, c changed, f failed,
 * s skipped, - not chosen; then one for Default. */
static void render(const struct mh_result *result, char outcomes[WORLD_PROFILES + 2])
{
    static const char letters[] = ".ocsf";
    memset(outcomes, '-', WORLD_PROFILES + 1);
    outcomes[WORLD_PROFILES + 1] = '\0';
    for (size_t i = 0; i < result->selection.count; i++) {
        const char *folder = mh_profile_folder(result->selection.items[i].profile);
        size_t at = WORLD_PROFILES;
        for (int j = 0; j < WORLD_PROFILES; j++)
            if (strcmp(folder, world_label((enum world_profile)j)) == 0)
                at = (size_t)j;
        outcomes[at] = letters[result->outcomes[i]];
    }
}

static void *volume_with_policy(void)
{
    char *scratch = scratch_make();
    world_write_volume(scratch, true);
    return scratch;
}

static void *volume_without_policy(void)
{
    char *scratch = scratch_make();
    world_write_volume(scratch, false);
    return scratch;
}

static void *store(void)
{
    char *scratch = scratch_make();
    world_write_store(scratch);
    return scratch;
}

static void test_runs(void **state)
{
    static const struct {
        const char *name;
        void *(*make)(void);
        const char *field;
        enum mh_verb verb;
        const char *more;
        const char *outcomes; /* one zero bare keyed text big dirty broken, Default */
        enum mh_state state;
        bool writes;
        bool changed;
        int code;
    } cases[] = {
        {"get", store, "store", MH_VERB_GET, "", "ooooooof-", 0, false, false, 2},
        {"get of one", store, "store", MH_VERB_GET, "\"users\":\"one\"", "o--------", 0, false,
         false, 0},
        {"get ignores the state", store, "store", MH_VERB_GET,
         "\"users\":\"one\",\"state\":\"enabled\"", "o--------", 0, false, false, 0},
        {"check enabled", store, "store", MH_VERB_CHECK,
         "\"state\":\"enabled\",\"exclude\":\"broken\"", "c.ccccc--", MH_STATE_ENABLED, false, true,
         1},
        {"check what is so", store, "store", MH_VERB_CHECK,
         "\"state\":\"disabled\",\"users\":\"one,dirty\"", ".-----.--", MH_STATE_DISABLED, false,
         false, 0},
        {"check with a broken one", store, "store", MH_VERB_CHECK, "\"state\":\"allowed\"",
         "c...cccf-", MH_STATE_ALLOWED, false, true, 2},
        {"apply enabled", store, "store", MH_VERB_APPLY,
         "\"state\":\"enabled\",\"exclude\":\"broken\"", "c.ccccc--", MH_STATE_ENABLED, true, true,
         0},
        {"apply absent", store, "store", MH_VERB_APPLY, "\"state\":\"absent\"", "cc..cccf-",
         MH_STATE_ABSENT, true, true, 2},
        {"apply allowed", store, "store", MH_VERB_APPLY,
         "\"state\":\"allowed\",\"exclude\":\"broken\"", "c...ccc--", MH_STATE_ALLOWED, true, true,
         0},
        {"apply as a check", store, "store", MH_VERB_APPLY,
         "\"state\":\"enabled\",\"check\":true,\"users\":\"one\"", "c--------", MH_STATE_ENABLED,
         false, true, 1},
        {"apply what is so", store, "store", MH_VERB_APPLY,
         "\"state\":\"absent\",\"users\":\"bare,keyed\"", "--..-----", MH_STATE_ABSENT, false,
         false, 0},
        {"apply to a volume", volume_with_policy, "root", MH_VERB_APPLY,
         "\"state\":\"disabled\",\"users\":\"all,default\",\"exclude\":\"broken\"", ".ccccc.-.",
         MH_STATE_DISABLED, true, true, 0},
        {"the policy's state", volume_with_policy, "root", MH_VERB_APPLY,
         "\"state\":\"policy\",\"exclude\":\"broken\"", "c-..ccc-c", MH_STATE_ALLOWED, true, true,
         0},
        {"the policy, checked", volume_with_policy, "root", MH_VERB_CHECK,
         "\"state\":\"policy\",\"users\":\"bare\"", "--.-----c", MH_STATE_ALLOWED, false, true, 1},
        {"get reads no policy", volume_with_policy, "root", MH_VERB_GET,
         "\"state\":\"policy\",\"users\":\"zero\"", "-o-------", 0, false, false, 0},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_result result;
        char outcomes[WORLD_PROFILES + 2];
        char *scratch = cases[i].make();
        uint64_t before = scratch_print(scratch);
        run(cases[i].verb, scratch, cases[i].field, cases[i].more, NULL, &result);
        KIT_TEXT(cases[i].name, result.error.message, "");
        render(&result, outcomes);
        KIT_TEXT(cases[i].name, outcomes, cases[i].outcomes);
        KIT_INT(cases[i].name, result.verb, cases[i].verb);
        KIT_INT(cases[i].name, result.state, cases[i].state);
        KIT_INT(cases[i].name, result.changed, cases[i].changed);
        KIT_INT(cases[i].name, mh_result_exit_code(&result), cases[i].code);
        KIT_INT(cases[i].name, scratch_print(scratch) != before, cases[i].writes);
        mh_result_clear(&result);
        /* Once converged, a second run has nothing to do. */
        if (cases[i].writes) {
            before = scratch_print(scratch);
            run(cases[i].verb, scratch, cases[i].field, cases[i].more, NULL, &result);
            KIT_TRUE(cases[i].name, !result.changed);
            KIT_TRUE(cases[i].name, scratch_print(scratch) == before);
            mh_result_clear(&result);
        }
        scratch_remove(scratch);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *name;
        void *(*make)(void);
        const char *below; /* the target, within the scratch folder */
        const char *field;
        const char *more;
        int status;
        const char *fault;
    } cases[] = {
        {"no such store", store, "/gone", "store", "\"state\":\"absent\"", MH_NOT_FOUND, "store"},
        {"no such volume", store, "/gone", "root", "\"state\":\"absent\"", MH_NOT_FOUND, "root"},
        {"no volume", store, "", "root", "\"state\":\"absent\"", MH_NOT_FOUND, "root"},
        {"a store has no policy", store, "", "store", "\"state\":\"policy\"", MH_UNSUPPORTED,
         "state"},
        {"restored twice", store, "", "store",
         "\"restore\":[{\"id\":\"x\",\"value\":null},{\"id\":\"x\",\"value\":null}]", MH_OK, ""},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_result result;
        char *scratch = cases[i].make();
        char *target = mh_text_format("%s%s", scratch, cases[i].below);
        uint64_t before = scratch_print(scratch);
        run(MH_VERB_APPLY, target, cases[i].field, cases[i].more, NULL, &result);
        KIT_INT(cases[i].name, result.error.status, cases[i].status);
        KIT_TEXT(cases[i].name, result.error.field, cases[i].fault);
        KIT_TRUE(cases[i].name, result.failed && !result.changed);
        KIT_INT(cases[i].name, mh_result_exit_code(&result), 2);
        KIT_TRUE(cases[i].name, result.msg[0] != '\0');
        KIT_TRUE(cases[i].name, scratch_print(scratch) == before);
        mh_result_clear(&result);
        free(target);
        scratch_remove(scratch);
    }
}

static void test_no_policy_is_nothing_to_do(void **state)
{
    struct mh_result result;
    char *scratch = volume_without_policy();
    uint64_t before = scratch_print(scratch);
    (void)state;
    run(MH_VERB_APPLY, scratch, "root", "\"state\":\"policy\"", NULL, &result);
    assert_int_equal(result.error.status, MH_OK);
    assert_false(result.changed);
    assert_false(result.failed);
    assert_int_equal(result.state, MH_STATE_NONE);
    assert_int_equal(result.selection.count, 0);
    assert_int_equal(result.warnings.count, 1);
    assert_int_equal(mh_result_exit_code(&result), 0);
    assert_true(scratch_print(scratch) == before);
    mh_result_clear(&result);
    scratch_remove(scratch);
}

/* A listed profile whose folder is gone is no failure, unless somebody asked for just it. */
static void test_profile_without_a_hive(void **state)
{
    static const struct {
        const char *more;
        char outcome;
        int code;
    } cases[] = {
        {"\"state\":\"absent\",\"exclude\":\"broken\"", 's', 0},
        {"\"state\":\"absent\",\"users\":\"S-1-5-21-1-2-3-7777\"", 'f', 2},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_result result;
        char *scratch = scratch_make();
        struct hb_key *root = hb_key_new("ROOT");
        size_t size;
        struct hb_key *list =
            kit_key(root, "Microsoft\\Windows NT\\CurrentVersion\\ProfileList");
        assert_non_null(hb_value_add_text(kit_key(list, "S-1-5-21-1-2-3-7777"), "ProfileImagePath",
                                          HB_REG_SZ, "C:\\Users\\gone"));
        uint8_t *software = kit_build_free(root, NULL, &size);
        scratch_write(scratch, "windows/SYSTEM32/Config/software", software, size);
        run(MH_VERB_APPLY, scratch, "root", cases[i].more, NULL, &result);
        KIT_TEXT(cases[i].more, result.error.message, "");
        KIT_INT(cases[i].more, result.selection.count, 1);
        KIT_INT(cases[i].more, result.outcomes[0],
                cases[i].outcome == 's' ? MH_OUTCOME_SKIPPED : MH_OUTCOME_FAILED);
        KIT_INT(cases[i].more, result.observations[0].error->status, MH_NOT_FOUND);
        KIT_INT(cases[i].more, mh_result_exit_code(&result), cases[i].code);
        mh_result_clear(&result);
        free(software);
        scratch_remove(scratch);
    }
}

struct ticks {
    size_t calls;
    size_t last;
    size_t count;
    size_t phases; /* it begins anew for listing, observing, applying */
    bool wrong;
};

/* Of each phase the first that is told need not be 1: other threads may have been faster. */
static void tick(void *context, size_t done, size_t count)
{
    struct ticks *ticks = context;
    if (count != ticks->count || done <= ticks->last)
        ticks->phases++;
    ticks->calls++;
    ticks->count = count;
    ticks->last = done;
    ticks->wrong = ticks->wrong || done == 0 || done > count || ticks->phases > 3;
}

static void test_progress(void **state)
{
    static const struct {
        const char *more;
        size_t calls; /* the fewest */
    } cases[] = {
        {"\"users\":\"one\",\"state\":\"enabled\"", 2}, /* looked at, and set */
        {"\"users\":\"one\",\"state\":\"disabled\"", 1},
        {"\"users\":\"zz*\",\"state\":\"disabled\"", 0},
        {"\"state\":\"enabled\"", 1},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct ticks ticks = {0};
        const struct mh_audience audience = {.tick = tick, .context = &ticks};
        struct mh_result result;
        char *scratch = store();
        run(MH_VERB_APPLY, scratch, "store", cases[i].more, &audience, &result);
        KIT_TRUE(cases[i].more, !ticks.wrong);
        KIT_TRUE(cases[i].more, ticks.calls >= cases[i].calls);
        mh_result_clear(&result);
        scratch_remove(scratch);
    }
}

/* Calls the library as an embedder does. The caller releases the JSON. */
static json_t *call(const char *verb, const char *request, int expected)
{
    char *text = NULL;
    int code = mapihttp_call(verb, request, request ? strlen(request) : 0, &text);
    KIT_TRUE(verb, text != NULL);
    size_t length = strlen(text);
    KIT_TRUE(verb, length > 0 && strchr(text, '\n') == text + length - 1);
    for (size_t i = 0; i < length; i++)
        KIT_TRUE(verb, (unsigned char)text[i] < 0x80);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    KIT_TRUE(verb, json_is_object(json));
    KIT_INT(text, code, expected);
    mapihttp_free(text);
    return json;
}

static const char *kind_of(const json_t *result)
{
    return json_string_value(json_object_get(json_object_get(result, "error"), "kind"));
}

static void test_call_verbs(void **state)
{
    static const struct {
        const char *verb;
        const char *more;
        int code;
        bool changed;
    } cases[] = {
        {"get", "\"users\":[\"one\"]", 0, false},
        {"check", "\"users\":[\"one\"],\"state\":\"disabled\"", 0, false},
        {"check", "\"users\":[\"one\"],\"state\":\"enabled\"", 1, true},
        {"check", "\"users\":[\"broken\"],\"state\":\"enabled\"", 2, false},
        {"apply", "\"users\":[\"one\"],\"state\":\"enabled\"", 0, true},
        {"apply", "\"users\":[\"one\"],\"state\":\"disabled\"", 0, false},
        {"apply", "\"users\":[\"nobody\"],\"state\":\"disabled\"", 2, false},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        char *scratch = store();
        char *request = mh_text_format("{\"store\":\"%s\",%s}", scratch, cases[i].more);
        json_t *result = call(cases[i].verb, request, cases[i].code);
        KIT_INT(request, json_is_true(json_object_get(result, "changed")), cases[i].changed);
        KIT_INT(request, json_is_true(json_object_get(result, "failed")), cases[i].code == 2);
        json_decref(result);
        free(request);
        scratch_remove(scratch);
    }
}

static void test_call_refuses(void **state)
{
    static const struct {
        const char *verb;
        const char *request;
        const char *kind;
    } cases[] = {
        {"check", NULL, "invalid"},
        {"apply", "", "invalid"},
        {"apply", "{\"state\":\"on\"}", "invalid"},
        {"apply", "{", "invalid"},
        {"render", "{}", "invalid"},
        {"", "{}", "invalid"},
        {"GET", "{}", "invalid"},
        {"schema", NULL, "invalid"},
        {"schema", "\"answer\"", "invalid"},
        {"schema", "{}", "invalid"},
        {"schema", "request", "invalid"},
        {"get", "{\"store\":\"/nowhere/at/all\"}", "not_found"},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        json_t *result = call(cases[i].verb, cases[i].request, 2);
        KIT_TEXT(cases[i].verb, kind_of(result), cases[i].kind);
        KIT_TRUE(cases[i].verb, json_is_true(json_object_get(result, "failed")));
        KIT_TRUE(cases[i].verb, json_is_false(json_object_get(result, "changed")));
        json_decref(result);
    }
}

static void test_call_length(void **state)
{
    char *text = NULL;
    (void)state;
    assert_int_equal(mapihttp_call("schema", "\"request\"garbage", 9, &text), 0);
    mapihttp_free(text);
    mapihttp_free(NULL);
}

static void test_call_schema(void **state)
{
    static const char *const schemas[] = {"\"request\"", "\"result\""};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(schemas); i++) {
        json_t *schema = call("schema", schemas[i], 0);
        assert_non_null(json_object_get(schema, "$schema"));
        assert_null(json_object_get(schema, "error"));
        json_decref(schema);
    }
}

static void test_version(void **state)
{
    const char *at = mapihttp_version();
    (void)state;
    for (int part = 0; part < 3; part++) {
        size_t digits = strspn(at, "0123456789");
        assert_true(digits > 0);
        assert_int_equal(at[digits], part < 2 ? '.' : '\0');
        at += digits + 1;
    }
}

/* What a store's profiles hold, in the order of their folders. */
static void read_store(const char *scratch, struct mh_value values[WORLD_PROFILES])
{
    for (int i = 0; i < WORLD_PROFILES; i++) {
        struct mh_result result;
        char *more = mh_text_format("\"users\":\"%s\"", world_label((enum world_profile)i));
        run(MH_VERB_GET, scratch, "store", more, NULL, &result);
        assert_int_equal(mh_value_copy(&result.observations[0].value, &values[i]), 0);
        mh_result_clear(&result);
        free(more);
    }
}

/* The undo of a result is a request that puts back what was. */
static void test_undo(void **state)
{
    static const char *const states[] = {"enabled", "disabled", "absent", "allowed"};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(states); i++) {
        struct mh_value before[WORLD_PROFILES];
        struct mh_value after[WORLD_PROFILES];
        char *scratch = store();
        char *request = mh_text_format("{\"store\":\"%s\",\"state\":\"%s\",\"exclude\":\"broken\"}",
                                       scratch, states[i]);
        read_store(scratch, before);
        json_t *result = call("apply", request, 0);
        char *undo = json_dumps(json_object_get(result, "undo"), 0);
        KIT_TRUE(states[i], undo != NULL);
        json_decref(call("check", undo, 1));
        json_decref(call("apply", undo, 0));
        json_decref(call("check", undo, 0));
        read_store(scratch, after);
        for (int j = 0; j < WORLD_PROFILES; j++) {
            KIT_TRUE(states[i], mh_value_equal(&before[j], &after[j]));
            mh_value_clear(&before[j]);
            mh_value_clear(&after[j]);
        }
        json_decref(result);
        free(undo);
        free(request);
        scratch_remove(scratch);
    }
}

static void test_refused_before_it_was_a_request(void **state)
{
    struct mh_error why = {0};
    struct mh_result result;
    (void)state;
    mh_error_field(&why, "users", "no");
    mh_run_refused(MH_VERB_CHECK, &why, &result);
    assert_int_equal(result.verb, MH_VERB_CHECK);
    assert_true(result.check);
    assert_true(result.failed);
    assert_int_equal(result.error.status, MH_INVALID);
    assert_string_equal(result.error.field, "users");
    assert_string_equal(result.msg, "no");
    assert_int_equal(mh_result_exit_code(&result), 2);
    mh_result_clear(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_no_policy_is_nothing_to_do),
        cmocka_unit_test(test_profile_without_a_hive),
        cmocka_unit_test(test_progress),
        cmocka_unit_test(test_call_verbs),
        cmocka_unit_test(test_call_refuses),
        cmocka_unit_test(test_call_length),
        cmocka_unit_test(test_call_schema),
        cmocka_unit_test(test_version),
        cmocka_unit_test(test_undo),
        cmocka_unit_test(test_refused_before_it_was_a_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
