/* SPDX-License-Identifier: MIT */
#include "contract/json.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"

static void (*give_up)(void);

static void *take(size_t size)
{
    void *block = malloc(size);
    if (!block)
        give_up();
    return block;
}

void mh_json_no_memory(void (*no_memory)(void))
{
    give_up = no_memory;
    json_set_alloc_funcs(take, free);
}

/* Where it could not even begin, jansson says neither what is wrong nor where. */
static bool is_no_memory(const json_error_t *why)
{
    return why->line < 0 || json_error_code(why) == json_error_out_of_memory;
}

/* The code is in the last byte of the text, behind its end. */
static bool is_same(const json_t *a, const json_error_t *why_a, const json_t *b, const json_error_t *why_b)
{
    if (a || b)
        return json_equal(a, b);
    return why_a->position == why_b->position && json_error_code(why_a) == json_error_code(why_b) &&
           strcmp(why_a->text, why_b->text) == 0;
}

/* Without memory jansson drops a character of what it reads, and goes on. What is not our own process does not end there;
 * two readings are not hit alike. */
static json_t *load(const char *text, size_t length, size_t flags, json_error_t *ret_why)
{
    json_error_t again;
    json_t *json = json_loadb(text, length, flags, ret_why);
    if (give_up)
        return json;
    json_t *twin = json_loadb(text, length, flags, &again);
    bool same = is_same(json, ret_why, twin, &again);
    json_decref(twin);
    if (same)
        return json;
    json_decref(json);
    ret_why->line = -1;
    return NULL;
}

/* jansson says which key only in its message, as it is written: duplicate object key near '"state"'. */
static json_t *duplicate_key(const json_error_t *why, bool *ret_no_memory)
{
    const char *open = strchr(why->text, '"');
    const char *close = open ? strrchr(open, '"') : NULL;
    json_error_t again;
    json_t *key = close ? load(open, (size_t)(close - open + 1), JSON_DECODE_ANY, &again) : NULL;
    *ret_no_memory = close && !key && is_no_memory(&again);
    return key;
}

static int refuse_duplicate(const json_error_t *why, struct mh_error *err)
{
    bool no_memory;
    json_t *key = duplicate_key(why, &no_memory);
    if (no_memory)
        return mh_error_no_memory(err);
    int status = json_is_string(key)
                     ? mh_error_field(err, json_string_value(key), "line %d: %s is there twice", why->line,
                                      json_string_value(key))
                     : mh_error_set(err, MH_INVALID, "line %d: a key is there twice", why->line);
    json_decref(key);
    return status;
}

static int refuse(const json_error_t *why, const char *text, struct mh_error *err)
{
    if (is_no_memory(why))
        return mh_error_no_memory(err);
    switch (json_error_code(why)) {
    case json_error_duplicate_key:
        return refuse_duplicate(why, err);
    case json_error_end_of_input_expected:
        return mh_error_set(err, MH_INVALID, "line %d: there is more than one JSON value", why->line);
    case json_error_invalid_utf8:
        return mh_error_set(err, MH_INVALID, "the request is not valid UTF-8");
    default:
        if (strncmp(text, "\xEF\xBB\xBF", 3) == 0)
            return mh_error_set(err, MH_INVALID, "the request begins with a byte order mark; leave it out");
        return mh_error_set(err, MH_INVALID, "line %d, column %d: no valid JSON: %s", why->line,
                            why->column, why->text);
    }
}

int mh_json_parse(const char *text, size_t length, json_t **ret_json, struct mh_error *err)
{
    json_error_t why;
    size_t blank = 0;
    while (blank < length && strchr(" \t\r\n", text[blank]) && text[blank])
        blank++;
    if (blank == length) {
        *ret_json = json_object();
        return *ret_json ? MH_OK : mh_error_no_memory(err);
    }
    char *copy = mh_text_copyn(text, length);
    if (!copy)
        return mh_error_no_memory(err);
    json_t *json = load(copy, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
    int status = json ? MH_OK : refuse(&why, copy, err);
    free(copy);
    if (json)
        *ret_json = json;
    return status;
}

bool mh_json_holds_nul(const json_t *text)
{
    return strlen(json_string_value(text)) != json_string_length(text);
}

/* What could not be put into it must not be missing from it without a word. */
static void give_back(json_t **json)
{
    json_decref(*json);
    *json = NULL;
}

void mh_json_set(json_t **json, const char *name, json_t *member)
{
    if (json_object_set_new(*json, name, member) < 0)
        give_back(json);
}

void mh_json_append(json_t **json, json_t *item)
{
    if (json_array_append_new(*json, item) < 0)
        give_back(json);
}

#define DEL '\x7F'

/* jansson leaves DEL as it is: of all control characters the one that JSON allows, and a terminal may obey it. */
static int put_text(const char *text, size_t length, void *buffer)
{
    const char *del;
    while ((del = memchr(text, DEL, length)) != NULL) {
        mh_buffer_add(buffer, text, (size_t)(del - text));
        mh_buffer_puts(buffer, "\\u007f");
        length -= (size_t)(del - text) + 1;
        text = del + 1;
    }
    mh_buffer_add(buffer, text, length);
    return 0;
}

static void put(struct mh_buffer *buffer, json_t *json, size_t shape)
{
    if (!json || json_dump_callback(json, put_text, buffer, shape | JSON_ENSURE_ASCII | JSON_ENCODE_ANY) < 0)
        buffer->failed = true;
    json_decref(json);
}

void mh_json_put(struct mh_buffer *buffer, json_t *json)
{
    put(buffer, json, JSON_COMPACT);
}

void mh_json_put_indented(struct mh_buffer *buffer, json_t *json)
{
    put(buffer, json, JSON_INDENT(2));
}

/* How many bytes from the beginning on mean themselves in a JSON string. */
static size_t plain_length(const char *text)
{
    size_t at = 0;
    while (text[at] >= ' ' && text[at] <= '~' && text[at] != '"' && text[at] != '\\')
        at++;
    return at;
}

/* A result that cannot be printed is lost, and its undo with it: a mended name is better. */
json_t *mh_json_text(const char *text)
{
    if (mh_utf8_valid(text, strlen(text)))
        return json_string(text);
    char *mended = mh_text_copy(text);
    if (!mended)
        return NULL;
    mh_utf8_mend(mended);
    json_t *json = json_string(mended);
    free(mended);
    return json;
}

/* Nearly all text is plain, and of ten thousand profiles there is a lot of it. */
void mh_json_put_text(struct mh_buffer *buffer, const char *text)
{
    size_t length = plain_length(text);
    if (text[length] != '\0') {
        mh_json_put(buffer, mh_json_text(text));
        return;
    }
    mh_buffer_puts(buffer, "\"");
    mh_buffer_add(buffer, text, length);
    mh_buffer_puts(buffer, "\"");
}
