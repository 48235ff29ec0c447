/* SPDX-License-Identifier: MIT */
#ifndef MH_OS_WINDOWS_WIN_H
#define MH_OS_WINDOWS_WIN_H

/*
 * What the files of this folder share. Windows's own way to open a name in a folder that is already open
 * is NtCreateFile, so that is what all is opened by: no path is looked up twice, and nobody can put a link
 * where a folder was.
 */

#define WIN32_NO_STATUS
#include <windows.h>
#undef WIN32_NO_STATUS
#include <ntstatus.h>
#include <winternl.h>

#include "os/file.h"

#define MH_SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

struct mh_dir {
    HANDLE handle;
};

/* A name in an open folder. */
struct mh_place {
    HANDLE folder;  /* NULL: the name is a whole path, as the kernel spells it */
    bool borrowed;  /* the folder belongs to a struct mh_dir */
    bool any_case;  /* else exactly so spelled, where the system tells the difference */
    wchar_t *name;  /* on the heap */
};

/* What tells that a file is still the same and unchanged. */
struct mh_seen {
    uint64_t file;
    uint64_t size;
    uint64_t created;
    uint64_t written;
    uint64_t changed; /* its attributes and rights, too; 0 where the file system keeps no such time */
    uint32_t links;   /* 0: it is being deleted */
    uint32_t attributes;
    uint32_t ea_size;
};

struct mh_file {
    HANDLE handle;         /* NULL once it was replaced */
    struct mh_place place; /* where it is; only of one that is open for writing */
    struct mh_seen seen;   /* when it was opened */
};

/*
 * Where `path` leads below `top`: all but its last name are opened, none of them may be a link. With `top`
 * NULL it is the caller's own path, whose folders may be links. MH_UNSUPPORTED when a name is one that
 * could lead elsewhere: "..", or one with ":" or "\" in it.
 */
int mh_place_find(struct mh_dir *top, const char *path, struct mh_place *ret_place, struct mh_error *err);
void mh_place_clear(struct mh_place *place);

/*
 * Opens (makes) what the place names, for synchronous use; `options` are those of NtCreateFile. Returns an
 * NTSTATUS; the caller closes the handle.
 */
NTSTATUS mh_place_open(const struct mh_place *place, ACCESS_MASK access, ULONG share, ULONG options,
                       HANDLE *ret_handle);
NTSTATUS mh_place_create(const struct mh_place *place, ACCESS_MASK access, ULONG options, HANDLE *ret_handle);

/* Deletes the open file, or empty folder, when it is closed. Returns an NTSTATUS. */
NTSTATUS mh_mark_deleted(HANDLE handle);

/* Calls what is open `name` in `folder`; `call` and `flags` say what may be replaced by that. Returns an NTSTATUS. */
NTSTATUS mh_rename(HANDLE handle, HANDLE folder, const wchar_t *name, FILE_INFORMATION_CLASS call, ULONG flags);

/* Writes all of the bytes, where the handle stands. */
int mh_write_all(HANDLE handle, const void *bytes, size_t size, struct mh_error *err);

/* Opens the same file or folder once more, with other rights. Returns an NTSTATUS. */
NTSTATUS mh_open_again(HANDLE handle, ACCESS_MASK access, HANDLE *ret_handle);

/* Opens a folder, which must be no link; `shown` is what the error calls it. */
int mh_place_open_folder(const struct mh_place *place, const char *shown, ACCESS_MASK access,
                         HANDLE *ret_handle, struct mh_error *err);

/* MH_UNSUPPORTED: `shown` is a link. */
int mh_error_link(struct mh_error *err, const char *shown);

/* Opens the folder that the caller calls so, through links if there are any. */
int mh_path_open_folder(const char *path, ACCESS_MASK access, HANDLE *ret_handle, struct mh_error *err);

/* What is there: nobody is in the way of that, nor it in anybody's. Returns an NTSTATUS. */
NTSTATUS mh_place_look(const struct mh_place *place, struct mh_seen *ret_seen);
NTSTATUS mh_seen_look(HANDLE handle, struct mh_seen *ret_seen);
bool mh_seen_same(const struct mh_seen *a, const struct mh_seen *b);

/* Gives the open file `to` the owner, group, access list, label and (where this process may) the audit
 * list of `from`. */
int mh_file_copy_rights(HANDLE from, HANDLE to, struct mh_error *err);

/*
 * What belongs to a file beside its bytes. mh_file_check_kept: MH_UNSUPPORTED when it has what cannot be
 * kept (encryption, further streams, extended attributes). mh_file_copy_kind, before anything is written:
 * compression. mh_file_copy_attributes, afterwards: attributes, and when it was made.
 */
int mh_file_check_kept(const struct mh_file *file, struct mh_error *err);
int mh_file_copy_kind(const struct mh_file *from, HANDLE to, struct mh_error *err);
int mh_file_copy_attributes(const struct mh_file *from, HANDLE to, struct mh_error *err);

/* Opens a file that is to be written: nobody else has it open, and until it is closed nobody can open it
 * but to rename or delete it, which putting another one in its place needs. Returns an NTSTATUS. */
NTSTATUS mh_file_claim(const struct mh_place *place, HANDLE *ret_handle);

/* A few milliseconds, and not always as many: two who wait for each other must not meet again for ever. */
void mh_pause_a_moment(void);

#endif
