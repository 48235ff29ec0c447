/* SPDX-License-Identifier: MIT */
#include "mkhive_spec.h"

#include <stdlib.h>
#include <string.h>

struct type_name {
    const char *name;
    uint32_t type;
};

static const struct type_name type_names[] = {
    {"REG_NONE", HB_REG_NONE},
    {"REG_SZ", HB_REG_SZ},
    {"REG_EXPAND_SZ", HB_REG_EXPAND_SZ},
    {"REG_BINARY", HB_REG_BINARY},
    {"REG_DWORD", HB_REG_DWORD},
    {"REG_DWORD_BIG_ENDIAN", HB_REG_DWORD_BIG_ENDIAN},
    {"REG_LINK", HB_REG_LINK},
    {"REG_MULTI_SZ", HB_REG_MULTI_SZ},
    {"REG_QWORD", HB_REG_QWORD},
};

static bool read_type(struct hb_spec *spec, const json_t *json, const char *name, uint32_t *ret)
{
    const json_t *type = json_object_get(json, "type");
    uint64_t number = 0;

    if (type == NULL)
        return hb_spec_fail(spec, "value \"%.80s\" has no \"type\"", name);
    if (json_is_integer(type)) {
        if (!hb_spec_number(spec, json, "type", UINT32_MAX, &number))
            return false;
        *ret = (uint32_t)number;
        return true;
    }
    for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++) {
        if (json_is_string(type) && strcmp(json_string_value(type), type_names[i].name) == 0) {
            *ret = type_names[i].type;
            return true;
        }
    }
    return hb_spec_fail(spec, "value \"%.80s\" has an unknown \"type\"", name);
}

static int hex_digit(char digit)
{
    const char *digits = "0123456789abcdef0123456789ABCDEF";
    const char *found = digit == '\0' ? NULL : strchr(digits, digit);

    return found == NULL ? -1 : (int)((found - digits) % 16);
}

static struct hb_value *add_hex(struct hb_key *key, const char *name, uint32_t type,
                                const char *hex)
{
    size_t size = strlen(hex) / 2;
    uint8_t *bytes = calloc(1, size + 1);
    bool ok = bytes != NULL && strlen(hex) % 2 == 0;
    struct hb_value *value = NULL;

    for (size_t i = 0; ok && i < size; i++) {
        ok = hex_digit(hex[2 * i]) >= 0 && hex_digit(hex[2 * i + 1]) >= 0;
        bytes[i] = (uint8_t)(hex_digit(hex[2 * i]) * 16 + hex_digit(hex[2 * i + 1]));
    }
    if (ok)
        value = hb_value_add(key, name, type, bytes, (uint32_t)size);
    free(bytes);
    return value;
}

static struct hb_value *add_number(struct hb_key *key, const char *name, uint32_t type,
                                   json_int_t number)
{
    uint8_t bytes[8];
    uint64_t unsigned_number = (uint64_t)number;

    if (type != HB_REG_QWORD && (number > UINT32_MAX || number < INT32_MIN))
        return NULL;
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(unsigned_number >> (8 * i) & 0xFF);
    if (type == HB_REG_DWORD_BIG_ENDIAN)
        for (size_t i = 0; i < 4; i++)
            bytes[i] = (uint8_t)(unsigned_number >> (24 - 8 * i) & 0xFF);
    return hb_value_add(key, name, type, bytes, type == HB_REG_QWORD ? 8 : 4);
}

static struct hb_value *add_list(struct hb_key *key, const char *name, const json_t *list)
{
    size_t count = json_array_size(list);
    const char **texts = calloc(count + 1, sizeof(*texts));
    struct hb_value *value = NULL;
    bool ok = texts != NULL;

    for (size_t i = 0; ok && i < count; i++) {
        texts[i] = json_string_value(json_array_get(list, i));
        ok = texts[i] != NULL;
    }
    if (ok)
        value = hb_value_add_texts(key, name, texts, count);
    free(texts);
    return value;
}

static bool is_number_type(uint32_t type)
{
    return type == HB_REG_DWORD || type == HB_REG_DWORD_BIG_ENDIAN || type == HB_REG_QWORD;
}

static bool is_text_type(uint32_t type)
{
    return type == HB_REG_SZ || type == HB_REG_EXPAND_SZ || type == HB_REG_LINK;
}

