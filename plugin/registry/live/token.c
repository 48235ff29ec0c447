/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "registry/live/live.h"

#include <sddl.h>

#include "os/windows/native.h"
#include "os/windows/wide.h"

static int last_error(struct mh_error *err, const char *what)
{
    return mh_error_win32(err, GetLastError(), "%s", what);
}

int mh_token_sid(HANDLE token, char **ret_sid, struct mh_error *err)
{
    union {
        TOKEN_USER user;
        uint8_t bytes[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } buffer;
    DWORD size;
    wchar_t *text;
    if (!GetTokenInformation(token, TokenUser, &buffer, sizeof(buffer), &size))
        return last_error(err, "cannot ask whose process it is");
    if (!ConvertSidToStringSidW(buffer.user.User.Sid, &text))
        return last_error(err, "cannot spell a SID");
    *ret_sid = mh_narrow_text(text);
    LocalFree(text);
    return *ret_sid ? MH_OK : mh_error_no_memory(err);
}

int mh_process_sid(char **ret_sid, struct mh_error *err)
{
    HANDLE token;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return last_error(err, "cannot open the own token");
    int status = mh_token_sid(token, ret_sid, err);
    CloseHandle(token);
    return status;
}

/* SeBackupPrivilege and SeRestorePrivilege have had these numbers since NT; their names are asked of a server. */
#define BACKUP_PRIVILEGE 17
#define RESTORE_PRIVILEGE 18
#define DEBUG_PRIVILEGE 20

/* All of them or none. Returns Windows' number. */
static DWORD take(const struct mh_privilege_set *wanted, struct mh_privileges *ret_privileges)
{
    struct mh_privileges taken = {0};
    DWORD size;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES, &taken.token))
        return GetLastError();
    BOOL adjusted = AdjustTokenPrivileges(taken.token, FALSE, (TOKEN_PRIVILEGES *)wanted, sizeof(taken.before),
                                          (TOKEN_PRIVILEGES *)&taken.before, &size);
    DWORD number = GetLastError();
    if (adjusted && number == ERROR_SUCCESS) {
        *ret_privileges = taken;
        return ERROR_SUCCESS;
    }
    if (adjusted)
        mh_privileges_drop(&taken);
    else
        CloseHandle(taken.token);
    return number;
}

void mh_privilege_take_debug(struct mh_privileges *ret_privileges)
{
    static const struct mh_privilege_set wanted = {1, {{{DEBUG_PRIVILEGE, 0}, SE_PRIVILEGE_ENABLED}}};
    (void)take(&wanted, ret_privileges);
}

int mh_privileges_take(struct mh_privileges *ret_privileges, struct mh_error *err)
{
    static const struct mh_privilege_set wanted = {2,
                                                   {{{BACKUP_PRIVILEGE, 0}, SE_PRIVILEGE_ENABLED},
                                                    {{RESTORE_PRIVILEGE, 0}, SE_PRIVILEGE_ENABLED}}};
    DWORD number = take(&wanted, ret_privileges);
    if (number != ERROR_SUCCESS)
        return mh_error_native(err, MH_ACCESS_DENIED, (long)number,
                               "changing the hive of a user who is not logged on takes the privileges "
                               "SeBackupPrivilege and SeRestorePrivilege; run elevated as administrator, or "
                               "as SYSTEM");
    return MH_OK;
}

void mh_privileges_drop(struct mh_privileges *privileges)
{
    if (!privileges->token)
        return;
    AdjustTokenPrivileges(privileges->token, FALSE, (TOKEN_PRIVILEGES *)&privileges->before, 0, NULL, NULL);
    CloseHandle(privileges->token);
    privileges->token = NULL;
}
