/* SPDX-License-Identifier: MIT */
#include "conformance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include "core/text.h"
#include "os/windows/wide.h"
#include "outlook/outlook.h"
#include "registry/live/live.h"
#include "registry/open.h"
#include "scratch.h"

/*
 * The registry of the running Windows, which is changed here as by nobody who has a Windows to lose: all is
 * skipped where this is not Wine. People have their hives loaded; only the broken one's is a file.
 */

#define PROFILE_LIST L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList"
#define POLICY L"SOFTWARE\\Policies\\MapiHttp"

static HKEY make_key(HKEY parent, const wchar_t *path)
{
    HKEY key = NULL;
    assert_int_equal(RegCreateKeyExW(parent, path, 0, NULL, 0, KEY_ALL_ACCESS | KEY_WOW64_64KEY, NULL, &key, NULL),
                     ERROR_SUCCESS);
    return key;
}

static void set_text(HKEY parent, const wchar_t *path, const wchar_t *name, DWORD type, const char *text)
{
    HKEY key = make_key(parent, path);
    wchar_t *wide = mh_wide(text);
    assert_non_null(wide);
    assert_int_equal(RegSetValueExW(key, name, 0, type, (const BYTE *)wide,
                                    (DWORD)((wcslen(wide) + 1) * sizeof(*wide))),
                     ERROR_SUCCESS);
    free(wide);
    RegCloseKey(key);
}

static wchar_t *wide_sid(enum world_profile which)
{
    char *sid = world_sid(which);
    wchar_t *wide = mh_wide(sid);
    assert_non_null(wide);
    free(sid);
    return wide;
}

static void load_user(enum world_profile which)
{
    struct mh_value value = world_value(which);
    wchar_t *sid = wide_sid(which);
    HKEY user = make_key(HKEY_USERS, sid);
    RegCloseKey(make_key(user, L"Environment"));
    if (which != WORLD_BARE) {
        HKEY key = make_key(user, L"" MH_VALUE_KEY);
        if (value.present)
            assert_int_equal(RegSetValueExW(key, L"" MH_VALUE_NAME, 0, value.type, value.data, value.size),
                             ERROR_SUCCESS);
        RegCloseKey(key);
    }
    RegCloseKey(user);
    free(sid);
    mh_value_clear(&value);
}

static void list_user(const char *scratch, enum world_profile which)
{
    char *sid = world_sid(which);
    char *entry = mh_text_format("%s\\%s", "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList", sid);
    char *path = mh_text_format("%s\\%s", scratch, world_label(which));
    wchar_t *wide = mh_wide(entry);
    assert_non_null(wide);
    for (char *at = path; *at; at++)
        if (*at == '/')
            *at = '\\';
    set_text(HKEY_LOCAL_MACHINE, wide, L"ProfileImagePath", REG_EXPAND_SZ, path);
    free(sid);
    free(entry);
    free(path);
    free(wide);
}

static void *make_live(void)
{
    char *scratch = scratch_make();
    for (int i = 0; i < WORLD_PROFILES; i++) {
        enum world_profile which = (enum world_profile)i;
        list_user(scratch, which);
        if (which == WORLD_BROKEN)
            world_write_profile(scratch, world_label(which), which);
        else
            load_user(which);
    }
    HKEY policy = make_key(HKEY_LOCAL_MACHINE, POLICY);
    DWORD one = 1;
    set_text(policy, L"", L"State", REG_SZ, "allowed");
    assert_int_equal(RegSetValueExW(policy, L"DefaultProfile", 0, REG_DWORD, (const BYTE *)&one, sizeof(one)),
                     ERROR_SUCCESS);
    set_text(policy, L"Exclude", L"1", REG_SZ, "zero");
    RegCloseKey(policy);
    return scratch;
}

static void unmake_live(void *scratch)
{
    HKEY list = make_key(HKEY_LOCAL_MACHINE, PROFILE_LIST);
    for (int i = 0; i < WORLD_PROFILES; i++) {
        wchar_t *sid = wide_sid((enum world_profile)i);
        (void)RegDeleteTreeW(HKEY_USERS, sid);
        assert_int_equal(RegDeleteTreeW(list, sid), ERROR_SUCCESS);
        free(sid);
    }
    RegCloseKey(list);
    HKEY policies = make_key(HKEY_LOCAL_MACHINE, L"SOFTWARE\\Policies");
    assert_int_equal(RegDeleteTreeW(policies, L"MapiHttp"), ERROR_SUCCESS);
    RegCloseKey(policies);
    scratch_remove(scratch);
}

static int open_live(void *scratch, struct mh_registry **ret_registry, struct mh_error *err)
{
    (void)scratch;
    return mh_live_open(ret_registry, err);
}

static uint64_t mix(uint64_t sum, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ at[i]) * 1099511628211u;
    return sum;
}

