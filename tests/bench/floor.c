/* SPDX-License-Identifier: MIT */
/*
 * floor THREADS: opens, reads 8 KB of and closes each file that standard input names, one a line, on so many threads:
 * the least that looking at so many files can cost. Each thread takes its share of the names, as many as the others.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS_MAX 64u

struct share {
    char **names;
    size_t count;
};

static void fail(const char *what)
{
    perror(what);
    exit(2);
}

static void *look(void *argument)
{
    const struct share *share = argument;
    char buffer[8192];
    for (size_t i = 0; i < share->count; i++) {
        int fd = open(share->names[i], O_RDONLY | O_CLOEXEC);
        if (fd < 0 || read(fd, buffer, sizeof(buffer)) < 0)
            fail(share->names[i]);
        close(fd);
    }
    return NULL;
}

/* One for each line of standard input, all within *ret_text. */
static char **read_names(char **ret_text, size_t *ret_count)
{
    size_t room = 0;
    size_t lines = 0;
    if (getdelim(ret_text, &room, '\0', stdin) < 0)
        fail("names");
    for (const char *at = *ret_text; *at; at++)
        lines += *at == '\n';
    char **names = calloc(lines + 1, sizeof(*names));
    if (!names)
        fail("names");
    char *rest = NULL;
    for (char *name = strtok_r(*ret_text, "\n", &rest); name; name = strtok_r(NULL, "\n", &rest))
        names[(*ret_count)++] = name;
    return names;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS_MAX];
    struct share shares[THREADS_MAX] = {{NULL, 0}};
    size_t wanted = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    size_t count = 0;
    if (wanted < 1 || wanted > THREADS_MAX) {
        fputs("floor THREADS <NAMES\n", stderr);
        return 2;
    }
    char *text = NULL;
    char **names = read_names(&text, &count);
    for (size_t i = 0; i < wanted; i++) {
        size_t first = count * i / wanted;
        shares[i] = (struct share){.names = names + first, .count = count * (i + 1) / wanted - first};
        if (i > 0 && pthread_create(&threads[i], NULL, look, &shares[i]) != 0)
            fail("pthread_create");
    }
    look(&shares[0]);
    for (size_t i = 1; i < wanted; i++)
        pthread_join(threads[i], NULL);
    free(names);
    free(text);
    return 0;
}
