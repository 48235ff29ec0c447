/* SPDX-License-Identifier: MIT */
#include "os/console.h"

#include <fcntl.h>
#include <io.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include "core/text.h"
#include "os/windows/native.h"
#include "os/windows/wide.h"

/* Of the C runtime: with 0 it does not look for files that "users=*" could mean. */
int _dowildcard = 0;

/* Of the C runtime, whose own header is not for programs. */
struct startup {
    int new_mode;
};
int __wgetmainargs(int *ret_count, wchar_t ***ret_arguments, wchar_t ***ret_environment, int wildcard,
                   struct startup *startup); /* of some versions it returns nothing */

/* A program that was started without any has none; asking for the mode of that would end it. */
static void carry_bytes(FILE *stream)
{
    int number = _fileno(stream);
    if (number >= 0)
        (void)_setmode(number, _O_BINARY);
}

/* Streams that are closed need no stand-in: the C runtime gives them no number, and they never come to one. */
bool mh_console_prepare(void)
{
    carry_bytes(stdin);
    carry_bytes(stdout);
    /* An empty drive is an error, and no question to somebody who may not be there. */
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOOPENFILEERRORBOX);
    return true;
}

/* _isatty says yes to NUL, too. */
static HANDLE console_of(FILE *stream)
{
    int number = _fileno(stream);
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): the C library tells handles as numbers */
    HANDLE handle = number >= 0 ? (HANDLE)_get_osfhandle(number) : INVALID_HANDLE_VALUE;
    DWORD mode;
    return handle != INVALID_HANDLE_VALUE && GetConsoleMode(handle, &mode) ? handle : NULL;
}

bool mh_console_is_terminal(FILE *stream)
{
    return console_of(stream) != NULL;
}

char **mh_console_arguments(int argc, char **argv, int *ret_argc)
{
    int count = 0;
    wchar_t **wide = NULL;
    wchar_t **environment = NULL;
    struct startup startup = {0};
    (void)argc;
    (void)argv;
    (void)__wgetmainargs(&count, &wide, &environment, 0, &startup);
    if (!wide || count < 0)
        return NULL;
    char **arguments = calloc((size_t)count + 1, sizeof(*arguments));
    int made = 0;
    while (arguments && made < count && (arguments[made] = mh_narrow_text(wide[made])) != NULL)
        made++;
    if (!arguments || made < count) {
        while (made > 0)
            free(arguments[--made]);
        free(arguments);
        return NULL;
    }
    *ret_argc = count;
    return arguments;
}

static bool is_folder(const wchar_t *path)
{
    DWORD attributes = GetFileAttributesW(path);
    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY);
}

int mh_console_open(const char *path, FILE **ret_file, struct mh_error *err)
{
    wchar_t *wide = NULL;
    int status = mh_wide_name(path, &wide, err);
    if (status == MH_OK && is_folder(wide))
        status = mh_error_set(err, MH_INVALID, "'%s' is a folder", path);
    FILE *file = status == MH_OK ? _wfopen(wide, L"rbN") : NULL;
    if (status == MH_OK && !file)
        status = mh_error_win32(err, GetLastError(), "cannot open '%s'", path);
    free(wide);
    if (status == MH_OK)
        *ret_file = file;
    return status;
}

#define BATCH 4096u /* units; old consoles refuse more than 64 KB at once */

/* The next units of the text, a whole number of characters; what is no UTF-8 becomes U+FFFD. */
static size_t take_units(const char **bytes, size_t *length, wchar_t *units)
{
    size_t count = 0;
    while (*length > 0 && count + 2 <= BATCH) {
        uint32_t point;
        size_t used = mh_utf8_decode(*bytes, *length, &point);
        if (used == 0) {
            point = 0xFFFD;
            used = 1;
        }
        if (point >= 0x10000) {
            units[count++] = (wchar_t)(0xD800 + ((point - 0x10000) >> 10));
            point = 0xDC00 + ((point - 0x10000) & 0x3FF);
        }
        units[count++] = (wchar_t)point;
        *bytes += used;
        *length -= used;
    }
    return count;
}

static bool write_units(HANDLE console, const wchar_t *units, size_t count)
{
    while (count > 0) {
        DWORD put = 0;
        if (!WriteConsoleW(console, units, (DWORD)count, &put, NULL) || put == 0)
            return false;
        units += put;
        count -= put;
    }
    return true;
}

bool mh_console_write(FILE *stream, const char *bytes, size_t length)
{
    HANDLE console = console_of(stream);
    if (!console)
        return length == 0 || fwrite(bytes, 1, length, stream) == length;
    if (fflush(stream) != 0)
        return false;
    while (length > 0) {
        wchar_t units[BATCH];
        size_t count = take_units(&bytes, &length, units);
        if (!write_units(console, units, count))
            return false;
    }
    return true;
}

void mh_console_leave(const char *text, int code)
{
    _lock_file(stderr); /* for good: a second thread waits here for its end */
    (void)mh_console_write(stderr, text, strlen(text));
    _exit(code);
}
