/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "registry/open.h"

struct readonly {
    struct mh_registry base;
    struct mh_registry *inner;
};

struct readonly_hive {
    struct mh_hive base;
    struct mh_hive *inner;
};

static struct mh_registry *inner_of(struct mh_registry *registry)
{
    return ((struct readonly *)registry)->inner;
}

static int refuse(struct mh_error *err)
{
    return mh_error_set(err, MH_INTERNAL, "a check was about to write; nothing was written");
}

static int readonly_list(struct mh_registry *registry, struct mh_profiles *profiles,
                         struct mh_texts *warnings, struct mh_error *err)
{
    inner_of(registry)->tick = registry->tick;
    inner_of(registry)->tick_context = registry->tick_context;
    return mh_registry_list(inner_of(registry), profiles, warnings, err);
}

static int readonly_policy(struct mh_registry *registry, struct mh_policy *ret_policy,
                           struct mh_error *err)
{
    return mh_registry_policy(inner_of(registry), ret_policy, err);
}

static int readonly_managed(struct mh_registry *registry, const struct mh_profile *profile,
                            bool *ret_managed, struct mh_error *err)
{
    return mh_registry_managed(inner_of(registry), profile, ret_managed, err);
}

static int readonly_outlook(struct mh_registry *registry, bool installed, struct mh_outlook *outlook,
                            struct mh_error *err)
{
    return mh_registry_outlook(inner_of(registry), installed, outlook, err);
}

static int readonly_account_sid(struct mh_registry *registry, const char *account, char **ret_sid,
                                struct mh_error *err)
{
    return mh_registry_account_sid(inner_of(registry), account, ret_sid, err);
}

static int readonly_sid_account(struct mh_registry *registry, const char *sid, char **ret_account,
                                struct mh_error *err)
{
    return mh_registry_sid_account(inner_of(registry), sid, ret_account, err);
}

static const struct mh_registry_ops readonly_ops;

static int readonly_open(struct mh_registry *registry, const struct mh_profile *profile,
                         enum mh_access access, struct mh_hive **ret_hive, struct mh_error *err)
{
    struct readonly_hive *hive = calloc(1, sizeof(*hive));
    (void)access;
    if (!hive)
        return mh_error_no_memory(err);
    int status = mh_hive_open(inner_of(registry), profile, MH_READ, &hive->inner, err);
    if (status != MH_OK) {
        free(hive);
        return status;
    }
    hive->base.ops = &readonly_ops;
    hive->base.recovered = hive->inner->recovered;
    hive->base.live = hive->inner->live;
    *ret_hive = &hive->base;
    return MH_OK;
}

static int readonly_read(struct mh_hive *hive, struct mh_value *ret_value, struct mh_error *err)
{
    return mh_hive_read(((struct readonly_hive *)hive)->inner, ret_value, err);
}

static int readonly_write(struct mh_hive *hive, const struct mh_value *value, struct mh_error *err)
{
    (void)hive;
    (void)value;
    return refuse(err);
}

static int readonly_remove(struct mh_hive *hive, struct mh_error *err)
{
    (void)hive;
    return refuse(err);
}

static void readonly_close(struct mh_hive *hive)
{
    if (!hive)
        return;
    mh_hive_close(((struct readonly_hive *)hive)->inner);
    free(hive);
}

static void readonly_free(struct mh_registry *registry)
{
    if (!registry)
        return;
    mh_registry_free(inner_of(registry));
    free(registry);
}

static const struct mh_registry_ops readonly_ops = {
    .name = "readonly",
    .list = readonly_list,
    .policy = readonly_policy,
    .managed = readonly_managed,
    .outlook = readonly_outlook,
    .account_sid = readonly_account_sid,
    .sid_account = readonly_sid_account,
    .open = readonly_open,
    .read = readonly_read,
    .write = readonly_write,
    .remove = readonly_remove,
    .commit = readonly_remove,
    .close = readonly_close,
    .free = readonly_free,
};

int mh_readonly_open(struct mh_registry *inner, struct mh_registry **ret_registry,
                     struct mh_error *err)
{
    struct readonly *registry = calloc(1, sizeof(*registry));
    if (!registry) {
        mh_registry_free(inner);
        return mh_error_no_memory(err);
    }
    registry->base.ops = &readonly_ops;
    registry->base.concurrent = inner->concurrent || inner->concurrent_looks;
    registry->inner = inner;
    inner->look_only = true;
    *ret_registry = &registry->base;
    return MH_OK;
}
