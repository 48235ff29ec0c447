/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "os/console.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/posix/native.h"

/* Where one of the three was closed, a hive would be given its number, and what is printed. What stands in for it can
 * be neither read nor printed to, so that it is noticed. */
bool mh_console_prepare(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return false;
    return true;
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

/* exit, which is not for two threads at once, would write out what there is of an answer. */
void mh_console_leave(const char *text, int code)
{
    flockfile(stderr); /* for good: a second thread waits here for its end */
    (void)mh_console_write(stderr, text, strlen(text));
    _exit(code);
}

int mh_console_open(const char *path, FILE **ret_file, struct mh_error *err)
{
    struct stat what;
    if (stat(path, &what) == 0 && S_ISDIR(what.st_mode)) /* it could be opened, though not read */
        return mh_error_set(err, MH_INVALID, "'%s' is a folder", path);
    FILE *file = fopen(path, "rbe");
    if (!file)
        return mh_error_errno(err, errno, "cannot open '%s'", path);
    *ret_file = file;
    return MH_OK;
}

bool mh_console_is_terminal(FILE *stream)
{
    return isatty(fileno(stream)) == 1;
}
