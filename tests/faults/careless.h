/* SPDX-License-Identifier: MIT */
#ifndef FAULTS_CARELESS_H
#define FAULTS_CARELESS_H

#include "faults/scene.h"

/* Writers that leave out what a careful one does: the model of the disk must see each of them lose a hive, but the
 * first, which leaves out nothing. They end the program when they cannot write at all. */
struct careless {
    const char *label;
    void (*write)(const struct scene *scene, const char *folder);
    bool loses;
};

size_t careless_count(void);
const struct careless *careless_at(size_t which);

#endif
