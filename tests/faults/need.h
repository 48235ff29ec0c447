/* SPDX-License-Identifier: MIT */
#ifndef FAULTS_NEED_H
#define FAULTS_NEED_H

/* What the tests themselves cannot do without: they end where it cannot be had. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEED(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "faults: %s:%d: not so: %s (%s)\n", __FILE__, __LINE__, #condition, strerror(errno));      \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

static inline void *need_memory(void *made)
{
    NEED(made);
    return made;
}

#endif
