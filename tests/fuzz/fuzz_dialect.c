/* SPDX-License-Identifier: MIT */
/*
 * Input: a dialect, its word, a number of profiles, flags (a byte each); the profiles (what they are, a name that ends
 * with NUL, the length of the value's data, the data); then the request. It is answered over a registry in memory, in
 * whose names and values may be anything: the answer must be what its tool can read, and a check must not write.
 */
#include <string.h>

#include "answer.h"
#include "core/text.h"
#include "dialect/dialect.h"
#include "dialect/native.h"
#include "fuzz.h"
#include "os/tree.h"
#include "registry/open.h"
#include "unit/memory_registry.h"

#define PROFILES_MAX 3u
#define ARGUMENTS_MAX 8u
#define HEAD 4u

enum { FLAG_ARGUMENTS = 1, FLAG_FAULT = 2, FLAG_POLICY = 4, FLAG_WARNING = 8, FLAG_OUTLOOK = 16, FLAG_TABLE = 32 };

/* What a profile is: its value's type in the low bits (7: none), and these. */
enum { IS_BROKEN = 8, IS_READONLY = 16, IS_RECOVERED = 32, IS_LISTED_BROKEN = 64, IS_SKIPPED = 128 };

struct input {
    const uint8_t *at;
    size_t left;
};

static struct memory_world world;
static struct memory_profile profiles[PROFILES_MAX];
static uint8_t kinds[PROFILES_MAX];
static unsigned flags;
static unsigned planted; /* folders that were to be made */

static uint8_t take_byte(struct input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->at++;
}

/* Names are UTF-8 before they come to a result; each registry sees to that. */
static char *take_text(struct input *input)
{
    const uint8_t *end = input->left > 0 ? memchr(input->at, '\0', input->left) : NULL;
    size_t length = end ? (size_t)(end - input->at) : input->left;
    char *text = mh_text_copyn((const char *)input->at, length);
    FUZZ_REQUIRE(text);
    mh_utf8_mend(text);
    input->at += length + (end != NULL);
    input->left -= length + (end != NULL);
    return text;
}

static bool is_known(const char *label)
{
    for (size_t i = 0; i < world.count; i++)
        if (strcmp(profiles[i].label, label) == 0)
            return true;
    return false;
}

static void skip(struct input *input, size_t size)
{
    size = size < input->left ? size : input->left;
    input->at += size;
    input->left -= size;
}

static void skip_profile(struct input *input)
{
    (void)take_byte(input);
    free(take_text(input));
    skip(input, take_byte(input));
}

static void take_profile(struct input *input)
{
    uint8_t kind = take_byte(input);
    char *label = take_text(input);
    size_t size = take_byte(input);
    size = size < input->left ? size : input->left;
    if (!*label || is_known(label)) {
        free(label);
    } else {
        struct memory_profile *profile = &profiles[world.count];
        *profile = (struct memory_profile){.label = label,
                                           .recovered = (kind & IS_RECOVERED) != 0,
                                           .open_status = kind & IS_BROKEN ? MH_CORRUPT : MH_OK,
                                           .commit_status = kind & IS_READONLY ? MH_NO_SPACE : MH_OK};
        if ((kind & 7) < 7)
            profile->value = kit_bytes(size == 4 ? MH_REG_DWORD : kind & 7, input->at, (uint32_t)size);
        kinds[world.count++] = kind;
    }
    skip(input, size);
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t max_size, unsigned seed)
{
    uint64_t random = seed + 1ull;
    struct input input = {.at = bytes, .left = size};
    uint8_t head[HEAD];
    uint32_t which = kit_below(&random, 8);
    for (size_t i = 0; i < HEAD; i++)
        head[i] = take_byte(&input);
    for (unsigned i = 0; i < head[2] % (PROFILES_MAX + 1); i++)
        skip_profile(&input);
    size_t before = size - input.left;
    if (which == 0 || size < HEAD)
        return LLVMFuzzerMutate(bytes, size, max_size);
    if (which == 1)
        bytes[kit_below(&random, HEAD)] = (uint8_t)kit_random(&random);
    if (which <= 2)
        return size;
    return before + fuzz_mutate_request(bytes + before, size - before, max_size - before,
                                        (head[3] & FLAG_ARGUMENTS) != 0, &random);
}

