/* SPDX-License-Identifier: MIT */
#include "registry/offline/profile_list.h"

#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "core/text.h"
#include "registry/hive/key.h"
#include "registry/hive/text.h"

#define VERSION_KEY "Microsoft\\Windows NT\\CurrentVersion"
#define LIST_KEY VERSION_KEY "\\ProfileList"

struct reader {
    struct mh_image *software;
    struct mh_profile_list *list;
    char *system_root; /* "C:\Windows" */
};

static void clear_entry(struct mh_listed_profile *entry)
{
    free(entry->sid);
    free(entry->path);
    mh_error_free(entry->problem);
}

void mh_profile_list_clear(struct mh_profile_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        clear_entry(&list->items[i]);
    free(list->items);
    free(list->drive);
    free(list->profiles_path);
    free(list->default_path);
    *list = (struct mh_profile_list){0};
}

/* The path with a leading variable that Windows itself uses there put in; another one stays as it is. */
static char *expand(const struct reader *reader, const char *path)
{
    const struct {
        const char *name;
        const char *value;
    } variables[] = {
        {"%SystemDrive%", reader->list->drive},
        {"%SystemRoot%", reader->system_root},
        {"%WinDir%", reader->system_root},
    };
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        size_t length = strlen(variables[i].name);
        if (strlen(path) < length)
            continue;
        char *head = mh_text_copyn(path, length);
        if (!head)
            return NULL;
        bool same = mh_text_equal(head, variables[i].name);
        free(head);
        if (same)
            return mh_text_format("%s%s", variables[i].value, path + length);
    }
    return mh_text_copy(path);
}

/* A text value below ProfileList, expanded; `otherwise` (NULL: stays NULL) when it is not there. */
static int read_path(const struct reader *reader, const char *key, const char *name,
                     const char *otherwise, char **ret_path, struct mh_error *err)
{
    char *text = NULL;
    int status = mh_text_lookup(reader->software, key, name, &text, err);
    if (status != MH_OK)
        return status;
    const char *raw = text && *text ? text : otherwise;
    *ret_path = raw ? expand(reader, raw) : NULL;
    free(text);
    return raw && !*ret_path ? mh_error_no_memory(err) : MH_OK;
}

/* The path in the entry's own key; what is wrong with it is the entry's problem. */
static int read_entry_path(const struct reader *reader, const struct mh_key *key,
                           struct mh_listed_profile *entry, struct mh_error *err)
{
    struct mh_vk vk;
    struct mh_value value = {0};
    struct mh_error problem = {0};
    bool found = false;
    char *text = NULL;
    int status = mh_vk_find(reader->software, key, "ProfileImagePath", &vk, &found, &problem);
    if (status == MH_OK && found)
        status = mh_vk_value(reader->software, &vk, &value, &problem);
    if (status == MH_OK)
        status = mh_value_text(&value, &text, &problem);
    mh_value_clear(&value);
    if (status == MH_OK && text) {
        entry->path = expand(reader, text);
        status = entry->path ? MH_OK : mh_error_no_memory(&problem);
    }
    free(text);
    if (status == MH_INTERNAL)
        return mh_error_no_memory(err);
    if (status != MH_OK) {
        mh_error_wrap(&problem, "%s: ProfileImagePath", entry->sid);
        entry->problem = mh_error_copy(&problem);
    }
    return MH_OK;
}

/* Takes over `name`. Keys that are called otherwise than a SID are none of ours. */
static int add_entry(struct reader *reader, const struct mh_key *key, char *name, struct mh_error *err)
{
    struct mh_listed_profile entry = {.sid = name};
    size_t length = strlen(name);
    if (length > 4 && mh_text_equal(name + length - 4, ".bak")) {
        name[length - 4] = '\0';
        entry.backup = true;
    }
    if (!mh_text_is_sid(name)) {
        free(name);
        return MH_OK;
    }
    int status = read_entry_path(reader, key, &entry, err);
    if (status == MH_OK && mh_array_reserve((void **)&reader->list->items, sizeof(*reader->list->items),
                                            reader->list->count, &reader->list->capacity) < 0)
        status = mh_error_no_memory(err);
    if (status == MH_OK)
        reader->list->items[reader->list->count++] = entry;
    else
        clear_entry(&entry);
    return status;
}

static int visit_entry(void *context, uint32_t kind, uint32_t cell, uint32_t hint,
                       struct mh_error *err)
{
    struct reader *reader = context;
    struct mh_key key;
    (void)kind;
    (void)hint;
    int status = mh_key_read(reader->software, cell, &key, err);
    if (status != MH_OK)
        return status;
    struct mh_stored_name stored = mh_key_name(&key);
    char *name = mh_name_text(&stored);
    if (!name)
        return mh_error_no_memory(err);
    return add_entry(reader, &key, name, err);
}

static int read_system(struct reader *reader, struct mh_error *err)
{
    int status = mh_text_lookup(reader->software, VERSION_KEY, "SystemRoot", &reader->system_root, err);
    if (status == MH_OK && (!reader->system_root || strlen(reader->system_root) < 3 ||
                            reader->system_root[1] != ':')) {
        free(reader->system_root);
        reader->system_root = mh_text_copy("C:\\Windows");
    }
    if (status == MH_OK && reader->system_root)
        reader->list->drive = mh_text_copyn(reader->system_root, 2);
    if (status == MH_OK && !reader->list->drive)
        status = mh_error_no_memory(err);
    return status;
}

/* Up to XP the Default profile was named within the profiles' folder. */
static int read_default(struct reader *reader, struct mh_error *err)
{
    char *name = NULL;
    int status = read_path(reader, LIST_KEY, "Default", NULL, &reader->list->default_path, err);
    if (status != MH_OK || reader->list->default_path)
        return status;
    status = mh_text_lookup(reader->software, LIST_KEY, "DefaultUserProfile", &name, err);
    if (status != MH_OK)
        return status;
    reader->list->default_path =
        mh_text_format("%s\\%s", reader->list->profiles_path, name ? name : "Default");
    free(name);
    return reader->list->default_path ? MH_OK : mh_error_no_memory(err);
}

static int read_entries(struct reader *reader, struct mh_error *err)
{
    struct mh_key key;
    const char *rest;
    int status = mh_key_walk(reader->software, LIST_KEY, &key, &rest, err);
    if (status == MH_OK && *rest)
        return mh_error_set(err, MH_NOT_FOUND, "its SOFTWARE hive has no ProfileList");
    return status == MH_OK ? mh_subkeys_each(reader->software, &key, visit_entry, reader, err) : status;
}

int mh_profile_list_read(struct mh_image *software, struct mh_profile_list *ret_list,
                         struct mh_error *err)
{
    struct mh_profile_list list = {0};
    struct reader reader = {.software = software, .list = &list};
    int status = read_system(&reader, err);
    if (status == MH_OK)
        status = read_path(&reader, LIST_KEY, "ProfilesDirectory", "%SystemDrive%\\Users",
                           &list.profiles_path, err);
    if (status == MH_OK)
        status = read_default(&reader, err);
    if (status == MH_OK)
        status = read_entries(&reader, err);
    free(reader.system_root);
    if (status != MH_OK)
        mh_profile_list_clear(&list);
    else
        *ret_list = list;
    return status;
}
