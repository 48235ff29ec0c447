/* SPDX-License-Identifier: MIT */
#include "core/select.h"

#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "core/text.h"

/* What is known of each listed profile while selectors are gone through; the index is sorted by id. */
struct chooser {
    const struct mh_profile **index;
    struct mh_selected *chosen; /* parallel to index; profile NULL: not chosen */
    size_t count;
};

struct keyword {
    const char *name;
    unsigned flags;
    bool may_be_empty;
};

static const struct keyword keywords[] = {
    {"all", MH_PROFILE_PERSON, true},
    {"default", MH_PROFILE_DEFAULT, false},
    {"current", MH_PROFILE_CURRENT, false},
    {"loaded", MH_PROFILE_LOADED | MH_PROFILE_PERSON, true},
};

static const struct keyword *keyword_find(const char *selector)
{
    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
        if (mh_text_equal(keywords[i].name, selector))
            return &keywords[i];
    return NULL;
}

static bool names_of(const struct mh_profile *profile, const char *selector,
                     bool (*same)(const char *selector, const char *name))
{
    return (profile->sid && same(selector, profile->sid)) ||
           (profile->account && same(selector, profile->account)) ||
           same(selector, mh_profile_folder(profile));
}

/* Wildcards are for people: a star never reaches a service account or the Default profile. */
static bool matches(const struct mh_profile *profile, const struct keyword *keyword,
                    const char *selector)
{
    if (keyword)
        return (profile->flags & keyword->flags) == keyword->flags;
    if (mh_text_is_pattern(selector))
        return (profile->flags & MH_PROFILE_PERSON) && names_of(profile, selector, mh_text_match);
    return names_of(profile, selector, mh_text_equal) || mh_text_equal(selector, profile->id);
}

static int by_id(const void *a, const void *b)
{
    const struct mh_profile *const *left = a;
    const struct mh_profile *const *right = b;
    return strcmp((*left)->id, (*right)->id);
}

static int selected_by_id(const void *a, const void *b)
{
    const struct mh_selected *left = a;
    const struct mh_selected *right = b;
    return strcmp(left->profile->id, right->profile->id);
}

static const struct mh_profile **exact(const struct chooser *chooser, const char *id)
{
    struct mh_profile wanted = {.id = (char *)id};
    const struct mh_profile *key = &wanted;
    if (chooser->count == 0)
        return NULL;
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): the index holds pointers */
    return bsearch(&key, chooser->index, chooser->count, sizeof(*chooser->index), by_id);
}

static void choose(struct chooser *chooser, size_t at, bool named)
{
    chooser->chosen[at].profile = chooser->index[at];
    chooser->chosen[at].named = chooser->chosen[at].named || named;
}

/* It means one profile, so that meaning none is a mistake. */
static bool must_match(const char *selector)
{
    const struct keyword *keyword = keyword_find(selector);
    return keyword ? !keyword->may_be_empty : !mh_text_is_pattern(selector);
}

/* Puts each profile that the selector means into the choice (or takes it out). Returns how many. */
static size_t apply_selector(struct chooser *chooser, const char *selector, bool include)
{
    const struct keyword *keyword = keyword_find(selector);
    const struct mh_profile **found = keyword ? NULL : exact(chooser, selector);
    bool named = found || must_match(selector);
    size_t first = found ? (size_t)(found - chooser->index) : 0;
    size_t end = found ? first + 1 : chooser->count;
    size_t matched = 0;
    for (size_t at = first; at < end; at++) {
        if (!found && !matches(chooser->index[at], keyword, selector))
            continue;
        matched++;
        if (include)
            choose(chooser, at, named);
        else
            chooser->chosen[at].profile = NULL;
    }
    return matched;
}

static int add_unmatched(struct mh_selection *selection, const char *selector)
{
    struct mh_error problem = {0};
    mh_error_set(&problem, MH_NOT_FOUND,
                 "no profile is named '%s' here%s", selector,
                 strchr(selector, '\\') ? "; an account is found by a running Windows that knows it and has its "
                                          "profile, elsewhere give the SID or the folder's name"
                                        : "; 'get' shows who is");
    struct mh_profile profile = {
        .id = mh_text_copy(selector),
        .problem = mh_error_copy(&problem),
    };
    if (!profile.id) {
        mh_profile_clear(&profile);
        return -1;
    }
    return mh_profiles_take(&selection->unmatched, &profile);
}

