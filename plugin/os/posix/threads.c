/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "os/threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define THREADS_MAX 64

struct job {
    void (*work)(void *context, size_t i);
    void *context;
    void (*tick)(void *tick_context, size_t done, size_t count);
    void *tick_context;
    size_t count;
    atomic_size_t next;
    atomic_size_t done;
};

static size_t work_on(struct job *job)
{
    size_t i = atomic_fetch_add(&job->next, 1);
    if (i >= job->count)
        return 0;
    job->work(job->context, i);
    return atomic_fetch_add(&job->done, 1) + 1;
}

static void *thread_main(void *argument)
{
    while (work_on(argument) > 0)
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
    struct job job = {.work = work,
                      .context = context,
                      .tick = tick,
                      .tick_context = tick_context,
                      .count = count};
    pthread_t threads[THREADS_MAX];
    size_t wanted = count < 2 ? 0 : processors() - 1;
    if (count > 0 && wanted > count - 1)
        wanted = count - 1;
    size_t started = 0;
    while (started < wanted && pthread_create(&threads[started], NULL, thread_main, &job) == 0)
        started++;
    for (size_t done = work_on(&job); done > 0; done = work_on(&job))
        if (tick)
            tick(tick_context, done, count);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}
