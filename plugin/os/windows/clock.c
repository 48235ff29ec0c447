/* SPDX-License-Identifier: MIT */
#include "os/clock.h"

#include <windows.h>

/* The precise clock is one of Windows 8. */
uint64_t mh_clock_filetime(void)
{
    FILETIME now;
    GetSystemTimeAsFileTime(&now);
    return (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
}

uint64_t mh_clock_milliseconds(void)
{
    return GetTickCount64();
}
