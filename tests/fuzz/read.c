/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <string.h>

#include "checker/checker.h"
#include "registry/hive/data.h"
#include "registry/hive/survey.h"

/* A hive that was not surveyed may have loops; so many keys of it are enough. */
#define KEYS_MAX 500u

/* What a whole walk comes to: the same statuses and the same bytes give the same sum. */
struct walk {
    struct mh_image *image;
    uint32_t stack[KEYS_MAX];
    size_t count;
    size_t keys;
    size_t visits; /* subkeys of the key at hand */
    size_t failures; /* but what is not supported: that is no damage */
    uint32_t sum;
};

static void sum_up(struct walk *walk, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        walk->sum = (walk->sum ^ ((const uint8_t *)bytes)[i]) * 16777619u;
}

static void sum_status(struct walk *walk, int status, const struct mh_error *err)
{
    sum_up(walk, &status, sizeof(status));
    if (status == MH_OK)
        return;
    FUZZ_REQUIRE_REFUSAL(status, *err);
    sum_up(walk, err->message, strlen(err->message));
    walk->failures += status != MH_UNSUPPORTED;
}

static int push(void *context, uint32_t kind, uint32_t cell, uint32_t hint, struct mh_error *err)
{
    struct walk *walk = context;
    (void)kind;
    (void)hint;
    (void)err;
    walk->visits++;
    if (walk->count < KEYS_MAX)
        walk->stack[walk->count++] = cell;
    return MH_OK;
}

static void sum_name(struct walk *walk, const struct mh_stored_name *stored)
{
    char *text = mh_name_text(stored);
    FUZZ_REQUIRE(text);
    sum_up(walk, text, strlen(text));
    free(text);
}

static void walk_value(struct walk *walk, const struct mh_key *key, uint32_t index, bool *ret_more)
{
    struct mh_vk vk;
    struct mh_value value = {0};
    struct mh_error err = {0};
    int status = mh_vk_at(walk->image, key, index, &vk, &err);
    sum_status(walk, status, &err);
    *ret_more = status == MH_OK;
    if (status != MH_OK)
        return;
    struct mh_stored_name stored = {.bytes = vk.name_bytes,
                                    .size = vk.name_size < sizeof(vk.name_bytes) ? vk.name_size
                                                                                  : sizeof(vk.name_bytes),
                                    .latin1 = (vk.flags & MH_VK_FLAG_LATIN1) != 0};
    sum_name(walk, &stored);
    status = mh_vk_value(walk->image, &vk, &value, &err);
    sum_status(walk, status, &err);
    if (status == MH_OK)
        sum_up(walk, value.data, value.size);
    mh_value_clear(&value);
}

static void walk_key(struct walk *walk, uint32_t cell)
{
    struct mh_key key;
    struct mh_error err = {0};
    bool more = true;
    int status = mh_key_read(walk->image, cell, &key, &err);
    sum_status(walk, status, &err);
    if (status != MH_OK)
        return;
    struct mh_stored_name stored = mh_key_name(&key);
    sum_name(walk, &stored);
    uint32_t values = key.flags & MH_NK_FLAG_PREDEFINED ? 0 : key.values;
    for (uint32_t i = 0; more && i < values && i < KEYS_MAX; i++)
        walk_value(walk, &key, i, &more);
    walk->visits = 0;
    status = mh_subkeys_each(walk->image, &key, push, walk, &err);
    sum_status(walk, status, &err);
    FUZZ_REQUIRE(status == MH_OK ? walk->visits == key.subkeys : walk->visits <= key.subkeys);
}

/* The sum of the statuses and bytes of all that the root leads to. */
static uint32_t walk_all(struct mh_image *image, size_t *ret_failures)
{
    static struct walk walk;
    struct mh_value value = {0};
    struct mh_error err = {0};
    walk = (struct walk){.image = image, .sum = 2166136261u, .stack = {image->base.root}, .count = 1};
    int status = mh_value_lookup(image, MH_VALUE_KEY, MH_VALUE_NAME, &value, &err);
    sum_status(&walk, status, &err);
    if (status == MH_OK)
        sum_up(&walk, value.data, value.size);
    mh_value_clear(&value);
    walk.failures = 0;
    while (walk.count > 0 && walk.keys++ < KEYS_MAX)
        walk_key(&walk, walk.stack[--walk.count]);
    *ret_failures = walk.failures;
    return walk.sum;
}

