/* SPDX-License-Identifier: MIT */
#include "kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "checker/checker.h"
#include "core/buffer.h"
#include "core/text.h"

void kit_skip(const char *why)
{
    printf("# because: %s\n", why);
    (void)fflush(stdout);
    skip();
}

void kit_false(const char *what, const char *name, const char *file, int line)
{
    print_error("%s: not so: %s\n", name, what);
    _fail(file, line);
    abort(); /* cmocka does not say that it does not return */
}

void kit_int(long long actual, long long expected, const char *what, const char *name,
             const char *file, int line)
{
    if (actual == expected)
        return;
    print_error("%s: %s is %lld, not %lld\n", name, what, actual, expected);
    _fail(file, line);
}

void kit_text_equal(const char *actual, const char *expected, const char *what, const char *name,
                    const char *file, int line)
{
    if (actual == expected || (actual && expected && strcmp(actual, expected) == 0))
        return;
    print_error("%s: %s is '%s', not '%s'\n", name, what, actual ? actual : "(null)",
                expected ? expected : "(null)");
    _fail(file, line);
}

uint32_t kit_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)(*state >> 16);
}

uint32_t kit_below(uint64_t *state, uint32_t limit)
{
    return kit_random(state) % limit;
}

struct mh_value kit_bytes(uint32_t type, const void *data, uint32_t size)
{
    struct mh_value value;
    assert_int_equal(mh_value_make(type, data, size, &value), 0);
    return value;
}

struct mh_value kit_dword(uint32_t number)
{
    struct mh_value value;
    assert_int_equal(mh_value_make_dword(number, &value), 0);
    return value;
}

struct mh_value kit_fill(uint32_t type, uint32_t size, uint32_t seed)
{
    uint8_t *data = malloc((size_t)size + 1);
    assert_non_null(data);
    for (uint32_t i = 0; i < size; i++)
        data[i] = (uint8_t)((i + seed) * 31);
    struct mh_value value = kit_bytes(type, data, size);
    free(data);
    return value;
}

struct hb_key *kit_key(struct hb_key *root, const char *path)
{
    struct hb_key *key = root;
    while (*path) {
        char name[256];
        size_t length = strcspn(path, "\\");
        assert_true(length < sizeof(name));
        memcpy(name, path, length);
        name[length] = '\0';
        struct hb_key *next = hb_key_find(key, name);
        key = next ? next : hb_key_add(key, name);
        assert_non_null(key);
        path += length + (path[length] == '\\');
    }
    return key;
}

struct hb_value *kit_add(struct hb_key *key, const char *name, const struct mh_value *value)
{
    struct hb_value *added = hb_value_add(key, name, value->type, value->data, value->size);
    assert_non_null(added);
    return added;
}

struct hb_key *kit_profile(const struct mh_value *value)
{
    struct hb_key *root = hb_key_new("ROOT");
    assert_non_null(root);
    assert_non_null(hb_value_add_text(kit_key(root, "Environment"), "TEMP", HB_REG_EXPAND_SZ,
                                      "%USERPROFILE%\\Temp"));
    if (!value)
        return root;
    struct hb_key *key = kit_key(root, MH_VALUE_KEY);
    if (value->present)
        kit_add(key, MH_VALUE_NAME, value);
    return root;
}

uint8_t *kit_build(struct hb_key *root, const struct hb_options *options, size_t *ret_size)
{
    struct hb_options defaults;
    uint8_t *hive = NULL;
    hb_options_init(&defaults);
    int error = hb_build(root, options ? options : &defaults, &hive, ret_size);
    if (error != HB_OK)
        print_error("builder: %s\n", hb_error_text(error));
    assert_int_equal(error, HB_OK);
    return hive;
}

uint8_t *kit_build_free(struct hb_key *root, const struct hb_options *options, size_t *ret_size)
{
    uint8_t *hive = kit_build(root, options, ret_size);
    hb_key_free(root);
    return hive;
}

void kit_assert_sound(const char *name, const uint8_t *hive, size_t size)
{
    struct hc_report report;
    int result = hc_check(hive, size, 0, &report);
    for (size_t i = 0; i < report.text_count && i < 5; i++)
        print_error("%s: 0x%llx: %s\n", name, (unsigned long long)report.texts[i].offset,
                    report.texts[i].text);
    hc_report_free(&report);
    KIT_INT(name, result, 0);
}

