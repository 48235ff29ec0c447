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

/*
 * What the hive of the profile folder `dir` is called, on the heap: NTUSER.MAN (a mandatory profile's)
 * or NTUSER.DAT, in any case; NULL when there is neither. *ret_both tells that both are there: Windows
 * takes NTUSER.MAN then.
 */
int mh_locate_hive(struct mh_dir *dir, char **ret_name, bool *ret_both, struct mh_error *err);

/* Warns of a profile that has both. Returns 0, or -1 when memory is out. */
int mh_locate_warn_both(const char *path, struct mh_texts *warnings);

#endif
