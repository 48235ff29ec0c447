/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "os/clock.h"
#include "os/windows/native.h"
#include "os/windows/wide.h"
#include "os/windows/win.h"

#define CHUNK (64u << 10)
#define PIECE (1u << 20) /* bytes that one call is given: servers refuse very many */
#define PATIENCE 500u /* milliseconds */

/* Of Windows 10 (1709), which renames over a file that is still open; MinGW's headers do not know it. */
#define FILE_RENAME_INFORMATION_EX ((FILE_INFORMATION_CLASS)65)
#define RENAME_REPLACE 1u
#define RENAME_POSIX 2u

/* FILE_RENAME_INFORMATION as both calls take it. */
struct rename_info {
    ULONG flags; /* of the old call a BOOLEAN: replace */
    HANDLE folder;
    ULONG size;
    wchar_t name[];
};

int mh_write_all(HANDLE handle, const void *bytes, size_t size, struct mh_error *err)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        DWORD put = 0;
        DWORD piece = size < PIECE ? (DWORD)size : PIECE;
        if (!WriteFile(handle, at, piece, &put, NULL))
            return mh_error_win32(err, GetLastError(), "cannot write the new file");
        if (put == 0)
            return mh_error_win32(err, ERROR_DISK_FULL, "cannot write the new file");
        at += put;
        size -= put;
    }
    return MH_OK;
}

static int copy_tail(struct mh_file *file, HANDLE to, uint64_t tail, struct mh_error *err)
{
    uint8_t *chunk = malloc(CHUNK);
    int status = chunk ? MH_OK : mh_error_no_memory(err);
    while (status == MH_OK && tail < mh_file_size(file)) {
        uint64_t left = mh_file_size(file) - tail;
        size_t length = left < CHUNK ? (size_t)left : CHUNK;
        status = mh_file_read(file, tail, chunk, length, err);
        if (status == MH_OK)
            status = mh_write_all(to, chunk, length, err);
        tail += length;
    }
    free(chunk);
    return status;
}

NTSTATUS mh_mark_deleted(HANDLE handle)
{
    FILE_DISPOSITION_INFORMATION info = {.DoDeleteFile = TRUE};
    IO_STATUS_BLOCK io;
    return NtSetInformationFile(handle, &io, &info, sizeof(info), FileDispositionInformation);
}

static int remove_leftover(const struct mh_place *place, const char *shown, struct mh_error *err)
{
    HANDLE handle;
    struct mh_seen seen;
    NTSTATUS status = mh_place_open(place, DELETE | FILE_READ_ATTRIBUTES, 0,
                                    FILE_NON_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT, &handle);
    if (status == STATUS_OBJECT_NAME_NOT_FOUND)
        return MH_OK;
    if (status == STATUS_FILE_IS_A_DIRECTORY)
        return mh_error_set(err, MH_UNSUPPORTED, "%s is in the way, and is a folder; remove it", shown);
    if (!NT_SUCCESS(status))
        return mh_error_nt(err, status, "cannot remove %s, left by another run", shown);
    status = mh_seen_look(handle, &seen);
    bool link = NT_SUCCESS(status) && (seen.attributes & FILE_ATTRIBUTE_REPARSE_POINT);
    if (NT_SUCCESS(status) && !link)
        status = mh_mark_deleted(handle);
    NtClose(handle);
    if (link)
        return mh_error_set(err, MH_UNSUPPORTED, "%s is in the way, and is a link; remove it", shown);
    return NT_SUCCESS(status) ? MH_OK
                              : mh_error_nt(err, status, "cannot remove %s, left by another run", shown);
}

/* Nobody can open the new file while it is being made, nor take its name away: it stays ours. */
static int make_new(const struct mh_place *place, HANDLE *ret_handle, struct mh_error *err)
{
    char *shown = mh_narrow_text(place->name);
    if (!shown)
        return mh_error_no_memory(err);
    int status = remove_leftover(place, shown, err);
    if (status == MH_OK) {
        NTSTATUS made = mh_place_create(place,
                                        FILE_READ_DATA | FILE_WRITE_DATA | FILE_READ_ATTRIBUTES |
                                            FILE_WRITE_ATTRIBUTES | DELETE | READ_CONTROL | WRITE_DAC,
                                        FILE_NON_DIRECTORY_FILE, ret_handle);
        if (!NT_SUCCESS(made))
            status = mh_error_nt(err, made, "cannot make %s", shown);
    }
    free(shown);
    return status;
}

static int flush(HANDLE handle, const char *what, struct mh_error *err)
{
    return FlushFileBuffers(handle) ? MH_OK : mh_error_win32(err, GetLastError(), "%s", what);
}

/* Its rights before its bytes: nobody must be able to read here what he could not read in the old file. */
static int fill_new(struct mh_file *file, HANDLE handle, const void *bytes, size_t size, uint64_t tail,
                    struct mh_error *err)
{
    int status = mh_file_copy_kind(file, handle, err);
    if (status == MH_OK)
        status = mh_file_copy_rights(file->handle, handle, err);
    if (status == MH_OK)
        status = mh_write_all(handle, bytes, size, err);
    if (status == MH_OK)
        status = copy_tail(file, handle, tail, err);
    if (status == MH_OK)
        status = mh_file_copy_attributes(file, handle, err);
    if (status == MH_OK)
        status = flush(handle, "cannot flush the new file to the device", err);
    return status;
}

