/* SPDX-License-Identifier: MIT */
#include "os/threads.h"

#include <process.h>
#include <stdatomic.h>
#include <stdint.h>

#include <windows.h>

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

static unsigned __stdcall thread_main(void *argument)
{
    while (work_on(argument) > 0)
        continue;
    return 0;
}

/* The masks are 0 when the process spans several groups of processors, of which one has at most 64. */
static size_t processors(void)
{
    DWORD_PTR ours;
    DWORD_PTR all;
    size_t count = 0;
    if (!GetProcessAffinityMask(GetCurrentProcess(), &ours, &all))
        return 1;
    if (ours == 0)
        return THREADS_MAX;
    for (; ours; ours &= ours - 1)
        count++;
    return count;
}

static HANDLE start(struct job *job)
{
    return (HANDLE)_beginthreadex(NULL, 0, thread_main, job, 0, NULL);
}

void mh_parallel(size_t count, void (*work)(void *context, size_t i), void *context,
                 void (*tick)(void *tick_context, size_t done, size_t count), void *tick_context)
{
    struct job job = {.work = work,
                      .context = context,
                      .tick = tick,
                      .tick_context = tick_context,
                      .count = count};
    HANDLE threads[THREADS_MAX];
    size_t wanted = count < 2 ? 0 : processors() - 1;
    if (count > 0 && wanted > count - 1)
        wanted = count - 1;
    size_t started = 0;
    while (started < wanted && (threads[started] = start(&job)) != NULL)
        started++;
    for (size_t done = work_on(&job); done > 0; done = work_on(&job))
        if (tick)
            tick(tick_context, done, count);
    for (size_t i = 0; i < started; i++) {
        WaitForSingleObject(threads[i], INFINITE);
        CloseHandle(threads[i]);
    }
}