static int choose_users(const struct mh_desired *desired, struct chooser *chooser,
                        struct mh_selection *selection, struct mh_texts *warnings)
{
    for (size_t i = 0; i < desired->users.count; i++) {
        const char *selector = desired->users.items[i];
        if (apply_selector(chooser, selector, true) == 0 && must_match(selector) &&
            add_unmatched(selection, selector) < 0)
            return -1;
    }
    for (size_t i = 0; i < desired->exclude.count; i++) {
        const char *selector = desired->exclude.items[i];
        if (apply_selector(chooser, selector, false) == 0 && !keyword_find(selector) &&
            !mh_text_is_pattern(selector) &&
            mh_texts_addf(warnings, "exclude: no profile is named '%s' here", selector) < 0)
            return -1;
    }
    return 0;
}

static size_t find_restored(const struct chooser *chooser, const char *id)
{
    const struct mh_profile **found = exact(chooser, id);
    if (found)
        return (size_t)(found - chooser->index);
    size_t at = 0;
    while (at < chooser->count && !mh_text_equal(chooser->index[at]->id, id))
        at++;
    return at;
}

static int choose_restored(const struct mh_desired *desired, struct chooser *chooser,
                           struct mh_selection *selection, struct mh_error *err)
{
    for (size_t i = 0; i < desired->restore_count; i++) {
        const struct mh_restore *restore = &desired->restore[i];
        size_t at = find_restored(chooser, restore->id);
        if (at == chooser->count) {
            if (add_unmatched(selection, restore->id) < 0)
                return mh_error_no_memory(err);
            continue;
        }
        if (chooser->chosen[at].profile)
            return mh_error_field(err, "restore", "restore names the profile '%s' twice",
                                  restore->id);
        choose(chooser, at, true);
        chooser->chosen[at].restore = restore;
    }
    return MH_OK;
}

static int chooser_make(const struct mh_profiles *profiles, struct chooser *chooser)
{
    chooser->count = profiles->count;
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): the index holds pointers */
    chooser->index = calloc(profiles->count + 1, sizeof(*chooser->index));
    chooser->chosen = calloc(profiles->count + 1, sizeof(*chooser->chosen));
    if (!chooser->index || !chooser->chosen)
        return -1;
    for (size_t i = 0; i < profiles->count; i++)
        chooser->index[i] = &profiles->items[i];
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): the index holds pointers */
    mh_array_sort(chooser->index, chooser->count, sizeof(*chooser->index), by_id);
    return 0;
}

/* A name that means nobody may be given twice; listed profiles have ids of their own. */
static void drop_repeated(struct mh_selection *selection)
{
    size_t kept = 0;
    for (size_t i = 0; i < selection->count; i++)
        if (kept == 0 || strcmp(selection->items[kept - 1].profile->id, selection->items[i].profile->id) != 0)
            selection->items[kept++] = selection->items[i];
    selection->count = kept;
}

static int collect(const struct chooser *chooser, struct mh_selection *selection)
{
    selection->items =
        calloc(chooser->count + selection->unmatched.count + 1, sizeof(*selection->items));
    if (!selection->items)
        return -1;
    for (size_t i = 0; i < chooser->count; i++)
        if (chooser->chosen[i].profile)
            selection->items[selection->count++] = chooser->chosen[i];
    for (size_t i = 0; i < selection->unmatched.count; i++)
        selection->items[selection->count++] =
            (struct mh_selected){.profile = &selection->unmatched.items[i], .named = true};
    mh_array_sort(selection->items, selection->count, sizeof(*selection->items), selected_by_id);
    drop_repeated(selection);
    return 0;
}

int mh_select(const struct mh_desired *desired, const struct mh_profiles *profiles,
              struct mh_selection *ret_selection, struct mh_texts *warnings, struct mh_error *err)
{
    struct chooser chooser = {0};
    struct mh_selection selection = {0};
    int status = chooser_make(profiles, &chooser) < 0 ? mh_error_no_memory(err) : MH_OK;
    if (status == MH_OK && desired->restore)
        status = choose_restored(desired, &chooser, &selection, err);
    else if (status == MH_OK && choose_users(desired, &chooser, &selection, warnings) < 0)
        status = mh_error_no_memory(err);
    if (status == MH_OK && collect(&chooser, &selection) < 0)
        status = mh_error_no_memory(err);
    free(chooser.index);
    free(chooser.chosen);
    if (status != MH_OK)
        mh_selection_clear(&selection);
    else
        *ret_selection = selection;
    return status;
}

void mh_selection_clear(struct mh_selection *selection)
{
    free(selection->items);
    mh_profiles_clear(&selection->unmatched);
    *selection = (struct mh_selection){0};
}
