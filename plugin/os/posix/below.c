/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/posix/posix.h"

static bool is_link(int dir, const char *name)
{
    struct stat seen;
    int looked;
    MH_AGAIN(looked, fstatat(dir, name, &seen, AT_SYMLINK_NOFOLLOW));
    return looked == 0 && S_ISLNK(seen.st_mode);
}

/* The same without openat2 (before Linux 5.6, or where a sandbox forbids it): folder by folder. */
static int walk(int top, const char *path, int flags)
{
    char name[NAME_MAX + 1];
    int dir = top;
    int fd = -1;
    for (;;) {
        size_t length = strcspn(path, "/");
        bool last = path[length] == '\0';
        if (length > NAME_MAX) {
            errno = ENAMETOOLONG;
            break;
        }
        memcpy(name, path, length);
        name[length] = '\0';
        MH_AGAIN(fd, openat(dir, name, last ? flags : O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
        if (fd < 0 && errno == ENOTDIR && is_link(dir, name))
            errno = ELOOP;
        if (last || fd < 0)
            break;
        if (dir != top)
            close(dir);
        dir = fd;
        path += length + 1;
    }
    int number = errno;
    if (dir != top)
        close(dir);
    errno = number;
    return fd;
}

/* Of a link that should be a folder openat2 says that it is no folder. */
static bool is_through_link(int top, const char *path)
{
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
    long fd;
    MH_AGAIN(fd, syscall(SYS_openat2, top, path, &how, sizeof(how)));
    if (fd < 0)
        return errno == ELOOP;
    close((int)fd);
    return false;
}

int mh_open_below(int top, const char *path, int flags)
{
    struct open_how how = {.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC | O_NOFOLLOW),
                           .resolve = RESOLVE_NO_SYMLINKS};
    long fd;
    if (top == AT_FDCWD) {
        MH_AGAIN(fd, openat(top, path, flags | O_CLOEXEC | O_NOFOLLOW));
        return (int)fd;
    }
    MH_AGAIN(fd, syscall(SYS_openat2, top, path, &how, sizeof(how)));
    /* Of a sandbox EPERM is the answer too; the walk then says whether it was the file's. */
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return walk(top, path, flags | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOTDIR)
        errno = is_through_link(top, path) ? ELOOP : ENOTDIR;
    return (int)fd;
}
