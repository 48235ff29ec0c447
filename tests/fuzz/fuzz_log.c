/* SPDX-License-Identifier: MIT */
/*
 * Input: the sizes of a hive and a first log (u32 each), then the hive, the log and a second log. The logs are
 * replayed, held against a replay of the fuzzer's own, and the hive is read and edited.
 */
#include <string.h>

#include "builder/builder.h"
#include "fuzz.h"
#include "replay.h"

#define HEAD 8u

static struct replay_files take_apart(const uint8_t *bytes, size_t size)
{
    size_t left = size - HEAD;
    size_t hive = mh_get32(bytes) % (left + 1);
    size_t first = mh_get32(bytes + 4) % (left - hive + 1);
    return (struct replay_files){.hive = bytes + HEAD,
                                 .hive_size = hive,
                                 .log = {bytes + HEAD + hive, bytes + HEAD + hive + first},
                                 .log_size = {first, left - hive - first}};
}

/* An entry's size, or 0 where there is none. */
static size_t entry_size(const uint8_t *log, size_t size, size_t at)
{
    size_t entry = at + 40 <= size && memcmp(log + at, "HvLE", 4) == 0 ? mh_get32(log + at + 4) : 0;
    return entry >= 512 && entry % 512 == 0 && entry <= size - at ? entry : 0;
}

/* Most of the time: entries that follow one another, and hashes that are theirs. */
static void mend_log(uint8_t *log, size_t size, uint64_t *random)
{
    fuzz_mend_base(log, size, random);
    uint32_t sequence = size >= MH_SECTOR ? mh_get32(log + MH_BASE_SEQUENCE1) : 0;
    bool runs_on = kit_below(random, 16) > 0;
    size_t entry;
    for (size_t at = MH_SECTOR; (entry = entry_size(log, size, at)) > 0; at += entry, sequence++) {
        if (runs_on)
            mh_put32(log + at + 12, sequence);
        if (kit_below(random, 64) == 0)
            continue;
        mh_put64(log + at + 24, hb_marvin(log + at + 40, entry - 40));
        mh_put64(log + at + 32, hb_marvin(log + at, 32));
    }
}

static void change_number(uint8_t *at, uint64_t *random)
{
    static const uint32_t steps[] = {1, 2, 8, 512, 4096, 8192, 0x80000000u};
    uint32_t step = steps[kit_below(random, KIT_COUNT(steps))];
    uint32_t old = mh_get32(at);
    switch (kit_below(random, 4)) {
    case 0: mh_put32(at, old + step); break;
    case 1: mh_put32(at, old - step); break;
    case 2: mh_put32(at, step); break;
    default: mh_put32(at, 4096 * kit_below(random, 16)); break;
    }
}

/* A number of an entry or of its list of pages, or some bytes of a page. */
static void change_entry(uint8_t *entry, size_t size, uint64_t *random)
{
    uint32_t pages = mh_get32(entry + 20);
    if (pages > (size - 40) / 8)
        pages = (uint32_t)((size - 40) / 8);
    uint32_t which = kit_below(random, 8);
    if (which < 2)
        change_number(entry + 8 + 4 * kit_below(random, 4), random);
    else if (which < 5 && pages > 0)
        change_number(entry + 40 + 4 * kit_below(random, 2 * pages), random);
    else if (which == 5)
        change_number(entry + 4 * kit_below(random, (uint32_t)size / 4), random);
    else
        LLVMFuzzerMutate(entry + 40 + 8 * (size_t)pages, size - 40 - 8 * (size_t)pages, size - 40 - 8 * (size_t)pages);
}

