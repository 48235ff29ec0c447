/* SPDX-License-Identifier: MIT */
#include "registry/policy/preg.h"

#include <string.h>

#include "core/text.h"
#include "core/upcase.h"
#include "registry/hive/format.h"

struct reader {
    const uint8_t *bytes;
    size_t size;
    size_t at;
    struct mh_error *err;
};

static int broken(const struct reader *reader, const char *what)
{
    return mh_error_set(reader->err, MH_CORRUPT, "the policy file is broken at byte %zu: %s", reader->at,
                        what);
}

static size_t left(const struct reader *reader)
{
    return reader->size - reader->at;
}

static int skip_sign(struct reader *reader, char sign)
{
    char what[] = "there is no '?'";
    what[sizeof(what) - 3] = sign;
    if (left(reader) < 2 || mh_get16(reader->bytes + reader->at) != (uint8_t)sign)
        return broken(reader, what);
    reader->at += 2;
    return MH_OK;
}

static int take_number(struct reader *reader, uint32_t *ret_number)
{
    if (left(reader) < 4)
        return broken(reader, "it ends within a number");
    *ret_number = mh_get32(reader->bytes + reader->at);
    reader->at += 4;
    return skip_sign(reader, ';');
}

/* The units up to the first NUL, `max` of them at most. */
static int take_text(struct reader *reader, size_t max, struct mh_preg_text *ret_text)
{
    const uint8_t *bytes = reader->bytes + reader->at;
    size_t room = left(reader) / 2;
    size_t units = 0;
    while (units < room && units <= max && mh_get16(bytes + 2 * units) != 0)
        units++;
    if (units > max)
        return broken(reader, "a name is too long");
    if (units == room)
        return broken(reader, "a name has no end");
    *ret_text = (struct mh_preg_text){.bytes = bytes, .units = units};
    reader->at += 2 * (units + 1);
    return skip_sign(reader, ';');
}

static int take_data(struct reader *reader, struct mh_preg_record *record)
{
    record->data = reader->bytes + reader->at;
    if (record->size > MH_PREG_SIZE_MAX)
        return broken(reader, "a value is too large");
    if (record->size > left(reader))
        return broken(reader, "it ends within a value");
    reader->at += record->size;
    return skip_sign(reader, ']');
}

static int take_record(struct reader *reader, struct mh_preg_record *ret_record)
{
    *ret_record = (struct mh_preg_record){.offset = reader->at};
    int status = skip_sign(reader, '[');
    if (status == MH_OK)
        status = take_text(reader, MH_PREG_KEY_MAX, &ret_record->key);
    if (status == MH_OK)
        status = take_text(reader, MH_PREG_NAME_MAX, &ret_record->name);
    if (status == MH_OK)
        status = take_number(reader, &ret_record->type);
    if (status == MH_OK)
        status = take_number(reader, &ret_record->size);
    if (status == MH_OK)
        status = take_data(reader, ret_record);
    return status;
}

static int skip_header(struct reader *reader)
{
    if (reader->size < MH_PREG_HEADER || mh_get32(reader->bytes) != MH_PREG_SIGNATURE)
        return broken(reader, "it is no registry policy file");
    reader->at = 4;
    if (mh_get32(reader->bytes + 4) != MH_PREG_VERSION)
        return broken(reader, "its version is not known");
    reader->at = MH_PREG_HEADER;
    return MH_OK;
}

int mh_preg_each(const uint8_t *bytes, size_t size,
                 int (*visit)(void *context, const struct mh_preg_record *record, struct mh_error *err),
                 void *context, struct mh_error *err)
{
    struct reader reader = {.bytes = bytes, .size = size, .err = err};
    int status = skip_header(&reader);
    while (status == MH_OK && left(&reader) > 0) {
        struct mh_preg_record record;
        status = take_record(&reader, &record);
        if (status == MH_OK)
            status = visit(context, &record, err);
    }
    return status;
}

