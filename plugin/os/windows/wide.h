/* SPDX-License-Identifier: MIT */
#ifndef MH_OS_WINDOWS_WIDE_H
#define MH_OS_WINDOWS_WIDE_H

/*
 * Text as Windows takes it: UTF-16 with a terminator. Inside everything is UTF-8; the two meet only where
 * Windows is called.
 */

#include <stddef.h>
#include <wchar.h>

#include "mapihttp/error.h"

/*
 * `text` as UTF-16, on the heap. A surrogate that mh_narrow wrote alone becomes that surrogate again, so
 * that every name Windows gives can be given back. NULL when memory is out or it is no text.
 */
wchar_t *mh_wide(const char *text);

/* The same of a name or path, for which no text is MH_NOT_FOUND: Windows has no other names. */
int mh_wide_name(const char *text, wchar_t **ret_units, struct mh_error *err);

/*
 * The first `length` units as UTF-8, on the heap. A surrogate that stands alone is encoded like any other
 * unit (three bytes, which mh_utf8_valid refuses). NULL when memory is out.
 */
char *mh_narrow(const wchar_t *units, size_t length);

/* The same up to the terminator. */
char *mh_narrow_text(const wchar_t *text);

#endif
