/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "os/clock.h"

#include <time.h>

/* Seconds from 1601-01-01 to 1970-01-01. */
#define FILETIME_EPOCH 11644473600u

uint64_t mh_clock_filetime(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return ((uint64_t)now.tv_sec + FILETIME_EPOCH) * 10000000u + (uint64_t)now.tv_nsec / 100u;
}

uint64_t mh_clock_milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}