/* Free cells lie one behind the other, within the bins. */
static void check_space(const struct mh_image *image, const struct mh_space *space)
{
    uint64_t end = MH_BIN_HEADER;
    for (size_t i = 0; i < space->count; i++) {
        FUZZ_REQUIRE(space->cells[i].cell >= end && space->cells[i].size >= MH_CELL_ALIGN);
        end = (uint64_t)space->cells[i].cell + space->cells[i].size;
        FUZZ_REQUIRE(end <= image->base.bins_size);
    }
}

static bool survey(struct mh_image *image)
{
    struct mh_space space = {0};
    struct mh_error err = {0};
    int status = mh_survey(image, &space, &err);
    if (status != MH_OK)
        FUZZ_REQUIRE_REFUSAL(status, err);
    else
        check_space(image, &space);
    mh_space_clear(&space);
    return status == MH_OK;
}

/* What the survey is there to find, as the checker puts it: nothing of it is in a hive that the survey calls whole. */
static void check_survey(const struct mh_image *image)
{
    static const char *const texts[] = {"not fit", "in use for something else", "no key record here",
                                        "no value record here", "crosses the end", "is no cell", "is a free cell"};
    struct hc_report report = {0};
    FUZZ_REQUIRE(hc_check(image->memory, image->size, HC_ALLOW_LEAKS, &report) >= 0);
    for (size_t i = 0; i < report.text_count; i++)
        for (size_t k = 0; k < KIT_COUNT(texts); k++)
            if (strstr(report.texts[i].text, texts[k]) && !strstr(report.texts[i].text, "security")) {
                fprintf(stderr, "0x%llx: %s\n", (unsigned long long)report.texts[i].offset, report.texts[i].text);
                abort();
            }
    hc_report_free(&report);
}

size_t fuzz_problems(const uint8_t *bytes, size_t size, size_t *ret_leaks)
{
    struct hc_report report = {0};
    FUZZ_REQUIRE(hc_check(bytes, size, HC_ALLOW_LEAKS, &report) >= 0);
    size_t count = report.problems;
    if (ret_leaks)
        *ret_leaks = report.leaks;
    hc_report_free(&report);
    return count;
}

/* Our value is found in as many reads as the hive has pieces, and no more. */
static void look_up(struct kit_files *files, struct mh_regf *regf)
{
    struct mh_value value = {0};
    struct mh_error err = {0};
    int status = mh_regf_read(regf, MH_VALUE_KEY, MH_VALUE_NAME, &value, &err);
    if (status != MH_OK)
        FUZZ_REQUIRE_REFUSAL(status, err);
    FUZZ_REQUIRE(files->hive.reads <= 64 + files->hive.size / 4);
    mh_value_clear(&value);
}

void fuzz_read(struct kit_files *files)
{
    struct mh_regf *regf = NULL;
    struct mh_error err = {0};
    size_t failures = 0;
    bool sound = files->log_count == 0 && fuzz_problems(files->hive.bytes, (size_t)files->hive.size, NULL) == 0;
    int status = kit_open(files, &regf, &err);
    FUZZ_REQUIRE(!sound || status == MH_OK);
    if (status != MH_OK) {
        FUZZ_REQUIRE_REFUSAL(status, err);
    } else {
        struct mh_image *image = mh_regf_image(regf);
        look_up(files, regf);
        uint32_t sum = walk_all(image, &failures);
        FUZZ_REQUIRE(mh_image_load(image, NULL) == MH_OK);
        FUZZ_REQUIRE(walk_all(image, &failures) == sum);
        bool whole = survey(image);
        if (whole)
            check_survey(image);
        FUZZ_REQUIRE(!whole || failures == 0);
        FUZZ_REQUIRE(!sound || whole);
    }
    FUZZ_REQUIRE(!kit_strayed(files));
    mh_regf_close(regf);
}
