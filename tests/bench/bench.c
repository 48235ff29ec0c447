/* SPDX-License-Identifier: MIT */
/*
 * bench ENGINE COUNT HIVE: reads the value of one hive COUNT times, in process, and prints nanoseconds per
 * time (the median of nine runs). ENGINE: mapihttp, or hivex (libhivex, doing the same by its own calls).
 */
#define _GNU_SOURCE
#include <hivex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "os/file.h"
#include "registry/offline/hivefile.h"

#define RUNS 9

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

static uint32_t read_mapihttp(const char *path)
{
    struct mh_hivefile *hive;
    struct mh_value value;
    uint32_t number = 0;
    struct mh_error err = {0};
    if (mh_hivefile_open(NULL, path, MH_READ, &hive, &err) != MH_OK ||
        mh_regf_read(mh_hivefile_regf(hive), MH_VALUE_KEY, MH_VALUE_NAME, &value, &err) != MH_OK ||
        mh_hivefile_settled(hive, &err) != MH_OK)
        fail(err.message);
    mh_value_dword(&value, &number);
    mh_value_clear(&value);
    mh_hivefile_close(hive);
    return number;
}

static uint32_t read_hivex(const char *path)
{
    static const char *const keys[] = {"Software", "Microsoft", "Exchange"};
    hive_h *hive = hivex_open(path, 0);
    if (!hive)
        fail("hivex_open");
    hive_node_h node = hivex_root(hive);
    for (size_t i = 0; node && i < 3; i++)
        node = hivex_node_get_child(hive, node, keys[i]);
    hive_value_h value = node ? hivex_node_get_value(hive, node, MH_VALUE_NAME) : 0;
    uint32_t number = value ? (uint32_t)hivex_value_dword(hive, value) : 0;
    hivex_close(hive);
    return number;
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

int main(int argc, char **argv)
{
    double runs[RUNS];
    if (argc != 4)
        fail("bench ENGINE COUNT HIVE");
    long count = strtol(argv[2], NULL, 10);
    uint32_t (*read_value)(const char *path) =
        strcmp(argv[1], "hivex") == 0 ? read_hivex : read_mapihttp;
    for (int run = 0; run < RUNS; run++) {
        double start = now();
        for (long i = 0; i < count; i++)
            if (read_value(argv[3]) != 1)
                fail("the value is not there");
        runs[run] = (now() - start) / (double)count;
    }
    qsort(runs, RUNS, sizeof(runs[0]), by_size);
    printf("%.0f\n", runs[RUNS / 2]);
    return 0;
}
