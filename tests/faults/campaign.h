/* SPDX-License-Identifier: MIT */
#ifndef FAULTS_CAMPAIGN_H
#define FAULTS_CAMPAIGN_H

#include "faults/scene.h"

/* What was tried, and what came of it. */
struct tally {
    size_t calls;   /* of one run without faults */
    size_t faults;  /* one call fails, or is short */
    size_t doubles; /* and another one after it */
    size_t kills;
    size_t cuts;    /* states that a power cut leaves */
    size_t losses;  /* neither the old state nor the new one; or not what was reported */
    size_t breaches; /* another promise broken */
};

/* Puts the scene through a run without faults, which sets its `after`; false when that is not as it should be. */
bool campaign_begin(struct scene *scene, const char *folder, struct tally *tally);

/* Every call of a run fails in each way that it can, alone and with each later one; the process ends at each. */
void campaign_faults(const struct scene *scene, const char *folder, struct tally *tally);
void campaign_kills(const struct scene *scene, const char *folder, struct tally *tally);

/* The power fails after each thing that a run does, and after runs with a fault. */
void campaign_cuts(const struct scene *scene, const char *folder, struct tally *tally);

/* The same for a run by `write`, a writer of the tests' own: only losses are counted. */
void campaign_writer(void (*write)(const struct scene *scene, const char *folder), const struct scene *scene,
                     const char *folder, struct tally *tally);

#endif
