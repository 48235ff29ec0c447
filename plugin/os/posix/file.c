/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/text.h"
#include "os/posix/native.h"
#include "os/posix/posix.h"

#define TRIES 80 /* of 3 to 9 milliseconds: about half a second */

/* Two who wait for each other must not try again at the same moment for ever. */
static void pause_a_moment(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    unsigned long odd = (unsigned long)now.tv_nsec ^ (unsigned long)getpid() * 7919u;
    const struct timespec moment = {.tv_nsec = 3000000 + (long)(odd % 6000000)};
    nanosleep(&moment, NULL);
}

/*
 * To open a device may be to do something with it, if only to start a watchdog. An NTFS driver makes devices of plain
 * files of users (Interix'), and a file system that was made elsewhere may hold any. A link is told apart by opening
 * it, which the system refuses.
 */
static int refuse_special(const char *path, const char *name, struct mh_error *err)
{
    struct stat seen;
    int looked;
    MH_AGAIN(looked, fstatat(AT_FDCWD, path, &seen, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT));
    if (looked < 0)
        return mh_error_errno(err, errno, "cannot open %s", name);
    if (!S_ISREG(seen.st_mode) && !S_ISLNK(seen.st_mode))
        return mh_error_set(err, MH_UNSUPPORTED, "%s is no plain file", name);
    return MH_OK;
}

