/* SPDX-License-Identifier: MIT */
#include "registry/offline/hivefile.h"

#include <stdlib.h>

#include "core/text.h"
#include "os/clock.h"

struct mh_hivefile {
    struct mh_file *file;
    struct mh_file *logs[MH_LOGS];
    struct mh_dir *top; /* borrowed; NULL: the path is the caller's */
    char *path;
    struct mh_regf *regf;
};

static int read_file(void *context, uint64_t offset, void *buffer, size_t length, struct mh_error *err)
{
    return mh_file_read(context, offset, buffer, length, err);
}

static struct mh_source source_of(struct mh_file *file)
{
    return (struct mh_source){.read = read_file, .context = file, .size = mh_file_size(file)};
}

static int open_folder(const struct mh_hivefile *hivefile, struct mh_dir **ret_dir,
                       const char **ret_name, struct mh_error *err)
{
    char *folder = mh_path_parent(hivefile->path, ret_name);
    if (!folder)
        return mh_error_no_memory(err);
    int status = hivefile->top ? mh_dir_enter(hivefile->top, folder, ret_dir, err)
                               : mh_dir_open(folder, ret_dir, err);
    free(folder);
    return status;
}

static int open_log(struct mh_dir *dir, const struct mh_entries *entries, const char *name,
                    struct mh_file **ret_log, struct mh_error *err)
{
    const struct mh_entry *entry = NULL;
    int status = mh_entries_find(entries, name, &entry, err);
    if (status != MH_OK || !entry)
        return status;
    status = mh_entry_check_file(entry->name, entry->kind, err);
    return status == MH_OK ? mh_file_open(dir, entry->name, MH_READ, ret_log, err) : status;
}

static int name_logs(const char *hive, char *names[MH_LOGS], struct mh_error *err)
{
    static const char *const suffixes[MH_LOGS] = {".LOG1", ".LOG2", ".LOG"};
    int status = MH_OK;
    for (size_t i = 0; i < MH_LOGS; i++) {
        names[i] = mh_text_format("%s%s", hive, suffixes[i]);
        status = names[i] ? status : mh_error_no_memory(err);
    }
    return status;
}

static int open_logs(void *context, struct mh_source *ret_sources, size_t *ret_count,
                     struct mh_error *err)
{
    struct mh_hivefile *hivefile = context;
    struct mh_entries entries = {0};
    struct mh_dir *dir = NULL;
    char *names[MH_LOGS] = {NULL};
    const char *name = NULL;
    size_t count = 0;
    int status = open_folder(hivefile, &dir, &name, err);
    if (status == MH_OK)
        status = name_logs(name, names, err);
    if (status == MH_OK)
        status = mh_dir_pick(dir, (const char *const *)names, MH_LOGS, &entries, err);
    for (size_t i = 0; status == MH_OK && i < MH_LOGS; i++) {
        status = open_log(dir, &entries, names[i], &hivefile->logs[i], err);
        if (status == MH_OK && hivefile->logs[i])
            ret_sources[count++] = source_of(hivefile->logs[i]);
    }
    for (size_t i = 0; i < MH_LOGS; i++)
        free(names[i]);
    mh_entries_clear(&entries);
    mh_dir_close(dir);
    *ret_count = count;
    return status;
}

int mh_hivefile_settled(struct mh_hivefile *hivefile, struct mh_error *err)
{
    int status = mh_file_unchanged(hivefile->file, err);
    for (size_t i = 0; status == MH_OK && i < MH_LOGS; i++)
        if (hivefile->logs[i])
            status = mh_file_unchanged(hivefile->logs[i], err);
    return status;
}

/* What looks broken in a file that is being written may only be half there yet. */
static int doubt(struct mh_hivefile *hivefile, int status, struct mh_error *err)
{
    struct mh_error changed = {0};
    if ((status != MH_CORRUPT && status != MH_DIRTY) ||
        mh_hivefile_settled(hivefile, &changed) == MH_OK)
        return status;
    if (err)
        *err = changed;
    return changed.status;
}

static int fill(struct mh_hivefile *hivefile, const char *path, enum mh_access access,
                struct mh_error *err)
{
    hivefile->path = mh_text_copy(path);
    if (!hivefile->path)
        return mh_error_no_memory(err);
    int status = mh_file_open(hivefile->top, path, access, &hivefile->file, err);
    /* Not so its logs: they are only read, and NTFS drivers count a long name and its short one as two. */
    if (status == MH_OK)
        status = mh_file_sole(hivefile->file, err);
    if (status != MH_OK)
        return status;
    struct mh_regf_files files = {
        .hive = source_of(hivefile->file), .logs = open_logs, .context = hivefile};
    return doubt(hivefile, mh_regf_open(&files, &hivefile->regf, err), err);
}

