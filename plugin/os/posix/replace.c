/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/text.h"
#include "os/posix/native.h"
#include "os/posix/posix.h"

#define CHUNK (64u << 10)

int mh_write_all(int fd, const void *bytes, size_t size, struct mh_error *err)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        ssize_t put;
        MH_AGAIN(put, write(fd, at, size));
        if (put <= 0)
            return mh_error_errno(err, put < 0 ? errno : ENOSPC, "cannot write the new file");
        at += put;
        size -= (size_t)put;
    }
    return MH_OK;
}

static int copy_tail(struct mh_file *file, int to, uint64_t tail, struct mh_error *err)
{
    uint8_t *chunk = malloc(CHUNK);
    int status = chunk ? MH_OK : mh_error_no_memory(err);
    while (status == MH_OK && tail < mh_file_size(file)) {
        uint64_t left = mh_file_size(file) - tail;
        size_t length = left < CHUNK ? (size_t)left : CHUNK;
        status = mh_file_read(file, tail, chunk, length, err);
        if (status == MH_OK)
            status = mh_write_all(to, chunk, length, err);
        tail += length;
    }
    free(chunk);
    return status;
}

static int make_new(struct mh_file *file, const char *new_name, int *ret_fd, struct mh_error *err)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    int removed;
    int fd;
    MH_AGAIN(removed, unlinkat(file->dir, new_name, 0));
    if (removed < 0 && errno != ENOENT)
        return mh_error_errno(err, errno, "cannot remove %s, left by another run", new_name);
    MH_AGAIN(fd, openat(file->dir, new_name, flags, 0600));
    if (fd < 0)
        return mh_error_errno(err, errno, "cannot make %s", new_name);
    *ret_fd = fd;
    return MH_OK;
}

static int fill_new(struct mh_file *file, int fd, const void *bytes, size_t size, uint64_t tail,
                    struct mh_error *err)
{
    int status = mh_write_all(fd, bytes, size, err);
    if (status == MH_OK)
        status = copy_tail(file, fd, tail, err);
    if (status == MH_OK)
        status = mh_file_copy_rights(file, fd, err);
    return status == MH_OK ? mh_flush_file(fd, err) : status;
}

/* Where locks do not hold, another run may have put its own file there, half written. */
static int check_ours(const struct mh_file *file, const char *name, int fd, struct mh_error *err)
{
    struct stat ours = {0};
    struct stat there = {0};
    int looked;
    MH_AGAIN(looked, fstat(fd, &ours));
    if (looked == 0)
        MH_AGAIN(looked, fstatat(file->dir, name, &there, AT_SYMLINK_NOFOLLOW));
    if (looked < 0 && errno != ENOENT)
        return mh_error_errno(err, errno, "cannot look at the new file");
    if (looked < 0 || there.st_dev != ours.st_dev || there.st_ino != ours.st_ino)
        return mh_error_set(err, MH_IN_USE, "another process took %s away; try again", name);
    return MH_OK;
}

static int put_in_place(struct mh_file *file, const char *new_name, int fd, struct mh_error *err)
{
    int status = check_ours(file, new_name, fd, err);
    /* Last of all: what comes between this look and the renaming, nothing can tell. */
    if (status == MH_OK)
        status = mh_file_unchanged(file, err);
    if (status != MH_OK)
        return status;
    int renamed;
    MH_AGAIN(renamed, renameat(file->dir, new_name, file->dir, file->name));
    int number = errno;
    /* A server's answer may be lost when it was done. */
    if (renamed < 0 && check_ours(file, file->name, fd, NULL) != MH_OK)
        return mh_error_errno(err, number, "cannot put the new file in place");
    return MH_OK;
}

static void remove_new(const struct mh_file *file, const char *new_name, int fd)
{
    if (check_ours(file, new_name, fd, NULL) == MH_OK) {
        int removed;
        MH_AGAIN(removed, unlinkat(file->dir, new_name, 0));
    }
}

int mh_flush_file(int fd, struct mh_error *err)
{
    int flushed;
    MH_AGAIN(flushed, fsync(fd));
    return flushed == 0 ? MH_OK : mh_error_errno(err, errno, "cannot flush the new file to the device");
}

/* Some file systems flush no folders, and say so. */
int mh_flush_folder(int fd)
{
    int flushed;
    MH_AGAIN(flushed, fsync(fd));
    bool done = flushed == 0 || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP;
    return done ? 0 : -1;
}

int mh_file_replace(struct mh_file *file, const void *bytes, size_t size, uint64_t tail,
                    struct mh_error *err)
{
    int fd = -1;
    char *new_name = mh_text_format("%s.mapihttp-new", file->name);
    if (!new_name)
        return mh_error_no_memory(err);
    int status = make_new(file, new_name, &fd, err);
    if (status == MH_OK) {
        status = fill_new(file, fd, bytes, size, tail, err);
        if (status == MH_OK)
            status = put_in_place(file, new_name, fd, err);
        if (status != MH_OK)
            remove_new(file, new_name, fd);
        close(fd);
    }
    free(new_name);
    if (status == MH_OK && mh_flush_folder(file->dir) < 0)
        status = mh_error_errno(err, errno, "the new file is in place, but cannot flush its folder");
    return status;
}
