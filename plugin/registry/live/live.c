/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "os/windows/wide.h"
#include "outlook/outlook.h"
#include "registry/live/live.h"
#include "registry/offline/hivefile.h"
#include "registry/open.h"
#include "registry/policy/managed.h"
#include "registry/policy/policy.h"

static struct mh_live *live_of(struct mh_registry *registry)
{
    return (struct mh_live *)registry;
}

static void live_free(struct mh_registry *registry)
{
    if (!registry)
        return;
    struct mh_live *live = live_of(registry);
    while (live->tops) {
        struct mh_live_top *top = live->tops;
        live->tops = top->next;
        mh_dir_close(top->dir);
        free(top->path);
        free(top);
    }
    mh_live_software_close(&live->software);
    free(live->policies_path);
    free(live);
}

int mh_live_open(struct mh_registry **ret_registry, struct mh_error *err)
{
    struct mh_live *live = calloc(1, sizeof(*live));
    if (!live)
        return mh_error_no_memory(err);
    live->base.ops = &mh_live_ops;
    live->base.concurrent_looks = true; /* loading a hive takes privileges, which all threads would have */
    *ret_registry = &live->base;
    return MH_OK;
}

/* ---- places ---- */

/* How much of a path is its volume: "C:\", "\\server\share\". 0 when it is neither. */
static size_t volume_length(const char *path)
{
    if (path[0] && path[1] == ':' && path[2] == '\\')
        return 3;
    if (strncmp(path, "\\\\", 2) != 0 || path[2] == '?' || path[2] == '.')
        return 0;
    const char *share = strchr(path + 2, '\\');
    const char *end = share ? strchr(share + 1, '\\') : NULL;
    return end ? (size_t)(end - path) + 1 : 0;
}

static int use_top(const struct mh_live_top *top, struct mh_dir **ret_dir, struct mh_error *err)
{
    if (!top->dir && err)
        *err = top->why;
    if (top->dir)
        *ret_dir = top->dir;
    return top->dir ? MH_OK : top->why.status;
}

static int find_top(struct mh_live *live, const char *path, size_t length, struct mh_dir **ret_dir,
                    struct mh_error *err)
{
    for (struct mh_live_top *top = live->tops; top; top = top->next) {
        if (strlen(top->path) == length && memcmp(top->path, path, length) == 0) {
            return use_top(top, ret_dir, err);
        }
    }
    struct mh_live_top *top = calloc(1, sizeof(*top));
    char *name = mh_text_copyn(path, length);
    if (!top || !name) {
        free(top);
        free(name);
        return mh_error_no_memory(err);
    }
    (void)mh_dir_open(name, &top->dir, &top->why);
    top->path = name;
    top->next = live->tops;
    live->tops = top;
    return use_top(top, ret_dir, err);
}

int mh_live_place(struct mh_live *live, const char *path, struct mh_dir **ret_top, char **ret_below,
                  struct mh_error *err)
{
    if (strncmp(path, "\\\\?\\", 4) == 0)
        path += 4;
    size_t length = volume_length(path);
    size_t end = strlen(path);
    while (end > length && path[end - 1] == '\\')
        end--;
    if (length == 0 || end == length)
        return mh_error_set(err, MH_UNSUPPORTED, "%s is no full path of a profile", path);
    AcquireSRWLockExclusive(&live->tops_lock);
    int status = find_top(live, path, length, ret_top, err);
    ReleaseSRWLockExclusive(&live->tops_lock);
    if (status != MH_OK)
        return status;
    char *below = mh_text_copyn(path + length, end - length);
    if (!below)
        return mh_error_no_memory(err);
    for (char *at = below; *at; at++)
        if (*at == '\\')
            *at = '/';
    *ret_below = below;
    return MH_OK;
}

/* ---- hives ---- */

/* Whether the profile's own hive is loaded by now: its user may have logged on since it was listed. */
static bool has_logged_on(const struct mh_profile *profile)
{
    HKEY key = NULL;
    bool loaded = profile->sid && !(profile->flags & MH_PROFILE_SET_ASIDE) &&
                  mh_regkey_open(HKEY_USERS, profile->sid, KEY_QUERY_VALUE, &key, NULL) == MH_OK;
    mh_regkey_close(key);
    return loaded;
}

