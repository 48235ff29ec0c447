/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <wchar.h>

#include "registry/live/live.h"

#include <sddl.h>

#include "core/text.h"
#include "os/windows/native.h"
#include "os/windows/wide.h"

#define NAME_UNITS 512u

/* Windows' way to say that there is none. */
static bool is_nobody(DWORD number)
{
    return number == ERROR_NONE_MAPPED;
}

int mh_live_account_sid(struct mh_registry *registry, const char *account, char **ret_sid,
                        struct mh_error *err)
{
    uint8_t sid[SECURITY_MAX_SID_SIZE];
    wchar_t domain[NAME_UNITS];
    DWORD sid_size = sizeof(sid);
    DWORD domain_units = NAME_UNITS;
    SID_NAME_USE use;
    wchar_t *text;
    wchar_t *wide = mh_wide(account);
    (void)registry;
    *ret_sid = NULL;
    if (!wide)
        return mh_error_no_memory(err);
    BOOL found = LookupAccountNameW(NULL, wide, sid, &sid_size, domain, &domain_units, &use);
    DWORD number = GetLastError();
    free(wide);
    if (!found)
        return is_nobody(number) ? MH_OK : mh_error_win32(err, number, "cannot look up %s", account);
    if (!ConvertSidToStringSidW(sid, &text))
        return mh_error_win32(err, GetLastError(), "cannot spell a SID");
    *ret_sid = mh_narrow_text(text);
    LocalFree(text);
    return *ret_sid ? MH_OK : mh_error_no_memory(err);
}

static int join(const wchar_t *domain, const wchar_t *name, char **ret_account, struct mh_error *err)
{
    char *left = mh_narrow_text(domain);
    char *right = mh_narrow_text(name);
    *ret_account = left && right ? mh_text_format("%s%s%s", left, *left ? "\\" : "", right) : NULL;
    free(left);
    free(right);
    return *ret_account ? MH_OK : mh_error_no_memory(err);
}

int mh_live_sid_account(struct mh_registry *registry, const char *sid, char **ret_account,
                        struct mh_error *err)
{
    wchar_t name[NAME_UNITS];
    wchar_t domain[NAME_UNITS];
    DWORD name_units = NAME_UNITS;
    DWORD domain_units = NAME_UNITS;
    SID_NAME_USE use;
    PSID binary = NULL;
    wchar_t *wide = mh_wide(sid);
    (void)registry;
    *ret_account = NULL;
    if (!wide)
        return mh_error_no_memory(err);
    BOOL spelled = ConvertStringSidToSidW(wide, &binary);
    free(wide);
    if (!spelled)
        return mh_error_win32(err, GetLastError(), "%s is no SID", sid);
    BOOL found = LookupAccountSidW(NULL, binary, name, &name_units, domain, &domain_units, &use);
    DWORD number = GetLastError();
    LocalFree(binary);
    if (!found)
        return is_nobody(number) ? MH_OK : mh_error_win32(err, number, "cannot look up %s", sid);
    return join(domain, name, ret_account, err);
}
