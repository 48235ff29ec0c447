/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "os/windows/native.h"
#include "os/windows/wide.h"
#include "os/windows/win.h"

#define PREFIX 4u /* the units of "\\?\" and "\\.\" */

static bool is_separator(char c)
{
    return c == '\\' || c == '/';
}

static size_t prefix_of(const char *path)
{
    bool has = strncmp(path, "\\\\?\\", PREFIX) == 0 || strncmp(path, "\\\\.\\", PREFIX) == 0;
    return has ? PREFIX : 0;
}

/* The separator at `at` is all that makes a root of what stands before it: "\x", "C:\x", "\\?\C:\x". */
static bool is_root(const char *path, size_t at)
{
    size_t prefix = prefix_of(path);
    for (size_t i = prefix; i < at; i++)
        if (is_separator(path[i]))
            return false;
    return prefix > 0 || at == 0 || (at == 2 && path[1] == ':');
}

char *mh_path_parent(const char *path, const char **ret_name)
{
    size_t at = strlen(path);
    while (at > 0 && !is_separator(path[at - 1]))
        at--;
    if (at > 0) {
        *ret_name = path + at;
        return mh_text_copyn(path, is_root(path, at - 1) ? at : at - 1);
    }
    /* What follows a drive alone is in the folder that this process is at on it. */
    size_t drive = path[0] && path[1] == ':' ? 2 : 0;
    *ret_name = path + drive;
    return drive ? mh_text_copyn(path, drive) : mh_text_copy(".");
}

char *mh_path_join(const char *folder, const char *name)
{
    size_t length = strlen(folder);
    bool ends = length > 0 && (is_separator(folder[length - 1]) || (length == 2 && folder[1] == ':'));
    return mh_text_format("%s%s%s", folder, ends ? "" : "\\", name);
}

/* The path from its drive or server on, without "." and "..". */
static int make_full(const wchar_t *path, const char *shown, wchar_t **ret_full, struct mh_error *err)
{
    DWORD room = GetFullPathNameW(path, 0, NULL, NULL);
    if (room == 0)
        return mh_error_win32(err, GetLastError(), "cannot open the folder '%s'", shown);
    wchar_t *full = malloc(room * sizeof(*full));
    if (!full)
        return mh_error_no_memory(err);
    DWORD length = GetFullPathNameW(path, room, full, NULL);
    if (length > 0 && length < room) {
        *ret_full = full;
        return MH_OK;
    }
    free(full);
    return mh_error_set(err, MH_IN_USE, "the folder that this process is in changed meanwhile; try again");
}

static wchar_t *join_wide(const wchar_t *a, const wchar_t *b)
{
    size_t length = wcslen(a);
    size_t more = wcslen(b) + 1;
    wchar_t *joined = malloc((length + more) * sizeof(*joined));
    if (!joined)
        return NULL;
    memcpy(joined, a, length * sizeof(*joined));
    memcpy(joined + length, b, more * sizeof(*joined));
    return joined;
}

/* As the kernel spells a full path, which knows no limit of 260 units. NULL when memory is out. */
static wchar_t *spell_for_kernel(const wchar_t *full)
{
    if (wcsncmp(full, L"\\\\?\\", PREFIX) == 0 || wcsncmp(full, L"\\\\.\\", PREFIX) == 0)
        return join_wide(L"\\??\\", full + PREFIX);
    if (wcsncmp(full, L"\\\\", 2) == 0)
        return join_wide(L"\\??\\UNC\\", full + 2);
    return join_wide(L"\\??\\", full);
}

static int kernel_path(const char *path, wchar_t **ret_path, struct mh_error *err)
{
    wchar_t *given = NULL;
    wchar_t *full = NULL;
    wchar_t *spelled = NULL;
    int status = mh_wide_name(path, &given, err);
    /* One with that prefix is taken as it is. */
    if (status == MH_OK && wcsncmp(given, L"\\\\?\\", PREFIX) != 0)
        status = make_full(given, path, &full, err);
    if (status == MH_OK) {
        spelled = spell_for_kernel(full ? full : given);
        status = spelled ? MH_OK : mh_error_no_memory(err);
    }
    free(given);
    free(full);
    if (status == MH_OK)
        *ret_path = spelled;
    return status;
}

int mh_path_open_folder(const char *path, ACCESS_MASK access, HANDLE *ret_handle, struct mh_error *err)
{
    struct mh_place place = {.any_case = true};
    HANDLE handle;
    int status = kernel_path(path, &place.name, err);
    if (status != MH_OK)
        return status;
    NTSTATUS opened = mh_place_open(&place, access | FILE_READ_ATTRIBUTES, MH_SHARE_ALL, FILE_DIRECTORY_FILE,
                                    &handle);
    mh_place_clear(&place);
    if (!NT_SUCCESS(opened))
        return mh_error_nt(err, opened, "cannot open the folder %s", path);
    /* Pipes have a folder, too. */
    if (GetFileType(handle) != FILE_TYPE_DISK) {
        NtClose(handle);
        return mh_error_set(err, MH_UNSUPPORTED, "%s is no folder of files", path);
    }
    *ret_handle = handle;
    return MH_OK;
}

/* FILE_ID_INFO, which is of Windows 8. */
struct long_identity {
    uint64_t volume;
    uint64_t file[2];
};
#define LONG_IDENTITY ((FILE_INFO_BY_HANDLE_CLASS)18)

/* ReFS numbers its files with 128 bits, of which the usual 64 may be those of several. */
static bool identify(HANDLE handle, struct mh_identity *ret_identity)
{
    struct long_identity id;
    BY_HANDLE_FILE_INFORMATION info;
    if (GetFileInformationByHandleEx(handle, LONG_IDENTITY, &id, sizeof(id))) {
        ret_identity->device = id.volume;
        ret_identity->file = id.file[0] ^ (id.file[1] * 0x9E3779B97F4A7C15u);
        return true;
    }
    if (!GetFileInformationByHandle(handle, &info))
        return false;
    ret_identity->device = info.dwVolumeSerialNumber;
    ret_identity->file = (uint64_t)info.nFileIndexHigh << 32 | info.nFileIndexLow;
    return true;
}

void mh_path_identity(const char *path, struct mh_identity *ret_identity, bool *ret_found)
{
    struct mh_place place = {0};
    HANDLE handle;
    *ret_found = false;
    if (mh_place_find(NULL, path, &place, NULL) != MH_OK)
        return;
    NTSTATUS status = mh_place_open(&place, FILE_READ_ATTRIBUTES, MH_SHARE_ALL, FILE_OPEN_REPARSE_POINT,
                                    &handle);
    if (NT_SUCCESS(status)) {
        *ret_found = identify(handle, ret_identity);
        NtClose(handle);
    }
    mh_place_clear(&place);
}
