/* SPDX-License-Identifier: MIT */
#ifndef MH_OUTLOOK_OUTLOOK_H
#define MH_OUTLOOK_OUTLOOK_H

#include "mapihttp/outlook.h"
#include "registry/software.h"

/*
 * What Outlook is installed, and for whom it runs. Nothing here changes, starts or ends anything.
 */

/*
 * The version of the program at `path`, "15.0.4569.1503", on the heap; NULL where it cannot be told. Windows only.
 * *ret_there is false where it is known that there is no such file. Only files on a drive of this machine
 * ("C:\...") are looked at. Fails only when memory is out.
 */
int mh_file_version(const char *path, bool *ret_there, char **ret_version, struct mh_error *err);

/*
 * Looks up what Outlooks are installed: `installs` and `installs_known`, set only when this returns MH_OK.
 * Office 2007 to now, of both kinds, 32- and 64-bit.
 *
 * `file_version` is asked for the versions of those that the registry tells no version of (installed by
 * Windows Installer), and whether they are there: mh_file_version for the running Windows. It is NULL where
 * the paths that the registry names are not this machine's: of a mounted volume.
 *
 * Office by Click-to-Run need not have Outlook in it. It has when it says where its Outlook is; else unless
 * all its products are without one, or were installed with Outlook excluded.
 */
int mh_outlook_installed(const struct mh_software *software,
                         int (*file_version)(const char *path, bool *ret_there, char **ret_version,
                                             struct mh_error *err),
                         struct mh_outlook *outlook, struct mh_error *err);

/*
 * Looks up for whom an OUTLOOK.EXE runs: `processes` and `running_known`. An Outlook whose owner this account
 * may not know leaves running_known false. One look at the processes when none runs. Windows only.
 */
int mh_outlook_running(struct mh_outlook *outlook, struct mh_error *err);

/* Adds an install where its version belongs. Returns 0, or -1 when memory is out. */
int mh_outlook_add_install(struct mh_outlook *outlook, const char *version, enum mh_outlook_kind kind);

#endif
