/* SPDX-License-Identifier: MIT */
/* What os/windows does that other systems have nothing like. */
#include "kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/text.h"
#include "os/windows/native.h"
#include "os/windows/wide.h"
#include "os/windows/win.h"
#include "scratch.h"

static void test_wide(void **state)
{
    static const struct {
        const char *text;
        const wchar_t *units; /* NULL: no text */
    } cases[] = {
        {"", L""},
        {"a\xC3\xA4\xE2\x82\xAC", L"a\x00E4\x20AC"},
        {"\xF0\x9F\x98\x80", L"\xD83D\xDE00"},
        {"\xED\xA0\xBD", L"\xD83D"},
        {"x\xED\xB8\x80y", L"x\xDE00y"},
        {"\xED\xB8\x80\xED\xA0\xBD", L"\xDE00\xD83D"},
        {"\xFF", NULL},
        {"\xC3", NULL},
        {"\xED\xA0", NULL},
        {"\xC0\x80", NULL},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        wchar_t *units = mh_wide(cases[i].text);
        KIT_INT(cases[i].text, units != NULL, cases[i].units != NULL);
        if (units) {
            KIT_INT(cases[i].text, wcscmp(units, cases[i].units), 0);
            char *text = mh_narrow_text(units);
            KIT_TEXT(cases[i].text, text, cases[i].text);
            free(text);
        }
        free(units);
    }
    wchar_t *untouched = L"";
    struct mh_error err = {0};
    assert_int_equal(mh_wide_name("\xFF", &untouched, &err), MH_NOT_FOUND);
    assert_non_null(strstr(err.message, "%FF"));
    assert_true(mh_utf8_valid(err.message, strlen(err.message)));
}

static void test_errors(void **state)
{
    static const struct {
        const char *name;
        NTSTATUS ntstatus;
        int status;
        long code;
    } cases[] = {
        {"sharing", STATUS_SHARING_VIOLATION, MH_IN_USE, ERROR_SHARING_VIOLATION},
        {"going", STATUS_DELETE_PENDING, MH_IN_USE, ERROR_DELETE_PENDING},
        {"denied", STATUS_ACCESS_DENIED, MH_ACCESS_DENIED, ERROR_ACCESS_DENIED},
        {"none", STATUS_OBJECT_NAME_NOT_FOUND, MH_NOT_FOUND, ERROR_FILE_NOT_FOUND},
        {"no folder", STATUS_OBJECT_PATH_NOT_FOUND, MH_NOT_FOUND, ERROR_PATH_NOT_FOUND},
        {"full", STATUS_DISK_FULL, MH_NO_SPACE, ERROR_DISK_FULL},
        {"broken", STATUS_CRC_ERROR, MH_IO, ERROR_CRC},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_error err = {0};
        KIT_INT(cases[i].name, mh_error_nt(&err, cases[i].ntstatus, "cannot %s", "do"), cases[i].status);
        KIT_INT(cases[i].name, err.status, cases[i].status);
        KIT_INT(cases[i].name, err.code, cases[i].code);
        KIT_INT(cases[i].name, strncmp(err.message, "cannot do: ", 11), 0);
        KIT_INT(cases[i].name, mh_error_nt(NULL, cases[i].ntstatus, "x"), cases[i].status);
    }
}

/* A handle of another program's, which shares what it says. NULL when it does not get it. */
static HANDLE grab(const char *scratch, const char *relative, DWORD access, DWORD share)
{
    char *path = scratch_path(scratch, relative);
    wchar_t *units = mh_wide(path);
    assert_non_null(units);
    HANDLE handle = CreateFileW(units, access, share, NULL, OPEN_EXISTING, 0, NULL);
    free(units);
    free(path);
    if (handle == INVALID_HANDLE_VALUE)
        return NULL;
    return handle;
}

static int open_in(const char *scratch, const char *relative, enum mh_access access,
                   struct mh_file **ret_file)
{
    char *path = scratch_path(scratch, relative);
    int status = mh_file_open(NULL, path, access, ret_file, NULL);
    free(path);
    return status;
}

