/* SPDX-License-Identifier: MIT */
#include "os/job.h"

/* Few enough that at the end no thread is left alone with much: one may take a thousand times as long as another. */
#define BLOCKS_EACH 64u
#define BLOCK_MAX 32u

size_t mh_job_helpers(size_t count, size_t processors)
{
    size_t useful = processors < count ? processors : count;
    return useful > 1 ? useful - 1 : 0;
}

void mh_job_make(size_t count, size_t threads, void (*work)(void *context, size_t i), void *context,
                 struct mh_job *ret_job)
{
    size_t block = count / (threads * BLOCKS_EACH) + 1;
    ret_job->work = work;
    ret_job->context = context;
    ret_job->count = count;
    ret_job->block = block < BLOCK_MAX ? block : BLOCK_MAX;
    atomic_init(&ret_job->next, 0);
    atomic_init(&ret_job->done, 0);
}

size_t mh_job_work(struct mh_job *job)
{
    size_t first = atomic_fetch_add(&job->next, job->block);
    if (first >= job->count)
        return 0;
    size_t taken = job->count - first < job->block ? job->count - first : job->block;
    for (size_t i = first; i < first + taken; i++)
        job->work(job->context, i);
    return atomic_fetch_add(&job->done, taken) + taken;
}
