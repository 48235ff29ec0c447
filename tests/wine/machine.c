/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 1 << 20 };

static const struct {
    const wchar_t *name;
    machine_command *command;
} commands[] = {
    {L"key", machine_key},
    {L"set", machine_set},
    {L"unset", machine_unset},
    {L"value", machine_value},
    {L"keys", machine_keys},
    {L"values", machine_values},
    {L"wipe", machine_wipe},
    {L"load", machine_load},
    {L"unload", machine_unload},
    {L"save", machine_save},
    {L"hold", machine_hold},
    {L"release", machine_release},
    {L"sid", machine_sid},
    {L"id", machine_id},
    {L"attributes", machine_attributes},
    {L"watch", machine_watch},
    {L"seen", machine_seen},
    {L"privileges", machine_privileges},
    {L"account", machine_account},
    {L"process", machine_process},
    {L"lookup", machine_lookup},
    {L"link", machine_link},
    {L"unlink", machine_unlink},
};

static char *answer;
static size_t answer_size;

static void say_raw(const char *text, size_t size)
{
    if (answer_size + size < LINE_SIZE) {
        memcpy(answer + answer_size, text, size);
        answer_size += size;
    }
}

void machine_say(const wchar_t *text)
{
    int room = LINE_SIZE - (int)answer_size - 2;

    say_raw("\t", 1);
    if (*text != L'\0' && room > 0)
        answer_size += (size_t)WideCharToMultiByte(CP_UTF8, 0, text, (int)wcslen(text),
                                                   answer + answer_size, room, NULL, NULL);
}

void machine_say_number(unsigned long number)
{
    wchar_t text[16];

    swprintf(text, 16, L"%lu", number);
    machine_say(text);
}

void machine_say_bytes(const BYTE *bytes, DWORD size)
{
    static const char digits[] = "0123456789abcdef";

    say_raw("\t", 1);
    for (DWORD i = 0; i < size; i++) {
        char pair[2] = {digits[bytes[i] >> 4], digits[bytes[i] & 15]};

        say_raw(pair, 2);
    }
}

static DWORD obey(wchar_t *text)
{
    struct machine_line line;
    wchar_t *name = text, *next = wcschr(text, L'\t');

    for (int i = 0; i < MACHINE_FIELDS; i++) {
        if (next != NULL)
            *next++ = L'\0';
        line.field[i] = next != NULL ? next : L"";
        next = next != NULL ? wcschr(next, L'\t') : NULL;
    }
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        if (wcscmp(commands[i].name, name) == 0)
            return commands[i].command(&line);
    return ERROR_INVALID_FUNCTION;
}

static void serve(char *utf8, wchar_t *wide)
{
    while (fgets(utf8, LINE_SIZE, stdin) != NULL) {
        DWORD error;

        utf8[strcspn(utf8, "\n")] = '\0';
        MultiByteToWideChar(CP_UTF8, 0, utf8, -1, wide, LINE_SIZE);
        answer_size = 0;
        error = obey(wide);
        if (error == ERROR_SUCCESS)
            printf("ok%.*s\n", (int)answer_size, answer);
        else
            printf("error\t%lu\n", (unsigned long)error);
        fflush(stdout);
    }
}

int wmain(int count, wchar_t **arguments);

int wmain(int count, wchar_t **arguments)
{
    char *utf8;
    wchar_t *wide;
    int code = 0;

    if (count > 1 && wcscmp(arguments[1], L"without") == 0)
        return machine_without(count, arguments);
    _setmode(_fileno(stdin), _O_BINARY);
    _setmode(_fileno(stdout), _O_BINARY);
    answer = malloc(LINE_SIZE);
    utf8 = malloc(LINE_SIZE);
    wide = malloc(LINE_SIZE * sizeof(*wide));
    if (answer != NULL && utf8 != NULL && wide != NULL)
        serve(utf8, wide);
    else
        code = 250;
    free(wide);
    free(utf8);
    free(answer);
    return code;
}
