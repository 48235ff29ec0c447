/* SPDX-License-Identifier: MIT */
/* Input: a registry policy file. */
#include "registry/policy/preg.h"
#include "fuzz.h"

struct walk {
    const uint8_t *bytes;
    size_t size;
    size_t end; /* of the last record */
};

static void within(const struct walk *walk, const uint8_t *at, size_t size)
{
    FUZZ_REQUIRE(at >= walk->bytes && size <= walk->size - (size_t)(at - walk->bytes));
}

/* Records lie one behind the other, each with its two brackets. */
static int visit(void *context, const struct mh_preg_record *record, struct mh_error *err)
{
    struct walk *walk = context;
    (void)err;
    FUZZ_REQUIRE(record->offset == walk->end && record->size <= MH_PREG_SIZE_MAX);
    within(walk, record->key.bytes, 2 * record->key.units);
    within(walk, record->name.bytes, 2 * record->name.units);
    within(walk, record->data, record->size + 2);
    FUZZ_REQUIRE(mh_get16(walk->bytes + record->offset) == '[');
    FUZZ_REQUIRE(mh_get16(record->data + record->size) == ']');
    walk->end = (size_t)(record->data - walk->bytes) + record->size + 2;
    return MH_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct walk walk = {.bytes = bytes, .size = size, .end = MH_PREG_HEADER};
    struct mh_error err = {0};
    bool found;
    int status = mh_preg_each(bytes, size, visit, &walk, &err);
    FUZZ_REQUIRE(status == MH_OK ? walk.end == size : status == MH_CORRUPT && err.message[0]);
    FUZZ_REQUIRE(mh_preg_find(bytes, size, MH_VALUE_KEY, MH_VALUE_NAME, &found, NULL) == status);
    return 0;
}