static void test_reading_is_in_nobodys_way(void **state)
{
    char *scratch = scratch_make();
    struct mh_file *file = NULL;
    (void)state;
    scratch_write(scratch, "x", "abc", 3);
    assert_int_equal(open_in(scratch, "x", MH_READ, &file), MH_OK);
    HANDLE other = grab(scratch, "x", GENERIC_READ | GENERIC_WRITE | DELETE, MH_SHARE_ALL);
    assert_non_null(other);
    CloseHandle(other);
    mh_file_close(file);
    scratch_remove(scratch);
}

static void test_writing_keeps_others_out(void **state)
{
    char *scratch = scratch_make();
    struct mh_file *file = NULL;
    (void)state;
    scratch_write(scratch, "x", "abc", 3);
    assert_int_equal(open_in(scratch, "x", MH_WRITE, &file), MH_OK);
    assert_null(grab(scratch, "x", GENERIC_READ, MH_SHARE_ALL));
    assert_int_equal(GetLastError(), ERROR_SHARING_VIOLATION);
    assert_null(grab(scratch, "x", GENERIC_WRITE, MH_SHARE_ALL));
    mh_file_close(file);
    HANDLE other = grab(scratch, "x", GENERIC_READ, MH_SHARE_ALL);
    assert_non_null(other);
    CloseHandle(other);
    scratch_remove(scratch);
}

static void test_what_others_keep_is_in_use(void **state)
{
    char *scratch = scratch_make();
    struct mh_file *file = NULL;
    (void)state;
    scratch_write(scratch, "x", "abc", 3);
    HANDLE other = grab(scratch, "x", GENERIC_READ, 0);
    assert_non_null(other);
    assert_int_equal(open_in(scratch, "x", MH_READ, &file), MH_IN_USE);
    assert_int_equal(open_in(scratch, "x", MH_WRITE, &file), MH_IN_USE);
    CloseHandle(other);
    other = grab(scratch, "x", GENERIC_READ, MH_SHARE_ALL);
    assert_int_equal(open_in(scratch, "x", MH_WRITE, &file), MH_IN_USE);
    assert_int_equal(open_in(scratch, "x", MH_READ, &file), MH_OK);
    mh_file_close(file);
    CloseHandle(other);
    scratch_remove(scratch);
}

/* A leftover that is no leftover: another run is writing it. */
static void test_new_file_in_use(void **state)
{
    char *scratch = scratch_make();
    struct mh_file *file = NULL;
    (void)state;
    scratch_write(scratch, "x", "abc", 3);
    scratch_write(scratch, "x.mapihttp-new", "new", 3);
    HANDLE other = grab(scratch, "x.mapihttp-new", GENERIC_WRITE, 0);
    assert_non_null(other);
    assert_int_equal(open_in(scratch, "x", MH_WRITE, &file), MH_OK);
    assert_int_equal(mh_file_replace(file, "def", 3, 3, NULL), MH_IN_USE);
    mh_file_close(file);
    CloseHandle(other);
    size_t size;
    uint8_t *bytes = scratch_read(scratch, "x", &size);
    assert_int_equal(size, 3);
    assert_memory_equal(bytes, "abc", 3);
    free(bytes);
    scratch_remove(scratch);
}

/* Who opens one of these may wait for ever, or has done something by that alone. */
static void test_devices(void **state)
{
    static const char *const paths[] = {"NUL", "CON", "COM1", "C:\\NUL", "\\\\.\\NUL", "\\\\.\\C:",
                                        "\\\\.\\pipe\\mapihttp", "\\\\?\\C:", "CONIN$"};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(paths); i++) {
        struct mh_file *file = NULL;
        int status = mh_file_open(NULL, paths[i], MH_READ, &file, NULL);
        KIT_TRUE(paths[i], status == MH_NOT_FOUND || status == MH_UNSUPPORTED);
    }
}

static wchar_t *wide_path(const char *scratch, const char *relative)
{
    char *path = scratch_path(scratch, relative);
    wchar_t *units = mh_wide(path);
    assert_non_null(units);
    free(path);
    return units;
}