NTSTATUS mh_rename(HANDLE handle, HANDLE folder, const wchar_t *name, FILE_INFORMATION_CLASS call, ULONG flags)
{
    size_t size = wcslen(name) * sizeof(*name);
    size_t whole = sizeof(struct rename_info) + size + sizeof(*name);
    struct rename_info *info = calloc(1, whole);
    IO_STATUS_BLOCK io;
    if (!info)
        return STATUS_NO_MEMORY;
    info->flags = flags;
    info->folder = folder;
    info->size = (ULONG)size;
    memcpy(info->name, name, size);
    NTSTATUS status = NtSetInformationFile(handle, &io, info, (ULONG)whole, call);
    free(info);
    return status;
}

static NTSTATUS rename_over(const struct mh_file *file, HANDLE handle, FILE_INFORMATION_CLASS call,
                            ULONG flags)
{
    return mh_rename(handle, file->place.folder, file->place.name, call, flags);
}

static void let_go(struct mh_file *file)
{
    if (file->handle)
        NtClose(file->handle);
    file->handle = NULL;
}

static bool is_in_the_way(NTSTATUS status)
{
    return status == STATUS_ACCESS_DENIED || status == STATUS_SHARING_VIOLATION;
}

/* Has the old file for this process alone once more, the same and unchanged. */
static int claim_again(struct mh_file *file, struct mh_error *err)
{
    let_go(file);
    NTSTATUS status = mh_file_claim(&file->place, &file->handle);
    if (NT_SUCCESS(status))
        return mh_file_unchanged(file, err);
    file->handle = NULL;
    if (status == STATUS_SHARING_VIOLATION)
        return mh_error_native(err, MH_IN_USE, ERROR_SHARING_VIOLATION,
                               "another process opened it meanwhile; try again");
    return mh_error_nt(err, status, "cannot open it again");
}

static int wait_for_claim(struct mh_file *file, uint64_t until, struct mh_error *err)
{
    for (;;) {
        struct mh_error why = {0};
        int status = claim_again(file, &why);
        if (status != MH_IN_USE || mh_clock_milliseconds() >= until) {
            if (err && err->status == MH_OK)
                *err = why;
            return status;
        }
        mh_pause_a_moment();
    }
}

/*
 * The rename that every Windows and every file system has replaces nothing that anybody has open, ourselves
 * included. Who takes the moment in which nobody has it (a virus scanner, a user who logs on) makes it fail,
 * and the old file stays; that it was not written meanwhile is seen to before the next try.
 */
static int rename_closed(struct mh_file *file, HANDLE handle, struct mh_error *err)
{
    uint64_t until = mh_clock_milliseconds() + PATIENCE;
    for (;;) {
        let_go(file);
        NTSTATUS renamed = rename_over(file, handle, FileRenameInformation, TRUE);
        if (NT_SUCCESS(renamed))
            return MH_OK;
        if (!is_in_the_way(renamed) || mh_clock_milliseconds() >= until)
            return mh_error_nt(err, renamed, "cannot put the new file in place");
        int status = wait_for_claim(file, until, err);
        if (status != MH_OK)
            return status;
    }
}

static int put_in_place(struct mh_file *file, HANDLE handle, struct mh_error *err)
{
    int status = mh_file_unchanged(file, err);
    if (status != MH_OK)
        return status;
    NTSTATUS renamed = rename_over(file, handle, FILE_RENAME_INFORMATION_EX, RENAME_REPLACE | RENAME_POSIX);
    if (!NT_SUCCESS(renamed))
        status = rename_closed(file, handle, err);
    if (status == MH_OK)
        let_go(file);
    return status;
}

/* Flushing the file flushes its new name on NTFS; elsewhere a folder may have to be, where one can be. */
static int flush_name(const struct mh_file *file, HANDLE handle, struct mh_error *err)
{
    HANDLE folder;
    if (NT_SUCCESS(mh_open_again(file->place.folder, FILE_ADD_FILE, &folder))) {
        (void)FlushFileBuffers(folder);
        NtClose(folder);
    }
    return flush(handle, "the new file is in place, but cannot flush it to the device", err);
}

static int name_new(const struct mh_file *file, struct mh_place *ret_place, struct mh_error *err)
{
    static const wchar_t suffix[] = L".mapihttp-new";
    size_t length = wcslen(file->place.name);
    wchar_t *name = malloc(length * sizeof(*name) + sizeof(suffix));
    if (!name)
        return mh_error_no_memory(err);
    memcpy(name, file->place.name, length * sizeof(*name));
    memcpy(name + length, suffix, sizeof(suffix));
    *ret_place = (struct mh_place){.folder = file->place.folder, .borrowed = true, .name = name};
    return MH_OK;
}

int mh_file_replace(struct mh_file *file, const void *bytes, size_t size, uint64_t tail, struct mh_error *err)
{
    struct mh_place place = {0};
    HANDLE handle;
    int status = mh_file_unchanged(file, err);
    if (status == MH_OK)
        status = mh_file_check_kept(file, err);
    if (status == MH_OK)
        status = name_new(file, &place, err);
    if (status == MH_OK)
        status = make_new(&place, &handle, err);
    mh_place_clear(&place);
    if (status != MH_OK)
        return status;
    status = fill_new(file, handle, bytes, size, tail, err);
    if (status == MH_OK)
        status = put_in_place(file, handle, err);
    if (status != MH_OK)
        (void)mh_mark_deleted(handle);
    else
        status = flush_name(file, handle, err);
    NtClose(handle);
    return status;
}
