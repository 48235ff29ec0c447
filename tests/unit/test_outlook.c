/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/buffer.h"
#include "core/text.h"
#include "kit.h"
#include "outlook/outlook.h"
#include "outlook/version.h"

#define WOW "WOW6432Node\\"
#define C2R "Microsoft\\Office\\ClickToRun\\Configuration"
#define C2R15 "Microsoft\\Office\\15.0\\ClickToRun\\Configuration"
#define ROOT(version) "Microsoft\\Office\\" version "\\Outlook\\InstallRoot"
#define APP "Microsoft\\Windows\\CurrentVersion\\App Paths\\OUTLOOK.EXE"
#define FILES "C:\\Program Files\\Microsoft Office\\"
#define FILES86 "C:\\Program Files (x86)\\Microsoft Office\\"
#define IN_ROOT FILES "root\\Office16\\"

/* A machine: values of HKLM\Software, and programs with their versions. */
struct machine {
    const char *name;
    const char *found; /* what must be found: kind, version and support of each */
    struct {
        const char *key;
        const char *name; /* NULL: the default value */
        const char *text;
    } values[8];
    struct {
        const char *path;
        const char *version; /* "": it cannot be told */
    } files[3];
};

static const struct machine *machine;
static unsigned asked;     /* for values */
static unsigned fail_at;   /* of them, when not 0 */
static unsigned opened;    /* programs */

static bool same_name(const char *a, const char *b)
{
    return mh_text_equal(a ? a : "", b ? b : "");
}

static int get_value(void *context, const char *key, const char *name, struct mh_value *ret_value,
                     struct mh_error *err)
{
    (void)context;
    *ret_value = (struct mh_value){0};
    if (++asked == fail_at)
        return mh_error_set(err, MH_CORRUPT, "a broken key");
    for (size_t i = 0; i < KIT_COUNT(machine->values) && machine->values[i].key; i++) {
        if (!mh_text_equal(machine->values[i].key, key) || !same_name(machine->values[i].name, name))
            continue;
        size_t size;
        uint8_t *data = mh_utf8_to_utf16(machine->values[i].text, strlen(machine->values[i].text), &size);
        *ret_value = kit_bytes(MH_REG_SZ, data, (uint32_t)size);
        free(data);
        return MH_OK;
    }
    return MH_OK;
}

static int get_file_version(const char *path, bool *ret_there, char **ret_version, struct mh_error *err)
{
    (void)err;
    opened++;
    *ret_there = false;
    *ret_version = NULL;
    for (size_t i = 0; i < KIT_COUNT(machine->files) && machine->files[i].path; i++) {
        if (!mh_text_equal(machine->files[i].path, path))
            continue;
        *ret_there = true;
        if (*machine->files[i].version)
            *ret_version = mh_text_copy(machine->files[i].version);
    }
    return MH_OK;
}

static const struct mh_software software = {.value = get_value};

static char *describe(const struct mh_outlook *outlook)
{
    static const char *const supports[] = {"?", "no", "yes"};
    struct mh_buffer buffer = {0};
    mh_buffer_puts(&buffer, "");
    for (size_t i = 0; i < outlook->install_count; i++) {
        const struct mh_outlook_install *install = &outlook->installs[i];
        char *text = mh_text_format("%s%s %s %s", i ? ", " : "", mh_outlook_kind_name(install->kind),
                                    install->version, supports[install->support]);
        mh_buffer_puts(&buffer, text);
        free(text);
    }
    return buffer.text;
}

static void check(const struct machine *one, bool has_files)
{
    struct mh_outlook outlook = {0};
    struct mh_error err = {0};
    machine = one;
    asked = fail_at = opened = 0;
    KIT_INT(one->name, mh_outlook_installed(&software, has_files ? get_file_version : NULL, &outlook, &err),
            MH_OK);
    KIT_TEXT(one->name, err.message, "");
    KIT_TRUE(one->name, outlook.installs_known);
    char *found = describe(&outlook);
    KIT_TEXT(one->name, found, one->found);
    free(found);
    mh_outlook_clear(&outlook);
    KIT_TRUE(one->name, !outlook.installs && !outlook.installs_known && outlook.install_count == 0);
}

