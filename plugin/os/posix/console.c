/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "os/console.h"

#include <unistd.h>

void mh_console_prepare(void)
{
}

bool mh_console_is_terminal(FILE *stream)
{
    return isatty(fileno(stream)) == 1;
}
