/* SPDX-License-Identifier: MIT */
/* Which of what is not flushed a power cut leaves, and the folder that this makes. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "faults/disk.h"
#include "faults/need.h"

#define FEW 8u      /* so many have all their subsets visited */
#define RANDOM 16u  /* states at random for each choice of names */
#define JUNK 0xA5   /* what somebody else's old bytes are */

/* One file as it is in a state. */
struct content {
    uint8_t *bytes;
    size_t size;
    bool reachable;
};

struct search {
    const struct disk_record *disk;
    struct disk_seen *seen;
    void (*visit)(void *context, bool over);
    void *context;
    bool succeeded;
    size_t cut; /* the number of calls that were done */
    bool junk;
    bool *kept;         /* of each event */
    size_t *names;      /* the events not flushed that change names */
    size_t name_count;
    size_t *contents;   /* and those that do not */
    size_t content_count;
    struct disk_name *table; /* the names of the state at hand */
    size_t table_count;
    struct content *files;   /* of each node */
    uint64_t random;
};

static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (; size >= 8; at += 8, size -= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 29;
    }
    for (; size > 0; at++, size--)
        hash = (hash ^ *at) * 0x100000001B3u;
    return hash;
}

static bool is_new(struct disk_seen *seen, uint64_t hash)
{
    NEED(seen->capacity > 0);
    for (size_t i = hash % seen->capacity;; i = (i + 1) % seen->capacity) {
        if (seen->hashes[i] == hash)
            return false;
        if (seen->hashes[i] == 0) {
            seen->hashes[i] = hash;
            seen->count++;
            return true;
        }
    }
}

/* Remembers the hash; false when it is known. */
static bool remember(struct disk_seen *seen, uint64_t hash)
{
    if (2 * seen->count >= seen->capacity) {
        struct disk_seen larger = {.capacity = seen->capacity ? 2 * seen->capacity : 1024};
        larger.hashes = need_memory(calloc(larger.capacity, sizeof(*larger.hashes)));
        for (size_t i = 0; i < seen->capacity; i++)
            if (seen->hashes[i] != 0)
                is_new(&larger, seen->hashes[i]);
        free(seen->hashes);
        *seen = larger;
    }
    return is_new(seen, hash ? hash : 1);
}

void disk_seen_clear(struct disk_seen *seen)
{
    free(seen->hashes);
    *seen = (struct disk_seen){0};
}

static bool changes_names(const struct disk_event *event)
{
    return event->kind == DISK_LINK || event->kind == DISK_UNLINK || event->kind == DISK_RENAME;
}

static bool share_a_name(const struct disk_event *a, const struct disk_event *b)
{
    if (a->node != b->node)
        return false;
    return strcmp(a->name, b->name) == 0 || (*a->to && strcmp(a->to, b->name) == 0) ||
           (*b->to && (strcmp(a->name, b->to) == 0 || (*a->to && strcmp(a->to, b->to) == 0)));
}

/* What is done to one name stays in order: what is kept brings along what came before. */
static void close_up(struct search *search)
{
    for (size_t i = search->name_count; i > 0; i--) {
        const struct disk_event *later = &search->disk->events[search->names[i - 1]];
        if (!search->kept[search->names[i - 1]])
            continue;
        for (size_t j = 0; j + 1 < i; j++)
            if (share_a_name(&search->disk->events[search->names[j]], later))
                search->kept[search->names[j]] = true;
    }
}

