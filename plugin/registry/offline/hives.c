/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "registry/offline/hivefile.h"
#include "registry/offline/offline.h"

/* A list of hive files. */
struct hives {
    struct mh_registry base;
    struct mh_texts paths;
};

static void hives_free(struct mh_registry *registry)
{
    if (!registry)
        return;
    struct hives *hives = (struct hives *)registry;
    mh_texts_clear(&hives->paths);
    free(hives);
}

static const struct mh_registry_ops hives_ops;

int mh_hives_open(const struct mh_texts *paths, struct mh_registry **ret_registry,
                  struct mh_error *err)
{
    struct hives *hives = calloc(1, sizeof(*hives));
    if (!hives)
        return mh_error_no_memory(err);
    hives->base.ops = &hives_ops;
    hives->base.concurrent = true;
    for (size_t i = 0; i < paths->count; i++) {
        if (mh_texts_add(&hives->paths, paths->items[i]) < 0) {
            hives_free(&hives->base);
            return mh_error_no_memory(err);
        }
    }
    *ret_registry = &hives->base;
    return MH_OK;
}

/* A path's place in the request, with what tells it apart from others. */
struct candidate {
    size_t place;
    const char *path;
    bool found;
    struct mh_identity identity;
};

static int by_number(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Alike ones come together, the one named first in front. */
static int by_identity(const void *a, const void *b)
{
    const struct candidate *left = a;
    const struct candidate *right = b;
    int order = left->found - right->found;
    if (order == 0 && left->found)
        order = by_number(left->identity.device, right->identity.device);
    if (order == 0 && left->found)
        order = by_number(left->identity.file, right->identity.file);
    if (order == 0 && !left->found)
        order = strcmp(left->path, right->path);
    return order ? order : by_number(left->place, right->place);
}

static bool alike(const struct candidate *a, const struct candidate *b)
{
    if (a->found != b->found)
        return false;
    if (!a->found)
        return strcmp(a->path, b->path) == 0;
    return a->identity.device == b->identity.device && a->identity.file == b->identity.file;
}

static int add_path(const char *path, struct mh_profiles *profiles, struct mh_error *err)
{
    const char *name;
    struct mh_profile profile = {
        .id = mh_text_copy(path),
        .path = mh_path_parent(path, &name),
        .hive = mh_text_copy(path),
        .ref = mh_text_copy(path),
        .flags = MH_PROFILE_PERSON,
    };
    if (!profile.id || !profile.path || !profile.hive || !profile.ref) {
        mh_profile_clear(&profile);
        return mh_error_no_memory(err);
    }
    return mh_profiles_take(profiles, &profile) < 0 ? mh_error_no_memory(err) : MH_OK;
}

static int hives_list(struct mh_registry *registry, struct mh_profiles *profiles,
                      struct mh_texts *warnings, struct mh_error *err)
{
    const struct mh_texts *paths = &((struct hives *)registry)->paths;
    struct candidate *candidates = calloc(paths->count + 1, sizeof(*candidates));
    int status = MH_OK;
    (void)warnings;
    if (!candidates)
        return mh_error_no_memory(err);
    for (size_t i = 0; i < paths->count; i++) {
        candidates[i].place = i;
        candidates[i].path = paths->items[i];
        mh_path_identity(paths->items[i], &candidates[i].identity, &candidates[i].found);
    }
    qsort(candidates, paths->count, sizeof(*candidates), by_identity);
    for (size_t i = 0; status == MH_OK && i < paths->count; i++)
        if (i == 0 || !alike(&candidates[i - 1], &candidates[i]))
            status = add_path(candidates[i].path, profiles, err);
    free(candidates);
    return status;
}

static int hives_hive_open(struct mh_registry *registry, const struct mh_profile *profile,
                           enum mh_access access, struct mh_hive **ret_hive, struct mh_error *err)
{
    (void)registry;
    return mh_offline_hive_open(&hives_ops, NULL, profile->ref, access, ret_hive, err);
}

static const struct mh_registry_ops hives_ops = {
    .name = "hives",
    .list = hives_list,
    .policy = mh_offline_no_policy,
    .open = hives_hive_open,
    .read = mh_offline_hive_read,
    .write = mh_offline_hive_write,
    .remove = mh_offline_hive_remove,
    .commit = mh_offline_hive_commit,
    .close = mh_offline_hive_close,
    .free = hives_free,
};
