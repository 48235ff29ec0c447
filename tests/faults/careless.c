/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "faults/careless.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "faults/need.h"

#define NEW_NAME SCENE_HIVE ".mapihttp-new"

/* What one of them does not do, or does wrongly. */
enum omission {
    NOTHING,
    FLUSH_OF_FILE,
    FLUSH_OF_FOLDER,
    FLUSH_OF_RIGHTS, /* fdatasync */
    ORDER,           /* flushed first, written then */
    MODE_IN_TIME,    /* given after the flush */
    RENAMING_OVER    /* the old file is removed first */
};

static int open_folder(const char *folder)
{
    int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    NEED(dir >= 0);
    return dir;
}

static void put(int fd, const struct place_entry *hive)
{
    NEED(write(fd, hive->bytes, hive->size) == (ssize_t)hive->size);
}

static void replace(const struct scene *scene, const char *folder, enum omission left_out)
{
    const struct place_entry *hive = place_find(&scene->after, SCENE_HIVE);
    int dir = open_folder(folder);
    int fd = openat(dir, NEW_NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    NEED(fd >= 0);
    if (left_out == ORDER)
        NEED(fsync(fd) == 0);
    put(fd, hive);
    if (left_out != MODE_IN_TIME)
        NEED(fchmod(fd, hive->mode & 07777) == 0);
    if (left_out == FLUSH_OF_RIGHTS)
        NEED(fdatasync(fd) == 0);
    else if (left_out != FLUSH_OF_FILE && left_out != ORDER)
        NEED(fsync(fd) == 0);
    if (left_out == MODE_IN_TIME)
        NEED(fchmod(fd, hive->mode & 07777) == 0);
    if (left_out == RENAMING_OVER)
        NEED(unlinkat(dir, SCENE_HIVE, 0) == 0);
    NEED(renameat(dir, NEW_NAME, dir, SCENE_HIVE) == 0);
    if (left_out != FLUSH_OF_FOLDER)
        NEED(fsync(dir) == 0);
    close(fd);
    close(dir);
}

static void careful(const struct scene *scene, const char *folder)
{
    replace(scene, folder, NOTHING);
}

static void no_flush(const struct scene *scene, const char *folder)
{
    replace(scene, folder, FLUSH_OF_FILE);
}

static void no_folder_flush(const struct scene *scene, const char *folder)
{
    replace(scene, folder, FLUSH_OF_FOLDER);
}

static void no_rights_flush(const struct scene *scene, const char *folder)
{
    replace(scene, folder, FLUSH_OF_RIGHTS);
}

static void flush_first(const struct scene *scene, const char *folder)
{
    replace(scene, folder, ORDER);
}

static void late_mode(const struct scene *scene, const char *folder)
{
    replace(scene, folder, MODE_IN_TIME);
}

static void remove_first(const struct scene *scene, const char *folder)
{
    replace(scene, folder, RENAMING_OVER);
}

/* As libraries do that are not made for this. */
static void truncate_and_write(const struct scene *scene, const char *folder)
{
    int dir = open_folder(folder);
    int fd = openat(dir, SCENE_HIVE, O_WRONLY | O_TRUNC | O_CLOEXEC);
    NEED(fd >= 0);
    put(fd, place_find(&scene->after, SCENE_HIVE));
    NEED(fsync(fd) == 0);
    close(fd);
    close(dir);
}

static void write_over(const struct scene *scene, const char *folder)
{
    int dir = open_folder(folder);
    int fd = openat(dir, SCENE_HIVE, O_WRONLY | O_CLOEXEC);
    NEED(fd >= 0);
    put(fd, place_find(&scene->after, SCENE_HIVE));
    NEED(fsync(fd) == 0);
    close(fd);
    close(dir);
}

static const struct careless writers[] = {
    {"a careful writer", careful, false},
    {"a writer that does not flush the new file", no_flush, true},
    {"a writer that does not flush the folder", no_folder_flush, true},
    {"a writer that does not flush the mode", no_rights_flush, true},
    {"a writer that flushes before it writes", flush_first, true},
    {"a writer that sets the mode after the flush", late_mode, true},
    {"a writer that removes the old file first", remove_first, true},
    {"a writer that truncates the old file", truncate_and_write, true},
    {"a writer that writes over the old file", write_over, true},
};

size_t careless_count(void)
{
    return sizeof(writers) / sizeof(writers[0]);
}

const struct careless *careless_at(size_t which)
{
    return &writers[which];
}
