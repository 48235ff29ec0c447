/* SPDX-License-Identifier: MIT */
#include "view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/text.h"

uint64_t view_digest(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint64_t sum = 0xCBF29CE484222325u;
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ at[i]) * 0x100000001B3u;
    return sum;
}

void view_add(struct view *view, struct view_item item)
{
    if (view->count == view->capacity) {
        view->capacity = view->capacity * 2 + 256;
        view->items = realloc(view->items, view->capacity * sizeof(*view->items));
        assert_non_null(view->items);
    }
    view->items[view->count++] = item;
}

void view_clear(struct view *view)
{
    for (size_t i = 0; i < view->count; i++) {
        free(view->items[i].path);
        free(view->items[i].name);
    }
    free(view->items);
    *view = (struct view){0};
}

struct engine {
    struct mh_image *image;
    struct view *view;
};

static int add_key(void *context, const char *path, uint32_t parent, const struct mh_key *key,
                   struct mh_error *err)
{
    struct engine *engine = context;
    (void)parent;
    (void)err;
    view_add(engine->view, (struct view_item){.path = mh_text_copy(path), .cell = key->cell});
    return MH_OK;
}

static int add_value(void *context, const char *path, const struct mh_vk *vk, struct mh_error *err)
{
    struct engine *engine = context;
    struct mh_value value = {0};
    int status = mh_vk_value(engine->image, vk, &value, err);
    if (status != MH_OK)
        return status;
    view_add(engine->view, (struct view_item){.path = mh_text_copy(path),
                                              .name = kit_vk_name(vk),
                                              .type = value.type,
                                              .size = value.size,
                                              .digest = view_digest(value.data, value.size)});
    mh_value_clear(&value);
    return MH_OK;
}

void view_engine(const char *name, struct kit_files *files, struct view *ret_view)
{
    struct mh_regf *regf = NULL;
    struct mh_error err = {0};
    int status = kit_open(files, &regf, &err);
    struct engine engine = {.image = status == MH_OK ? mh_regf_image(regf) : NULL, .view = ret_view};
    const struct kit_visitor visitor = {.key = add_key, .value = add_value, .context = &engine};
    if (status == MH_OK)
        status = kit_walk(engine.image, &visitor, &err);
    mh_regf_close(regf);
    KIT_TEXT(name, err.message, "");
    KIT_INT(name, status, MH_OK);
    KIT_TRUE(name, !kit_strayed(files));
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static void same_item(const char *name, const struct view_item *a, const struct view_item *b)
{
    if (same_text(a->path, b->path) && same_text(a->name, b->name) && a->type == b->type &&
        a->size == b->size && a->digest == b->digest)
        return;
    print_error("%s: at %s\n", name, b->path);
    KIT_TEXT(name, a->path, b->path);
    KIT_TEXT(name, a->name, b->name);
    KIT_INT(name, a->type, b->type);
    KIT_INT(name, a->size, b->size);
    KIT_INT(name, a->digest, b->digest);
}

void view_same(const char *name, const struct view *engine, const struct view *hivex)
{
    for (size_t i = 0; i < engine->count && i < hivex->count; i++) {
        same_item(name, &engine->items[i], &hivex->items[i]);
        KIT_INT(name, engine->items[i].cell, hivex->items[i].cell);
    }
    KIT_INT(name, engine->count, hivex->count);
}

static bool is_ours(const struct view_item *item)
{
    return item->name && mh_text_equal(item->path, MH_VALUE_KEY) &&
           mh_text_equal(item->name, MH_VALUE_NAME);
}

const struct view_item *view_ours(const struct view *view)
{
    for (size_t i = 0; i < view->count; i++)
        if (is_ours(&view->items[i]))
            return &view->items[i];
    return NULL;
}

/* The last key on our value's way that is there. */
static const struct view_item *last_on_the_way(const struct view *view)
{
    const struct view_item *last = NULL;
    for (size_t i = 0; i < view->count; i++)
        if (!view->items[i].name && kit_on_the_way(view->items[i].path) &&
            (!last || strlen(view->items[i].path) > strlen(last->path)))
            last = &view->items[i];
    return last;
}

struct comparison {
    const char *name;
    const struct view_item *parent; /* the last key on the way before */
    bool in_place;
    uint64_t now;
};

static bool is_new(const struct comparison *comparison, const struct view_item *item)
{
    return !item->name && kit_on_the_way(item->path) &&
           strlen(item->path) > strlen(comparison->parent->path);
}

static void check_new(const struct comparison *comparison, const struct view_item *item,
                      const struct mh_value *value)
{
    KIT_TRUE(comparison->name, value->present);
    KIT_INT(comparison->name, item->timestamp, comparison->now);
    KIT_INT(comparison->name, item->security, comparison->parent->security);
    KIT_INT(comparison->name, item->class_name, view_digest("", 0));
}

static void check_kept(const struct comparison *comparison, const struct view_item *before,
                       const struct view_item *after)
{
    bool touched = before == comparison->parent && !comparison->in_place;
    same_item(comparison->name, after, before);
    KIT_INT(comparison->name, after->cell, before->cell);
    KIT_INT(comparison->name, after->timestamp, touched ? comparison->now : before->timestamp);
    KIT_INT(comparison->name, after->class_name, before->class_name);
    KIT_INT(comparison->name, after->security, before->security);
}

static void check_ours(const char *name, const struct view_item *before,
                       const struct view_item *after, const struct mh_value *value)
{
    KIT_INT(name, after != NULL, value->present);
    if (!after)
        return;
    KIT_TEXT(name, after->name, before ? before->name : MH_VALUE_NAME);
    KIT_INT(name, after->type, value->type);
    KIT_INT(name, after->size, value->size);
    KIT_INT(name, after->digest, view_digest(value->data, value->size));
}

void view_only_ours(const char *name, const struct view *before, const struct view *after,
                    const struct mh_value *value, bool in_place, uint64_t now)
{
    const struct comparison comparison = {
        .name = name, .parent = last_on_the_way(before), .in_place = in_place, .now = now};
    const struct view_item *old = view_ours(before);
    assert_non_null(comparison.parent); /* the root at least */
    size_t at = 0;
    size_t ours = 0;
    for (size_t i = 0; i < after->count; i++) {
        const struct view_item *item = &after->items[i];
        ours += is_ours(item);
        if (is_ours(item))
            continue;
        if (is_new(&comparison, item)) {
            check_new(&comparison, item, value);
            continue;
        }
        at += at < before->count && &before->items[at] == old;
        KIT_TRUE(name, at < before->count);
        check_kept(&comparison, &before->items[at++], item);
    }
    at += at < before->count && &before->items[at] == old;
    KIT_INT(name, at, before->count);
    KIT_INT(name, ours, value->present);
    check_ours(name, old, view_ours(after), value);
}
