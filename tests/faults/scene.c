/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "faults/scene.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "faults/need.h"
#include "faults/seam.h"
#include "mapihttp/status.h"
#include "unit/kit.h"

/* What is done to the value. `none`: not even the keys are there. */
struct edit {
    const char *label;
    struct mh_value (*before)(void);
    struct mh_value (*wanted)(void);
    bool none;
    bool full_list; /* as many keys beside as a list may hold */
};

static struct mh_value absent(void)
{
    return (struct mh_value){0};
}

static struct mh_value zero(void)
{
    return kit_dword(0);
}

static struct mh_value one(void)
{
    return kit_dword(1);
}

static struct mh_value text(void)
{
    return kit_bytes(MH_REG_SZ, "0\0\0\0", 4);
}

static struct mh_value longer(void)
{
    return kit_fill(MH_REG_BINARY, 200, 5);
}

static struct mh_value page(void)
{
    return kit_fill(MH_REG_BINARY, 5000, 7);
}

static struct mh_value big(void)
{
    return kit_fill(MH_REG_BINARY, 20000, 9);
}

static const struct edit edits[] = {
    {"another REG_DWORD", one, zero, false, false},
    {"a new value", absent, zero, false, false},
    {"another type", text, zero, false, false},
    {"longer data", one, longer, false, false},
    {"data in a new bin", one, page, false, false},
    {"big data", one, big, false, false},
    {"no more big data", big, zero, false, false},
    {"missing keys", absent, zero, true, false},
    {"a full list grows", absent, zero, true, true},
    {"removed", one, absent, false, false},
};

enum shape { CLEAN, HVLE, HVLE_TWO_LOGS, DIRT, SHAPES };

static const char *const shape_labels[SHAPES] = {"clean", "HvLE log", "two HvLE logs", "DIRT log"};

/* What else there may be about a hive. */
struct setting {
    const char *label;
    size_t edit;
    enum shape shape;
    bool tail;     /* bytes behind the bins */
    bool rights;   /* an owner, a mode, an ACL and attributes of its own */
    bool leftover; /* of a killed run */
    bool store;
    unsigned lacking;
};

static const struct setting settings[] = {
    {"bytes behind the bins", 1, CLEAN, true, false, false, false, 0},
    {"bytes behind the bins, dirty", 1, HVLE, true, false, false, false, 0},
    {"rights of its own", 1, CLEAN, false, true, false, false, 0},
    {"rights of its own, in place", 0, CLEAN, false, true, false, false, 0},
    {"rights of its own, dirty", 0, HVLE, false, true, false, false, 0},
    {"a killed run's leftover", 1, CLEAN, false, false, true, false, 0},
    {"a store", 1, CLEAN, false, false, false, true, 0},
    {"a store, in place", 0, CLEAN, false, false, false, true, 0},
    {"a store, dirty", 1, HVLE_TWO_LOGS, false, false, false, true, 0},
    {"no openat2, no leases", 1, CLEAN, false, false, false, true, SEAM_NO_OPENAT2 | SEAM_NO_LEASES},
    {"no openat2, no leases, in place", 0, CLEAN, false, false, false, true, SEAM_NO_OPENAT2 | SEAM_NO_LEASES},
};

#define MINORS 2u
#define CROSSED (KIT_COUNT(edits) * SHAPES * MINORS)

size_t scene_count(void)
{
    return CROSSED + KIT_COUNT(settings) + scene_tree_count();
}

static void add_keys(struct hb_key *root, const char *below, unsigned count)
{
    struct hb_key *key = kit_key(root, below);
    for (unsigned i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof(name), "K%03u", i);
        NEED(hb_key_add(key, name));
    }
}

static struct hb_key *make_root(const struct edit *edit)
{
    struct mh_value value = edit->before();
    struct hb_key *root = kit_profile(edit->none ? NULL : &value);
    if (edit->full_list)
        add_keys(root, "Software\\Microsoft", 506);
    mh_value_clear(&value);
    return root;
}

/* What the hive was before its logs were written, and on the way. */
static struct hb_key *make_earlier(const struct edit *edit, unsigned step)
{
    struct hb_key *root = make_root(edit);
    add_keys(root, "Earlier", step);
    return root;
}

static void add_logs(struct scene *scene, const struct hb_files *files, enum shape shape)
{
    static const char *const names[] = {SCENE_HIVE ".LOG1", SCENE_HIVE ".LOG2"};
    for (size_t i = 0; i < 2; i++)
        if (files->log[i])
            place_add(&scene->before, shape == DIRT ? SCENE_HIVE ".LOG" : names[i], files->log[i], files->log_size[i]);
}

static void *duplicate(const void *bytes, size_t size)
{
    void *made = need_memory(malloc(size + 1));
    memcpy(made, bytes, size);
    return made;
}

static void make_dirty(const struct edit *edit, enum shape shape, const struct hb_options *options,
                       struct scene *scene)
{
    struct hb_key *root = make_earlier(edit, 3);
    struct hb_key *after[2] = {make_root(edit), NULL};
    struct hb_log_options log;
    struct hb_files files;
    size_t count = 1;
    hb_log_options_init(&log);
    log.format = shape == DIRT ? HB_LOG_DIRT : HB_LOG_HVLE;
    if (shape == HVLE_TWO_LOGS) {
        after[1] = after[0];
        after[0] = make_earlier(edit, 1);
        log.files = 2;
        count = 2;
    }
    NEED(hb_build_dirty(root, after, count, options, &log, &files) == HB_OK);
    place_add(&scene->before, SCENE_HIVE, files.primary, files.primary_size);
    add_logs(scene, &files, shape);
    scene->clean = duplicate(files.recovered, files.recovered_size);
    scene->clean_size = files.recovered_size;
    hb_files_free(&files);
    hb_key_free(root);
    hb_key_free(after[0]);
    hb_key_free(after[1]);
}

