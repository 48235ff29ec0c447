/* SPDX-License-Identifier: MIT */
#ifndef MH_FUZZ_H
#define MH_FUZZ_H

/* What the fuzzers share. Each source beside this one that is called fuzz_NAME.c is a fuzzer; it says what its input is. */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "mapihttp/value.h"
#include "unit/kit.h"

/* What libFuzzer calls. The second changes an input; without one libFuzzer changes bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t max_size, unsigned seed);

/* libFuzzer's own: changes `size` bytes, to `max_size` at most, and returns how many there are then. */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t max_size);

/* Ends the run with the reason: a property that must hold did not. */
#define FUZZ_REQUIRE(truth)                                                                        \
    do {                                                                                           \
        if (!(truth)) {                                                                            \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #truth);                    \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* A failure says why, and is none of our own. */
#define FUZZ_REQUIRE_REFUSAL(status, err)                                                          \
    FUZZ_REQUIRE((status) > MH_OK && (status) < MH_STATUS_COUNT && (status) != MH_INTERNAL &&      \
                 (err).status == (status) && (err).message[0])

/* A copy on the heap of just these bytes, so that the sanitizer sees the first one beyond. */
uint8_t *fuzz_copy(const uint8_t *bytes, size_t size);

/*
 * Changes a hive as the hive's structure suggests: a number of a key, a value, a list becomes another cell's
 * offset, a limit, its neighbour; cells are split, freed, copied, bins appended. `random` is kit_random's. Returns
 * the new size.
 */
size_t fuzz_mutate_hive(uint8_t *hive, size_t size, size_t max_size, uint64_t *random);

/* Makes a first sector pass for one that was written: its checksum, and most of the time its two sequence numbers. */
void fuzz_mend_base(uint8_t *sector, size_t size, uint64_t *random);

/*
 * Reads all that can be read of the hive: our value, and every key, list, value and piece of data that the root leads
 * to, read piece by piece as well as loaded. Both must come to the same; reading must not stray, and ends in time. What
 * the survey calls whole can be read without an error; what the checker calls sound, the survey calls whole.
 */
void fuzz_read(struct kit_files *files);

/* An edit of our value. */
struct fuzz_edit {
    uint8_t kind; /* enum fuzz_edit_kind, modulo their number */
    uint8_t type;
    uint16_t number;
};

enum fuzz_edit_kind { FUZZ_REMOVE, FUZZ_DWORD, FUZZ_FILL, FUZZ_LARGE, FUZZ_EDIT_KINDS };

/*
 * Carries out one edit after the other, the first on `files` (and their logs), the next on what came of it. What is
 * refused is refused with a reason. Else the value reads back, a second time there is nothing to do, and
 * nothing but our value and the keys on its way is another; what was sound stays so, and leaks nothing.
 */
void fuzz_edit(struct kit_files *files, const struct fuzz_edit *edits, size_t count);

/* The problems that the checker finds in the file, unused cells left out; *ret_leaks (may be NULL) counts those. */
size_t fuzz_problems(const uint8_t *bytes, size_t size, size_t *ret_leaks);

#endif
