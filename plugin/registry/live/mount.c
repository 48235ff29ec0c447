/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "os/windows/native.h"
#include "os/windows/wide.h"
#include "registry/live/live.h"

#define PREFIX "mapihttp-"
#define HIVE_LIST "SYSTEM\\CurrentControlSet\\Control\\hivelist"
#define UNLOAD_TRIES 100
#define UNLOAD_PAUSE 50 /* milliseconds */

static bool creation_time(HANDLE process, uint64_t *ret_time)
{
    FILETIME created;
    FILETIME ignored[3];
    if (!GetProcessTimes(process, &created, &ignored[0], &ignored[1], &ignored[2]))
        return false;
    *ret_time = (uint64_t)created.dwHighDateTime << 32 | created.dwLowDateTime;
    return true;
}

/* A process number comes again; together with when the process began it does not. */
static int make_name(struct mh_mount *mount, struct mh_error *err)
{
    static unsigned count;
    uint64_t created = 0;
    (void)creation_time(GetCurrentProcess(), &created);
    char *name = mh_text_format(PREFIX "%lu-%" PRIx64 "-%u", GetCurrentProcessId(), created, ++count);
    wchar_t *wide = name ? mh_wide(name) : NULL;
    free(name);
    if (!wide)
        return mh_error_no_memory(err);
    wcsncpy(mount->name, wide, sizeof(mount->name) / sizeof(mount->name[0]) - 1);
    free(wide);
    return MH_OK;
}

/* What Windows calls a file of that path when no link is on the way; NULL when memory is out. */
static char *device_path(const char *path)
{
    if (strncmp(path, "\\\\?\\", 4) == 0)
        path += 4;
    wchar_t device[MAX_PATH];
    wchar_t drive[3] = {(wchar_t)path[0], L':', 0};
    if (path[0] == '\\')
        return mh_text_format("\\Device\\Mup%s", path + 1);
    if (QueryDosDeviceW(drive, device, MAX_PATH) == 0)
        return mh_text_copy("");
    char *narrow = mh_narrow_text(device);
    char *whole = narrow ? mh_text_format("%s%s", narrow, path + 2) : NULL;
    free(narrow);
    return whole;
}

/* Windows' list of what it has loaded from where; NULL where none is kept: Wine's is empty. */
static HKEY open_hive_list(void)
{
    HKEY list = NULL;
    DWORD count = 0;
    if (mh_regkey_open(HKEY_LOCAL_MACHINE, HIVE_LIST, KEY_QUERY_VALUE, &list, NULL) != MH_OK)
        return NULL;
    (void)RegQueryInfoKeyW(list, NULL, NULL, NULL, NULL, NULL, NULL, &count, NULL, NULL, NULL, NULL);
    if (count > 0)
        return list;
    RegCloseKey(list);
    return NULL;
}

/* RegLoadKey goes by the path, which may have been made to lead elsewhere since it was looked at. */
static int check_loaded_file(const struct mh_mount *mount, const char *path, struct mh_error *err)
{
    HKEY list = open_hive_list();
    struct mh_value value = {0};
    char *name = mh_narrow_text(mount->name);
    char *entry = name ? mh_text_format("\\REGISTRY\\USER\\%s", name) : NULL;
    char *wanted = device_path(path);
    char *loaded = NULL;
    int status = entry && wanted ? MH_OK : mh_error_no_memory(err);
    if (status == MH_OK && list) {
        status = mh_regkey_read(list, entry, &value, err);
        if (status == MH_OK)
            status = mh_value_text(&value, &loaded, err);
        if (status == MH_OK && (!loaded || !mh_text_equal(loaded, wanted)))
            status = mh_error_set(err, MH_UNSUPPORTED,
                                  "Windows took %s for its hive, which is not the file that was looked at; it "
                                  "was left alone",
                                  loaded ? loaded : "another file");
    }
    mh_regkey_close(list);
    mh_value_clear(&value);
    free(name);
    free(entry);
    free(wanted);
    free(loaded);
    return status;
}

/* What tells that a path still leads to the same plain file, without being in anybody's way. */
static int look_at_file(const char *path, BY_HANDLE_FILE_INFORMATION *ret_seen, struct mh_error *err)
{
    wchar_t *wide = mh_wide(path);
    if (!wide)
        return mh_error_no_memory(err);
    HANDLE handle = CreateFileW(wide, FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                NULL, OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS, NULL);
    DWORD number = GetLastError();
    free(wide);
    if (handle == INVALID_HANDLE_VALUE)
        return mh_error_win32(err, number, "cannot look at the hive");
    BOOL looked = GetFileInformationByHandle(handle, ret_seen);
    number = GetLastError();
    CloseHandle(handle);
    if (!looked)
        return mh_error_win32(err, number, "cannot look at the hive");
    if (ret_seen->nNumberOfLinks > 1 || (ret_seen->dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT))
        return mh_error_set(err, MH_UNSUPPORTED, "it is a link, or has several names");
    return MH_OK;
}

static int check_same_file(const char *path, const BY_HANDLE_FILE_INFORMATION *before, struct mh_error *err)
{
    BY_HANDLE_FILE_INFORMATION now = {0};
    int status = look_at_file(path, &now, err);
    if (status == MH_OK &&
        (now.dwVolumeSerialNumber != before->dwVolumeSerialNumber || now.nFileIndexHigh != before->nFileIndexHigh ||
         now.nFileIndexLow != before->nFileIndexLow))
        return mh_error_set(err, MH_IN_USE, "another process replaced the hive meanwhile; try again");
    return status;
}

