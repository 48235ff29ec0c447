/* SPDX-License-Identifier: MIT */
#ifndef MH_OFFLINE_PROFILE_LIST_H
#define MH_OFFLINE_PROFILE_LIST_H

#include "mapihttp/profile.h"
#include "registry/hive/image.h"

/* One entry of ProfileList. */
struct mh_listed_profile {
    char *sid;
    char *path;   /* expanded: "C:\Users\ann"; NULL when it has none */
    bool backup;  /* its key is called SID.bak: Windows set it aside for a temporary profile */
    struct mh_error *problem; /* why its path could not be read; NULL when it was */
};

/* What a SOFTWARE hive says of the machine's profiles. */
struct mh_profile_list {
    struct mh_listed_profile *items;
    size_t count;
    size_t capacity;
    char *drive;         /* the volume's own letter: "C:" */
    char *profiles_path; /* the folder that profiles are made in: "C:\Users" */
    char *default_path;  /* the Default profile's folder */
};

/* Reads it, each path with %SystemDrive%, %SystemRoot% and %WinDir% expanded. */
int mh_profile_list_read(struct mh_image *software, struct mh_profile_list *ret_list,
                         struct mh_error *err);
void mh_profile_list_clear(struct mh_profile_list *list);

#endif
