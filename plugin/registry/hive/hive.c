/* SPDX-License-Identifier: MIT */
#include "registry/hive/hive.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "registry/hive/data.h"
#include "registry/hive/edit.h"
#include "registry/hive/survey.h"

struct mh_regf {
    struct mh_regf_files files;
    struct mh_log logs[MH_LOGS];
    size_t log_count;
    bool logs_open;
    bool recovered;
    enum mh_regf_kind change;
    const char *path; /* of what was changed; the caller's */
    const char *name;
    struct mh_value value;
    uint64_t patch_offset;
    uint8_t patch[4];
    struct mh_image image; /* the last, for the bytes of its windows are not cleared */
};

/* The root key nearly always is the first cell: one read brings it with the base block. */
#define ROOT_SIZE 1024u

/* A log longer than this is none that Windows made: it begins anew long before. */
#define LOG_SIZE_FREE (16u << 20)
#define LOG_SIZE_FACTOR 4u

static int open_logs(struct mh_regf *regf, struct mh_error *err)
{
    struct mh_source sources[MH_LOGS];
    size_t count = 0;
    if (regf->logs_open || !regf->files.logs)
        return MH_OK;
    int status = regf->files.logs(regf->files.context, sources, &count, err);
    for (size_t i = 0; status == MH_OK && i < count; i++) {
        if (sources[i].size > LOG_SIZE_FREE + LOG_SIZE_FACTOR * regf->files.hive.size)
            continue;
        status = mh_log_open(&sources[i], &regf->logs[regf->log_count], err);
        regf->log_count += status == MH_OK;
    }
    regf->logs_open = status == MH_OK;
    return status;
}

static int recover(struct mh_regf *regf, const struct mh_base *base, struct mh_error *err)
{
    struct mh_error why = {0};
    int status = open_logs(regf, err);
    if (status != MH_OK)
        return status;
    status = mh_logs_replay(&regf->files.hive, base, regf->logs, regf->log_count, &regf->image, &why);
    if (status == MH_OK) {
        regf->recovered = true;
        return MH_OK;
    }
    if (status == MH_DIRTY && !base)
        return mh_error_set(err, MH_CORRUPT, "its base block is broken, and %s", why.message);
    if (status == MH_DIRTY)
        return mh_error_set(err, MH_DIRTY,
                            "it was not closed cleanly (sequence numbers %u and %u), and %s; bring its "
                            ".LOG files beside it, or let Windows load it once (log the user on and off)",
                            base->sequence1, base->sequence2, why.message);
    if (err)
        *err = why;
    return status;
}

static int open_image(struct mh_regf *regf, struct mh_error *err)
{
    const struct mh_source *source = &regf->files.hive;
    uint8_t head[MH_BASE_SIZE + ROOT_SIZE];
    struct mh_base base;
    if (source->size < sizeof(head))
        return mh_error_set(err, MH_CORRUPT, "%llu bytes are too few for a hive",
                            (unsigned long long)source->size);
    int status = source->read(source->context, 0, head, sizeof(head), err);
    if (status == MH_OK)
        status = mh_base_parse(head, &base, err);
    if (status != MH_OK)
        return status;
    if (!mh_base_clean(&base))
        return recover(regf, base.checksum_right ? &base : NULL, err);
    status = mh_image_open(source, &base, &regf->image, err);
    if (status == MH_OK)
        mh_image_prime(&regf->image, MH_BASE_SIZE, head + MH_BASE_SIZE, ROOT_SIZE);
    return status;
}

int mh_regf_open(const struct mh_regf_files *files, struct mh_regf **ret_regf, struct mh_error *err)
{
    struct mh_regf *regf = malloc(sizeof(*regf));
    if (!regf)
        return mh_error_no_memory(err);
    memset(regf, 0, offsetof(struct mh_regf, image.bytes));
    regf->files = *files;
    int status = open_image(regf, err);
    if (status != MH_OK)
        mh_regf_close(regf);
    else
        *ret_regf = regf;
    return status;
}

