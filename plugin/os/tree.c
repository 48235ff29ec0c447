/* SPDX-License-Identifier: MIT */
#include "os/tree.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "os/file.h"

/* The folder in which one is to be made, and the two names it has there in turn. */
struct site {
    struct mh_dir *top;
    char *name;
    char *new_name;
};

/* In bytes. No system takes names of more than 255, and the folder has a longer one while it is filled. */
#define NAME_LIMIT 240

/* Takes separators off the end: as a person's shell completes a folder's name. */
static int split(const char *path, char **ret_folder, char **ret_name, struct mh_error *err)
{
    const char *name;
    char *whole = mh_text_copy(path);
    char *folder = whole ? mh_path_parent(whole, &name) : NULL;
    while (folder && !*name && strlen(folder) < strlen(whole)) {
        free(whole);
        whole = folder;
        folder = mh_path_parent(whole, &name);
    }
    *ret_name = folder ? mh_text_copy(name) : NULL;
    *ret_folder = folder;
    free(whole);
    if (!*ret_name)
        return mh_error_no_memory(err);
    if (!**ret_name || strcmp(*ret_name, ".") == 0 || strcmp(*ret_name, "..") == 0)
        return mh_error_set(err, MH_INVALID, "'%s' does not end in a name that a folder can be given", path);
    if (strlen(*ret_name) > NAME_LIMIT)
        return mh_error_set(err, MH_INVALID, "the last name in '%s' is too long", path);
    return MH_OK;
}

static int open_site(const char *path, struct site *site, struct mh_error *err)
{
    char *folder = NULL;
    int status = split(path, &folder, &site->name, err);
    if (status == MH_OK)
        status = mh_dir_open(folder, &site->top, err);
    if (status == MH_OK) {
        site->new_name = mh_text_format("%s.mapihttp-new", site->name);
        status = site->new_name ? MH_OK : mh_error_no_memory(err);
    }
    free(folder);
    return status;
}

static void close_site(struct site *site)
{
    mh_dir_close(site->top);
    free(site->name);
    free(site->new_name);
}

static int check_empty(const struct site *site, const char *path, struct mh_error *err)
{
    struct mh_entries entries = {0};
    enum mh_entry_kind kind;
    struct mh_dir *dir;
    bool found;
    mh_dir_look(site->top, site->name, &kind, &found);
    if (!found)
        return MH_OK;
    int status = mh_dir_enter(site->top, site->name, &dir, err);
    if (status != MH_OK)
        return status;
    status = mh_dir_list(dir, &entries, err);
    mh_dir_close(dir);
    if (status == MH_OK && entries.count > 0)
        status = mh_error_set(err, MH_INVALID, "%s is not empty; name a folder that is empty or not there yet", path);
    mh_entries_clear(&entries);
    return status;
}

static int fill(struct mh_dir *dir, const struct mh_tree *tree, struct mh_error *err)
{
    int status = MH_OK;
    for (size_t i = 0; status == MH_OK && i < tree->count; i++) {
        const struct mh_tree_item *item = &tree->items[i];
        status = item->folder ? mh_dir_make(dir, item->path, err)
                              : mh_file_make(dir, item->path, item->bytes.text, item->bytes.length, err);
    }
    return status;
}

/* As much of it as is there. */
static void empty(struct mh_dir *dir, const struct mh_tree *tree)
{
    for (size_t i = tree->count; i > 0; i--)
        mh_dir_remove(dir, tree->items[i - 1].path);
}

/* The folder while it has its first name. It is emptied through what it was filled through: where there is no memory,
 * it could not be opened again. */
static int make_whole(struct site *site, const struct mh_tree *tree, struct mh_error *err)
{
    struct mh_dir *dir;
    int status = mh_dir_enter(site->top, site->new_name, &dir, err);
    if (status != MH_OK)
        return status;
    status = fill(dir, tree, err);
    if (status != MH_OK)
        empty(dir, tree);
    mh_dir_close(dir);
    return status;
}

static void take_away(struct site *site, const struct mh_tree *tree)
{
    struct mh_dir *dir;
    if (mh_dir_enter(site->top, site->new_name, &dir, NULL) == MH_OK) {
        empty(dir, tree);
        mh_dir_close(dir);
    }
}

static int make_new(struct site *site, const char *path, struct mh_error *err)
{
    struct mh_error why = {0};
    int status = mh_dir_make(site->top, site->new_name, &why);
    if (status == MH_IN_USE)
        return mh_error_set(err, status,
                            "%s is there beside %s: another run is at work, or was killed; remove it and try again",
                            site->new_name, path);
    if (err && err->status == MH_OK)
        *err = why;
    return status;
}

static int build(struct site *site, const char *path, const struct mh_tree *tree, struct mh_error *err)
{
    int status = make_new(site, path, err);
    if (status == MH_IN_USE) /* and so another's */
        return status;
    if (status == MH_OK)
        status = make_whole(site, tree, err);
    if (status == MH_OK) {
        status = mh_dir_rename(site->top, site->new_name, site->name, err);
        if (status != MH_OK)
            take_away(site, tree);
    }
    if (status != MH_OK)
        mh_dir_remove(site->top, site->new_name);
    return status;
}

int mh_tree_write(const char *path, const struct mh_tree *tree, struct mh_error *err)
{
    struct site site = {0};
    int status = tree->failed ? mh_error_no_memory(err) : open_site(path, &site, err);
    if (status == MH_OK)
        status = check_empty(&site, path, err);
    if (status == MH_OK)
        status = build(&site, path, tree, err);
    close_site(&site);
    return status;
}
