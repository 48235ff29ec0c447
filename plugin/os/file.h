/* SPDX-License-Identifier: MIT */
#ifndef MH_OS_FILE_H
#define MH_OS_FILE_H

/*
 * Folders and files as this tool needs them: below a folder that the caller named, nothing is reached
 * through a link, and a file is opened only if it is a plain one with one name. Names and paths are UTF-8
 * as far as they are text; on POSIX any bytes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapihttp/error.h"
#include "mapihttp/registry.h"

struct mh_dir;
struct mh_file;

enum mh_entry_kind { MH_ENTRY_FOLDER, MH_ENTRY_FILE, MH_ENTRY_OTHER };

struct mh_entry {
    char *name;
    enum mh_entry_kind kind; /* a link is MH_ENTRY_OTHER */
};

struct mh_entries {
    struct mh_entry *items;
    size_t count;
    size_t capacity;
};

/* Opens the folder `path`, through links if there are any: it is the caller's own word. */
int mh_dir_open(const char *path, struct mh_dir **ret_dir, struct mh_error *err);

/*
 * Opens the folder `path` ("/" between names that are spelled exactly so) below `top`; "." is `top` itself,
 * opened once more. MH_UNSUPPORTED when a link is anywhere in it, or (on Windows) a name that could lead
 * elsewhere: "..", or one with ":" or "\" in it.
 */
int mh_dir_enter(struct mh_dir *top, const char *path, struct mh_dir **ret_dir, struct mh_error *err);

/* Takes NULL. */
void mh_dir_close(struct mh_dir *dir);

/* All that is in the folder but "." and "..", sorted by name (byte order). Not for two
 * threads at once on the same folder. */
int mh_dir_list(struct mh_dir *dir, struct mh_entries *ret_entries, struct mh_error *err);

/* The same, but of a folder of somebody's own, who may have put any number of files there: only what is called like
 * one of the `count` names, in any case. */
int mh_dir_pick(struct mh_dir *dir, const char *const *names, size_t count, struct mh_entries *ret_entries,
                struct mh_error *err);
void mh_entries_clear(struct mh_entries *entries);
void mh_entries_sort(struct mh_entries *entries);

/* `name` is like one of the names, in any case; with `names` NULL every name is. */
bool mh_entry_is_wanted(const char *name, const char *const *names, size_t count);

/*
 * The entry called `name`: exactly so where there is one, else the one that differs only in case.
 * *ret_entry points into `entries`, NULL when there is none. MH_UNSUPPORTED when several differ only in
 * case and none is exact: which one Windows would take cannot be known.
 */
int mh_entries_find(const struct mh_entries *entries, const char *name,
                    const struct mh_entry **ret_entry, struct mh_error *err);

/*
 * What `name` in the folder really is called (on the heap; NULL when there is nothing) and what it is: as
 * mh_entries_find, but the folder is listed only when nothing is called exactly so.
 */
int mh_dir_find(struct mh_dir *dir, const char *name, char **ret_name, enum mh_entry_kind *ret_kind,
                struct mh_error *err);

/* MH_UNSUPPORTED unless `kind`, of what a list calls `name`, is MH_ENTRY_FILE. */
int mh_entry_check_file(const char *name, enum mh_entry_kind kind, struct mh_error *err);

/* What `name` in the folder, exactly so spelled where the system tells case apart, is; *ret_found is false
 * when it is not there. */
void mh_dir_look(struct mh_dir *dir, const char *name, enum mh_entry_kind *ret_kind, bool *ret_found);

/*
 * Makes the folder `path` (as mh_dir_enter takes it) below `top`; only its last name is made. MH_IN_USE when there is
 * something of that name; MH_INVALID for a name that the system does not let everybody use (Windows: "con", "x.").
 */
int mh_dir_make(struct mh_dir *top, const char *path, struct mh_error *err);

/* Calls the folder `name` in `dir` otherwise. An empty folder called `to` gives way; nothing else does. On POSIX it is
 * on the device when this returns MH_OK; on Windows the volume's journal sees to that. */
int mh_dir_rename(struct mh_dir *dir, const char *name, const char *to, struct mh_error *err);

/* Removes the file or the empty folder `path` below `top`, where that can be done. */
void mh_dir_remove(struct mh_dir *top, const char *path);

/* What tells one file from another, however they are spelled. */
struct mh_identity {
    uint64_t device;
    uint64_t file;
};

/* The identity of what `path` names; *ret_found is false when nothing does. */
void mh_path_identity(const char *path, struct mh_identity *ret_identity, bool *ret_found);

/* Splits `path` at its last separator: the folder ("." when there is none) on the heap, and the name
 * within `path`. NULL when memory is out. */
char *mh_path_parent(const char *path, const char **ret_name);

/* `folder` and `name` with the system's separator between them, on the heap; NULL when memory is out. */
char *mh_path_join(const char *folder, const char *name);

/*
 * Opens the file `path` below `top`, as mh_dir_enter takes it; with `top` NULL it is a path of the
 * caller's, whose folders may be links. `top` must outlive the file. MH_UNSUPPORTED when it is a link
 * or no plain file. To open a device may be to do something with it: below `top` only what a list of its folder, or
 * mh_dir_look, says is MH_ENTRY_FILE may be given to this; a path of the caller's is looked at here.
 * With MH_WRITE nobody else may have it open (MH_IN_USE), and
 * as far as the system can be asked for it, nobody can open it until it is closed.
 */
int mh_file_open(struct mh_dir *top, const char *path, enum mh_access access,
                 struct mh_file **ret_file, struct mh_error *err);

/*
 * Makes the file `path` below `top`, as mh_dir_make makes a folder, with these bytes, and flushes it to the device.
 * After a failure a part of it may be there.
 */
int mh_file_make(struct mh_dir *top, const char *path, const void *bytes, size_t size, struct mh_error *err);
void mh_file_close(struct mh_file *file);

/* MH_UNSUPPORTED when the file has several names (hard links): it may be somebody else's too. */
int mh_file_sole(const struct mh_file *file, struct mh_error *err);

/* Its size in bytes when it was opened. */
uint64_t mh_file_size(const struct mh_file *file);

/* Reads exactly `length` bytes. MH_IN_USE when the file ends before that: it became shorter meanwhile. */
int mh_file_read(struct mh_file *file, uint64_t offset, void *buffer, size_t length,
                 struct mh_error *err);

/* MH_IN_USE when the file was written or replaced since it was opened. */
int mh_file_unchanged(struct mh_file *file, struct mh_error *err);

/*
 * Overwrites `size` bytes (few, within one sector) in place and flushes them to the device. Checks that
 * the file is unchanged before. After a failure the old bytes are put back; the message says so when that fails, too.
 */
int mh_file_patch(struct mh_file *file, uint64_t offset, const void *bytes, size_t size,
                  struct mh_error *err);

/*
 * Replaces the file by one that holds `size` bytes and then what the old one holds from `tail` on: all
 * or nothing. The new file has the old one's owner, mode, ACLs and extended attributes, and is on the
 * device when this returns MH_OK; MH_UNSUPPORTED, before anything is written, when it has something that
 * would be lost (on Windows: encryption, further data streams, extended attributes). It is made beside the
 * old one as NAME.mapihttp-new, which is gone afterwards; one that a killed run left there is replaced.
 * Checks that the old file is unchanged before.
 */
int mh_file_replace(struct mh_file *file, const void *bytes, size_t size, uint64_t tail,
                    struct mh_error *err);

#endif
