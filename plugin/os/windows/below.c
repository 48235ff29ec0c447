/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "os/windows/native.h"
#include "os/windows/wide.h"
#include "os/windows/win.h"

#define NAME_SIZE_MAX 65534u /* bytes in a UNICODE_STRING */

static NTSTATUS open_or_create(const struct mh_place *place, ACCESS_MASK access, ULONG share,
                               ULONG disposition, ULONG options, HANDLE *ret_handle)
{
    size_t size = wcslen(place->name) * sizeof(*place->name);
    UNICODE_STRING name = {.Length = (USHORT)size, .MaximumLength = (USHORT)size, .Buffer = place->name};
    OBJECT_ATTRIBUTES object;
    IO_STATUS_BLOCK io;
    if (size > NAME_SIZE_MAX)
        return STATUS_NAME_TOO_LONG;
    InitializeObjectAttributes(&object, &name, place->any_case ? OBJ_CASE_INSENSITIVE : 0, place->folder,
                               NULL);
    /* "Backup intent" is what makes the backup and restore privileges count, for who has them enabled. */
    return NtCreateFile(ret_handle, access | SYNCHRONIZE, &object, &io, NULL, FILE_ATTRIBUTE_NORMAL, share,
                        disposition,
                        options | FILE_SYNCHRONOUS_IO_NONALERT | FILE_OPEN_FOR_BACKUP_INTENT, NULL, 0);
}

/*
 * Who holds an opportunistic lock on the file could keep us waiting as long as they like, and the file is in a
 * folder of somebody's own: that it is locked is told at once instead, by a status that is a success.
 */
NTSTATUS mh_place_open(const struct mh_place *place, ACCESS_MASK access, ULONG share, ULONG options,
                       HANDLE *ret_handle)
{
    HANDLE handle = NULL;
    NTSTATUS status = open_or_create(place, access, share, FILE_OPEN, options | FILE_COMPLETE_IF_OPLOCKED, &handle);
    if (status == STATUS_OPLOCK_BREAK_IN_PROGRESS) {
        NtClose(handle);
        return STATUS_SHARING_VIOLATION;
    }
    if (NT_SUCCESS(status))
        *ret_handle = handle;
    return status;
}

NTSTATUS mh_place_create(const struct mh_place *place, ACCESS_MASK access, ULONG options, HANDLE *ret_handle)
{
    return open_or_create(place, access, 0, FILE_CREATE, options | FILE_OPEN_REPARSE_POINT, ret_handle);
}

NTSTATUS mh_open_again(HANDLE handle, ACCESS_MASK access, HANDLE *ret_handle)
{
    wchar_t itself[] = L"";
    const struct mh_place place = {.folder = handle, .name = itself};
    return mh_place_open(&place, access, MH_SHARE_ALL, FILE_OPEN_REPARSE_POINT, ret_handle);
}

NTSTATUS mh_place_look(const struct mh_place *place, struct mh_seen *ret_seen)
{
    HANDLE handle;
    NTSTATUS status = mh_place_open(place, FILE_READ_ATTRIBUTES, MH_SHARE_ALL, FILE_OPEN_REPARSE_POINT,
                                    &handle);
    if (!NT_SUCCESS(status))
        return status;
    status = mh_seen_look(handle, ret_seen);
    NtClose(handle);
    return status;
}

int mh_error_link(struct mh_error *err, const char *shown)
{
    return mh_error_set(err, MH_UNSUPPORTED,
                        "%s is a link, or kept elsewhere until it is wanted (a reparse point); links are not "
                        "followed",
                        shown);
}

/* Who asks for a folder is told of a link to a file only that it is no folder. */
static bool is_link(const struct mh_place *place)
{
    struct mh_seen seen;
    return NT_SUCCESS(mh_place_look(place, &seen)) && (seen.attributes & FILE_ATTRIBUTE_REPARSE_POINT);
}

int mh_place_open_folder(const struct mh_place *place, const char *shown, ACCESS_MASK access,
                         HANDLE *ret_handle, struct mh_error *err)
{
    HANDLE handle;
    struct mh_seen seen;
    NTSTATUS status = mh_place_open(place, access | FILE_READ_ATTRIBUTES, MH_SHARE_ALL,
                                    FILE_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT, &handle);
    if (status == STATUS_NOT_A_DIRECTORY && is_link(place))
        return mh_error_link(err, shown);
    if (!NT_SUCCESS(status))
        return mh_error_nt(err, status, "cannot open the folder %s", shown);
    status = mh_seen_look(handle, &seen);
    if (NT_SUCCESS(status) && !(seen.attributes & FILE_ATTRIBUTE_REPARSE_POINT)) {
        *ret_handle = handle;
        return MH_OK;
    }
    NtClose(handle);
    if (!NT_SUCCESS(status))
        return mh_error_nt(err, status, "cannot look at the folder %s", shown);
    return mh_error_link(err, shown);
}

/* What the kernel itself takes for a path, a stream of a file, or the folder above. */
static bool leads_elsewhere(const char *name)
{
    return *name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strpbrk(name, "\\/:");
}

static int set_name(struct mh_place *place, const char *path, size_t length, struct mh_error *err)
{
    char *name = mh_text_copyn(path, length);
    int status = name ? MH_OK : mh_error_no_memory(err);
    if (status == MH_OK && leads_elsewhere(name))
        status = mh_error_set(err, MH_UNSUPPORTED, "'%s' is no name of a plain file or folder", name);
    if (status == MH_OK)
        status = mh_wide_name(name, &place->name, err);
    free(name);
    return status;
}

/* The place becomes one in the folder that it names. */
static int step_into(struct mh_place *place, const char *shown, struct mh_error *err)
{
    HANDLE inner = NULL;
    int status = mh_place_open_folder(place, shown, 0, &inner, err);
    if (status != MH_OK)
        return status;
    mh_place_clear(place);
    place->folder = inner;
    return MH_OK;
}

static int find_below(struct mh_dir *top, const char *path, struct mh_place *place, struct mh_error *err)
{
    const char *at = path;
    place->folder = top->handle;
    place->borrowed = true;
    for (;;) {
        size_t length = strcspn(at, "/");
        int status = set_name(place, at, length, err);
        if (status != MH_OK || at[length] == '\0')
            return status;
        status = step_into(place, path, err);
        if (status != MH_OK)
            return status;
        at += length + 1;
    }
}

static int find_own(const char *path, struct mh_place *place, struct mh_error *err)
{
    const char *name;
    char *folder = mh_path_parent(path, &name);
    if (!folder)
        return mh_error_no_memory(err);
    int status = *name ? set_name(place, name, strlen(name), err)
                       : mh_error_set(err, MH_UNSUPPORTED, "'%s' names no file", path);
    if (status == MH_OK)
        status = mh_path_open_folder(folder, 0, &place->folder, err);
    place->any_case = true;
    free(folder);
    return status;
}

int mh_place_find(struct mh_dir *top, const char *path, struct mh_place *ret_place, struct mh_error *err)
{
    struct mh_place place = {0};
    int status = top ? find_below(top, path, &place, err) : find_own(path, &place, err);
    if (status != MH_OK)
        mh_place_clear(&place);
    else
        *ret_place = place;
    return status;
}

void mh_place_clear(struct mh_place *place)
{
    if (place->folder && !place->borrowed)
        NtClose(place->folder);
    free(place->name);
    *place = (struct mh_place){0};
}
