/* SPDX-License-Identifier: MIT */
#include "contract/value_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract/json.h"
#include "contract/member.h"
#include "core/text.h"

static bool is_text(uint32_t type)
{
    return type == MH_REG_SZ || type == MH_REG_EXPAND_SZ;
}

/* A hex digit's value; -1 for anything else. */
static int nibble(char digit)
{
    static const char digits[] = "0123456789ABCDEF0123456789abcdef";
    const char *at = digit ? strchr(digits, digit) : NULL;
    return at ? (int)((at - digits) % 16) : -1;
}

/* Each of these makes a value of JSON data. MH_INVALID: the data are not what the type takes; MH_INTERNAL: memory is
 * out. */

static int from_hex(uint32_t type, const json_t *data, struct mh_value *ret_value)
{
    size_t length = json_string_length(data);
    const char *text = json_string_value(data);
    if (length % 2 != 0 || length / 2 > MH_VALUE_MAX)
        return MH_INVALID;
    struct mh_value value = {.present = true, .type = type, .size = (uint32_t)(length / 2)};
    value.data = length ? malloc(length / 2) : NULL;
    if (length && !value.data)
        return MH_INTERNAL;
    for (size_t i = 0; i < value.size; i++) {
        int high = nibble(text[2 * i]);
        int low = nibble(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            mh_value_clear(&value);
            return MH_INVALID;
        }
        value.data[i] = (uint8_t)(high << 4 | low);
    }
    *ret_value = value;
    return MH_OK;
}

static int make(uint32_t type, const void *data, uint32_t size, struct mh_value *ret_value)
{
    return mh_value_make(type, data, size, ret_value) == 0 ? MH_OK : MH_INTERNAL;
}

static int from_integer(uint32_t type, const json_t *data, struct mh_value *ret_value)
{
    json_int_t number = json_integer_value(data);
    uint8_t bytes[8];
    if (number < 0 || (type == MH_REG_DWORD && number > UINT32_MAX))
        return MH_INVALID;
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)number >> (8 * i));
    return make(type, bytes, type == MH_REG_DWORD ? 4 : 8, ret_value);
}

/* Appends the text and a terminator to a value whose data have room for them. */
static int append_text(struct mh_value *value, const json_t *text)
{
    size_t size = 0;
    uint8_t *units = mh_utf8_to_utf16(json_string_value(text), json_string_length(text), &size);
    if (!units) /* no JSON string is other than UTF-8 */
        return MH_INTERNAL;
    if (value->size + size + 4 > MH_VALUE_MAX) {
        free(units);
        return MH_INVALID;
    }
    uint8_t *grown = realloc(value->data, value->size + size + 4);
    if (grown) {
        memcpy(grown + value->size, units, size);
        memset(grown + value->size + size, 0, 4);
        value->data = grown;
        value->size += (uint32_t)size + 2;
    }
    free(units);
    return grown ? MH_OK : MH_INTERNAL;
}

static int from_text(uint32_t type, const json_t *data, struct mh_value *ret_value)
{
    struct mh_value value = {.present = true, .type = type};
    int status = mh_json_holds_nul(data) ? MH_INVALID : append_text(&value, data);
    if (status == MH_OK)
        *ret_value = value;
    return status;
}

static int from_list(uint32_t type, const json_t *data, struct mh_value *ret_value)
{
    struct mh_value value = {.present = true, .type = type};
    size_t i;
    json_t *text;
    if (json_array_size(data) == 0)
        return make(type, "\0", 2, ret_value);
    json_array_foreach((json_t *)data, i, text) {
        bool fits = json_is_string(text) && json_string_length(text) > 0 && !mh_json_holds_nul(text);
        int status = fits ? append_text(&value, text) : MH_INVALID;
        if (status != MH_OK) {
            mh_value_clear(&value);
            return status;
        }
    }
    value.size += 2; /* append_text leaves zeros for the list's own terminator */
    *ret_value = value;
    return MH_OK;
}

static int from_data(uint32_t type, const json_t *data, struct mh_value *ret_value)
{
    if (is_text(type)) {
        const json_t *hex = json_object_get(data, "hex");
        if (json_is_string(data))
            return from_text(type, data, ret_value);
        return json_is_string(hex) && json_object_size(data) == 1 ? from_hex(type, hex, ret_value) : MH_INVALID;
    }
    if (json_is_integer(data) && (type == MH_REG_DWORD || type == MH_REG_QWORD))
        return from_integer(type, data, ret_value);
    if (json_is_array(data) && type == MH_REG_MULTI_SZ)
        return from_list(type, data, ret_value);
    return json_is_string(data) ? from_hex(type, data, ret_value) : MH_INVALID;
}

static const char *data_rule(uint32_t type)
{
    switch (type) {
    case MH_REG_DWORD:
        return "an integer from 0 to 4294967295, or hex";
    case MH_REG_QWORD:
        return "an integer from 0 to 9223372036854775807, or hex";
    case MH_REG_SZ:
    case MH_REG_EXPAND_SZ:
        return "a string, or {\"hex\": ...}";
    case MH_REG_MULTI_SZ:
        return "a list of strings that are not empty, or hex";
    default:
        return "hex";
    }
}

