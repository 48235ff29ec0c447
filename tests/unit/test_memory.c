/* SPDX-License-Identifier: MIT */
/* A whole call, with memory out at each allocation in turn: nothing is kept, and nothing is used that is gone (which a
 * sanitizer sees). What is then on the disk, tests/process looks at. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/text.h"
#include "dialect/dialect.h"
#include "dialect/native.h"
#include "mapihttp/mapihttp.h"
#include "memory.h"
#include "scratch.h"
#include "worlds.h"

static void write_one(const char *scratch)
{
    world_write_profile(scratch, "one", WORLD_ONE);
}

static void write_text(const char *scratch)
{
    world_write_profile(scratch, "one", WORLD_TEXT);
}

static void write_bare(const char *scratch)
{
    world_write_profile(scratch, "one", WORLD_BARE);
}

static void write_dirty(const char *scratch)
{
    world_write_profile(scratch, "one", WORLD_DIRTY);
}

static void write_several(const char *scratch)
{
    static const enum world_profile some[] = {WORLD_ONE, WORLD_TEXT, WORLD_BROKEN};
    for (size_t i = 0; i < KIT_COUNT(some); i++)
        world_write_profile(scratch, world_label(some[i]), some[i]);
}

static void write_volume(const char *scratch)
{
    char *sid = world_sid(WORLD_ONE);
    char *policy = mh_text_format("ProgramData/Microsoft/GroupPolicy/Users/%s/ntuser.pol", sid);
    world_write_volume(scratch, true);
    world_write_profile(scratch, "Users/stray", WORLD_ONE);
    scratch_write(scratch, policy, "PReg\1\0\0\0", 8);
    free(sid);
    free(policy);
}

/* What folders are called decides whose they are. */
static void write_named(const char *scratch)
{
    static const char *const names[] = {"S-1-5-18", "S-1-5-21-1-2-3-1001", "Default"};
    for (size_t i = 0; i < KIT_COUNT(names); i++)
        world_write_profile(scratch, names[i], WORLD_ONE);
    scratch_write(scratch, "Default/ntuser.pol", "PReg\1\0\0\0", 8);
}

static void write_nothing(const char *scratch)
{
    (void)scratch;
}

#define HIVE "\"hives\":[\"%s/one/NTUSER.DAT\"]"
#define STORE "\"store\":\"%s\""
#define TO_ENABLED "\"state\":\"enabled\""
#define RESTORE "\"restore\":[{\"id\":\"%s/one/NTUSER.DAT\",\"value\":{\"type\":\"REG_MULTI_SZ\",\"data\":[\"a\",\"b\"]}}]"

/* A call; `%s` in its request is the scratch folder. */
struct call {
    const char *name;
    void (*prepare)(const char *scratch);
    const char *speaker; /* a verb of the library, "table", or a dialect */
    const char *word;
    const char *request;
    const char *made; /* a folder that the call makes, to be taken away before the next */
};

