/* SPDX-License-Identifier: MIT */
#ifndef MH_TESTS_RANDOM_HIVE_H
#define MH_TESTS_RANDOM_HIVE_H

/* Random hives, and random values for them: the same `random` gives the same ones. See kit_random. */

#include "kit.h"

/* A value of any type and of up to 40000 bytes; now and then an absent one. The caller clears it. */
struct mh_value kit_random_value(uint64_t *random);

/*
 * A user's tree: some, all or none of the keys that lead to our value, that value in half of them, and other keys
 * and values around, below and between. The caller frees it.
 */
struct hb_key *kit_random_tree(uint64_t *random);

/* Versions 1.3 to 1.5, lists split or not, free cells, bytes behind the end. */
void kit_random_options(uint64_t *random, struct hb_options *options);

#endif
