/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "registry/live/live.h"

#include <winternl.h>

#include "core/text.h"
#include "os/windows/native.h"
#include "os/windows/wide.h"

#define NAME_UNITS 256u       /* a key's name has at most 255 */
#define CHANGED_TRIES 8       /* a value that grows between two calls */
#define KEY_NAME_INFORMATION 3

NTSTATUS NTAPI NtQueryKey(HANDLE key, ULONG what, void *buffer, ULONG size, ULONG *ret_size);

void mh_regkey_close(HKEY key)
{
    if (key)
        RegCloseKey(key);
}

int mh_regkey_open(HKEY parent, const char *path, REGSAM access, HKEY *ret_key, struct mh_error *err)
{
    wchar_t *wide = mh_wide(path);
    if (!wide)
        return mh_error_no_memory(err);
    LSTATUS number = RegOpenKeyExW(parent, wide, 0, access, ret_key);
    free(wide);
    if (number != ERROR_SUCCESS)
        return mh_error_win32(err, (DWORD)number, "cannot open the key %s", path);
    return MH_OK;
}

/* RegQueryValueEx, unlike RegGetValue, does not mend a text that has no terminator. */
static LSTATUS query(HKEY key, const wchar_t *name, struct mh_value *value)
{
    LSTATUS number = ERROR_MORE_DATA;
    DWORD size = 64;
    for (int i = 0; number == ERROR_MORE_DATA && i < CHANGED_TRIES && size <= MH_VALUE_MAX; i++) {
        DWORD type = 0;
        void *grown = realloc(value->data, size + 1);
        if (!grown)
            return ERROR_OUTOFMEMORY;
        value->data = grown;
        DWORD got = size;
        number = RegQueryValueExW(key, name, NULL, &type, value->data, &got);
        value->type = type;
        value->size = got;
        size = got;
    }
    value->present = number == ERROR_SUCCESS;
    return number;
}

int mh_regkey_read(HKEY key, const char *name, struct mh_value *ret_value, struct mh_error *err)
{
    struct mh_value value = {0};
    wchar_t *wide = mh_wide(name);
    LSTATUS number = wide ? query(key, wide, &value) : ERROR_OUTOFMEMORY;
    free(wide);
    if (number != ERROR_SUCCESS)
        mh_value_clear(&value);
    if (number == ERROR_MORE_DATA)
        return mh_error_set(err, MH_UNSUPPORTED, "the value %s holds more bytes than could be put back (%u)", name,
                            MH_VALUE_MAX);
    if (number != ERROR_SUCCESS && number != ERROR_FILE_NOT_FOUND)
        return mh_error_win32(err, (DWORD)number, "cannot read the value %s", name);
    if (value.present && value.size == 0) {
        free(value.data);
        value.data = NULL;
    }
    *ret_value = value;
    return MH_OK;
}

int mh_regkey_names(HKEY key, struct mh_texts *names, struct mh_error *err)
{
    wchar_t units[NAME_UNITS];
    for (DWORD i = 0;; i++) {
        DWORD length = NAME_UNITS;
        LSTATUS number = RegEnumKeyExW(key, i, units, &length, NULL, NULL, NULL, NULL);
        if (number == ERROR_NO_MORE_ITEMS)
            return MH_OK;
        if (number != ERROR_SUCCESS)
            return mh_error_win32(err, (DWORD)number, "cannot list the subkeys");
        char *name = mh_narrow(units, length);
        int added = name ? mh_texts_add(names, name) : -1;
        free(name);
        if (added < 0)
            return mh_error_no_memory(err);
    }
}

/* The key's own name, "\REGISTRY\USER\...", on the heap. */
static int real_name(HKEY key, char **ret_name, struct mh_error *err)
{
    struct {
        ULONG size;
        wchar_t name[4096];
    } answer;
    ULONG size;
    NTSTATUS number = NtQueryKey(key, KEY_NAME_INFORMATION, &answer, sizeof(answer), &size);
    if (number < 0)
        return mh_error_nt(err, number, "cannot ask for a key's name");
    *ret_name = mh_narrow(answer.name, answer.size / sizeof(wchar_t));
    return *ret_name ? MH_OK : mh_error_no_memory(err);
}

int mh_regkey_check_direct(HKEY parent, HKEY key, const char *path, struct mh_error *err)
{
    char *above = NULL;
    char *really = NULL;
    char *wanted = NULL;
    int status = real_name(parent, &above, err);
    if (status == MH_OK)
        status = real_name(key, &really, err);
    if (status == MH_OK) {
        wanted = mh_text_format("%s\\%s", above, path);
        status = wanted ? MH_OK : mh_error_no_memory(err);
    }
    if (status == MH_OK && !mh_text_equal(wanted, really))
        status = mh_error_set(err, MH_UNSUPPORTED, "%s is a link to %s; links are not followed", wanted, really);
    free(above);
    free(really);
    free(wanted);
    return status;
}