static size_t find_name(const struct search *search, size_t folder, const char *name)
{
    for (size_t i = 0; i < search->table_count; i++)
        if (search->table[i].folder == folder && strcmp(search->table[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

static void drop_name(struct search *search, size_t folder, const char *name)
{
    size_t at = find_name(search, folder, name);
    if (at != SIZE_MAX)
        search->table[at] = search->table[--search->table_count];
}

static void put_name(struct search *search, size_t folder, const char *name, size_t node)
{
    drop_name(search, folder, name);
    struct disk_name *entry = &search->table[search->table_count++];
    *entry = (struct disk_name){.folder = folder, .node = node};
    snprintf(entry->name, sizeof(entry->name), "%s", name);
}

static void apply_name(struct search *search, const struct disk_event *event)
{
    if (event->kind == DISK_LINK) {
        put_name(search, event->node, event->name, event->other);
    } else if (event->kind == DISK_UNLINK) {
        drop_name(search, event->node, event->name);
    } else {
        size_t at = find_name(search, event->node, event->name);
        NEED(at != SIZE_MAX);
        size_t node = search->table[at].node;
        drop_name(search, event->node, event->name);
        put_name(search, event->node, event->to, node);
    }
}

static void make_names(struct search *search)
{
    const struct disk_record *disk = search->disk;
    search->table_count = disk->name_count;
    if (disk->name_count > 0)
        memcpy(search->table, disk->names, disk->name_count * sizeof(*disk->names));
    for (size_t i = 0; i < disk->event_count; i++)
        if (search->kept[i] && changes_names(&disk->events[i]))
            apply_name(search, &disk->events[i]);
    for (size_t i = 0; i < disk->node_count; i++)
        search->files[i].reachable = i == 0;
    for (size_t round = 0; round <= search->table_count; round++)
        for (size_t i = 0; i < search->table_count; i++)
            if (search->files[search->table[i].folder].reachable)
                search->files[search->table[i].node].reachable = true;
}

static void resize(struct content *file, size_t size, int fill)
{
    file->bytes = need_memory(realloc(file->bytes, size + 1));
    if (size > file->size)
        memset(file->bytes + file->size, fill, size - file->size);
    file->size = size;
}

/* Bytes that are not there leave what was on the device; in a file made since, with `junk`, anything. */
static void apply_bytes(struct search *search, const struct disk_event *event, bool kept)
{
    struct content *file = &search->files[event->node];
    if (!kept && (!search->junk || search->disk->nodes[event->node].base))
        return;
    if (event->kind == DISK_SIZE) {
        if (kept)
            resize(file, (size_t)event->offset, 0);
        return;
    }
    if (file->size < event->offset + event->size)
        resize(file, (size_t)event->offset + event->size, 0);
    if (kept)
        memcpy(file->bytes + event->offset, event->bytes, event->size);
    else
        memset(file->bytes + event->offset, JUNK, event->size);
}

static void make_contents(struct search *search)
{
    const struct disk_record *disk = search->disk;
    for (size_t i = 0; i < disk->node_count; i++) {
        const struct place_entry *base = disk->nodes[i].base;
        search->files[i].size = 0;
        if (base && disk->nodes[i].written && search->files[i].reachable) {
            resize(&search->files[i], base->size, 0);
            if (base->size > 0)
                memcpy(search->files[i].bytes, base->bytes, base->size);
        }
    }
    for (size_t i = 0; i < disk->event_count && disk->events[i].done < search->cut; i++) {
        const struct disk_event *event = &disk->events[i];
        if ((event->kind == DISK_BYTES || event->kind == DISK_SIZE) && search->files[event->node].reachable)
            apply_bytes(search, event, search->kept[i]);
    }
}

/* The order in the table is no part of the state. */
static uint64_t hash_state(const struct search *search)
{
    const struct disk_record *disk = search->disk;
    uint64_t hash = 0;
    for (size_t i = 0; i < search->table_count; i++) {
        const struct disk_name *name = &search->table[i];
        if (!search->files[name->folder].reachable)
            continue;
        uint64_t one = mix(name->folder * 7919u + name->node + 1, name->name, strlen(name->name));
        const struct content *file = &search->files[name->node];
        hash += mix(one ^ file->size, file->bytes, file->size);
    }
    for (size_t i = 0; i < disk->event_count; i++) {
        enum disk_kind kind = disk->events[i].kind;
        bool rights = kind == DISK_OWNER || kind == DISK_MODE || kind == DISK_ATTRIBUTE;
        if (rights && search->kept[i] && search->files[disk->events[i].node].reachable)
            hash += mix(i + 1, &i, sizeof(i));
    }
    return hash;
}

static void put_rights(const char *path, const struct disk_event *event)
{
    if (event->kind == DISK_OWNER)
        NEED(chown(path, (uid_t)event->offset, (gid_t)(event->offset >> 32)) == 0);
    else if (event->kind == DISK_MODE)
        NEED(chmod(path, event->mode) == 0);
    else if (event->bytes)
        NEED(setxattr(path, event->name, event->bytes, event->size, 0) == 0);
    else
        (void)removexattr(path, event->name);
}

static void put_node(const struct search *search, const char *path, size_t node)
{
    const struct disk_record *disk = search->disk;
    const struct place_entry *base = disk->nodes[node].base;
    struct content same = base ? (struct content){.bytes = base->bytes, .size = base->size} : (struct content){0};
    const struct content *file = base && !disk->nodes[node].written ? &same : &search->files[node];
    place_write_entry(path, disk->nodes[node].folder, disk->nodes[node].mode, base, file->bytes, file->size);
    for (size_t i = 0; i < disk->event_count; i++) {
        enum disk_kind kind = disk->events[i].kind;
        bool rights = kind == DISK_OWNER || kind == DISK_MODE || kind == DISK_ATTRIBUTE;
        if (rights && search->kept[i] && disk->events[i].node == node)
            put_rights(path, &disk->events[i]);
    }
}

static void put_folder(const struct search *search, const char *path, size_t node)
{
    for (size_t i = 0; i < search->table_count; i++) {
        if (search->table[i].folder != node)
            continue;
        char *inner = place_path(path, search->table[i].name);
        put_node(search, inner, search->table[i].node);
        if (search->disk->nodes[search->table[i].node].folder)
            put_folder(search, inner, search->table[i].node);
        free(inner);
    }
}

/* The state that `kept` makes, if it was not there before. */
static void try_state(struct search *search)
{
    static const struct place nothing = {0};
    bool over = search->succeeded && search->cut == search->disk->calls;
    close_up(search);
    make_names(search);
    make_contents(search);
    uint64_t hash = hash_state(search);
    if (!remember(search->seen, over ? hash ^ 0x5555555555555555u : hash))
        return;
    place_write(search->disk->path, &nothing);
    put_folder(search, search->disk->path, 0);
    search->visit(search->context, over);
}

static void keep(struct search *search, const size_t *events, size_t count, bool kept)
{
    for (size_t i = 0; i < count; i++)
        search->kept[events[i]] = kept;
}

static void keep_names(struct search *search, size_t count)
{
    keep(search, search->names, search->name_count, false);
    keep(search, search->names, count, true);
}

static void try_both(struct search *search)
{
    for (int junk = 0; junk < 2; junk++) {
        search->junk = junk;
        try_state(search);
    }
    search->junk = false;
}

static void try_each(struct search *search, bool kept)
{
    for (size_t i = 0; i < search->content_count; i++) {
        keep(search, search->contents, search->content_count, !kept);
        search->kept[search->contents[i]] = kept;
        try_state(search);
    }
}

static void try_up_to_each(struct search *search)
{
    keep(search, search->contents, search->content_count, false);
    for (size_t i = 0; i < search->content_count; i++) {
        search->kept[search->contents[i]] = true;
        try_state(search);
    }
}

static bool toss(struct search *search)
{
    search->random ^= search->random << 13;
    search->random ^= search->random >> 7;
    search->random ^= search->random << 17;
    return search->random >> 40 & 1;
}

static void try_random(struct search *search, size_t names)
{
    for (unsigned i = 0; i < RANDOM; i++) {
        keep_names(search, names);
        for (size_t j = 0; j < search->content_count; j++)
            search->kept[search->contents[j]] = toss(search);
        search->junk = i & 1;
        try_state(search);
    }
    search->junk = false;
}

/* For one choice of names. */
static void try_contents(struct search *search, size_t names)
{
    keep_names(search, names);
    keep(search, search->contents, search->content_count, false);
    try_both(search);
    keep(search, search->contents, search->content_count, true);
    try_state(search);
    if (!search->disk->light[search->cut - 1]) {
        try_each(search, true);
        try_each(search, false);
        try_up_to_each(search);
    }
    try_random(search, names);
}

/* Each change of a name alone, too, and some at random: order among different names is free. */
static void try_names(struct search *search)
{
    for (size_t i = 0; i < search->name_count; i++) {
        for (int all = 0; all < 2; all++) {
            keep_names(search, 0);
            search->kept[search->names[i]] = true;
            keep(search, search->contents, search->content_count, all);
            try_state(search);
        }
    }
    for (unsigned i = 0; i < RANDOM; i++) {
        for (size_t j = 0; j < search->name_count; j++)
            search->kept[search->names[j]] = toss(search);
        for (size_t j = 0; j < search->content_count; j++)
            search->kept[search->contents[j]] = toss(search);
        try_state(search);
    }
}

static void try_all(struct search *search)
{
    size_t count = search->name_count + search->content_count;
    for (unsigned choice = 0; choice < 1u << count; choice++) {
        for (size_t i = 0; i < count; i++) {
            size_t event = i < search->name_count ? search->names[i] : search->contents[i - search->name_count];
            search->kept[event] = choice >> i & 1;
        }
        try_both(search);
    }
}

static void cut(struct search *search)
{
    const struct disk_record *disk = search->disk;
    search->name_count = 0;
    search->content_count = 0;
    for (size_t i = 0; i < disk->event_count; i++) {
        const struct disk_event *event = &disk->events[i];
        bool done = event->done < search->cut;
        bool flushed = event->durable < search->cut;
        search->kept[i] = done && flushed;
        if (!done || flushed)
            continue;
        if (changes_names(event))
            search->names[search->name_count++] = i;
        else
            search->contents[search->content_count++] = i;
    }
    if (search->name_count + search->content_count <= FEW) {
        try_all(search);
        return;
    }
    for (size_t names = 0; names <= search->name_count; names++)
        try_contents(search, names);
    try_names(search);
}

void disk_states(bool succeeded, struct disk_seen *seen, void (*visit)(void *context, bool over), void *context)
{
    const struct disk_record *disk = disk_record();
    struct search search = {.disk = disk,
                            .seen = seen,
                            .visit = visit,
                            .context = context,
                            .succeeded = succeeded,
                            .random = 88172645463325252u};
    search.kept = need_memory(calloc(disk->event_count + 1, sizeof(*search.kept)));
    search.names = need_memory(calloc(disk->event_count + 1, sizeof(*search.names)));
    search.contents = need_memory(calloc(disk->event_count + 1, sizeof(*search.contents)));
    search.table = need_memory(calloc(disk->name_count + disk->event_count + 1, sizeof(*search.table)));
    search.files = need_memory(calloc(disk->node_count, sizeof(*search.files)));
    for (search.cut = disk->parted > 0 ? disk->parted : 1; search.cut <= disk->calls; search.cut++)
        cut(&search);
    for (size_t i = 0; i < disk->node_count; i++)
        free(search.files[i].bytes);
    free(search.files);
    free(search.table);
    free(search.contents);
    free(search.names);
    free(search.kept);
}
