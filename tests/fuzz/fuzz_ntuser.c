/* SPDX-License-Identifier: MIT */
/*
 * Input: how reading goes and how far (a byte each), then an ntuser.pol. What finds `managed` reads it as a file of a
 * profile, and is held against a search of the fuzzer's own.
 */
#include <string.h>

#include "fuzz.h"
#include "os/file.h"
#include "registry/policy/managed.h"

enum reading { WELL, CHANGES, FAILS, MISSING, READINGS };

/* The file that is open: what the linker puts in place of the program's own reads from here. */
struct mh_file {
    const uint8_t *bytes;
    size_t size;
    enum reading reading;
    size_t fails_at;
    bool open;
};

static struct mh_file only;

int __wrap_mh_file_open(struct mh_dir *top, const char *path, enum mh_access access, struct mh_file **ret_file,
                        struct mh_error *err);
void __wrap_mh_file_close(struct mh_file *file);
uint64_t __wrap_mh_file_size(const struct mh_file *file);
int __wrap_mh_file_read(struct mh_file *file, uint64_t offset, void *buffer, size_t length, struct mh_error *err);
int __wrap_mh_file_unchanged(struct mh_file *file, struct mh_error *err);

int __wrap_mh_file_open(struct mh_dir *top, const char *path, enum mh_access access, struct mh_file **ret_file,
                        struct mh_error *err)
{
    (void)top;
    FUZZ_REQUIRE(strcmp(path, "ann/ntuser.pol") == 0 && access == MH_READ && !only.open);
    if (only.reading == MISSING)
        return mh_error_set(err, MH_NOT_FOUND, "there is no '%s'", path);
    only.open = true;
    *ret_file = &only;
    return MH_OK;
}

void __wrap_mh_file_close(struct mh_file *file)
{
    FUZZ_REQUIRE(file->open);
    file->open = false;
}

uint64_t __wrap_mh_file_size(const struct mh_file *file)
{
    return file->size;
}

int __wrap_mh_file_read(struct mh_file *file, uint64_t offset, void *buffer, size_t length, struct mh_error *err)
{
    FUZZ_REQUIRE(file->open && offset <= file->size && length <= file->size - offset);
    if (file->reading == FAILS && offset + length > file->fails_at)
        return mh_error_set(err, MH_IO, "the fuzzer's file fails");
    if (length > 0)
        memcpy(buffer, file->bytes + offset, length);
    return MH_OK;
}

int __wrap_mh_file_unchanged(struct mh_file *file, struct mh_error *err)
{
    return file->reading == CHANGES ? mh_error_set(err, MH_IN_USE, "the fuzzer's file changed") : MH_OK;
}

/* A text as bytes: ASCII in lower case, any other unit 0x80. */
struct plain {
    char text[32768];
    size_t length;
};

static void make_plain(const uint8_t *bytes, size_t units, struct plain *ret_plain)
{
    for (size_t i = 0; i < units; i++) {
        uint32_t unit = mh_get16(bytes + 2 * i);
        if (unit >= 'A' && unit <= 'Z')
            unit += 0x20;
        ret_plain->text[i] = (char)(unit == 0 || unit >= 0x80 ? 0x80 : unit);
    }
    ret_plain->text[units] = '\0';
    ret_plain->length = units;
}

/* "**DelVals." and "**DeleteValues": whether the data, up to a NUL, have the name between semicolons and blanks. */
static bool data_names(const uint8_t *data, size_t size, const char *name)
{
    static struct plain plain;
    size_t units = 0;
    while (units < size / 2 && mh_get16(data + 2 * units) != 0)
        units++;
    if (units >= sizeof(plain.text))
        return false;
    make_plain(data, units, &plain);
    for (char *item = plain.text; item;) {
        char *end = strchr(item, ';');
        if (end)
            *end = '\0';
        item += strspn(item, " ");
        size_t length = strlen(item);
        while (length > 0 && item[length - 1] == ' ')
            item[--length] = '\0';
        if (strcmp(item, name) == 0)
            return true;
        item = end ? end + 1 : NULL;
    }
    return false;
}