static struct hb_value *add_data(struct hb_spec *spec, struct hb_key *key, const char *name,
                                 uint32_t type, const json_t *data)
{
    static const char *const fields[] = {"fill", NULL};
    uint64_t fill = 0;

    if (data == NULL)
        return hb_value_add(key, name, type, NULL, 0);
    if (json_is_integer(data) && is_number_type(type))
        return add_number(key, name, type, json_integer_value(data));
    if (json_is_string(data) && is_text_type(type))
        return hb_value_add_text(key, name, type, json_string_value(data));
    if (json_is_array(data) && type == HB_REG_MULTI_SZ)
        return add_list(key, name, data);
    if (json_is_object(data) && hb_spec_fields(spec, data, "\"data\"", fields) &&
        hb_spec_number(spec, data, "fill", INT32_MAX, &fill))
        return hb_value_add_fill(key, name, type, (uint32_t)fill);
    return NULL;
}

static bool read_value(struct hb_spec *spec, const json_t *json, struct hb_key *key)
{
    static const char *const fields[] = {"name", "type", "data", "hex", "inline", "flags", NULL};
    const json_t *data = json_object_get(json, "data");
    const char *name = "", *hex = NULL;
    struct hb_value *value;
    uint32_t type = 0;
    uint64_t flags = 0;
    bool is_inline = true;

    if (!hb_spec_fields(spec, json, "a value", fields) ||
        !hb_spec_text(spec, json, "name", &name) || !hb_spec_text(spec, json, "hex", &hex) ||
        !hb_spec_bool(spec, json, "inline", &is_inline) ||
        !hb_spec_number(spec, json, "flags", UINT16_MAX, &flags) ||
        !read_type(spec, json, name, &type))
        return false;
    if (hex != NULL && data != NULL)
        return hb_spec_fail(spec, "value \"%.80s\" has both \"data\" and \"hex\"", name);
    value = hex != NULL ? add_hex(key, name, type, hex) : add_data(spec, key, name, type, data);
    if (value == NULL && spec->error[0] != '\0')
        return false;
    if (value == NULL)
        return hb_spec_fail(spec, "value \"%.80s\": its \"%s\" does not fit its type", name,
                            hex != NULL ? "hex" : "data");
    value->no_inline = !is_inline;
    value->vk_flags = (uint16_t)flags;
    return true;
}

static bool read_key(struct hb_spec *spec, const json_t *json, struct hb_key *key);

static bool read_lists(struct hb_spec *spec, const json_t *json, struct hb_key *key)
{
    const json_t *values = json_object_get(json, "values");
    const json_t *keys = json_object_get(json, "keys");
    const json_t *item;
    size_t i;

    if ((values != NULL && !json_is_array(values)) || (keys != NULL && !json_is_array(keys)))
        return hb_spec_fail(spec, "\"values\" and \"keys\" must be lists");
    json_array_foreach(values, i, item)
        if (!read_value(spec, item, key))
            return false;
    json_array_foreach(keys, i, item) {
        const char *name = json_string_value(json_object_get(item, "name"));
        struct hb_key *child;

        if (name == NULL)
            return hb_spec_fail(spec, "a key below \"%.80s\" has no \"name\"", key->name.utf8);
        child = hb_key_add(key, name);
        if (child == NULL)
            return hb_spec_fail(spec, "key \"%.80s\": out of memory", name);
        if (!read_key(spec, item, child))
            return false;
    }
    return true;
}

static bool read_key(struct hb_spec *spec, const json_t *json, struct hb_key *key)
{
    static const char *const fields[] = {"name",      "class",  "security", "flags",
                                         "timestamp", "values", "keys",     NULL};
    uint64_t flags = 0, security = 0;
    const char *class_name = "";

    if (!hb_spec_fields(spec, json, "a key", fields) ||
        !hb_spec_text(spec, json, "class", &class_name) ||
        !hb_spec_number(spec, json, "security", INT32_MAX, &security) ||
        !hb_spec_number(spec, json, "flags", UINT16_MAX, &flags) ||
        !hb_spec_number(spec, json, "timestamp", INT64_MAX, &key->timestamp))
        return false;
    key->security = (uint32_t)security;
    key->flags = (uint32_t)flags;
    if (hb_key_set_class(key, class_name) != HB_OK)
        return hb_spec_fail(spec, "key \"%.80s\": out of memory", key->name.utf8);
    return read_lists(spec, json, key);
}

bool hb_spec_tree(struct hb_spec *spec, const json_t *json, struct hb_key **ret)
{
    const char *name = "ROOT";

    if (!hb_spec_text(spec, json, "name", &name))
        return false;
    *ret = hb_key_new(name);
    if (*ret == NULL)
        return hb_spec_fail(spec, "key \"%.80s\": out of memory", name);
    return read_key(spec, json, *ret);
}
