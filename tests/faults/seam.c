/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "faults/seam.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "faults/disk.h"

#define CALLS_MAX 4096
#define SEAM_NOW 1750000000 /* seconds since 1970 */

static struct {
    bool armed;
    const struct seam_fault *faults; /* those that are still to come */
    size_t left;
    unsigned lacking;
    size_t count;
    struct seam_call calls[CALLS_MAX];
} seam;

void seam_begin(const struct seam_fault *faults, size_t count, unsigned lacking)
{
    seam.armed = true;
    seam.faults = faults;
    seam.left = count;
    seam.lacking = lacking;
    seam.count = 0;
}

size_t seam_end(void)
{
    seam.armed = false;
    return seam.count;
}

const struct seam_call *seam_at(size_t place)
{
    return &seam.calls[place];
}

/* What is to become of one call. */
struct turn {
    bool refused;
    bool half;
    bool deceived;
    bool dies; /* once it is done */
    int number;
};

static struct turn take(const struct seam_fault *fault)
{
    struct turn turn = {.number = fault->number};
    if (fault->action == SEAM_KILL_BEFORE)
        _exit(SEAM_KILLED);
    turn.refused = fault->action == SEAM_FAIL;
    turn.half = fault->action == SEAM_HALF || fault->action == SEAM_KILL_HALFWAY;
    turn.deceived = fault->action == SEAM_DECEIVE;
    turn.dies = fault->action == SEAM_KILL_AFTER || fault->action == SEAM_KILL_HALFWAY;
    return turn;
}

static struct turn enter(const char *name, unsigned traits, size_t size)
{
    struct turn turn = {0};
    if (!seam.armed)
        return turn;
    if (seam.count == CALLS_MAX) {
        fprintf(stderr, "faults: a run of more calls than the seam can count\n");
        abort();
    }
    seam.calls[seam.count] = (struct seam_call){.name = name, .traits = traits, .size = size};
    if (seam.left > 0 && seam.faults->at == seam.count) {
        disk_parted();
        turn = take(seam.faults);
        seam.faults++;
        seam.left--;
    }
    seam.count++;
    if (turn.refused)
        errno = turn.number;
    return turn;
}

static bool lacks(unsigned what)
{
    return seam.armed && (seam.lacking & what);
}

/* The call has been made and said `result`; errno is its own. */
static long leave(const struct turn *turn, long result)
{
    if (turn->dies)
        _exit(SEAM_KILLED);
    if (!turn->deceived || result < 0)
        return result;
    errno = turn->number;
    return -1;
}

static size_t part(const struct turn *turn, size_t size)
{
    return turn->half ? (size + 1) / 2 : size;
}

/* As the linker calls what it wraps: __wrap_X is called for X, __real_X is the C library's. */
#define SEAM_CALL(type, name, ...)                                                                                     \
    extern type __real_##name(__VA_ARGS__);                                                                            \
    extern type __wrap_##name(__VA_ARGS__);                                                                            \
    type __wrap_##name(__VA_ARGS__)

static int opened(const struct turn *turn, int dir, const char *path, int flags, int fd)
{
    if (fd >= 0)
        disk_opened(dir, path, flags, fd);
    int result = (int)leave(turn, fd);
    if (result < 0 && fd >= 0) {
        int number = errno;
        (void)syscall(SYS_close, fd);
        errno = number;
    }
    return result;
}

static unsigned open_traits(int flags)
{
    return SEAM_OPENS | ((flags & O_CREAT) ? SEAM_CHANGES : 0u);
}

/* Who makes a file gives its mode, others nothing. */
#define MODE_OF(mode, flags)                                                                                           \
    if ((flags) & O_CREAT) {                                                                                           \
        va_list args;                                                                                                  \
        va_start(args, flags);                                                                                         \
        (mode) = va_arg(args, mode_t);                                                                                 \
        va_end(args);                                                                                                  \
    }

SEAM_CALL(int, open, const char *path, int flags, ...)
{
    mode_t mode = 0;
    MODE_OF(mode, flags)
    struct turn turn = enter("open", open_traits(flags), 0);
    return turn.refused ? -1 : opened(&turn, AT_FDCWD, path, flags, __real_open(path, flags, mode));
}

SEAM_CALL(int, openat, int dir, const char *path, int flags, ...)
{
    mode_t mode = 0;
    MODE_OF(mode, flags)
    struct turn turn = enter("openat", open_traits(flags), 0);
    return turn.refused ? -1 : opened(&turn, dir, path, flags, __real_openat(dir, path, flags, mode));
}

SEAM_CALL(int, __open_2, const char *path, int flags)
{
    struct turn turn = enter("open", open_traits(flags), 0);
    return turn.refused ? -1 : opened(&turn, AT_FDCWD, path, flags, __real___open_2(path, flags));
}