/* A hive of the live registry that is read from its file. */
static const struct mh_registry_ops file_ops = {
    .name = "live, unloaded",
    .read = mh_offline_hive_read,
    .close = mh_offline_hive_close,
};

/* Wine keeps its hives as text, which only Wine's own loading reads. */
static bool is_wine_text(struct mh_dir *top, const char *path)
{
    static const char begin[] = "WINE REGISTRY Version 2";
    char seen[sizeof(begin) - 1];
    struct mh_file *file = NULL;
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    bool is = ntdll && GetProcAddress(ntdll, "wine_get_version") &&
              mh_file_open(top, path, MH_READ, &file, NULL) == MH_OK && mh_file_size(file) > sizeof(seen) &&
              mh_file_read(file, 0, seen, sizeof(seen), NULL) == MH_OK && memcmp(seen, begin, sizeof(seen)) == 0;
    mh_file_close(file);
    return is;
}

/* Only a plain file with one name may be given to Windows. */
static int check_plain(struct mh_dir *top, const char *path, struct mh_error *err)
{
    struct mh_file *file = NULL;
    int status = mh_file_open(top, path, MH_READ, &file, err);
    if (status == MH_OK)
        status = mh_file_sole(file, err);
    mh_file_close(file);
    return status;
}

/*
 * `why` is what the engine said of it. Windows may know more of a hive that the engine does not judge, and is
 * asked, though not by a check: mounting is more than looking.
 */
static int open_foreign(struct mh_registry *registry, const struct mh_profile *profile, struct mh_dir *top,
                        const char *path, const struct mh_error *why, struct mh_hive **ret_hive,
                        struct mh_error *err)
{
    bool foreign = why->status == MH_UNSUPPORTED || (why->status == MH_CORRUPT && is_wine_text(top, path));
    if (!foreign) {
        if (err)
            *err = *why;
        return why->status;
    }
    int status = check_plain(top, path, err);
    if (status == MH_OK && registry->look_only)
        status = mh_error_set(err, MH_UNSUPPORTED,
                              "only Windows itself can read this hive, for which apply loads it; a check does not");
    return status == MH_OK ? mh_mounted_open(profile, ret_hive, err) : status;
}

static int open_to_read(struct mh_registry *registry, const struct mh_profile *profile, struct mh_dir *top,
                        const char *path, struct mh_hive **ret_hive, struct mh_error *err)
{
    struct mh_error why = {0};
    int status = mh_offline_hive_open(&file_ops, top, path, MH_READ, ret_hive, &why);
    if (status == MH_OK)
        return MH_OK;
    if (status == MH_IN_USE && has_logged_on(profile))
        return mh_loaded_open(profile, ret_hive, err);
    return open_foreign(registry, profile, top, path, &why, ret_hive, err);
}

/* Windows would mend, or throw away, what it finds broken: a hive is given to it only when it is whole. */
static int open_to_write(struct mh_registry *registry, const struct mh_profile *profile, struct mh_dir *top,
                         const char *path, struct mh_hive **ret_hive, struct mh_error *err)
{
    struct mh_hive *looked = NULL;
    struct mh_value value = {0};
    int status = open_to_read(registry, profile, top, path, &looked, err);
    if (status != MH_OK)
        return status;
    if (looked->ops != &file_ops) {
        *ret_hive = looked;
        return MH_OK;
    }
    status = mh_hive_read(looked, &value, err);
    mh_value_clear(&value);
    mh_hive_close(looked);
    if (status != MH_OK)
        return status;
    struct mh_error why = {0};
    status = mh_mounted_open(profile, ret_hive, &why);
    if (status != MH_OK && has_logged_on(profile))
        return mh_loaded_open(profile, ret_hive, err);
    if (status != MH_OK && err)
        *err = why;
    return status;
}

