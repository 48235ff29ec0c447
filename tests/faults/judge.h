/* SPDX-License-Identifier: MIT */
#ifndef FAULTS_JUDGE_H
#define FAULTS_JUDGE_H

#include "faults/campaign.h"

/* What a case left in the folder. */
enum found { FOUND_OLD, FOUND_NEW, FOUND_NEITHER };

/* Prints what is wrong with a case, and counts it. */
void judge_loss(const struct scene *scene, struct tally *tally, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void judge_breach(const struct scene *scene, struct tally *tally, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What is in the folder: a loss, told as that of `what`, when it is neither state. */
enum found judge_found(const struct scene *scene, const char *folder, const char *what, bool *ret_leftovers,
                       struct tally *tally);

/* The next run: it converges, and leaves nothing else. */
void judge_next(const struct scene *scene, const char *folder, const char *what, enum found found, bool leftovers,
                struct tally *tally);

#endif
