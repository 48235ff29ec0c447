/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <string.h>

#include "checker/checker.h"

#define NOW 133500000000000000u

/* A copy of the file as the engine sees it. */
static uint8_t *file_bytes(const struct mh_source *source)
{
    uint8_t *bytes = malloc(source->size ? source->size : 1);
    FUZZ_REQUIRE(bytes && source->read(source->context, 0, bytes, source->size, NULL) == MH_OK);
    return bytes;
}

static size_t problems(const uint8_t *bytes, size_t size, unsigned flags)
{
    struct hc_report report = {0};
    FUZZ_REQUIRE(hc_check(bytes, size, flags, &report) >= 0);
    size_t count = report.problems;
    hc_report_free(&report);
    return count;
}

static void read_back(const uint8_t *bytes, size_t size, const struct mh_value *expected)
{
    struct mh_regf_files files = {.hive = mh_source_memory(bytes, size)};
    struct mh_regf *regf;
    struct mh_value value;
    FUZZ_REQUIRE(mh_regf_open(&files, &regf, NULL) == MH_OK);
    FUZZ_REQUIRE(mh_regf_read(regf, MH_VALUE_KEY, MH_VALUE_NAME, &value, NULL) == MH_OK);
    FUZZ_REQUIRE(mh_value_equal(&value, expected));
    mh_value_clear(&value);
    mh_regf_close(regf);
}

/* What the file would hold once the output is written. */
static uint8_t *written(const struct mh_source *source, const struct mh_regf_output *output,
                        size_t *ret_size)
{
    uint8_t *old = file_bytes(source);
    if (output->kind != MH_REGF_IMAGE) {
        memcpy(old + output->offset, output->bytes, output->size);
        *ret_size = source->size;
        return old;
    }
    size_t tail = source->size - output->tail;
    uint8_t *bytes = malloc(output->size + tail);
    FUZZ_REQUIRE(bytes);
    memcpy(bytes, output->bytes, output->size);
    memcpy(bytes + output->size, old + output->tail, tail);
    free(old);
    *ret_size = output->size + tail;
    return bytes;
}

static void change(const struct mh_regf_files *files, const struct mh_value *value, size_t before)
{
    struct mh_regf *regf;
    struct mh_regf_output output;
    size_t size;
    if (mh_regf_open(files, &regf, NULL) != MH_OK)
        return;
    if (mh_regf_change(regf, MH_VALUE_KEY, MH_VALUE_NAME, value, NOW, NULL) == MH_OK) {
        struct mh_error err = {0};
        int status = mh_regf_output(regf, NOW, &output, &err);
        FUZZ_REQUIRE(status != MH_INTERNAL);
        if (status == MH_OK && output.kind != MH_REGF_SAME) {
            uint8_t *bytes = written(&files->hive, &output, &size);
            read_back(bytes, size, value);
            if (before == 0)
                FUZZ_REQUIRE(problems(bytes, size, HC_ALLOW_LEAKS) == 0);
            free(bytes);
        }
    }
    mh_regf_close(regf);
}

void fuzz_hive(const struct mh_regf_files *files)
{
    static uint8_t long_data[20000];
    uint8_t one[4] = {1};
    const struct mh_value values[] = {
        {.present = true, .type = MH_REG_DWORD, .size = 4, .data = one},
        {.present = true, .type = MH_REG_BINARY, .size = 100, .data = long_data},
        {.present = true, .type = MH_REG_BINARY, .size = sizeof(long_data), .data = long_data},
        {.present = false},
    };
    uint8_t *bytes = file_bytes(&files->hive);
    size_t before = files->logs ? 1 : problems(bytes, files->hive.size, HC_ALLOW_LEAKS);
    free(bytes);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        change(files, &values[i], before);
}