void mh_regf_close(struct mh_regf *regf)
{
    if (!regf)
        return;
    mh_image_clear(&regf->image);
    mh_value_clear(&regf->value);
    free(regf);
}

bool mh_regf_recovered(const struct mh_regf *regf)
{
    return regf->recovered;
}

struct mh_image *mh_regf_image(struct mh_regf *regf)
{
    return &regf->image;
}

int mh_regf_read(struct mh_regf *regf, const char *path, const char *name,
                 struct mh_value *ret_value, struct mh_error *err)
{
    return mh_value_lookup(&regf->image, path, name, ret_value, err);
}

static bool is_dword(uint32_t type, uint32_t size)
{
    return type == MH_REG_DWORD && size == 4;
}

/*
 * Where the number of the value stands in the file, when setting it may be done in place: a clean hive,
 * an inline REG_DWORD before and after.
 */
static int patch_place(struct mh_regf *regf, const char *path, const char *name,
                       const struct mh_value *value, uint64_t *ret_offset, bool *ret_possible,
                       struct mh_error *err)
{
    struct mh_key key;
    struct mh_vk vk = {0};
    const char *rest;
    bool found = false;
    *ret_possible = false;
    if (regf->recovered || regf->change == MH_REGF_IMAGE || !value->present ||
        !is_dword(value->type, value->size))
        return MH_OK;
    int status = mh_key_walk(&regf->image, path, &key, &rest, err);
    if (status == MH_OK && *rest == '\0')
        status = mh_vk_find_sole(&regf->image, &key, name, &vk, &found, err);
    if (status == MH_OK && found && is_dword(vk.type, vk.size) && vk.is_inline && vk.flags <= 1) {
        *ret_possible = true;
        *ret_offset = vk.offset + MH_VK_DATA;
    }
    return status;
}

static int make_patch(struct mh_regf *regf, uint64_t offset, const struct mh_value *value,
                      struct mh_error *err)
{
    int status = mh_image_patch(&regf->image, offset, value->data, value->size, err);
    if (status != MH_OK)
        return status;
    memcpy(regf->patch, value->data, sizeof(regf->patch));
    regf->patch_offset = offset;
    regf->change = MH_REGF_PATCH;
    return MH_OK;
}

static int rebuild(struct mh_regf *regf, const char *path, const char *name,
                   const struct mh_value *value, uint64_t now, struct mh_error *err)
{
    struct mh_edit edit = {.image = &regf->image, .now = now};
    if (regf->image.base.minor > 5)
        return mh_error_set(err, MH_UNSUPPORTED,
                            "hives of version 1.%u can only have an existing REG_DWORD changed",
                            regf->image.base.minor);
    /* What follows the bins is copied too; who made it may have taken no space for it. */
    if (regf->files.hive.size > MH_BASE_SIZE + (uint64_t)MH_HIVE_MAX)
        return mh_error_set(err, MH_UNSUPPORTED, "it is longer than the %u MiB that are written anew",
                            MH_HIVE_MAX / (1024 * 1024));
    int status = open_logs(regf, err);
    if (status == MH_OK)
        status = mh_image_load(&regf->image, err);
    if (status == MH_OK)
        status = mh_survey(&regf->image, &edit.space, err);
    if (status != MH_OK)
        return status;
    status = value->present ? mh_edit_set(&edit, path, name, value, err)
                            : mh_edit_remove(&edit, path, name, err);
    mh_space_clear(&edit.space);
    regf->change = MH_REGF_IMAGE;
    return status;
}

