/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/array.h"
#include "core/text.h"
#include "os/posix/native.h"
#include "os/posix/posix.h"

static int wrap_dir(int fd, struct mh_dir **ret_dir, struct mh_error *err)
{
    struct mh_dir *dir = calloc(1, sizeof(*dir));
    if (!dir) {
        close(fd);
        return mh_error_no_memory(err);
    }
    dir->fd = fd;
    *ret_dir = dir;
    return MH_OK;
}

int mh_dir_open(const char *path, struct mh_dir **ret_dir, struct mh_error *err)
{
    int fd;
    MH_AGAIN(fd, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd < 0)
        return mh_error_errno(err, errno, "cannot open the folder %s", path);
    return wrap_dir(fd, ret_dir, err);
}

int mh_dir_enter(struct mh_dir *top, const char *path, struct mh_dir **ret_dir, struct mh_error *err)
{
    int fd = mh_open_below(top->fd, path, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return mh_error_errno(err, errno, "cannot open the folder %s", path);
    return wrap_dir(fd, ret_dir, err);
}

void mh_dir_close(struct mh_dir *dir)
{
    if (!dir)
        return;
    close(dir->fd);
    free(dir);
}

static enum mh_entry_kind kind_of_mode(mode_t mode)
{
    if (S_ISDIR(mode))
        return MH_ENTRY_FOLDER;
    return S_ISREG(mode) ? MH_ENTRY_FILE : MH_ENTRY_OTHER;
}

void mh_dir_look(struct mh_dir *dir, const char *name, enum mh_entry_kind *ret_kind, bool *ret_found)
{
    struct stat seen;
    int looked;
    MH_AGAIN(looked, fstatat(dir->fd, name, &seen, AT_SYMLINK_NOFOLLOW));
    *ret_found = looked == 0;
    if (*ret_found)
        *ret_kind = kind_of_mode(seen.st_mode);
}

static enum mh_entry_kind kind_of(int dir, const char *name, unsigned char type)
{
    struct stat seen;
    int looked;
    if (type != DT_UNKNOWN)
        return kind_of_mode((mode_t)DTTOIF(type));
    MH_AGAIN(looked, fstatat(dir, name, &seen, AT_SYMLINK_NOFOLLOW));
    return looked < 0 ? MH_ENTRY_OTHER : kind_of_mode(seen.st_mode);
}

static int add_entry(struct mh_entries *entries, const char *name, enum mh_entry_kind kind)
{
    char *copy = mh_text_copy(name);
    if (!copy || mh_array_reserve((void **)&entries->items, sizeof(*entries->items), entries->count,
                                  &entries->capacity) < 0) {
        free(copy);
        return -1;
    }
    entries->items[entries->count++] = (struct mh_entry){.name = copy, .kind = kind};
    return 0;
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int add_batch(int dir, const char *batch, size_t size, const char *const *names, size_t count,
                     struct mh_entries *entries, struct mh_error *err)
{
    for (size_t at = 0; at < size;) {
        const struct dirent64 *entry = (const void *)(batch + at);
        at += entry->d_reclen;
        if (!is_dots(entry->d_name) && mh_entry_is_wanted(entry->d_name, names, count) &&
            add_entry(entries, entry->d_name, kind_of(dir, entry->d_name, entry->d_type)) < 0)
            return mh_error_no_memory(err);
    }
    return MH_OK;
}

/* opendir would cost four more calls for each folder, and there may be many thousand. */
int mh_dir_pick(struct mh_dir *dir, const char *const *names, size_t count, struct mh_entries *ret_entries,
                struct mh_error *err)
{
    _Alignas(struct dirent64) char batch[16384];
    struct mh_entries entries = {0};
    int status = MH_OK;
    if (dir->listed && lseek(dir->fd, 0, SEEK_SET) < 0)
        return mh_error_errno(err, errno, "cannot list a folder");
    dir->listed = true;
    for (ssize_t size = 1; status == MH_OK && size > 0;) {
        MH_AGAIN(size, getdents64(dir->fd, batch, sizeof(batch)));
        status = size < 0 ? mh_error_errno(err, errno, "cannot list a folder")
                          : add_batch(dir->fd, batch, (size_t)size, names, count, &entries, err);
    }
    mh_entries_sort(&entries);
    if (status != MH_OK)
        mh_entries_clear(&entries);
    else
        *ret_entries = entries;
    return status;
}

void mh_path_identity(const char *path, struct mh_identity *ret_identity, bool *ret_found)
{
    struct stat seen;
    int looked;
    MH_AGAIN(looked, lstat(path, &seen));
    *ret_found = looked == 0;
    if (*ret_found)
        *ret_identity = (struct mh_identity){.device = seen.st_dev, .file = seen.st_ino};
}

char *mh_path_parent(const char *path, const char **ret_name)
{
    const char *slash = strrchr(path, '/');
    *ret_name = slash ? slash + 1 : path;
    if (!slash)
        return mh_text_copy(".");
    return slash == path ? mh_text_copy("/") : mh_text_copyn(path, (size_t)(slash - path));
}

char *mh_path_join(const char *folder, const char *name)
{
    size_t length = strlen(folder);
    bool ends = length > 0 && folder[length - 1] == '/';
    return mh_text_join(folder, ends ? "" : "/", name);
}