void kit_seal(uint8_t *hive)
{
    mh_put32(hive + MH_BASE_CHECKSUM, hb_checksum(hive));
}

static int read_checked(void *context, uint64_t offset, void *buffer, size_t length,
                        struct mh_error *err)
{
    struct kit_source *source = context;
    if (source->fail_after && source->reads >= source->fail_after)
        return mh_error_set(err, MH_IO, "the test's source fails");
    source->reads++;
    if (offset > source->size || length > source->size - offset) {
        source->strayed = true;
        return mh_error_set(err, MH_INTERNAL, "the test's source was asked beyond its end");
    }
    if (length > 0)
        memcpy(buffer, source->bytes + offset, length);
    return MH_OK;
}

struct mh_source kit_source(struct kit_source *source)
{
    return (struct mh_source){.read = read_checked, .context = source, .size = source->size};
}

struct kit_files kit_files(const uint8_t *hive, size_t size)
{
    return (struct kit_files){.hive = {.bytes = hive, .size = size}};
}

static int give_logs(void *context, struct mh_source *ret_sources, size_t *ret_count,
                     struct mh_error *err)
{
    struct kit_files *files = context;
    (void)err;
    files->log_calls++;
    for (size_t i = 0; i < files->log_count; i++)
        ret_sources[i] = kit_source(&files->logs[i]);
    *ret_count = files->log_count;
    return MH_OK;
}

int kit_open(struct kit_files *files, struct mh_regf **ret_regf, struct mh_error *err)
{
    const struct mh_regf_files sources = {
        .hive = kit_source(&files->hive), .logs = give_logs, .context = files};
    return mh_regf_open(&sources, ret_regf, err);
}

bool kit_strayed(const struct kit_files *files)
{
    bool strayed = files->hive.strayed;
    for (size_t i = 0; i < files->log_count; i++)
        strayed = strayed || files->logs[i].strayed;
    return strayed;
}

uint8_t *kit_carry_out(const struct kit_files *files, const struct mh_regf_output *output,
                       size_t *ret_size)
{
    size_t old_size = (size_t)files->hive.size;
    bool image = output->kind == MH_REGF_IMAGE;
    size_t tail = image ? (size_t)output->tail : old_size;
    assert_true(tail <= old_size);
    size_t size = image ? output->size + (old_size - tail) : old_size;
    uint8_t *file = malloc(size);
    assert_non_null(file);
    if (image) {
        memcpy(file, output->bytes, output->size);
        memcpy(file + output->size, files->hive.bytes + tail, old_size - tail);
    } else {
        memcpy(file, files->hive.bytes, old_size);
    }
    if (output->kind == MH_REGF_PATCH) {
        assert_true(output->offset <= old_size && output->size <= old_size - output->offset);
        memcpy(file + output->offset, output->bytes, output->size);
    }
    *ret_size = size;
    return file;
}

int kit_change(const uint8_t *hive, size_t size, const struct mh_value *value,
               enum mh_regf_kind *ret_kind, uint8_t **ret_hive, size_t *ret_size,
               struct mh_error *err)
{
    struct kit_files files = kit_files(hive, size);
    struct mh_regf *regf = NULL;
    struct mh_regf_output output = {0};
    int status = kit_open(&files, &regf, err);
    if (status == MH_OK)
        status = mh_regf_change(regf, MH_VALUE_KEY, MH_VALUE_NAME, value, KIT_NOW, err);
    if (status == MH_OK)
        status = mh_regf_output(regf, KIT_NOW, &output, err);
    if (status == MH_OK) {
        *ret_kind = output.kind;
        *ret_hive = kit_carry_out(&files, &output, ret_size);
    }
    mh_regf_close(regf);
    assert_false(kit_strayed(&files));
    return status;
}

