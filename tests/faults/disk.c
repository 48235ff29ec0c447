/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "faults/disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "faults/need.h"

#define SECTOR 512u

static struct disk_record disk;

const struct disk_record *disk_record(void)
{
    return &disk;
}

/* By a call that is not in the seam. */
static uint64_t inode_of(int dir, const char *name)
{
    struct statx seen;
    NEED(statx(dir, name, *name ? AT_SYMLINK_NOFOLLOW : AT_EMPTY_PATH, STATX_INO, &seen) == 0);
    return seen.stx_ino;
}

static size_t add_node(uint64_t inode, bool folder, mode_t mode, const struct place_entry *base)
{
    disk.nodes = need_memory(realloc(disk.nodes, (disk.node_count + 1) * sizeof(*disk.nodes)));
    disk.nodes[disk.node_count] = (struct disk_node){.inode = inode, .folder = folder, .mode = mode, .base = base};
    return disk.node_count++;
}

/* The latest one: a number may be given again to another file. */
static size_t node_of(int fd)
{
    uint64_t inode = inode_of(fd, "");
    for (size_t i = disk.node_count; i > 0; i--)
        if (disk.nodes[i - 1].inode == inode)
            return i - 1;
    return SIZE_MAX;
}

static size_t need_node(int fd)
{
    size_t node = node_of(fd);
    NEED(node != SIZE_MAX);
    return node;
}

static void set_name(char to[64], const char *name)
{
    NEED(strlen(name) < 64 && !strchr(name, '/'));
    memcpy(to, name, strlen(name) + 1);
}

