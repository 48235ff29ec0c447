/* SPDX-License-Identifier: MIT */
#ifndef MAPIHTTP_REGISTRY_H
#define MAPIHTTP_REGISTRY_H

#include <stdbool.h>

#include "mapihttp/error.h"
#include "mapihttp/outlook.h"
#include "mapihttp/profile.h"
#include "mapihttp/request.h"
#include "mapihttp/value.h"

/*
 * Where values live: a Windows volume, a store of profiles, a list of hives, the running Windows, the
 * tests' memory. All keep the promises below, and one conformance suite runs over every one of them.
 *
 * Every function returns an enum mh_status and, when it is not MH_OK, has set err; what it would have
 * returned is untouched then.
 */

enum mh_access { MH_READ, MH_WRITE };

/* What the machine's policy declares; see mh_registry_ops.policy. */
struct mh_policy {
    enum mh_state state;     /* MH_STATE_NONE: no policy is configured */
    bool default_profile;    /* `default` is added to the users */
    struct mh_texts exclude; /* added to the excluded */
};

void mh_policy_clear(struct mh_policy *policy);

struct mh_registry_ops;

/* A registry. The implementations embed it as their first member. */
struct mh_registry {
    const struct mh_registry_ops *ops;
    bool concurrent;       /* profiles may be opened and used by several threads at once, one each */
    bool concurrent_looks; /* the same while it is look_only */
    bool look_only;        /* set by who asks: nothing will be written, nor anything else be touched */

    /* Unless NULL, `list` tells now and then how far it is. Set by who asks; called from their thread. */
    void (*tick)(void *context, size_t done, size_t count);
    void *tick_context;
};

/* One open profile: the value in its hive. Used by one thread at a time. */
struct mh_hive {
    const struct mh_registry_ops *ops;
    bool recovered; /* not closed cleanly; read with its transaction logs replayed */
    bool live;      /* of the running Windows, not of a file */
    bool committed; /* commit made the change, whatever went wrong afterwards */

    /* Unless NULL, what a person should know that is no failure is appended there by commit and close. Set
     * by who opened it. */
    struct mh_texts *remarks;
};

struct mh_registry_ops {
    /* For error messages and tests. */
    const char *name;

    /* Appends every profile, each with an id of its own, in any order, and what a person should know to
     * `warnings`. Opens no profile. A profile that cannot be opened is listed with its `problem`. */
    int (*list)(struct mh_registry *registry, struct mh_profiles *profiles,
                struct mh_texts *warnings, struct mh_error *err);

    /* Reads what the machine's policy declares. MH_UNSUPPORTED where there can be none. */
    int (*policy)(struct mh_registry *registry, struct mh_policy *ret_policy, struct mh_error *err);

    /* Whether Group Policy wrote the value for the profile's user, so that it will do so again. NULL where
     * that is never known. */
    int (*managed)(struct mh_registry *registry, const struct mh_profile *profile, bool *ret_managed,
                   struct mh_error *err);

    /* What is known of Outlook there; with `installed`, also which are installed. The slot is NULL where
     * nothing is. The caller clears it, on failure too. */
    int (*outlook)(struct mh_registry *registry, bool installed, struct mh_outlook *outlook,
                   struct mh_error *err);

    /* The SID of an account, on the heap; NULL when there is no such account. May ask a domain controller.
     * The slot may be NULL where accounts are not known. */
    int (*account_sid)(struct mh_registry *registry, const char *account, char **ret_sid,
                       struct mh_error *err);

    /* The account of a SID, "DOMAIN\name", likewise. */
    int (*sid_account)(struct mh_registry *registry, const char *sid, char **ret_account,
                       struct mh_error *err);

    /* Opens a listed profile. MH_READ leaves no trace and asks for no more rights than reading needs.
     * MH_WRITE may refuse with MH_IN_USE. */
    int (*open)(struct mh_registry *registry, const struct mh_profile *profile,
                enum mh_access access, struct mh_hive **ret_hive, struct mh_error *err);

