/* SPDX-License-Identifier: MIT */
#ifndef MH_FUZZ_REPLAY_H
#define MH_FUZZ_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A hive and its two logs. */
struct replay_files {
    const uint8_t *hive;
    size_t hive_size;
    const uint8_t *log[2];
    size_t log_size[2];
};

/* What comes of them. */
struct replay {
    bool done;
    uint8_t *bytes; /* the caller frees; the base block is not made up to date */
    size_t size;
    size_t room; /* of bytes: where a hive became shorter and longer again, what stood there is there again */
    uint32_t sequence; /* of the hive then */
};

/*
 * Replays the logs in the plainest way: every entry in turn into a copy of the hive. Not `done` when there is nothing
 * to replay, or it leads out of any file. It says nothing of a hive that needs no replay.
 */
void replay_logs(const struct replay_files *files, struct replay *ret_replay);

#endif