static void forget_world(void)
{
    for (size_t i = 0; i < world.count; i++) {
        mh_value_clear(&profiles[i].value);
        free((char *)profiles[i].label);
    }
    world.count = 0;
}

static void decorate(struct mh_profile *profile, size_t i)
{
    struct mh_error problem = {0};
    const char *other = profiles[(i + 1) % world.count].label;
    profile->hive = mh_text_format("%s/NTUSER.DAT", profile->id);
    profile->sid = kinds[i] & 1 ? mh_text_format("S-1-5-21-1-2-3-%zu", 1000 + i) : NULL;
    profile->account = kinds[i] & 2 ? mh_text_copy(other) : NULL;
    profile->skipped = (kinds[i] & IS_SKIPPED) != 0;
    mh_error_set(&problem, MH_UNSUPPORTED, "%s: %s", profile->id, other);
    if (kinds[i] & (IS_LISTED_BROKEN | IS_SKIPPED))
        profile->problem = mh_error_copy(&problem);
}

static const struct mh_registry_ops *plain_ops;

static int list(struct mh_registry *registry, struct mh_profiles *ret_profiles, struct mh_texts *warnings,
                struct mh_error *err)
{
    int status = plain_ops->list(registry, ret_profiles, warnings, err);
    for (size_t i = 0; status == MH_OK && i < ret_profiles->count; i++)
        decorate(&ret_profiles->items[i], i);
    for (size_t i = 0; (flags & FLAG_WARNING) && i < world.count; i++)
        FUZZ_REQUIRE(mh_texts_addf(warnings, "left out: %s", profiles[i].label) == 0);
    return status;
}

static int outlook(struct mh_registry *registry, bool installed, struct mh_outlook *ret_outlook, struct mh_error *err)
{
    (void)registry;
    if (world.count > 1 && (flags & FLAG_WARNING))
        return mh_error_set(err, MH_IO, "%s", profiles[1].label);
    FUZZ_REQUIRE(mh_outlook_add_process(ret_outlook, "S-1-5-21-1-2-3-1000", UINT32_MAX) == 0);
    ret_outlook->running_known = true;
    ret_outlook->installs_known = installed && world.count > 0;
    if (ret_outlook->installs_known) {
        ret_outlook->installs = calloc(1, sizeof(*ret_outlook->installs));
        FUZZ_REQUIRE(ret_outlook->installs);
        ret_outlook->installs[0].version = mh_text_copy(profiles[0].label);
        ret_outlook->install_count = 1;
    }
    return MH_OK;
}

static int managed(struct mh_registry *registry, const struct mh_profile *profile, bool *ret_managed,
                   struct mh_error *err)
{
    (void)registry;
    *ret_managed = strlen(profile->id) % 2 == 0;
    return strlen(profile->id) % 5 == 0 ? mh_error_set(err, MH_CORRUPT, "%s: no policy", profile->id) : MH_OK;
}

/* The linker puts these in place of the program's own: no request leads to a disk. */
int __wrap_mh_registry_open(const struct mh_request *request, struct mh_registry **ret_registry,
                            struct mh_error *err);
int __wrap_mh_tree_write(const char *path, const struct mh_tree *tree, struct mh_error *err);

int __wrap_mh_registry_open(const struct mh_request *request, struct mh_registry **ret_registry,
                            struct mh_error *err)
{
    static struct mh_registry_ops ops;
    FUZZ_REQUIRE((request->root != NULL) + (request->store != NULL) + (request->hives.count > 0) <= 1);
    int status = memory_registry_open(&world, ret_registry, err);
    if (status != MH_OK)
        return status;
    plain_ops = (*ret_registry)->ops;
    ops = *plain_ops;
    ops.list = list;
    ops.outlook = flags & FLAG_OUTLOOK ? outlook : NULL;
    ops.managed = managed;
    (*ret_registry)->ops = &ops;
    return MH_OK;
}

int __wrap_mh_tree_write(const char *path, const struct mh_tree *tree, struct mh_error *err)
{
    FUZZ_REQUIRE(*path && tree->count > 0);
    planted++;
    return strlen(path) % 4 == 0 ? mh_error_set(err, MH_IN_USE, "there is something at '%s'", path) : MH_OK;
}

