/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <time.h>

#include "os/posix/native.h"
#include "os/posix/posix.h"

#define TRIES 100

void mh_pause(void)
{
    const struct timespec moment = {.tv_nsec = 5000000};
    nanosleep(&moment, NULL);
}

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

/* True when leases are not to be had here, false when somebody has the file open. */
static bool no_leases(int number)
{
    return number != EAGAIN && number != EBUSY;
}

int mh_file_claim(struct mh_file *file, struct mh_error *err)
{
    for (int i = 0; i < TRIES; i++) {
        if (take_lease(file->fd) == 0)
            return MH_OK;
        if (no_leases(errno) && flock(file->fd, LOCK_EX | LOCK_NB) == 0)
            return MH_OK;
        if (errno != EAGAIN && errno != EBUSY && errno != EINTR)
            return mh_error_errno(err, errno, "cannot lock %s", file->name);
        mh_pause();
    }
    return mh_error_set(err, MH_IN_USE,
                        "another process has %s open; close it (log the user off, stop the backup) and "
                        "try again",
                        file->name);
}