static int live_hive_open(struct mh_registry *registry, const struct mh_profile *profile,
                          enum mh_access access, struct mh_hive **ret_hive, struct mh_error *err)
{
    struct mh_dir *top;
    char *path = NULL;
    if (profile->flags & MH_PROFILE_LOADED)
        return mh_loaded_open(profile, ret_hive, err);
    if (!profile->hive)
        return mh_error_set(err, MH_NOT_FOUND, "it has neither a folder nor a loaded hive");
    int status = mh_live_place(live_of(registry), profile->hive, &top, &path, err);
    if (status == MH_OK)
        status = access == MH_READ ? open_to_read(registry, profile, top, path, ret_hive, err)
                                   : open_to_write(registry, profile, top, path, ret_hive, err);
    free(path);
    return status;
}

/* ---- what else is known of the machine ---- */

static int live_policy(struct mh_registry *registry, struct mh_policy *ret_policy, struct mh_error *err)
{
    struct mh_software software = mh_live_software(&live_of(registry)->software);
    return mh_policy_read(&software, ret_policy, err);
}

bool mh_live_is_there(const char *path)
{
    wchar_t *wide = mh_wide(path);
    bool there = wide && GetFileAttributesW(wide) != INVALID_FILE_ATTRIBUTES;
    free(wide);
    return there;
}

bool mh_live_is_mandatory(const char *folder)
{
    char *path = mh_path_join(folder, "NTUSER.MAN");
    bool mandatory = path && mh_live_is_there(path);
    free(path);
    return mandatory;
}

/* Takes over `path`. A file behind a link (where profiles are on volumes of their own) is not looked at. */
static int look_at_policy(struct mh_live *live, char *path, bool *ret_found, bool *ret_managed,
                          struct mh_error *err)
{
    struct mh_error why = {0};
    struct mh_dir *top = NULL;
    char *below = NULL;
    int status = path ? MH_OK : mh_error_no_memory(&why);
    /* Nearly nobody has one: not to go there step by step is worth a look. */
    *ret_found = status == MH_OK && mh_live_is_there(path);
    if (*ret_found) {
        status = mh_live_place(live, path, &top, &below, &why);
        if (status == MH_OK)
            status = mh_managed_read(top, below, ret_managed, &why);
    }
    free(path);
    free(below);
    if (status == MH_UNSUPPORTED)
        return MH_OK;
    if (status != MH_OK && err)
        *err = why;
    return status;
}

/* The newer place counts where both are there. */
static int live_managed(struct mh_registry *registry, const struct mh_profile *profile, bool *ret_managed,
                        struct mh_error *err)
{
    struct mh_live *live = live_of(registry);
    bool found = false;
    int status = MH_OK;
    if (live->policies_path && profile->sid)
        status = look_at_policy(live, mh_text_format("%s\\%s\\ntuser.pol", live->policies_path, profile->sid),
                                &found, ret_managed, err);
    if (status == MH_OK && !found && profile->path)
        status = look_at_policy(live, mh_path_join(profile->path, "ntuser.pol"), &found, ret_managed, err);
    return status;
}

static int live_outlook(struct mh_registry *registry, bool installed, struct mh_outlook *outlook,
                        struct mh_error *err)
{
    struct mh_software software = mh_live_software(&live_of(registry)->software);
    struct mh_privileges privileges = {0};
    int status = installed ? mh_outlook_installed(&software, mh_file_version, outlook, err) : MH_OK;
    mh_privilege_take_debug(&privileges);
    int running = mh_outlook_running(outlook, err);
    mh_privileges_drop(&privileges);
    return status == MH_OK ? running : status;
}

const struct mh_registry_ops mh_live_ops = {
    .name = "live",
    .list = mh_live_list,
    .policy = live_policy,
    .managed = live_managed,
    .outlook = live_outlook,
    .account_sid = mh_live_account_sid,
    .sid_account = mh_live_sid_account,
    .open = live_hive_open,
    .read = mh_live_read,
    .write = mh_live_write,
    .remove = mh_live_remove,
    .commit = mh_live_commit,
    .close = mh_live_close,
    .free = live_free,
};