static unsigned commits(void)
{
    unsigned count = planted;
    for (size_t i = 0; i < world.count; i++)
        count += profiles[i].commits;
    return count;
}

/* Whether the request is a check by one of the words that its dialect has for that; arguments are not looked at. */
static bool asks_for_check(const struct mh_call *call, const char *name)
{
    json_t *object = json_loadb(call->text, call->length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    const char *word = strcmp(name, "ansible") == 0 ? "_ansible_check_mode" : strcmp(name, "bolt") == 0 ? "_noop" : "test";
    bool asks = json_is_true(json_object_get(object, word)) || json_is_true(json_object_get(object, "check"));
    json_decref(object);
    return asks && call->argument_count == 0;
}

/* A result in JSON: its exit code says what it says, and a check wrote nothing. */
static void check_result(const struct mh_reply *reply, int code)
{
    json_t *json = fuzz_require_object(&reply->out);
    FUZZ_REQUIRE(json_is_true(json_object_get(json, "failed")) == (code != 0));
    FUZZ_REQUIRE(json_is_false(json_object_get(json, "check")) || commits() == 0);
    FUZZ_REQUIRE(json_is_array(json_object_get(json, "profiles")) && reply->err.length == 0);
    json_decref(json);
}

static void check_salt(const char *word, const struct mh_reply *reply, int code)
{
    json_t *json = fuzz_require_object(&reply->out);
    if (word && strcmp(word, "get") == 0) {
        FUZZ_REQUIRE(json_is_true(json_object_get(json, "failed")) == (code != 0));
    } else {
        FUZZ_REQUIRE(json_is_string(json_object_get(json, "name")) && json_is_string(json_object_get(json, "comment")));
        FUZZ_REQUIRE(json_is_false(json_object_get(json, "result")) == (code != 0));
        FUZZ_REQUIRE(json_is_object(json_object_get(json, "changes")));
    }
    FUZZ_REQUIRE((word && strcmp(word, "apply") == 0) || commits() == 0);
    json_decref(json);
}

static void check_dsc(const char *word, const struct mh_reply *reply, int code)
{
    size_t lines = fuzz_require_json(&reply->out);
    size_t traces = fuzz_require_json(&reply->err);
    bool sets = word && strcmp(word, "set") == 0;
    bool exports = word && strcmp(word, "export") == 0;
    FUZZ_REQUIRE(code >= 0 && code < MH_STATUS_COUNT);
    FUZZ_REQUIRE(code == 0 || (lines == 0 && traces > 0));
    FUZZ_REQUIRE(code != 0 || exports || lines == (sets || (word && strcmp(word, "whatif-diff") == 0) ? 2u : 1u));
    FUZZ_REQUIRE(sets || commits() == 0);
}

static void check_intune(const char *word, const struct mh_reply *reply, int code)
{
    const struct mh_buffer *out = &reply->out;
    FUZZ_REQUIRE(!out->failed && out->length > 1 && out->length <= 2048 && reply->err.length == 0);
    for (size_t i = 0; i + 1 < out->length; i++)
        FUZZ_REQUIRE(out->text[i] >= 0x20 && out->text[i] < 0x7F);
    FUZZ_REQUIRE(out->text[out->length - 1] == '\n' && (code == 0 || code == 1));
    FUZZ_REQUIRE((strncmp(out->text, "failed", 6) == 0 || strncmp(out->text, "drift", 5) == 0) == (code != 0));
    FUZZ_REQUIRE((word && strcmp(word, "remediate") == 0) || commits() == 0);
}

static void check_render(const char *word, const struct mh_reply *reply, int code)
{
    fuzz_require_plain(&reply->err);
    FUZZ_REQUIRE(!reply->out.failed && reply->out.length > 0 && (code == 0 || code == 2));
    FUZZ_REQUIRE((reply->err.length > 0) == (code != 0));
    FUZZ_REQUIRE(planted == commits() && (planted == 0 || strcmp(word, "backup") == 0));
    if (code != 0 || strcmp(word, "backup") == 0)
        json_decref(fuzz_require_object(&reply->out));
}

static void check_native(unsigned word, const struct mh_reply *reply, int code)
{
    FUZZ_REQUIRE(code >= 0 && code <= 2 && (word % 3 == MH_VERB_APPLY || commits() == 0));
    if (flags & FLAG_TABLE)
        fuzz_require_plain(&reply->out);
    else
        json_decref(fuzz_require_object(&reply->out));
}

/* The word of the dialect at place `number`, on the heap; NULL for none. */
static char *word_of(const struct mh_dialect *dialect, unsigned number)
{
    const char *at = dialect->words ? dialect->words : "file";
    for (; number > 0 && strchr(at, '|'); number--)
        at = strchr(at, '|') + 1;
    return *at ? mh_text_copyn(at, strcspn(at, "|")) : NULL;
}

static void answer_dialect(const char *name, unsigned number, struct mh_call *call)
{
    const struct mh_dialect *dialect = mh_dialect_find(name);
    struct mh_reply reply = {0};
    FUZZ_REQUIRE(dialect);
    char *word = word_of(dialect, number);
    call->word = word;
    FUZZ_REQUIRE(mh_dialect_takes(dialect, word));
    if (dialect->input != MH_INPUT_ARGUMENTS)
        call->argument_count = 0;
    bool looks = asks_for_check(call, name);
    int code = dialect->answer(call, &reply);
    FUZZ_REQUIRE(!looks || commits() == 0);
    if (strcmp(name, "salt") == 0)
        check_salt(word, &reply, code);
    else if (strcmp(name, "dsc") == 0)
        check_dsc(word, &reply, code);
    else if (strcmp(name, "intune") == 0)
        check_intune(word, &reply, code);
    else if (strcmp(name, "render") == 0)
        check_render(word, &reply, code);
    else
        check_result(&reply, code);
    mh_buffer_clear(&reply.out);
    mh_buffer_clear(&reply.err);
    free(word);
}

static void answer_native(unsigned word, const struct mh_call *call)
{
    struct mh_reply reply = {0};
    struct mh_native_input input = {.arguments = call->arguments,
                                    .argument_count = call->argument_count,
                                    .text = call->text,
                                    .length = call->length};
    const struct mh_audience audience = {.person = (flags & FLAG_TABLE) != 0};
    int code = mh_native_call((enum mh_verb)(word % 3), &input, flags & FLAG_TABLE ? MH_FORMAT_TABLE : MH_FORMAT_JSON,
                              &audience, &reply.out);
    check_native(word, &reply, code);
    FUZZ_REQUIRE(!asks_for_check(call, "") || commits() == 0);
    mh_buffer_clear(&reply.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const names[] = {"ansible", "bolt", "dsc", "intune", "render", "salt"};
    struct input input = {.at = bytes, .left = size};
    char *arguments[ARGUMENTS_MAX];
    unsigned dialect = take_byte(&input) % (KIT_COUNT(names) + 1);
    unsigned word = take_byte(&input) % 8;
    unsigned count = take_byte(&input) % (PROFILES_MAX + 1);
    flags = take_byte(&input);
    planted = 0;
    world = (struct memory_world){.profiles = profiles,
                                  .sequential = true,
                                  .has_policy = (flags & FLAG_POLICY) != 0,
                                  .policy = MH_STATE_ENABLED};
    for (unsigned i = 0; i < count; i++)
        take_profile(&input);
    char *text = (char *)fuzz_copy(input.at, input.left);
    struct mh_call call = {.arguments = arguments, .text = text, .length = input.left};
    if (flags & FLAG_ARGUMENTS)
        call.argument_count = fuzz_split(text, input.left, arguments, ARGUMENTS_MAX);
    size_t split = call.argument_count;
    if ((flags & FLAG_FAULT) && dialect < KIT_COUNT(names))
        mh_error_set(&call.fault, MH_INVALID, "there is no '%.*s'", (int)(input.left % 512), text);
    if (dialect < KIT_COUNT(names))
        answer_dialect(names[dialect], word, &call);
    else
        answer_native(word, &call);
    while (split > 0)
        free(arguments[--split]);
    free(text);
    forget_world();
    return 0;
}
