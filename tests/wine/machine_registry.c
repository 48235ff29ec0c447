/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <stdlib.h>
#include <winternl.h>

NTSTATUS NTAPI NtDeleteKey(HANDLE key); /* of ntdll; nothing above it deletes a link */

enum { NAME_SIZE = 16384, DATA_SIZE = 1 << 18 };

/* Splits "HKU\..." ; *ret_path is what comes behind the root. */
static HKEY root_of(const wchar_t *key, const wchar_t **ret_path)
{
    static const struct {
        const wchar_t *name;
        HKEY key;
    } roots[] = {{L"HKLM", HKEY_LOCAL_MACHINE}, {L"HKU", HKEY_USERS}, {L"HKCU", HKEY_CURRENT_USER}};

    for (size_t i = 0; i < sizeof(roots) / sizeof(*roots); i++) {
        size_t length = wcslen(roots[i].name);

        if (wcsncmp(key, roots[i].name, length) == 0 &&
            (key[length] == L'\\' || key[length] == L'\0')) {
            *ret_path = key[length] == L'\\' ? key + length + 1 : key + length;
            return roots[i].key;
        }
    }
    return NULL;
}

static DWORD open_key(const wchar_t *key, REGSAM rights, HKEY *ret)
{
    const wchar_t *path;
    HKEY root = root_of(key, &path);

    if (root == NULL)
        return ERROR_INVALID_PARAMETER;
    return (DWORD)RegOpenKeyExW(root, path, 0, rights | KEY_WOW64_64KEY, ret);
}

static DWORD make_key(const wchar_t *key, HKEY *ret)
{
    const wchar_t *path;
    HKEY root = root_of(key, &path);

    if (root == NULL)
        return ERROR_INVALID_PARAMETER;
    return (DWORD)RegCreateKeyExW(root, path, 0, NULL, 0, KEY_ALL_ACCESS | KEY_WOW64_64KEY, NULL,
                                  ret, NULL);
}

DWORD machine_key(const struct machine_line *line)
{
    HKEY key;
    DWORD error = make_key(line->field[0], &key);

    if (error == ERROR_SUCCESS)
        RegCloseKey(key);
    return error;
}

static int digit(wchar_t c)
{
    if (c >= L'0' && c <= L'9')
        return c - L'0';
    return c >= L'a' && c <= L'f' ? c - L'a' + 10 : -1;
}

/* set KEY NAME TYPE HEX */
DWORD machine_set(const struct machine_line *line)
{
    static BYTE bytes[DATA_SIZE];
    const wchar_t *hex = line->field[3];
    DWORD size = 0, error;
    HKEY key;

    for (; hex[0] != L'\0' && size < DATA_SIZE; hex += 2) {
        if (digit(hex[0]) < 0 || digit(hex[1]) < 0)
            return ERROR_INVALID_DATA;
        bytes[size++] = (BYTE)(digit(hex[0]) << 4 | digit(hex[1]));
    }
    error = make_key(line->field[0], &key);
    if (error != ERROR_SUCCESS)
        return error;
    error = (DWORD)RegSetValueExW(key, line->field[1], 0, wcstoul(line->field[2], NULL, 0), bytes,
                                  size);
    RegCloseKey(key);
    return error;
}

/* unset KEY NAME */
DWORD machine_unset(const struct machine_line *line)
{
    HKEY key;
    DWORD error = open_key(line->field[0], KEY_SET_VALUE, &key);

    if (error != ERROR_SUCCESS)
        return error;
    error = (DWORD)RegDeleteValueW(key, line->field[1]);
    RegCloseKey(key);
    return error;
}

/* value KEY NAME: TYPE HEX */
DWORD machine_value(const struct machine_line *line)
{
    static BYTE bytes[DATA_SIZE];
    DWORD size = sizeof(bytes), type = 0, error;
    HKEY key;

    error = open_key(line->field[0], KEY_QUERY_VALUE, &key);
    if (error != ERROR_SUCCESS)
        return error;
    error = (DWORD)RegQueryValueExW(key, line->field[1], NULL, &type, bytes, &size);
    RegCloseKey(key);
    if (error != ERROR_SUCCESS)
        return error;
    machine_say_number(type);
    machine_say_bytes(bytes, size);
    return ERROR_SUCCESS;
}

