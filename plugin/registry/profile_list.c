/* SPDX-License-Identifier: MIT */
#include "registry/profile_list.h"

#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "core/text.h"
#include "os/threads.h"

#define VERSION_KEY "Microsoft\\Windows NT\\CurrentVersion"
#define LIST_KEY VERSION_KEY "\\ProfileList"
#define BACKUP ".bak"
#define MANY 32u /* entries for which it pays to start threads */

struct reader {
    const struct mh_software *software;
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
    free(list->policies_path);
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

/* A text value below ProfileList, expanded, without a separator at its end; `otherwise` (NULL: stays NULL) when it is not there. */
static int read_path(const struct reader *reader, const char *key, const char *name,
                     const char *otherwise, char **ret_path, struct mh_error *err)
{
    char *text = NULL;
    int status = mh_software_text(reader->software, key, name, &text, err);
    if (status != MH_OK)
        return status;
    const char *raw = text && *text ? text : otherwise;
    char *path = raw ? expand(reader, raw) : NULL;
    free(text);
    if (raw && !path)
        return mh_error_no_memory(err);
    for (size_t length = path ? strlen(path) : 0; length > 3 && path[length - 1] == '\\'; length--)
        path[length - 1] = '\0';
    *ret_path = path;
    return MH_OK;
}

/* What is wrong with it is the entry's problem. */
static void read_entry_path(void *context, size_t i)
{
    const struct reader *reader = context;
    struct mh_listed_profile *entry = &reader->list->items[i];
    struct mh_error problem = {0};
    char *key = mh_text_format(LIST_KEY "\\%s%s", entry->sid, entry->backup ? BACKUP : "");
    int status = key ? read_path(reader, key, "ProfileImagePath", NULL, &entry->path, &problem)
                     : mh_error_no_memory(&problem);
    free(key);
    if (status != MH_OK) {
        mh_error_wrap(&problem, "%s: ProfileImagePath", entry->sid);
        entry->problem = mh_error_copy(&problem);
    }
}

/* Keys that are called otherwise than a SID are none of ours. */
static int add_entry(struct mh_profile_list *list, const char *name, struct mh_error *err)
{
    size_t length = strlen(name);
    size_t end = strlen(BACKUP);
    struct mh_listed_profile entry = {.backup = length > end && mh_text_equal(name + length - end, BACKUP)};
    entry.sid = mh_text_copyn(name, entry.backup ? length - end : length);
    int status = entry.sid ? MH_OK : mh_error_no_memory(err);
    bool wanted = status == MH_OK && mh_text_is_sid(entry.sid);
    if (wanted && mh_array_reserve((void **)&list->items, sizeof(*list->items), list->count,
                                   &list->capacity) < 0)
        status = mh_error_no_memory(err);
    if (wanted && status == MH_OK)
        list->items[list->count++] = entry;
    else
        clear_entry(&entry);
    return status;
}

static int read_system(struct reader *reader, struct mh_error *err)
{
    int status = mh_software_text(reader->software, VERSION_KEY, "SystemRoot", &reader->system_root, err);
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
    status = mh_software_text(reader->software, LIST_KEY, "DefaultUserProfile", &name, err);
    if (status != MH_OK)
        return status;
    reader->list->default_path =
        mh_text_format("%s\\%s", reader->list->profiles_path, name ? name : "Default");
    free(name);
    return reader->list->default_path ? MH_OK : mh_error_no_memory(err);
}

/* Up to some build of Windows 10 the file is in the profile's folder, where its user may not be let at it. */
static int read_policies(struct reader *reader, struct mh_error *err)
{
    char *data = NULL;
    int status = read_path(reader, LIST_KEY, "ProgramData", "%SystemDrive%\\ProgramData", &data, err);
    if (status != MH_OK)
        return status;
    reader->list->policies_path = mh_text_format("%s\\Microsoft\\GroupPolicy\\Users", data);
    free(data);
    return reader->list->policies_path ? MH_OK : mh_error_no_memory(err);
}

static void read_entry_paths(struct reader *reader)
{
    size_t count = reader->list->count;
    if (reader->software->concurrent && count >= MANY) {
        mh_parallel(count, read_entry_path, reader, NULL, NULL);
        return;
    }
    for (size_t i = 0; i < count; i++)
        read_entry_path(reader, i);
}

static int read_entries(struct reader *reader, struct mh_error *err)
{
    struct mh_texts names = {0};
    struct mh_error missing = {0};
    int status = mh_software_subkeys(reader->software, LIST_KEY, &names, &missing);
    if (status == MH_NOT_FOUND)
        mh_error_set(err, status, "its registry has no ProfileList");
    else if (status != MH_OK && err)
        *err = missing;
    for (size_t i = 0; status == MH_OK && i < names.count; i++)
        status = add_entry(reader->list, names.items[i], err);
    mh_texts_clear(&names);
    if (status == MH_OK)
        read_entry_paths(reader);
    return status;
}

#define STATE_TEMPORARY 0x800u

/* The State says so; where it has been lost, the folder that Windows makes such profiles in. */
static int find_temporary(const struct reader *reader, struct mh_listed_profile *entry, struct mh_error *err)
{
    struct mh_value value = {0};
    uint32_t flags = 0;
    const char *folder = entry->path ? strrchr(entry->path, '\\') : NULL;
    char *key = mh_text_format(LIST_KEY "\\%s", entry->sid);
    if (!key)
        return mh_error_no_memory(err);
    bool known = mh_software_value(reader->software, key, "State", &value, NULL) == MH_OK &&
                 mh_value_dword(&value, &flags);
    bool named = folder && (mh_text_equal(folder, "\\TEMP") || mh_text_match("\\TEMP.*", folder));
    entry->temporary = (known && (flags & STATE_TEMPORARY)) || named;
    mh_value_clear(&value);
    free(key);
    return MH_OK;
}

static int by_sid(const void *a, const void *b)
{
    const struct mh_listed_profile *left = a;
    const struct mh_listed_profile *right = b;
    int order = strcmp(left->sid, right->sid);
    return order ? order : left->backup - right->backup;
}

/* Sorted, a SID and what was set aside of it stand together. */
static int find_pairs(const struct reader *reader, struct mh_error *err)
{
    struct mh_profile_list *list = reader->list;
    int status = MH_OK;
    if (list->count > 1)
        qsort(list->items, list->count, sizeof(*list->items), by_sid);
    for (size_t i = 1; status == MH_OK && i < list->count; i++)
        if (list->items[i].backup && !list->items[i - 1].backup &&
            mh_text_equal(list->items[i].sid, list->items[i - 1].sid))
            status = find_temporary(reader, &list->items[i - 1], err);
    return status;
}

bool mh_profile_list_is_shadowed(const struct mh_profile_list *list, const struct mh_listed_profile *entry)
{
    size_t at = (size_t)(entry - list->items);
    size_t other = entry->backup ? at - 1 : at + 1; /* the pair stands together */
    if (other >= list->count || list->items[other].backup == entry->backup ||
        !mh_text_equal(list->items[other].sid, entry->sid))
        return false;
    return entry->backup ? !list->items[other].temporary : entry->temporary;
}

int mh_profile_list_warn_shadowed(const struct mh_listed_profile *entry, struct mh_texts *warnings)
{
    const char *path = entry->path ? entry->path : "";
    if (entry->backup)
        return mh_texts_addf(warnings, "%s: left out %s, which was set aside (.bak) and replaced by another",
                             entry->sid, path);
    return mh_texts_addf(warnings, "%s: left out %s, a temporary profile; its own was set aside (.bak)",
                         entry->sid, path);
}

int mh_profile_list_read(const struct mh_software *software, struct mh_profile_list *ret_list,
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
        status = read_policies(&reader, err);
    if (status == MH_OK)
        status = read_entries(&reader, err);
    if (status == MH_OK)
        status = find_pairs(&reader, err);
    free(reader.system_root);
    if (status != MH_OK)
        mh_profile_list_clear(&list);
    else
        *ret_list = list;
    return status;
}