/* What the registry tells alone: of a mounted volume, whose programs are not asked. */
static void test_installed_by_the_registry(void **state)
{
    static const struct machine machines[] = {
        {"nothing", "", {{0}}, {{0}}},
        {"the version of Click-to-Run only", "click_to_run 16.0.17928.20114 yes",
         {{C2R, "VersionToReport", "16.0.17928.20114"}}, {{0}}},
        {"in the 32-bit view", "click_to_run 16.0.4266.1003 yes",
         {{WOW C2R, "VersionToReport", "16.0.4266.1003"}}, {{0}}},
        {"in both views", "click_to_run 16.0.2.2 yes",
         {{WOW C2R, "VersionToReport", "16.0.1.1"}, {C2R, "VersionToReport", "16.0.2.2"}}, {{0}}},
        {"a configuration without version", "", {{C2R, "ProductReleaseIds", "O365ProPlusRetail"}}, {{0}}},
        {"a version that is none", "click_to_run 16.0 yes", {{C2R, "VersionToReport", "newest"}}, {{0}}},
        {"a suite", "click_to_run 16.0.1.1 yes",
         {{C2R, "VersionToReport", "16.0.1.1"}, {C2R, "ProductReleaseIds", "O365ProPlusRetail"}}, {{0}}},
        {"a suite behind others", "click_to_run 16.0.1.1 yes",
         {{C2R, "VersionToReport", "16.0.1.1"},
          {C2R, "ProductReleaseIds", "VisioProRetail,ProjectProRetail, HomeBusiness2021Retail"}},
         {{0}}},
        {"no product named", "click_to_run 16.0.1.1 yes",
         {{C2R, "VersionToReport", "16.0.1.1"}, {C2R, "ProductReleaseIds", " ,"}}, {{0}}},
        {"products without Outlook", "",
         {{C2R, "VersionToReport", "16.0.1.1"},
          {C2R, "ProductReleaseIds",
           "VisioProRetail,projectpro2021volume;HomeStudent2019Retail, Home2024Retail,"}},
         {{0}}},
        {"Outlook excluded", "",
         {{C2R, "VersionToReport", "16.0.1.1"},
          {C2R, "ProductReleaseIds", "O365ProPlusRetail"},
          {C2R, "O365ProPlusRetail.ExcludedApps", "groove,Outlook,teams"}},
         {{0}}},
        {"other programs excluded", "click_to_run 16.0.1.1 yes",
         {{C2R, "VersionToReport", "16.0.1.1"},
          {C2R, "ProductReleaseIds", "O365ProPlusRetail"},
          {C2R, "O365ProPlusRetail.ExcludedApps", "groove,outlookforwindows,teams"}},
         {{0}}},
        {"Outlook excluded from one of two", "click_to_run 16.0.1.1 yes",
         {{C2R, "VersionToReport", "16.0.1.1"},
          {C2R, "ProductReleaseIds", "O365ProPlusRetail,OutlookRetail"},
          {C2R, "O365ProPlusRetail.ExcludedApps", "outlook"}},
         {{0}}},
        {"Outlook excluded, and yet there", "click_to_run 16.0.1.1 yes",
         {{C2R, "VersionToReport", "16.0.1.1"},
          {C2R, "ProductReleaseIds", "O365ProPlusRetail"},
          {C2R, "O365ProPlusRetail.ExcludedApps", "outlook"},
          {ROOT("16.0"), "Path", IN_ROOT}},
         {{0}}},
        {"Visio, and where Outlook is", "click_to_run 16.0.1.1 yes",
         {{C2R, "VersionToReport", "16.0.1.1"},
          {C2R, "ProductReleaseIds", "VisioProRetail"},
          {APP, NULL, "\"" IN_ROOT "OUTLOOK.EXE\""}},
         {{0}}},
        {"Click-to-Run with its own InstallRoot in both views", "click_to_run 16.0.1.1 yes",
         {{C2R, "VersionToReport", "16.0.1.1"},
          {ROOT("16.0"), "Path", IN_ROOT},
          {WOW ROOT("16.0"), "Path", "c:\\program files\\microsoft office\\ROOT\\office16"},
          {APP, NULL, IN_ROOT "OUTLOOK.EXE"}},
         {{0}}},
        {"Click-to-Run known by its InstallRoot only", "click_to_run 16.0 yes",
         {{ROOT("16.0"), "Path", IN_ROOT}}, {{0}}},
        {"2013 by Click-to-Run", "click_to_run 15.0.4569.1507 yes",
         {{C2R15, "VersionToReport", "15.0.4569.1507"},
          {ROOT("15.0"), "Path", "C:\\Program Files\\Microsoft Office 15\\root\\office15\\"}},
         {{0}}},
        {"2013 by Click-to-Run before SP1", "click_to_run 15.0.4551.1512 no",
         {{C2R15, "VersionToReport", "15.0.4551.1512"}}, {{0}}},
        {"2016 by Windows Installer", "msi 16.0 yes", {{ROOT("16.0"), "Path", FILES "Office16\\"}}, {{0}}},
        {"2013 by Windows Installer", "msi 15.0 ?",
         {{WOW ROOT("15.0"), "Path", FILES86 "Office15\\"}}, {{0}}},
        {"2010 by Windows Installer", "msi 14.0 ?", {{ROOT("14.0"), "Path", FILES "Office14\\"}}, {{0}}},
        {"2007", "msi 12.0 no", {{WOW ROOT("12.0"), "Path", FILES86 "Office12\\"}}, {{0}}},
        {"2003", "", {{WOW ROOT("11.0"), "Path", FILES86 "OFFICE11\\"}}, {{0}}},
        {"the same in both views", "msi 14.0 ?",
         {{ROOT("14.0"), "Path", FILES86 "Office14\\"}, {WOW ROOT("14.0"), "Path", FILES86 "Office14\\"}},
         {{0}}},
        {"an empty path", "", {{ROOT("16.0"), "Path", ""}}, {{0}}},
        {"known by its App Path only", "msi 14.0 ?",
         {{WOW APP, NULL, FILES86 "Office14\\OUTLOOK.EXE"}}, {{0}}},
        {"an App Path of no Office", "", {{APP, NULL, "C:\\Tools\\OUTLOOK.EXE"}}, {{0}}},
        {"an App Path without folder", "", {{APP, NULL, "OUTLOOK.EXE"}}, {{0}}},
        {"an App Path that is a quote", "", {{APP, NULL, "\""}}, {{0}}},
        {"several, the newest first", "click_to_run 16.0.1.1 yes, msi 15.0 ?, msi 12.0 no",
         {{WOW ROOT("12.0"), "Path", FILES86 "Office12\\"},
          {C2R, "VersionToReport", "16.0.1.1"},
          {ROOT("15.0"), "Path", FILES "Office15\\"}},
         {{0}}},
        {"one version of both kinds", "click_to_run 16.0.1.1 yes, msi 16.0 yes",
         {{C2R, "VersionToReport", "16.0.1.1"}, {WOW ROOT("16.0"), "Path", FILES86 "Office16\\"}},
         {{0}}},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(machines); i++)
        check(&machines[i], false);
}

