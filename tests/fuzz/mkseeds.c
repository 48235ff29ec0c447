/* SPDX-License-Identifier: MIT */
/* mkseeds FUZZER FOLDER: writes what the fuzzer begins with, made by the hive builder. */
#include <stdio.h>
#include <stdlib.h>

#include "seeds.h"

static const char *folder;
static unsigned number;

static void save(const uint8_t *bytes, size_t size)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/seed%03u", folder, number++);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        exit(2);
}

int main(int argc, char **argv)
{
    folder = argc == 3 ? argv[2] : NULL;
    if (folder && fuzz_seeds(argv[1], save))
        return 0;
    fprintf(stderr, "mkseeds FUZZER FOLDER\n");
    return 2;
}
