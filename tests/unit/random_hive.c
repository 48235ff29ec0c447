/* SPDX-License-Identifier: MIT */
#include "random_hive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/text.h"

struct mh_value kit_random_value(uint64_t *random)
{
    switch (kit_below(random, 8)) {
    case 0:
        return (struct mh_value){0};
    case 1:
    case 2:
        return kit_dword(kit_below(random, 3));
    case 3:
        return kit_fill(kit_random(random), kit_below(random, 40000), kit_random(random));
    case 4:
        return kit_fill(MH_REG_BINARY, 16340 + kit_below(random, 10), 1);
    default:
        return kit_fill(kit_below(random, 12), kit_below(random, 70), kit_random(random));
    }
}

/* Names that differ only in case would be one key. */
static void random_keys(uint64_t *random, struct hb_key *key, unsigned depth)
{
    static const char *const heads[] = {"a", "Z", "_", "\xC3\xBC", "\xC4\x91",
                                        "\xF0\x9F\x98\x80", "M"};
    uint32_t keys = kit_below(random, depth == 0 ? 12 : 5);
    if (kit_below(random, 60) == 0)
        keys = 400 + kit_below(random, 300);
    for (uint32_t i = 0; i < keys; i++) {
        char *name = mh_text_format("%s%u", heads[kit_below(random, KIT_COUNT(heads))], i);
        struct hb_key *child = hb_key_add(key, name);
        assert_non_null(child);
        child->security = kit_below(random, 3);
        if (kit_below(random, 4) == 0)
            assert_int_equal(hb_key_set_class(child, name), HB_OK);
        if (keys < 20 && depth < 4)
            random_keys(random, child, depth + 1);
        free(name);
    }
    uint32_t values = kit_below(random, 4);
    for (uint32_t i = 0; i < values; i++) {
        char name[16];
        uint32_t size = kit_below(random, kit_below(random, 10) ? 30 : 40000);
        snprintf(name, sizeof(name), "value%u", i);
        struct hb_value *value = hb_value_add_fill(key, name, kit_below(random, 12), size);
        assert_non_null(value);
        value->no_inline = kit_below(random, 5) == 0;
    }
}

struct hb_key *kit_random_tree(uint64_t *random)
{
    static const char *const paths[] = {"", "Software", "Software\\Microsoft", MH_VALUE_KEY,
                                        MH_VALUE_KEY, "SOFTWARE\\microsoft\\eXchange"};
    struct hb_key *root = hb_key_new("ROOT");
    assert_non_null(root);
    uint32_t which = kit_below(random, KIT_COUNT(paths));
    struct hb_key *last = kit_key(root, paths[which]);
    random_keys(random, root, 0);
    if (last != root)
        random_keys(random, last, 2);
    if (which > 1)
        random_keys(random, kit_key(root, "Software"), 2);
    struct mh_value value = kit_random_value(random);
    if (which >= 3 && value.present)
        kit_add(last, which == 5 ? "MAPIHTTPdisabled" : MH_VALUE_NAME, &value)->no_inline = kit_below(random, 5) == 0;
    mh_value_clear(&value);
    return root;
}

void kit_random_options(uint64_t *random, struct hb_options *options)
{
    static const uint32_t leaves[] = {1, 3, 100, 506, 506, 506};
    hb_options_init(options);
    options->minor = 3 + kit_below(random, 3);
    options->leaf_max = leaves[kit_below(random, KIT_COUNT(leaves))];
    options->free_cells = kit_below(random, 3) * kit_below(random, 100);
    options->slack = kit_below(random, 4) ? 0 : kit_below(random, 10000);
}
