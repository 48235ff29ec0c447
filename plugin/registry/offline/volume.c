/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "registry/offline/hivefile.h"
#include "registry/offline/locate.h"
#include "registry/offline/offline.h"
#include "registry/offline/software.h"
#include "registry/policy/policy.h"
#include "registry/profile_list.h"

/* A mounted Windows volume. */
struct volume {
    struct mh_registry base;
    struct mh_dir *top;
    char *path;                   /* as the caller wrote it */
    struct mh_hivefile *software;
};

static struct volume *volume_of(struct mh_registry *registry)
{
    return (struct volume *)registry;
}

static void volume_free(struct mh_registry *registry)
{
    if (!registry)
        return;
    struct volume *volume = volume_of(registry);
    mh_hivefile_close(volume->software);
    mh_dir_close(volume->top);
    free(volume->path);
    free(volume);
}

/*
 * Windows keeps what it had open in hiberfil.sys when it hibernates, and at every shutdown with fast
 * startup; it goes on from there and would not see (or would overwrite) what changed meanwhile.
 */
static int refuse_hibernated(struct volume *volume, struct mh_error *err)
{
    static const char *const live[] = {"hibr", "HIBR", "rstr", "RSTR"};
    char signature[5] = {0};
    char *name = NULL;
    enum mh_entry_kind kind;
    struct mh_file *file = NULL;
    int status = mh_dir_find(volume->top, "hiberfil.sys", &name, &kind, err);
    if (status != MH_OK || !name)
        return status;
    status = mh_entry_check_file(name, kind, err);
    if (status == MH_OK)
        status = mh_file_open(volume->top, name, MH_READ, &file, err);
    free(name);
    if (status == MH_OK && mh_file_size(file) >= 4)
        status = mh_file_read(file, 0, signature, 4, err);
    mh_file_close(file);
    for (size_t i = 0; status == MH_OK && i < sizeof(live) / sizeof(live[0]); i++)
        if (strcmp(signature, live[i]) == 0)
            return mh_error_set(err, MH_IN_USE,
                                "Windows is hibernated on this volume, or was shut down with fast startup "
                                "(hiberfil.sys); start it and shut it down with 'shutdown /s /t 0'");
    return status;
}

static int open_software(struct volume *volume, struct mh_error *err)
{
    struct mh_dir *dir = NULL;
    char *ref = NULL;
    char *name = NULL;
    char *path = NULL;
    enum mh_entry_kind kind;
    int status = mh_locate(volume->top, "C:", "C:\\Windows\\System32\\config", &dir, &ref, err);
    if (status == MH_OK)
        status = mh_dir_find(dir, "SOFTWARE", &name, &kind, err);
    if (status == MH_OK && !name)
        status = mh_error_set(err, MH_NOT_FOUND, "there is no SOFTWARE hive");
    if (status == MH_OK)
        status = mh_entry_check_file(name, kind, err);
    if (status == MH_OK) {
        path = mh_text_format("%s%s", ref, name);
        status = path ? mh_hivefile_open(volume->top, path, MH_READ, &volume->software, err)
                      : mh_error_no_memory(err);
    }
    if (status != MH_OK)
        mh_error_wrap(err, "%s: Windows/System32/config/SOFTWARE", volume->path);
    mh_dir_close(dir);
    free(ref);
    free(name);
    free(path);
    return status;
}

static const struct mh_registry_ops volume_ops;

int mh_volume_open(const char *root, struct mh_registry **ret_registry, struct mh_error *err)
{
    struct volume *volume = calloc(1, sizeof(*volume));
    if (!volume)
        return mh_error_no_memory(err);
    volume->base.ops = &volume_ops;
    volume->base.concurrent = true;
    volume->path = mh_text_copy(root);
    int status = volume->path ? mh_dir_open(root, &volume->top, err) : mh_error_no_memory(err);
    if (status == MH_OK)
        status = refuse_hibernated(volume, err);
    if (status == MH_OK)
        status = open_software(volume, err);
    if (status != MH_OK)
        volume_free(&volume->base);
    else
        *ret_registry = &volume->base;
    return status;
}

static struct mh_software software_of(struct volume *volume)
{
    return mh_image_software(mh_regf_image(mh_hivefile_regf(volume->software)));
}