/* The names of a key's subkeys or of its values. */
static DWORD names(const wchar_t *text, REGSAM rights, bool values)
{
    static wchar_t name[NAME_SIZE];
    DWORD error;
    HKEY key;

    error = open_key(text, rights, &key);
    if (error != ERROR_SUCCESS)
        return error;
    for (DWORD i = 0; error == ERROR_SUCCESS; i++) {
        DWORD size = NAME_SIZE;

        error = (DWORD)(values ? RegEnumValueW(key, i, name, &size, NULL, NULL, NULL, NULL)
                               : RegEnumKeyExW(key, i, name, &size, NULL, NULL, NULL, NULL));
        if (error == ERROR_SUCCESS)
            machine_say(name);
    }
    RegCloseKey(key);
    return error == ERROR_NO_MORE_ITEMS ? ERROR_SUCCESS : error;
}

DWORD machine_keys(const struct machine_line *line)
{
    return names(line->field[0], KEY_ENUMERATE_SUB_KEYS, false);
}

DWORD machine_values(const struct machine_line *line)
{
    return names(line->field[0], KEY_QUERY_VALUE, true);
}

/* wipe KEY: it and all below it. */
DWORD machine_wipe(const struct machine_line *line)
{
    const wchar_t *path = L"";
    HKEY root = root_of(line->field[0], &path), key;
    DWORD error = open_key(line->field[0], KEY_ALL_ACCESS, &key);

    if (error != ERROR_SUCCESS || path[0] == L'\0')
        return error;
    error = (DWORD)RegDeleteTreeW(key, NULL);
    RegCloseKey(key);
    return error != ERROR_SUCCESS ? error : (DWORD)RegDeleteKeyExW(root, path, KEY_WOW64_64KEY, 0);
}

/* link KEY TARGET: a symbolic link, TARGET being as the kernel calls it (\REGISTRY\USER\...). */
DWORD machine_link(const struct machine_line *line)
{
    const wchar_t *path, *target = line->field[1];
    HKEY root = root_of(line->field[0], &path), key;
    DWORD error;

    if (root == NULL)
        return ERROR_INVALID_PARAMETER;
    error = (DWORD)RegCreateKeyExW(root, path, 0, NULL, REG_OPTION_CREATE_LINK,
                                   KEY_ALL_ACCESS | KEY_WOW64_64KEY, NULL, &key, NULL);
    if (error != ERROR_SUCCESS)
        return error;
    error = (DWORD)RegSetValueExW(key, L"SymbolicLinkValue", 0, REG_LINK, (const BYTE *)target,
                                  (DWORD)(wcslen(target) * sizeof(*target)));
    RegCloseKey(key);
    return error;
}

/* unlink KEY: the link itself. */
DWORD machine_unlink(const struct machine_line *line)
{
    const wchar_t *path;
    HKEY root = root_of(line->field[0], &path), key;
    DWORD error;

    if (root == NULL)
        return ERROR_INVALID_PARAMETER;
    error = (DWORD)RegOpenKeyExW(root, path, REG_OPTION_OPEN_LINK, DELETE | KEY_WOW64_64KEY, &key);
    if (error != ERROR_SUCCESS)
        return error;
    error = NtDeleteKey(key) == 0 ? ERROR_SUCCESS : ERROR_ACCESS_DENIED;
    RegCloseKey(key);
    return error;
}

static DWORD mounting(void)
{
    DWORD error = machine_privilege(L"SeRestorePrivilege");

    return error != ERROR_SUCCESS ? error : machine_privilege(L"SeBackupPrivilege");
}

/* load NAME FILE: below HKEY_USERS; it stays when this program ends. */
DWORD machine_load(const struct machine_line *line)
{
    DWORD error = mounting();

    return error != ERROR_SUCCESS ? error
                                  : (DWORD)RegLoadKeyW(HKEY_USERS, line->field[0], line->field[1]);
}

DWORD machine_unload(const struct machine_line *line)
{
    DWORD error = mounting();

    return error != ERROR_SUCCESS ? error : (DWORD)RegUnLoadKeyW(HKEY_USERS, line->field[0]);
}

/* save KEY FILE */
DWORD machine_save(const struct machine_line *line)
{
    HKEY key;
    DWORD error = mounting();

    if (error == ERROR_SUCCESS)
        error = open_key(line->field[0], KEY_READ, &key);
    if (error != ERROR_SUCCESS)
        return error;
    error = (DWORD)RegSaveKeyW(key, line->field[1], NULL);
    RegCloseKey(key);
    return error;
}
