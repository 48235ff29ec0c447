/* SPDX-License-Identifier: MIT */
#ifndef MH_OFFLINE_LOCATE_H
#define MH_OFFLINE_LOCATE_H

#include "mapihttp/profile.h"
#include "os/file.h"

/*
 * Finds the folder that Windows calls `path` ("C:\Users\ann") below `top`, the volume that it calls
 * `drive` ("C:"): component by component, without regard to case, through no link, never above `top`.
 *
 * *ret_dir is the open folder, *ret_ref its way from `top` as it is really spelled, each component
 * followed by "/" (on the heap). MH_NOT_FOUND when it is not there; MH_UNSUPPORTED when it lies on another
 * volume, leads out of this one, or through a link.
 */
int mh_locate(struct mh_dir *top, const char *drive, const char *path, struct mh_dir **ret_dir,
              char **ret_ref, struct mh_error *err);

/* Windows calls another volume so: the path begins with a drive that is not `drive`. */
bool mh_locate_is_elsewhere(const char *drive, const char *path);

/*
 * The path spelled in one way, on the heap: without "\\?\", one backslash between two components, none at the
 * end, in upper case. Two of one place are the same then. NULL when memory is out.
 */
char *mh_locate_spell(const char *path);

/* What the files of a profile are really called; NULL: there is none. */
struct mh_profile_files {
    char *hive;   /* NTUSER.MAN (a mandatory profile's) or NTUSER.DAT */
    bool both;    /* both are there: Windows takes NTUSER.MAN then */
    char *policy; /* ntuser.pol: what Group Policy wrote for the user */
    enum mh_entry_kind hive_kind;   /* what each is: only a file may be opened */
    enum mh_entry_kind policy_kind;
};

/* Finds them in the profile's folder, in any case. The caller clears them. */
int mh_locate_files(struct mh_dir *dir, struct mh_profile_files *ret_files, struct mh_error *err);
void mh_profile_files_clear(struct mh_profile_files *files);

/* `managed` of struct mh_registry_ops for a profile whose files were found so: mh_managed_read, but of no odd file. */
int mh_offline_managed(struct mh_dir *top, const struct mh_profile *profile, bool *ret_managed, struct mh_error *err);

/* Warns of a profile that has both. Returns 0, or -1 when memory is out. */
int mh_locate_warn_both(const char *path, struct mh_texts *warnings);

#endif