/* Fills in where the profile at `windows_path` is; what is wrong with it becomes its problem. */
static int place_profile(struct volume *volume, const struct mh_profile_list *list,
                         const char *windows_path, struct mh_profile *profile,
                         struct mh_texts *warnings, struct mh_error *err)
{
    struct mh_error problem = {0};
    struct mh_dir *dir = NULL;
    char *folder = NULL;
    struct mh_profile_files files = {0};
    int status = mh_locate(volume->top, list->drive, windows_path, &dir, &folder, &problem);
    if (status == MH_OK)
        status = mh_locate_files(dir, &files, &problem);
    if (status == MH_OK && !files.hive)
        status = mh_error_set(&problem, MH_NOT_FOUND, "there is no NTUSER.DAT in it");
    if (status == MH_OK)
        status = mh_entry_check_file(files.hive, files.hive_kind, &problem);
    mh_dir_close(dir);
    if (status == MH_OK) {
        profile->ref = mh_text_format("%s%s", folder, files.hive);
        profile->hive = profile->ref ? mh_path_join(volume->path, profile->ref) : NULL;
        profile->policy = files.policy ? mh_text_format("%s%s", folder, files.policy) : NULL;
        profile->policy_is_odd = files.policy && files.policy_kind != MH_ENTRY_FILE;
        if (!profile->hive || (files.policy && !profile->policy) ||
            (files.both && mh_locate_warn_both(windows_path, warnings) < 0))
            status = mh_error_no_memory(err);
    } else {
        mh_error_wrap(&problem, "%s", windows_path);
        profile->skipped = status == MH_NOT_FOUND;
        profile->problem = mh_error_copy(&problem);
        status = MH_OK;
    }
    free(folder);
    mh_profile_files_clear(&files);
    return status;
}

static int set_text(char **field, const char *text)
{
    *field = text ? mh_text_copy(text) : NULL;
    return text && !*field ? -1 : 0;
}

static bool is_placed(const struct mh_profiles *profiles, const char *ref)
{
    for (size_t i = 0; i < profiles->count; i++)
        if (profiles->items[i].ref && mh_text_equal(profiles->items[i].ref, ref))
            return true;
    return false;
}

static void leave_to_other(const struct mh_profile *other, struct mh_profile *profile)
{
    struct mh_error problem = {0};
    mh_error_set(&problem, MH_UNSUPPORTED, "%s: its folder is also that of %s, and is looked at there",
                 profile->path, other->id);
    profile->problem = mh_error_copy(&problem);
    profile->skipped = true;
}

struct placed {
    char *ref; /* in upper case */
    size_t at; /* which profile it is */
};

static int by_place(const void *a, const void *b)
{
    const struct placed *left = a;
    const struct placed *right = b;
    int order = strcmp(left->ref, right->ref);
    return order != 0 ? order : (left->at > right->at) - (left->at < right->at);
}

static int sort_placed(const struct mh_profiles *profiles, struct placed *placed, size_t *ret_count,
                       struct mh_error *err)
{
    for (size_t i = 0; i < profiles->count; i++) {
        if (!profiles->items[i].ref)
            continue;
        placed[*ret_count] = (struct placed){.ref = mh_text_upcase(profiles->items[i].ref), .at = i};
        if (!placed[*ret_count].ref)
            return mh_error_no_memory(err);
        ++*ret_count;
    }
    qsort(placed, *ret_count, sizeof(*placed), by_place);
    return MH_OK;
}

/*
 * Two entries with one folder (a machine that changed its domain has such) share its hive: it is looked at
 * for the first of them, and the other has nothing of its own.
 */
static int leave_to_others(struct mh_profiles *profiles, struct mh_error *err)
{
    size_t count = 0;
    size_t first = 0;
    struct placed *placed = calloc(profiles->count + 1, sizeof(*placed));
    int status = placed ? sort_placed(profiles, placed, &count, err) : mh_error_no_memory(err);
    for (size_t i = 1; status == MH_OK && i < count; i++) {
        if (strcmp(placed[i].ref, placed[first].ref) == 0)
            leave_to_other(&profiles->items[placed[first].at], &profiles->items[placed[i].at]);
        else
            first = i;
    }
    for (size_t i = 0; i < count; i++)
        free(placed[i].ref);
    free(placed);
    return status;
}

