/* SPDX-License-Identifier: MIT */
#ifndef MH_OS_WINDOWS_NATIVE_H
#define MH_OS_WINDOWS_NATIVE_H

#include "mapihttp/error.h"

/*
 * Sets err from the Win32 error `number` (of GetLastError, or what a Reg function returned): "what the
 * format says: the system's text (in English where it has that)". Returns the status.
 */
int mh_error_win32(struct mh_error *err, unsigned long number, const char *format, ...) MH_PRINTF(3, 4);

/* The status that a Win32 error is; MH_IO for those that are not known. */
int mh_win32_status(unsigned long number);

/* The same from an NTSTATUS: its Win32 number is the error's code. */
int mh_error_nt(struct mh_error *err, long ntstatus, const char *format, ...) MH_PRINTF(3, 4);

#endif
