/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "os/clock.h"
#include "os/windows/native.h"
#include "os/windows/wide.h"
#include "os/windows/win.h"

#define PATIENCE 500u /* milliseconds */

void mh_pause_a_moment(void)
{
    LARGE_INTEGER now;
    QueryPerformanceCounter(&now);
    Sleep(3 + (now.LowPart ^ GetCurrentThreadId() * 7919u) % 6);
}

static const char *last_name(const char *path)
{
    const char *name;
    char *folder = mh_path_parent(path, &name);
    free(folder);
    return *name ? name : path;
}

NTSTATUS mh_file_claim(const struct mh_place *place, HANDLE *ret_handle)
{
    const ACCESS_MASK access = FILE_READ_DATA | FILE_WRITE_DATA | FILE_READ_ATTRIBUTES | READ_CONTROL;
    return mh_place_open(place, access, FILE_SHARE_DELETE, FILE_NON_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT,
                         ret_handle);
}

static NTSTATUS open_to_read(const struct mh_place *place, HANDLE *ret_handle)
{
    return mh_place_open(place, FILE_READ_DATA | FILE_READ_ATTRIBUTES, MH_SHARE_ALL,
                         FILE_NON_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT, ret_handle);
}

static bool is_read_only(const struct mh_place *place)
{
    struct mh_seen seen;
    return NT_SUCCESS(mh_place_look(place, &seen)) && (seen.attributes & FILE_ATTRIBUTE_READONLY);
}

static int explain_open(const struct mh_place *place, enum mh_access access, NTSTATUS why, const char *shown,
                        struct mh_error *err)
{
    if (why == STATUS_SHARING_VIOLATION)
        return mh_error_native(err, MH_IN_USE, ERROR_SHARING_VIOLATION,
                               "another process has %s open; close it (log the user off, stop the backup) "
                               "and try again",
                               shown);
    if (why == STATUS_FILE_IS_A_DIRECTORY)
        return mh_error_set(err, MH_UNSUPPORTED, "%s is no plain file", shown);
    if (why == STATUS_ACCESS_DENIED && access == MH_WRITE && is_read_only(place))
        return mh_error_native(err, MH_ACCESS_DENIED, ERROR_ACCESS_DENIED,
                               "%s is marked read-only; clear that attribute (attrib -r) and try again",
                               shown);
    return mh_error_nt(err, why, "cannot open %s", shown);
}

static int look_at_new(struct mh_file *file, const char *shown, struct mh_error *err)
{
    NTSTATUS status = mh_seen_look(file->handle, &file->seen);
    if (!NT_SUCCESS(status))
        return mh_error_nt(err, status, "cannot look at %s", shown);
    if (file->seen.attributes & FILE_ATTRIBUTE_REPARSE_POINT)
        return mh_error_link(err, shown);
    if (GetFileType(file->handle) != FILE_TYPE_DISK)
        return mh_error_set(err, MH_UNSUPPORTED, "%s is no plain file", shown);
    if (file->seen.links == 0)
        return mh_error_set(err, MH_IN_USE, "another process replaced %s meanwhile; try again", shown);
    return MH_OK;
}

/*
 * The name as it is spelled in the folder, for the file that takes its place to have: the caller may have
 * written it in another case, or the short one. Where the system will not say it the caller's has to do.
 */
static int learn_name(struct mh_file *file, struct mh_error *err)
{
    const DWORD form = FILE_NAME_NORMALIZED | VOLUME_NAME_NONE;
    DWORD room = GetFinalPathNameByHandleW(file->handle, NULL, 0, form);
    wchar_t *path = malloc((room + 1) * sizeof(*path));
    if (!path)
        return mh_error_no_memory(err);
    DWORD length = room > 0 ? GetFinalPathNameByHandleW(file->handle, path, room, form) : 0;
    const wchar_t *slash = length > 0 && length < room ? wcsrchr(path, L'\\') : NULL;
    if (slash && slash[1]) {
        memmove(path, slash + 1, wcslen(slash) * sizeof(*path));
        free(file->place.name);
        file->place.name = path;
        path = NULL;
    }
    free(path);
    return MH_OK;
}

static int fill_file(struct mh_file *file, struct mh_dir *top, const char *path, enum mh_access access,
                     struct mh_error *err)
{
    const char *shown = last_name(path);
    int status = mh_place_find(top, path, &file->place, err);
    if (status != MH_OK)
        return status;
    NTSTATUS opened = access == MH_WRITE ? mh_file_claim(&file->place, &file->handle)
                                         : open_to_read(&file->place, &file->handle);
    if (!NT_SUCCESS(opened)) {
        file->handle = NULL;
        return explain_open(&file->place, access, opened, shown, err);
    }
    status = look_at_new(file, shown, err);
    if (status == MH_OK && access == MH_WRITE)
        status = learn_name(file, err);
    if (access == MH_READ)
        mh_place_clear(&file->place);
    return status;
}

static int open_once(struct mh_dir *top, const char *path, enum mh_access access, struct mh_file **ret_file,
                     struct mh_error *err)
{
    struct mh_file *file = calloc(1, sizeof(*file));
    if (!file)
        return mh_error_no_memory(err);
    int status = fill_file(file, top, path, access, err);
    if (status != MH_OK)
        mh_file_close(file);
    else
        *ret_file = file;
    return status;
}

