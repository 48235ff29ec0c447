/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "os/posix/native.h"
#include "os/posix/posix.h"

/*
 * The folder that `path` is in, and its name there. Returns a descriptor, or -1 with errno. No memory is asked for:
 * what was made must go also where there is none.
 */
static int open_parent(const struct mh_dir *top, const char *path, const char **ret_name)
{
    char folder[PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    if (length >= sizeof(folder)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (slash) {
        memcpy(folder, path, length);
        folder[length] = '\0';
    }
    *ret_name = slash ? slash + 1 : path;
    return mh_open_below(top->fd, folder, O_RDONLY | O_DIRECTORY);
}

static int explain(int number, const char *path, struct mh_error *err)
{
    if (number == EEXIST)
        return mh_error_native(err, MH_IN_USE, number, "%s is there already", path);
    return mh_error_errno(err, number, "cannot make %s", path);
}

int mh_dir_make(struct mh_dir *top, const char *path, struct mh_error *err)
{
    const char *name;
    int fd = open_parent(top, path, &name);
    int made = -1;
    if (fd >= 0)
        MH_AGAIN(made, mkdirat(fd, name, 0777));
    int number = made < 0 || mh_flush_folder(fd) < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    return number == 0 ? MH_OK : explain(number, path, err);
}

static int make_file(const struct mh_dir *top, const char *path, int *ret_fd, struct mh_error *err)
{
    const char *name;
    int parent = open_parent(top, path, &name);
    int fd = -1;
    if (parent >= 0)
        MH_AGAIN(fd, openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
    int number = fd < 0 || mh_flush_folder(parent) < 0 ? errno : 0;
    if (parent >= 0)
        close(parent);
    if (number != 0) {
        if (fd >= 0)
            close(fd);
        return explain(number, path, err);
    }
    *ret_fd = fd;
    return MH_OK;
}

int mh_file_make(struct mh_dir *top, const char *path, const void *bytes, size_t size, struct mh_error *err)
{
    int fd = -1;
    int status = make_file(top, path, &fd, err);
    if (status != MH_OK)
        return status;
    status = mh_write_all(fd, bytes, size, err);
    if (status == MH_OK)
        status = mh_flush_file(fd, err);
    close(fd);
    return status;
}

static bool is_called(int dir, const char *name, const struct stat *what)
{
    struct stat there;
    int looked;
    MH_AGAIN(looked, fstatat(dir, name, &there, AT_SYMLINK_NOFOLLOW));
    return looked == 0 && there.st_dev == what->st_dev && there.st_ino == what->st_ino;
}

int mh_dir_rename(struct mh_dir *dir, const char *name, const char *to, struct mh_error *err)
{
    struct stat before;
    int looked;
    int renamed;
    MH_AGAIN(looked, fstatat(dir->fd, name, &before, AT_SYMLINK_NOFOLLOW));
    MH_AGAIN(renamed, renameat(dir->fd, name, dir->fd, to));
    int number = errno;
    /* A server's answer may be lost when it was done. */
    if (renamed < 0 && (looked < 0 || !is_called(dir->fd, to, &before)))
        return mh_error_errno(err, number, "cannot put %s in place", to);
    if (mh_flush_folder(dir->fd) < 0)
        return mh_error_errno(err, errno, "%s is in place, but cannot flush its folder", to);
    return MH_OK;
}

void mh_dir_remove(struct mh_dir *top, const char *path)
{
    const char *name;
    int fd = open_parent(top, path, &name);
    if (fd < 0)
        return;
    int removed;
    MH_AGAIN(removed, unlinkat(fd, name, 0));
    if (removed < 0)
        MH_AGAIN(removed, unlinkat(fd, name, AT_REMOVEDIR));
    close(fd);
}
