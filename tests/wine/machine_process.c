/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>

enum { HELD = 16, SEEN = 4096, NAME_SIZE = 256 };

/* hold FILE SHARING: keeps it open, sharing (FILE_SHARE_*) what is said, until `release`. */
static HANDLE held[HELD];
static int held_count;

DWORD machine_hold(const struct machine_line *line)
{
    HANDLE file;

    if (held_count == HELD)
        return ERROR_TOO_MANY_OPEN_FILES;
    file = CreateFileW(line->field[0], GENERIC_READ | GENERIC_WRITE,
                       wcstoul(line->field[1], NULL, 0), NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return GetLastError();
    held[held_count++] = file;
    return ERROR_SUCCESS;
}

DWORD machine_release(const struct machine_line *line)
{
    (void)line;
    while (held_count > 0)
        CloseHandle(held[--held_count]);
    return ERROR_SUCCESS;
}

/* id: this process's number. */
DWORD machine_id(const struct machine_line *line)
{
    (void)line;
    machine_say_number(GetCurrentProcessId());
    return ERROR_SUCCESS;
}

static DWORD open_token(DWORD rights, HANDLE *ret)
{
    return OpenProcessToken(GetCurrentProcess(), rights, ret) ? ERROR_SUCCESS : GetLastError();
}

/* Takes a privilege, or gives it back: SE_PRIVILEGE_ENABLED, SE_PRIVILEGE_REMOVED. */
static DWORD adjust(const wchar_t *name, DWORD attributes)
{
    TOKEN_PRIVILEGES wanted = {.PrivilegeCount = 1};
    HANDLE token;
    DWORD error;

    if (!LookupPrivilegeValueW(NULL, name, &wanted.Privileges[0].Luid))
        return GetLastError();
    wanted.Privileges[0].Attributes = attributes;
    error = open_token(TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, &token);
    if (error != ERROR_SUCCESS)
        return error;
    error = AdjustTokenPrivileges(token, FALSE, &wanted, 0, NULL, NULL) ? ERROR_SUCCESS
                                                                        : GetLastError();
    if (error == ERROR_SUCCESS)
        error = GetLastError(); /* ERROR_NOT_ALL_ASSIGNED */
    CloseHandle(token);
    return error;
}

DWORD machine_privilege(const wchar_t *name)
{
    return adjust(name, SE_PRIVILEGE_ENABLED);
}

/* sid: that of the user */
DWORD machine_sid(const struct machine_line *line)
{
    static BYTE space[256];
    TOKEN_USER *user = (TOKEN_USER *)space;
    HANDLE token;
    wchar_t *text;
    DWORD size, error;

    (void)line;
    error = open_token(TOKEN_QUERY, &token);
    if (error != ERROR_SUCCESS)
        return error;
    if (!GetTokenInformation(token, TokenUser, user, sizeof(space), &size) ||
        !ConvertSidToStringSidW(user->User.Sid, &text)) {
        error = GetLastError();
    } else {
        machine_say(text);
        LocalFree(text);
    }
    CloseHandle(token);
    return error;
}

/* account: DOMAIN\name of the user, as the system says it. */
DWORD machine_account(const struct machine_line *line)
{
    static BYTE space[256];
    TOKEN_USER *user = (TOKEN_USER *)space;
    wchar_t name[NAME_SIZE], domain[NAME_SIZE];
    DWORD size, name_size = NAME_SIZE, domain_size = NAME_SIZE, error;
    SID_NAME_USE use;
    HANDLE token;

    (void)line;
    error = open_token(TOKEN_QUERY, &token);
    if (error != ERROR_SUCCESS)
        return error;
    if (!GetTokenInformation(token, TokenUser, user, sizeof(space), &size) ||
        !LookupAccountSidW(NULL, user->User.Sid, name, &name_size, domain, &domain_size, &use)) {
        error = GetLastError();
    } else {
        wchar_t both[2 * NAME_SIZE];

        swprintf(both, sizeof(both) / sizeof(*both), L"%ls\\%ls", domain, name);
        machine_say(both);
    }
    CloseHandle(token);
    return error;
}

/* lookup DOMAIN\name: whether the system knows the account. */
DWORD machine_lookup(const struct machine_line *line)
{
    BYTE sid[256];
    wchar_t domain[NAME_SIZE];
    DWORD size = sizeof(sid), domain_size = NAME_SIZE;
    SID_NAME_USE use;

    return LookupAccountNameW(NULL, line->field[0], sid, &size, domain, &domain_size, &use)
               ? ERROR_SUCCESS
               : GetLastError();
}

/* privileges: the names of those in the token, "+" before those that are enabled. */
DWORD machine_privileges(const struct machine_line *line)
{
    static BYTE space[4096];
    TOKEN_PRIVILEGES *all = (TOKEN_PRIVILEGES *)space;
    HANDLE token;
    DWORD size, error;

    (void)line;
    error = open_token(TOKEN_QUERY, &token);
    if (error != ERROR_SUCCESS)
        return error;
    if (!GetTokenInformation(token, TokenPrivileges, all, sizeof(space), &size))
        error = GetLastError();
    for (DWORD i = 0; error == ERROR_SUCCESS && i < all->PrivilegeCount; i++) {
        wchar_t name[NAME_SIZE] = L"+";
        DWORD length = NAME_SIZE - 1;

        if (LookupPrivilegeNameW(NULL, &all->Privileges[i].Luid, name + 1, &length))
            machine_say(all->Privileges[i].Attributes & SE_PRIVILEGE_ENABLED ? name : name + 1);
    }
    CloseHandle(token);
    return error;
}

/* process: the number of this one, and when it began (a FILETIME in hex). */
DWORD machine_process(const struct machine_line *line)
{
    FILETIME began, ignored[3];
    wchar_t text[32];

    (void)line;
    if (!GetProcessTimes(GetCurrentProcess(), &began, &ignored[0], &ignored[1], &ignored[2]))
        return GetLastError();
    machine_say_number(GetCurrentProcessId());
    swprintf(text, 32, L"%llx", (unsigned long long)began.dwHighDateTime << 32 | began.dwLowDateTime);
    machine_say(text);
    return ERROR_SUCCESS;
}

/* attributes FILE: by name, by a handle that opens reparse points themselves; its links. */
DWORD machine_attributes(const struct machine_line *line)
{
    BY_HANDLE_FILE_INFORMATION info;
    HANDLE file = CreateFileW(line->field[0], FILE_READ_ATTRIBUTES, 7, NULL, OPEN_EXISTING,
                              FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    DWORD error = ERROR_SUCCESS;

    if (file == INVALID_HANDLE_VALUE)
        return GetLastError();
    if (!GetFileInformationByHandle(file, &info)) {
        error = GetLastError();
    } else {
        machine_say_number(GetFileAttributesW(line->field[0]));
        machine_say_number(info.dwFileAttributes);
        machine_say_number(info.nNumberOfLinks);
    }
    CloseHandle(file);
    return error;
}

/*
 * watch, seen: between them, every name that came up below HKEY_USERS. Two ways, since a mount may be
 * short: a thread that lists it all the while, and a notification, which cannot miss any but tells no
 * names.
 */
static struct {
    HANDLE thread, changed;
    HKEY key;
    volatile LONG stop;
    wchar_t name[SEEN][NAME_SIZE];
    int count;
} watch;

static void note(const wchar_t *name)
{
    for (int i = 0; i < watch.count; i++)
        if (wcscmp(watch.name[i], name) == 0)
            return;
    if (watch.count < SEEN)
        wcscpy(watch.name[watch.count++], name);
}

static DWORD WINAPI look(void *nothing)
{
    wchar_t name[NAME_SIZE];

    (void)nothing;
    while (!watch.stop) {
        DWORD size = NAME_SIZE;

        for (DWORD i = 0;
             RegEnumKeyExW(HKEY_USERS, i, name, &size, NULL, NULL, NULL, NULL) == ERROR_SUCCESS; i++) {
            note(name);
            size = NAME_SIZE;
        }
    }
    return 0;
}

DWORD machine_watch(const struct machine_line *line)
{
    DWORD error;

    (void)line;
    watch.stop = 0;
    watch.count = 0;
    watch.changed = CreateEventW(NULL, TRUE, FALSE, NULL);
    error = (DWORD)RegOpenKeyExW(HKEY_USERS, NULL, 0, KEY_NOTIFY | KEY_ENUMERATE_SUB_KEYS,
                                 &watch.key);
    if (error == ERROR_SUCCESS)
        error = (DWORD)RegNotifyChangeKeyValue(watch.key, FALSE, REG_NOTIFY_CHANGE_NAME,
                                               watch.changed, TRUE);
    if (error != ERROR_SUCCESS)
        return error;
    watch.thread = CreateThread(NULL, 0, look, NULL, 0, NULL);
    return watch.thread != NULL ? ERROR_SUCCESS : GetLastError();
}

/* seen: "changed" or "same", and the names */
DWORD machine_seen(const struct machine_line *line)
{
    (void)line;
    if (watch.thread == NULL)
        return ERROR_INVALID_HANDLE;
    watch.stop = 1;
    WaitForSingleObject(watch.thread, INFINITE);
    machine_say(WaitForSingleObject(watch.changed, 0) == WAIT_OBJECT_0 ? L"changed" : L"same");
    for (int i = 0; i < watch.count; i++)
        machine_say(watch.name[i]);
    CloseHandle(watch.thread);
    RegCloseKey(watch.key);
    CloseHandle(watch.changed);
    watch.thread = NULL;
    return ERROR_SUCCESS;
}

/* The command line behind its first `count` words. */
static wchar_t *behind(wchar_t *text, int count)
{
    bool quoted = false;

    while (count > 0 && *text != L'\0') {
        while (*text != L'\0' && (quoted || (*text != L' ' && *text != L'\t'))) {
            if (*text++ == L'"')
                quoted = !quoted;
        }
        while (*text == L' ' || *text == L'\t')
            text++;
        count--;
    }
    return text;
}

int machine_without(int count, wchar_t **arguments)
{
    STARTUPINFOW start = {.cb = sizeof(start), .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION process;
    DWORD code = 250;

    if (count < 4)
        return 250;
    for (wchar_t *name = arguments[2], *next; name != NULL; name = next) {
        next = wcschr(name, L',');
        if (next != NULL)
            *next++ = L'\0';
        if (adjust(name, SE_PRIVILEGE_REMOVED) != ERROR_SUCCESS)
            return 251;
    }
    start.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    start.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    start.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    if (!CreateProcessW(NULL, behind(GetCommandLineW(), 3), NULL, NULL, TRUE, 0, NULL, NULL, &start,
                        &process))
        return 252;
    WaitForSingleObject(process.hProcess, INFINITE);
    if (!GetExitCodeProcess(process.hProcess, &code))
        code = 253;
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return (int)code;
}
