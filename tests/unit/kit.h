/* SPDX-License-Identifier: MIT */
#ifndef MH_TESTS_KIT_H
#define MH_TESTS_KIT_H

/* What the unit tests share: values, hives in memory, sources that watch their bounds. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "builder/builder.h"
#include "mapihttp/value.h"
#include "registry/hive/data.h"
#include "registry/hive/hive.h"

#define KIT_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A FILETIME: when the tests change a hive. */
#define KIT_NOW 0x01DB000000000000u

/* Fails the test with the case's name when `condition` does not hold. */
#define KIT_TRUE(name, condition)                                                                  \
    ((condition) ? (void)0 : kit_false(#condition, (name), __FILE__, __LINE__))
#define KIT_INT(name, actual, expected)                                                            \
    kit_int((long long)(actual), (long long)(expected), #actual, (name), __FILE__, __LINE__)
#define KIT_TEXT(name, actual, expected)                                                           \
    kit_text_equal((actual), (expected), #actual, (name), __FILE__, __LINE__)

/* Skips the test that calls it, and says why. */
void kit_skip(const char *why);

_Noreturn void kit_false(const char *what, const char *name, const char *file, int line);
void kit_int(long long actual, long long expected, const char *what, const char *name,
             const char *file, int line);
/* NULL equals only NULL. */
void kit_text_equal(const char *actual, const char *expected, const char *what, const char *name,
                    const char *file, int line);

/* Pseudo-random numbers, the same in every run: `state` begins as any number but 0. */
uint32_t kit_random(uint64_t *state);
uint32_t kit_below(uint64_t *state, uint32_t limit);

/* Values; the caller clears them. None of these fails but the test. */
struct mh_value kit_dword(uint32_t number);
struct mh_value kit_bytes(uint32_t type, const void *data, uint32_t size);
/* `size` bytes, byte i is (i + seed) * 31. */
struct mh_value kit_fill(uint32_t type, uint32_t size, uint32_t seed);

/* The subkey at `path` ("A\B") below `root`, made where it is missing. */
struct hb_key *kit_key(struct hb_key *root, const char *path);
/* A root key that holds our value (absent: only its key; NULL: not even that). */
struct hb_key *kit_profile(const struct mh_value *value);
struct hb_value *kit_add(struct hb_key *key, const char *name, const struct mh_value *value);

/* Builds a hive; `options` NULL: the defaults. The caller frees it. */
uint8_t *kit_build(struct hb_key *root, const struct hb_options *options, size_t *ret_size);
/* The same of a tree that is freed. */
uint8_t *kit_build_free(struct hb_key *root, const struct hb_options *options, size_t *ret_size);

/* Fails the test when the checker finds a problem. */
void kit_assert_sound(const char *name, const uint8_t *hive, size_t size);

/* Makes the base block's checksum right again. */
void kit_seal(uint8_t *hive);

/* A source over memory that notices when it is asked for what it has not. */
struct kit_source {
    const uint8_t *bytes;
    uint64_t size;
    uint64_t reads;
    uint64_t fail_after; /* reads that succeed, when not 0 */
    bool strayed;
};

struct mh_source kit_source(struct kit_source *source);

/* A hive and its logs, to open with the engine; the caller keeps the bytes. */
struct kit_files {
    struct kit_source hive;
    struct kit_source logs[MH_LOGS];
    size_t log_count;
    unsigned log_calls; /* how often the engine asked for the logs */
};

struct kit_files kit_files(const uint8_t *hive, size_t size);
int kit_open(struct kit_files *files, struct mh_regf **ret_regf, struct mh_error *err);
bool kit_strayed(const struct kit_files *files);

/* The file as it is once the output is carried out. The caller frees it. */
uint8_t *kit_carry_out(const struct kit_files *files, const struct mh_regf_output *output,
                       size_t *ret_size);

/* Sets (an absent `value`: removes) our value in a hive and gives the new file. */
int kit_change(const uint8_t *hive, size_t size, const struct mh_value *value,
               enum mh_regf_kind *ret_kind, uint8_t **ret_hive, size_t *ret_size,
               struct mh_error *err);

/* Our value in a hive; fails the test when it cannot be read. */
struct mh_value kit_read(const char *name, const uint8_t *hive, size_t size);

/* A digest of a key's class and security descriptor. */
uint32_t kit_key_digest(const char *name, struct mh_image *image, const struct mh_key *key);

/*
 * Goes through all keys and values of a hive: each key before its values, and these before its subkeys. What a
 * visit returns other than MH_OK ends the walk. `parent` is a cell; the root's is 0. MH_CORRUPT, as soon as it
 * turns out, for a hive that cannot be gone through.
 */
struct kit_visitor {
    int (*key)(void *context, const char *path, uint32_t parent, const struct mh_key *key,
               struct mh_error *err);
    int (*value)(void *context, const char *path, const struct mh_vk *vk, struct mh_error *err);
    void *context;
};
int kit_walk(struct mh_image *image, const struct kit_visitor *visitor, struct mh_error *err);

/* A value's name, as much of it as `vk` holds; the caller frees it. */
char *kit_vk_name(const struct mh_vk *vk);

/* Whether it is a key that leads to our value, or holds it: what a change may make. */
bool kit_on_the_way(const char *path);

/*
 * All keys (flags, class, security) and values of a hive, one line each, but for our value and the keys on
 * its way: what no change of ours may touch. The caller frees it.
 */
char *kit_dump(const char *name, const uint8_t *hive, size_t size);

#endif