struct mh_value kit_read(const char *name, const uint8_t *hive, size_t size)
{
    struct kit_files files = kit_files(hive, size);
    struct mh_regf *regf = NULL;
    struct mh_error err = {0};
    struct mh_value value = {0};
    int status = kit_open(&files, &regf, &err);
    if (status == MH_OK)
        status = mh_regf_read(regf, MH_VALUE_KEY, MH_VALUE_NAME, &value, &err);
    mh_regf_close(regf);
    KIT_TEXT(name, err.message, "");
    KIT_INT(name, status, MH_OK);
    return value;
}

/* A key still to visit. */
struct pending {
    uint32_t cell;
    uint32_t parent;
    char *path;
};

struct walk {
    struct mh_image *image;
    struct pending *stack;
    uint32_t parent; /* of the keys that are being pushed */
    size_t count;
    size_t capacity;
    size_t pushed;
};

static int push_key(void *context, uint32_t kind, uint32_t cell, uint32_t hint,
                    struct mh_error *err)
{
    struct walk *walk = context;
    (void)kind;
    (void)hint;
    if (walk->pushed++ > walk->image->size / MH_NK_HEADER)
        return mh_error_set(err, MH_CORRUPT, "its keys go round in a circle");
    if (walk->count == walk->capacity) {
        walk->capacity = walk->capacity * 2 + 64;
        walk->stack = realloc(walk->stack, walk->capacity * sizeof(*walk->stack));
        assert_non_null(walk->stack);
    }
    walk->stack[walk->count++] = (struct pending){.cell = cell, .parent = walk->parent};
    return MH_OK;
}

static int name_keys(struct walk *walk, const char *path, size_t first, struct mh_error *err)
{
    for (size_t i = first; i < walk->count; i++) {
        struct mh_key child;
        int status = mh_key_read(walk->image, walk->stack[i].cell, &child, err);
        if (status != MH_OK)
            return status;
        struct mh_stored_name stored = mh_key_name(&child);
        char *text = mh_name_text(&stored);
        assert_non_null(text);
        walk->stack[i].path = mh_text_format("%s%s%s", path, *path ? "\\" : "", text);
        assert_non_null(walk->stack[i].path);
        free(text);
    }
    return MH_OK;
}

static int walk_key(struct walk *walk, const struct pending *here, const struct kit_visitor *visitor,
                    struct mh_error *err)
{
    struct mh_key key;
    size_t first = walk->count;
    int status = mh_key_read(walk->image, here->cell, &key, err);
    if (status == MH_OK)
        status = visitor->key(visitor->context, here->path, here->parent, &key, err);
    uint32_t values = status == MH_OK && !(key.flags & MH_NK_FLAG_PREDEFINED) ? key.values : 0;
    for (uint32_t i = 0; status == MH_OK && i < values; i++) {
        struct mh_vk vk;
        status = mh_vk_at(walk->image, &key, i, &vk, err);
        if (status == MH_OK)
            status = visitor->value(visitor->context, here->path, &vk, err);
    }
    walk->parent = here->cell;
    if (status == MH_OK)
        status = mh_subkeys_each(walk->image, &key, push_key, walk, err);
    return status == MH_OK ? name_keys(walk, here->path, first, err) : status;
}

int kit_walk(struct mh_image *image, const struct kit_visitor *visitor, struct mh_error *err)
{
    struct walk walk = {.image = image};
    int status = push_key(&walk, 0, image->base.root, 0, err);
    assert_non_null(walk.stack);
    walk.stack[0].path = mh_text_copy("");
    while (walk.count > 0) {
        struct pending here = walk.stack[--walk.count];
        if (status == MH_OK)
            status = walk_key(&walk, &here, visitor, err);
        free(here.path);
    }
    free(walk.stack);
    return status;
}

bool kit_on_the_way(const char *path)
{
    size_t length = strlen(path);
    if (length == 0)
        return true;
    char head[sizeof(MH_VALUE_KEY)] = {0};
    if (length >= sizeof(head))
        return false;
    memcpy(head, MH_VALUE_KEY, length);
    return mh_text_equal(head, path) &&
           (MH_VALUE_KEY[length] == '\\' || MH_VALUE_KEY[length] == '\0');
}

