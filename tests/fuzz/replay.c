/* SPDX-License-Identifier: MIT */
#include "replay.h"

#include <string.h>

#include "builder/builder.h"
#include "fuzz.h"

struct log {
    const uint8_t *bytes;
    size_t size;
    uint32_t first;
    uint32_t entries; /* whole ones that follow one another */
};

static bool is_base(const uint8_t *bytes, size_t size)
{
    return size >= 512 && memcmp(bytes, "regf", 4) == 0 && mh_get32(bytes + 20) == 1 && mh_get32(bytes + 24) >= 3 &&
           mh_get32(bytes + 24) <= 6 && mh_get32(bytes + 508) == hb_checksum(bytes);
}

/* The entry's size; 0 when it is not whole. */
static size_t entry_at(const struct log *log, size_t at, uint32_t sequence)
{
    const uint8_t *entry = log->bytes + at;
    if (at > log->size || log->size - at < 40 || memcmp(entry, "HvLE", 4) != 0)
        return 0;
    size_t size = mh_get32(entry + 4);
    if (size < 512 || size % 512 != 0 || size > log->size - at || mh_get32(entry + 12) != sequence ||
        mh_get64(entry + 32) != hb_marvin(entry, 32) || mh_get64(entry + 24) != hb_marvin(entry + 40, size - 40))
        return 0;
    uint64_t room = size - 40;
    for (uint64_t i = 0; i < mh_get32(entry + 20); i++) {
        if (room < 8 || room > size)
            return 0;
        room -= 8;
    }
    uint64_t data = 0;
    for (uint64_t i = 0; i < mh_get32(entry + 20); i++)
        data += mh_get32(entry + 40 + 8 * i + 4);
    return data <= room ? size : 0;
}

static bool grow(struct replay *replay, size_t size)
{
    size_t bins = size - 4096;
    if (bins == 0 || bins % 4096 != 0)
        return false;
    if (size > replay->room) {
        replay->bytes = realloc(replay->bytes, size);
        FUZZ_REQUIRE(replay->bytes);
        memset(replay->bytes + replay->room, 0, size - replay->room);
        replay->room = size;
    }
    replay->size = size;
    return true;
}

static bool apply_entry(struct replay *replay, const uint8_t *entry, size_t most)
{
    uint32_t bins = mh_get32(entry + 16);
    uint32_t pages = mh_get32(entry + 20);
    const uint8_t *from = entry + 40 + 8 * (size_t)pages;
    if (bins > most || !grow(replay, 4096 + (size_t)bins))
        return false;
    for (uint32_t i = 0; i < pages; i++) {
        uint64_t to = mh_get32(entry + 40 + 8 * (size_t)i);
        uint64_t size = mh_get32(entry + 44 + 8 * (size_t)i);
        if (to + size > bins)
            return false;
        memcpy(replay->bytes + 4096 + to, from, (size_t)size);
        from += size;
    }
    return true;
}

static bool apply_new(struct replay *replay, const struct log *log, size_t most)
{
    size_t at = 512;
    for (uint32_t i = 0; i < log->entries; i++) {
        size_t size = entry_at(log, at, log->first + i);
        if (!apply_entry(replay, log->bytes + at, most))
            return false;
        at += size;
    }
    replay->sequence = log->first + log->entries;
    return true;
}

static bool apply_old(struct replay *replay, const struct log *log, size_t most)
{
    uint32_t bins = mh_get32(log->bytes + 40);
    size_t from = (516 + bins / 4096 + 511) / 512 * 512;
    if (bins > most || !grow(replay, 4096 + (size_t)bins))
        return false;
    for (size_t sector = 0; sector < bins / 512; sector++) {
        if (!(log->bytes[516 + sector / 8] >> sector % 8 & 1))
            continue;
        memcpy(replay->bytes + 4096 + 512 * sector, log->bytes + from, 512);
        from += 512;
    }
    replay->sequence = mh_get32(log->bytes + 4);
    return true;
}