int mh_value_decode(const json_t *json, const char *field, struct mh_value *ret_value,
                    struct mh_error *err)
{
    const json_t *type_json = json_object_get(json, "type");
    const json_t *data = json_object_get(json, "data");
    uint32_t type = 0;
    if (json_is_null(json)) {
        *ret_value = (struct mh_value){0};
        return MH_OK;
    }
    if (!json_is_object(json) || !json_is_string(type_json) || !data || json_object_size(json) != 2)
        return mh_error_field(err, field,
                              "%s: a value must be null, or an object with just type and data", field);
    if (!mh_type_parse(json_string_value(type_json), &type))
        return mh_error_field(err, field,
                              "%s: no registry type is called '%s'; REG_DWORD, REG_SZ ... or 0x and eight "
                              "hex digits",
                              field, json_string_value(type_json));
    int status = from_data(type, data, ret_value);
    if (status == MH_INTERNAL)
        return mh_error_no_memory(err);
    if (status != MH_OK)
        return mh_error_field(err, field, "%s: the data of a %s must be %s (at most %u bytes)", field,
                              json_string_value(type_json), data_rule(type), MH_VALUE_MAX);
    return MH_OK;
}

static json_t *to_hex(const struct mh_value *value)
{
    static const char digits[] = "0123456789ABCDEF";
    char *text = malloc(2 * (size_t)value->size + 1);
    if (!text)
        return NULL;
    for (size_t i = 0; i < value->size; i++) {
        text[2 * i] = digits[value->data[i] >> 4];
        text[2 * i + 1] = digits[value->data[i] & 15];
    }
    json_t *json = json_stringn(text, 2 * (size_t)value->size);
    free(text);
    return json;
}

/* The reverse of the above: MH_INVALID: the type cannot say these data. */

static int give(json_t *json, json_t **ret_json)
{
    *ret_json = json;
    return json ? MH_OK : MH_INTERNAL;
}

static int to_integer(const struct mh_value *value, json_t **ret_json)
{
    uint64_t number = 0;
    for (uint32_t i = value->size; i > 0; i--)
        number = number << 8 | value->data[i - 1];
    return number <= INT64_MAX ? give(json_integer((json_int_t)number), ret_json) : MH_INVALID;
}

static int to_text(const uint8_t *data, size_t size, json_t **ret_json)
{
    bool broken;
    char *text = mh_utf16_to_utf8(data, size, true, &broken);
    if (!text)
        return broken ? MH_INVALID : MH_INTERNAL;
    int status = give(json_string(text), ret_json);
    free(text);
    return status;
}

static int append_item(json_t **list, const uint8_t *data, size_t size)
{
    json_t *item = NULL;
    int status = to_text(data, size, &item);
    if (status == MH_OK)
        mh_json_append(list, item);
    return status == MH_OK && !*list ? MH_INTERNAL : status;
}

static int to_list(const struct mh_value *value, json_t **ret_json)
{
    json_t *list = json_array();
    uint32_t start = 0;
    int status = list ? MH_OK : MH_INTERNAL;
    for (uint32_t at = 0; status == MH_OK && at + 1 < value->size; at += 2) {
        if (value->data[at] || value->data[at + 1])
            continue;
        if (at > start)
            status = append_item(&list, value->data + start, at - start);
        start = at + 2;
    }
    if (status == MH_OK)
        *ret_json = list;
    else
        json_decref(list);
    return status;
}

/* Whether nothing is lost is for the caller to find out. */
static int to_typed(const struct mh_value *value, json_t **ret_json)
{
    if ((value->type == MH_REG_DWORD && value->size == 4) ||
        (value->type == MH_REG_QWORD && value->size == 8))
        return to_integer(value, ret_json);
    if (is_text(value->type) && value->size >= 2)
        return to_text(value->data, value->size - 2, ret_json);
    return value->type == MH_REG_MULTI_SZ ? to_list(value, ret_json) : MH_INVALID;
}

static json_t *to_data(const struct mh_value *value)
{
    struct mh_value back = {0};
    json_t *typed = NULL;
    int status = to_typed(value, &typed);
    if (status == MH_OK)
        status = from_data(value->type, typed, &back);
    if (status == MH_OK && !mh_value_equal(&back, value))
        status = MH_INVALID;
    mh_value_clear(&back);
    if (status == MH_OK)
        return typed;
    json_decref(typed);
    if (status == MH_INTERNAL) /* hex would be true as well, but is not what is said at any other time */
        return NULL;
    return is_text(value->type) ? json_pack("{s:o}", "hex", to_hex(value)) : to_hex(value);
}

json_t *mh_value_encode(const struct mh_value *value)
{
    char buffer[16];
    if (!value->present)
        return json_null();
    return json_pack("{s:s, s:o}", "type", mh_type_name(value->type, buffer), "data", to_data(value));
}

/* Most are a REG_DWORD or none, and of ten thousand profiles there are many. */
void mh_member_value(struct mh_buffer *buffer, const char *name, const struct mh_value *value)
{
    char text[64];
    uint32_t number = 0;
    if (!value->present) {
        mh_member_null(buffer, name);
    } else if (mh_value_dword(value, &number)) {
        snprintf(text, sizeof(text), "{\"type\":\"REG_DWORD\",\"data\":%lu}", (unsigned long)number);
        mh_member_name(buffer, name);
        mh_buffer_puts(buffer, text);
    } else {
        mh_member(buffer, name, mh_value_encode(value));
    }
}

#define DESCRIBED_MAX 24u /* bytes of data, that is at the most 48 hex digits */

char *mh_value_describe(const struct mh_value *value)
{
    char buffer[16];
    struct mh_value shown = *value;
    bool cut = value->size > DESCRIBED_MAX;
    if (!value->present)
        return mh_text_copy("-");
    if (cut)
        shown.size = DESCRIBED_MAX;
    json_t *data = cut ? to_hex(&shown) : to_data(&shown);
    char *text = data ? json_dumps(data, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    const char *type = mh_type_name(value->type, buffer);
    char *all = NULL;
    if (text)
        all = cut ? mh_text_format("%s %s... (%u bytes)", type, text, value->size)
                  : mh_text_format("%s %s", type, text);
    free(text);
    json_decref(data);
    return all;
}
