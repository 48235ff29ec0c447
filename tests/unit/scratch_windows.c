/* SPDX-License-Identifier: MIT */
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>
#include <winioctl.h>

#include <cmocka.h>

#include "core/text.h"
#include "os/windows/wide.h"

static wchar_t *wide(const char *path)
{
    wchar_t *units = mh_wide(path);
    assert_non_null(units);
    return units;
}

/* With "/" between names, too: it can stand in JSON as it is. */
static char *temporary_folder(void)
{
    wchar_t parent[MAX_PATH + 1];
    DWORD length = GetTempPathW(MAX_PATH + 1, parent);
    assert_true(length > 0 && length <= MAX_PATH);
    char *folder = mh_narrow(parent, length);
    assert_non_null(folder);
    for (char *at = folder; *at; at++)
        if (*at == '\\')
            *at = '/';
    return folder;
}

char *scratch_make(void)
{
    static unsigned made;
    char *folder = temporary_folder();
    for (;;) {
        char *path = mh_text_format("%smapihttp-test-%lu-%u", folder, GetCurrentProcessId(), made++);
        assert_non_null(path);
        wchar_t *units = wide(path);
        BOOL ok = CreateDirectoryW(units, NULL);
        assert_true(ok || GetLastError() == ERROR_ALREADY_EXISTS);
        free(units);
        if (ok) {
            free(folder);
            return path;
        }
        free(path);
    }
}

char *scratch_path(const char *scratch, const char *relative)
{
    char *path = mh_text_format("%s%s%s", scratch, *relative ? "/" : "", relative);
    assert_non_null(path);
    return path;
}

static bool is_dots(const wchar_t *name)
{
    return wcscmp(name, L".") == 0 || wcscmp(name, L"..") == 0;
}

/* Calls `visit` for all that is in a folder. */
static void each(const char *folder, void (*visit)(const char *path, void *context), void *context)
{
    WIN32_FIND_DATAW found;
    char *pattern = scratch_path(folder, "*");
    wchar_t *units = wide(pattern);
    HANDLE search = FindFirstFileW(units, &found);
    assert_true(search != INVALID_HANDLE_VALUE);
    do {
        if (is_dots(found.cFileName))
            continue;
        char *name = mh_narrow_text(found.cFileName);
        assert_non_null(name);
        char *path = scratch_path(folder, name);
        visit(path, context);
        free(path);
        free(name);
    } while (FindNextFileW(search, &found));
    FindClose(search);
    free(units);
    free(pattern);
}

static DWORD attributes_of(const char *path)
{
    wchar_t *units = wide(path);
    DWORD attributes = GetFileAttributesW(units);
    free(units);
    return attributes;
}

static bool is_folder(DWORD attributes)
{
    return (attributes & FILE_ATTRIBUTE_DIRECTORY) && !(attributes & FILE_ATTRIBUTE_REPARSE_POINT);
}

static void remove_one(const char *path, void *context)
{
    DWORD attributes = attributes_of(path);
    assert_true(attributes != INVALID_FILE_ATTRIBUTES);
    if (is_folder(attributes))
        each(path, remove_one, context);
    wchar_t *units = wide(path);
    (void)SetFileAttributesW(units, FILE_ATTRIBUTE_NORMAL);
    assert_true(attributes & FILE_ATTRIBUTE_DIRECTORY ? RemoveDirectoryW(units) : DeleteFileW(units));
    free(units);
}

void scratch_remove(char *scratch)
{
    remove_one(scratch, NULL);
    free(scratch);
}

static bool make_folder(const char *path)
{
    wchar_t *units = mh_wide(path);
    bool made = units && CreateDirectoryW(units, NULL);
    free(units);
    return made;
}

void scratch_folder(const char *scratch, const char *relative)
{
    char *path = scratch_path(scratch, relative);
    for (char *at = path + strlen(scratch) + 1; *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        assert_true(make_folder(path) || is_folder(attributes_of(path)));
        *at = '/';
    }
    assert_true(make_folder(path) || is_folder(attributes_of(path)));
    free(path);
}

bool scratch_try_folder(const char *scratch, const char *relative)
{
    char *path = scratch_path(scratch, relative);
    bool made = make_folder(path);
    free(path);
    return made;
}

