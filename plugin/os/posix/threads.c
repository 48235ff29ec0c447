/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "os/threads.h"

#include <pthread.h>
#include <sched.h>

#include "os/job.h"

#define THREADS_MAX 64

static void *thread_main(void *argument)
{
    while (mh_job_work(argument) > 0)
        continue;
    return NULL;
}

static size_t processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) < 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count < 1 ? 1 : count > THREADS_MAX ? THREADS_MAX : (size_t)count;
}

void mh_parallel(size_t count, void (*work)(void *context, size_t i), void *context,
                 void (*tick)(void *tick_context, size_t done, size_t count), void *tick_context)
{
    struct mh_job job;
    pthread_t threads[THREADS_MAX];
    size_t wanted = mh_job_helpers(count, processors());
    size_t started = 0;
    mh_job_make(count, wanted + 1, work, context, &job);
    while (started < wanted && pthread_create(&threads[started], NULL, thread_main, &job) == 0)
        started++;
    for (size_t done = mh_job_work(&job); done > 0; done = mh_job_work(&job))
        if (tick)
            tick(tick_context, done, count);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}
