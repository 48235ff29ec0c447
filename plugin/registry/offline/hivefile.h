/* SPDX-License-Identifier: MIT */
#ifndef MH_OFFLINE_HIVEFILE_H
#define MH_OFFLINE_HIVEFILE_H

#include "mapihttp/registry.h"
#include "os/file.h"
#include "registry/hive/hive.h"

/*
 * One hive file that is open: the engine on one side, the file on the other.
 */
struct mh_hivefile;

/* Opens the hive at `path` below `top`, which must outlive it, as mh_file_open takes them; its logs are looked at
 * in their folder. */
int mh_hivefile_open(struct mh_dir *top, const char *path, enum mh_access access,
                     struct mh_hivefile **ret_hivefile, struct mh_error *err);
void mh_hivefile_close(struct mh_hivefile *hivefile);

/* The engine, for reading keys. Belongs to the hive file. */
struct mh_regf *mh_hivefile_regf(struct mh_hivefile *hivefile);

/* MH_IN_USE when the file or one of its logs was changed since, so that what was read may be torn. */
int mh_hivefile_settled(struct mh_hivefile *hivefile, struct mh_error *err);

/*
 * The slots of struct mh_registry_ops that every offline registry shares; they work on the hives that
 * mh_offline_hive_open opens, which takes what mh_hivefile_open takes.
 */
int mh_offline_hive_open(const struct mh_registry_ops *ops, struct mh_dir *top, const char *path,
                         enum mh_access access, struct mh_hive **ret_hive, struct mh_error *err);
int mh_offline_hive_read(struct mh_hive *hive, struct mh_value *ret_value, struct mh_error *err);
int mh_offline_hive_write(struct mh_hive *hive, const struct mh_value *value, struct mh_error *err);
int mh_offline_hive_remove(struct mh_hive *hive, struct mh_error *err);
int mh_offline_hive_commit(struct mh_hive *hive, struct mh_error *err);
void mh_offline_hive_close(struct mh_hive *hive);

/* `policy` of the registries that have none. */
int mh_offline_no_policy(struct mh_registry *registry, struct mh_policy *ret_policy,
                         struct mh_error *err);

#endif
