/* SPDX-License-Identifier: MIT */
#ifndef FAULTS_SEAM_H
#define FAULTS_SEAM_H

/*
 * The seam between plugin/os/posix and the C library. Every call of seam.txt is linked to a function of seam.c (the
 * linker's --wrap), so that the objects under test are those that are shipped, and know nothing of it. The seam counts
 * the calls of a run, lets the chosen ones fail, cuts them short, or ends the process there, and tells the model of
 * the disk (disk.h) what was done.
 *
 * It answers for the device: fsync and fdatasync reach only the model. The time of day always is the same, and
 * pauses take none, so that the same run gives the same bytes.
 */

#include <stdbool.h>
#include <stddef.h>

enum seam_action {
    SEAM_FAIL,        /* not done; `number` is its errno */
    SEAM_HALF,        /* a read or a write of half of what was asked for */
    SEAM_DECEIVE,     /* done, and yet `number` is its errno: the answer was lost */
    SEAM_KILL_BEFORE, /* the process ends */
    SEAM_KILL_AFTER,
    SEAM_KILL_HALFWAY /* in a write */
};

/* A file system or kernel that has no such thing. */
enum { SEAM_NO_OPENAT2 = 1, SEAM_NO_LEASES = 2 };

/* What a killed process ends with. */
#define SEAM_KILLED 99

struct seam_fault {
    size_t at; /* the call's place in the run, from 0 */
    enum seam_action action;
    int number;
};

/* What a call is. */
enum {
    SEAM_READS = 1,   /* can be short */
    SEAM_WRITES = 2,  /* can be short; ENOSPC and EDQUOT */
    SEAM_CHANGES = 4, /* needs space or changes what is on the device: ENOSPC and EDQUOT */
    SEAM_OPENS = 8,   /* EACCES and EMFILE */
    SEAM_LOOKS = 16,  /* only asks */
};

struct seam_call {
    const char *name;
    unsigned traits;
    size_t size; /* asked to be read or written */
};

/* From here on the calls are counted, and these faults, sorted by place, happen. */
void seam_begin(const struct seam_fault *faults, size_t count, unsigned lacking);
/* Ends that. Returns how many calls there were; seam_at says what they were until the next seam_begin. */
size_t seam_end(void);
const struct seam_call *seam_at(size_t place);

#endif