/* The running Windows, whose programs can be asked. */
static void test_installed_by_the_files(void **state)
{
    static const struct machine machines[] = {
        {"2013 with SP1", "msi 15.0.4569.1503 yes",
         {{ROOT("15.0"), "Path", FILES "Office15\\"}}, {{FILES "Office15\\OUTLOOK.EXE", "15.0.4569.1503"}}},
        {"2013 without", "msi 15.0.4420.1017 no",
         {{ROOT("15.0"), "Path", FILES "Office15\\"}}, {{FILES "Office15\\OUTLOOK.EXE", "15.0.4420.1017"}}},
        {"a path without backslash", "msi 14.0.7268.5000 yes",
         {{WOW ROOT("14.0"), "Path", FILES86 "Office14"}},
         {{FILES86 "Office14\\OUTLOOK.EXE", "14.0.7268.5000"}}},
        {"a version that cannot be told", "msi 14.0 ?",
         {{ROOT("14.0"), "Path", FILES "Office14\\"}}, {{FILES "Office14\\OUTLOOK.EXE", ""}}},
        {"a version that is none", "msi 14.0 ?",
         {{ROOT("14.0"), "Path", FILES "Office14\\"}}, {{FILES "Office14\\OUTLOOK.EXE", "14.0.x"}}},
        {"left in the registry only", "", {{ROOT("14.0"), "Path", FILES "Office14\\"}}, {{0}}},
        {"left in one view only", "msi 14.0.7268.5000 yes",
         {{ROOT("14.0"), "Path", FILES "Office14\\"}, {WOW ROOT("14.0"), "Path", FILES86 "Office14\\"}},
         {{FILES86 "Office14\\OUTLOOK.EXE", "14.0.7268.5000"}}},
        {"in both views", "msi 14.0.7268.5000 yes",
         {{ROOT("14.0"), "Path", FILES "Office14\\"}, {WOW ROOT("14.0"), "Path", FILES86 "Office14\\"}},
         {{FILES "Office14\\OUTLOOK.EXE", "14.0.7268.5000"}, {FILES86 "Office14\\OUTLOOK.EXE", "14.0.1.1"}}},
        {"a quoted App Path", "msi 16.0.4266.1001 yes",
         {{APP, NULL, "\"" FILES "Office16\\OUTLOOK.EXE\""}},
         {{FILES "Office16\\OUTLOOK.EXE", "16.0.4266.1001"}}},
        {"Click-to-Run that lost its configuration", "click_to_run 16.0.17928.20114 yes",
         {{ROOT("16.0"), "Path", IN_ROOT}}, {{IN_ROOT "OUTLOOK.EXE", "16.0.17928.20114"}}},
        {"Outlook excluded, its path left", "",
         {{C2R, "VersionToReport", "16.0.1.1"},
          {C2R, "ProductReleaseIds", "O365ProPlusRetail"},
          {C2R, "O365ProPlusRetail.ExcludedApps", "outlook"},
          {ROOT("16.0"), "Path", IN_ROOT}},
         {{0}}},
        {"sorted by what the files say", "msi 16.0.5000.1000 yes, click_to_run 16.0.1.1 yes",
         {{C2R, "VersionToReport", "16.0.1.1"}, {ROOT("16.0"), "Path", FILES "Office16\\"}},
         {{FILES "Office16\\OUTLOOK.EXE", "16.0.5000.1000"}}},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(machines); i++)
        check(&machines[i], true);
}