/* Names, values, and when the keys were last written. */
static uint64_t print_key(HKEY key)
{
    wchar_t name[256];
    static uint8_t data[2 * MH_VALUE_MAX];
    FILETIME written;
    uint64_t sum = 14695981039346656037u;
    assert_int_equal(RegQueryInfoKeyW(key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, &written),
                     ERROR_SUCCESS);
    sum = mix(sum, &written, sizeof(written));
    for (DWORD i = 0;; i++) {
        DWORD units = 256;
        DWORD size = sizeof(data);
        DWORD type;
        if (RegEnumValueW(key, i, name, &units, NULL, &type, data, &size) != ERROR_SUCCESS)
            break;
        sum = mix(mix(mix(sum, name, units * sizeof(*name)), &type, sizeof(type)), data, size);
    }
    for (DWORD i = 0;; i++) {
        DWORD units = 256;
        HKEY inner;
        if (RegEnumKeyExW(key, i, name, &units, NULL, NULL, NULL, NULL) != ERROR_SUCCESS)
            break;
        assert_int_equal(RegOpenKeyExW(key, name, 0, KEY_READ, &inner), ERROR_SUCCESS);
        uint64_t below = print_key(inner);
        sum = mix(mix(sum, name, units * sizeof(*name)), &below, sizeof(below));
        RegCloseKey(inner);
    }
    return sum;
}

static uint64_t print_live(void *scratch)
{
    uint64_t sum = scratch_print(scratch);
    for (int i = 0; i < WORLD_PROFILES; i++) {
        wchar_t *sid = wide_sid((enum world_profile)i);
        HKEY user;
        if (RegOpenKeyExW(HKEY_USERS, sid, 0, KEY_READ, &user) == ERROR_SUCCESS) {
            sum += print_key(user);
            RegCloseKey(user);
        }
        free(sid);
    }
    return sum;
}

static const struct conformance_kind live = {
    "live", true, false, make_live, unmake_live, open_live, print_live};

/* ---- what only this registry can do ---- */

/* A link in place of the key "Exchange", which leads to another user's. */
static void link_exchange(enum world_profile from, enum world_profile to)
{
    HKEY key;
    wchar_t *sid = wide_sid(from);
    wchar_t *other = wide_sid(to);
    char *whose = mh_narrow_text(other);
    char *target = mh_text_format("\\Registry\\User\\%s\\" MH_VALUE_KEY, whose);
    wchar_t *wide = mh_wide(target);
    HKEY user = make_key(HKEY_USERS, sid);
    HKEY microsoft = make_key(user, L"Software\\Microsoft");
    (void)RegDeleteTreeW(microsoft, L"Exchange");
    assert_int_equal(RegCreateKeyExW(microsoft, L"Exchange", 0, NULL, REG_OPTION_CREATE_LINK,
                                     KEY_ALL_ACCESS | KEY_CREATE_LINK, NULL, &key, NULL),
                     ERROR_SUCCESS);
    assert_int_equal(RegSetValueExW(key, L"SymbolicLinkValue", 0, REG_LINK, (const BYTE *)wide,
                                    (DWORD)(wcslen(wide) * sizeof(*wide))),
                     ERROR_SUCCESS);
    RegCloseKey(key);
    RegCloseKey(microsoft);
    RegCloseKey(user);
    free(sid);
    free(other);
    free(whose);
    free(target);
    free(wide);
}

/* RegDeleteTree would follow it. */
static void remove_link(enum world_profile which)
{
    HKEY key;
    wchar_t *sid = wide_sid(which);
    HKEY user = make_key(HKEY_USERS, sid);
    assert_int_equal(RegOpenKeyExW(user, L"" MH_VALUE_KEY, REG_OPTION_OPEN_LINK, KEY_ALL_ACCESS, &key), ERROR_SUCCESS);
    NTSTATUS NTAPI NtDeleteKey(HANDLE which_key);
    assert_int_equal(NtDeleteKey(key), 0);
    RegCloseKey(key);
    RegCloseKey(user);
    free(sid);
}

static void test_a_link_is_not_written_through(void **state)
{
    void *scratch = make_live();
    struct mh_profile profile = {.id = "x", .sid = world_sid(WORLD_ONE), .flags = MH_PROFILE_LOADED};
    struct mh_registry *registry = NULL;
    struct mh_hive *hive = NULL;
    struct mh_value value = kit_dword(1);
    struct mh_error err = {0};
    (void)state;
    link_exchange(WORLD_ONE, WORLD_ZERO);
    uint64_t before = print_live(scratch);
    assert_int_equal(mh_live_open(&registry, NULL), MH_OK);
    assert_int_equal(mh_hive_open(registry, &profile, MH_WRITE, &hive, NULL), MH_OK);
    assert_int_equal(mh_hive_write(hive, &value, NULL), MH_OK);
    assert_int_equal(mh_hive_commit(hive, &err), MH_UNSUPPORTED);
    assert_non_null(strstr(err.message, "links are not followed"));
    mh_hive_close(hive);
    mh_registry_free(registry);
    assert_true(print_live(scratch) == before);
    remove_link(WORLD_ONE);
    unmake_live(scratch);
    free(profile.sid);
    mh_value_clear(&value);
}

