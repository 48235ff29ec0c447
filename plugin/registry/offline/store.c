/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "os/threads.h"
#include "registry/offline/hivefile.h"
#include "registry/offline/locate.h"
#include "registry/offline/offline.h"

/* A folder of profile folders. */
struct store {
    struct mh_registry base;
    struct mh_dir *top;
    char *path; /* as the caller wrote it */
};

static void store_free(struct mh_registry *registry)
{
    if (!registry)
        return;
    struct store *store = (struct store *)registry;
    mh_dir_close(store->top);
    free(store->path);
    free(store);
}

static const struct mh_registry_ops store_ops;

int mh_store_open(const char *path, struct mh_registry **ret_registry, struct mh_error *err)
{
    struct store *store = calloc(1, sizeof(*store));
    if (!store)
        return mh_error_no_memory(err);
    store->base.ops = &store_ops;
    store->base.concurrent = true;
    store->path = mh_text_copy(path);
    int status = store->path ? mh_dir_open(path, &store->top, err) : mh_error_no_memory(err);
    if (status != MH_OK)
        store_free(&store->base);
    else
        *ret_registry = &store->base;
    return status;
}

/* What one of the store's folders holds. */
struct folder {
    struct mh_profile profile; /* without an id there was no memory */
    bool is_profile;
    bool both; /* NTUSER.MAN and NTUSER.DAT */
};

struct scan {
    struct store *store;
    const struct mh_entries *entries;
    struct folder *folders; /* parallel to entries */
};

/* "Default", and what Windows takes from a domain's NETLOGON share: "Default User", "Default User.V6". */
static bool is_default_name(const char *name)
{
    return mh_text_equal(name, "Default") || mh_text_match("Default.V?", name) ||
           mh_text_equal(name, "Default User") || mh_text_match("Default User.V?", name);
}

/* A name that is no UTF-8 is escaped, behind a "./" that no other one can have: ids must stay apart. */
static char *show_path(const struct store *store, const char *name)
{
    if (mh_utf8_valid(name, strlen(name)))
        return mh_path_join(store->path, name);
    char *escaped = mh_utf8_escape(name);
    char *below = escaped ? mh_text_format("./%s", escaped) : NULL;
    char *path = below ? mh_path_join(store->path, below) : NULL;
    free(escaped);
    free(below);
    return path;
}

static bool fill_profile(const struct store *store, const char *name, const struct mh_profile_files *files,
                         struct mh_profile *profile)
{
    const char *hive = files->hive ? files->hive : "NTUSER.DAT";
    bool is_sid = mh_text_is_sid(name);
    profile->path = show_path(store, name);
    profile->ref = mh_text_format("%s/%s", name, hive);
    profile->hive = profile->path ? mh_path_join(profile->path, hive) : NULL;
    profile->sid = is_sid ? mh_text_copy(name) : NULL;
    if (files->policy)
        profile->policy = mh_text_format("%s/%s", name, files->policy);
    profile->policy_is_odd = files->policy && files->policy_kind != MH_ENTRY_FILE;
    if (!profile->path || !profile->ref || !profile->hive || (is_sid && !profile->sid) ||
        (files->policy && !profile->policy))
        return false;
    profile->id = mh_text_copy(profile->sid ? profile->sid : profile->hive);
    profile->flags = is_default_name(name) ? MH_PROFILE_DEFAULT : MH_PROFILE_PERSON;
    if (is_sid && !mh_text_is_person_sid(name))
        profile->flags = 0;
    return profile->id != NULL;
}

static void scan_folder(void *context, size_t i)
{
    struct scan *scan = context;
    const char *name = scan->entries->items[i].name;
    struct folder *folder = &scan->folders[i];
    struct mh_profile_files files = {0};
    struct mh_dir *dir = NULL;
    struct mh_error problem = {0};
    if (scan->entries->items[i].kind != MH_ENTRY_FOLDER)
        return;
    int status = mh_dir_enter(scan->store->top, name, &dir, &problem);
    if (status == MH_OK)
        status = mh_locate_files(dir, &files, &problem);
    mh_dir_close(dir);
    folder->is_profile = files.hive || status != MH_OK;
    folder->both = files.both;
    if (folder->is_profile && status == MH_OK && !mh_utf8_valid(name, strlen(name)))
        status = mh_error_set(&problem, MH_UNSUPPORTED, "the folder's name is no UTF-8; rename it");
    if (files.hive && status == MH_OK)
        status = mh_entry_check_file(files.hive, files.hive_kind, &problem);
    if (folder->is_profile && fill_profile(scan->store, name, &files, &folder->profile) && status != MH_OK) {
        mh_error_wrap(&problem, "%s", folder->profile.path);
        folder->profile.problem = mh_error_copy(&problem);
    }
    mh_profile_files_clear(&files);
}