static void swap(struct log *a, struct log *b)
{
    struct log old = *a;
    *a = *b;
    *b = old;
}

/* Whether an old log has all the sectors that its bitmap names. */
static bool is_old(const struct log *log)
{
    uint64_t bins = log->size > 516 ? mh_get32(log->bytes + 40) : 0;
    uint64_t from = (516 + bins / 4096 + 511) / 512 * 512;
    uint64_t set = 0;
    if (bins == 0 || bins % 4096 != 0 || from > log->size || memcmp(log->bytes + 512, "DIRT", 4) != 0)
        return false;
    for (uint64_t sector = 0; sector < bins / 512; sector++)
        set += log->bytes[516 + sector / 8] >> sector % 8 & 1;
    return set > 0 && from + 512 * set <= log->size;
}

/* The logs of either format that are sound enough to count. */
static size_t take_logs(const struct replay_files *files, bool newer, struct log logs[2])
{
    size_t count = 0;
    for (size_t i = 0; i < 2; i++) {
        struct log log = {.bytes = files->log[i], .size = files->log_size[i]};
        if (!is_base(log.bytes, log.size) || mh_get32(log.bytes + 4) != mh_get32(log.bytes + 8))
            continue;
        uint32_t type = mh_get32(log.bytes + 28);
        log.first = mh_get32(log.bytes + 4);
        size_t at = 512;
        for (size_t size; type == 6 && (size = entry_at(&log, at, log.first + log.entries)) > 0; at += size)
            log.entries++;
        if (newer ? log.entries > 0 : (type == 1 || type == 2) && is_old(&log))
            logs[count++] = log;
    }
    return count;
}

/* Those that are not older than the hive; without a base block the last one alone. */
static size_t choose_new(const struct replay_files *files, bool has_base, struct log logs[2])
{
    size_t count = take_logs(files, true, logs);
    for (size_t i = 0; has_base && i < count;) {
        if (logs[i].first >= mh_get32(files->hive + 8)) {
            i++;
            continue;
        }
        swap(&logs[i], &logs[count - 1]);
        count--;
    }
    if (count == 2 && logs[0].first > logs[1].first)
        swap(&logs[0], &logs[1]);
    if (count == 2 && !has_base) {
        logs[0] = logs[1];
        count = 1;
    }
    return count == 2 && logs[1].first != logs[0].first + logs[0].entries ? 0 : count;
}

void replay_logs(const struct replay_files *files, struct replay *ret_replay)
{
    struct log logs[2];
    bool has_base = is_base(files->hive, files->hive_size);
    size_t most = files->hive_size;
    struct replay replay = {.bytes = fuzz_copy(files->hive, files->hive_size)};
    size_t count = choose_new(files, has_base, logs);
    bool newer = count > 0;
    if (!newer) { /* of two old ones either may be the hive's; the engine takes the first that its timestamp names */
        uint64_t stamp = files->hive_size >= 4128 ? mh_get64(files->hive + (has_base ? 12 : 4116)) : 0;
        count = take_logs(files, false, logs);
        while (count > 0 && (mh_get64(logs[0].bytes + 12) != stamp ||
                             (stamp == 0 && (!has_base || logs[0].first != mh_get32(files->hive + 4))))) {
            logs[0] = logs[1];
            count--;
        }
        count = count > 0;
    }
    replay.size = has_base ? 4096 + (size_t)mh_get32(files->hive + 40) : files->hive_size / 4096 * 4096;
    if (files->hive_size < 4096 || replay.size > files->hive_size)
        count = 0;
    replay.room = replay.size;
    for (size_t i = 0; i < count; i++)
        most += logs[i].size;
    replay.done = count > 0;
    for (size_t i = 0; replay.done && i < count; i++)
        replay.done = newer ? apply_new(&replay, &logs[i], most) : apply_old(&replay, &logs[i], most);
    *ret_replay = replay;
}
