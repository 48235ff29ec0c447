/* SPDX-License-Identifier: MIT */
#ifndef MH_REGISTRY_PROFILE_LIST_H
#define MH_REGISTRY_PROFILE_LIST_H

#include "mapihttp/profile.h"
#include "registry/software.h"

/* One entry of ProfileList. */
struct mh_listed_profile {
    char *sid;
    char *path;   /* expanded: "C:\Users\ann"; NULL when it has none */
    bool backup;  /* its key is called SID.bak: Windows set it aside for a temporary profile */
    bool temporary; /* Windows throws it away at logoff */
    struct mh_error *problem; /* why its path could not be read; NULL when it was */
};

/* What HKLM\Software says of the machine's profiles. */
struct mh_profile_list {
    struct mh_listed_profile *items;
    size_t count;
    size_t capacity;
    char *drive;         /* the volume's own letter: "C:" */
    char *profiles_path; /* the folder that profiles are made in: "C:\Users" */
    char *default_path;  /* the Default profile's folder */
    char *policies_path; /* the folder with a folder for each SID, in which newer Windows keep ntuser.pol */
};

/* Reads it, each path with %SystemDrive%, %SystemRoot% and %WinDir% expanded. */
int mh_profile_list_read(const struct mh_software *software, struct mh_profile_list *ret_list,
                         struct mh_error *err);
/*
 * Whether the entry is not the person's profile, though the SID is: of two (SID and SID.bak) the one that was
 * set aside is while the other is temporary, else it is what is left of an old one.
 */
bool mh_profile_list_is_shadowed(const struct mh_profile_list *list, const struct mh_listed_profile *entry);

/* Warns that such an entry was left out. Returns 0, or -1 when memory is out. */
int mh_profile_list_warn_shadowed(const struct mh_listed_profile *entry, struct mh_texts *warnings);

void mh_profile_list_clear(struct mh_profile_list *list);

#endif
