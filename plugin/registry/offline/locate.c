/* SPDX-License-Identifier: MIT */
#include "registry/offline/locate.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "registry/policy/managed.h"

static const char *behind_prefix(const char *path)
{
    return strncmp(path, "\\\\?\\", 4) == 0 ? path + 4 : path;
}

/* What follows the drive letter; NULL when the path is not on this volume. */
static const char *below_drive(const char *drive, const char *path)
{
    path = behind_prefix(path);
    char letter[3] = {0};
    strncpy(letter, path, 2);
    if (strlen(path) < 2 || !mh_text_equal(letter, drive))
        return NULL;
    return path[2] == '\0' || path[2] == '\\' || path[2] == '/' ? path + 2 : NULL;
}

/* One step down: *dir is closed (unless it is `top`) and becomes the folder `name` in it. */
static int step(const struct mh_dir *top, struct mh_dir **dir, const char *name, char **ref,
                struct mh_error *err)
{
    char *really = NULL;
    char *longer = NULL;
    enum mh_entry_kind kind;
    struct mh_dir *inner = NULL;
    int status = mh_dir_find(*dir, name, &really, &kind, err);
    if (status == MH_OK && !really)
        status = mh_error_set(err, MH_NOT_FOUND, "there is no folder '%s'", name);
    if (status == MH_OK)
        status = mh_dir_enter(*dir, really, &inner, err);
    if (status == MH_OK) {
        longer = mh_text_format("%s%s/", *ref, really);
        if (!longer)
            status = mh_error_no_memory(err);
    }
    free(really);
    if (status != MH_OK) {
        mh_dir_close(inner);
        return status;
    }
    if (*dir != top)
        mh_dir_close(*dir);
    *dir = inner;
    free(*ref);
    *ref = longer;
    return MH_OK;
}

/* The next component on the heap (NULL: no more, or no memory), and *at behind it. */
static char *next_component(const char **at)
{
    *at += strspn(*at, "\\/");
    size_t length = strcspn(*at, "\\/");
    const char *start = *at;
    *at += length;
    return length > 0 ? mh_text_copyn(start, length) : NULL;
}

static int check_component(const char *name, struct mh_error *err)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strpbrk(name, ":%*?\"<>|"))
        return mh_error_set(err, MH_UNSUPPORTED, "'%s' in its path could lead out of the volume", name);
    return MH_OK;
}

static int descend(struct mh_dir *top, const char *path, struct mh_dir **dir, char **ref,
                   struct mh_error *err)
{
    int status = MH_OK;
    while (status == MH_OK && path[strspn(path, "\\/")]) {
        char *name = next_component(&path);
        if (!name)
            return mh_error_no_memory(err);
        status = check_component(name, err);
        if (status == MH_OK)
            status = step(top, dir, name, ref, err);
        free(name);
    }
    return status;
}

int mh_locate(struct mh_dir *top, const char *drive, const char *path, struct mh_dir **ret_dir,
              char **ret_ref, struct mh_error *err)
{
    const char *below = below_drive(drive, path);
    struct mh_dir *dir = top;
    char *ref = NULL;
    if (!below)
        return mh_error_set(err, MH_UNSUPPORTED,
                            "it lies outside this volume (%s); mount that one and name its hive in hives",
                            drive);
    ref = mh_text_copy("");
    int status = ref ? descend(top, below, &dir, &ref, err) : mh_error_no_memory(err);
    if (status == MH_OK && dir == top)
        status = mh_error_set(err, MH_UNSUPPORTED, "it is the volume itself, which is no profile");
    if (status != MH_OK) {
        if (dir != top)
            mh_dir_close(dir);
        free(ref);
        return status;
    }
    *ret_dir = dir;
    *ret_ref = ref;
    return MH_OK;
}

bool mh_locate_is_elsewhere(const char *drive, const char *path)
{
    char letter[3] = {0};
    strncpy(letter, behind_prefix(path), 2);
    return letter[0] && letter[1] == ':' && !mh_text_equal(letter, drive);
}

char *mh_locate_spell(const char *path)
{
    char *spelled = mh_text_upcase(behind_prefix(path));
    char *end = spelled;
    if (!spelled)
        return NULL;
    for (const char *at = spelled; *at;) {
        size_t length = strcspn(at, "\\/");
        memmove(end, at, length);
        end += length;
        at += length;
        at += strspn(at, "\\/");
        if (*at)
            *end++ = '\\';
    }
    *end = '\0';
    return spelled;
}

void mh_profile_files_clear(struct mh_profile_files *files)
{
    free(files->hive);
    free(files->policy);
    *files = (struct mh_profile_files){0};
}

static int find_name(const struct mh_entries *entries, const char *name, char **ret_name,
                     enum mh_entry_kind *ret_kind, struct mh_error *err)
{
    const struct mh_entry *entry = NULL;
    int status = mh_entries_find(entries, name, &entry, err);
    if (status != MH_OK || !entry)
        return status;
    *ret_kind = entry->kind;
    *ret_name = mh_text_copy(entry->name);
    return *ret_name ? MH_OK : mh_error_no_memory(err);
}

int mh_locate_files(struct mh_dir *dir, struct mh_profile_files *ret_files, struct mh_error *err)
{
    static const char *const names[] = {"NTUSER.MAN", "NTUSER.DAT", "ntuser.pol"};
    struct mh_entries entries = {0};
    struct mh_profile_files files = {0};
    enum mh_entry_kind plain_kind = MH_ENTRY_OTHER;
    char *plain = NULL;
    int status = mh_dir_pick(dir, names, 3, &entries, err);
    if (status == MH_OK)
        status = find_name(&entries, names[0], &files.hive, &files.hive_kind, err);
    if (status == MH_OK)
        status = find_name(&entries, names[1], &plain, &plain_kind, err);
    if (status == MH_OK)
        status = find_name(&entries, names[2], &files.policy, &files.policy_kind, err);
    mh_entries_clear(&entries);
    files.both = files.hive && plain;
    if (files.hive) {
        free(plain);
    } else {
        files.hive = plain;
        files.hive_kind = plain_kind;
    }
    if (status != MH_OK)
        mh_profile_files_clear(&files);
    else
        *ret_files = files;
    return status;
}

int mh_offline_managed(struct mh_dir *top, const struct mh_profile *profile, bool *ret_managed, struct mh_error *err)
{
    if (profile->policy_is_odd)
        return mh_entry_check_file(profile->policy, MH_ENTRY_OTHER, err);
    return mh_managed_read(top, profile->policy, ret_managed, err);
}

int mh_locate_warn_both(const char *path, struct mh_texts *warnings)
{
    return mh_texts_addf(warnings, "%s: it has NTUSER.MAN and NTUSER.DAT; Windows uses the first", path);
}
