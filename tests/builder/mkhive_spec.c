/* SPDX-License-Identifier: MIT */
#include "mkhive_spec.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool hb_spec_fail(struct hb_spec *spec, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(spec->error, sizeof(spec->error), format, arguments);
    va_end(arguments);
    return false;
}

static bool is_listed(const char *name, const char *const *fields)
{
    for (size_t i = 0; fields[i] != NULL; i++)
        if (strcmp(fields[i], name) == 0)
            return true;
    return false;
}

bool hb_spec_fields(struct hb_spec *spec, const json_t *object, const char *what,
                    const char *const *fields)
{
    const char *name;
    json_t *value;

    if (!json_is_object(object))
        return hb_spec_fail(spec, "%s must be an object", what);
    json_object_foreach((json_t *)object, name, value)
        if (!is_listed(name, fields))
            return hb_spec_fail(spec, "%s has an unknown field \"%s\"", what, name);
    return true;
}

bool hb_spec_number(struct hb_spec *spec, const json_t *object, const char *field, uint64_t most,
                    uint64_t *ret)
{
    const json_t *value = json_object_get(object, field);

    if (value == NULL)
        return true;
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        (uint64_t)json_integer_value(value) > most)
        return hb_spec_fail(spec, "\"%s\" must be a whole number from 0 to %llu", field,
                            (unsigned long long)most);
    *ret = (uint64_t)json_integer_value(value);
    return true;
}

bool hb_spec_bool(struct hb_spec *spec, const json_t *object, const char *field, bool *ret)
{
    const json_t *value = json_object_get(object, field);

    if (value == NULL)
        return true;
    if (!json_is_boolean(value))
        return hb_spec_fail(spec, "\"%s\" must be true or false", field);
    *ret = json_is_true(value);
    return true;
}

bool hb_spec_text(struct hb_spec *spec, const json_t *object, const char *field, const char **ret)
{
    const json_t *value = json_object_get(object, field);

    if (value == NULL)
        return true;
    if (!json_is_string(value))
        return hb_spec_fail(spec, "\"%s\" must be a text", field);
    *ret = json_string_value(value);
    return true;
}

/* The place of a text in a list, or -1 with an error. */
static int choose(struct hb_spec *spec, const char *field, const char *text,
                  const char *const *choices)
{
    for (int i = 0; choices[i] != NULL; i++)
        if (strcmp(choices[i], text) == 0)
            return i;
    hb_spec_fail(spec, "\"%s\" cannot be \"%s\"", field, text);
    return -1;
}

static bool read_sequence(struct hb_spec *spec, const json_t *json)
{
    const json_t *list = json_object_get(json, "sequence");

    if (list == NULL)
        return true;
    if (json_array_size(list) != 2)
        return hb_spec_fail(spec, "\"sequence\" must be a list of two numbers");
    for (size_t i = 0; i < 2; i++) {
        const json_t *number = json_array_get(list, i);

        if (!json_is_integer(number) || json_integer_value(number) < 0 ||
            json_integer_value(number) > UINT32_MAX)
            return hb_spec_fail(spec, "\"sequence\" must be a list of two numbers");
        spec->options.sequence[i] = (uint32_t)json_integer_value(number);
    }
    return true;
}

static bool read_choices(struct hb_spec *spec, const json_t *json)
{
    static const char *const lists[] = {"", "li", "lf", "lh", NULL};
    static const char *const damages[] = {"", "base", NULL};
    const char *text = "";
    int found;

    if (!hb_spec_text(spec, json, "lists", &text))
        return false;
    found = choose(spec, "lists", text, lists);
    if (found < 0)
        return false;
    spec->options.lists = (enum hb_list)found;
    text = "";
    if (!hb_spec_text(spec, json, "damage", &text))
        return false;
    found = choose(spec, "damage", text, damages);
    spec->options.damage_base = found == 1;
    return found >= 0 && hb_spec_text(spec, json, "name", &spec->options.name) &&
           hb_spec_bool(spec, json, "dirty", &spec->options.dirty);
}

