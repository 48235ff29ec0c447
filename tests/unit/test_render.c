/* SPDX-License-Identifier: MIT */
/* What all formats have in common; what each of them prints is held byte for byte by tests/render. */
#include "kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/state.h"
#include "dialect/dialect.h"
#include "render/render.h"

static const char *const names[] = {"reg", "pol", "gpp", "lgpo", "samba", "intune", "backup"};
static const enum mh_state states[] = {MH_STATE_ENABLED, MH_STATE_DISABLED, MH_STATE_ABSENT};

static void test_every_format_is_found(void **state)
{
    static const char *const others[] = {"", "REG", "re", "regs", "reg|pol", "xml"};
    const struct mh_dialect *dialect = mh_dialect_find("render");
    (void)state;
    assert_non_null(dialect);
    for (size_t i = 0; i < KIT_COUNT(names); i++) {
        const struct mh_render_format *format = mh_render_find(names[i]);
        KIT_TRUE(names[i], format != NULL);
        KIT_TEXT(names[i], format->name, names[i]);
        KIT_TRUE(names[i], (format->put == NULL) != (format->plant == NULL));
        KIT_TRUE(names[i], mh_dialect_takes(dialect, names[i]));
    }
    for (size_t i = 0; i < KIT_COUNT(others); i++) {
        KIT_TRUE(others[i], mh_render_find(others[i]) == NULL);
        KIT_TRUE(others[i], !mh_dialect_takes(dialect, others[i]));
    }
}

/* What a format makes, the backup's folder as one text. The caller clears it. */
static struct mh_buffer make(const struct mh_render_format *format, enum mh_state state)
{
    struct mh_buffer buffer = {0};
    struct mh_tree tree = {0};
    if (format->put) {
        format->put(state, &buffer);
        return buffer;
    }
    format->plant(state, &tree);
    assert_false(tree.failed);
    for (size_t i = 0; i < tree.count; i++) {
        mh_buffer_puts(&buffer, tree.items[i].path);
        mh_buffer_add(&buffer, tree.items[i].folder ? "/" : "=", 1);
        if (tree.items[i].bytes.length > 0)
            mh_buffer_add(&buffer, tree.items[i].bytes.text, tree.items[i].bytes.length);
    }
    mh_tree_clear(&tree);
    return buffer;
}

static bool same(const struct mh_buffer *a, const struct mh_buffer *b)
{
    return a->length == b->length && (a->length == 0 || memcmp(a->text, b->text, a->length) == 0);
}

static void test_the_same_twice_and_another_for_each_state(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(names); i++) {
        const struct mh_render_format *format = mh_render_find(names[i]);
        struct mh_buffer before = {0};
        for (size_t k = 0; k < KIT_COUNT(states); k++) {
            if (states[k] == MH_STATE_ABSENT && format->no_absent)
                continue;
            struct mh_buffer once = make(format, states[k]);
            struct mh_buffer twice = make(format, states[k]);
            KIT_TRUE(names[i], !once.failed && once.length > 0);
            KIT_TRUE(names[i], same(&once, &twice));
            KIT_TRUE(names[i], !before.text || !same(&once, &before));
            mh_buffer_clear(&before);
            mh_buffer_clear(&twice);
            before = once;
        }
        mh_buffer_clear(&before);
    }
}

/* A tree's folders come before what is in them. */
static void test_the_order_in_a_backup(void **state)
{
    struct mh_tree tree = {0};
    (void)state;
    mh_render_backup(MH_STATE_ENABLED, &tree);
    KIT_TEXT("the first", tree.items[0].path, mh_render_guid(MH_RENDER_BACKUP, MH_STATE_ENABLED).text);
    for (size_t i = 0; i < tree.count; i++) {
        const char *slash = strrchr(tree.items[i].path, '/');
        size_t length = slash ? (size_t)(slash - tree.items[i].path) : 0;
        bool there = length == 0;
        for (size_t k = 0; k < i; k++)
            there = there || (tree.items[k].folder && strlen(tree.items[k].path) == length &&
                              memcmp(tree.items[k].path, tree.items[i].path, length) == 0);
        KIT_TRUE(tree.items[i].path, there);
    }
    mh_tree_clear(&tree);
}

static void test_exact_states(void **state)
{
    static const struct {
        enum mh_state state;
        bool exact;
    } cases[] = {
        {MH_STATE_NONE, false},   {MH_STATE_ENABLED, true}, {MH_STATE_DISABLED, true}, {MH_STATE_ABSENT, true},
        {MH_STATE_ALLOWED, false}, {MH_STATE_POLICY, false}, {MH_STATE_OTHER, false},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++)
        assert_int_equal(mh_state_is_exact(cases[i].state), cases[i].exact);
    assert_int_equal(mh_state_number(MH_STATE_ENABLED), 0);
    assert_int_equal(mh_state_number(MH_STATE_DISABLED), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_format_is_found),
        cmocka_unit_test(test_the_same_twice_and_another_for_each_state),
        cmocka_unit_test(test_the_order_in_a_backup),
        cmocka_unit_test(test_exact_states),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
