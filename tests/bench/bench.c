/* SPDX-License-Identifier: MIT */
/*
 * bench ENGINE JOB COUNT HIVE: does one job on one hive COUNT times, in process, and prints nanoseconds per time, the
 * median of nine runs. With - for HIVE it does it once to each hive that standard input names, one a line.
 *
 * ENGINE: mapihttp; hivex (libhivex, the same by its own calls); hivex-flush (and what it wrote is on the device, as
 * mapihttp sees to itself). JOB: read the value; patch: set another REG_DWORD; image: make a REG_SZ of it and a
 * REG_DWORD again by turns, which needs a new image.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <hivex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mapihttp/value.h"
#include "os/file.h"
#include "registry/offline/hivefile.h"

#define RUNS 9

enum job { READ, PATCH, IMAGE };

struct engine {
    const char *name;
    void (*read)(const char *path);
    void (*write)(const char *path, const struct mh_value *value);
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void fail(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(2);
}

static void need_number(uint32_t number)
{
    if (number > 1)
        fail("the value is not what it should be");
}

static void read_mapihttp(const char *path)
{
    struct mh_hivefile *hive;
    struct mh_value value;
    uint32_t number = UINT32_MAX;
    struct mh_error err = {0};
    if (mh_hivefile_open(NULL, path, MH_READ, &hive, &err) != MH_OK ||
        mh_regf_read(mh_hivefile_regf(hive), MH_VALUE_KEY, MH_VALUE_NAME, &value, &err) != MH_OK ||
        mh_hivefile_settled(hive, &err) != MH_OK)
        fail(err.message);
    mh_value_dword(&value, &number);
    mh_value_clear(&value);
    mh_hivefile_close(hive);
    need_number(number);
}

static const struct mh_registry_ops ops = {
    .name = "bench",
    .read = mh_offline_hive_read,
    .write = mh_offline_hive_write,
    .commit = mh_offline_hive_commit,
    .close = mh_offline_hive_close,
};

static void write_mapihttp(const char *path, const struct mh_value *value)
{
    struct mh_hive *hive;
    struct mh_error err = {0};
    if (mh_offline_hive_open(&ops, NULL, path, MH_WRITE, &hive, &err) != MH_OK ||
        mh_offline_hive_write(hive, value, &err) != MH_OK || mh_offline_hive_commit(hive, &err) != MH_OK)
        fail(err.message);
    mh_offline_hive_close(hive);
}

static hive_node_h find_key(hive_h *hive)
{
    static const char *const keys[] = {"Software", "Microsoft", "Exchange"};
    hive_node_h node = hivex_root(hive);
    for (size_t i = 0; node && i < 3; i++)
        node = hivex_node_get_child(hive, node, keys[i]);
    if (!node)
        fail("libhivex does not find the key");
    return node;
}

static hive_h *open_hivex(const char *path, int flags)
{
    hive_h *hive = hivex_open(path, flags);
    if (!hive)
        fail("hivex_open");
    return hive;
}

static void read_hivex(const char *path)
{
    hive_h *hive = open_hivex(path, 0);
    hive_value_h value = hivex_node_get_value(hive, find_key(hive), MH_VALUE_NAME);
    need_number(value ? (uint32_t)hivex_value_dword(hive, value) : UINT32_MAX);
    hivex_close(hive);
}

static void write_hivex(const char *path, const struct mh_value *value)
{
    hive_h *hive = open_hivex(path, HIVEX_OPEN_WRITE);
    hive_set_value set = {.key = MH_VALUE_NAME, .t = (hive_type)value->type, .len = value->size,
                          .value = (char *)value->data};
    if (hivex_node_set_value(hive, find_key(hive), &set, 0) < 0 || hivex_commit(hive, NULL, 0) < 0)
        fail("libhivex does not set the value");
    hivex_close(hive);
}

static void write_hivex_and_flush(const char *path, const struct mh_value *value)
{
    write_hivex(path, value);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0)
        fail("fsync");
    close(fd);
}

static const struct engine engines[] = {
    {"mapihttp", read_mapihttp, write_mapihttp},
    {"hivex", read_hivex, write_hivex},
    {"hivex-flush", read_hivex, write_hivex_and_flush},
};

static const struct engine *find_engine(const char *name)
{
    for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
        if (strcmp(engines[i].name, name) == 0)
            return &engines[i];
    fail("there is no such engine");
    return NULL;
}

static enum job find_job(const char *name)
{
    static const char *const names[] = {"read", "patch", "image"};
    for (int job = READ; job <= IMAGE; job++)
        if (strcmp(names[job], name) == 0)
            return (enum job)job;
    fail("there is no such job");
    return READ;
}

/* The value is a REG_DWORD 1 before the first time; an even count of times leaves a REG_DWORD. */
static void do_once(const struct engine *engine, enum job job, const char *path, long i)
{
    /* cppcheck-suppress constVariable ; the data of a value are not const */
    static uint8_t numbers[2][4] = {{0}, {1}};
    static uint8_t text[] = {'1', 0, 0, 0};
    struct mh_value value = {.present = true, .type = MH_REG_DWORD, .size = 4, .data = numbers[i % 2]};
    if (job == IMAGE && i % 2 == 0) {
        value.type = MH_REG_SZ;
        value.data = text;
    }
    if (job == READ)
        engine->read(path);
    else
        engine->write(path, &value);
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median_of_runs(const struct engine *engine, enum job job, const char *path, long count)
{
    double runs[RUNS];
    for (int run = 0; run < RUNS; run++) {
        double start = now();
        for (long i = 0; i < count; i++)
            do_once(engine, job, path, i);
        runs[run] = (now() - start) / (double)count;
    }
    qsort(runs, RUNS, sizeof(runs[0]), by_size);
    return runs[RUNS / 2];
}

static void do_each(const struct engine *engine, enum job job)
{
    char path[4096];
    while (fgets(path, sizeof(path), stdin)) {
        path[strcspn(path, "\n")] = '\0';
        do_once(engine, job, path, 0);
    }
}

int main(int argc, char **argv)
{
    if (argc != 5)
        fail("bench ENGINE JOB COUNT HIVE");
    const struct engine *engine = find_engine(argv[1]);
    enum job job = find_job(argv[2]);
    if (strcmp(argv[4], "-") == 0)
        do_each(engine, job);
    else
        printf("%.0f\n", median_of_runs(engine, job, argv[4], strtol(argv[3], NULL, 10)));
    return 0;
}
