/* SPDX-License-Identifier: MIT */
#include "outlook/outlook.h"

#include <stdlib.h>

#include <windows.h>
#include <sddl.h>
#include <tlhelp32.h>

#include "core/text.h"
#include "os/windows/native.h"
#include "os/windows/wide.h"

/* The user of a process, as text on the heap (LocalFree); NULL where this account may not know. */
static wchar_t *owner_of(HANDLE process)
{
    union {
        TOKEN_USER user;
        BYTE bytes[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } owner;
    HANDLE token;
    DWORD size;
    wchar_t *sid = NULL;
    if (!OpenProcessToken(process, TOKEN_QUERY, &token))
        return NULL;
    if (!GetTokenInformation(token, TokenUser, &owner, sizeof(owner), &size) ||
        !ConvertSidToStringSidW(owner.user.User.Sid, &sid))
        sid = NULL;
    CloseHandle(token);
    return sid;
}

static int add_process(struct mh_outlook *outlook, const wchar_t *sid, DWORD id, struct mh_error *err)
{
    char *text = mh_narrow_text(sid);
    int added = text ? mh_outlook_add_process(outlook, text, id) : -1;
    free(text);
    return added < 0 ? mh_error_no_memory(err) : MH_OK;
}

static int note_process(struct mh_outlook *outlook, DWORD id, struct mh_error *err)
{
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, id);
    if (!process) {
        if (GetLastError() != ERROR_INVALID_PARAMETER) /* that is: it has ended meanwhile */
            outlook->running_known = false;
        return MH_OK;
    }
    wchar_t *sid = owner_of(process);
    CloseHandle(process);
    if (!sid) {
        outlook->running_known = false;
        return MH_OK;
    }
    int status = add_process(outlook, sid, id, err);
    LocalFree(sid);
    return status;
}

/* A process that has ended stays in the list, without a thread, as long as somebody holds a handle of it. */
static bool is_outlook(const PROCESSENTRY32W *process)
{
    char *name = process->cntThreads > 0 ? mh_narrow_text(process->szExeFile) : NULL;
    bool is = name && mh_text_equal(name, "OUTLOOK.EXE");
    free(name);
    return is;
}

static int note_all(struct mh_outlook *outlook, HANDLE snapshot, struct mh_error *err)
{
    PROCESSENTRY32W process = {.dwSize = sizeof(process)};
    int status = MH_OK;
    BOOL more = Process32FirstW(snapshot, &process);
    while (more && status == MH_OK) {
        if (is_outlook(&process))
            status = note_process(outlook, process.th32ProcessID, err);
        more = Process32NextW(snapshot, &process);
    }
    if (status == MH_OK && GetLastError() != ERROR_NO_MORE_FILES)
        status = mh_error_win32(err, GetLastError(), "cannot list the processes");
    return status;
}

int mh_outlook_running(struct mh_outlook *outlook, struct mh_error *err)
{
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    if (snapshot == INVALID_HANDLE_VALUE)
        return mh_error_win32(err, GetLastError(), "cannot list the processes");
    mh_outlook_clear_processes(outlook);
    outlook->running_known = true;
    int status = note_all(outlook, snapshot, err);
    if (status != MH_OK)
        outlook->running_known = false;
    CloseHandle(snapshot);
    return status;
}
