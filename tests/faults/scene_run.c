/* SPDX-License-Identifier: MIT */
/* One run of the program, as its command line would make it. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults/need.h"
#include "faults/scene.h"
#include "os/tree.h"
#include "run.h"

/* Small enough for all the cases, and all that a backup has: folders in folders, files of some sectors, an empty one. */
static void make_tree(struct mh_tree *tree)
{
    struct mh_buffer bytes = {0};
    mh_tree_add_folder(tree, "a");
    mh_tree_add_folder(tree, "a/b");
    for (unsigned i = 0; i < 300; i++)
        mh_buffer_puts(&bytes, "bytes of it ");
    mh_tree_add_file(tree, "a/b/file", &bytes);
    mh_tree_add_file(tree, "a/empty", &bytes);
}

size_t scene_tree_count(void)
{
    return 2;
}

void scene_tree_make(size_t which, struct scene *scene)
{
    scene->tree = true;
    snprintf(scene->label, sizeof(scene->label), which == 0 ? "a folder made whole" : "an empty folder gives way");
    if (which == 1)
        place_add_folder(&scene->before, SCENE_TREE);
}

static void run_tree(const char *folder, struct outcome *ret_outcome)
{
    struct mh_tree tree = {0};
    struct mh_error err = {0};
    char *path = place_path(folder, SCENE_TREE);
    make_tree(&tree);
    ret_outcome->status = mh_tree_write(path, &tree, &err);
    ret_outcome->changed = ret_outcome->status == MH_OK;
    snprintf(ret_outcome->message, sizeof(ret_outcome->message), "%s", err.message);
    mh_tree_clear(&tree);
    free(path);
}

static void ask_for(const struct scene *scene, const char *id, struct mh_request *request)
{
    uint32_t number;
    if (!scene->wanted.present) {
        request->state = MH_STATE_ABSENT;
    } else if (mh_value_dword(&scene->wanted, &number)) {
        request->state = number ? MH_STATE_DISABLED : MH_STATE_ENABLED;
    } else {
        request->has_restore = true;
        request->restore = need_memory(calloc(1, sizeof(*request->restore)));
        request->restore_count = 1;
        request->restore->id = need_memory(strdup(id));
        NEED(mh_value_copy(&scene->wanted, &request->restore->value) == 0);
    }
}

static void read_result(const struct mh_result *result, struct outcome *ret_outcome)
{
    const struct mh_error *error = &result->error;
    if (error->status == MH_OK && result->selection.count > 0 && mh_result_error_of(result, 0))
        error = mh_result_error_of(result, 0);
    ret_outcome->status = error->status;
    ret_outcome->changed = result->changed;
    snprintf(ret_outcome->message, sizeof(ret_outcome->message), "%s", error->message);
    /* What the result says as a whole must fit to what it says of the one profile. */
    NEED(result->failed == (error->status != MH_OK));
}

static void run_hive(const struct scene *scene, const char *folder, struct outcome *ret_outcome)
{
    struct mh_request request = {0};
    struct mh_result result;
    char *path = place_path(folder, SCENE_HIVE);
    if (scene->store) {
        request.store = need_memory(strdup(folder));
        *strrchr(request.store, '/') = '\0';
    } else {
        NEED(mh_texts_add(&request.hives, path) == 0);
    }
    ask_for(scene, path, &request);
    mh_run(MH_VERB_APPLY, &request, NULL, &result);
    read_result(&result, ret_outcome);
    mh_result_clear(&result);
    mh_request_clear(&request);
    free(path);
}

void scene_run(const struct scene *scene, const char *folder, struct outcome *ret_outcome)
{
    *ret_outcome = (struct outcome){0};
    if (scene->tree)
        run_tree(folder, ret_outcome);
    else
        run_hive(scene, folder, ret_outcome);
}
