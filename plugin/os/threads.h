/* SPDX-License-Identifier: MIT */
#ifndef MH_OS_THREADS_H
#define MH_OS_THREADS_H

#include <stddef.h>

/*
 * Calls work(context, i) for every i below `count`, each once, in any order, on as many threads as the
 * process may use processors (at most 64), the calling one among them. Returns when all are done. Where
 * no thread can be had, the calling one does it all.
 *
 * `tick`, unless NULL, is called by the calling thread now and then with how many are done.
 */
void mh_parallel(size_t count, void (*work)(void *context, size_t i), void *context,
                 void (*tick)(void *tick_context, size_t done, size_t count), void *tick_context);

#endif
