/* SPDX-License-Identifier: MIT */
#ifndef MH_LIVE_LIVE_H
#define MH_LIVE_LIVE_H

/* What the files of this folder share: the registry of the running Windows. */

#include <windows.h>

#include "mapihttp/registry.h"
#include "os/file.h"
#include "registry/software.h"

/* ---- key.c: keys and values ---- */

/* Closes it unless it is NULL. */
void mh_regkey_close(HKEY key);

/* Opens the key `path` (UTF-8) below `parent`; MH_NOT_FOUND when it is not there. */
int mh_regkey_open(HKEY parent, const char *path, REGSAM access, HKEY *ret_key, struct mh_error *err);

/* The key's value, type and data as they are; absent (and MH_OK) when it is not there. */
int mh_regkey_read(HKEY key, const char *name, struct mh_value *ret_value, struct mh_error *err);

/* Appends the names of the key's subkeys. */
int mh_regkey_names(HKEY key, struct mh_texts *names, struct mh_error *err);

/*
 * MH_UNSUPPORTED when `key`, opened as `path` below `parent`, is really another: a symbolic link on the way
 * led elsewhere. A user may put such links into the own hive, and this may run as SYSTEM.
 */
int mh_regkey_check_direct(HKEY parent, HKEY key, const char *path, struct mh_error *err);

/* ---- software.c ---- */

/* HKLM\Software of this machine, its 64-bit view. The keys looked at last stay open until it is closed. */
struct mh_live_software {
    HKEY root;
    HKEY parent;       /* the key whose subkeys, or values of whose subkeys, were asked for last */
    char *parent_path; /* its path; NULL: none is open */
};

struct mh_software mh_live_software(struct mh_live_software *software);
void mh_live_software_close(struct mh_live_software *software);

/* ---- token.c: who runs this, and with which rights ---- */

/* The SID of a token's user, on the heap. */
int mh_token_sid(HANDLE token, char **ret_sid, struct mh_error *err);

/* The SID of the user who runs this process, on the heap. */
int mh_process_sid(char **ret_sid, struct mh_error *err);

/* The privileges to load and unload hives, while they are enabled. */
struct mh_privileges {
    HANDLE token; /* NULL: nothing is enabled */
    struct mh_privilege_set {
        DWORD PrivilegeCount;
        LUID_AND_ATTRIBUTES Privileges[2];
    } before;
};

/* Enables them until they are dropped. MH_ACCESS_DENIED when this process does not have them. */
int mh_privileges_take(struct mh_privileges *ret_privileges, struct mh_error *err);
void mh_privileges_drop(struct mh_privileges *privileges);

/* Enables the privilege to see who runs another's process, if this one has it. */
void mh_privilege_take_debug(struct mh_privileges *ret_privileges);

/* ---- account.c ---- */

int mh_live_account_sid(struct mh_registry *registry, const char *account, char **ret_sid,
                        struct mh_error *err);
int mh_live_sid_account(struct mh_registry *registry, const char *sid, char **ret_account,
                        struct mh_error *err);

/* ---- event.c ---- */

/*
 * Writes one information event to the Application log: whose value was changed, from what, to what, and who
 * asked. See docs/windows.md for its id and strings.
 */
int mh_event_changed(const struct mh_profile *profile, const struct mh_value *before,
                     const struct mh_value *after, struct mh_error *err);

/* ---- mount.c: hives that no user has loaded ---- */

/* The name under HKEY_USERS of a hive that this process loaded. Zero-initialised: none. */
struct mh_mount {
    wchar_t name[64];
};

/*
 * Loads the hive file `path` ("C:\Users\ann\NTUSER.DAT"), which was looked at before, under a name of its
 * own, and makes sure that it is that file which Windows took. Unload it with mh_unmount.
 */
int mh_mount(const char *path, struct mh_mount *ret_mount, struct mh_error *err);

/*
 * Unloads it, again and again for some seconds while somebody else has a key of it open. MH_IN_USE when it is
 * still loaded then; the next run that writes finds it.
 */
int mh_unmount(struct mh_mount *mount, struct mh_error *err);

/*
 * Of `names` below HKEY_USERS, unloads those that a run left which was killed. What was found is told in
 * `warnings`; with `look_only` it is left alone.
 */
int mh_mounts_clean(const struct mh_texts *names, bool look_only, struct mh_texts *warnings,
                    struct mh_error *err);

/* ---- hive.c: one open profile ---- */

extern const struct mh_registry_ops mh_live_ops; /* in live.c */

/* The profile as it is loaded under HKEY_USERS. MH_IN_USE from reading when its user logged off meanwhile. */
int mh_loaded_open(const struct mh_profile *profile, struct mh_hive **ret_hive, struct mh_error *err);

/* The profile's hive file, loaded for this and unloaded by commit or close. */
int mh_mounted_open(const struct mh_profile *profile, struct mh_hive **ret_hive, struct mh_error *err);

/* The slots for both. */
int mh_live_read(struct mh_hive *base, struct mh_value *ret_value, struct mh_error *err);
int mh_live_write(struct mh_hive *base, const struct mh_value *value, struct mh_error *err);
int mh_live_remove(struct mh_hive *base, struct mh_error *err);
int mh_live_commit(struct mh_hive *base, struct mh_error *err);
void mh_live_close(struct mh_hive *base);

/* ---- list.c ---- */

int mh_live_list(struct mh_registry *registry, struct mh_profiles *profiles, struct mh_texts *warnings,
                 struct mh_error *err);

/* ---- live.c ---- */

/* A volume that was looked at. */
struct mh_live_top {
    struct mh_live_top *next;
    char *path; /* "C:\" */
    struct mh_dir *dir;  /* NULL: it cannot be opened, and is not tried for every profile that is on it */
    struct mh_error why;
};

struct mh_live {
    struct mh_registry base;
    struct mh_live_software software;
    SRWLOCK tops_lock; /* who looks for one, or adds one, has it; one that is there stays as it is */
    struct mh_live_top *tops;
    char *policies_path; /* as in mh_profile_list; NULL: the folder is not there */
};

/*
 * The volume that `path` ("C:\Users\ann", "\\server\share\ann") is on, which stays open as long as `live`,
 * and the rest of the path with "/" between names, on the heap. MH_UNSUPPORTED for any other path.
 */
int mh_live_place(struct mh_live *live, const char *path, struct mh_dir **ret_top, char **ret_below,
                  struct mh_error *err);

/* Whether there is a file or folder of that path. */
bool mh_live_is_there(const char *path);

/* Whether a mandatory profile is in the folder. */
bool mh_live_is_mandatory(const char *folder);

#endif
