/* SPDX-License-Identifier: MIT */
#ifndef MH_OS_POSIX_NATIVE_H
#define MH_OS_POSIX_NATIVE_H

#include "mapihttp/error.h"

/* Sets err from `number`: "what the format says: the system's text". Returns the status. */
int mh_error_errno(struct mh_error *err, int number, const char *format, ...) MH_PRINTF(3, 4);

#endif