    /* The value as it is, with what this hive was told to write or remove. Absent (and MH_OK) when the
     * value or a key on the way is not there. The caller clears it. */
    int (*read)(struct mh_hive *hive, struct mh_value *ret_value, struct mh_error *err);

    /* Sets the value, type and data, making the missing keys; nothing lasts before commit. */
    int (*write)(struct mh_hive *hive, const struct mh_value *value, struct mh_error *err);

    /* Removes the value, and MH_OK when it is not there; keys stay. Nothing lasts before commit. */
    int (*remove)(struct mh_hive *hive, struct mh_error *err);

    /* Makes what was written or removed last, all or nothing, flushed to the device; nothing at all is
     * written when nothing was changed. */
    int (*commit)(struct mh_hive *hive, struct mh_error *err);

    /* Forgets what was not committed. Takes NULL. */
    void (*close)(struct mh_hive *hive);

    /* Every hive of it is closed before. Takes NULL. */
    void (*free)(struct mh_registry *registry);
};

/* The calls by their names, so that nobody reaches through ->ops. */
static inline int mh_registry_list(struct mh_registry *registry, struct mh_profiles *profiles,
                                   struct mh_texts *warnings, struct mh_error *err)
{
    return registry->ops->list(registry, profiles, warnings, err);
}

static inline int mh_registry_policy(struct mh_registry *registry, struct mh_policy *ret_policy,
                                     struct mh_error *err)
{
    return registry->ops->policy(registry, ret_policy, err);
}

static inline int mh_registry_managed(struct mh_registry *registry, const struct mh_profile *profile,
                                      bool *ret_managed, struct mh_error *err)
{
    *ret_managed = false;
    return registry->ops->managed ? registry->ops->managed(registry, profile, ret_managed, err) : MH_OK;
}

static inline int mh_registry_outlook(struct mh_registry *registry, bool installed, struct mh_outlook *outlook,
                                      struct mh_error *err)
{
    return registry->ops->outlook ? registry->ops->outlook(registry, installed, outlook, err) : MH_OK;
}

static inline int mh_registry_account_sid(struct mh_registry *registry, const char *account, char **ret_sid,
                                          struct mh_error *err)
{
    *ret_sid = NULL;
    return registry->ops->account_sid ? registry->ops->account_sid(registry, account, ret_sid, err) : MH_OK;
}

static inline int mh_registry_sid_account(struct mh_registry *registry, const char *sid, char **ret_account,
                                          struct mh_error *err)
{
    *ret_account = NULL;
    return registry->ops->sid_account ? registry->ops->sid_account(registry, sid, ret_account, err) : MH_OK;
}

static inline void mh_registry_free(struct mh_registry *registry)
{
    if (registry)
        registry->ops->free(registry);
}

static inline int mh_hive_open(struct mh_registry *registry, const struct mh_profile *profile,
                               enum mh_access access, struct mh_hive **ret_hive,
                               struct mh_error *err)
{
    return registry->ops->open(registry, profile, access, ret_hive, err);
}

static inline int mh_hive_read(struct mh_hive *hive, struct mh_value *ret_value,
                               struct mh_error *err)
{
    return hive->ops->read(hive, ret_value, err);
}

static inline int mh_hive_write(struct mh_hive *hive, const struct mh_value *value,
                                struct mh_error *err)
{
    return hive->ops->write(hive, value, err);
}

static inline int mh_hive_remove(struct mh_hive *hive, struct mh_error *err)
{
    return hive->ops->remove(hive, err);
}

static inline int mh_hive_commit(struct mh_hive *hive, struct mh_error *err)
{
    return hive->ops->commit(hive, err);
}

static inline void mh_hive_close(struct mh_hive *hive)
{
    if (hive)
        hive->ops->close(hive);
}

#endif
