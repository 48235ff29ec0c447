/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "faults/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "faults/need.h"

#define LEFTOVER ".mapihttp-new"
#define ATTRIBUTES_MAX 8192

char *place_path(const char *folder, const char *name)
{
    char *path = NULL;
    NEED(asprintf(&path, "%s/%s", folder, name) > 0);
    return path;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct place_entry *)a)->path, ((const struct place_entry *)b)->path);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct place_entry *append(struct place *place)
{
    place->entries = need_memory(realloc(place->entries, (place->count + 1) * sizeof(*place->entries)));
    struct place_entry *entry = &place->entries[place->count++];
    *entry = (struct place_entry){0};
    return entry;
}

static void *copy(const void *bytes, size_t size)
{
    void *made = need_memory(malloc(size + 1));
    if (size > 0)
        memcpy(made, bytes, size);
    return made;
}

void place_set_attribute(struct place_entry *entry, const char *name, const void *value, size_t size)
{
    size_t length = strlen(name) + 1;
    uint32_t stored = (uint32_t)size;
    entry->attributes = need_memory(realloc(entry->attributes, entry->attributes_size + length + 4 + size));
    uint8_t *at = entry->attributes + entry->attributes_size;
    memcpy(at, name, length);
    memcpy(at + length, &stored, 4);
    memcpy(at + length + 4, value, size);
    entry->attributes_size += length + 4 + size;
}

static void read_attributes(const char *path, struct place_entry *entry)
{
    char names[ATTRIBUTES_MAX];
    uint8_t value[ATTRIBUTES_MAX];
    const char *sorted[64] = {NULL};
    size_t count = 0;
    ssize_t size = llistxattr(path, names, sizeof(names));
    for (ssize_t at = 0; at < size; at += (ssize_t)strlen(names + at) + 1) {
        NEED(count < 64);
        sorted[count++] = names + at;
    }
    qsort(sorted, count, sizeof(*sorted), by_name);
    for (size_t i = 0; i < count; i++) {
        ssize_t length = lgetxattr(path, sorted[i], value, sizeof(value));
        NEED(length >= 0);
        place_set_attribute(entry, sorted[i], value, (size_t)length);
    }
}

static void read_bytes(const char *path, struct place_entry *entry)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    NEED(fd >= 0);
    entry->bytes = need_memory(malloc(entry->size + 1));
    for (size_t at = 0; at < entry->size;) {
        ssize_t got = read(fd, entry->bytes + at, entry->size - at);
        NEED(got > 0);
        at += (size_t)got;
    }
    close(fd);
}

static void read_entry(const char *folder, const char *path, struct place *place)
{
    struct stat seen;
    char *full = place_path(folder, path);
    struct place_entry *entry = append(place);
    NEED(lstat(full, &seen) == 0);
    entry->path = need_memory(strdup(path));
    entry->folder = S_ISDIR(seen.st_mode);
    entry->inode = seen.st_ino;
    entry->mode = seen.st_mode;
    entry->owner = seen.st_uid;
    entry->group = seen.st_gid;
    entry->size = entry->folder ? 0 : (size_t)seen.st_size;
    if (!entry->folder)
        read_bytes(full, entry);
    read_attributes(full, entry);
    free(full);
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* `within` is "" or ends in "/". */
static void read_folder(const char *folder, const char *within, struct place *place)
{
    char *path = place_path(folder, within);
    DIR *stream = opendir(path);
    NEED(stream);
    for (const struct dirent *found = readdir(stream); found; found = readdir(stream)) {
        if (is_dots(found->d_name))
            continue;
        char *inner = NULL;
        NEED(asprintf(&inner, "%s%s", within, found->d_name) > 0);
        read_entry(folder, inner, place);
        if (place->entries[place->count - 1].folder) {
            char *below = NULL;
            NEED(asprintf(&below, "%s/", inner) > 0);
            read_folder(folder, below, place);
            free(below);
        }
        free(inner);
    }
    closedir(stream);
    free(path);
}

void place_read(const char *folder, struct place *ret_place)
{
    *ret_place = (struct place){0};
    read_folder(folder, "", ret_place);
    if (ret_place->count > 0)
        qsort(ret_place->entries, ret_place->count, sizeof(*ret_place->entries), by_path);
}

void place_clear(struct place *place)
{
    for (size_t i = 0; i < place->count; i++) {
        free(place->entries[i].path);
        free(place->entries[i].bytes);
        free(place->entries[i].attributes);
    }
    free(place->entries);
    *place = (struct place){0};
}

void place_add(struct place *place, const char *path, const void *bytes, size_t size)
{
    struct place_entry *entry = append(place);
    entry->path = need_memory(strdup(path));
    entry->mode = S_IFREG | 0600;
    entry->owner = geteuid();
    entry->group = getegid();
    entry->bytes = copy(bytes, size);
    entry->size = size;
    qsort(place->entries, place->count, sizeof(*place->entries), by_path);
}

void place_add_folder(struct place *place, const char *path)
{
    struct place_entry *entry = append(place);
    entry->path = need_memory(strdup(path));
    entry->folder = true;
    entry->mode = S_IFDIR | 0700;
    entry->owner = geteuid();
    entry->group = getegid();
    qsort(place->entries, place->count, sizeof(*place->entries), by_path);
}

static void empty(const char *folder, bool leftovers_only)
{
    DIR *stream = opendir(folder);
    NEED(stream);
    for (const struct dirent *found = readdir(stream); found; found = readdir(stream)) {
        if (is_dots(found->d_name) || (leftovers_only && !strstr(found->d_name, LEFTOVER)))
            continue;
        char *path = place_path(folder, found->d_name);
        if (unlink(path) < 0) {
            empty(path, false);
            NEED(rmdir(path) == 0);
        }
        free(path);
    }
    closedir(stream);
}

void place_remove_leftovers(const char *folder)
{
    empty(folder, true);
}

static void write_rights(const char *path, const struct place_entry *entry)
{
    struct stat made;
    NEED(stat(path, &made) == 0);
    (void)removexattr(path, "system.posix_acl_access"); /* which it may have from its folder */
    if (made.st_uid != entry->owner || made.st_gid != entry->group)
        NEED(chown(path, entry->owner, entry->group) == 0);
    for (size_t at = 0; at < entry->attributes_size;) {
        const char *name = (const char *)entry->attributes + at;
        uint32_t size;
        at += strlen(name) + 1;
        memcpy(&size, entry->attributes + at, 4);
        NEED(setxattr(path, name, entry->attributes + at + 4, size, 0) == 0);
        at += 4 + size;
    }
    NEED(chmod(path, entry->mode & 07777) == 0);
}

void place_write_entry(const char *path, bool folder, unsigned mode, const struct place_entry *rights,
                       const uint8_t *bytes, size_t size)
{
    if (folder) {
        NEED(mkdir(path, mode & 07777) == 0);
    } else {
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 07777);
        NEED(fd >= 0);
        for (size_t at = 0; at < size;) {
            ssize_t put = write(fd, bytes + at, size - at);
            NEED(put > 0);
            at += (size_t)put;
        }
        close(fd);
    }
    if (rights)
        write_rights(path, rights);
}