/* Who stops this at the console stops it when nothing is mounted: the next key does. */
static BOOL WINAPI hold_on(DWORD event)
{
    if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT)
        Sleep(UNLOAD_TRIES * UNLOAD_PAUSE);
    return TRUE;
}

static int load(const struct mh_mount *mount, const char *path, struct mh_error *err)
{
    struct mh_privileges privileges;
    wchar_t *wide = mh_wide(path);
    if (!wide)
        return mh_error_no_memory(err);
    int status = mh_privileges_take(&privileges, err);
    if (status == MH_OK) {
        LSTATUS number = RegLoadKeyW(HKEY_USERS, mount->name, wide);
        if (number != ERROR_SUCCESS) /* of a hive that it cannot load, Wine leaves an empty key */
            (void)RegUnLoadKeyW(HKEY_USERS, mount->name);
        mh_privileges_drop(&privileges);
        if (number != ERROR_SUCCESS)
            status = mh_error_win32(err, (DWORD)number, "Windows cannot load the hive");
    }
    free(wide);
    return status;
}

int mh_mount(const char *path, struct mh_mount *ret_mount, struct mh_error *err)
{
    struct mh_mount mount = {0};
    struct mh_error stuck = {0};
    BY_HANDLE_FILE_INFORMATION before = {0};
    int status = look_at_file(path, &before, err);
    if (status == MH_OK)
        status = make_name(&mount, err);
    if (status != MH_OK)
        return status;
    SetConsoleCtrlHandler(hold_on, TRUE);
    status = load(&mount, path, err);
    if (status != MH_OK) {
        SetConsoleCtrlHandler(hold_on, FALSE);
        return status;
    }
    status = check_loaded_file(&mount, path, err);
    if (status == MH_OK)
        status = check_same_file(path, &before, err);
    if (status == MH_OK)
        *ret_mount = mount;
    else if (mh_unmount(&mount, &stuck) != MH_OK)
        mh_error_wrap(err, "%s; it was to be unloaded again because", stuck.message);
    return status;
}

static LSTATUS try_unload(const wchar_t *name, int tries)
{
    LSTATUS number = RegUnLoadKeyW(HKEY_USERS, name);
    for (int i = 1; i < tries && number != ERROR_SUCCESS && number != ERROR_FILE_NOT_FOUND; i++) {
        Sleep(UNLOAD_PAUSE);
        number = RegUnLoadKeyW(HKEY_USERS, name);
    }
    return number;
}

static int unload(const wchar_t *name, int tries, struct mh_error *err)
{
    struct mh_privileges privileges;
    int status = mh_privileges_take(&privileges, err);
    if (status != MH_OK)
        return status;
    LSTATUS number = try_unload(name, tries);
    mh_privileges_drop(&privileges);
    if (number == ERROR_SUCCESS || number == ERROR_FILE_NOT_FOUND) /* somebody else was so kind */
        return MH_OK;
    char *narrow = mh_narrow_text(name);
    status = mh_error_native(err, MH_IN_USE, number,
                             "the hive is still loaded as HKEY_USERS\\%s, because another process has a key "
                             "of it open; its user should not log on before it is unloaded (reg unload), "
                             "which the next apply tries again",
                             narrow ? narrow : "");
    free(narrow);
    return status;
}

int mh_unmount(struct mh_mount *mount, struct mh_error *err)
{
    if (!mount->name[0])
        return MH_OK;
    int status = unload(mount->name, UNLOAD_TRIES, err);
    mount->name[0] = 0;
    SetConsoleCtrlHandler(hold_on, FALSE);
    return status;
}

/* Takes a name of make_name apart; false when it is none. */
static bool parse_name(const char *name, unsigned long *ret_pid, uint64_t *ret_began)
{
    char *end;
    if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
        return false;
    *ret_pid = strtoul(name + strlen(PREFIX), &end, 10);
    if (*end != '-')
        return false;
    *ret_began = strtoull(end + 1, &end, 16);
    return *end == '-';
}

/* Whether the run that loaded it is still at work. */
static bool is_alive(unsigned long pid, uint64_t began)
{
    uint64_t created = 0;
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE, pid);
    if (!process)
        return GetLastError() == ERROR_ACCESS_DENIED;
    bool alive = WaitForSingleObject(process, 0) == WAIT_TIMEOUT && creation_time(process, &created) &&
                 created == began;
    CloseHandle(process);
    return alive;
}

static int clean_one(const char *name, bool look_only, struct mh_texts *warnings, struct mh_error *err)
{
    struct mh_error why = {0};
    int added;
    wchar_t *wide = mh_wide(name);
    if (!wide)
        return mh_error_no_memory(err);
    if (look_only)
        added = mh_texts_addf(warnings, "HKEY_USERS\\%s was left loaded by a run that was killed; the next "
                              "apply unloads it", name);
    else if (unload(wide, 1, &why) == MH_OK)
        added = mh_texts_addf(warnings, "unloaded HKEY_USERS\\%s, which a run that was killed had left", name);
    else
        added = mh_texts_addf(warnings, "a run that was killed left HKEY_USERS\\%s: %s", name, why.message);
    free(wide);
    return added < 0 ? mh_error_no_memory(err) : MH_OK;
}

int mh_mounts_clean(const struct mh_texts *names, bool look_only, struct mh_texts *warnings,
                    struct mh_error *err)
{
    int status = MH_OK;
    unsigned long pid = 0;
    uint64_t began = 0;
    for (size_t i = 0; status == MH_OK && i < names->count; i++)
        if (parse_name(names->items[i], &pid, &began) && !is_alive(pid, began))
            status = clean_one(names->items[i], look_only, warnings, err);
    return status;
}