/* Without O_NONBLOCK a FIFO or somebody's lease would hold us up; with it a lease says EWOULDBLOCK. */
static int open_plain(int top, const char *path, enum mh_access access)
{
    int flags = (access == MH_WRITE ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_NOCTTY | O_NOATIME;
    int fd = mh_open_below(top, path, flags);
    if (fd < 0 && errno == EPERM) /* not to count as an access is for the file's owner and root */
        fd = mh_open_below(top, path, flags & ~O_NOATIME);
    return fd;
}

/* Who writes also needs the folder, to put another file in place there. */
static int open_folder(struct mh_file *file, int top, const char *path, struct mh_error *err)
{
    const char *name;
    char *folder = mh_path_parent(path, &name);
    int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    if (!folder)
        return mh_error_no_memory(err);
    if (top == AT_FDCWD)
        MH_AGAIN(file->dir, open(folder, flags));
    else
        file->dir = mh_open_below(top, folder, flags);
    int number = errno;
    free(folder);
    if (file->dir < 0)
        return mh_error_errno(err, number, "cannot open the folder of %s", path);
    file->name = mh_text_copy(name);
    return file->name ? MH_OK : mh_error_no_memory(err);
}

static int look(int fd, struct stat *ret_seen)
{
    int looked;
    MH_AGAIN(looked, fstat(fd, ret_seen));
    return looked;
}

static int fill_file(struct mh_file *file, int top, const char *path, enum mh_access access,
                     struct mh_error *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash && slash[1] ? slash + 1 : path;
    int status = top == AT_FDCWD ? refuse_special(path, name, err) : MH_OK;
    if (status != MH_OK)
        return status;
    file->fd = open_plain(top, path, access);
    if (file->fd < 0)
        return mh_error_errno(err, errno, "cannot open %s", name);
    if (look(file->fd, &file->seen) < 0)
        return mh_error_errno(err, errno, "cannot look at %s", name);
    if (!S_ISREG(file->seen.st_mode))
        return mh_error_set(err, MH_UNSUPPORTED, "%s is no plain file", name);
    if (file->seen.st_nlink == 0)
        return mh_error_set(err, MH_IN_USE, "another process replaced %s meanwhile; try again", name);
    if (access == MH_READ)
        return MH_OK;
    status = open_folder(file, top, path, err);
    if (status == MH_OK)
        status = mh_file_claim(file, err);
    if (status == MH_OK && look(file->fd, &file->seen) < 0)
        return mh_error_errno(err, errno, "cannot look at %s", name);
    return status;
}

static int open_once(int top, const char *path, enum mh_access access, struct mh_file **ret_file,
                     struct mh_error *err)
{
    struct mh_file *file = calloc(1, sizeof(*file));
    if (!file)
        return mh_error_no_memory(err);
    file->fd = -1;
    file->dir = -1;
    int status = fill_file(file, top, path, access, err);
    if (status != MH_OK)
        mh_file_close(file);
    else
        *ret_file = file;
    return status;
}

/* While waiting nothing is kept open: that alone would keep another who waits from getting it. */
int mh_file_open(struct mh_dir *top, const char *path, enum mh_access access,
                 struct mh_file **ret_file, struct mh_error *err)
{
    for (int i = 0;; i++) {
        struct mh_error why = {0};
        int status = open_once(top ? top->fd : AT_FDCWD, path, access, ret_file, &why);
        if (status != MH_IN_USE || i == TRIES) {
            if (err && err->status == MH_OK)
                *err = why;
            return status;
        }
        pause_a_moment();
    }
}

void mh_file_close(struct mh_file *file)
{
    if (!file)
        return;
    if (file->fd >= 0)
        close(file->fd);
    if (file->dir >= 0)
        close(file->dir);
    free(file->name);
    free(file);
}

int mh_file_sole(const struct mh_file *file, struct mh_error *err)
{
    if (file->seen.st_nlink > 1)
        return mh_error_set(err, MH_UNSUPPORTED,
                            "it has %lu names (hard links); changing it would change another's file",
                            (unsigned long)file->seen.st_nlink);
    return MH_OK;
}

uint64_t mh_file_size(const struct mh_file *file)
{
    return (uint64_t)file->seen.st_size;
}

int mh_file_read(struct mh_file *file, uint64_t offset, void *buffer, size_t length,
                 struct mh_error *err)
{
    uint8_t *at = buffer;
    while (length > 0) {
        ssize_t got;
        MH_AGAIN(got, pread(file->fd, at, length, (off_t)offset));
        if (got < 0)
            return mh_error_errno(err, errno, "cannot read");
        if (got == 0)
            return mh_error_set(err, MH_IN_USE, "it became shorter while it was read; try again");
        at += got;
        offset += (uint64_t)got;
        length -= (size_t)got;
    }
    return MH_OK;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           same_time(&a->st_mtim, &b->st_mtim) && same_time(&a->st_ctim, &b->st_ctim);
}

int mh_file_unchanged(struct mh_file *file, struct mh_error *err)
{
    struct stat now;
    int looked = look(file->fd, &now);
    bool same = looked == 0 && same_file(&now, &file->seen);
    if (same && file->name) {
        MH_AGAIN(looked, fstatat(file->dir, file->name, &now, AT_SYMLINK_NOFOLLOW));
        same = looked == 0 && same_file(&now, &file->seen);
    }
    if (looked < 0 && errno != ENOENT)
        return mh_error_errno(err, errno, "cannot look at the file again");
    if (!same)
        return mh_error_set(err, MH_IN_USE, "another process changed it meanwhile; try again");
    return MH_OK;
}

#define PATCH_MAX 16u

static int put_and_flush(int fd, uint64_t offset, const void *bytes, size_t size, struct mh_error *err)
{
    const uint8_t *at = bytes;
    int flushed;
    while (size > 0) {
        ssize_t put;
        MH_AGAIN(put, pwrite(fd, at, size, (off_t)offset));
        if (put <= 0)
            return mh_error_errno(err, put < 0 ? errno : ENOSPC, "cannot write");
        at += put;
        offset += (uint64_t)put;
        size -= (size_t)put;
    }
    MH_AGAIN(flushed, fdatasync(fd));
    if (flushed < 0)
        return mh_error_errno(err, errno, "cannot flush to the device");
    return MH_OK;
}

int mh_file_patch(struct mh_file *file, uint64_t offset, const void *bytes, size_t size,
                  struct mh_error *err)
{
    uint8_t old[PATCH_MAX];
    int status = size <= sizeof(old) ? MH_OK : mh_error_set(err, MH_INTERNAL, "too much for a patch");
    if (status == MH_OK)
        status = mh_file_read(file, offset, old, size, err);
    if (status == MH_OK)
        status = mh_file_unchanged(file, err);
    if (status != MH_OK)
        return status;
    status = put_and_flush(file->fd, offset, bytes, size, err);
    /* What failed must not be read as done by whoever looks before the device is asked again. */
    if (status != MH_OK && put_and_flush(file->fd, offset, old, size, NULL) != MH_OK)
        mh_error_wrap(err, "what it held before could not be put back");
    return status;
}
