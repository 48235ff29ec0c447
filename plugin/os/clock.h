/* SPDX-License-Identifier: MIT */
#ifndef MH_OS_CLOCK_H
#define MH_OS_CLOCK_H

#include <stdint.h>

/* Now, as a FILETIME: units of 100 ns since 1601-01-01 UTC. */
uint64_t mh_clock_filetime(void);

/* Milliseconds since some moment in the past; never goes back. */
uint64_t mh_clock_milliseconds(void);

#endif
