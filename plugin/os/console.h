/* SPDX-License-Identifier: MIT */
#ifndef MH_OS_CONSOLE_H
#define MH_OS_CONSOLE_H

#include <stdbool.h>
#include <stdio.h>

/* Makes stdin and stdout carry bytes as they are. */
void mh_console_prepare(void);

/* A person sits at the other end of the stream. */
bool mh_console_is_terminal(FILE *stream);

#endif
