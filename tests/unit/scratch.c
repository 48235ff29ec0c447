/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "scratch.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/text.h"

char *scratch_make(void)
{
    const char *parent = getenv("TMPDIR");
    char *path = mh_text_format("%s/mapihttp-test-XXXXXX", parent && *parent ? parent : "/tmp");
    assert_non_null(path);
    assert_non_null(mkdtemp(path));
    return path;
}

char *scratch_path(const char *scratch, const char *relative)
{
    char *path = mh_text_format("%s%s%s", scratch, *relative ? "/" : "", relative);
    assert_non_null(path);
    return path;
}

/* Calls `visit` for all that is in a folder. */
static void each(const char *folder, void (*visit)(const char *path, void *context), void *context)
{
    DIR *stream = opendir(folder);
    assert_non_null(stream);
    for (const struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char *path = scratch_path(folder, entry->d_name);
        visit(path, context);
        free(path);
    }
    closedir(stream);
}

static bool is_folder(const char *path)
{
    struct stat seen;
    assert_int_equal(lstat(path, &seen), 0);
    return S_ISDIR(seen.st_mode);
}

static void remove_one(const char *path, void *context)
{
    if (is_folder(path)) {
        each(path, remove_one, context);
        assert_int_equal(rmdir(path), 0);
    } else {
        assert_int_equal(unlink(path), 0);
    }
}

void scratch_remove(char *scratch)
{
    remove_one(scratch, NULL);
    free(scratch);
}

void scratch_folder(const char *scratch, const char *relative)
{
    char *path = scratch_path(scratch, relative);
    for (char *at = path + strlen(scratch) + 1; *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
        *at = '/';
    }
    assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
    free(path);
}

bool scratch_try_folder(const char *scratch, const char *relative)
{
    char *path = scratch_path(scratch, relative);
    bool made = mkdir(path, 0700) == 0;
    free(path);
    return made;
}

void scratch_write(const char *scratch, const char *relative, const void *bytes, size_t size)
{
    const char *slash = strrchr(relative, '/');
    if (slash) {
        char *folder = mh_text_copyn(relative, (size_t)(slash - relative));
        scratch_folder(scratch, folder);
        free(folder);
    }
    char *path = scratch_path(scratch, relative);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    free(path);
}

static uint8_t *read_whole(const char *path, size_t *ret_size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_true(size >= 0);
    rewind(file);
    uint8_t *bytes = malloc((size_t)size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)size, file), (size_t)size);
    (void)fclose(file);
    *ret_size = (size_t)size;
    return bytes;
}

uint8_t *scratch_read(const char *scratch, const char *relative, size_t *ret_size)
{
    char *path = scratch_path(scratch, relative);
    uint8_t *bytes = read_whole(path, ret_size);
    free(path);
    return bytes;
}

void scratch_move(const char *scratch, const char *relative, const char *to)
{
    char *path = scratch_path(scratch, relative);
    char *other = scratch_path(scratch, to);
    assert_int_equal(rename(path, other), 0);
    free(path);
    free(other);
}

bool scratch_exists(const char *scratch, const char *relative)
{
    struct stat seen;
    char *path = scratch_path(scratch, relative);
    bool exists = lstat(path, &seen) == 0;
    free(path);
    return exists;
}

bool scratch_link_file(const char *scratch, const char *relative, const char *link_name)
{
    char *path = scratch_path(scratch, relative);
    char *other = scratch_path(scratch, link_name);
    bool made = link(path, other) == 0;
    free(path);
    free(other);
    return made;
}

bool scratch_link_folder(const char *scratch, const char *relative, const char *link_name)
{
    char *path = scratch_path(scratch, relative);
    char *other = scratch_path(scratch, link_name);
    bool made = symlink(path, other) == 0;
    free(path);
    free(other);
    return made;
}

static uint64_t mix(uint64_t sum, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ at[i]) * 1099511628211u;
    return sum;
}

/* The sum of what each entry is, so that their order does not count. */
static void print_one(const char *path, void *context)
{
    uint64_t sum = mix(14695981039346656037u, path, strlen(path));
    struct stat seen;
    assert_int_equal(lstat(path, &seen), 0);
    sum = mix(sum, &seen.st_ino, sizeof(seen.st_ino));
    sum = mix(sum, &seen.st_mode, sizeof(seen.st_mode));
    sum = mix(sum, &seen.st_size, sizeof(seen.st_size));
    sum = mix(sum, &seen.st_mtim.tv_sec, sizeof(seen.st_mtim.tv_sec));
    sum = mix(sum, &seen.st_mtim.tv_nsec, sizeof(seen.st_mtim.tv_nsec));
    if (S_ISDIR(seen.st_mode)) {
        each(path, print_one, context);
    } else if (S_ISREG(seen.st_mode)) {
        size_t size;
        uint8_t *bytes = read_whole(path, &size);
        sum = mix(sum, bytes, size);
        free(bytes);
    }
    *(uint64_t *)context += sum;
}

uint64_t scratch_print(const char *scratch)
{
    uint64_t sum = 0;
    print_one(scratch, &sum);
    return sum;
}

const struct scratch_split scratch_splits[] = {
    {"x", ".", "x"},         {"a/x", "a", "x"},      {"a/b/x", "a/b", "x"}, {"/x", "/", "x"},
    {"a\\x", ".", "a\\x"}, {"C:x", ".", "C:x"}, {"a/", "a", ""},      {NULL, NULL, NULL},
};

const struct scratch_split scratch_joins[] = {
    {"a/x", "a", "x"}, {"a/x", "a/", "x"}, {"/x", "/", "x"}, {"a\\/x", "a\\", "x"}, {NULL, NULL, NULL},
};

const char *const scratch_astray[] = {"..", "a/..", NULL};
