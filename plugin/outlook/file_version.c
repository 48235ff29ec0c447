/* SPDX-License-Identifier: MIT */
#include "outlook/outlook.h"

#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include "core/text.h"
#include "os/windows/wide.h"

/* VS_VERSIONINFO: three 16-bit numbers, its name in UTF-16, and at the next multiple of 4
 * VS_FIXEDFILEINFO. */
#define INFO_VALUE_SIZE 2
#define INFO_NAME 6
#define INFO_FIXED 40
#define FIXED_SIGNATURE 0xFEEF04BDu

/* What the file's resource directory says of a size need not be so: the memory must be there. */
static bool is_mapped(const void *at, size_t size)
{
    MEMORY_BASIC_INFORMATION region;
    if (VirtualQuery(at, &region, sizeof(region)) < sizeof(region) || region.State != MEM_COMMIT)
        return false;
    size_t offset = (size_t)((const BYTE *)at - (const BYTE *)region.BaseAddress);
    return region.RegionSize - offset >= size;
}

static bool read_fixed(const BYTE *info, DWORD size, VS_FIXEDFILEINFO *ret_fixed)
{
    WORD value_size;
    if (!info || size < INFO_FIXED + sizeof(*ret_fixed) || !is_mapped(info, INFO_FIXED + sizeof(*ret_fixed)))
        return false;
    memcpy(&value_size, info + INFO_VALUE_SIZE, sizeof(value_size));
    memcpy(ret_fixed, info + INFO_FIXED, sizeof(*ret_fixed));
    return value_size >= sizeof(*ret_fixed) &&
           memcmp(info + INFO_NAME, L"VS_VERSION_INFO", sizeof(L"VS_VERSION_INFO")) == 0 &&
           ret_fixed->dwSignature == FIXED_SIGNATURE;
}

static bool find_fixed(HMODULE file, VS_FIXEDFILEINFO *ret_fixed)
{
    HRSRC resource = FindResourceW(file, MAKEINTRESOURCEW(VS_VERSION_INFO), (LPCWSTR)RT_VERSION);
    HGLOBAL loaded = resource ? LoadResource(file, resource) : NULL;
    return loaded && read_fixed(LockResource(loaded), SizeofResource(file, resource), ret_fixed);
}

/* version.dll would do it too, but what is linked to it can be given another one beside the program. */
static int read_version(const wchar_t *path, char **ret_version, struct mh_error *err)
{
    VS_FIXEDFILEINFO fixed;
    HMODULE file = LoadLibraryExW(path, NULL, LOAD_LIBRARY_AS_DATAFILE);
    bool found = file && find_fixed(file, &fixed);
    if (file)
        FreeLibrary(file);
    if (!found)
        return MH_OK;
    *ret_version = mh_text_format("%u.%u.%u.%u", HIWORD(fixed.dwFileVersionMS), LOWORD(fixed.dwFileVersionMS),
                                  HIWORD(fixed.dwFileVersionLS), LOWORD(fixed.dwFileVersionLS));
    return *ret_version ? MH_OK : mh_error_no_memory(err);
}

static bool is_on_drive(const char *path)
{
    char letter = (char)(path[0] | 0x20);
    return letter >= 'a' && letter <= 'z' && path[1] == ':' && path[2] == '\\';
}

static bool is_missing(const wchar_t *path)
{
    if (GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES)
        return false;
    DWORD number = GetLastError();
    return number == ERROR_FILE_NOT_FOUND || number == ERROR_PATH_NOT_FOUND;
}

int mh_file_version(const char *path, bool *ret_there, char **ret_version, struct mh_error *err)
{
    *ret_there = true;
    *ret_version = NULL;
    if (!is_on_drive(path))
        return MH_OK;
    wchar_t *wide = mh_wide(path);
    if (!wide)
        return mh_error_no_memory(err);
    *ret_there = !is_missing(wide);
    int status = *ret_there ? read_version(wide, ret_version, err) : MH_OK;
    free(wide);
    return status;
}