SEAM_CALL(int, __openat_2, int dir, const char *path, int flags)
{
    struct turn turn = enter("openat", open_traits(flags), 0);
    return turn.refused ? -1 : opened(&turn, dir, path, flags, __real___openat_2(dir, path, flags));
}

SEAM_CALL(long, syscall, long number, ...)
{
    va_list args;
    va_start(args, number);
    if (number == SYS_close) { /* the seam's own */
        int fd = va_arg(args, int);
        va_end(args);
        return __real_syscall(number, fd);
    }
    if (number != SYS_openat2) {
        fprintf(stderr, "faults: the seam does not know system call %ld\n", number);
        abort();
    }
    int dir = va_arg(args, int);
    const char *path = va_arg(args, const char *);
    struct open_how *how = va_arg(args, struct open_how *);
    size_t size = va_arg(args, size_t);
    va_end(args);
    struct turn turn = enter("openat2", open_traits((int)how->flags), 0);
    if (turn.refused)
        return -1;
    if (lacks(SEAM_NO_OPENAT2)) {
        errno = ENOSYS;
        return leave(&turn, -1);
    }
    return opened(&turn, dir, path, (int)how->flags, (int)__real_syscall(number, dir, path, how, size));
}

/* The descriptor is gone in any case, as on Linux. */
SEAM_CALL(int, close, int fd)
{
    struct turn turn = enter("close", 0, 0);
    int closed = __real_close(fd);
    if (turn.refused) {
        errno = turn.number;
        return -1;
    }
    return (int)leave(&turn, closed);
}

SEAM_CALL(ssize_t, pread, int fd, void *buffer, size_t size, off_t offset)
{
    struct turn turn = enter("pread", SEAM_READS, size);
    return turn.refused ? -1 : leave(&turn, __real_pread(fd, buffer, part(&turn, size), offset));
}

SEAM_CALL(ssize_t, pwrite, int fd, const void *bytes, size_t size, off_t offset)
{
    struct turn turn = enter("pwrite", SEAM_WRITES, size);
    if (turn.refused)
        return -1;
    ssize_t put = __real_pwrite(fd, bytes, part(&turn, size), offset);
    if (put > 0)
        disk_wrote(fd, (uint64_t)offset, bytes, (size_t)put);
    return leave(&turn, put);
}

SEAM_CALL(off_t, lseek, int fd, off_t offset, int whence)
{
    struct turn turn = enter("lseek", SEAM_LOOKS, 0);
    return turn.refused ? -1 : leave(&turn, __real_lseek(fd, offset, whence));
}

SEAM_CALL(ssize_t, write, int fd, const void *bytes, size_t size)
{
    struct turn turn = enter("write", SEAM_WRITES, size);
    if (turn.refused)
        return -1;
    off_t offset = __real_lseek(fd, 0, SEEK_CUR);
    ssize_t put = __real_write(fd, bytes, part(&turn, size));
    if (put > 0)
        disk_wrote(fd, (uint64_t)offset, bytes, (size_t)put);
    return leave(&turn, put);
}

SEAM_CALL(int, ftruncate, int fd, off_t size)
{
    struct turn turn = enter("ftruncate", SEAM_CHANGES, 0);
    if (turn.refused)
        return -1;
    int done = __real_ftruncate(fd, size);
    if (done == 0)
        disk_sized(fd, (uint64_t)size);
    return (int)leave(&turn, done);
}

SEAM_CALL(int, fsync, int fd)
{
    struct turn turn = enter("fsync", SEAM_CHANGES, 0);
    if (turn.refused)
        return -1;
    disk_flushed(fd, false);
    return (int)leave(&turn, 0);
}

SEAM_CALL(int, fdatasync, int fd)
{
    struct turn turn = enter("fdatasync", SEAM_CHANGES, 0);
    if (turn.refused)
        return -1;
    disk_flushed(fd, true);
    return (int)leave(&turn, 0);
}

SEAM_CALL(int, fstat, int fd, struct stat *ret_seen)
{
    struct turn turn = enter("fstat", SEAM_LOOKS, 0);
    return turn.refused ? -1 : (int)leave(&turn, __real_fstat(fd, ret_seen));
}

SEAM_CALL(int, lstat, const char *path, struct stat *ret_seen)
{
    struct turn turn = enter("lstat", SEAM_LOOKS, 0);
    return turn.refused ? -1 : (int)leave(&turn, __real_lstat(path, ret_seen));
}

SEAM_CALL(int, fstatat, int dir, const char *path, struct stat *ret_seen, int flags)
{
    struct turn turn = enter("fstatat", SEAM_LOOKS, 0);
    return turn.refused ? -1 : (int)leave(&turn, __real_fstatat(dir, path, ret_seen, flags));
}

