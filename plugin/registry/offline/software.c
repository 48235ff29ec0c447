/* SPDX-License-Identifier: MIT */
#include "registry/offline/software.h"

#include <stdlib.h>

#include "registry/hive/data.h"
#include "registry/hive/key.h"

static int find_key(struct mh_image *image, const char *path, struct mh_key *ret_key, struct mh_error *err)
{
    const char *rest;
    int status = mh_key_walk(image, path, ret_key, &rest, err);
    if (status == MH_OK && *rest)
        return mh_error_set(err, MH_NOT_FOUND, "there is no key %s", path);
    return status;
}

/* Takes over `name`. */
static int add_name(struct mh_texts *names, char *name, struct mh_error *err)
{
    int added = name ? mh_texts_add(names, name) : -1;
    free(name);
    return added < 0 ? mh_error_no_memory(err) : MH_OK;
}

struct gathering {
    struct mh_image *image;
    struct mh_texts *names;
};

static int visit_subkey(void *context, uint32_t kind, uint32_t cell, uint32_t hint, struct mh_error *err)
{
    struct gathering *gathering = context;
    struct mh_key key;
    (void)kind;
    (void)hint;
    int status = mh_key_read(gathering->image, cell, &key, err);
    if (status != MH_OK)
        return status;
    struct mh_stored_name stored = mh_key_name(&key);
    return add_name(gathering->names, mh_name_text(&stored), err);
}

static int image_subkeys(void *context, const char *path, struct mh_texts *names, struct mh_error *err)
{
    struct mh_key key;
    struct gathering gathering = {.image = context, .names = names};
    int status = find_key(context, path, &key, err);
    return status == MH_OK ? mh_subkeys_each(context, &key, visit_subkey, &gathering, err) : status;
}

static int visit_vk(struct mh_image *image, const struct mh_vk *vk, mh_visit_value *visit, void *visitor,
                    struct mh_error *err)
{
    struct mh_value value;
    int status = mh_vk_value(image, vk, &value, err);
    if (status != MH_OK)
        return status;
    status = visit(visitor, &value, err);
    mh_value_clear(&value);
    return status;
}

static int image_values(void *context, const char *path, mh_visit_value *visit, void *visitor,
                        struct mh_error *err)
{
    struct mh_key key;
    const char *rest;
    int status = mh_key_walk(context, path, &key, &rest, err);
    for (uint32_t i = 0; status == MH_OK && !*rest && i < key.values; i++) {
        struct mh_vk vk;
        status = mh_vk_at(context, &key, i, &vk, err);
        if (status == MH_OK)
            status = visit_vk(context, &vk, visit, visitor, err);
    }
    return status;
}

static int read_default(struct mh_image *image, const char *path, struct mh_value *ret_value,
                        struct mh_error *err)
{
    struct mh_key key;
    const char *rest;
    struct mh_value value = {0};
    bool found = false;
    int status = mh_key_walk(image, path, &key, &rest, err);
    for (uint32_t i = 0; status == MH_OK && !*rest && !found && i < key.values; i++) {
        struct mh_vk vk;
        status = mh_vk_at(image, &key, i, &vk, err);
        found = status == MH_OK && vk.name_size == 0;
        if (found)
            status = mh_vk_value(image, &vk, &value, err);
    }
    if (status == MH_OK)
        *ret_value = value;
    return status;
}

static int image_value(void *context, const char *key, const char *name, struct mh_value *ret_value,
                       struct mh_error *err)
{
    if (!name || !*name)
        return read_default(context, key, ret_value, err);
    return mh_value_lookup(context, key, name, ret_value, err);
}

struct mh_software mh_image_software(struct mh_image *image)
{
    return (struct mh_software){
        .value = image_value, .subkeys = image_subkeys, .values = image_values, .context = image};
}