char *kit_vk_name(const struct mh_vk *vk)
{
    struct mh_stored_name stored = {.bytes = vk->name_bytes,
                                    .size = vk->name_size < sizeof(vk->name_bytes)
                                                ? vk->name_size
                                                : sizeof(vk->name_bytes),
                                    .latin1 = (vk->flags & MH_VK_FLAG_LATIN1) != 0};
    char *text = mh_name_text(&stored);
    assert_non_null(text);
    return text;
}

#define DIGEST_START 2166136261u

static uint32_t digest(uint32_t sum, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ bytes[i]) * 16777619u;
    return sum;
}

#define SK_SIZE 16 /* of the descriptor, which follows */

uint32_t kit_key_digest(const char *name, struct mh_image *image, const struct mh_key *key)
{
    uint8_t cell[8192];
    uint32_t size = 0;
    uint32_t sum = DIGEST_START;
    struct mh_error err = {0};
    KIT_INT(name, mh_cell_read(image, key->security, cell, sizeof(cell), MH_SK_HEADER, NULL, &size, &err), MH_OK);
    uint32_t room = (size < sizeof(cell) ? size : (uint32_t)sizeof(cell)) - SK_SIZE;
    uint32_t length = mh_get32(cell + SK_SIZE);
    sum = digest(sum, cell + SK_SIZE, length < room - 4 ? length + 4 : room);
    if (key->class_size == 0)
        return sum;
    KIT_INT(name, mh_cell_read(image, key->class_cell, cell, sizeof(cell), 0, NULL, &size, &err), MH_OK);
    size_t class_size = key->class_size;
    room = size < sizeof(cell) ? size : (uint32_t)sizeof(cell);
    /* cppcheck-suppress knownConditionTrueFalse ; mh_cell_read sets the size */
    return digest(sum, cell, class_size < room ? class_size : room);
}

struct dump {
    const char *name;
    struct mh_image *image;
    struct mh_buffer text;
};

static int dump_value(void *context, const char *path, const struct mh_vk *vk, struct mh_error *err)
{
    struct dump *dump = context;
    struct mh_value value = {0};
    char *text = kit_vk_name(vk);
    (void)err;
    bool ours = mh_text_equal(path, MH_VALUE_KEY) && mh_text_equal(text, MH_VALUE_NAME);
    if (!ours) {
        char line[64];
        int status = mh_vk_value(dump->image, vk, &value, NULL);
        KIT_TRUE(dump->name, status == MH_OK || status == MH_UNSUPPORTED);
        snprintf(line, sizeof(line), "=%d:%u:%u:%08x\n", status, vk->type, vk->size,
                 digest(DIGEST_START, value.data, value.size));
        mh_buffer_puts(&dump->text, path);
        mh_buffer_puts(&dump->text, "|");
        mh_buffer_puts(&dump->text, text);
        mh_buffer_puts(&dump->text, line);
    }
    mh_value_clear(&value);
    free(text);
    return MH_OK;
}

static int dump_key(void *context, const char *path, uint32_t parent, const struct mh_key *key,
                    struct mh_error *err)
{
    struct dump *dump = context;
    (void)parent;
    (void)err;
    if (*path == '\0' || !kit_on_the_way(path)) {
        char line[32];
        snprintf(line, sizeof(line), ":%x:%08x\n", key->flags, kit_key_digest(dump->name, dump->image, key));
        mh_buffer_puts(&dump->text, path);
        mh_buffer_puts(&dump->text, line);
    }
    return MH_OK;
}

char *kit_dump(const char *name, const uint8_t *hive, size_t size)
{
    struct kit_files files = kit_files(hive, size);
    struct mh_regf *regf = NULL;
    struct mh_error err = {0};
    struct dump dump = {.name = name};
    const struct kit_visitor visitor = {.key = dump_key, .value = dump_value, .context = &dump};
    KIT_INT(name, kit_open(&files, &regf, &err), MH_OK);
    dump.image = mh_regf_image(regf);
    KIT_INT(name, mh_image_load(dump.image, &err), MH_OK);
    int status = kit_walk(dump.image, &visitor, &err);
    KIT_TEXT(name, err.message, "");
    KIT_INT(name, status, MH_OK);
    mh_regf_close(regf);
    return dump.text.text;
}
