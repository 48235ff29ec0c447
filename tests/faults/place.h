/* SPDX-License-Identifier: MIT */
#ifndef FAULTS_PLACE_H
#define FAULTS_PLACE_H

/* All that is in a folder, as it is in memory: what a case begins with, and what it left. What fails here ends the
 * program. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct place_entry {
    char *path; /* from the folder, "/" between names */
    bool folder;
    uint64_t inode;
    unsigned mode; /* with the kind's bits */
    unsigned owner;
    unsigned group;
    uint8_t *bytes;
    size_t size;
    uint8_t *attributes; /* sorted: a name, NUL, four bytes of size, the value */
    size_t attributes_size;
};

/* Sorted by path. */
struct place {
    struct place_entry *entries;
    size_t count;
};

void place_read(const char *folder, struct place *ret_place);
void place_clear(struct place *place);

/* Makes the folder, which is there, hold exactly this. */
void place_write(const char *folder, const struct place *place);

/* Makes one file or folder at `path`, with that mode as one asks for it, or with the rights of an entry. */
void place_write_entry(const char *path, bool folder, unsigned mode, const struct place_entry *rights,
                       const uint8_t *bytes, size_t size);

/* The same names, bytes, owners, modes and attributes. With `leftovers` false, what the program makes beside its
 * targets (NAME.mapihttp-new) does not count. */
bool place_equal(const struct place *a, const struct place *b, bool leftovers);
/* Its first difference as text, to read; the same buffer each time. */
const char *place_difference(const struct place *a, const struct place *b);

/* The same owner, mode and attributes. */
bool place_same_rights(const struct place_entry *a, const struct place_entry *b);

bool place_has_leftovers(const struct place *place);
/* Removes these, as a person would who was told to. */
void place_remove_leftovers(const char *folder);

/* The entry at `path`, or NULL. */
const struct place_entry *place_find(const struct place *place, const char *path);

/* Adds a plain file with the rights that this process gives; the bytes are copied. */
void place_add(struct place *place, const char *path, const void *bytes, size_t size);

void place_add_folder(struct place *place, const char *path);

/* Gives an entry that attribute. */
void place_set_attribute(struct place_entry *entry, const char *name, const void *value, size_t size);

/* A path in a folder; the caller frees it. */
char *place_path(const char *folder, const char *name);

#endif