static bool read_numbers(struct hb_spec *spec, const json_t *json)
{
    struct hb_options *options = &spec->options;
    uint64_t minor = options->minor, leaf_max = options->leaf_max;
    uint64_t free_cells = 0, slack = 0, size = 0;

    if (!hb_spec_number(spec, json, "minor", 6, &minor) ||
        !hb_spec_number(spec, json, "leaf_max", UINT16_MAX, &leaf_max) ||
        !hb_spec_number(spec, json, "free", UINT32_MAX, &free_cells) ||
        !hb_spec_number(spec, json, "slack", INT32_MAX, &slack) ||
        !hb_spec_number(spec, json, "size", INT32_MAX, &size) ||
        !hb_spec_number(spec, json, "timestamp", INT64_MAX, &options->timestamp))
        return false;
    options->minor = (uint32_t)minor;
    options->leaf_max = (uint32_t)leaf_max;
    options->free_cells = (uint32_t)free_cells;
    options->slack = (size_t)slack;
    options->size = (size_t)size;
    return true;
}

static bool read_log_numbers(struct hb_spec *spec, const json_t *json)
{
    static const char *const formats[] = {"hvle", "dirt", NULL};
    uint64_t files = spec->log.files, entries = spec->log.entries;
    uint64_t sequence = 0, alignment = spec->log.alignment;
    const char *format = "hvle";
    int found;

    if (!hb_spec_number(spec, json, "files", 2, &files) ||
        !hb_spec_number(spec, json, "entries", 100000, &entries) ||
        !hb_spec_number(spec, json, "sequence", UINT32_MAX, &sequence) ||
        !hb_spec_number(spec, json, "align", 4096, &alignment) ||
        !hb_spec_bool(spec, json, "swap", &spec->log.swap) ||
        !hb_spec_text(spec, json, "format", &format))
        return false;
    found = choose(spec, "format", format, formats);
    spec->log.format = (enum hb_log_format)found;
    spec->log.files = (uint32_t)files;
    spec->log.entries = (uint32_t)entries;
    spec->log.sequence = (uint32_t)sequence;
    spec->log.alignment = (uint32_t)alignment;
    return found >= 0;
}

static bool read_log(struct hb_spec *spec, const json_t *json)
{
    static const char *const fields[] = {"format", "files", "entries", "sequence",
                                         "align",  "swap",  "root",    NULL};
    const json_t *root = json_object_get(json, "root");
    size_t count = json_is_array(root) ? json_array_size(root) : 1;

    if (!hb_spec_fields(spec, json, "\"log\"", fields) || !read_log_numbers(spec, json))
        return false;
    if (root == NULL || count == 0)
        return hb_spec_fail(spec, "\"log\" has no \"root\"");
    spec->after = calloc(count, sizeof(struct hb_key *));
    if (spec->after == NULL)
        return hb_spec_fail(spec, "out of memory");
    spec->after_count = count;
    for (size_t i = 0; i < count; i++) {
        const json_t *tree = json_is_array(root) ? json_array_get(root, i) : root;

        if (!hb_spec_tree(spec, tree, &spec->after[i]))
            return false;
    }
    return true;
}

bool hb_spec_read(const json_t *json, struct hb_spec *ret)
{
    static const char *const fields[] = {"minor",     "name",  "sequence", "timestamp", "lists",
                                         "leaf_max",  "free",  "slack",    "size",      "dirty",
                                         "damage",    "log",   "root",     NULL};
    const json_t *log = json_object_get(json, "log");
    const json_t *root = json_object_get(json, "root");

    *ret = (struct hb_spec){.root = NULL};
    hb_options_init(&ret->options);
    hb_log_options_init(&ret->log);
    if (!hb_spec_fields(ret, json, "the description", fields))
        return false;
    if (root == NULL)
        return hb_spec_fail(ret, "the description has no \"root\"");
    if (!read_sequence(ret, json) || !read_choices(ret, json) || !read_numbers(ret, json) ||
        !hb_spec_tree(ret, root, &ret->root))
        return false;
    return log == NULL || read_log(ret, log);
}

void hb_spec_free(struct hb_spec *spec)
{
    hb_key_free(spec->root);
    for (size_t i = 0; i < spec->after_count; i++)
        hb_key_free(spec->after[i]);
    free(spec->after);
}