int mh_hivefile_open(struct mh_dir *top, const char *path, enum mh_access access,
                     struct mh_hivefile **ret_hivefile, struct mh_error *err)
{
    struct mh_hivefile *hivefile = calloc(1, sizeof(*hivefile));
    if (!hivefile)
        return mh_error_no_memory(err);
    hivefile->top = top;
    int status = fill(hivefile, path, access, err);
    if (status != MH_OK)
        mh_hivefile_close(hivefile);
    else
        *ret_hivefile = hivefile;
    return status;
}

void mh_hivefile_close(struct mh_hivefile *hivefile)
{
    if (!hivefile)
        return;
    mh_regf_close(hivefile->regf);
    for (size_t i = 0; i < MH_LOGS; i++)
        mh_file_close(hivefile->logs[i]);
    mh_file_close(hivefile->file);
    free(hivefile->path);
    free(hivefile);
}

struct mh_regf *mh_hivefile_regf(struct mh_hivefile *hivefile)
{
    return hivefile->regf;
}


static int commit(struct mh_hivefile *hivefile, bool *ret_written, struct mh_error *err)
{
    struct mh_regf_output output;
    int status = mh_regf_output(hivefile->regf, mh_clock_filetime(), &output, err);
    if (status == MH_OK && output.kind != MH_REGF_SAME)
        status = mh_hivefile_settled(hivefile, err);
    if (status != MH_OK || output.kind == MH_REGF_SAME)
        return status;
    if (output.kind == MH_REGF_PATCH)
        status = mh_file_patch(hivefile->file, output.offset, output.bytes, output.size, err);
    else
        status = mh_file_replace(hivefile->file, output.bytes, output.size, output.tail, err);
    *ret_written = status == MH_OK;
    return status;
}

/* What a registry hands out: the hive file behind the promises of registry.h. */
struct offline_hive {
    struct mh_hive base;
    struct mh_hivefile *file;
};

static struct mh_hivefile *file_of(struct mh_hive *hive)
{
    return ((struct offline_hive *)hive)->file;
}

int mh_offline_hive_open(const struct mh_registry_ops *ops, struct mh_dir *top, const char *path,
                         enum mh_access access, struct mh_hive **ret_hive, struct mh_error *err)
{
    struct offline_hive *hive = calloc(1, sizeof(*hive));
    if (!hive)
        return mh_error_no_memory(err);
    int status = mh_hivefile_open(top, path, access, &hive->file, err);
    if (status != MH_OK) {
        free(hive);
        return status;
    }
    hive->base.ops = ops;
    hive->base.recovered = mh_regf_recovered(hive->file->regf);
    *ret_hive = &hive->base;
    return MH_OK;
}

int mh_offline_hive_read(struct mh_hive *hive, struct mh_value *ret_value, struct mh_error *err)
{
    struct mh_value value;
    int status = mh_regf_read(file_of(hive)->regf, MH_VALUE_KEY, MH_VALUE_NAME, &value, err);
    if (status != MH_OK)
        return doubt(file_of(hive), status, err);
    status = mh_hivefile_settled(file_of(hive), err);
    if (status != MH_OK)
        mh_value_clear(&value);
    else
        *ret_value = value;
    return status;
}

int mh_offline_hive_write(struct mh_hive *hive, const struct mh_value *value, struct mh_error *err)
{
    int status = mh_regf_change(file_of(hive)->regf, MH_VALUE_KEY, MH_VALUE_NAME, value,
                                mh_clock_filetime(), err);
    return doubt(file_of(hive), status, err);
}

int mh_offline_hive_remove(struct mh_hive *hive, struct mh_error *err)
{
    const struct mh_value absent = {0};
    return mh_offline_hive_write(hive, &absent, err);
}

int mh_offline_hive_commit(struct mh_hive *hive, struct mh_error *err)
{
    return commit(file_of(hive), &hive->committed, err);
}

void mh_offline_hive_close(struct mh_hive *hive)
{
    if (!hive)
        return;
    mh_hivefile_close(file_of(hive));
    free(hive);
}

int mh_offline_no_policy(struct mh_registry *registry, struct mh_policy *ret_policy,
                         struct mh_error *err)
{
    (void)registry;
    (void)ret_policy;
    mh_error_set(err, MH_UNSUPPORTED,
                 "a machine's policy is only in a Windows volume (root) or a running Windows; give "
                 "the state itself");
    mh_error_at(err, "state");
    return MH_UNSUPPORTED;
}
