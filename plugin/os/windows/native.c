/* SPDX-License-Identifier: MIT */
#include "os/windows/native.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/text.h"
#include "os/windows/wide.h"
#include "os/windows/win.h"

struct meaning {
    DWORD number;
    int status;
    const char *hint; /* what to do, after the system's own text */
};

/* Not in every SDK. */
#define DISK_QUOTA_EXCEEDED 1295
#define STOPPED_ON_SYMLINK 681

#define ELEVATE "; run as administrator or as SYSTEM"

static const struct meaning meanings[] = {
    {ERROR_FILE_NOT_FOUND, MH_NOT_FOUND, ""},
    {ERROR_PATH_NOT_FOUND, MH_NOT_FOUND, ""},
    {ERROR_INVALID_NAME, MH_NOT_FOUND, ""},
    {ERROR_BAD_PATHNAME, MH_NOT_FOUND, ""},
    {ERROR_INVALID_DRIVE, MH_NOT_FOUND, ""},
    {ERROR_FILENAME_EXCED_RANGE, MH_NOT_FOUND, ""},
    {ERROR_DIRECTORY, MH_NOT_FOUND, ""},
    {ERROR_ACCESS_DENIED, MH_ACCESS_DENIED, ELEVATE},
    {ERROR_PRIVILEGE_NOT_HELD, MH_ACCESS_DENIED, ELEVATE},
    {ERROR_NETWORK_ACCESS_DENIED, MH_ACCESS_DENIED, "; the share must let this account (of a service: the "
                                                    "computer's) in"},
    {ERROR_LOGON_FAILURE, MH_ACCESS_DENIED, ""},
    {ERROR_WRITE_PROTECT, MH_ACCESS_DENIED, "; make the device writable"},
    {ERROR_SHARING_VIOLATION, MH_IN_USE, ""},
    {ERROR_LOCK_VIOLATION, MH_IN_USE, ""},
    {ERROR_USER_MAPPED_FILE, MH_IN_USE, ""},
    {ERROR_DELETE_PENDING, MH_IN_USE, ""},
    {ERROR_KEY_DELETED, MH_IN_USE, ""},
    {ERROR_BUSY, MH_IN_USE, ""},
    {ERROR_DISK_FULL, MH_NO_SPACE, ""},
    {ERROR_HANDLE_DISK_FULL, MH_NO_SPACE, ""},
    {DISK_QUOTA_EXCEEDED, MH_NO_SPACE, ""},
    {ERROR_BADDB, MH_CORRUPT, ""},
    {ERROR_REGISTRY_CORRUPT, MH_CORRUPT, ""},
    {ERROR_NOT_REGISTRY_FILE, MH_CORRUPT, ""},
    {ERROR_REGISTRY_RECOVERED, MH_CORRUPT, ""},
    {ERROR_CANT_ACCESS_FILE, MH_UNSUPPORTED, ""},
    {STOPPED_ON_SYMLINK, MH_UNSUPPORTED, "; links are not followed"},
    {ERROR_NOT_SUPPORTED, MH_UNSUPPORTED, ""},
    {ERROR_INVALID_FUNCTION, MH_UNSUPPORTED, ""},
    {ERROR_CALL_NOT_IMPLEMENTED, MH_UNSUPPORTED, ""},
    {ERROR_NOT_ENOUGH_MEMORY, MH_INTERNAL, ""},
    {ERROR_OUTOFMEMORY, MH_INTERNAL, ""},
    {ERROR_NO_SYSTEM_RESOURCES, MH_INTERNAL, ""},
    {ERROR_TOO_MANY_OPEN_FILES, MH_INTERNAL, ""},
    {ERROR_INVALID_PARAMETER, MH_INTERNAL, ""},
    {ERROR_INVALID_HANDLE, MH_INTERNAL, ""},
};

static const struct meaning *meaning_of(DWORD number)
{
    static const struct meaning device = {0, MH_IO, ""};
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
        if (meanings[i].number == number)
            return &meanings[i];
    return &device;
}

int mh_win32_status(unsigned long number)
{
    return meaning_of(number)->status;
}

#define TEXT_MAX 400

static DWORD system_text(DWORD number, DWORD language, wchar_t *text)
{
    return FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS |
                              FORMAT_MESSAGE_MAX_WIDTH_MASK,
                          NULL, number, language, text, TEXT_MAX, NULL);
}

/* Its sentences end with a stop and a blank, which ours do not. */
static char *describe(DWORD number)
{
    wchar_t text[TEXT_MAX];
    DWORD length = system_text(number, MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US), text);
    if (length == 0)
        length = system_text(number, 0, text);
    while (length > 0 && (text[length - 1] <= L' ' || text[length - 1] == L'.'))
        length--;
    return length > 0 ? mh_narrow(text, length) : mh_text_format("error %lu", number);
}

static int set(struct mh_error *err, DWORD number, const char *format, va_list args)
{
    char what[sizeof(err->message)];
    const struct meaning *meaning = meaning_of(number);
    vsnprintf(what, sizeof(what), format, args);
    char *text = describe(number);
    mh_error_native(err, meaning->status, (long)number, "%s: %s%s", what, text ? text : "?", meaning->hint);
    free(text);
    return meaning->status;
}

int mh_error_win32(struct mh_error *err, unsigned long number, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int status = set(err, number, format, args);
    va_end(args);
    return status;
}

/* Of a file that somebody is deleting Windows would say that access is denied. */
static DWORD number_of(NTSTATUS ntstatus)
{
    bool going = ntstatus == STATUS_DELETE_PENDING || ntstatus == STATUS_FILE_DELETED;
    return going ? ERROR_DELETE_PENDING : RtlNtStatusToDosError(ntstatus);
}

int mh_error_nt(struct mh_error *err, long ntstatus, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int status = set(err, number_of(ntstatus), format, args);
    va_end(args);
    return status;
}
