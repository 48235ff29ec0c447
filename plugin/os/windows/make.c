/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/text.h"
#include "os/clock.h"
#include "os/windows/native.h"
#include "os/windows/win.h"

#define PATIENCE 500u /* milliseconds */

static int explain(NTSTATUS why, const char *path, struct mh_error *err)
{
    if (why == STATUS_OBJECT_NAME_COLLISION)
        return mh_error_native(err, MH_IN_USE, ERROR_ALREADY_EXISTS, "%s is there already", path);
    return mh_error_nt(err, why, "cannot make %s", path);
}

/* Names that only a program like this can make: Windows' own shells could neither open nor delete what bears them. */
static bool is_awkward(const char *name)
{
    static const char *const devices[] = {"CON", "PRN", "AUX", "NUL", "COM?", "LPT?"};
    size_t length = strlen(name);
    size_t stem = strcspn(name, ".");
    char start[8] = "";
    if (length == 0 || name[length - 1] == '.' || name[length - 1] == ' ' || strpbrk(name, "<>\"|?*"))
        return true;
    if (stem >= sizeof(start))
        return false;
    memcpy(start, name, stem);
    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
        if (mh_text_match(devices[i], start))
            return true;
    return false;
}

static int check_name(const char *path, struct mh_error *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    if (is_awkward(name))
        return mh_error_set(err, MH_INVALID, "'%s' is no name that Windows lets everybody use; take another", name);
    return MH_OK;
}

static int create(struct mh_dir *top, const char *path, ACCESS_MASK access, ULONG options, HANDLE *ret_handle,
                  struct mh_error *err)
{
    struct mh_place place;
    int status = mh_place_find(top, path, &place, err);
    if (status != MH_OK)
        return status;
    NTSTATUS made = mh_place_create(&place, access, options, ret_handle);
    mh_place_clear(&place);
    return NT_SUCCESS(made) ? MH_OK : explain(made, path, err);
}

int mh_dir_make(struct mh_dir *top, const char *path, struct mh_error *err)
{
    HANDLE handle = NULL;
    int status = check_name(path, err);
    if (status == MH_OK)
        status = create(top, path, FILE_READ_ATTRIBUTES, FILE_DIRECTORY_FILE, &handle, err);
    if (status == MH_OK)
        NtClose(handle);
    return status;
}

int mh_file_make(struct mh_dir *top, const char *path, const void *bytes, size_t size, struct mh_error *err)
{
    HANDLE handle = NULL;
    int status = create(top, path, FILE_WRITE_DATA | FILE_READ_ATTRIBUTES, FILE_NON_DIRECTORY_FILE, &handle, err);
    if (status != MH_OK)
        return status;
    status = mh_write_all(handle, bytes, size, err);
    if (status == MH_OK && !FlushFileBuffers(handle))
        status = mh_error_win32(err, GetLastError(), "cannot flush the new file to the device");
    NtClose(handle);
    return status;
}

void mh_dir_remove(struct mh_dir *top, const char *path)
{
    struct mh_place place;
    HANDLE handle;
    if (mh_place_find(top, path, &place, NULL) != MH_OK)
        return;
    if (NT_SUCCESS(mh_place_open(&place, DELETE, MH_SHARE_ALL, FILE_OPEN_REPARSE_POINT, &handle))) {
        (void)mh_mark_deleted(handle);
        NtClose(handle);
    }
    mh_place_clear(&place);
}

/* Who looks at the new files (a virus scanner) keeps their folder from being renamed as long as that takes. */
static NTSTATUS rename_place(const struct mh_place *place, const struct mh_place *to)
{
    uint64_t until = mh_clock_milliseconds() + PATIENCE;
    for (;;) {
        HANDLE handle;
        NTSTATUS status = mh_place_open(place, DELETE | FILE_READ_ATTRIBUTES, MH_SHARE_ALL,
                                        FILE_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT, &handle);
        if (NT_SUCCESS(status)) {
            status = mh_rename(handle, to->folder, to->name, FileRenameInformation, FALSE);
            NtClose(handle);
        }
        bool passes = status == STATUS_ACCESS_DENIED || status == STATUS_SHARING_VIOLATION;
        if (!passes || mh_clock_milliseconds() >= until)
            return status;
        mh_pause_a_moment();
    }
}

static int remove_empty(const struct mh_place *place, const char *shown, bool *ret_removed, struct mh_error *err)
{
    struct mh_error why = {0};
    HANDLE handle;
    int status = mh_place_open_folder(place, shown, DELETE, &handle, &why);
    if (status == MH_OK) {
        NTSTATUS marked = mh_mark_deleted(handle);
        NtClose(handle);
        if (!NT_SUCCESS(marked))
            return mh_error_nt(err, marked, "cannot put %s in place", shown);
    } else if (status != MH_NOT_FOUND) {
        if (err && err->status == MH_OK)
            *err = why;
        return status;
    }
    *ret_removed = status == MH_OK;
    return MH_OK;
}

/* No call puts one folder in another's place: the empty one goes first, and comes back where that was in vain. */
static int put_in_place(struct mh_dir *dir, const struct mh_place *place, const struct mh_place *there,
                        const char *to, struct mh_error *err)
{
    bool removed = false;
    int status = remove_empty(there, to, &removed, err);
    if (status != MH_OK)
        return status;
    NTSTATUS renamed = rename_place(place, there);
    if (NT_SUCCESS(renamed))
        return MH_OK;
    if (removed)
        (void)mh_dir_make(dir, to, NULL);
    return mh_error_nt(err, renamed, "cannot put %s in place", to);
}

int mh_dir_rename(struct mh_dir *dir, const char *name, const char *to, struct mh_error *err)
{
    struct mh_place place = {0};
    struct mh_place there = {0};
    int status = check_name(to, err);
    if (status == MH_OK)
        status = mh_place_find(dir, name, &place, err);
    if (status == MH_OK)
        status = mh_place_find(dir, to, &there, err);
    if (status == MH_OK)
        status = put_in_place(dir, &place, &there, to, err);
    mh_place_clear(&place);
    mh_place_clear(&there);
    return status;
}
