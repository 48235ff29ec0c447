/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "os/console.h"

#include <sys/stat.h>
#include <unistd.h>

void mh_console_prepare(void)
{
}

char **mh_console_arguments(int argc, char **argv, int *ret_argc)
{
    *ret_argc = argc;
    return argv;
}

bool mh_console_write(FILE *stream, const char *bytes, size_t length)
{
    return length == 0 || fwrite(bytes, 1, length, stream) == length;
}

/* A folder can be opened, too, though not read. */
FILE *mh_console_open(const char *path)
{
    struct stat what;
    FILE *file = stat(path, &what) == 0 && !S_ISDIR(what.st_mode) ? fopen(path, "rbe") : NULL;
    return file;
}

bool mh_console_is_terminal(FILE *stream)
{
    return isatty(fileno(stream)) == 1;
}
