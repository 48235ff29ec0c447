/* SPDX-License-Identifier: MIT */
/* Input: a registry policy file. It is read, and one is written of its texts and read again. */
#include <string.h>

#include "core/text.h"
#include "fuzz.h"
#include "registry/policy/preg.h"

struct walk {
    const uint8_t *bytes;
    size_t size;
    size_t end; /* of the last record */
    size_t count;
    struct mh_preg_record records[2]; /* the first ones */
};

static void within(const struct walk *walk, const uint8_t *at, size_t size)
{
    FUZZ_REQUIRE(at >= walk->bytes && size <= walk->size - (size_t)(at - walk->bytes));
}

/* Records lie one behind the other, each with its two brackets. */
static int visit(void *context, const struct mh_preg_record *record, struct mh_error *err)
{
    struct walk *walk = context;
    (void)err;
    FUZZ_REQUIRE(record->offset == walk->end && record->size <= MH_PREG_SIZE_MAX);
    within(walk, record->key.bytes, 2 * record->key.units);
    within(walk, record->name.bytes, 2 * record->name.units);
    within(walk, record->data, record->size + 2);
    FUZZ_REQUIRE(mh_get16(walk->bytes + record->offset) == '[');
    FUZZ_REQUIRE(mh_get16(record->data + record->size) == ']');
    walk->end = (size_t)(record->data - walk->bytes) + record->size + 2;
    if (walk->count < KIT_COUNT(walk->records))
        walk->records[walk->count] = *record;
    walk->count++;
    return MH_OK;
}

/* The text as UTF-8, broken units mended; "" where it is longer than the specification has names. */
static char *text_of(struct mh_preg_text text)
{
    bool broken;
    char *copy = mh_utf16_to_utf8(text.bytes, text.units > 200 ? 0 : 2 * text.units, false, &broken);
    FUZZ_REQUIRE(copy);
    return copy;
}

static void require_text(struct mh_preg_text text, const char *prefix, const char *expected)
{
    char *found = text_of(text);
    FUZZ_REQUIRE(strncmp(found, prefix, strlen(prefix)) == 0 && strcmp(found + strlen(prefix), expected) == 0);
    free(found);
}

/* What is written reads back, and is found by the names that it was written with. */
static void write_and_read(const char *key, const char *name, uint32_t number)
{
    struct mh_buffer file = {0};
    bool found = false;
    bool plain = strncmp(name, "**", 2) != 0 && (!*key || key[strlen(key) - 1] != '\\');
    mh_preg_put_header(&file);
    mh_preg_put_dword(&file, key, name, number);
    mh_preg_put_removal(&file, key, name);
    FUZZ_REQUIRE(!file.failed);
    uint8_t *bytes = fuzz_copy((const uint8_t *)file.text, file.length);
    struct walk walk = {.bytes = bytes, .size = file.length, .end = MH_PREG_HEADER};
    FUZZ_REQUIRE(mh_preg_each(bytes, file.length, visit, &walk, NULL) == MH_OK && walk.count == 2);
    require_text(walk.records[0].key, "", key);
    require_text(walk.records[0].name, "", name);
    FUZZ_REQUIRE(walk.records[0].size == 4 && mh_get32(walk.records[0].data) == number);
    FUZZ_REQUIRE(walk.records[0].type == MH_REG_DWORD && walk.records[1].type == MH_REG_SZ);
    require_text(walk.records[1].key, "", key);
    if (strlen(name) <= 180)
        require_text(walk.records[1].name, "**del.", name);
    FUZZ_REQUIRE(mh_preg_find(bytes, file.length, key, name, &found, NULL) == MH_OK && (found || !plain));
    free(bytes);
    mh_buffer_clear(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = fuzz_copy(bytes, size);
    struct walk walk = {.bytes = copy, .size = size, .end = MH_PREG_HEADER};
    struct mh_error err = {0};
    bool found;
    int status = mh_preg_each(copy, size, visit, &walk, &err);
    FUZZ_REQUIRE(status == MH_OK ? walk.end == size : status == MH_CORRUPT && err.message[0]);
    FUZZ_REQUIRE(mh_preg_find(copy, size, MH_VALUE_KEY, MH_VALUE_NAME, &found, NULL) == status);
    for (size_t i = 0; i < walk.count && i < KIT_COUNT(walk.records); i++) {
        char *key = text_of(walk.records[i].key);
        char *name = text_of(walk.records[i].name);
        write_and_read(key, name, walk.records[i].type);
        free(key);
        free(name);
    }
    free(copy);
    return 0;
}
