/* SPDX-License-Identifier: MIT */
#include "registry/policy/managed.h"

#include <stdlib.h>

#include "mapihttp/value.h"
#include "registry/policy/preg.h"

static int read_whole(struct mh_file *file, uint8_t **ret_bytes, size_t *ret_size, struct mh_error *err)
{
    uint64_t size = mh_file_size(file);
    if (size > MH_PREG_FILE_MAX)
        return mh_error_set(err, MH_UNSUPPORTED, "the policy file is larger than %u MiB",
                            MH_PREG_FILE_MAX >> 20);
    uint8_t *bytes = malloc((size_t)size + 1);
    if (!bytes)
        return mh_error_no_memory(err);
    int status = mh_file_read(file, 0, bytes, (size_t)size, err);
    if (status == MH_OK) /* Group Policy may be at work: half of the old and half of the new is neither */
        status = mh_file_unchanged(file, err);
    if (status != MH_OK) {
        free(bytes);
        return status;
    }
    *ret_bytes = bytes;
    *ret_size = (size_t)size;
    return MH_OK;
}

static int judge(struct mh_file *file, bool *ret_managed, struct mh_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    int status = read_whole(file, &bytes, &size, err);
    if (status != MH_OK)
        return status;
    status = mh_preg_find(bytes, size, MH_VALUE_KEY, MH_VALUE_NAME, ret_managed, err);
    free(bytes);
    return status;
}

int mh_managed_read(struct mh_dir *top, const char *path, bool *ret_managed, struct mh_error *err)
{
    struct mh_file *file;
    struct mh_error why = {0}; /* that there is none is no error, and must not stay in err as the first one */
    int status = path ? mh_file_open(top, path, MH_READ, &file, &why) : MH_NOT_FOUND;
    if (status == MH_OK) {
        status = judge(file, ret_managed, &why);
        mh_file_close(file);
    } else if (status == MH_NOT_FOUND) {
        *ret_managed = false;
        return MH_OK;
    }
    if (status != MH_OK && err && err->status == MH_OK)
        *err = why;
    return status;
}
