/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <jansson.h>

#include "answer.h"
#include "core/text.h"
#include "fuzz.h"

/* What requests have, and what other tools add to them. */
static const char *const names[] = {"state", "users",  "exclude", "root",    "store",
                                    "hives", "check",  "restore", "name",    "test",
                                    "out",   "_noop",  "_task",   "_ansible_check_mode",
                                    "_ansible_diff",   "_inDesiredState", "other"};

/* Values, as JSON and as arguments have them: right ones for some of these, wrong ones for the others. */
static const char *const values[] = {
    "\"enabled\"", "\"disabled\"", "\"absent\"", "\"allowed\"", "\"policy\"", "\"mixed\"", "\"all\"", "\"default\"",
    "\"ann, b*\"", "[\"ann\",\"*\"]", "[\"S-1-5-21-*\"]", "[]", "\"\"", "\"/mnt\"", "\"x\"", "true", "false", "null",
    "\"yes\"", "1", "0", "1.0", "[{\"id\":\"ann\",\"value\":null}]",
    "[{\"id\":\"ann\",\"value\":{\"type\":\"REG_DWORD\",\"data\":1}},{\"id\":\"b\",\"value\":null}]",
    "[{\"id\":\"ann\",\"value\":{\"type\":\"REG_MULTI_SZ\",\"data\":[\"x\",\"y\"]}}]",
    "[{\"id\":\"ann\",\"value\":{\"type\":\"REG_QWORD\",\"data\":\"18446744073709551615\"}}]",
    "[{\"id\":\"ann\",\"value\":{\"type\":\"0x0000000C\",\"data\":{\"hex\":\"00ff\"}}}]"};

static const char *any(const char *const *texts, size_t count, uint64_t *random)
{
    return texts[kit_below(random, (uint32_t)count)];
}

/* Sets a member, or takes one away. */
static char *change_object(const char *text, size_t size, uint64_t *random)
{
    json_t *object = json_loadb(text, size, 0, NULL);
    if (!json_is_object(object)) {
        json_decref(object);
        object = json_object();
    }
    const char *name = any(names, KIT_COUNT(names), random);
    if (kit_below(random, 4) == 0)
        json_object_del(object, name);
    else
        json_object_set_new(object, name,
                            json_loads(any(values, KIT_COUNT(values), random), JSON_DECODE_ANY, NULL));
    char *changed = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    FUZZ_REQUIRE(changed);
    return changed;
}

/* Adds an argument. */
static char *change_arguments(const char *text, size_t size, uint64_t *random)
{
    return mh_text_format("%.*s%s%s=%s", (int)size, text, size > 0 ? "\n" : "", any(names, KIT_COUNT(names), random),
                          any(values, KIT_COUNT(values), random));
}

size_t fuzz_mutate_request(uint8_t *text, size_t size, size_t max_size, bool arguments, uint64_t *random)
{
    if (kit_below(random, 2) == 0)
        return LLVMFuzzerMutate(text, size, max_size);
    char *changed = arguments ? change_arguments((char *)text, size, random)
                              : change_object((char *)text, size, random);
    size_t length = strlen(changed);
    if (length <= max_size) {
        memcpy(text, changed, length);
        size = length;
    }
    free(changed);
    return size;
}
