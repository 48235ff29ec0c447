/* SPDX-License-Identifier: MIT */
#include "checker.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: hivecheck [--allow-leaks] [--dirty-ok] [--counts] FILE...\n"
    "Checks registry hives; each problem is a line \"FILE: offset 0x...: what\". --counts prints\n"
    "a line of JSON for each file: what was counted. Exit: 0 sound, 1 problems, 2 trouble.\n";

enum { SOUND = 0, PROBLEMS = 1, TROUBLE = 2 };

/* The whole file, freed by the caller; NULL on trouble. */
static uint8_t *read_file(const char *name, size_t *ret_size)
{
    FILE *file = fopen(name, "rb");
    size_t room = 65536, size = 0;
    uint8_t *bytes = file != NULL ? malloc(room) : NULL;
    size_t got;

    while (bytes != NULL && (got = fread(bytes + size, 1, room - size, file)) > 0) {
        size += got;
        if (size == room) {
            uint8_t *grown = realloc(bytes, room *= 2);

            if (grown == NULL)
                free(bytes);
            bytes = grown;
        }
    }
    if (bytes != NULL && ferror(file)) {
        free(bytes);
        bytes = NULL;
    }
    if (file != NULL)
        (void)fclose(file);
    *ret_size = size;
    return bytes;
}

static void print_counts(const char *name, const struct hc_report *report)
{
    printf("{\"bins\": %zu, \"cells\": %zu, \"free_cells\": %zu, \"free_bytes\": %zu, ",
           report->bins, report->cells, report->free_cells, report->free_bytes);
    printf("\"free_neighbours\": %zu, \"keys\": %zu, \"values\": %zu, \"securities\": %zu, ",
           report->free_neighbours, report->keys, report->values, report->securities);
    printf("\"leaks\": %zu, \"leaked_bytes\": %zu, \"problems\": %zu, \"file\": \"", report->leaks,
           report->leaked_bytes, report->problems);
    for (const char *at = name; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            putchar('\\');
        putchar(*at);
    }
    puts("\"}");
}

static int check_file(const char *name, unsigned flags, bool counts)
{
    struct hc_report report;
    size_t size;
    uint8_t *bytes = read_file(name, &size);
    int result;

    if (bytes == NULL) {
        fprintf(stderr, "hivecheck: cannot read %s\n", name);
        return TROUBLE;
    }
    result = hc_check(bytes, size, flags, &report);
    free(bytes);
    for (size_t i = 0; i < report.text_count; i++)
        printf("%s: offset 0x%" PRIx64 ": %s\n", name, report.texts[i].offset,
               report.texts[i].text);
    if (report.problems > report.text_count)
        printf("%s: and %zu more problems\n", name, report.problems - report.text_count);
    if (counts)
        print_counts(name, &report);
    hc_report_free(&report);
    if (result < 0)
        fprintf(stderr, "hivecheck: out of memory\n");
    return result < 0 ? TROUBLE : result > 0 ? PROBLEMS : SOUND;
}

int main(int argc, char **argv)
{
    unsigned flags = 0;
    bool counts = false;
    int status = SOUND;
    int next = 1;

    for (; next < argc && strncmp(argv[next], "--", 2) == 0; next++) {
        if (strcmp(argv[next], "--allow-leaks") == 0)
            flags |= HC_ALLOW_LEAKS;
        else if (strcmp(argv[next], "--dirty-ok") == 0)
            flags |= HC_DIRTY_OK;
        else if (strcmp(argv[next], "--counts") == 0)
            counts = true;
        else
            next = argc;
    }
    if (next >= argc) {
        (void)fputs(usage, stderr);
        return TROUBLE;
    }
    for (; next < argc; next++) {
        int one = check_file(argv[next], flags, counts);

        if (one > status)
            status = one;
    }
    return status;
}
