/* SPDX-License-Identifier: MIT */
#include "memory_registry.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"

struct memory {
    struct mh_registry base;
    struct memory_world *world;
};

struct memory_hive {
    struct mh_hive base;
    struct memory_profile *profile;
    enum mh_access access;
    struct mh_value value;
    bool changed;
};

static struct memory_hive *hive_of(struct mh_hive *hive)
{
    return (struct memory_hive *)hive;
}

void memory_world_clear(struct memory_world *world)
{
    for (size_t i = 0; i < world->count; i++)
        mh_value_clear(&world->profiles[i].value);
    free(world->profiles);
    *world = (struct memory_world){0};
}

static int memory_list(struct mh_registry *registry, struct mh_profiles *profiles,
                       struct mh_texts *warnings, struct mh_error *err)
{
    const struct memory_world *world = ((struct memory *)registry)->world;
    (void)warnings;
    for (size_t i = 0; i < world->count; i++) {
        const char *label = world->profiles[i].label;
        struct mh_profile profile = {.id = mh_text_copy(label),
                                     .path = mh_text_copy(label),
                                     .ref = mh_text_copy(label),
                                     .flags = MH_PROFILE_PERSON};
        if (!profile.id || !profile.path || !profile.ref) {
            mh_profile_clear(&profile);
            return mh_error_no_memory(err);
        }
        if (mh_profiles_take(profiles, &profile) < 0)
            return mh_error_no_memory(err);
    }
    return MH_OK;
}

static int memory_policy(struct mh_registry *registry, struct mh_policy *ret_policy,
                         struct mh_error *err)
{
    const struct memory_world *world = ((struct memory *)registry)->world;
    if (!world->has_policy)
        return mh_error_set(err, MH_UNSUPPORTED, "there is no policy in memory");
    *ret_policy = (struct mh_policy){.state = world->policy};
    return MH_OK;
}

static const struct mh_registry_ops memory_ops;

static struct memory_profile *find(struct memory_world *world, const char *label)
{
    for (size_t i = 0; i < world->count; i++)
        if (strcmp(world->profiles[i].label, label) == 0)
            return &world->profiles[i];
    return NULL;
}

static int memory_open(struct mh_registry *registry, const struct mh_profile *profile,
                       enum mh_access access, struct mh_hive **ret_hive, struct mh_error *err)
{
    struct memory_profile *found = find(((struct memory *)registry)->world, profile->ref);
    if (!found)
        return mh_error_set(err, MH_NOT_FOUND, "there is no %s", profile->ref);
    if (found->open_status != MH_OK)
        return mh_error_set(err, found->open_status, "%s cannot be opened", found->label);
    struct memory_hive *hive = calloc(1, sizeof(*hive));
    if (!hive || mh_value_copy(&found->value, &hive->value) < 0) {
        free(hive);
        return mh_error_no_memory(err);
    }
    hive->base = (struct mh_hive){.ops = &memory_ops, .recovered = found->recovered};
    hive->profile = found;
    hive->access = access;
    *ret_hive = &hive->base;
    return MH_OK;
}

static int memory_read(struct mh_hive *hive, struct mh_value *ret_value, struct mh_error *err)
{
    return mh_value_copy(&hive_of(hive)->value, ret_value) < 0 ? mh_error_no_memory(err) : MH_OK;
}

static int memory_write(struct mh_hive *hive, const struct mh_value *value, struct mh_error *err)
{
    struct memory_hive *memory = hive_of(hive);
    struct mh_value copy;
    if (memory->access != MH_WRITE)
        return mh_error_set(err, MH_INTERNAL, "it was opened for reading");
    if (mh_value_equal(&memory->value, value))
        return MH_OK;
    if (mh_value_copy(value, &copy) < 0)
        return mh_error_no_memory(err);
    mh_value_clear(&memory->value);
    memory->value = copy;
    memory->changed = true;
    return MH_OK;
}

static int memory_remove(struct mh_hive *hive, struct mh_error *err)
{
    const struct mh_value absent = {0};
    return memory_write(hive, &absent, err);
}

static int memory_commit(struct mh_hive *hive, struct mh_error *err)
{
    struct memory_hive *memory = hive_of(hive);
    struct mh_value copy;
    if (!memory->changed)
        return MH_OK;
    if (memory->profile->commit_status != MH_OK)
        return mh_error_set(err, memory->profile->commit_status, "%s cannot be written",
                            memory->profile->label);
    if (mh_value_copy(&memory->value, &copy) < 0)
        return mh_error_no_memory(err);
    mh_value_clear(&memory->profile->value);
    memory->profile->value = copy;
    memory->profile->recovered = false;
    memory->profile->commits++;
    memory->changed = false;
    hive->committed = true;
    return MH_OK;
}

static void memory_close(struct mh_hive *hive)
{
    if (!hive)
        return;
    mh_value_clear(&hive_of(hive)->value);
    free(hive);
}

static void memory_free(struct mh_registry *registry)
{
    free(registry);
}

static const struct mh_registry_ops memory_ops = {
    .name = "memory",
    .list = memory_list,
    .policy = memory_policy,
    .open = memory_open,
    .read = memory_read,
    .write = memory_write,
    .remove = memory_remove,
    .commit = memory_commit,
    .close = memory_close,
    .free = memory_free,
};

int memory_registry_open(struct memory_world *world, struct mh_registry **ret_registry,
                         struct mh_error *err)
{
    struct memory *memory = calloc(1, sizeof(*memory));
    if (!memory)
        return mh_error_no_memory(err);
    memory->base = (struct mh_registry){.ops = &memory_ops, .concurrent = !world->sequential};
    memory->world = world;
    *ret_registry = &memory->base;
    return MH_OK;
}
