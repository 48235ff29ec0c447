/* SPDX-License-Identifier: MIT */
#include "contract/fields.h"

#include <stdlib.h>
#include <string.h>

#include "contract/json.h"
#include "contract/value_json.h"
#include "core/text.h"

struct field {
    const char *name;
    int (*decode)(const struct field *field, const json_t *json, struct mh_request *request,
                  struct mh_error *err);
    size_t offset; /* in struct mh_request, where the decoder needs it */
    const char *what;
};

static void *place(const struct field *field, struct mh_request *request)
{
    return (char *)request + field->offset;
}

static int wrong_type(const struct field *field, struct mh_error *err)
{
    return mh_error_field(err, field->name, "%s must be %s", field->name, field->what);
}

static int decode_state(const struct field *field, const json_t *json, struct mh_request *request,
                        struct mh_error *err)
{
    if (!json_is_string(json))
        return wrong_type(field, err);
    request->state = mh_json_holds_nul(json) ? MH_STATE_NONE : mh_state_parse(json_string_value(json));
    if (request->state == MH_STATE_NONE)
        return mh_error_field(err, field->name, "state is '%s', but must be %s",
                              json_string_value(json), field->what);
    return MH_OK;
}

static int add_item(const struct field *field, struct mh_texts *texts, const char *text,
                    size_t length, struct mh_error *err)
{
    if (length == 0)
        return mh_error_field(err, field->name, "%s has an empty item", field->name);
    if (memchr(text, '\0', length))
        return mh_error_field(err, field->name, "%s has a NUL character in it", field->name);
    char *item = mh_text_copyn(text, length);
    int added = item ? mh_texts_add(texts, item) : -1;
    free(item);
    return added < 0 ? mh_error_no_memory(err) : MH_OK;
}

/* A list as one string with commas: blanks around an item are not part of it. */
static int split_items(const struct field *field, struct mh_texts *texts, const json_t *json,
                       struct mh_error *err)
{
    const char *at = json_string_value(json);
    const char *end = at + json_string_length(json);
    for (;;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *last = comma ? comma : end;
        while (at < last && *at == ' ')
            at++;
        while (last > at && last[-1] == ' ')
            last--;
        int status = add_item(field, texts, at, (size_t)(last - at), err);
        if (status != MH_OK || !comma)
            return status;
        at = comma + 1;
    }
}

static int decode_list(const struct field *field, const json_t *json, struct mh_request *request,
                       struct mh_error *err)
{
    struct mh_texts *texts = place(field, request);
    size_t i;
    const json_t *item;
    if (json_is_string(json))
        return split_items(field, texts, json, err);
    if (!json_is_array(json))
        return wrong_type(field, err);
    json_array_foreach((json_t *)json, i, item) {
        if (!json_is_string(item))
            return wrong_type(field, err);
        int status = add_item(field, texts, json_string_value(item), json_string_length(item), err);
        if (status != MH_OK)
            return status;
    }
    return MH_OK;
}

/* As decode_list, for the lists that say what is touched: one that names nothing is a mistake. */
static int decode_filled_list(const struct field *field, const json_t *json,
                              struct mh_request *request, struct mh_error *err)
{
    int status = decode_list(field, json, request, err);
    if (status == MH_OK && ((struct mh_texts *)place(field, request))->count == 0)
        return mh_error_field(err, field->name, "%s is an empty list; leave it out, or name something",
                              field->name);
    return status;
}

static int decode_exclude(const struct field *field, const json_t *json, struct mh_request *request,
                          struct mh_error *err)
{
    if (json_is_string(json) && json_string_length(json) == 0)
        return MH_OK;
    return decode_list(field, json, request, err);
}

static int decode_path(const struct field *field, const json_t *json, struct mh_request *request,
                       struct mh_error *err)
{
    char **path = place(field, request);
    if (!json_is_string(json))
        return wrong_type(field, err);
    if (json_string_length(json) == 0)
        return mh_error_field(err, field->name, "%s is an empty path", field->name);
    if (mh_json_holds_nul(json))
        return mh_error_field(err, field->name, "%s has a NUL character in it", field->name);
    *path = mh_text_copy(json_string_value(json));
    return *path ? MH_OK : mh_error_no_memory(err);
}

bool mh_truth_decode(const json_t *json, bool *ret_truth)
{
    static const char *const words[2][7] = {{"n", "no", "off", "0", "false", "f", "0.0"},
                                            {"y", "yes", "on", "1", "true", "t", "1.0"}};
    for (int truth = 0; truth < 2; truth++) {
        bool is = (truth ? json_is_true(json) : json_is_false(json)) ||
                  (json_is_number(json) && !(json_number_value(json) < truth) &&
                   !(json_number_value(json) > truth));
        for (size_t i = 0; !is && json_is_string(json) && !mh_json_holds_nul(json) && i < 7; i++)
            is = mh_text_equal(json_string_value(json), words[truth][i]);
        if (is) {
            *ret_truth = truth == 1;
            return true;
        }
    }
    return false;
}

