/* SPDX-License-Identifier: MIT */
#ifndef FAULTS_SCENE_H
#define FAULTS_SCENE_H

/* What the cases are made of: a folder as it is before, one run of the program on it, and what it is after that. */

#include "faults/place.h"
#include "mapihttp/value.h"

/* What a run says. */
struct outcome {
    int status;   /* enum mh_status */
    bool changed;
    char message[640];
};

struct scene {
    char label[96];
    struct place before;
    struct place after;     /* what a run without any fault makes of it */
    unsigned lacking;       /* SEAM_NO_... */
    bool tree;              /* a folder is made whole (mh_tree_write); else a hive is edited */
    bool store;             /* the hive is found in a store, not named */
    bool quiet;             /* what is lost is not told */
    bool inherits;          /* files made in the folder inherit an ACL that the hive has not */
    struct mh_value wanted; /* of a hive; absent: removed */
    uint8_t *clean;         /* the hive as it is to be read before: of a dirty one what recovery makes of it */
    size_t clean_size;
};

/* The hive's name in the folder, and the folder's that is made whole. */
#define SCENE_HIVE "NTUSER.DAT"
#define SCENE_TREE "backup"

/* The longest text of what is left out, with its NUL. */
#define SCENE_LEFT_OUT 200

/* How many scenes there are, and one of them; what this file system has no place for is left out of it, and told in
 * `ret_left_out` (static text, of the last scene made; NULL: nothing is). `after` is not set yet. */
size_t scene_count(void);
void scene_make(size_t which, const char *folder, struct scene *ret_scene, const char **ret_left_out);
void scene_clear(struct scene *scene);

/* The scenes with a folder that is made whole. */
size_t scene_tree_count(void);
void scene_tree_make(size_t which, struct scene *scene);

/* Brings the folder into the state before. */
void scene_put(const struct scene *scene, const char *folder);

/* One run on the folder, which lies in one of its own. */
void scene_run(const struct scene *scene, const char *folder, struct outcome *ret_outcome);

#endif
