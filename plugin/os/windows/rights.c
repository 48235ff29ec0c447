/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "os/windows/native.h"
#include "os/windows/win.h"

#define BASIC_RIGHTS (OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION)

static DWORD try_query(HANDLE handle, SECURITY_INFORMATION what, PSECURITY_DESCRIPTOR *ret_rights)
{
    DWORD size = 0;
    DWORD room = 0;
    PSECURITY_DESCRIPTOR rights = NULL;
    for (;;) {
        if (GetKernelObjectSecurity(handle, what, rights, room, &size)) {
            *ret_rights = rights;
            return ERROR_SUCCESS;
        }
        DWORD number = GetLastError();
        free(rights);
        if (number != ERROR_INSUFFICIENT_BUFFER || size <= room)
            return number;
        room = size;
        rights = malloc(room);
        if (!rights)
            return ERROR_NOT_ENOUGH_MEMORY;
    }
}

static int query(HANDLE handle, SECURITY_INFORMATION what, PSECURITY_DESCRIPTOR *ret_rights,
                 struct mh_error *err)
{
    DWORD number = try_query(handle, what, ret_rights);
    return number == ERROR_SUCCESS ? MH_OK : mh_error_win32(err, number, "cannot read the rights");
}

static bool same_sid(PSID a, PSID b)
{
    return (!a && !b) || (a && b && EqualSid(a, b));
}

static bool same_owners(PSECURITY_DESCRIPTOR a, PSECURITY_DESCRIPTOR b)
{
    PSID owners[2] = {NULL, NULL};
    PSID groups[2] = {NULL, NULL};
    BOOL defaulted;
    return GetSecurityDescriptorOwner(a, &owners[0], &defaulted) &&
           GetSecurityDescriptorOwner(b, &owners[1], &defaulted) &&
           GetSecurityDescriptorGroup(a, &groups[0], &defaulted) &&
           GetSecurityDescriptorGroup(b, &groups[1], &defaulted) && same_sid(owners[0], owners[1]) &&
           same_sid(groups[0], groups[1]);
}

static void enable(HANDLE token, const wchar_t *name)
{
    TOKEN_PRIVILEGES wanted = {.PrivilegeCount = 1, .Privileges = {{.Attributes = SE_PRIVILEGE_ENABLED}}};
    if (LookupPrivilegeValueW(NULL, name, &wanted.Privileges[0].Luid))
        AdjustTokenPrivileges(token, FALSE, &wanted, 0, NULL, NULL);
}

/*
 * Enables, for this thread alone, what giving a file to somebody else and its audit list take. A thread
 * that already acts for another keeps to what that one may. Returns whether end_privileged is to follow.
 */
static bool begin_privileged(void)
{
    HANDLE token;
    if (OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token)) {
        CloseHandle(token);
        return false;
    }
    if (!ImpersonateSelf(SecurityImpersonation))
        return false;
    if (OpenThreadToken(GetCurrentThread(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, TRUE, &token)) {
        enable(token, SE_RESTORE_NAME);
        enable(token, SE_SECURITY_NAME);
        CloseHandle(token);
    }
    return true;
}

static void end_privileged(bool begun)
{
    if (begun)
        RevertToSelf();
}

/* Through a handle of its own: the right to change the owner is one that not every server gives. */
static int set_owners(HANDLE to, PSECURITY_DESCRIPTOR rights, struct mh_error *err)
{
    HANDLE again;
    NTSTATUS status = mh_open_again(to, WRITE_OWNER, &again);
    if (!NT_SUCCESS(status))
        return mh_error_nt(err, status, "cannot keep the owner");
    BOOL set = SetKernelObjectSecurity(again, OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION,
                                       rights);
    DWORD number = GetLastError();
    NtClose(again);
    return set ? MH_OK : mh_error_win32(err, number, "cannot keep the owner");
}

/* That the list was inherited is kept only when it is also asked for. */
static void ask_for_inheritance(PSECURITY_DESCRIPTOR rights, WORD inherited, WORD ask)
{
    SECURITY_DESCRIPTOR_CONTROL control;
    DWORD revision;
    if (GetSecurityDescriptorControl(rights, &control, &revision) && (control & inherited))
        SetSecurityDescriptorControl(rights, ask, ask);
}

static bool same_rights(PSECURITY_DESCRIPTOR a, PSECURITY_DESCRIPTOR b)
{
    DWORD length = a ? GetSecurityDescriptorLength(a) : 0;
    return a && b && length == GetSecurityDescriptorLength(b) && memcmp(a, b, length) == 0;
}

static int set_list(HANDLE to, PSECURITY_DESCRIPTOR rights, struct mh_error *err)
{
    ask_for_inheritance(rights, SE_DACL_AUTO_INHERITED, SE_DACL_AUTO_INHERIT_REQ);
    if (!SetKernelObjectSecurity(to, DACL_SECURITY_INFORMATION, rights))
        return mh_error_win32(err, GetLastError(), "cannot keep the access list");
    return MH_OK;
}

/* Most files have what they inherited from their folder, and so has the new one from the start. */
static int copy_basic(HANDLE from, HANDLE to, struct mh_error *err)
{
    PSECURITY_DESCRIPTOR rights = NULL;
    PSECURITY_DESCRIPTOR made = NULL;
    int status = query(from, BASIC_RIGHTS, &rights, err);
    if (status == MH_OK)
        status = query(to, BASIC_RIGHTS, &made, err);
    if (status == MH_OK && !same_rights(rights, made)) {
        if (!same_owners(rights, made))
            status = set_owners(to, rights, err);
        if (status == MH_OK)
            status = set_list(to, rights, err);
    }
    free(rights);
    free(made);
    return status;
}

/* One of the lists that a file rarely has and that few may see: where either fails it is left. */
static void copy_list(HANDLE from, HANDLE to, SECURITY_INFORMATION what, ACCESS_MASK read, ACCESS_MASK write)
{
    HANDLE source = NULL;
    HANDLE target = NULL;
    PSECURITY_DESCRIPTOR rights = NULL;
    PACL list = NULL;
    BOOL present = FALSE;
    BOOL defaulted;
    if (NT_SUCCESS(mh_open_again(from, read, &source)) && try_query(source, what, &rights) == ERROR_SUCCESS &&
        GetSecurityDescriptorSacl(rights, &present, &list, &defaulted) && present && list &&
        list->AceCount > 0 && NT_SUCCESS(mh_open_again(to, write, &target))) {
        ask_for_inheritance(rights, SE_SACL_AUTO_INHERITED, SE_SACL_AUTO_INHERIT_REQ);
        (void)SetKernelObjectSecurity(target, what, rights);
    }
    free(rights);
    if (source)
        NtClose(source);
    if (target)
        NtClose(target);
}

int mh_file_copy_rights(HANDLE from, HANDLE to, struct mh_error *err)
{
    bool begun = begin_privileged();
    int status = copy_basic(from, to, err);
    if (status == MH_OK) {
        copy_list(from, to, LABEL_SECURITY_INFORMATION, READ_CONTROL, WRITE_OWNER);
        copy_list(from, to, SACL_SECURITY_INFORMATION, ACCESS_SYSTEM_SECURITY, ACCESS_SYSTEM_SECURITY);
    }
    end_privileged(begun);
    return status;
}