static int decode_boolean(const struct field *field, const json_t *json, struct mh_request *request,
                          struct mh_error *err)
{
    return mh_truth_decode(json, place(field, request)) ? MH_OK : wrong_type(field, err);
}

static int decode_restored(const struct field *field, const json_t *json, struct mh_restore *restore,
                           struct mh_error *err)
{
    const json_t *id = json_object_get(json, "id");
    const json_t *value = json_object_get(json, "value");
    if (!json_is_string(id) || !value || json_object_size(json) != 2)
        return wrong_type(field, err);
    if (json_string_length(id) == 0 || mh_json_holds_nul(id))
        return mh_error_field(err, field->name, "restore has an id that is empty or has a NUL in it");
    restore->id = mh_text_copy(json_string_value(id));
    if (!restore->id)
        return mh_error_no_memory(err);
    return mh_value_decode(value, field->name, &restore->value, err);
}

static int decode_restore(const struct field *field, const json_t *json, struct mh_request *request,
                          struct mh_error *err)
{
    size_t i;
    const json_t *item;
    if (!json_is_array(json))
        return wrong_type(field, err);
    request->has_restore = true;
    request->restore = calloc(json_array_size(json) + 1, sizeof(*request->restore));
    if (!request->restore)
        return mh_error_no_memory(err);
    request->restore_count = json_array_size(json);
    json_array_foreach((json_t *)json, i, item) {
        int status = decode_restored(field, item, &request->restore[i], err);
        if (status != MH_OK)
            return status;
    }
    return MH_OK;
}

#define STATES "enabled, disabled, absent, allowed or policy"
#define SELECTORS "a list of selectors (or one string with commas)"

static const struct field fields[] = {
    {"state", decode_state, 0, STATES},
    {"users", decode_filled_list, offsetof(struct mh_request, users), SELECTORS},
    {"exclude", decode_exclude, offsetof(struct mh_request, exclude), SELECTORS},
    {"root", decode_path, offsetof(struct mh_request, root), "a path: a mounted Windows volume"},
    {"store", decode_path, offsetof(struct mh_request, store), "a path: a folder of profile folders"},
    {"hives", decode_filled_list, offsetof(struct mh_request, hives),
     "a list of paths of hive files (or one string with commas)"},
    {"check", decode_boolean, offsetof(struct mh_request, check), "a boolean (true, false, yes, no ...)"},
    {"restore", decode_restore, 0,
     "a list of objects with just an id and a value, as 'undo' in a result has it"},
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static int decode_field(const char *name, const json_t *json, struct mh_request *request,
                        struct mh_error *err)
{
    for (size_t i = 0; i < FIELDS; i++) {
        if (strcmp(fields[i].name, name) != 0)
            continue;
        return json_is_null(json) ? MH_OK : fields[i].decode(&fields[i], json, request, err);
    }
    return mh_error_field(err, name,
                          "there is no field '%s'; there are state, users, exclude, root, store, hives, "
                          "check and restore",
                          name);
}

bool mh_field_is_known(const char *name)
{
    for (size_t i = 0; i < FIELDS; i++)
        if (strcmp(fields[i].name, name) == 0)
            return true;
    return false;
}

int mh_fields_decode(const json_t *object, struct mh_request *request, struct mh_error *err)
{
    const char *name;
    json_t *json;
    json_object_foreach((json_t *)object, name, json) {
        int status = decode_field(name, json, request, err);
        if (status != MH_OK)
            return status;
    }
    return MH_OK;
}

static int check_target(const struct mh_request *request, struct mh_error *err)
{
    const char *given = request->root ? "root" : NULL;
    if (request->store) {
        if (given)
            return mh_error_field(err, "store", "store and %s exclude each other; give one", given);
        given = "store";
    }
    if (request->hives.count > 0 && given)
        return mh_error_field(err, "hives", "hives and %s exclude each other; give one", given);
    return MH_OK;
}

static int check_restore(enum mh_verb verb, const struct mh_request *request, struct mh_error *err)
{
    if (verb == MH_VERB_GET)
        return mh_error_field(err, "restore", "restore is for check and apply; get changes nothing");
    if (request->state != MH_STATE_NONE)
        return mh_error_field(err, "restore", "restore and state exclude each other; give one");
    if (request->users.count > 0 || request->exclude.count > 0)
        return mh_error_field(err, request->users.count > 0 ? "users" : "exclude",
                              "restore names its profiles itself; leave users and exclude out");
    return MH_OK;
}

int mh_fields_check(enum mh_verb verb, const struct mh_request *request, struct mh_error *err)
{
    int status = check_target(request, err);
    if (status == MH_OK && request->has_restore)
        return check_restore(verb, request, err);
    if (status == MH_OK && verb != MH_VERB_GET && request->state == MH_STATE_NONE)
        return mh_error_field(err, "state", "state is missing: give " STATES " (or restore)");
    return status;
}