SEAM_CALL(ssize_t, getdents64, int fd, void *buffer, size_t size)
{
    struct turn turn = enter("getdents64", SEAM_LOOKS, 0);
    return turn.refused ? -1 : leave(&turn, __real_getdents64(fd, buffer, size));
}

SEAM_CALL(int, fcntl, int fd, int command, ...)
{
    va_list args;
    va_start(args, command);
    int argument = va_arg(args, int);
    va_end(args);
    struct turn turn = enter(command == F_SETLEASE ? "fcntl(F_SETLEASE)" : "fcntl", SEAM_LOOKS, 0);
    if (turn.refused)
        return -1;
    if (command == F_SETLEASE && lacks(SEAM_NO_LEASES)) {
        errno = EINVAL;
        return (int)leave(&turn, -1);
    }
    return (int)leave(&turn, __real_fcntl(fd, command, argument));
}

SEAM_CALL(int, flock, int fd, int operation)
{
    struct turn turn = enter("flock", SEAM_LOOKS, 0);
    return turn.refused ? -1 : (int)leave(&turn, __real_flock(fd, operation));
}

SEAM_CALL(ssize_t, fgetxattr, int fd, const char *name, void *value, size_t size)
{
    struct turn turn = enter("fgetxattr", SEAM_LOOKS, 0);
    return turn.refused ? -1 : leave(&turn, __real_fgetxattr(fd, name, value, size));
}

SEAM_CALL(ssize_t, flistxattr, int fd, char *names, size_t size)
{
    struct turn turn = enter("flistxattr", SEAM_LOOKS, 0);
    return turn.refused ? -1 : leave(&turn, __real_flistxattr(fd, names, size));
}

SEAM_CALL(int, fsetxattr, int fd, const char *name, const void *value, size_t size, int flags)
{
    struct turn turn = enter("fsetxattr", SEAM_CHANGES, 0);
    if (turn.refused)
        return -1;
    int done = __real_fsetxattr(fd, name, value, size, flags);
    if (done == 0)
        disk_attribute(fd, name, value, size);
    return (int)leave(&turn, done);
}

SEAM_CALL(int, fremovexattr, int fd, const char *name)
{
    struct turn turn = enter("fremovexattr", SEAM_CHANGES, 0);
    if (turn.refused)
        return -1;
    int done = __real_fremovexattr(fd, name);
    if (done == 0)
        disk_attribute(fd, name, NULL, 0);
    return (int)leave(&turn, done);
}

SEAM_CALL(int, fchown, int fd, uid_t owner, gid_t group)
{
    struct turn turn = enter("fchown", SEAM_CHANGES, 0);
    if (turn.refused)
        return -1;
    int done = __real_fchown(fd, owner, group);
    if (done == 0)
        disk_owner(fd, owner, group);
    return (int)leave(&turn, done);
}

SEAM_CALL(int, fchmod, int fd, mode_t mode)
{
    struct turn turn = enter("fchmod", SEAM_CHANGES, 0);
    if (turn.refused)
        return -1;
    int done = __real_fchmod(fd, mode);
    if (done == 0)
        disk_mode(fd, mode);
    return (int)leave(&turn, done);
}

SEAM_CALL(int, mkdirat, int dir, const char *name, mode_t mode)
{
    struct turn turn = enter("mkdirat", SEAM_CHANGES, 0);
    if (turn.refused)
        return -1;
    int done = __real_mkdirat(dir, name, mode);
    if (done == 0)
        disk_folder(dir, name, mode);
    return (int)leave(&turn, done);
}

SEAM_CALL(int, renameat, int from, const char *name, int to, const char *new_name)
{
    struct turn turn = enter("renameat", SEAM_CHANGES, 0);
    if (turn.refused)
        return -1;
    int done = __real_renameat(from, name, to, new_name);
    if (done == 0)
        disk_renamed(from, name, to, new_name);
    return (int)leave(&turn, done);
}

SEAM_CALL(int, unlinkat, int dir, const char *name, int flags)
{
    struct turn turn = enter("unlinkat", SEAM_CHANGES, 0);
    if (turn.refused)
        return -1;
    int done = __real_unlinkat(dir, name, flags);
    if (done == 0)
        disk_removed(dir, name);
    return (int)leave(&turn, done);
}

SEAM_CALL(int, clock_gettime, clockid_t clock, struct timespec *ret_now)
{
    if (clock != CLOCK_REALTIME)
        return __real_clock_gettime(clock, ret_now);
    *ret_now = (struct timespec){.tv_sec = SEAM_NOW};
    return 0;
}

SEAM_CALL(int, nanosleep, const struct timespec *wanted, struct timespec *ret_left)
{
    (void)wanted;
    (void)ret_left;
    (void)__real_nanosleep;
    return 0;
}
