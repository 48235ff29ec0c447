/* SPDX-License-Identifier: MIT */
#include "accounts.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"

static bool is_account(const char *selector)
{
    return strchr(selector, '\\') && !mh_text_is_pattern(selector);
}

/* "S-1-5-21-*" is meant for SIDs. */
static bool may_match_accounts(const char *selector)
{
    return mh_text_is_pattern(selector) && !mh_text_match("S-1-*", selector);
}

static bool any(const struct mh_texts *selectors, bool (*test)(const char *selector))
{
    for (size_t i = 0; i < selectors->count; i++)
        if (test(selectors->items[i]))
            return true;
    return false;
}

static struct mh_profile *find_sid(struct mh_profiles *profiles, const char *sid)
{
    for (size_t i = 0; i < profiles->count; i++)
        if (profiles->items[i].sid && mh_text_equal(profiles->items[i].sid, sid))
            return &profiles->items[i];
    return NULL;
}

/* An id may have backslashes in it too: that of a hive is its path. */
static bool is_id(const struct mh_profiles *profiles, const char *selector)
{
    for (size_t i = 0; i < profiles->count; i++)
        if (mh_text_equal(profiles->items[i].id, selector))
            return true;
    return false;
}

static int warn(struct mh_texts *warnings, const struct mh_error *why, struct mh_error *err)
{
    if (mh_texts_addf(warnings, "accounts: %s", why->message) < 0)
        return mh_error_no_memory(err);
    return MH_OK;
}

static int resolve(struct mh_registry *registry, char **selector, struct mh_profiles *profiles,
                   struct mh_texts *warnings, struct mh_error *err)
{
    struct mh_error why = {0};
    char *sid = NULL;
    if (!is_account(*selector) || is_id(profiles, *selector))
        return MH_OK;
    if (mh_registry_account_sid(registry, *selector, &sid, &why) != MH_OK)
        return warn(warnings, &why, err);
    struct mh_profile *profile = sid ? find_sid(profiles, sid) : NULL;
    if (!profile) {
        free(sid);
        return MH_OK;
    }
    if (profile->account)
        free(*selector);
    else
        profile->account = *selector;
    *selector = sid;
    return MH_OK;
}

static int resolve_all(struct mh_registry *registry, struct mh_texts *selectors, struct mh_profiles *profiles,
                       struct mh_texts *warnings, struct mh_error *err)
{
    int status = MH_OK;
    for (size_t i = 0; status == MH_OK && i < selectors->count; i++)
        status = resolve(registry, &selectors->items[i], profiles, warnings, err);
    return status;
}

/* Gives the profile its account, if it has none. */
static int name(struct mh_registry *registry, struct mh_profile *profile, struct mh_error *err)
{
    if (!profile->sid || profile->account)
        return MH_OK;
    return mh_registry_sid_account(registry, profile->sid, &profile->account, err);
}

/* One that cannot be reached is not asked for each of thousands. */
static int name_people(struct mh_registry *registry, struct mh_profiles *profiles,
                       struct mh_texts *warnings, struct mh_error *err)
{
    struct mh_error why = {0};
    for (size_t i = 0; i < profiles->count; i++)
        if ((profiles->items[i].flags & MH_PROFILE_PERSON) &&
            name(registry, &profiles->items[i], &why) != MH_OK)
            return warn(warnings, &why, err);
    return MH_OK;
}

int mh_accounts_learn(struct mh_registry *registry, struct mh_desired *desired, struct mh_profiles *profiles,
                      struct mh_texts *warnings, struct mh_error *err)
{
    int status = MH_OK;
    if (any(&desired->users, may_match_accounts) || any(&desired->exclude, may_match_accounts))
        status = name_people(registry, profiles, warnings, err);
    if (status == MH_OK)
        status = resolve_all(registry, &desired->users, profiles, warnings, err);
    if (status == MH_OK)
        status = resolve_all(registry, &desired->exclude, profiles, warnings, err);
    return status;
}

void mh_accounts_name(struct mh_registry *registry, const struct mh_selection *selection,
                      struct mh_profiles *profiles)
{
    int status = MH_OK;
    for (size_t i = 0; status == MH_OK && i < profiles->count; i++)
        for (size_t k = 0; k < selection->count; k++)
            if (selection->items[k].profile == &profiles->items[i])
                status = name(registry, &profiles->items[i], NULL);
}
