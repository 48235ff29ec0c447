/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <string.h>

#include "registry/hive/data.h"
#include "registry/hive/survey.h"

#define CASE "the fuzzer's hive"
#define WAY 4u /* keys that lead to our value, the root counted */

/* A hive in memory, and what is known of it. */
struct file {
    uint8_t *bytes;
    size_t size;
    bool whole; /* to the survey; the rest is known only then */
    char *dump;
    char way[WAY][32]; /* what an edit leaves as it is of the keys that lead to our value; "" where there is none */
    size_t problems;
    size_t leaks;
};

static void look_at_way(struct mh_image *image, struct file *file)
{
    static const char *const paths[WAY] = {"", "Software", "Software\\Microsoft", MH_VALUE_KEY};
    for (size_t i = 0; i < WAY; i++) {
        struct mh_key key;
        const char *rest;
        file->way[i][0] = '\0';
        if (mh_key_walk(image, paths[i], &key, &rest, NULL) == MH_OK && !*rest)
            snprintf(file->way[i], sizeof(file->way[i]), "%x:%08x", key.flags, kit_key_digest(CASE, image, &key));
    }
}

static void look_at(struct file *file)
{
    struct kit_files files = kit_files(file->bytes, file->size);
    struct mh_regf *regf = NULL;
    struct mh_space space = {0};
    FUZZ_REQUIRE(kit_open(&files, &regf, NULL) == MH_OK);
    struct mh_image *image = mh_regf_image(regf);
    FUZZ_REQUIRE(mh_image_load(image, NULL) == MH_OK);
    file->whole = mh_survey(image, &space, NULL) == MH_OK;
    mh_space_clear(&space);
    if (file->whole)
        look_at_way(image, file);
    mh_regf_close(regf);
    file->dump = file->whole ? kit_dump(CASE, file->bytes, file->size) : NULL;
    file->problems = fuzz_problems(file->bytes, file->size, &file->leaks);
}

static void forget(struct file *file)
{
    free(file->bytes);
    free(file->dump);
    *file = (struct file){0};
}

static struct mh_value value_of(const struct fuzz_edit *edit)
{
    switch (edit->kind % FUZZ_EDIT_KINDS) {
    case FUZZ_REMOVE:
        return (struct mh_value){0};
    case FUZZ_DWORD:
        return kit_dword(edit->number % 4);
    case FUZZ_FILL:
        return kit_fill(edit->type, edit->number % 512, edit->number);
    default:
        return kit_fill(edit->type, edit->number, edit->number);
    }
}

/* An edit in place is four bytes and nothing else. */
static void check_patch(const struct file *before, const struct file *after, const struct mh_regf_output *output)
{
    size_t end = (size_t)output->offset + output->size;
    FUZZ_REQUIRE(output->size == 4 && after->size == before->size);
    FUZZ_REQUIRE(memcmp(before->bytes, after->bytes, (size_t)output->offset) == 0);
    FUZZ_REQUIRE(memcmp(before->bytes + end, after->bytes + end, after->size - end) == 0);
}

static void check_tree(const struct file *before, const struct file *after)
{
    FUZZ_REQUIRE(after->whole && strcmp(before->dump, after->dump) == 0);
    for (size_t i = 0; i < WAY; i++)
        FUZZ_REQUIRE(!before->way[i][0] || strcmp(before->way[i], after->way[i]) == 0);
    FUZZ_REQUIRE(before->problems > 0 || after->problems == 0);
    FUZZ_REQUIRE(before->problems > 0 || after->leaks == before->leaks);
}

/* Once more, and there is nothing to do. */
static void check_value(const struct file *after, const struct mh_value *value)
{
    enum mh_regf_kind kind = MH_REGF_SAME;
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct mh_value found = kit_read(CASE, after->bytes, after->size);
    FUZZ_REQUIRE(mh_value_equal(&found, value));
    mh_value_clear(&found);
    FUZZ_REQUIRE(kit_change(after->bytes, after->size, value, &kind, &bytes, &size, NULL) == MH_OK);
    FUZZ_REQUIRE(kind == MH_REGF_SAME);
    free(bytes);
}

static void take_output(const struct kit_files *files, const struct mh_regf_output *output,
                        const struct mh_value *value, struct file *before)
{
    struct file after = {0};
    after.bytes = kit_carry_out(files, output, &after.size);
    look_at(&after);
    check_value(&after, value);
    if (output->kind == MH_REGF_PATCH)
        check_patch(before, &after, output);
    else
        FUZZ_REQUIRE(before->whole);
    if (before->whole)
        check_tree(before, &after);
    forget(before);
    *before = after;
}

/* Carries out one edit on `files`, which `file` is as it is read. False when there is nothing to go on with. */
static bool edit_once(struct kit_files *files, const struct mh_value *value, struct file *file)
{
    struct mh_regf *regf = NULL;
    struct mh_regf_output output = {0};
    struct mh_error err = {0};
    int status = kit_open(files, &regf, &err);
    if (status == MH_OK)
        status = mh_regf_change(regf, MH_VALUE_KEY, MH_VALUE_NAME, value, KIT_NOW, &err);
    if (status == MH_OK)
        status = mh_regf_output(regf, KIT_NOW, &output, &err);
    if (status != MH_OK)
        FUZZ_REQUIRE_REFUSAL(status, err);
    else if (output.kind != MH_REGF_SAME)
        take_output(files, &output, value, file);
    mh_regf_close(regf);
    FUZZ_REQUIRE(!kit_strayed(files));
    return status == MH_OK && output.kind != MH_REGF_SAME;
}

/* The hive as it is read: with its logs replayed, and what follows its bins. False when it cannot be. */
static bool read_file(struct kit_files *files, struct file *ret_file)
{
    struct mh_regf *regf = NULL;
    if (kit_open(files, &regf, NULL) != MH_OK)
        return false;
    struct mh_image *image = mh_regf_image(regf);
    FUZZ_REQUIRE(mh_image_load(image, NULL) == MH_OK);
    *ret_file = (struct file){.bytes = fuzz_copy(image->memory, image->size), .size = image->size};
    if (!mh_regf_recovered(regf)) {
        free(ret_file->bytes);
        ret_file->size = (size_t)files->hive.size;
        ret_file->bytes = fuzz_copy(files->hive.bytes, ret_file->size);
    }
    mh_regf_close(regf);
    look_at(ret_file);
    return true;
}

void fuzz_edit(struct kit_files *files, const struct fuzz_edit *edits, size_t count)
{
    struct file file = {0};
    if (!read_file(files, &file))
        return;
    for (size_t i = 0; i < count; i++) {
        struct mh_value value = value_of(&edits[i]);
        struct kit_files next = kit_files(file.bytes, file.size);
        uint8_t *bytes = fuzz_copy(file.bytes, file.size);
        next.hive.bytes = bytes;
        struct kit_files *from = i == 0 ? files : &next;
        bool went_on = edit_once(from, &value, &file);
        free(bytes);
        mh_value_clear(&value);
        if (!went_on && i == 0 && files->log_count > 0)
            break;
    }
    forget(&file);
}
