/* SPDX-License-Identifier: MIT */
#ifndef FAULTS_DISK_H
#define FAULTS_DISK_H

/*
 * A model of the disk below one folder: what of a run is on the device, and what only in the system's memory. It
 * records what is written, made, renamed, removed and flushed, and gives the states that a power cut may leave.
 *
 * What it takes for granted:
 *   - fsync of a file brings its bytes, size, owner, mode and attributes to the device, fdatasync its bytes and size.
 *     Neither brings its name: that takes an fsync of the folder.
 *   - Until then any part of what was done may be on the device, in any order: each sector of 512 bytes by itself, each
 *     change of the owner, mode or an attribute by itself, each making, renaming or removing of a name by itself. A
 *     file may have its new size, with zeros or with anybody's old bytes where its own are not yet.
 *   - A sector is written whole or not at all. So is a rename. What is done to one and the same name stays in order.
 *   - What was on the device and was not written to stays as it was.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "faults/place.h"

/* Begins to record what is done in `folder`, which holds `place`, all of it on the device. */
void disk_begin(const char *folder, const struct place *place);
/* Stops recording; what was recorded stays until the next disk_begin. */
void disk_end(void);

/* A power cut before this is one of another run, which went the same way until now. */
void disk_parted(void);

/* The seam's reports: it was done. */
void disk_opened(int dir, const char *path, int flags, int fd);
void disk_folder(int dir, const char *name, mode_t mode);
void disk_wrote(int fd, uint64_t offset, const void *bytes, size_t size);
void disk_sized(int fd, uint64_t size);
void disk_owner(int fd, uid_t owner, gid_t group);
void disk_mode(int fd, mode_t mode);
void disk_attribute(int fd, const char *name, const void *value, size_t size); /* NULL: removed */
void disk_removed(int dir, const char *name);
void disk_renamed(int from, const char *name, int to, const char *new_name);
void disk_flushed(int fd, bool bytes_only);

/* States that were visited already. */
struct disk_seen {
    uint64_t *hashes;
    size_t count;
    size_t capacity;
};
void disk_seen_clear(struct disk_seen *seen);

/*
 * Makes every state, that is not in `seen` yet, of a power cut after each thing done (since
 * disk_parted), the last too; puts each in the folder and calls `visit`. `over`: the run had ended, and reported success
 * (`succeeded`).
 * All states where there are few; where there are many, none and all of what is not flushed, each thing alone, all but
 * each, all up to each, and some at random.
 */
void disk_states(bool succeeded, struct disk_seen *seen, void (*visit)(void *context, bool over), void *context);

/* What was recorded, for disk_states. */
enum disk_kind { DISK_BYTES, DISK_SIZE, DISK_OWNER, DISK_MODE, DISK_ATTRIBUTE, DISK_LINK, DISK_UNLINK, DISK_RENAME };

struct disk_event {
    enum disk_kind kind;
    size_t node;     /* of the file; DISK_LINK ...: of the folder */
    size_t other;    /* DISK_LINK: of what gets the name */
    uint64_t offset; /* DISK_SIZE: the size; DISK_OWNER: owner, group << 32 */
    uint8_t *bytes;
    size_t size;
    mode_t mode;
    char name[64];
    char to[64];
    size_t done;    /* which of the calls did it, from 0 */
    size_t durable; /* the first call after which it is on the device; SIZE_MAX: none */
};

struct disk_node {
    uint64_t inode;
    bool folder;
    bool written;
    mode_t mode;                    /* that it was made with */
    const struct place_entry *base; /* NULL: made since */
};

struct disk_name {
    size_t folder;
    size_t node;
    char name[64];
};

struct disk_record {
    bool on;
    char *path;
    struct disk_node *nodes; /* the first is the folder itself */
    size_t node_count;
    struct disk_name *names; /* at the begin */
    size_t name_count;
    struct disk_event *events;
    size_t event_count;
    size_t calls;
    size_t parted;
    bool *light; /* of each call: a change of rights, which is worth fewer states */
};

const struct disk_record *disk_record(void);

#endif
