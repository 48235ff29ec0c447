/* SPDX-License-Identifier: MIT */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>
#include <windows.h>

/*
 * machine.exe: the hands and eyes of the tests within a Windows machine. It reads commands from its
 * standard input, one to a line, fields with a tab between, all UTF-8, and answers each with one line:
 *
 *     ok[<tab>FIELD ...]      done; what was asked for
 *     error<tab>CODE          a Win32 error
 *
 * A KEY is HKLM\..., HKU\... or HKCU\..., of the 64-bit view. It shares nothing with mapihttp.
 */

#define MACHINE_FIELDS 6

/* A command's fields; those that are not given are empty. */
struct machine_line {
    wchar_t *field[MACHINE_FIELDS];
};

/* Each command returns a Win32 error, and has said its answer's fields when it is ERROR_SUCCESS. */
typedef DWORD machine_command(const struct machine_line *line);

/* Adds a field to the answer. */
void machine_say(const wchar_t *text);
void machine_say_number(unsigned long number);
void machine_say_bytes(const BYTE *bytes, DWORD size);

/* Enables a privilege of this process; an error when the token does not have it. */
DWORD machine_privilege(const wchar_t *name);

machine_command machine_key, machine_set, machine_unset, machine_value, machine_keys, machine_values,
    machine_wipe, machine_load, machine_unload, machine_save, machine_link, machine_unlink;
machine_command machine_hold, machine_release, machine_sid, machine_id, machine_attributes, machine_watch,
    machine_seen, machine_privileges, machine_account, machine_process, machine_lookup;

/*
 * machine.exe without PRIVILEGE[,PRIVILEGE ...] PROGRAM [ARGUMENT ...]: runs the program with a token from
 * which these are taken for good. Returns its exit code, or 250 and more when it could not.
 */
int machine_without(int count, wchar_t **arguments);

#endif
