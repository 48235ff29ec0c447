/* SPDX-License-Identifier: MIT */
#ifndef MH_OS_POSIX_POSIX_H
#define MH_OS_POSIX_POSIX_H

/* What the files of this folder share. */

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#include "os/file.h"

struct mh_dir {
    int fd;
    bool listed; /* its descriptor stands at the end */
};

struct mh_file {
    int fd;
    int dir;          /* a descriptor of its own for the folder */
    char *name;
    struct stat seen; /* when it was opened */
};

/* Sets `result` to what `call` returns; the call is made again as long as a signal cuts it short, which the handlers
 * of whoever embeds this, or a file system in user space, may let happen to any. */
#define MH_AGAIN(result, call)                                                                     \
    do                                                                                             \
        (result) = (call);                                                                         \
    while ((result) < 0 && errno == EINTR)

/*
 * Opens `path`, folders and a name with "/" between them, exactly so spelled, without following any link
 * below `top`. With AT_FDCWD the path is the caller's own word: only its last name must be no link.
 * Returns the descriptor, or -1 with errno.
 */
int mh_open_below(int top, const char *path, int flags);

/*
 * Takes the open file for this process alone: a write lease where the file system has leases (nobody else
 * has it open, and who opens it waits), else an advisory lock. MH_IN_USE when somebody has it just now.
 */
int mh_file_claim(struct mh_file *file, struct mh_error *err);

/* Writes all of the bytes, where the descriptor stands. */
int mh_write_all(int fd, const void *bytes, size_t size, struct mh_error *err);

/* Flushes a file that was just made. */
int mh_flush_file(int fd, struct mh_error *err);

/* Flushes the folder to the device; that its file system flushes no folders is no error. Returns 0, or -1 with
 * errno. */
int mh_flush_folder(int fd);

/* Gives the open file `to` the owner, extended attributes (ACLs among them) and mode of `from`. */
int mh_file_copy_rights(const struct mh_file *from, int to, struct mh_error *err);

#endif
