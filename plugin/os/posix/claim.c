/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>

#include "os/posix/native.h"
#include "os/posix/posix.h"

/*
 * Who opens a leased file makes the kernel signal the holder, by SIGIO, which kills. SIGURG is ignored
 * unless somebody wants it, and we are about to close the file anyway.
 */
static int take_lease(int fd)
{
    if (fcntl(fd, F_SETSIG, SIGURG) < 0)
        return -1;
    return fcntl(fd, F_SETLEASE, F_WRLCK);
}

/* Somebody has the file, or the call was cut short: worth another try. */
static bool may_pass(int number)
{
    return number == EAGAIN || number == EBUSY || number == EINTR;
}

int mh_file_claim(struct mh_file *file, struct mh_error *err)
{
    if (take_lease(file->fd) == 0)
        return MH_OK;
    if (!may_pass(errno) && flock(file->fd, LOCK_EX | LOCK_NB) == 0)
        return MH_OK;
    if (!may_pass(errno))
        return mh_error_errno(err, errno, "cannot lock %s", file->name);
    return mh_error_set(err, MH_IN_USE,
                        "another process has %s open; close it (log the user off, stop the backup) and "
                        "try again",
                        file->name);
}
