/* SPDX-License-Identifier: MIT */
#ifndef MH_OS_JOB_H
#define MH_OS_JOB_H

/* What the threads of mh_parallel share, whatever a thread is to the system. */

#include <stdatomic.h>
#include <stddef.h>

struct mh_job {
    void (*work)(void *context, size_t i);
    void *context;
    size_t count;
    size_t block; /* so many are taken at once: threads that work side by side must not share cache lines */
    atomic_size_t next;
    atomic_size_t done;
};

/* How many threads are worth starting beside the calling one, where `processors` may be used. */
size_t mh_job_helpers(size_t count, size_t processors);

/* The job of calling work(context, i) for every i below `count`, by `threads` threads. */
void mh_job_make(size_t count, size_t threads, void (*work)(void *context, size_t i), void *context,
                 struct mh_job *ret_job);

/* Works on the next ones. Returns how many are done, by all threads; 0 when there are no more. */
size_t mh_job_work(struct mh_job *job);

#endif
