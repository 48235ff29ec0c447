/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "os/posix/native.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct meaning {
    int number;
    int status;
    const char *hint; /* what to do, after the system's own text */
};

static const struct meaning meanings[] = {
    {ENOENT, MH_NOT_FOUND, ""},
    {ENOTDIR, MH_NOT_FOUND, ""},
    {ENAMETOOLONG, MH_NOT_FOUND, ""},
    {EACCES, MH_ACCESS_DENIED, "; run as its owner or as root"},
    {EPERM, MH_ACCESS_DENIED, "; run as its owner or as root"},
    {EROFS, MH_ACCESS_DENIED, "; mount it read-write"},
    {EBUSY, MH_IN_USE, ""},
    {ETXTBSY, MH_IN_USE, ""},
    {EAGAIN, MH_IN_USE, ""},
    {ESTALE, MH_IN_USE, ""},
    {ENOSPC, MH_NO_SPACE, ""},
    {EDQUOT, MH_NO_SPACE, ""},
    {EFBIG, MH_NO_SPACE, ""},
    {ELOOP, MH_UNSUPPORTED, "; links are not followed"},
    {EISDIR, MH_UNSUPPORTED, ""},
    {ENXIO, MH_UNSUPPORTED, ""},
    {ENOMEM, MH_INTERNAL, ""},
    {EMFILE, MH_INTERNAL, "; this process may open no more (ulimit -n)"},
    {ENFILE, MH_INTERNAL, ""},
};

static const struct meaning *meaning_of(int number)
{
    static const struct meaning device = {0, MH_IO, ""};
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
        if (meanings[i].number == number)
            return &meanings[i];
    return &device;
}

int mh_error_errno(struct mh_error *err, int number, const char *format, ...)
{
    char what[sizeof(err->message)];
    const char *text = strerrordesc_np(number);
    const struct meaning *meaning = meaning_of(number);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    return mh_error_native(err, meaning->status, number, "%s: %s%s", what,
                           text ? text : "unknown error", meaning->hint);
}
