/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "os/windows/native.h"
#include "os/windows/wide.h"
#include "registry/live/live.h"

/* A 32-bit build must not be shown what 32-bit programs are shown. */
#define ACCESS (KEY_READ | KEY_WOW64_64KEY)

/* Below one key of many (ProfileList) each value is then one call, by any thread. */
static int open_parent(struct mh_live_software *software, const char *path, size_t length,
                       struct mh_error *err)
{
    if (software->parent_path && strlen(software->parent_path) == length &&
        memcmp(software->parent_path, path, length) == 0)
        return MH_OK;
    mh_regkey_close(software->parent);
    free(software->parent_path);
    software->parent = NULL;
    software->parent_path = mh_text_copyn(path, length);
    int status = software->parent_path ? MH_OK : mh_error_no_memory(err);
    if (status == MH_OK && !software->root)
        status = mh_regkey_open(HKEY_LOCAL_MACHINE, "SOFTWARE", ACCESS, &software->root, err);
    if (status == MH_OK)
        status = mh_regkey_open(software->root, software->parent_path, ACCESS, &software->parent, err);
    if (status != MH_OK) {
        free(software->parent_path);
        software->parent_path = NULL;
    }
    return status;
}

static LSTATUS get(HKEY parent, const wchar_t *key, const wchar_t *name, struct mh_value *value)
{
    LSTATUS number = ERROR_MORE_DATA;
    DWORD size = 512;
    for (int i = 0; number == ERROR_MORE_DATA && i < 8; i++) {
        DWORD type = 0;
        void *grown = realloc(value->data, size);
        if (!grown)
            return ERROR_OUTOFMEMORY;
        value->data = grown;
        number = RegGetValueW(parent, key, name, RRF_RT_ANY | RRF_NOEXPAND, &type, value->data, &size);
        value->type = type;
        value->size = size;
    }
    value->present = number == ERROR_SUCCESS;
    return number;
}

static int get_value(HKEY parent, const char *key, const char *name, struct mh_value *ret_value,
                     struct mh_error *err)
{
    struct mh_value value = {0};
    wchar_t *wide_key = mh_wide(key);
    wchar_t *wide_name = mh_wide(name ? name : "");
    LSTATUS number = wide_key && wide_name ? get(parent, wide_key, wide_name, &value) : ERROR_OUTOFMEMORY;
    free(wide_key);
    free(wide_name);
    if (number != ERROR_SUCCESS)
        mh_value_clear(&value);
    if (number != ERROR_SUCCESS && mh_win32_status((DWORD)number) != MH_NOT_FOUND)
        return mh_error_win32(err, (DWORD)number, "cannot read %s of HKLM\\Software\\...\\%s",
                              name ? name : "the default value", key);
    *ret_value = value;
    return MH_OK;
}

static int live_value(void *context, const char *key, const char *name, struct mh_value *ret_value,
                      struct mh_error *err)
{
    struct mh_live_software *software = context;
    struct mh_error why = {0};
    const char *last = strrchr(key, '\\');
    size_t length = last ? (size_t)(last - key) : 0;
    int status = open_parent(software, key, length, &why);
    if (status == MH_NOT_FOUND) {
        *ret_value = (struct mh_value){0};
        return MH_OK;
    }
    if (status != MH_OK) {
        if (err)
            *err = why;
        return status;
    }
    return get_value(software->parent, last ? last + 1 : key, name, ret_value, err);
}

static int live_subkeys(void *context, const char *key, struct mh_texts *names, struct mh_error *err)
{
    struct mh_live_software *software = context;
    int status = open_parent(software, key, strlen(key), err);
    return status == MH_OK ? mh_regkey_names(software->parent, names, err) : status;
}

#define NAME_MAX_UNITS 16384u /* a value's name has at most 16,383 */

static int visit_value(HKEY key, DWORD index, wchar_t *units, mh_visit_value *visit, void *visitor,
                       bool *ret_done, struct mh_error *err)
{
    struct mh_value value = {0};
    DWORD length = NAME_MAX_UNITS;
    LSTATUS number = RegEnumValueW(key, index, units, &length, NULL, NULL, NULL, NULL);
    *ret_done = number == ERROR_NO_MORE_ITEMS;
    if (*ret_done)
        return MH_OK;
    if (number != ERROR_SUCCESS)
        return mh_error_win32(err, (DWORD)number, "cannot list the values");
    char *name = mh_narrow(units, length);
    int status = name ? mh_regkey_read(key, name, &value, err) : mh_error_no_memory(err);
    free(name);
    if (status == MH_OK && value.present)
        status = visit(visitor, &value, err);
    mh_value_clear(&value);
    return status;
}

static int live_values(void *context, const char *key, mh_visit_value *visit, void *visitor,
                       struct mh_error *err)
{
    struct mh_live_software *software = context;
    struct mh_error why = {0};
    int status = open_parent(software, key, strlen(key), &why);
    if (status != MH_OK) {
        if (err && status != MH_NOT_FOUND)
            *err = why;
        return status == MH_NOT_FOUND ? MH_OK : status;
    }
    wchar_t *units = malloc(NAME_MAX_UNITS * sizeof(*units));
    bool done = false;
    if (!units)
        status = mh_error_no_memory(err);
    for (DWORD i = 0; status == MH_OK && !done; i++)
        status = visit_value(software->parent, i, units, visit, visitor, &done, err);
    free(units);
    return status;
}

struct mh_software mh_live_software(struct mh_live_software *software)
{
    return (struct mh_software){.value = live_value,
                                .subkeys = live_subkeys,
                                .values = live_values,
                                .context = software,
                                .concurrent = true};
}

void mh_live_software_close(struct mh_live_software *software)
{
    mh_regkey_close(software->parent);
    mh_regkey_close(software->root);
    free(software->parent_path);
    *software = (struct mh_live_software){0};
}