static void make_hive(const struct edit *edit, enum shape shape, unsigned minor, bool tail, struct scene *scene)
{
    struct hb_options options;
    hb_options_init(&options);
    options.minor = minor;
    options.slack = tail ? 70000 : 0;
    scene->wanted = edit->wanted();
    if (shape == CLEAN) {
        scene->clean = kit_build_free(make_root(edit), &options, &scene->clean_size);
        place_add(&scene->before, SCENE_HIVE, scene->clean, scene->clean_size);
    } else {
        make_dirty(edit, shape, &options, scene);
    }
    struct place_entry *hive = scene->before.entries;
    for (size_t i = hive->size - options.slack; i < hive->size; i++)
        hive->bytes[i] = (uint8_t)(i * 7 + i / 256);
}

/* A POSIX ACL as the kernel stores it: its version, then tag, rights and id of each entry. */
#define ACL(name, user_rights, other_rights)                                                                           \
    static const uint8_t name[] = {2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, user_rights, 0, 210, 4, 0, 0,     \
                                   4, 0, 4, 0, 255, 255, 255, 255, 16, 0, 6, 0, 255, 255, 255, 255, 32, 0,             \
                                   other_rights, 0, 255, 255, 255, 255}
ACL(hive_acl, 6, 0);
ACL(folder_acl, 4, 4);

static bool can_have(const char *folder, const char *name, const void *value, size_t size)
{
    bool can = setxattr(folder, name, value, size, 0) == 0;
    if (can)
        NEED(removexattr(folder, name) == 0);
    return can;
}

/* All that is left out of the scene, as one text. */
static const char *leave_out(const char *what)
{
    static char all[SCENE_LEFT_OUT];
    size_t length = strlen(all);
    snprintf(all + length, sizeof(all) - length, "%s%s", length > 0 ? "; " : "", what);
    return all;
}

/* In the order in which place_read finds them. */
static const char *add_rights(const char *folder, bool acl, struct place_entry *hive)
{
    static const uint8_t security[] = {1, 0, 4, 128, 20, 0, 0, 0};
    const char *left_out = NULL;
    if (geteuid() == 0 && can_have(folder, "security.NTACL", security, sizeof(security)))
        place_set_attribute(hive, "security.NTACL", security, sizeof(security));
    else
        left_out = leave_out("attributes of the name space security");
    if (acl && can_have(folder, "system.posix_acl_access", hive_acl, sizeof(hive_acl)))
        place_set_attribute(hive, "system.posix_acl_access", hive_acl, sizeof(hive_acl));
    else if (acl)
        left_out = leave_out("ACLs");
    if (can_have(folder, "user.DOSATTRIB", "0x22", 4))
        place_set_attribute(hive, "user.DOSATTRIB", "0x22", 4);
    else
        left_out = leave_out("attributes of the name space user");
    hive->mode = S_IFREG | (acl ? 0660 : 0640);
    if (geteuid() == 0) {
        hive->owner = 1234;
        hive->group = 2345;
    } else {
        left_out = leave_out("another owner, as this is not run by root");
    }
    return left_out;
}

static const char *make_setting(const struct setting *setting, const char *folder, struct scene *scene)
{
    const char *left_out = NULL;
    snprintf(scene->label, sizeof(scene->label), "%s", setting->label);
    make_hive(&edits[setting->edit], setting->shape, 5, setting->tail, scene);
    /* An ACL of the hive's own, or one that only the folder's new files would have. */
    scene->inherits = setting->rights && setting->edit == 1;
    if (setting->rights)
        left_out = add_rights(folder, !scene->inherits, &scene->before.entries[0]);
    if (scene->inherits && !can_have(folder, "system.posix_acl_default", folder_acl, sizeof(folder_acl)))
        left_out = leave_out("ACLs that a folder hands on");
    if (setting->leftover)
        place_add(&scene->before, SCENE_HIVE ".mapihttp-new", "half a hive", 11);
    scene->store = setting->store;
    scene->lacking = setting->lacking;
    return left_out;
}

void scene_make(size_t which, const char *folder, struct scene *ret_scene, const char **ret_left_out)
{
    struct scene scene = {0};
    *ret_left_out = NULL;
    if (which < CROSSED) {
        const struct edit *edit = &edits[which / MINORS / SHAPES];
        enum shape shape = (enum shape)(which / MINORS % SHAPES);
        unsigned minor = which % MINORS ? 5 : 3;
        snprintf(scene.label, sizeof(scene.label), "%s, %s, 1.%u", edit->label, shape_labels[shape], minor);
        make_hive(edit, shape, minor, false, &scene);
    } else if (which < CROSSED + KIT_COUNT(settings)) {
        *ret_left_out = make_setting(&settings[which - CROSSED], folder, &scene);
    } else {
        scene_tree_make(which - CROSSED - KIT_COUNT(settings), &scene);
    }
    *ret_scene = scene;
}

void scene_clear(struct scene *scene)
{
    place_clear(&scene->before);
    place_clear(&scene->after);
    mh_value_clear(&scene->wanted);
    free(scene->clean);
    *scene = (struct scene){0};
}

void scene_put(const struct scene *scene, const char *folder)
{
    place_write(folder, &scene->before);
    if (scene->inherits)
        (void)setxattr(folder, "system.posix_acl_default", folder_acl, sizeof(folder_acl), 0);
    else
        (void)removexattr(folder, "system.posix_acl_default");
}
