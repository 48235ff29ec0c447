/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "core/text.h"
#include "os/windows/native.h"
#include "os/windows/wide.h"
#include "os/windows/win.h"

static int wrap_dir(HANDLE handle, struct mh_dir **ret_dir, struct mh_error *err)
{
    struct mh_dir *dir = calloc(1, sizeof(*dir));
    if (!dir) {
        NtClose(handle);
        return mh_error_no_memory(err);
    }
    dir->handle = handle;
    *ret_dir = dir;
    return MH_OK;
}

int mh_dir_open(const char *path, struct mh_dir **ret_dir, struct mh_error *err)
{
    HANDLE handle;
    int status = mh_path_open_folder(path, FILE_LIST_DIRECTORY, &handle, err);
    return status == MH_OK ? wrap_dir(handle, ret_dir, err) : status;
}

/* The folder itself is what mh_path_parent makes of a name alone. */
static int enter_itself(struct mh_dir *top, struct mh_dir **ret_dir, struct mh_error *err)
{
    HANDLE handle;
    NTSTATUS status = mh_open_again(top->handle, FILE_LIST_DIRECTORY | FILE_READ_ATTRIBUTES, &handle);
    if (!NT_SUCCESS(status))
        return mh_error_nt(err, status, "cannot open the folder once more");
    return wrap_dir(handle, ret_dir, err);
}

int mh_dir_enter(struct mh_dir *top, const char *path, struct mh_dir **ret_dir, struct mh_error *err)
{
    struct mh_place place;
    HANDLE handle;
    if (strcmp(path, ".") == 0)
        return enter_itself(top, ret_dir, err);
    int status = mh_place_find(top, path, &place, err);
    if (status != MH_OK)
        return status;
    status = mh_place_open_folder(&place, path, FILE_LIST_DIRECTORY, &handle, err);
    mh_place_clear(&place);
    return status == MH_OK ? wrap_dir(handle, ret_dir, err) : status;
}

void mh_dir_close(struct mh_dir *dir)
{
    if (!dir)
        return;
    NtClose(dir->handle);
    free(dir);
}

static enum mh_entry_kind kind_of(uint32_t attributes)
{
    if (attributes & (FILE_ATTRIBUTE_REPARSE_POINT | FILE_ATTRIBUTE_DEVICE))
        return MH_ENTRY_OTHER;
    return attributes & FILE_ATTRIBUTE_DIRECTORY ? MH_ENTRY_FOLDER : MH_ENTRY_FILE;
}

/* Another case of the name is as good where the system finds it by that. */
void mh_dir_look(struct mh_dir *dir, const char *name, enum mh_entry_kind *ret_kind, bool *ret_found)
{
    struct mh_place place;
    struct mh_seen seen;
    *ret_found = false;
    if (strchr(name, '/') || mh_place_find(dir, name, &place, NULL) != MH_OK)
        return;
    *ret_found = NT_SUCCESS(mh_place_look(&place, &seen));
    if (*ret_found)
        *ret_kind = kind_of(seen.attributes);
    mh_place_clear(&place);
}

static bool is_dots(const wchar_t *name, size_t length)
{
    return (length == 1 && name[0] == L'.') || (length == 2 && name[0] == L'.' && name[1] == L'.');
}

static int add_entry(struct mh_entries *entries, const char *const *names, size_t count,
                     const FILE_ID_BOTH_DIR_INFO *found)
{
    size_t length = found->FileNameLength / sizeof(found->FileName[0]);
    if (is_dots(found->FileName, length))
        return 0;
    char *name = mh_narrow(found->FileName, length);
    if (name && !mh_entry_is_wanted(name, names, count)) {
        free(name);
        return 0;
    }
    if (!name || mh_array_reserve((void **)&entries->items, sizeof(*entries->items), entries->count,
                                  &entries->capacity) < 0) {
        free(name);
        return -1;
    }
    entries->items[entries->count].name = name;
    entries->items[entries->count++].kind = kind_of(found->FileAttributes);
    return 0;
}

static int add_batch(const uint8_t *batch, const char *const *names, size_t count, struct mh_entries *entries,
                     struct mh_error *err)
{
    for (;;) {
        const FILE_ID_BOTH_DIR_INFO *found = (const void *)batch;
        if (add_entry(entries, names, count, found) < 0)
            return mh_error_no_memory(err);
        if (found->NextEntryOffset == 0)
            return MH_OK;
        batch += found->NextEntryOffset;
    }
}

/* As much as a server sends at once. */
#define BATCH_SIZE 65536u

/* Some say of an empty folder that no file was found there. */
static bool is_end(DWORD number)
{
    return number == ERROR_NO_MORE_FILES || number == ERROR_FILE_NOT_FOUND;
}

static int list_into(struct mh_dir *dir, const char *const *names, size_t count, struct mh_entries *entries,
                     struct mh_error *err)
{
    FILE_INFO_BY_HANDLE_CLASS what = FileIdBothDirectoryRestartInfo;
    uint8_t *batch = malloc(BATCH_SIZE);
    int status = batch ? MH_OK : mh_error_no_memory(err);
    while (status == MH_OK) {
        if (!GetFileInformationByHandleEx(dir->handle, what, batch, BATCH_SIZE)) {
            DWORD number = GetLastError();
            if (!is_end(number))
                status = mh_error_win32(err, number, "cannot list a folder");
            break;
        }
        status = add_batch(batch, names, count, entries, err);
        what = FileIdBothDirectoryInfo;
    }
    free(batch);
    return status;
}

int mh_dir_pick(struct mh_dir *dir, const char *const *names, size_t count, struct mh_entries *ret_entries,
                struct mh_error *err)
{
    struct mh_entries entries = {0};
    int status = list_into(dir, names, count, &entries, err);
    mh_entries_sort(&entries);
    if (status != MH_OK)
        mh_entries_clear(&entries);
    else
        *ret_entries = entries;
    return status;
}