/* Opening a large program costs, and the registry has told its version. */
static void test_click_to_run_opens_no_program(void **state)
{
    static const struct machine one = {
        "Click-to-Run", "click_to_run 16.0.1.1 yes",
        {{C2R, "VersionToReport", "16.0.1.1"}, {ROOT("16.0"), "Path", IN_ROOT}},
        {{IN_ROOT "OUTLOOK.EXE", "16.0.1.1"}}};
    (void)state;
    check(&one, true);
    assert_int_equal(opened, 0);
}

static void test_a_registry_that_fails(void **state)
{
    static const struct machine one = {
        "all", "",
        {{C2R, "VersionToReport", "16.0.1.1"},
         {C2R, "ProductReleaseIds", "OutlookRetail,ProPlusRetail"},
         {C2R, "OutlookRetail.ExcludedApps", "outlook"},
         {ROOT("15.0"), "Path", FILES "Office15\\"}},
        {{0}}};
    struct mh_outlook outlook = {0};
    (void)state;
    machine = &one;
    for (fail_at = 1;; fail_at++) {
        struct mh_error err = {0};
        asked = 0;
        if (mh_outlook_installed(&software, NULL, &outlook, &err) == MH_OK)
            break;
        assert_int_equal(err.status, MH_CORRUPT);
        assert_false(outlook.installs_known);
        assert_int_equal(outlook.install_count, 0);
    }
    assert_true(fail_at > 10);
    assert_int_equal(outlook.install_count, 2);
    mh_outlook_clear(&outlook);
}

static void test_support(void **state)
{
    static const struct {
        const char *version;
        enum mh_outlook_support support;
    } cases[] = {
        {"16.0.17928.20114", MH_SUPPORT_YES},
        {"16.0", MH_SUPPORT_YES},
        {"16", MH_SUPPORT_YES},
        {"17.0.1", MH_SUPPORT_YES},
        {"15.0.4569.1502", MH_SUPPORT_NO},
        {"15.0.4569.1503", MH_SUPPORT_YES},
        {"15.0.4569.1507", MH_SUPPORT_YES},
        {"15.0.5603.1000", MH_SUPPORT_YES},
        {"15.0.4420.1017", MH_SUPPORT_NO},
        {"15.0.4420", MH_SUPPORT_NO},
        {"15.0.4569", MH_SUPPORT_UNKNOWN},
        {"15.0", MH_SUPPORT_UNKNOWN},
        {"15", MH_SUPPORT_UNKNOWN},
        {"14.0.7147.5001", MH_SUPPORT_YES},
        {"14.0.7147", MH_SUPPORT_YES},
        {"14.0.7145.5000", MH_SUPPORT_NO},
        {"14.0.7015.1000", MH_SUPPORT_NO},
        {"14.0", MH_SUPPORT_UNKNOWN},
        {"13.0", MH_SUPPORT_NO},
        {"12.0.6770.5000", MH_SUPPORT_NO},
        {"11", MH_SUPPORT_NO},
        {"0", MH_SUPPORT_NO},
        {"", MH_SUPPORT_UNKNOWN},
        {"newest", MH_SUPPORT_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++)
        KIT_INT(cases[i].version, mh_version_support(cases[i].version), cases[i].support);
}

static void test_version_parse(void **state)
{
    static const struct {
        const char *text;
        int known; /* 0: no version */
    } cases[] = {
        {"16", 1}, {"16.0", 2}, {"16.0.1", 3}, {"16.0.1.2", 4}, {"0.0.0.0", 4}, {"65535.65535", 2},
        {"00016.0", 2}, {"", 0}, {".", 0}, {"16.", 0}, {".16", 0}, {"16..1", 0}, {"16.0.1.2.3", 0},
        {"16.0.1.2.", 0}, {"65536", 0}, {"16.0.99999999999999999999", 0}, {"-1", 0}, {"+1", 0}, {" 16", 0},
        {"16 ", 0}, {"16.0\n", 0}, {"0x10", 0}, {"16,0", 0},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_version version = {.known = -1};
        KIT_INT(cases[i].text, mh_version_parse(cases[i].text, &version), cases[i].known > 0);
        KIT_INT(cases[i].text, version.known, cases[i].known ? cases[i].known : -1);
    }
}

static void test_installs_are_sorted(void **state)
{
    static const char *const versions[] = {"14.0", "16.0.9.1", "15.0.1.9", "16.0.10.0", "16.0", "9.0"};
    struct mh_outlook outlook = {0};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(versions); i++)
        assert_int_equal(mh_outlook_add_install(&outlook, versions[i], MH_OUTLOOK_MSI), 0);
    char *found = describe(&outlook);
    assert_string_equal(found, "msi 16.0.10.0 yes, msi 16.0.9.1 yes, msi 16.0 yes, msi 15.0.1.9 no, "
                               "msi 14.0 ?, msi 9.0 no");
    free(found);
    mh_outlook_clear(&outlook);
}

