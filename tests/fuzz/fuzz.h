/* SPDX-License-Identifier: MIT */
#ifndef MH_FUZZ_H
#define MH_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "registry/hive/hive.h"

/* What libFuzzer calls. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Ends the run with the reason: a property that must hold did not. */
#define FUZZ_REQUIRE(truth)                                                                        \
    do {                                                                                           \
        if (!(truth)) {                                                                            \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #truth);                    \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/*
 * Opens the hive with the logs given, reads the value, changes it to each of a few others (and removes
 * it), and holds what comes out against the checker: a sound hive must stay sound, and the value must
 * read back.
 */
void fuzz_hive(const struct mh_regf_files *files);

#endif
