/* SPDX-License-Identifier: MIT */
#include "worlds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/text.h"
#include "scratch.h"

#define CURRENT_VERSION "Microsoft\\Windows NT\\CurrentVersion"

const char *world_label(enum world_profile which)
{
    static const char *const labels[WORLD_PROFILES] = {"one",  "zero", "bare",  "keyed",
                                                       "text", "big",  "dirty", "broken"};
    return labels[which];
}

struct mh_value world_value(enum world_profile which)
{
    switch (which) {
    case WORLD_ONE:
    case WORLD_DIRTY:
        return kit_dword(1);
    case WORLD_ZERO:
        return kit_dword(0);
    case WORLD_TEXT:
        return kit_bytes(MH_REG_SZ, "0\0\0\0", 4);
    case WORLD_BIG:
        return kit_fill(MH_REG_BINARY, 20000, 9);
    default:
        return (struct mh_value){0};
    }
}

static void write_in(const char *scratch, const char *folder, const char *name, const void *bytes,
                     size_t size)
{
    char *relative = mh_text_format("%s/%s", folder, name);
    scratch_write(scratch, relative, bytes, size);
    free(relative);
}

static void write_dirty(const char *scratch, const char *folder)
{
    struct mh_value before = kit_dword(0);
    struct mh_value after = world_value(WORLD_DIRTY);
    struct hb_key *old = kit_profile(&before);
    struct hb_key *new = kit_profile(&after);
    struct hb_options options;
    struct hb_log_options log;
    struct hb_files files;
    hb_options_init(&options);
    hb_log_options_init(&log);
    assert_int_equal(hb_build_dirty(old, &new, 1, &options, &log, &files), HB_OK);
    write_in(scratch, folder, "NTUSER.DAT", files.primary, files.primary_size);
    write_in(scratch, folder, "ntuser.dat.LOG1", files.log[0], files.log_size[0]);
    hb_files_free(&files);
    hb_key_free(old);
    hb_key_free(new);
    mh_value_clear(&before);
    mh_value_clear(&after);
}

void world_write_profile(const char *scratch, const char *folder, enum world_profile which)
{
    struct mh_value value = world_value(which);
    size_t size;
    if (which == WORLD_DIRTY) {
        write_dirty(scratch, folder);
    } else if (which == WORLD_BROKEN) {
        write_in(scratch, folder, "NTUSER.DAT", "this is no hive", 15);
    } else {
        uint8_t *hive =
            kit_build_free(kit_profile(which == WORLD_BARE ? NULL : &value), NULL, &size);
        write_in(scratch, folder, "NTUSER.DAT", hive, size);
        free(hive);
    }
    mh_value_clear(&value);
}

char *world_sid(enum world_profile which)
{
    return mh_text_format("S-1-5-21-1-2-3-%d", 1000 + (int)which);
}

static void add_text(struct hb_key *root, const char *path, const char *name, const char *text)
{
    assert_non_null(hb_value_add_text(kit_key(root, path), name, HB_REG_EXPAND_SZ, text));
}

static struct hb_key *make_software(bool policy)
{
    struct hb_key *root = hb_key_new("ROOT");
    assert_non_null(root);
    add_text(root, CURRENT_VERSION, "SystemRoot", "C:\\Windows");
    add_text(root, CURRENT_VERSION "\\ProfileList", "ProfilesDirectory", "%SystemDrive%\\Users");
    add_text(root, CURRENT_VERSION "\\ProfileList", "Default", "%SystemDrive%\\Users\\Default");
    for (int i = 0; i < WORLD_PROFILES; i++) {
        char *sid = world_sid((enum world_profile)i);
        char *key = mh_text_format(CURRENT_VERSION "\\ProfileList\\%s", sid);
        char *path = mh_text_format("C:\\Users\\%s", world_label((enum world_profile)i));
        add_text(root, key, "ProfileImagePath", path);
        free(sid);
        free(key);
        free(path);
    }
    if (policy) {
        assert_non_null(hb_value_add_text(kit_key(root, "Policies\\MapiHttp"), "State", HB_REG_SZ,
                                          "allowed"));
        assert_non_null(
            hb_value_add_dword(kit_key(root, "Policies\\MapiHttp"), "DefaultProfile", 1));
        assert_non_null(hb_value_add_text(kit_key(root, "Policies\\MapiHttp\\Exclude"), "1",
                                          HB_REG_SZ, "zero"));
    }
    return root;
}

void world_write_volume(const char *scratch, bool policy)
{
    size_t size;
    uint8_t *software = kit_build_free(make_software(policy), NULL, &size);
    scratch_write(scratch, "Windows/System32/config/SOFTWARE", software, size);
    free(software);
    for (int i = 0; i < WORLD_PROFILES; i++) {
        char *folder = mh_text_format("Users/%s", world_label((enum world_profile)i));
        world_write_profile(scratch, folder, (enum world_profile)i);
        free(folder);
    }
    world_write_profile(scratch, "Users/Default", WORLD_ONE);
}

void world_write_store(const char *scratch)
{
    for (int i = 0; i < WORLD_PROFILES; i++)
        world_write_profile(scratch, world_label((enum world_profile)i), (enum world_profile)i);
}

struct mh_texts world_paths(const char *scratch)
{
    struct mh_texts paths = {0};
    for (int i = 0; i < WORLD_PROFILES; i++)
        assert_int_equal(mh_texts_addf(&paths, "%s/%s/NTUSER.DAT", scratch,
                                       world_label((enum world_profile)i)),
                         0);
    return paths;
}