/* Whether the text is the first `length` bytes of `name`, without regard to case. */
static bool is_name(struct mh_preg_text text, const char *name, size_t length)
{
    size_t unit = 0;
    for (size_t at = 0; at < length;) {
        uint32_t point;
        size_t used = mh_utf8_decode(name + at, length - at, &point);
        if (used == 0)
            return false;
        at += used;
        uint32_t units[2] = {point, 0};
        size_t count = 1;
        if (point >= 0x10000) {
            units[0] = 0xD800 + ((point - 0x10000) >> 10);
            units[1] = 0xDC00 + ((point - 0x10000) & 0x3FF);
            count = 2;
        }
        for (size_t i = 0; i < count; i++, unit++)
            if (unit == text.units ||
                mh_upcase(mh_get16(text.bytes + 2 * unit)) != mh_upcase((uint16_t)units[i]))
                return false;
    }
    return unit == text.units;
}

static bool is_text(struct mh_preg_text text, const char *name)
{
    return is_name(text, name, strlen(name));
}

/* Takes `prefix`, which is ASCII, off the text where that begins with it. */
static bool cut_prefix(struct mh_preg_text *text, const char *prefix)
{
    size_t length = strlen(prefix);
    if (text->units < length || !is_text((struct mh_preg_text){text->bytes, length}, prefix))
        return false;
    text->bytes += 2 * length;
    text->units -= length;
    return true;
}

/* A key's name may end in "\": Windows opens the same one. */
static struct mh_preg_text key_of(const struct mh_preg_record *record)
{
    struct mh_preg_text key = record->key;
    while (key.units > 0 && mh_get16(key.bytes + 2 * (key.units - 1)) == '\\')
        key.units--;
    return key;
}

static struct mh_preg_text trimmed(struct mh_preg_text text)
{
    while (text.units > 0 && mh_get16(text.bytes + 2 * (text.units - 1)) == ' ')
        text.units--;
    while (text.units > 0 && mh_get16(text.bytes) == ' ') {
        text.bytes += 2;
        text.units--;
    }
    return text;
}

/* Whether one of the names in the record's data, which end at a NUL if there is one, is that. */
static bool lists(const struct mh_preg_record *record, const char *name, size_t length)
{
    size_t units = record->size / 2;
    size_t start = 0;
    for (size_t at = 0; at <= units; at++) {
        uint16_t unit = at < units ? mh_get16(record->data + 2 * at) : 0;
        if (unit != 0 && unit != ';')
            continue;
        struct mh_preg_text item = {record->data + 2 * start, at - start};
        if (is_name(trimmed(item), name, length))
            return true;
        if (unit == 0)
            return false;
        start = at + 1;
    }
    return false;
}

/* Whether the record, a **DeleteKeys, removes the key or one that it is in. */
static bool removes_key(const struct mh_preg_record *record, const char *key)
{
    for (const char *name = key;;) {
        size_t length = strcspn(name, "\\");
        size_t parent = name == key ? 0 : (size_t)(name - key) - 1;
        if (is_name(key_of(record), key, parent) && lists(record, name, length))
            return true;
        if (!name[length])
            return false;
        name += length + 1;
    }
}

static bool touches(const struct mh_preg_record *record, const char *key, const char *name)
{
    struct mh_preg_text written = record->name;
    if (is_text(written, "**DeleteKeys"))
        return removes_key(record, key);
    if (!is_text(key_of(record), key))
        return false;
    if (is_text(written, "**DelVals.") || is_text(written, "**DelVals")) /* older documents have no stop */
        return true;
    if (is_text(written, "**DeleteValues"))
        return lists(record, name, strlen(name));
    if (!cut_prefix(&written, "**Del."))
        cut_prefix(&written, "**soft.");
    return is_text(written, name);
}

struct search {
    const char *key;
    const char *name;
    bool found;
};

static int look(void *context, const struct mh_preg_record *record, struct mh_error *err)
{
    struct search *search = context;
    (void)err;
    search->found = search->found || touches(record, search->key, search->name);
    return MH_OK;
}

int mh_preg_find(const uint8_t *bytes, size_t size, const char *key, const char *name, bool *ret_found,
                 struct mh_error *err)
{
    struct search search = {.key = key, .name = name};
    int status = mh_preg_each(bytes, size, look, &search, err);
    if (status == MH_OK)
        *ret_found = search.found;
    return status;
}