static void change_log(uint8_t *log, size_t size, uint64_t *random)
{
    size_t starts[16];
    uint32_t count = 0;
    size_t entry;
    for (size_t at = MH_SECTOR; count < KIT_COUNT(starts) && (entry = entry_size(log, size, at)) > 0; at += entry)
        starts[count++] = at;
    uint32_t which = kit_below(random, 8);
    if (size < MH_SECTOR + 4 || which == 0) {
        LLVMFuzzerMutate(log, size, size);
    } else if (which == 1 || (count == 0 && which < 4)) {
        static const uint8_t fields[] = {MH_BASE_SEQUENCE1, MH_BASE_TIMESTAMP, MH_BASE_TYPE, MH_BASE_ROOT,
                                         MH_BASE_BINS_SIZE};
        change_number(log + fields[kit_below(random, KIT_COUNT(fields))], random);
    } else if (count == 0) {
        LLVMFuzzerMutate(log + MH_SECTOR, size - MH_SECTOR, size - MH_SECTOR);
    } else {
        size_t at = starts[kit_below(random, count)];
        change_entry(log + at, entry_size(log, size, at), random);
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t max_size, unsigned seed)
{
    uint64_t random = seed + 1ull;
    if (size < HEAD + MH_SECTOR || kit_below(&random, 64) == 0)
        return LLVMFuzzerMutate(bytes, size, max_size);
    struct replay_files files = take_apart(bytes, size);
    uint8_t *hive = bytes + HEAD;
    uint8_t *logs[2] = {hive + files.hive_size, hive + files.hive_size + files.log_size[0]};
    uint32_t which = kit_below(&random, 4);
    if (which == 0) {
        fuzz_mutate_hive(hive, files.hive_size, files.hive_size, &random);
        if (files.hive_size >= MH_SECTOR && kit_below(&random, 16) > 0)
            kit_seal(hive);
    } else {
        uint32_t log = files.log_size[1] > 0 ? which % 2 : 0;
        if (files.log_size[log] > 0)
            change_log(logs[log], files.log_size[log], &random);
    }
    for (size_t i = 0; i < 2; i++)
        mend_log(logs[i], files.log_size[i], &random);
    return size;
}

/* What the engine made of it is what comes of the logs, byte for byte. */
static void check_replay(struct kit_files *files, const struct replay_files *parts)
{
    struct mh_regf *regf = NULL;
    struct replay replay;
    replay_logs(parts, &replay);
    if (kit_open(files, &regf, NULL) == MH_OK && mh_regf_recovered(regf)) {
        const struct mh_image *image = mh_regf_image(regf);
        FUZZ_REQUIRE(replay.done && image->memory && image->size == replay.size);
        FUZZ_REQUIRE(image->size <= MH_BASE_SIZE + parts->hive_size + parts->log_size[0] + parts->log_size[1]);
        FUZZ_REQUIRE(memcmp(image->memory + MH_BASE_SIZE, replay.bytes + MH_BASE_SIZE, image->size - MH_BASE_SIZE) == 0);
        FUZZ_REQUIRE(mh_base_clean(&image->base) && image->base.sequence1 == replay.sequence);
        FUZZ_REQUIRE(mh_get32(image->memory + MH_BASE_SEQUENCE1) == replay.sequence);
    }
    mh_regf_close(regf);
    free(replay.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct fuzz_edit edits[] = {{FUZZ_DWORD, 0, 1}, {FUZZ_LARGE, 3, 20000}, {FUZZ_REMOVE, 0, 0}};
    if (size < HEAD)
        return 0;
    struct replay_files parts = take_apart(bytes, size);
    uint8_t *hive = fuzz_copy(parts.hive, parts.hive_size);
    uint8_t *logs[2];
    struct kit_files files = kit_files(hive, parts.hive_size);
    files.log_count = 2;
    for (size_t i = 0; i < 2; i++) {
        logs[i] = fuzz_copy(parts.log[i], parts.log_size[i]);
        files.logs[i] = (struct kit_source){.bytes = logs[i], .size = parts.log_size[i]};
    }
    check_replay(&files, &parts);
    files.hive.reads = 0;
    fuzz_read(&files);
    fuzz_edit(&files, edits, KIT_COUNT(edits));
    free(logs[0]);
    free(logs[1]);
    free(hive);
    return 0;
}