static void test_attributes_are_kept(void **state)
{
    const DWORD kept = FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM;
    char *scratch = scratch_make();
    struct mh_file *file = NULL;
    (void)state;
    scratch_write(scratch, "x", "abc", 3);
    wchar_t *units = wide_path(scratch, "x");
    assert_true(SetFileAttributesW(units, kept));
    DWORD before = GetFileAttributesW(units);
    assert_int_equal(before & kept, kept);
    assert_int_equal(open_in(scratch, "x", MH_WRITE, &file), MH_OK);
    assert_int_equal(mh_file_replace(file, "def", 3, 3, NULL), MH_OK);
    mh_file_close(file);
    assert_int_equal(GetFileAttributesW(units), before);
    free(units);
    scratch_remove(scratch);
}

/* Where the system lets somebody write it all the same (Wine lets root) there is nothing to see. */
static void test_marked_read_only(void **state)
{
    char *scratch = scratch_make();
    struct mh_file *file = NULL;
    struct mh_error err = {0};
    (void)state;
    scratch_write(scratch, "x", "abc", 3);
    wchar_t *units = wide_path(scratch, "x");
    char *path = scratch_path(scratch, "x");
    assert_true(SetFileAttributesW(units, FILE_ATTRIBUTE_READONLY));
    HANDLE other = grab(scratch, "x", GENERIC_WRITE, MH_SHARE_ALL);
    if (other) {
        CloseHandle(other);
    } else {
        assert_int_equal(mh_file_open(NULL, path, MH_WRITE, &file, &err), MH_ACCESS_DENIED);
        assert_non_null(strstr(err.message, "read-only"));
    }
    assert_int_equal(mh_file_open(NULL, path, MH_READ, &file, NULL), MH_OK);
    mh_file_close(file);
    free(units);
    free(path);
    scratch_remove(scratch);
    if (other)
        kit_skip("who runs this may write it all the same");
}

/* The path with the prefix by which Windows takes long ones. */
static wchar_t *long_path(const char *scratch, const char *relative)
{
    char *path = scratch_path(scratch, relative);
    char *full = mh_text_format("\\\\?\\%s", path);
    assert_non_null(full);
    for (char *at = full; *at; at++)
        if (*at == '/')
            *at = '\\';
    wchar_t *units = mh_wide(full);
    assert_non_null(units);
    free(full);
    free(path);
    return units;
}

/* Makes a folder in `below`, which becomes the path of that one. */
static void go_deeper(const char *scratch, char **below)
{
    static const char name[] = "0123456789012345678901234567890123456789012345678901234567890123456789";
    char *deeper = mh_text_format("%s%s%s", *below, **below ? "/" : "", name);
    assert_non_null(deeper);
    wchar_t *units = long_path(scratch, deeper);
    assert_true(CreateDirectoryW(units, NULL));
    free(units);
    free(*below);
    *below = deeper;
}

/* Which scratch_remove cannot. */
static void remove_deep(const char *scratch, char *below)
{
    while (*below) {
        wchar_t *units = long_path(scratch, below);
        assert_true(RemoveDirectoryW(units));
        free(units);
        char *slash = strrchr(below, '/');
        *(slash ? slash : below) = '\0';
    }
    free(below);
}

static void test_long_paths(void **state)
{
    char *scratch = scratch_make();
    char *below = mh_text_copy("");
    struct mh_dir *dir = NULL;
    struct mh_dir *inner = NULL;
    struct mh_identity identity;
    bool found = false;
    (void)state;
    for (int i = 0; i < 6; i++)
        go_deeper(scratch, &below);
    char *path = scratch_path(scratch, below);
    assert_int_equal(mh_dir_open(scratch, &dir, NULL), MH_OK);
    assert_int_equal(mh_dir_enter(dir, below, &inner, NULL), MH_OK);
    mh_dir_close(inner);
    assert_int_equal(mh_dir_open(path, &inner, NULL), MH_OK);
    mh_dir_close(inner);
    mh_path_identity(path, &identity, &found);
    assert_true(found);
    free(path);
    mh_dir_close(dir);
    remove_deep(scratch, below);
    scratch_remove(scratch);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wide),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_reading_is_in_nobodys_way),
        cmocka_unit_test(test_writing_keeps_others_out),
        cmocka_unit_test(test_what_others_keep_is_in_use),
        cmocka_unit_test(test_new_file_in_use),
        cmocka_unit_test(test_devices),
        cmocka_unit_test(test_attributes_are_kept),
        cmocka_unit_test(test_marked_read_only),
        cmocka_unit_test(test_long_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