/* "default" is the id of one profile only: the store's first folder that is called so. */
static void name_default(const char *name, bool *default_taken, struct mh_profile *profile)
{
    if (*default_taken || !profile->id || !mh_text_equal(name, "Default"))
        return;
    *default_taken = true;
    free(profile->id);
    profile->id = mh_text_copy("default");
}

static int add_folder(const char *name, struct folder *folder, bool *default_taken,
                      struct mh_profiles *profiles, struct mh_texts *warnings, struct mh_error *err)
{
    struct mh_profile *profile = &folder->profile;
    name_default(name, default_taken, profile);
    if (!profile->id || (folder->both && mh_locate_warn_both(profile->path, warnings) < 0) ||
        mh_profiles_take(profiles, profile) < 0)
        return mh_error_no_memory(err);
    return MH_OK;
}

static int warn_of_link(const struct store *store, const char *name, struct mh_texts *warnings,
                        struct mh_error *err)
{
    char *path = show_path(store, name);
    int added = path ? mh_texts_addf(warnings, "%s: left out, it is a link or no folder", path) : -1;
    free(path);
    return added < 0 ? mh_error_no_memory(err) : MH_OK;
}

static int add_folders(const struct scan *scan, struct mh_profiles *profiles,
                       struct mh_texts *warnings, struct mh_error *err)
{
    bool default_taken = false;
    int status = MH_OK;
    for (size_t i = 0; status == MH_OK && i < scan->entries->count; i++) {
        struct folder *folder = &scan->folders[i];
        if (scan->entries->items[i].kind == MH_ENTRY_OTHER)
            status = warn_of_link(scan->store, scan->entries->items[i].name, warnings, err);
        if (folder->is_profile)
            status = add_folder(scan->entries->items[i].name, folder, &default_taken, profiles, warnings,
                                err);
    }
    return status;
}

static int store_list(struct mh_registry *registry, struct mh_profiles *profiles,
                      struct mh_texts *warnings, struct mh_error *err)
{
    struct store *store = (struct store *)registry;
    struct mh_entries entries = {0};
    int status = mh_dir_list(store->top, &entries, err);
    if (status != MH_OK)
        return status;
    struct scan scan = {.store = store,
                        .entries = &entries,
                        .folders = calloc(entries.count + 1, sizeof(*scan.folders))};
    if (scan.folders) {
        mh_parallel(entries.count, scan_folder, &scan, registry->tick, registry->tick_context);
        status = add_folders(&scan, profiles, warnings, err);
    } else {
        status = mh_error_no_memory(err);
    }
    for (size_t i = 0; scan.folders && i < entries.count; i++)
        mh_profile_clear(&scan.folders[i].profile);
    free(scan.folders);
    mh_entries_clear(&entries);
    return status;
}

static int store_hive_open(struct mh_registry *registry, const struct mh_profile *profile,
                           enum mh_access access, struct mh_hive **ret_hive, struct mh_error *err)
{
    return mh_offline_hive_open(&store_ops, ((struct store *)registry)->top, profile->ref, access,
                                ret_hive, err);
}

static int store_managed(struct mh_registry *registry, const struct mh_profile *profile, bool *ret_managed,
                         struct mh_error *err)
{
    return mh_offline_managed(((struct store *)registry)->top, profile, ret_managed, err);
}

static const struct mh_registry_ops store_ops = {
    .name = "store",
    .list = store_list,
    .policy = mh_offline_no_policy,
    .managed = store_managed,
    .open = store_hive_open,
    .read = mh_offline_hive_read,
    .write = mh_offline_hive_write,
    .remove = mh_offline_hive_remove,
    .commit = mh_offline_hive_commit,
    .close = mh_offline_hive_close,
    .free = store_free,
};
