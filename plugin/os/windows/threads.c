/* SPDX-License-Identifier: MIT */
#include "os/threads.h"

#include <process.h>
#include <stdint.h>

#include <windows.h>

#include "os/job.h"

#define THREADS_MAX 64

static unsigned __stdcall thread_main(void *argument)
{
    while (mh_job_work(argument) > 0)
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

static HANDLE start(struct mh_job *job)
{
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): the C library tells handles as numbers */
    return (HANDLE)_beginthreadex(NULL, 0, thread_main, job, 0, NULL);
}

void mh_parallel(size_t count, void (*work)(void *context, size_t i), void *context,
                 void (*tick)(void *tick_context, size_t done, size_t count), void *tick_context)
{
    struct mh_job job;
    HANDLE threads[THREADS_MAX];
    size_t wanted = mh_job_helpers(count, processors());
    size_t started = 0;
    mh_job_make(count, wanted + 1, work, context, &job);
    while (started < wanted && (threads[started] = start(&job)) != NULL)
        started++;
    for (size_t done = mh_job_work(&job); done > 0; done = mh_job_work(&job))
        if (tick)
            tick(tick_context, done, count);
    for (size_t i = 0; i < started; i++) {
        WaitForSingleObject(threads[i], INFINITE);
        CloseHandle(threads[i]);
    }
}