static int add_profile(struct volume *volume, const struct mh_profile_list *list, const char *id,
                       const char *sid, const char *windows_path, unsigned flags,
                       struct mh_profiles *profiles, struct mh_texts *warnings,
                       struct mh_error *err)
{
    struct mh_profile profile = {.flags = flags};
    int status = MH_OK;
    if (set_text(&profile.id, id) < 0 || set_text(&profile.sid, sid) < 0 ||
        set_text(&profile.path, windows_path) < 0)
        status = mh_error_no_memory(err);
    if (status == MH_OK)
        status = place_profile(volume, list, windows_path ? windows_path : "", &profile, warnings, err);
    if (status == MH_OK && mh_profiles_take(profiles, &profile) < 0)
        status = mh_error_no_memory(err);
    mh_profile_clear(&profile);
    return status;
}

/* An entry that could not be read is one profile's failure, not the volume's. */
static int add_broken(const struct mh_listed_profile *entry, unsigned flags,
                      struct mh_profiles *profiles, struct mh_error *err)
{
    struct mh_profile profile = {.flags = flags, .problem = mh_error_copy(entry->problem)};
    if (set_text(&profile.id, entry->sid) < 0 || set_text(&profile.sid, entry->sid) < 0) {
        mh_profile_clear(&profile);
        return mh_error_no_memory(err);
    }
    return mh_profiles_take(profiles, &profile) < 0 ? mh_error_no_memory(err) : MH_OK;
}

static int add_listed(struct volume *volume, const struct mh_profile_list *list,
                      const struct mh_listed_profile *entry, struct mh_profiles *profiles,
                      struct mh_texts *warnings, struct mh_error *err)
{
    unsigned flags = mh_text_is_person_sid(entry->sid) ? MH_PROFILE_PERSON : 0;
    if (mh_profile_list_is_shadowed(list, entry))
        return mh_profile_list_warn_shadowed(entry, warnings) < 0 ? mh_error_no_memory(err) : MH_OK;
    if (entry->problem)
        return add_broken(entry, flags, profiles, err);
    return add_profile(volume, list, entry->sid, entry->sid, entry->path, flags, profiles, warnings,
                       err);
}

/* The name itself, or escaped where it is no UTF-8: what is told must be text. NULL when memory is out. */
static char *show(const char *name)
{
    return mh_utf8_valid(name, strlen(name)) ? mh_text_copy(name) : mh_utf8_escape(name);
}

/* What was not there to be looked at, nobody misses. Where memory is out (what the system is short of has a code),
 * nothing is right any more. */
static int warn_unseen(struct volume *volume, const char *name, const struct mh_error *why,
                       struct mh_texts *warnings, struct mh_error *err)
{
    if (why->status == MH_NOT_FOUND)
        return MH_OK;
    if (why->status == MH_INTERNAL && !why->has_code)
        return mh_error_no_memory(err);
    char *shown = show(name);
    int added = shown ? mh_texts_addf(warnings, "%s: '%s' could not be looked at: %s", volume->path, shown,
                                      why->message)
                      : -1;
    free(shown);
    return added < 0 ? mh_error_no_memory(err) : MH_OK;
}

/* The folder that profiles are made in. */
struct folders {
    struct volume *volume;
    const struct mh_profiles *profiles;
    struct mh_texts listed; /* the paths in ProfileList and that of the Default profile, spelled in one way, sorted */
    const char *path;       /* as Windows calls it */
    struct mh_dir *dir;
    char *ref;
};

static int add_listed_path(struct folders *folders, const char *path, struct mh_error *err)
{
    char *spelled = mh_locate_spell(path ? path : "");
    int added = spelled ? mh_texts_add(&folders->listed, spelled) : -1;
    free(spelled);
    return added < 0 ? mh_error_no_memory(err) : MH_OK;
}

