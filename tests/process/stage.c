/* SPDX-License-Identifier: MIT */
/*
 * Is loaded before the program (LD_PRELOAD) and sets the stage for one run: the calendar stands still, so that a
 * request has one result, byte for byte; memory is out when the test says so; reads and writes come in pieces.
 *
 * MAPIHTTP_STAGE names a file that holds a struct stage; it is told there what happened, also if the run is killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* tests/process/stage.py knows it too. */
struct stage {
    uint64_t fail_first; /* number of the first allocation that fails, from 1; 0: none does */
    uint64_t fail_last;
    uint64_t piece;      /* bytes that a read or a write moves at the most; 0: what was asked for */
    uint64_t processors; /* that the program may use; 0: those that are there */
    uint64_t close_error; /* errno of each close, which closes all the same, as Linux does; 0: none */
    _Atomic uint64_t allocations; /* told: how many there were */
    _Atomic uint64_t failed;      /* told: how many failed */
};

#define YEAR_2025 1735689600

static struct stage *stage;

/* What glibc's own functions are called beside the names that are taken here. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

#define TAKEN __attribute__((visibility("default")))

__attribute__((constructor)) static void enter(void)
{
    const char *path = getenv("MAPIHTTP_STAGE");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *shared = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*stage), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared == MAP_FAILED)
        abort();
    stage = shared;
    close(fd); /* the last call of the start-up, which the tests look for */
}

/* Whether this allocation is one that fails. */
static int is_out(void)
{
    if (!stage)
        return 0;
    uint64_t number = atomic_fetch_add(&stage->allocations, 1) + 1;
    if (!stage->fail_first || number < stage->fail_first || number > stage->fail_last)
        return 0;
    atomic_fetch_add(&stage->failed, 1);
    errno = ENOMEM;
    return 1;
}

TAKEN void *malloc(size_t size)
{
    return is_out() ? NULL : __libc_malloc(size);
}

TAKEN void *calloc(size_t count, size_t size)
{
    return is_out() ? NULL : __libc_calloc(count, size);
}

TAKEN void *realloc(void *block, size_t size)
{
    return is_out() ? NULL : __libc_realloc(block, size);
}

TAKEN void *memalign(size_t alignment, size_t size);
TAKEN void *memalign(size_t alignment, size_t size)
{
    return is_out() ? NULL : __libc_memalign(alignment, size);
}

TAKEN void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

TAKEN int posix_memalign(void **ret_block, size_t alignment, size_t size)
{
    void *block = memalign(alignment, size);
    if (!block)
        return ENOMEM;
    *ret_block = block;
    return 0;
}

TAKEN int clock_gettime(clockid_t clock, struct timespec *ret_now)
{
    if (clock != CLOCK_REALTIME)
        return (int)syscall(SYS_clock_gettime, clock, ret_now);
    *ret_now = (struct timespec){.tv_sec = YEAR_2025};
    return 0;
}

TAKEN int close(int fd)
{
    int closed = (int)syscall(SYS_close, fd);
    if (closed == 0 && stage && stage->close_error) {
        errno = (int)stage->close_error;
        return -1;
    }
    return closed;
}

static size_t at_most(size_t size)
{
    return stage && stage->piece && size > stage->piece ? (size_t)stage->piece : size;
}

TAKEN ssize_t read(int fd, void *bytes, size_t size)
{
    return syscall(SYS_read, fd, bytes, at_most(size));
}

TAKEN ssize_t pread(int fd, void *bytes, size_t size, off_t offset)
{
    return syscall(SYS_pread64, fd, bytes, at_most(size), offset);
}

TAKEN ssize_t write(int fd, const void *bytes, size_t size)
{
    return syscall(SYS_write, fd, bytes, at_most(size));
}

TAKEN ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    return syscall(SYS_pwrite64, fd, bytes, at_most(size), offset);
}

TAKEN int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *ret_set)
{
    long got = syscall(SYS_sched_getaffinity, pid, size, ret_set);
    if (got < 0)
        return -1;
    memset((char *)ret_set + got, 0, size - (size_t)got);
    if (stage && stage->processors) {
        CPU_ZERO_S(size, ret_set);
        for (size_t i = 0; i < stage->processors; i++)
            CPU_SET_S(i, size, ret_set);
    }
    return 0;
}
