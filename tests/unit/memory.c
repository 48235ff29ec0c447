/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

static atomic_bool watching;
static atomic_bool sparing = true; /* jansson's parser */
static atomic_bool spared; /* what is asked for is counted as kept, and does not fail */
static atomic_size_t first_failing;
static atomic_size_t last_failing;
static atomic_size_t asked;
static atomic_size_t failed;
static atomic_long kept;

/* The linker's --wrap puts the first of each in the place of the second. */
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);
json_t *__wrap_json_loadb(const char *text, size_t length, size_t flags, json_error_t *error);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
json_t *__real_json_loadb(const char *text, size_t length, size_t flags, json_error_t *error);

static bool is_out(void)
{
    if (!watching || spared)
        return false;
    size_t number = atomic_fetch_add(&asked, 1) + 1;
    bool fails = first_failing > 0 && number >= first_failing && number <= last_failing;
    failed += fails;
    return fails;
}

static void *keep(void *block)
{
    if (watching && block)
        kept++;
    return block;
}

void *__wrap_malloc(size_t size)
{
    return is_out() ? NULL : keep(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_out() ? NULL : keep(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size)
{
    if (is_out())
        return NULL;
    return block ? __real_realloc(block, size) : keep(__real_realloc(NULL, size));
}

void __wrap_free(void *block)
{
    if (watching && block)
        kept--;
    __real_free(block);
}

json_t *__wrap_json_loadb(const char *text, size_t length, size_t flags, json_error_t *error)
{
    if (!sparing)
        return __real_json_loadb(text, length, flags, error);
    if (is_out()) {
        if (error) {
            memset(error, 0, sizeof(*error));
            error->text[JSON_ERROR_TEXT_LENGTH - 1] = (char)json_error_out_of_memory;
        }
        return NULL;
    }
    spared = true;
    json_t *json = __real_json_loadb(text, length, flags, error);
    spared = false;
    return json;
}

/* Thousands of runs need not wait for the device. */

int __wrap_fsync(int fd)
{
    (void)fd;
    return 0;
}

int __wrap_fdatasync(int fd)
{
    (void)fd;
    return 0;
}

void memory_spare_parser(bool spare)
{
    sparing = spare;
}

void memory_begin(size_t first, size_t last)
{
    json_set_alloc_funcs(__wrap_malloc, __wrap_free);
    first_failing = first;
    last_failing = last;
    asked = 0;
    failed = 0;
    kept = 0;
    watching = true;
}

size_t memory_end(size_t *ret_count, long *ret_kept)
{
    watching = false;
    *ret_count = asked;
    *ret_kept = kept;
    return failed;
}
