/* SPDX-License-Identifier: MIT */
#ifndef MAPIHTTP_PROFILE_H
#define MAPIHTTP_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "mapihttp/error.h"

/* A growing list of strings of its own. Zero-initialised it is empty. */
struct mh_texts {
    char **items;
    size_t count;
    size_t capacity;
};

/* Appends a copy of `text`. Returns 0, or -1 when memory is out. */
int mh_texts_add(struct mh_texts *texts, const char *text);
/* The same, formatted. */
int mh_texts_addf(struct mh_texts *texts, const char *format, ...) MH_PRINTF(2, 3);
void mh_texts_clear(struct mh_texts *texts);

/* What a profile is; bits. */
enum mh_profile_flags {
    MH_PROFILE_PERSON = 1,   /* a person's: what the selector `all` means */
    MH_PROFILE_DEFAULT = 2,  /* the Default profile: what the selector `default` means */
    MH_PROFILE_LOADED = 4,   /* its hive is loaded in the running Windows */
    MH_PROFILE_CURRENT = 8,  /* of the user who runs this */
    MH_PROFILE_LIVE = 16,    /* source `live`: observed in the running Windows, not in a file */
    MH_PROFILE_SET_ASIDE = 32 /* what is loaded under its SID is another's: a temporary profile */
};

/*
 * One user profile, as a registry lists it. All strings are UTF-8 and belong to the profile; those that
 * are not known are NULL, `id` never is.
 */
struct mh_profile {
    char *id;       /* names it in `users` and `restore`: "default", the SID, or the hive's path */
    char *sid;      /* "S-1-5-21-..." */
    char *account;  /* "DOMAIN\name" */
    char *path;     /* the profile's folder */
    char *hive;     /* the hive file, as a person would open it */
    char *ref;      /* the registry's own way to find it again */
    char *policy;   /* the registry's own way to the user's ntuser.pol; NULL: there is none */
    bool policy_is_odd; /* what is there is no plain file, and is not opened */
    unsigned flags; /* enum mh_profile_flags */
    struct mh_error *problem;  /* why it cannot be opened; NULL when it may be tried */
    bool skipped;   /* with `problem`: there is nothing to converge, and that is no failure */
};

struct mh_profiles {
    struct mh_profile *items;
    size_t count;
    size_t capacity;
};

/*
 * Appends `profile` and takes over its strings, on failure too (they are freed then). Returns 0, or -1
 * when memory is out.
 */
int mh_profiles_take(struct mh_profiles *profiles, struct mh_profile *profile);
void mh_profiles_clear(struct mh_profiles *profiles);

/* Frees what the profile holds; it is then all zero. */
void mh_profile_clear(struct mh_profile *profile);

/* The last component of the profile's folder, in Windows' or POSIX spelling; "" when it has none. */
const char *mh_profile_folder(const struct mh_profile *profile);

#endif
