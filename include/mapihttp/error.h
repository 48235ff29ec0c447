/* SPDX-License-Identifier: MIT */
#ifndef MAPIHTTP_ERROR_H
#define MAPIHTTP_ERROR_H

#include <stdbool.h>

#include "mapihttp/status.h"

#if defined(__GNUC__)
#if defined(__MINGW32__)
#define MH_PRINTF(format_at, args_at) __attribute__((format(gnu_printf, format_at, args_at)))
#else
#define MH_PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#endif
#else
#define MH_PRINTF(format_at, args_at)
#endif

/*
 * Why a call failed. Zero-initialise it; the first cause stays: setting it again changes nothing, so an
 * inner function's precise reason is never lost to an outer one's vague one. A plain struct: nothing to
 * free, copy it as you like. Every function that takes one also takes NULL.
 */
struct mh_error {
    int status;         /* enum mh_status; MH_OK: nothing happened */
    bool has_code;      /* `code` is there */
    long code;          /* the system's own number: errno or a Win32 error */
    char field[64];     /* the request's field at fault; "" when none is */
    char message[640];  /* one sentence for a person: what, and what to do; UTF-8, no newline */
};

/* Each of these returns the status given (mh_error_wrap: the one that err holds), so that a caller can
 * say `return mh_error_set(...)`. Messages that do not fit are cut at a character's boundary. */

int mh_error_set(struct mh_error *err, int status, const char *format, ...) MH_PRINTF(3, 4);

/* The same with the system's own error number. */
int mh_error_native(struct mh_error *err, int status, long code, const char *format, ...)
    MH_PRINTF(4, 5);

/* MH_INVALID, at the request's field `field`. */
int mh_error_field(struct mh_error *err, const char *field, const char *format, ...)
    MH_PRINTF(3, 4);

/* Names the request's field that an error of any kind came from. Does nothing to one that is not set. */
int mh_error_at(struct mh_error *err, const char *field);

/* "context: message": puts where before what. Does nothing to an error that is not set. */
int mh_error_wrap(struct mh_error *err, const char *format, ...) MH_PRINTF(2, 3);

/* MH_INTERNAL, "out of memory". Here and not in error.c, so that an analyser of its callers sees it fail. */
static inline int mh_error_no_memory(struct mh_error *err)
{
    int status = mh_error_set(err, MH_INTERNAL, "out of memory");
    return status != MH_OK ? status : MH_INTERNAL;
}

/*
 * A copy to keep, freed with mh_error_free. Never NULL: when memory is out it is one that says so, for a
 * failure must not pass for success.
 */
struct mh_error *mh_error_copy(const struct mh_error *err);
/* Takes NULL. */
void mh_error_free(struct mh_error *err);

#endif