static const struct call calls[] = {
    {"get", write_one, "get", NULL, "{" HIVE "}", NULL},
    {"check", write_one, "check", NULL, "{" HIVE "," TO_ENABLED "}", NULL},
    {"get of a dirty hive", write_dirty, "get", NULL, "{" HIVE "}", NULL},
    {"check of a volume", write_volume, "check", NULL, "{\"root\":\"%s\",\"state\":\"policy\"}", NULL},
    {"in place", write_one, "apply", NULL, "{" HIVE "," TO_ENABLED "}", NULL},
    {"new image", write_text, "apply", NULL, "{" HIVE "," TO_ENABLED "}", NULL},
    {"new keys", write_bare, "apply", NULL, "{" HIVE "," TO_ENABLED "}", NULL},
    {"remove", write_one, "apply", NULL, "{" HIVE ",\"state\":\"absent\"}", NULL},
    {"dirty hive", write_dirty, "apply", NULL, "{" HIVE "," TO_ENABLED "}", NULL},
    {"restore", write_one, "apply", NULL, "{" HIVE "," RESTORE "}", NULL},
    {"store", write_several, "apply", NULL, "{" STORE "," TO_ENABLED ",\"users\":\"*,nobody\",\"exclude\":\"x\"}", NULL},
    {"names of a store", write_named, "get", NULL, "{" STORE ",\"users\":\"*,default\"}", NULL},
    {"table", write_several, "table", NULL, "{" STORE "," TO_ENABLED "}", NULL},
    {"schema", write_nothing, "schema", NULL, "\"result\"", NULL},
    {"no such verb", write_nothing, "paint", NULL, "{}", NULL},
    {"no such field", write_nothing, "get", NULL, "{\"colour\":1}", NULL},
    {"a key twice", write_nothing, "get", NULL, "{\"users\":1,\"users\":2}", NULL},
    {"ansible", write_text, "ansible", "f",
     "{" HIVE "," TO_ENABLED ",\"_ansible_check_mode\":\"yes\",\"_ansible_diff\":true}", NULL},
    {"salt", write_text, "salt", "apply", "{" HIVE "," TO_ENABLED ",\"name\":\"n\"}", NULL},
    {"salt, failing", write_several, "salt", "check", "{" STORE "," TO_ENABLED "}", NULL},
    {"bolt", write_several, "bolt", NULL, "{" STORE "," TO_ENABLED ",\"_noop\":true}", NULL},
    {"dsc get", write_one, "dsc", "get", "{" HIVE "}", NULL},
    {"dsc set", write_text, "dsc", "set", "{" HIVE "," TO_ENABLED "}", NULL},
    {"dsc test", write_text, "dsc", "test", "{" HIVE "," TO_ENABLED "}", NULL},
    {"dsc whatif-diff", write_text, "dsc", "whatif-diff", "{" HIVE "," TO_ENABLED "}", NULL},
    {"dsc export", write_several, "dsc", "export", "{" STORE "}", NULL},
    {"intune", write_several, "intune", "detect", "{" STORE "," TO_ENABLED "}", NULL},
    {"reg", write_nothing, "render", "reg", "{" TO_ENABLED "}", NULL},
    {"pol", write_nothing, "render", "pol", "{" TO_ENABLED "}", NULL},
    {"gpp", write_nothing, "render", "gpp", "{" TO_ENABLED "}", NULL},
    {"lgpo", write_nothing, "render", "lgpo", "{" TO_ENABLED "}", NULL},
    {"samba", write_nothing, "render", "samba", "{" TO_ENABLED "}", NULL},
    {"intune's file", write_nothing, "render", "intune", "{" TO_ENABLED "}", NULL},
    {"backup", write_nothing, "render", "backup", "{" TO_ENABLED ",\"out\":\"%s/b\"}", "b"},
    {"refused file", write_nothing, "render", "reg", "{\"state\":\"allowed\"}", NULL},
};

/* The request with the scratch folder put in wherever it says %s. The caller frees it. */
static char *spell(const char *request, const char *scratch)
{
    struct mh_buffer text = {0};
    for (const char *at = strstr(request, "%s"); at; at = strstr(request, "%s")) {
        mh_buffer_add(&text, request, (size_t)(at - request));
        mh_buffer_puts(&text, scratch);
        request = at + 2;
    }
    mh_buffer_puts(&text, request);
    assert_false(text.failed);
    return text.text;
}

static int speak(const struct call *call, const char *request, struct mh_reply *reply)
{
    const struct mh_dialect *dialect = mh_dialect_find(call->speaker);
    size_t length = strlen(request);
    if (dialect) {
        struct mh_call said = {.word = call->word, .text = request, .length = length};
        return dialect->answer(&said, reply);
    }
    if (strcmp(call->speaker, "table") == 0) {
        struct mh_native_input input = {.text = request, .length = length};
        return mh_native_call(MH_VERB_CHECK, &input, MH_FORMAT_TABLE, NULL, &reply->out);
    }
    char *result;
    int code = mapihttp_call(call->speaker, request, length, &result);
    if (result)
        mh_buffer_puts(&reply->out, result);
    else
        reply->out.failed = true;
    mapihttp_free(result);
    return code;
}