void place_write(const char *folder, const struct place *place)
{
    empty(folder, false);
    for (size_t i = 0; i < place->count; i++) {
        const struct place_entry *entry = &place->entries[i];
        char *path = place_path(folder, entry->path);
        place_write_entry(path, entry->folder, entry->mode, entry, entry->bytes, entry->size);
        free(path);
    }
}

static bool same_bytes(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
    return a_size == b_size && (a_size == 0 || memcmp(a, b, a_size) == 0);
}

static const char *rights_difference(const struct place_entry *a, const struct place_entry *b)
{
    if (a->mode != b->mode)
        return "its mode";
    if (a->owner != b->owner || a->group != b->group)
        return "its owner";
    bool same = same_bytes(a->attributes, a->attributes_size, b->attributes, b->attributes_size);
    return same ? NULL : "its attributes";
}

bool place_same_rights(const struct place_entry *a, const struct place_entry *b)
{
    return !rights_difference(a, b);
}

static const char *entry_difference(const struct place_entry *a, const struct place_entry *b)
{
    if (strcmp(a->path, b->path) != 0)
        return "its name";
    if (rights_difference(a, b))
        return rights_difference(a, b);
    return same_bytes(a->bytes, a->size, b->bytes, b->size) ? NULL : "its bytes";
}

/* The next entry from `at` on that counts. */
static const struct place_entry *next(const struct place *place, size_t *at, bool leftovers)
{
    while (*at < place->count && !leftovers && strstr(place->entries[*at].path, LEFTOVER))
        (*at)++;
    return *at < place->count ? &place->entries[(*at)++] : NULL;
}

bool place_equal(const struct place *a, const struct place *b, bool leftovers)
{
    for (size_t i = 0, j = 0;;) {
        const struct place_entry *left = next(a, &i, leftovers);
        const struct place_entry *right = next(b, &j, leftovers);
        if (!left || !right)
            return !left && !right;
        if (entry_difference(left, right))
            return false;
    }
}

const char *place_difference(const struct place *a, const struct place *b)
{
    static char text[400];
    for (size_t i = 0, j = 0;;) {
        const struct place_entry *left = next(a, &i, true);
        const struct place_entry *right = next(b, &j, true);
        if (!left && !right)
            return "nothing";
        const char *what = left && right ? entry_difference(left, right) : "it is only in one";
        if (!what)
            continue;
        snprintf(text, sizeof(text), "%s (%zu bytes, or %s, %zu bytes): %s", left ? left->path : "-",
                 left ? left->size : 0, right ? right->path : "-", right ? right->size : 0, what);
        return text;
    }
}

bool place_has_leftovers(const struct place *place)
{
    for (size_t i = 0; i < place->count; i++)
        if (strstr(place->entries[i].path, LEFTOVER))
            return true;
    return false;
}

const struct place_entry *place_find(const struct place *place, const char *path)
{
    for (size_t i = 0; i < place->count; i++)
        if (strcmp(place->entries[i].path, path) == 0)
            return &place->entries[i];
    return NULL;
}
