/* SPDX-License-Identifier: MIT */
#ifndef MH_OS_CONSOLE_H
#define MH_OS_CONSOLE_H

#include <stdbool.h>
#include <stdio.h>

#include "mapihttp/error.h"

/* Makes stdin and stdout carry bytes as they are. Where one of them, or stderr, is closed, no file that is opened later
 * takes its place. False where that cannot be promised, as /dev/null cannot be opened: nothing is to be opened then. */
bool mh_console_prepare(void);

/*
 * The command line, of `argc` and `argv` as main has them: bytes as they are on POSIX, UTF-8 on Windows,
 * where no "*" in it has been taken for files. It lasts as long as the process. NULL when memory is out.
 */
char **mh_console_arguments(int argc, char **argv, int *ret_argc);

/*
 * Writes `length` bytes to the stream, UTF-8 where a person reads them. False when they could not all be
 * written; what a stream holds back, fflush tells of.
 */
bool mh_console_write(FILE *stream, const char *bytes, size_t length);

/* Says `text` on stderr and ends the process with the exit code, from any of its threads: whichever comes first is the
 * one. Nothing is cleared up, and what stdout holds back is lost. */
_Noreturn void mh_console_leave(const char *text, int code);

/* Opens the file that the command line names, to read its bytes; a folder is MH_INVALID. The caller closes it. */
int mh_console_open(const char *path, FILE **ret_file, struct mh_error *err);

/* A person sits at the other end of the stream. */
bool mh_console_is_terminal(FILE *stream);

#endif
