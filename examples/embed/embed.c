/* SPDX-License-Identifier: MIT */
/*
 * The library from C: checks a store of profiles, and prints what it was told.
 *
 *     cc embed.c $(pkg-config --cflags --libs mapihttp) -o embed
 *     ./embed /srv/profiles
 */
#include <stdio.h>
#include <string.h>

#include <mapihttp/mapihttp.h>

int main(int argc, char **argv)
{
    char request[4096];
    char *result = NULL;
    if (argc != 2 || strpbrk(argv[1], "\"\\")) {
        fprintf(stderr, "usage: embed STORE (without quotes and backslashes in it)\n");
        return 2;
    }
    int length = snprintf(request, sizeof(request), "{\"state\":\"allowed\",\"store\":\"%s\"}", argv[1]);
    if (length < 0 || (size_t)length >= sizeof(request))
        return 2;
    int code = mapihttp_call("check", request, (size_t)length, &result);
    fputs(result ? result : "out of memory\n", stdout);
    mapihttp_free(result);
    return code;
}
