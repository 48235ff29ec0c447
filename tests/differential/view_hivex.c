/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <hivex.h>

#include "core/text.h"
#include "registry/hive/format.h"

struct hivex {
    const char *name;
    hive_h *handle;
    const uint8_t *bytes;
    size_t size;
    struct view *view;
    struct view_limits *limits;
};

/* libhivex opens files only: one in memory that has a name while it is open. */
static hive_h *open_bytes(const char *name, const uint8_t *hive, size_t size)
{
    char path[64];
    int fd = memfd_create("hive", MFD_CLOEXEC);
    KIT_TRUE(name, fd >= 0);
    KIT_INT(name, write(fd, hive, size), size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    hive_h *handle = hivex_open(path, 0);
    close(fd);
    KIT_TRUE(name, handle != NULL);
    return handle;
}

/* `size` bytes at `offset` into the data of a cell. */
static const uint8_t *cell_bytes(const struct hivex *hivex, uint32_t cell, size_t offset, size_t size)
{
    size_t at = MH_BASE_SIZE + (size_t)cell + MH_CELL_HEADER + offset;
    KIT_TRUE(hivex->name, at + size <= hivex->size);
    return hivex->bytes + at;
}

/* libhivex has no calls for class names and security: read where the key that it names stands. */
static void read_plainly(const struct hivex *hivex, struct view_item *item)
{
    const uint8_t *nk = cell_bytes(hivex, item->cell, 0, MH_NK_HEADER);
    uint32_t class_size = mh_get16(nk + MH_NK_CLASS_SIZE);
    uint32_t security = mh_get32(nk + MH_NK_SECURITY);
    uint32_t size = mh_get32(cell_bytes(hivex, security, MH_SK_HEADER - 4, 4));
    item->security = view_digest(cell_bytes(hivex, security, MH_SK_HEADER, size), size);
    item->class_name = view_digest("", 0);
    if (class_size > 0) {
        uint32_t cell = mh_get32(nk + MH_NK_CLASS);
        item->class_name = view_digest(cell_bytes(hivex, cell, 0, class_size), class_size);
    }
    hivex->limits->plain++;
}

static void add_key(struct hivex *hivex, hive_node_h node, const char *path)
{
    struct view_item item = {.path = mh_text_copy(path),
                             .cell = (uint32_t)(node - MH_BASE_SIZE),
                             .timestamp = (uint64_t)hivex_node_timestamp(hivex->handle, node)};
    read_plainly(hivex, &item);
    view_add(hivex->view, item);
}

static void add_value(struct hivex *hivex, hive_value_h value, const char *path)
{
    struct view_item item = {.path = mh_text_copy(path),
                             .name = hivex_value_key(hivex->handle, value)};
    hive_type type;
    size_t size;
    char *data = NULL;
    KIT_INT(hivex->name, hivex_value_type(hivex->handle, value, &type, &size), 0);
    if (size > 0) {
        data = hivex_value_value(hivex->handle, value, &type, &size);
        KIT_TRUE(hivex->name, data != NULL);
    }
    KIT_TRUE(hivex->name, item.name != NULL);
    hivex->limits->empty += size == 0;
    hivex->limits->big += size > MH_DB_SEGMENT_SIZE;
    item.type = (uint32_t)type;
    item.size = (uint32_t)size;
    item.digest = view_digest(data, size);
    free(data);
    view_add(hivex->view, item);
}

static char *child_path(struct hivex *hivex, hive_node_h node, const char *path)
{
    char *name = hivex_node_name(hivex->handle, node);
    KIT_TRUE(hivex->name, name != NULL);
    char *longer = mh_text_format("%s%s%s", path, *path ? "\\" : "", name);
    free(name);
    return longer;
}

/* Subkeys last to first, as the engine's walk goes. */
static void walk(struct hivex *hivex, hive_node_h node, const char *path)
{
    add_key(hivex, node, path);
    hive_value_h *values = hivex_node_values(hivex->handle, node);
    hive_node_h *children = hivex_node_children(hivex->handle, node);
    size_t count = 0;
    KIT_TRUE(hivex->name, values != NULL && children != NULL);
    for (size_t i = 0; values[i]; i++)
        add_value(hivex, values[i], path);
    while (children[count])
        count++;
    while (count > 0) {
        char *below = child_path(hivex, children[--count], path);
        walk(hivex, children[count], below);
        free(below);
    }
    free(values);
    free(children);
}

void view_hivex(const char *name, const uint8_t *hive, size_t size, struct view *ret_view,
                struct view_limits *limits)
{
    struct hivex hivex = {.name = name,
                          .handle = open_bytes(name, hive, size),
                          .bytes = hive,
                          .size = size,
                          .view = ret_view,
                          .limits = limits};
    walk(&hivex, hivex_root(hivex.handle), "");
    hivex_close(hivex.handle);
}