static bool is_ours(const char *key, const char *name, const uint8_t *data, size_t size)
{
    static const struct {
        const char *above;
        const char *name;
    } levels[] = {{"", "software"}, {"software", "microsoft"}, {"software\\microsoft", "exchange"}};
    if (strcmp(name, "**deletekeys") == 0) {
        for (size_t i = 0; i < KIT_COUNT(levels); i++)
            if (strcmp(key, levels[i].above) == 0 && data_names(data, size, levels[i].name))
                return true;
        return false;
    }
    if (strcmp(key, "software\\microsoft\\exchange") != 0)
        return false;
    if (strcmp(name, "**deletevalues") == 0)
        return data_names(data, size, "mapihttpdisabled");
    return strcmp(name, "**delvals.") == 0 || strcmp(name, "**delvals") == 0 || strcmp(name, "mapihttpdisabled") == 0 ||
           strcmp(name, "**del.mapihttpdisabled") == 0 || strcmp(name, "**soft.mapihttpdisabled") == 0;
}

/* The units up to a NUL and its ";": how many bytes both take, 0 where there is none, or it is longer than `max`. */
static size_t text_size(const uint8_t *at, size_t left, size_t max)
{
    for (size_t units = 0; units <= max && 2 * units + 4 <= left; units++)
        if (mh_get16(at + 2 * units) == 0)
            return mh_get16(at + 2 * units + 2) == ';' ? 2 * units + 4 : 0;
    return 0;
}

/* False when it is no policy file. */
static bool search(const uint8_t *bytes, size_t size, bool *ret_found)
{
    static struct plain key, name;
    size_t at = 8;
    *ret_found = false;
    if (size < 8 || memcmp(bytes, "PReg\1\0\0\0", 8) != 0)
        return false;
    while (at < size) {
        if (size - at < 2 || mh_get16(bytes + at) != '[')
            return false;
        size_t key_size = text_size(bytes + at + 2, size - at - 2, 32767);
        size_t name_at = at + 2 + key_size;
        size_t name_size = key_size ? text_size(bytes + name_at, size - name_at, 16383) : 0;
        size_t type = name_at + name_size;
        if (name_size == 0 || size - type < 12 || mh_get16(bytes + type + 4) != ';' || mh_get16(bytes + type + 10) != ';')
            return false;
        size_t length = mh_get32(bytes + type + 6);
        if (length > 65535 || size - type - 12 < length + 2 || mh_get16(bytes + type + 12 + length) != ']')
            return false;
        make_plain(bytes + at + 2, key_size / 2 - 2, &key);
        make_plain(bytes + name_at, name_size / 2 - 2, &name);
        while (key.length > 0 && key.text[key.length - 1] == '\\')
            key.text[--key.length] = '\0';
        *ret_found = *ret_found || is_ours(key.text, name.text, bytes + type + 12, length);
        at = type + 12 + length + 2;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct mh_error err = {0};
    bool expected = false;
    bool managed = true;
    if (size < 2)
        return 0;
    uint8_t *copy = fuzz_copy(bytes + 2, size - 2);
    only = (struct mh_file){.bytes = copy, .size = size - 2, .reading = bytes[0] % READINGS, .fails_at = 64u * bytes[1]};
    bool sound = search(copy, size - 2, &expected);
    int status = mh_managed_read(NULL, "ann/ntuser.pol", &managed, &err);
    if (only.reading == MISSING)
        FUZZ_REQUIRE(status == MH_OK && !managed);
    else if (only.reading == CHANGES)
        FUZZ_REQUIRE(status == MH_IN_USE);
    else if (only.reading == FAILS && only.size > only.fails_at)
        FUZZ_REQUIRE(status == MH_IO);
    else
        FUZZ_REQUIRE(status == (sound ? MH_OK : MH_CORRUPT) && (!sound || managed == expected));
    FUZZ_REQUIRE(!only.open && (status == MH_OK) == (err.status == MH_OK) && (status == MH_OK || err.message[0]));
    FUZZ_REQUIRE(mh_managed_read(NULL, NULL, &managed, NULL) == MH_OK && !managed);
    free(copy);
    return 0;
}