static int by_text(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

static int add_listed_paths(struct folders *folders, const struct mh_profile_list *list, struct mh_error *err)
{
    int status = add_listed_path(folders, list->default_path, err);
    for (size_t i = 0; status == MH_OK && i < list->count; i++)
        status = add_listed_path(folders, list->items[i].path, err);
    if (status == MH_OK)
        qsort(folders->listed.items, folders->listed.count, sizeof(*folders->listed.items), by_text);
    return status;
}

/* Whatever came of the entry that names the folder, it has been told. */
static int find_listed(const struct folders *folders, const char *name, bool *ret_listed, struct mh_error *err)
{
    char *path = mh_text_format("%s\\%s", folders->path, name);
    char *spelled = path ? mh_locate_spell(path) : NULL;
    int status = spelled ? MH_OK : mh_error_no_memory(err);
    *ret_listed = status == MH_OK && bsearch(&spelled, folders->listed.items, folders->listed.count,
                                             sizeof(*folders->listed.items), by_text);
    free(path);
    free(spelled);
    return status;
}

static int warn_of_hive(const struct folders *folders, const char *name, const char *hive,
                        struct mh_texts *warnings, struct mh_error *err)
{
    char *ref = mh_text_format("%s%s/%s", folders->ref, name, hive);
    char *shown = ref ? show(ref) : NULL;
    int status = shown ? MH_OK : mh_error_no_memory(err);
    if (status == MH_OK && !is_placed(folders->profiles, ref) &&
        mh_texts_addf(warnings,
                      "%s/%s: left out, it is in no ProfileList entry; name it in hives if it is wanted",
                      folders->volume->path, shown) < 0)
        status = mh_error_no_memory(err);
    free(ref);
    free(shown);
    return status;
}

/* A folder with a hive that ProfileList does not know: somebody's, perhaps, but nobody says whose. */
static int warn_of_folder(const struct folders *folders, const char *name, struct mh_texts *warnings,
                          struct mh_error *err)
{
    struct mh_error why = {0};
    struct mh_dir *dir = NULL;
    struct mh_profile_files files = {0};
    bool listed;
    int status = find_listed(folders, name, &listed, err);
    if (status != MH_OK || listed)
        return status;
    status = mh_dir_enter(folders->dir, name, &dir, &why);
    if (status == MH_OK)
        status = mh_locate_files(dir, &files, &why);
    mh_dir_close(dir);
    if (status != MH_OK)
        status = warn_unseen(folders->volume, name, &why, warnings, err);
    else if (files.hive)
        status = warn_of_hive(folders, name, files.hive, warnings, err);
    mh_profile_files_clear(&files);
    return status;
}

/* On a drive of its own, it is no part of this volume: nobody's fault, and nothing to warn of at every run. */
static int warn_of_folders(struct volume *volume, const struct mh_profile_list *list,
                           const struct mh_profiles *profiles, struct mh_texts *warnings,
                           struct mh_error *err)
{
    struct mh_error why = {0};
    struct mh_entries entries = {0};
    struct folders folders = {.volume = volume, .profiles = profiles, .path = list->profiles_path};
    if (mh_locate_is_elsewhere(list->drive, folders.path))
        return MH_OK;
    int status = mh_locate(volume->top, list->drive, folders.path, &folders.dir, &folders.ref, &why);
    if (status == MH_OK)
        status = mh_dir_list(folders.dir, &entries, &why);
    status = status == MH_OK ? add_listed_paths(&folders, list, err)
                             : warn_unseen(volume, folders.path, &why, warnings, err);
    for (size_t i = 0; status == MH_OK && i < entries.count; i++)
        if (entries.items[i].kind == MH_ENTRY_FOLDER)
            status = warn_of_folder(&folders, entries.items[i].name, warnings, err);
    mh_entries_clear(&entries);
    mh_texts_clear(&folders.listed);
    mh_dir_close(folders.dir);
    free(folders.ref);
    return status;
}

/* Where newer Windows keep the policy files of all users. */
struct policies {
    struct mh_dir *dir; /* NULL: there are none */
    char *ref;
    struct mh_entries entries;
};

static int find_policies(struct volume *volume, const struct mh_profile_list *list, struct policies *policies,
                         struct mh_texts *warnings, struct mh_error *err)
{
    struct mh_error why = {0};
    if (mh_locate_is_elsewhere(list->drive, list->policies_path))
        return MH_OK;
    int status = mh_locate(volume->top, list->drive, list->policies_path, &policies->dir, &policies->ref, &why);
    if (status == MH_OK)
        status = mh_dir_list(policies->dir, &policies->entries, &why);
    return status == MH_OK ? MH_OK : warn_unseen(volume, list->policies_path, &why, warnings, err);
}

/* The newer place counts where both are there. */
static int place_policy(struct volume *volume, const struct policies *policies, struct mh_profile *profile,
                        struct mh_texts *warnings, struct mh_error *err)
{
    struct mh_error why = {0};
    const struct mh_entry *entry = NULL;
    struct mh_profile_files files = {0};
    struct mh_dir *dir = NULL;
    if (!profile->sid)
        return MH_OK;
    int status = mh_entries_find(&policies->entries, profile->sid, &entry, &why);
    if (status == MH_OK && entry)
        status = mh_dir_enter(policies->dir, entry->name, &dir, &why);
    if (status == MH_OK && dir)
        status = mh_locate_files(dir, &files, &why);
    if (status != MH_OK) {
        status = warn_unseen(volume, profile->sid, &why, warnings, err);
    } else if (files.policy) {
        free(profile->policy);
        profile->policy = mh_text_format("%s%s/%s", policies->ref, entry->name, files.policy);
        profile->policy_is_odd = files.policy_kind != MH_ENTRY_FILE;
        status = profile->policy ? MH_OK : mh_error_no_memory(err);
    }
    mh_dir_close(dir);
    mh_profile_files_clear(&files);
    return status;
}

static int place_policies(struct volume *volume, const struct mh_profile_list *list,
                          struct mh_profiles *profiles, struct mh_texts *warnings, struct mh_error *err)
{
    struct policies policies = {0};
    int status = find_policies(volume, list, &policies, warnings, err);
    for (size_t i = 0; status == MH_OK && i < profiles->count; i++)
        status = place_policy(volume, &policies, &profiles->items[i], warnings, err);
    mh_entries_clear(&policies.entries);
    mh_dir_close(policies.dir);
    free(policies.ref);
    return status;
}

static int volume_list(struct mh_registry *registry, struct mh_profiles *profiles,
                       struct mh_texts *warnings, struct mh_error *err)
{
    struct volume *volume = volume_of(registry);
    struct mh_profile_list list = {0};
    struct mh_software software = software_of(volume);
    int status = mh_profile_list_read(&software, &list, err);
    if (status == MH_OK)
        status = mh_hivefile_settled(volume->software, err);
    for (size_t i = 0; status == MH_OK && i < list.count; i++)
        status = add_listed(volume, &list, &list.items[i], profiles, warnings, err);
    if (status == MH_OK)
        status = add_profile(volume, &list, "default", NULL, list.default_path, MH_PROFILE_DEFAULT,
                             profiles, warnings, err);
    if (status == MH_OK)
        status = leave_to_others(profiles, err);
    if (status == MH_OK)
        status = place_policies(volume, &list, profiles, warnings, err);
    if (status == MH_OK)
        status = warn_of_folders(volume, &list, profiles, warnings, err);
    mh_profile_list_clear(&list);
    if (status != MH_OK) {
        mh_error_wrap(err, "%s", volume->path);
        mh_error_at(err, "root");
    }
    return status;
}

static int volume_policy(struct mh_registry *registry, struct mh_policy *ret_policy,
                         struct mh_error *err)
{
    struct volume *volume = volume_of(registry);
    struct mh_software software = software_of(volume);
    struct mh_policy policy = {0};
    int status = mh_policy_read(&software, &policy, err);
    if (status == MH_OK)
        status = mh_hivefile_settled(volume->software, err);
    if (status != MH_OK)
        mh_policy_clear(&policy);
    else
        *ret_policy = policy;
    return status;
}

static int volume_hive_open(struct mh_registry *registry, const struct mh_profile *profile,
                            enum mh_access access, struct mh_hive **ret_hive, struct mh_error *err)
{
    return mh_offline_hive_open(&volume_ops, volume_of(registry)->top, profile->ref, access, ret_hive,
                                err);
}

static int volume_managed(struct mh_registry *registry, const struct mh_profile *profile, bool *ret_managed,
                          struct mh_error *err)
{
    return mh_offline_managed(volume_of(registry)->top, profile, ret_managed, err);
}

static const struct mh_registry_ops volume_ops = {
    .name = "root",
    .list = volume_list,
    .policy = volume_policy,
    .managed = volume_managed,
    .open = volume_hive_open,
    .read = mh_offline_hive_read,
    .write = mh_offline_hive_write,
    .remove = mh_offline_hive_remove,
    .commit = mh_offline_hive_commit,
    .close = mh_offline_hive_close,
    .free = volume_free,
};