static void test_for_whom_it_runs(void **state)
{
    static const char ann[] = "S-1-5-21-1-2-3-1001";
    static const char bob[] = "S-1-5-21-1-2-3-1002";
    struct mh_outlook outlook = {0};
    bool runs = true;
    (void)state;
    assert_false(mh_outlook_runs_for(&outlook, ann, &runs)); /* nobody looked */
    assert_false(runs);
    assert_int_equal(mh_outlook_add_process(&outlook, ann, 1234), 0);
    assert_true(mh_outlook_runs_for(&outlook, ann, &runs)); /* sure, though others are not known */
    assert_true(runs);
    assert_false(mh_outlook_runs_for(&outlook, bob, &runs));
    assert_false(runs);
    outlook.running_known = true;
    assert_true(mh_outlook_runs_for(&outlook, bob, &runs));
    assert_false(runs);
    assert_true(mh_outlook_runs_for(&outlook, "s-1-5-21-1-2-3-1001", &runs));
    assert_true(runs);
    assert_false(mh_outlook_runs_for(&outlook, NULL, &runs));
    assert_false(runs);
    mh_outlook_clear(&outlook);
    assert_false(outlook.running_known);
}

static void test_lacks_mapi_http(void **state)
{
    struct mh_outlook outlook = {.installs_known = true};
    (void)state;
    assert_false(mh_outlook_lacks_mapi_http(&outlook)); /* without Outlook there is nothing to warn of */
    assert_int_equal(mh_outlook_add_install(&outlook, "12.0", MH_OUTLOOK_MSI), 0);
    assert_true(mh_outlook_lacks_mapi_http(&outlook));
    assert_int_equal(mh_outlook_add_install(&outlook, "15.0", MH_OUTLOOK_MSI), 0);
    assert_false(mh_outlook_lacks_mapi_http(&outlook)); /* it may */
    mh_outlook_clear(&outlook);
    assert_int_equal(mh_outlook_add_install(&outlook, "16.0.1.1", MH_OUTLOOK_CLICK_TO_RUN), 0);
    assert_int_equal(mh_outlook_add_install(&outlook, "14.0.6000.0", MH_OUTLOOK_MSI), 0);
    assert_false(mh_outlook_lacks_mapi_http(&outlook));
    mh_outlook_clear(&outlook);
}

static void test_kind_names(void **state)
{
    (void)state;
    assert_string_equal(mh_outlook_kind_name(MH_OUTLOOK_CLICK_TO_RUN), "click_to_run");
    assert_string_equal(mh_outlook_kind_name(MH_OUTLOOK_MSI), "msi");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_installed_by_the_registry),
        cmocka_unit_test(test_installed_by_the_files),
        cmocka_unit_test(test_click_to_run_opens_no_program),
        cmocka_unit_test(test_a_registry_that_fails),
        cmocka_unit_test(test_support),
        cmocka_unit_test(test_version_parse),
        cmocka_unit_test(test_installs_are_sorted),
        cmocka_unit_test(test_for_whom_it_runs),
        cmocka_unit_test(test_lacks_mapi_http),
        cmocka_unit_test(test_kind_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