/* Its user logged off between the listing and the look. */
static void test_who_logged_off(void **state)
{
    struct mh_profile profile = {.id = "x", .sid = (char *)"S-1-5-21-9-9-9-9", .flags = MH_PROFILE_LOADED};
    struct mh_registry *registry = NULL;
    struct mh_hive *hive = NULL;
    struct mh_value value;
    struct mh_error err = {0};
    HKEY key;
    (void)state;
    assert_int_equal(mh_live_open(&registry, NULL), MH_OK);
    assert_int_equal(mh_hive_open(registry, &profile, MH_WRITE, &hive, NULL), MH_OK);
    assert_int_equal(mh_hive_read(hive, &value, &err), MH_IN_USE);
    value = kit_dword(1);
    assert_int_equal(mh_hive_write(hive, &value, NULL), MH_OK);
    assert_int_equal(mh_hive_commit(hive, NULL), MH_IN_USE);
    mh_hive_close(hive);
    mh_registry_free(registry);
    mh_value_clear(&value);
    assert_int_equal(RegOpenKeyExW(HKEY_USERS, L"S-1-5-21-9-9-9-9", 0, KEY_READ, &key), ERROR_FILE_NOT_FOUND);
}

/* Loading a hive takes privileges, which a process has or has not as a whole: only looks may be several at once. */
static void test_who_writes_is_alone(void **state)
{
    struct mh_registry *registry = NULL;
    (void)state;
    assert_int_equal(mh_live_open(&registry, NULL), MH_OK);
    assert_false(registry->concurrent);
    assert_int_equal(mh_readonly_open(registry, &registry, NULL), MH_OK);
    assert_true(registry->concurrent);
    mh_registry_free(registry);
}

static void test_places(void **state)
{
    static const struct {
        const char *path;
        const char *below; /* NULL: refused */
    } cases[] = {
        {"C:\\Users\\ann", "Users/ann"},
        {"\\\\?\\C:\\Users\\ann", "Users/ann"},
        {"C:\\", NULL},
        {"C:Users", NULL},
        {"Users\\ann", NULL},
        {"\\\\.\\pipe\\x\\y", NULL},
        {"\\\\server", NULL},
        {"\\\\server\\share", NULL},
        {"", NULL},
    };
    struct mh_registry *registry = NULL;
    (void)state;
    assert_int_equal(mh_live_open(&registry, NULL), MH_OK);
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_dir *top = NULL;
        char *below = NULL;
        int status = mh_live_place((struct mh_live *)registry, cases[i].path, &top, &below, NULL);
        KIT_INT(cases[i].path, status, cases[i].below ? MH_OK : MH_UNSUPPORTED);
        KIT_TEXT(cases[i].path, below, cases[i].below);
        free(below);
    }
    mh_registry_free(registry);
}

/* Accounts that Windows itself brings along. */
static void test_accounts(void **state)
{
    char *sid = NULL;
    char *account = NULL;
    (void)state;
    assert_int_equal(mh_live_account_sid(NULL, "NT AUTHORITY\\SYSTEM", &sid, NULL), MH_OK);
    assert_string_equal(sid, "S-1-5-18");
    assert_int_equal(mh_live_sid_account(NULL, sid, &account, NULL), MH_OK);
    assert_non_null(strchr(account, '\\'));
    free(sid);
    free(account);
    assert_int_equal(mh_live_account_sid(NULL, "NOBODY\\nobody at all", &sid, NULL), MH_OK);
    assert_null(sid);
    assert_int_equal(mh_live_sid_account(NULL, "S-1-5-21-9-9-9-9", &account, NULL), MH_OK);
    assert_null(account);
    assert_int_not_equal(mh_live_sid_account(NULL, "no SID", &account, NULL), MH_OK);
}

static void test_outlook_can_be_asked(void **state)
{
    struct mh_outlook outlook = {0};
    bool there;
    char *version = NULL;
    (void)state;
    assert_int_equal(mh_outlook_running(&outlook, NULL), MH_OK);
    assert_true(outlook.running_known);
    mh_outlook_clear(&outlook);
    assert_int_equal(mh_file_version("\\\\server\\share\\OUTLOOK.EXE", &there, &version, NULL), MH_OK);
    assert_true(there);
    assert_null(version);
    assert_int_equal(mh_file_version("C:\\gone\\OUTLOOK.EXE", &there, &version, NULL), MH_OK);
    assert_false(there);
}

static bool is_wine(void)
{
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    return ntdll && GetProcAddress(ntdll, "wine_get_version");
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(test_a_link_is_not_written_through),
        cmocka_unit_test(test_who_logged_off),
        cmocka_unit_test(test_who_writes_is_alone),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_accounts),
        cmocka_unit_test(test_outlook_can_be_asked),
    };
    static struct CMUnitTest tests[CONFORMANCE_MAX + KIT_COUNT(others)];
    size_t count = 0;
    if (!is_wine()) {
        printf("1..0 # SKIP these tests change the registry of the machine, and run under Wine only\n");
        return 0;
    }
    conformance_add(&live, tests, &count);
    size_t named = count;
    for (size_t i = 0; i < KIT_COUNT(others); i++)
        tests[count++] = others[i];
    int failed = _cmocka_run_group_tests("live", tests, count, NULL, NULL);
    conformance_free(tests, named);
    return failed;
}