int mh_regf_change(struct mh_regf *regf, const char *path, const char *name,
                   const struct mh_value *value, uint64_t now, struct mh_error *err)
{
    struct mh_value before;
    uint64_t offset = 0;
    bool in_place;
    int status = mh_regf_read(regf, path, name, &before, err);
    if (status != MH_OK)
        return status;
    bool same = mh_value_equal(&before, value);
    mh_value_clear(&before);
    if (same)
        return MH_OK;
    if (regf->image.base.flags & MH_BASE_FLAG_KTM)
        return mh_error_set(err, MH_DIRTY,
                            "transactions are pending in it; let Windows load it once (log the user on "
                            "and off)");
    mh_value_clear(&regf->value);
    if (mh_value_copy(value, &regf->value) < 0)
        return mh_error_no_memory(err);
    regf->path = path;
    regf->name = name;
    status = patch_place(regf, path, name, value, &offset, &in_place, err);
    if (status != MH_OK)
        return status;
    return in_place ? make_patch(regf, offset, value, err)
                    : rebuild(regf, path, name, value, now, err);
}

/* Wrapping around would make the hive look older than its logs. */
static int next_sequence(const struct mh_regf *regf, uint32_t *ret_sequence, struct mh_error *err)
{
    uint32_t highest = regf->image.base.sequence1;
    for (size_t i = 0; i < regf->log_count; i++) {
        uint32_t sequence = mh_log_highest(&regf->logs[i]);
        if (sequence > highest)
            highest = sequence;
    }
    if (highest >= UINT32_MAX - 1)
        return mh_error_set(err, MH_UNSUPPORTED, "its sequence numbers are used up");
    *ret_sequence = highest + 1;
    return MH_OK;
}

/* Whether it is the hive that was found wrong, not that it could not be read, or memory was out. */
static bool is_judged(const struct mh_error *why)
{
    return why->status == MH_OK || why->status == MH_CORRUPT || why->status == MH_DIRTY ||
           why->status == MH_UNSUPPORTED;
}

/* What will be written must hold the value, and nothing may be wrong with it: else nothing is written. */
static int prove(struct mh_regf *regf, struct mh_error *err)
{
    struct mh_space space = {0};
    struct mh_value value = {0};
    struct mh_error why = {0};
    bool whole = regf->change != MH_REGF_IMAGE || mh_survey(&regf->image, &space, &why) == MH_OK;
    mh_space_clear(&space);
    bool held = whole && mh_regf_read(regf, regf->path, regf->name, &value, &why) == MH_OK &&
                mh_value_equal(&value, &regf->value);
    mh_value_clear(&value);
    if (!held && !is_judged(&why)) {
        if (err && err->status == MH_OK)
            *err = why;
        return why.status;
    }
    if (!held)
        return mh_error_set(err, MH_INTERNAL, "the changed hive is not right, nothing was written: %s",
                            why.status != MH_OK ? why.message : "the value does not read back");
    return MH_OK;
}

static int finish_image(struct mh_regf *regf, uint64_t now, struct mh_error *err)
{
    struct mh_image *image = &regf->image;
    uint32_t sequence = 0;
    int status = next_sequence(regf, &sequence, err);
    if (status != MH_OK)
        return status;
    uint64_t stamp = image->base.timestamp ? now : 0;
    mh_base_update(image->memory, sequence, stamp, image->base.bins_size);
    if (mh_get64(image->memory + MH_BASE_SIZE + MH_BIN_TIMESTAMP) != 0)
        mh_put64(image->memory + MH_BASE_SIZE + MH_BIN_TIMESTAMP, stamp);
    return MH_OK;
}

int mh_regf_output(struct mh_regf *regf, uint64_t now, struct mh_regf_output *ret_output,
                   struct mh_error *err)
{
    struct mh_regf_output output = {.kind = regf->change};
    int status = regf->change == MH_REGF_IMAGE ? finish_image(regf, now, err) : MH_OK;
    if (status == MH_OK && regf->change != MH_REGF_SAME)
        status = prove(regf, err);
    if (status != MH_OK)
        return status;
    if (regf->change == MH_REGF_PATCH) {
        output.offset = regf->patch_offset;
        output.bytes = regf->patch;
        output.size = sizeof(regf->patch);
    } else if (regf->change == MH_REGF_IMAGE) {
        output.bytes = regf->image.memory;
        output.size = regf->image.size;
        output.tail = regf->files.hive.size > output.size ? output.size : regf->files.hive.size;
    }
    *ret_output = output;
    return MH_OK;
}