static void begin_entry(const char *folder, const struct place_entry *entry)
{
    const char *slash = strrchr(entry->path, '/');
    struct disk_name name = {0};
    char *path = place_path(folder, entry->path);
    char *parent = slash ? place_path(folder, entry->path) : NULL;
    if (slash)
        *strrchr(parent, '/') = '\0';
    int dir = open(slash ? parent : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    NEED(dir >= 0);
    name.folder = need_node(dir);
    name.node = add_node(inode_of(AT_FDCWD, path), entry->folder, entry->mode, entry);
    set_name(name.name, slash ? slash + 1 : entry->path);
    disk.names = need_memory(realloc(disk.names, (disk.name_count + 1) * sizeof(*disk.names)));
    disk.names[disk.name_count++] = name;
    close(dir);
    free(parent);
    free(path);
}

static void forget(void)
{
    for (size_t i = 0; i < disk.event_count; i++)
        free(disk.events[i].bytes);
    free(disk.events);
    free(disk.nodes);
    free(disk.names);
    free(disk.light);
    free(disk.path);
    disk = (struct disk_record){0};
}

void disk_begin(const char *folder, const struct place *place)
{
    forget();
    disk.path = need_memory(strdup(folder));
    add_node(inode_of(AT_FDCWD, folder), true, 0700, NULL);
    for (size_t i = 0; i < place->count; i++)
        begin_entry(folder, &place->entries[i]);
    disk.on = true;
}

void disk_end(void)
{
    disk.on = false;
}

void disk_parted(void)
{
    disk.parted = disk.calls;
}

static void begin_call(bool light)
{
    disk.light = need_memory(realloc(disk.light, (disk.calls + 1) * sizeof(*disk.light)));
    disk.light[disk.calls++] = light;
}

static struct disk_event *add_event(enum disk_kind kind, size_t node)
{
    disk.events = need_memory(realloc(disk.events, (disk.event_count + 1) * sizeof(*disk.events)));
    struct disk_event *event = &disk.events[disk.event_count++];
    *event = (struct disk_event){.kind = kind, .node = node, .done = disk.calls - 1, .durable = SIZE_MAX};
    disk.nodes[node].written = disk.nodes[node].written || kind == DISK_BYTES || kind == DISK_SIZE;
    return event;
}

static uint8_t *copy(const void *bytes, size_t size)
{
    uint8_t *made = need_memory(malloc(size + 1));
    memcpy(made, bytes, size);
    return made;
}

void disk_opened(int dir, const char *path, int flags, int fd)
{
    if (!disk.on || !(flags & (O_CREAT | O_TRUNC)))
        return;
    size_t folder = need_node(dir);
    begin_call(false);
    if (node_of(fd) == SIZE_MAX || (flags & O_EXCL)) {
        struct statx made;
        NEED(statx(fd, "", AT_EMPTY_PATH, STATX_MODE, &made) == 0);
        size_t node = add_node(inode_of(fd, ""), false, made.stx_mode & 07777u, NULL);
        struct disk_event *event = add_event(DISK_LINK, folder);
        event->other = node;
        set_name(event->name, path);
    }
    if (flags & O_TRUNC)
        add_event(DISK_SIZE, need_node(fd));
}

void disk_folder(int dir, const char *name, mode_t mode)
{
    if (!disk.on)
        return;
    begin_call(false);
    size_t node = add_node(inode_of(dir, name), true, mode, NULL);
    struct disk_event *event = add_event(DISK_LINK, need_node(dir));
    event->other = node;
    set_name(event->name, name);
}

void disk_wrote(int fd, uint64_t offset, const void *bytes, size_t size)
{
    if (!disk.on)
        return;
    size_t node = need_node(fd);
    const uint8_t *at = bytes;
    begin_call(false);
    while (size > 0) {
        size_t length = SECTOR - (size_t)(offset % SECTOR);
        if (length > size)
            length = size;
        struct disk_event *event = add_event(DISK_BYTES, node);
        event->offset = offset;
        event->bytes = copy(at, length);
        event->size = length;
        offset += length;
        at += length;
        size -= length;
    }
}

void disk_sized(int fd, uint64_t size)
{
    if (!disk.on)
        return;
    begin_call(false);
    add_event(DISK_SIZE, need_node(fd))->offset = size;
}

void disk_owner(int fd, uid_t owner, gid_t group)
{
    if (!disk.on)
        return;
    begin_call(true);
    add_event(DISK_OWNER, need_node(fd))->offset = owner | (uint64_t)group << 32;
}

void disk_mode(int fd, mode_t mode)
{
    if (!disk.on)
        return;
    begin_call(true);
    add_event(DISK_MODE, need_node(fd))->mode = mode;
}

void disk_attribute(int fd, const char *name, const void *value, size_t size)
{
    if (!disk.on)
        return;
    begin_call(true);
    struct disk_event *event = add_event(DISK_ATTRIBUTE, need_node(fd));
    set_name(event->name, name);
    event->bytes = value ? copy(value, size) : NULL;
    event->size = size;
}

void disk_removed(int dir, const char *name)
{
    if (!disk.on)
        return;
    begin_call(false);
    set_name(add_event(DISK_UNLINK, need_node(dir))->name, name);
}

void disk_renamed(int from, const char *name, int to, const char *new_name)
{
    if (!disk.on)
        return;
    begin_call(false);
    NEED(need_node(from) == need_node(to)); /* the program renames within a folder only */
    struct disk_event *event = add_event(DISK_RENAME, need_node(from));
    set_name(event->name, name);
    set_name(event->to, new_name);
}

static bool is_rights(enum disk_kind kind)
{
    return kind == DISK_OWNER || kind == DISK_MODE || kind == DISK_ATTRIBUTE;
}

void disk_flushed(int fd, bool bytes_only)
{
    if (!disk.on)
        return;
    size_t node = need_node(fd);
    begin_call(false);
    for (size_t i = 0; i < disk.event_count; i++) {
        struct disk_event *event = &disk.events[i];
        if (event->node == node && event->durable == SIZE_MAX && !(bytes_only && is_rights(event->kind)))
            event->durable = disk.calls - 1;
    }
}
