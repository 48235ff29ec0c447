/* SPDX-License-Identifier: MIT */
#include "registry/hive/log.h"

#include <string.h>

int mh_log_open(const struct mh_source *source, struct mh_log *ret_log, struct mh_error *err)
{
    struct mh_log log = {.source = *source};
    struct mh_error ignored = {0};
    int status = MH_OK;
    if (source->size >= MH_SECTOR)
        status = source->read(source->context, 0, log.sector, MH_SECTOR, err);
    if (status != MH_OK)
        return status;
    bool whole = source->size >= MH_SECTOR &&
                 mh_base_parse(log.sector, &log.base, &ignored) == MH_OK &&
                 mh_base_clean(&log.base);
    if (whole && log.base.type == MH_BASE_LOG_NEW)
        status = mh_log_hvle_open(&log, err);
    else if (whole && (log.base.type == MH_BASE_LOG_OLD || log.base.type == MH_BASE_LOG_OLDER))
        status = mh_log_dirt_open(&log, err);
    if (status == MH_OK)
        *ret_log = log;
    return status;
}

bool mh_log_may_grow(const struct mh_image *image, uint32_t bins_size)
{
    return bins_size != 0 && bins_size % MH_PAGE == 0 && bins_size <= MH_HIVE_MAX &&
           bins_size <= image->limit;
}

uint32_t mh_log_highest(const struct mh_log *log)
{
    if (!log->usable)
        return 0;
    return log->base.type == MH_BASE_LOG_NEW ? log->last : log->base.sequence1;
}

/* The logs to replay, in order. */
struct chain {
    const struct mh_log *logs[MH_LOGS];
    size_t count;
};

static void chain_insert(struct chain *chain, const struct mh_log *log)
{
    size_t at = chain->count++;
    for (; at > 0 && chain->logs[at - 1]->first > log->first; at--)
        chain->logs[at] = chain->logs[at - 1];
    chain->logs[at] = log;
}

static void chain_keep_last(struct chain *chain)
{
    if (chain->count > 1) {
        chain->logs[0] = chain->logs[chain->count - 1];
        chain->count = 1;
    }
}

/*
 * HvLE logs from before the hive's last flush are stale. Without a base block nothing tells how old a log
 * is, so only the latest may be used.
 */
static int hvle_chain(const struct mh_base *base, const struct mh_log *logs, size_t count,
                      struct chain *chain, struct mh_error *err)
{
    for (size_t i = 0; i < count && chain->count < MH_LOGS; i++)
        if (logs[i].usable && logs[i].base.type == MH_BASE_LOG_NEW &&
            (!base || logs[i].first >= base->sequence2))
            chain_insert(chain, &logs[i]);
    if (!base)
        chain_keep_last(chain);
    for (size_t i = 1; i < chain->count; i++)
        if (chain->logs[i]->first != chain->logs[i - 1]->last + 1)
            return mh_error_set(err, MH_DIRTY,
                                "its logs do not follow one another (one ends with entry %u, the next "
                                "begins with %u)",
                                chain->logs[i - 1]->last, chain->logs[i]->first);
    return MH_OK;
}

/* A DIRT log belongs to the hive whose last flush it was made for: the one with its timestamp. Where
 * Windows kept none, the sequence number has to do. */
static bool dirt_belongs(const struct mh_log *log, const struct mh_base *base, uint64_t stamp)
{
    return log->usable && log->base.type != MH_BASE_LOG_NEW && log->base.timestamp == stamp &&
           (stamp != 0 || (base && log->base.sequence1 == base->sequence1));
}

static int dirt_chain(const struct mh_source *source, const struct mh_base *base,
                      const struct mh_log *logs, size_t count, struct chain *chain,
                      struct mh_error *err)
{
    uint8_t stamp[8];
    if (source->size < MH_BASE_SIZE + MH_BIN_HEADER)
        return MH_OK;
    int status = MH_OK;
    if (base)
        mh_put64(stamp, base->timestamp);
    else
        status = source->read(source->context, MH_BASE_SIZE + MH_BIN_TIMESTAMP, stamp, sizeof(stamp),
                              err);
    if (status != MH_OK)
        return status;
    for (size_t i = 0; i < count && chain->count == 0; i++)
        if (dirt_belongs(&logs[i], base, mh_get64(stamp)))
            chain->logs[chain->count++] = &logs[i];
    return MH_OK;
}

static int replay_chain(const struct chain *chain, struct mh_image *image, struct mh_error *err)
{
    int status = mh_image_load(image, err);
    uint32_t sequence = 0;
    image->limit = image->source.size;
    for (size_t i = 0; i < chain->count; i++)
        image->limit += chain->logs[i]->source.size;
    for (size_t i = 0; status == MH_OK && i < chain->count; i++) {
        const struct mh_log *log = chain->logs[i];
        bool newer = log->base.type == MH_BASE_LOG_NEW;
        status = newer ? mh_log_hvle_apply(log, image, err) : mh_log_dirt_apply(log, image, err);
        sequence = newer ? log->last + 1 : log->base.sequence1;
    }
    if (status != MH_OK)
        return status;
    mh_base_update(image->memory, sequence, image->base.timestamp, image->base.bins_size);
    return mh_base_parse(image->memory, &image->base, err);
}

int mh_logs_replay(const struct mh_source *source, const struct mh_base *base,
                   const struct mh_log *logs, size_t count, struct mh_image *ret_image,
                   struct mh_error *err)
{
    struct chain chain = {0};
    struct mh_image image;
    int status = hvle_chain(base, logs, count, &chain, err);
    if (status == MH_OK && chain.count == 0)
        status = dirt_chain(source, base, logs, count, &chain, err);
    if (status != MH_OK)
        return status;
    if (chain.count == 0)
        return mh_error_set(err, MH_DIRTY, "no transaction log brings it up to date");
    struct mh_base start = base ? *base : chain.logs[0]->base;
    start.type = MH_BASE_PRIMARY;
    if (!base && source->size >= MH_BASE_SIZE + MH_PAGE)
        start.bins_size = (uint32_t)((source->size < MH_HIVE_MAX ? source->size : MH_HIVE_MAX) -
                                     MH_BASE_SIZE) / MH_PAGE * MH_PAGE;
    status = mh_image_open(source, &start, &image, err);
    if (status != MH_OK)
        return status;
    status = mh_image_load(&image, err);
    if (status == MH_OK && !base)
        memcpy(image.memory, chain.logs[0]->sector, MH_SECTOR);
    if (status == MH_OK)
        status = replay_chain(&chain, &image, err);
    if (status != MH_OK)
        mh_image_clear(&image);
    else
        *ret_image = image;
    return status;
}