/* By the clock and not by number: a sleep may take 16 milliseconds however few were asked for. */
int mh_file_open(struct mh_dir *top, const char *path, enum mh_access access, struct mh_file **ret_file,
                 struct mh_error *err)
{
    uint64_t began = mh_clock_milliseconds();
    for (;;) {
        struct mh_error why = {0};
        int status = open_once(top, path, access, ret_file, &why);
        if (status != MH_IN_USE || mh_clock_milliseconds() - began >= PATIENCE) {
            if (err && err->status == MH_OK)
                *err = why;
            return status;
        }
        mh_pause_a_moment();
    }
}

void mh_file_close(struct mh_file *file)
{
    if (!file)
        return;
    if (file->handle)
        NtClose(file->handle);
    mh_place_clear(&file->place);
    free(file);
}

int mh_file_sole(const struct mh_file *file, struct mh_error *err)
{
    if (file->seen.links > 1)
        return mh_error_set(err, MH_UNSUPPORTED,
                            "it has %u names (hard links); changing it would change another's file",
                            (unsigned)file->seen.links);
    return MH_OK;
}

uint64_t mh_file_size(const struct mh_file *file)
{
    return file->seen.size;
}

static OVERLAPPED at_offset(uint64_t offset)
{
    OVERLAPPED at = {0};
    at.Offset = (DWORD)(offset & 0xFFFFFFFFu);
    at.OffsetHigh = (DWORD)(offset >> 32);
    return at;
}

static int say_changed(struct mh_error *err)
{
    return mh_error_set(err, MH_IN_USE, "another process changed it meanwhile; try again");
}

#define PIECE (1u << 30) /* bytes that one call is asked for */

int mh_file_read(struct mh_file *file, uint64_t offset, void *buffer, size_t length, struct mh_error *err)
{
    uint8_t *into = buffer;
    if (!file->handle)
        return say_changed(err);
    while (length > 0) {
        OVERLAPPED at = at_offset(offset);
        DWORD got = 0;
        if (!ReadFile(file->handle, into, length < PIECE ? (DWORD)length : PIECE, &got, &at)) {
            DWORD number = GetLastError();
            if (number != ERROR_HANDLE_EOF)
                return mh_error_win32(err, number, "cannot read");
            got = 0;
        }
        if (got == 0)
            return mh_error_set(err, MH_IN_USE, "it became shorter while it was read; try again");
        into += got;
        offset += got;
        length -= got;
    }
    return MH_OK;
}

static bool is_gone(NTSTATUS status)
{
    return status == STATUS_OBJECT_NAME_NOT_FOUND || status == STATUS_OBJECT_PATH_NOT_FOUND ||
           status == STATUS_DELETE_PENDING;
}

int mh_file_unchanged(struct mh_file *file, struct mh_error *err)
{
    struct mh_seen now;
    if (!file->handle)
        return say_changed(err);
    NTSTATUS status = mh_seen_look(file->handle, &now);
    if (!NT_SUCCESS(status))
        return mh_error_nt(err, status, "cannot look at the file again");
    bool same = mh_seen_same(&now, &file->seen);
    /* Of one that is open for writing the name, too, must still be this file's. */
    if (same && file->place.name) {
        status = mh_place_look(&file->place, &now);
        if (!NT_SUCCESS(status) && !is_gone(status))
            return mh_error_nt(err, status, "cannot look at the file again");
        same = NT_SUCCESS(status) && mh_seen_same(&now, &file->seen);
    }
    return same ? MH_OK : say_changed(err);
}

#define PATCH_MAX 16u

static int put_and_flush(HANDLE handle, uint64_t offset, const void *bytes, size_t size, struct mh_error *err)
{
    const uint8_t *from = bytes;
    while (size > 0) {
        OVERLAPPED at = at_offset(offset);
        DWORD put = 0;
        if (!WriteFile(handle, from, (DWORD)size, &put, &at))
            return mh_error_win32(err, GetLastError(), "cannot write");
        if (put == 0)
            return mh_error_win32(err, ERROR_DISK_FULL, "cannot write");
        from += put;
        offset += put;
        size -= put;
    }
    if (!FlushFileBuffers(handle))
        return mh_error_win32(err, GetLastError(), "cannot flush to the device");
    return MH_OK;
}

int mh_file_patch(struct mh_file *file, uint64_t offset, const void *bytes, size_t size, struct mh_error *err)
{
    uint8_t old[PATCH_MAX];
    int status = size <= sizeof(old) ? MH_OK : mh_error_set(err, MH_INTERNAL, "too much for a patch");
    if (status == MH_OK)
        status = mh_file_read(file, offset, old, size, err);
    if (status == MH_OK)
        status = mh_file_unchanged(file, err);
    if (status != MH_OK)
        return status;
    status = put_and_flush(file->handle, offset, bytes, size, err);
    /* What failed must not be read as done by whoever looks before the device is asked again. */
    if (status != MH_OK && put_and_flush(file->handle, offset, old, size, NULL) != MH_OK)
        mh_error_wrap(err, "what it held before could not be put back");
    return status;
}