/* What came of one run: all that was said, or NULL where there was not the memory for it. */
struct told {
    char *text;
    int code;
    size_t failed;
};

static struct told run(const struct call *call, const char *scratch, size_t first, size_t last)
{
    struct mh_reply reply = {0};
    struct told told;
    size_t count;
    long kept;
    char *request = spell(call->request, scratch);
    call->prepare(scratch);
    memory_begin(first, last);
    told.code = speak(call, request, &reply);
    told.failed = memory_end(&count, &kept);
    kept -= (reply.out.text != NULL) + (reply.err.text != NULL);
    if (kept != 0)
        fprintf(stderr, "allocation %zu of %zu: %ld blocks are kept\n", first, count, kept);
    KIT_INT(call->name, kept, 0);
    bool whole = !reply.out.failed && !reply.err.failed;
    told.text = whole ? mh_text_format("%s%s", reply.out.text ? reply.out.text : "",
                                       reply.err.text ? reply.err.text : "")
                      : NULL;
    mh_buffer_clear(&reply.out);
    mh_buffer_clear(&reply.err);
    free(request);
    return told;
}

static void clear_made(const struct call *call, const char *scratch)
{
    if (call->made && scratch_exists(scratch, call->made))
        scratch_remove(scratch_path(scratch, call->made));
}

static bool equal(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* An answer that is as good as the whole one is the whole one, or says what it does not know. */
static void hold(const struct call *call, const struct told *told, const struct told *clean, size_t first)
{
    bool same = told->code == clean->code && equal(told->text, clean->text);
    bool says = !told->text || strstr(told->text, "out of memory") || strstr(told->text, "internal");
    if (!same && !says)
        fprintf(stderr, "allocation %zu: exit code %d, %s\nundisturbed: exit code %d, %s\n", first, told->code,
                told->text, clean->code, clean->text);
    KIT_TRUE(call->name, same || says);
    KIT_TRUE(call->name, !told->text || !strstr(told->text, "looked at: out of memory")); /* a failure, no remark */
}

static void sweep(const struct call *call, bool for_ever)
{
    char *scratch = scratch_make();
    struct told clean = run(call, scratch, 0, 0);
    bool reached = true;
    clear_made(call, scratch);
    for (size_t first = 1; reached; first++) {
        struct told told = run(call, scratch, first, for_ever ? (size_t)-1 : first);
        hold(call, &told, &clean, first);
        reached = told.failed > 0;
        free(told.text);
        clear_made(call, scratch);
    }
    free(clean.text);
    scratch_remove(scratch);
}

static void test_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(calls); i++)
        sweep(&calls[i], false);
}

static void test_for_ever(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(calls); i++)
        sweep(&calls[i], true);
}

/* What the parser drops when it has no memory must not make another request of it. */
static const struct call parsed[] = {
    {"another hive", write_nothing, "get", NULL, "{\"hives\":[\"abcdefghijklmnopqrstuvwxyz0123456789\"]}", NULL},
    {"a long key", write_nothing, "get", NULL, "{\"abcdefghijklmnopqrstuvwxyz0123456789\":1}", NULL},
    {"a long key twice", write_nothing, "get", NULL,
     "{\"abcdefghijklmnopqrstuvwxyz0123456789\":1,\"abcdefghijklmnopqrstuvwxyz0123456789\":2}", NULL},
    {"no JSON", write_nothing, "get", NULL, "{\"hives\":[\"abcdefghijklmnopqrstuvwxyz0123456789\"}", NULL},
};

static void test_parser(void **state)
{
    (void)state;
    memory_spare_parser(false);
    for (size_t i = 0; i < KIT_COUNT(parsed); i++) {
        sweep(&parsed[i], false);
        sweep(&parsed[i], true);
    }
    memory_spare_parser(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once),
        cmocka_unit_test(test_for_ever),
        cmocka_unit_test(test_parser),
    };
    const char *memory = getenv("MAPIHTTP_MEMORY"); /* for many thousands of files that nobody will look at */
    if (memory || access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", memory ? memory : "/dev/shm", 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