static HANDLE open_file(const char *path, DWORD access, DWORD disposition)
{
    wchar_t *units = wide(path);
    HANDLE handle = CreateFileW(units, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                                disposition, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    free(units);
    return handle;
}

void scratch_write(const char *scratch, const char *relative, const void *bytes, size_t size)
{
    const char *slash = strrchr(relative, '/');
    if (slash) {
        char *folder = mh_text_copyn(relative, (size_t)(slash - relative));
        scratch_folder(scratch, folder);
        free(folder);
    }
    char *path = scratch_path(scratch, relative);
    HANDLE handle = open_file(path, GENERIC_WRITE, CREATE_ALWAYS);
    assert_true(handle != INVALID_HANDLE_VALUE);
    DWORD put = 0;
    assert_true(WriteFile(handle, bytes, (DWORD)size, &put, NULL));
    assert_int_equal(put, size);
    assert_true(CloseHandle(handle));
    free(path);
}

static uint8_t *read_whole(const char *path, size_t *ret_size)
{
    LARGE_INTEGER size;
    DWORD got = 0;
    HANDLE handle = open_file(path, GENERIC_READ, OPEN_EXISTING);
    assert_true(handle != INVALID_HANDLE_VALUE);
    assert_true(GetFileSizeEx(handle, &size));
    uint8_t *bytes = malloc((size_t)size.QuadPart + 1);
    assert_non_null(bytes);
    assert_true(ReadFile(handle, bytes, (DWORD)size.QuadPart, &got, NULL));
    assert_int_equal(got, size.QuadPart);
    assert_true(CloseHandle(handle));
    *ret_size = (size_t)size.QuadPart;
    return bytes;
}

uint8_t *scratch_read(const char *scratch, const char *relative, size_t *ret_size)
{
    char *path = scratch_path(scratch, relative);
    uint8_t *bytes = read_whole(path, ret_size);
    free(path);
    return bytes;
}

void scratch_move(const char *scratch, const char *relative, const char *to)
{
    char *path = scratch_path(scratch, relative);
    char *other = scratch_path(scratch, to);
    wchar_t *units = wide(path);
    wchar_t *others = wide(other);
    assert_true(MoveFileW(units, others));
    free(path);
    free(other);
    free(units);
    free(others);
}

bool scratch_exists(const char *scratch, const char *relative)
{
    char *path = scratch_path(scratch, relative);
    bool exists = attributes_of(path) != INVALID_FILE_ATTRIBUTES;
    free(path);
    return exists;
}

bool scratch_link_file(const char *scratch, const char *relative, const char *link_name)
{
    char *path = scratch_path(scratch, relative);
    char *other = scratch_path(scratch, link_name);
    wchar_t *units = wide(path);
    wchar_t *others = wide(other);
    bool made = CreateHardLinkW(others, units, NULL);
    free(path);
    free(other);
    free(units);
    free(others);
    return made;
}

/* A REPARSE_DATA_BUFFER of a junction, which takes no privilege to make. */
struct junction {
    ULONG tag;
    USHORT size;
    USHORT reserved;
    USHORT target_at;
    USHORT target_size;
    USHORT shown_at;
    USHORT shown_size;
    wchar_t names[2 * MAX_PATH];
};
#define JUNCTION_HEADER 8u /* what `size` does not count */

static bool fill_junction(HANDLE handle, const wchar_t *target)
{
    struct junction junction = {.tag = IO_REPARSE_TAG_MOUNT_POINT};
    DWORD returned;
    size_t length = wcslen(target);
    assert_true(length + 8 < MAX_PATH);
    wcscpy(junction.names, L"\\??\\");
    wcscat(junction.names, target);
    junction.target_size = (USHORT)((length + 4) * sizeof(wchar_t));
    junction.shown_at = (USHORT)(junction.target_size + sizeof(wchar_t));
    junction.size = (USHORT)(8 + junction.shown_at + sizeof(wchar_t));
    return DeviceIoControl(handle, FSCTL_SET_REPARSE_POINT, &junction, JUNCTION_HEADER + junction.size, NULL,
                           0, &returned, NULL);
}

bool scratch_link_folder(const char *scratch, const char *relative, const char *link_name)
{
    char *path = scratch_path(scratch, relative);
    char *other = scratch_path(scratch, link_name);
    wchar_t target[MAX_PATH];
    wchar_t *units = wide(path);
    wchar_t *others = wide(other);
    assert_true(GetFullPathNameW(units, MAX_PATH, target, NULL) > 0);
    assert_true(make_folder(other));
    HANDLE handle = CreateFileW(others, GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                                FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    assert_true(handle != INVALID_HANDLE_VALUE);
    bool made = fill_junction(handle, target);
    assert_true(CloseHandle(handle));
    if (!made)
        assert_true(RemoveDirectoryW(others));
    free(path);
    free(other);
    free(units);
    free(others);
    return made;
}

static uint64_t mix(uint64_t sum, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ at[i]) * 1099511628211u;
    return sum;
}

static uint64_t mix_information(uint64_t sum, const char *path)
{
    BY_HANDLE_FILE_INFORMATION info;
    HANDLE handle = open_file(path, FILE_READ_ATTRIBUTES, OPEN_EXISTING);
    assert_true(handle != INVALID_HANDLE_VALUE);
    assert_true(GetFileInformationByHandle(handle, &info));
    assert_true(CloseHandle(handle));
    sum = mix(sum, &info.dwFileAttributes, sizeof(info.dwFileAttributes));
    sum = mix(sum, &info.nFileIndexHigh, sizeof(info.nFileIndexHigh));
    sum = mix(sum, &info.nFileIndexLow, sizeof(info.nFileIndexLow));
    sum = mix(sum, &info.ftLastWriteTime, sizeof(info.ftLastWriteTime));
    return sum;
}

/* The sum of what each entry is, so that their order does not count. */
static void print_one(const char *path, void *context)
{
    uint64_t sum = mix(14695981039346656037u, path, strlen(path));
    DWORD attributes = attributes_of(path);
    assert_true(attributes != INVALID_FILE_ATTRIBUTES);
    sum = mix_information(sum, path);
    if (is_folder(attributes)) {
        each(path, print_one, context);
    } else if (!(attributes & FILE_ATTRIBUTE_DIRECTORY)) {
        size_t size;
        uint8_t *bytes = read_whole(path, &size);
        sum = mix(sum, bytes, size);
        free(bytes);
    }
    *(uint64_t *)context += sum;
}

uint64_t scratch_print(const char *scratch)
{
    uint64_t sum = 0;
    print_one(scratch, &sum);
    return sum;
}

const struct scratch_split scratch_splits[] = {
    {"x", ".", "x"},
    {"a\\x", "a", "x"},
    {"a/b\\c/x", "a/b\\c", "x"},
    {"\\x", "\\", "x"},
    {"/x", "/", "x"},
    {"C:x", "C:", "x"},
    {"C:\\x", "C:\\", "x"},
    {"c:/x", "c:/", "x"},
    {"C:\\a\\x", "C:\\a", "x"},
    {"C:\\a\\", "C:\\a", ""},
    {"C:a\\x", "C:a", "x"},
    {"\\\\server\\share\\x", "\\\\server\\share", "x"},
    {"\\\\?\\C:\\x", "\\\\?\\C:\\", "x"},
    {"\\\\?\\C:\\a\\x", "\\\\?\\C:\\a", "x"},
    {"\\\\?\\Volume{1}\\x", "\\\\?\\Volume{1}\\", "x"},
    {NULL, NULL, NULL},
};

const struct scratch_split scratch_joins[] = {
    {"a\\x", "a", "x"},   {"a\\x", "a\\", "x"}, {"a/x", "a/", "x"},
    {"C:x", "C:", "x"},   {"C:\\x", "C:\\", "x"}, {".\\x", ".", "x"},
    {NULL, NULL, NULL},
};

const char *const scratch_astray[] = {
    "..",   ".",         "../x",     "a/../x",   "a/./x", "a//x", "a/",
    "a\\x", "a/..\\x", "x:stream", "x::$DATA", "C:x",   "C:/x", NULL,
};
