/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <wchar.h>

#include "os/windows/native.h"
#include "os/windows/win.h"

#include <winioctl.h>

/* What NtSetInformationFile takes; the others say how the bytes are kept. */
#define SETTABLE                                                                                   \
    (FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM | FILE_ATTRIBUTE_ARCHIVE | \
     FILE_ATTRIBUTE_NOT_CONTENT_INDEXED | FILE_ATTRIBUTE_TEMPORARY)

#define STREAMS_SIZE 4096u

static bool is_unnamed(const FILE_STREAM_INFORMATION *stream)
{
    static const wchar_t unnamed[] = L"::$DATA";
    size_t length = sizeof(unnamed) / sizeof(unnamed[0]) - 1;
    return stream->StreamNameLength == length * sizeof(unnamed[0]) &&
           wcsncmp(stream->StreamName, unnamed, length) == 0;
}

/* A file system that cannot list streams has none; one that lists more than fits has too many. */
static bool has_streams(HANDLE handle)
{
    _Alignas(FILE_STREAM_INFORMATION) uint8_t listed[STREAMS_SIZE];
    IO_STATUS_BLOCK io = {0};
    NTSTATUS status = NtQueryInformationFile(handle, &io, listed, sizeof(listed), FileStreamInformation);
    if (status == STATUS_BUFFER_OVERFLOW)
        return true;
    if (!NT_SUCCESS(status) || io.Information == 0)
        return false;
    for (const uint8_t *at = listed;;) {
        const FILE_STREAM_INFORMATION *stream = (const void *)at;
        if (!is_unnamed(stream))
            return true;
        if (stream->NextEntryOffset == 0)
            return false;
        at += stream->NextEntryOffset;
    }
}

int mh_file_check_kept(const struct mh_file *file, struct mh_error *err)
{
    if (file->seen.attributes & FILE_ATTRIBUTE_ENCRYPTED)
        return mh_error_set(err, MH_UNSUPPORTED,
                            "it is encrypted (EFS), which a new file would not be for the same people; "
                            "decrypt it (cipher /d)");
    if (file->seen.ea_size > 0)
        return mh_error_set(err, MH_UNSUPPORTED,
                            "it has extended attributes, which would be lost; copy it to a new file "
                            "without them");
    if (has_streams(file->handle))
        return mh_error_set(err, MH_UNSUPPORTED,
                            "it has further data streams (see dir /r), which would be lost; remove them");
    return MH_OK;
}

static int set_compression(HANDLE handle, USHORT format, struct mh_error *err)
{
    DWORD returned;
    if (!DeviceIoControl(handle, FSCTL_SET_COMPRESSION, &format, sizeof(format), NULL, 0, &returned, NULL))
        return mh_error_win32(err, GetLastError(), "cannot keep whether it is compressed");
    return MH_OK;
}

/* The new file has inherited from its folder what the old one may not have. */
int mh_file_copy_kind(const struct mh_file *from, HANDLE to, struct mh_error *err)
{
    struct mh_seen made;
    NTSTATUS status = mh_seen_look(to, &made);
    if (!NT_SUCCESS(status))
        return mh_error_nt(err, status, "cannot look at the new file");
    if (made.attributes & FILE_ATTRIBUTE_ENCRYPTED)
        return mh_error_set(err, MH_UNSUPPORTED,
                            "its folder encrypts new files (EFS), so that others could not read them; turn "
                            "that off (cipher /d)");
    if ((made.attributes ^ from->seen.attributes) & FILE_ATTRIBUTE_COMPRESSED)
        return set_compression(to,
                               from->seen.attributes & FILE_ATTRIBUTE_COMPRESSED ? COMPRESSION_FORMAT_DEFAULT
                                                                                 : COMPRESSION_FORMAT_NONE,
                               err);
    return MH_OK;
}

/* Times of 0 stay as they are, and attributes of 0 too: "normal" is what says that there are none. */
int mh_file_copy_attributes(const struct mh_file *from, HANDLE to, struct mh_error *err)
{
    FILE_BASIC_INFORMATION info = {0};
    IO_STATUS_BLOCK io;
    info.CreationTime.QuadPart = (LONGLONG)from->seen.created;
    info.FileAttributes = from->seen.attributes & SETTABLE;
    if (info.FileAttributes == 0)
        info.FileAttributes = FILE_ATTRIBUTE_NORMAL;
    NTSTATUS status = NtSetInformationFile(to, &io, &info, sizeof(info), FileBasicInformation);
    return NT_SUCCESS(status) ? MH_OK : mh_error_nt(err, status, "cannot keep the attributes");
}
