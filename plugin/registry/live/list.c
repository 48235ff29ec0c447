/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "os/threads.h"
#include "registry/live/live.h"
#include "registry/offline/locate.h"
#include "registry/profile_list.h"

/* What the listing goes by. */
struct listing {
    struct mh_live *live;
    struct mh_profile_list list; /* what ProfileList says */
    struct mh_texts loaded;      /* the names under HKEY_USERS, sorted */
    const char **listed;         /* the SIDs of `list`, sorted */
    char *current;               /* the SID of who runs this */
    struct mh_profiles *profiles;
    struct mh_texts *warnings;
};

static void clear(struct listing *listing)
{
    mh_profile_list_clear(&listing->list);
    mh_texts_clear(&listing->loaded);
    free(listing->current);
    free(listing->listed);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_loaded(const struct listing *listing, const char *sid)
{
    return listing->loaded.count > 0 && bsearch(&sid, listing->loaded.items, listing->loaded.count,
                                                sizeof(*listing->loaded.items), by_text);
}

static int set_text(char **field, const char *text)
{
    *field = text ? mh_text_copy(text) : NULL;
    return text && !*field ? -1 : 0;
}

/* What is common to all that have a SID. */
static int fill_sid(const struct listing *listing, const char *sid, struct mh_profile *profile)
{
    if (set_text(&profile->id, sid) < 0 || set_text(&profile->sid, sid) < 0)
        return -1;
    profile->flags = mh_text_is_person_sid(sid) ? MH_PROFILE_PERSON : 0;
    if (mh_text_equal(sid, listing->current))
        profile->flags |= MH_PROFILE_CURRENT;
    return 0;
}

/* A loaded hive is not looked at as a file: Windows has it. */
static int place_loaded(struct mh_profile *profile, struct mh_error *err)
{
    profile->hive = mh_path_join(profile->path, "NTUSER.DAT");
    return profile->hive ? MH_OK : mh_error_no_memory(err);
}

/* Finds the hive's file; what is wrong is the profile's problem. */
static int place_unloaded(struct listing *listing, struct mh_profile *profile, struct mh_error *err)
{
    struct mh_error problem = {0};
    struct mh_profile_files files = {0};
    struct mh_dir *top;
    struct mh_dir *dir = NULL;
    char *below = NULL;
    int status = mh_live_place(listing->live, profile->path, &top, &below, &problem);
    if (status == MH_OK)
        status = mh_dir_enter(top, below, &dir, &problem);
    if (status == MH_OK)
        status = mh_locate_files(dir, &files, &problem);
    if (status == MH_OK && !files.hive)
        status = mh_error_set(&problem, MH_NOT_FOUND, "there is no NTUSER.DAT in it");
    mh_dir_close(dir);
    free(below);
    profile->hive = mh_path_join(profile->path, files.hive ? files.hive : "NTUSER.DAT");
    bool warned = !files.both || mh_locate_warn_both(profile->path, listing->warnings) == 0;
    mh_profile_files_clear(&files);
    if (!profile->hive || !warned)
        return mh_error_no_memory(err);
    if (status != MH_OK) {
        mh_error_wrap(&problem, "%s", profile->path);
        profile->problem = mh_error_copy(&problem);
        profile->skipped = status == MH_NOT_FOUND;
    }
    return MH_OK;
}

/* A profile's hive, spelled so that the same path is the same text. */
struct owner {
    char *hive;
    struct mh_profile *profile;
    size_t place;
};

/* One hive's owners come together; who has it loaded is the first of them, else who was listed first. */
static int by_hive(const void *a, const void *b)
{
    const struct owner *left = a;
    const struct owner *right = b;
    int order = strcmp(left->hive, right->hive);
    bool loaded = left->profile->flags & MH_PROFILE_LOADED;
    bool other = right->profile->flags & MH_PROFILE_LOADED;
    if (order == 0)
        order = other - loaded;
    return order ? order : (left->place > right->place) - (left->place < right->place);
}

/* Two entries with one folder share its hive, and it is looked at for one of them only. */
static void leave_to(const struct mh_profile *other, struct mh_profile *profile)
{
    struct mh_error problem = {0};
    mh_error_set(&problem, MH_UNSUPPORTED, "%s: its folder is also that of %s, and is looked at there",
                 profile->path, other->id);
    mh_error_free(profile->problem);
    profile->problem = mh_error_copy(&problem);
    profile->skipped = true;
}

static int leave_shared(struct mh_profiles *profiles, size_t first, struct mh_error *err)
{
    struct owner *owners = calloc(profiles->count + 1, sizeof(*owners));
    size_t count = 0;
    bool whole = owners != NULL;
    for (size_t i = first; whole && i < profiles->count; i++) {
        if (!profiles->items[i].hive)
            continue;
        owners[count].profile = &profiles->items[i];
        owners[count].place = i;
        owners[count].hive = mh_text_upcase(profiles->items[i].hive);
        whole = owners[count++].hive != NULL;
    }
    if (whole)
        qsort(owners, count, sizeof(*owners), by_hive);
    for (size_t i = 1, one = 0; whole && i < count; i++) {
        if (strcmp(owners[one].hive, owners[i].hive) != 0)
            one = i;
        else if (!(owners[i].profile->flags & MH_PROFILE_LOADED))
            leave_to(owners[one].profile, owners[i].profile);
    }
    for (size_t i = 0; i < count; i++)
        free(owners[i].hive);
    free(owners);
    return whole ? MH_OK : mh_error_no_memory(err);
}

/* Takes the profile over. Its path may be NULL. */
static int add(struct listing *listing, bool loaded, struct mh_profile *profile, struct mh_error *err)
{
    int status = MH_OK;
    if (loaded)
        profile->flags |= MH_PROFILE_LOADED | MH_PROFILE_LIVE;
    if (profile->path && loaded)
        status = place_loaded(profile, err);
    else if (profile->path)
        status = place_unloaded(listing, profile, err);
    if (status == MH_OK && mh_profiles_take(listing->profiles, profile) < 0)
        status = mh_error_no_memory(err);
    mh_profile_clear(profile);
    return status;
}

/* What stands in ProfileList without a folder, or cannot be read, is not there but for who has it loaded. */
static void set_missing(const struct mh_listed_profile *entry, struct mh_profile *profile)
{
    struct mh_error problem = {0};
    mh_error_set(&problem, MH_NOT_FOUND, "%s: its ProfileList entry has no ProfileImagePath", entry->sid);
    profile->problem = mh_error_copy(entry->problem ? entry->problem : &problem);
    profile->skipped = !entry->problem;
}

/* A set-aside profile's hive is never the loaded one: that is the temporary profile's. */
static int add_listed(struct listing *listing, const struct mh_listed_profile *entry, struct mh_error *err)
{
    struct mh_profile profile = {0};
    bool loaded = !entry->backup && is_loaded(listing, entry->sid);
    if (mh_profile_list_is_shadowed(&listing->list, entry))
        return mh_profile_list_warn_shadowed(entry, listing->warnings) < 0 ? mh_error_no_memory(err) : MH_OK;
    if (fill_sid(listing, entry->sid, &profile) < 0 || set_text(&profile.path, entry->path) < 0) {
        mh_profile_clear(&profile);
        return mh_error_no_memory(err);
    }
    if (entry->backup)
        profile.flags |= MH_PROFILE_SET_ASIDE;
    if (!entry->path && !loaded)
        set_missing(entry, &profile);
    return add(listing, loaded, &profile, err);
}

static int sort_listed(struct listing *listing, struct mh_error *err)
{
    listing->listed = calloc(listing->list.count + 1, sizeof(*listing->listed));
    if (!listing->listed)
        return mh_error_no_memory(err);
    for (size_t i = 0; i < listing->list.count; i++)
        listing->listed[i] = listing->list.items[i].sid;
    qsort(listing->listed, listing->list.count, sizeof(*listing->listed), by_text);
    return MH_OK;
}

static bool is_listed(const struct listing *listing, const char *sid)
{
    return bsearch(&sid, listing->listed, listing->list.count, sizeof(*listing->listed), by_text);
}

/* Somebody whose hive is loaded, whom ProfileList does not know. */
static int add_unlisted(struct listing *listing, const char *sid, struct mh_error *err)
{
    struct mh_profile profile = {0};
    if (fill_sid(listing, sid, &profile) < 0) {
        mh_profile_clear(&profile);
        return mh_error_no_memory(err);
    }
    return add(listing, true, &profile, err);
}

static int add_default(struct listing *listing, struct mh_error *err)
{
    struct mh_profile profile = {.flags = MH_PROFILE_DEFAULT};
    if (set_text(&profile.id, "default") < 0 || set_text(&profile.path, listing->list.default_path) < 0) {
        mh_profile_clear(&profile);
        return mh_error_no_memory(err);
    }
    return add(listing, false, &profile, err);
}

static int add_all(struct listing *listing, struct mh_error *err)
{
    size_t first = listing->profiles->count;
    int status = MH_OK;
    for (size_t i = 0; status == MH_OK && i < listing->list.count; i++)
        status = add_listed(listing, &listing->list.items[i], err);
    for (size_t i = 0; status == MH_OK && i < listing->loaded.count; i++) {
        const char *sid = listing->loaded.items[i];
        if (mh_text_is_person_sid(sid) && !is_listed(listing, sid))
            status = add_unlisted(listing, sid, err);
    }
    if (status == MH_OK)
        status = add_default(listing, err);
    return status == MH_OK ? leave_shared(listing->profiles, first, err) : status;
}

/* A folder that is not there holds nobody's policies: one look tells it for all. */
static void keep_policies_path(struct listing *listing)
{
    free(listing->live->policies_path);
    listing->live->policies_path = NULL;
    if (mh_live_is_there(listing->list.policies_path)) {
        listing->live->policies_path = listing->list.policies_path;
        listing->list.policies_path = NULL;
    }
}

/* The two long lists, which need nothing of each other. */
enum { LOADED, LISTED, LISTS };

struct asking {
    struct listing *listing;
    int status[LISTS];
    struct mh_error why[LISTS];
};

static void ask(void *context, size_t i)
{
    struct asking *asking = context;
    struct listing *listing = asking->listing;
    struct mh_software software = mh_live_software(&listing->live->software);
    asking->status[i] = i == LOADED ? mh_regkey_names(HKEY_USERS, &listing->loaded, &asking->why[i])
                                    : mh_profile_list_read(&software, &listing->list, &asking->why[i]);
}

static int ask_both(struct listing *listing, struct mh_error *err)
{
    struct asking asking = {.listing = listing};
    mh_parallel(LISTS, ask, &asking, NULL, NULL);
    for (size_t i = 0; i < LISTS; i++) {
        if (asking.status[i] == MH_OK)
            continue;
        if (err)
            *err = asking.why[i];
        return asking.status[i];
    }
    return MH_OK;
}

int mh_live_list(struct mh_registry *registry, struct mh_profiles *profiles, struct mh_texts *warnings,
                 struct mh_error *err)
{
    struct listing listing = {
        .live = (struct mh_live *)registry, .profiles = profiles, .warnings = warnings};
    int status = mh_process_sid(&listing.current, err);
    if (status == MH_OK)
        status = ask_both(&listing, err);
    if (status == MH_OK)
        status = mh_mounts_clean(&listing.loaded, registry->look_only, warnings, err);
    if (status == MH_OK)
        status = sort_listed(&listing, err);
    if (status == MH_OK)
        keep_policies_path(&listing);
    if (listing.loaded.count > 1)
        qsort(listing.loaded.items, listing.loaded.count, sizeof(*listing.loaded.items), by_text);
    if (status == MH_OK)
        status = add_all(&listing, err);
    clear(&listing);
    return status;
}
