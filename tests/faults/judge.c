/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "faults/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "faults/seam.h"
#include "mapihttp/status.h"

#define TOLD_MAX 12 /* of one scene; the rest is counted */

static void tell(const struct scene *scene, size_t number, const char *kind, const char *format, va_list args)
{
    if (scene->quiet || number > TOLD_MAX)
        return;
    char text[1000];
    vsnprintf(text, sizeof(text), format, args);
    printf("# %s: %s: %s\n", kind, scene->label, text);
}

void judge_loss(const struct scene *scene, struct tally *tally, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(scene, ++tally->losses, "LOSS", format, args);
    va_end(args);
}

void judge_breach(const struct scene *scene, struct tally *tally, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(scene, ++tally->breaches, "BREACH", format, args);
    va_end(args);
}

enum found judge_found(const struct scene *scene, const char *folder, const char *what, bool *ret_leftovers,
                       struct tally *tally)
{
    struct place now;
    enum found found = FOUND_NEITHER;
    place_read(folder, &now);
    *ret_leftovers = place_has_leftovers(&now);
    if (place_equal(&now, &scene->after, false))
        found = FOUND_NEW;
    else if (place_equal(&now, &scene->before, false))
        found = FOUND_OLD;
    else
        judge_loss(scene, tally, "%s: neither the old state nor the new one; from the old one: %s", what,
                   place_difference(&now, &scene->before));
    place_clear(&now);
    return found;
}

static void run(const struct scene *scene, const char *folder, struct outcome *ret_outcome)
{
    seam_begin(NULL, 0, scene->lacking);
    scene_run(scene, folder, ret_outcome);
    seam_end();
}

/* The folder is exactly as it is to be. */
static void check_converged(const struct scene *scene, const char *folder, const char *what,
                            const struct outcome *outcome, struct tally *tally)
{
    struct place now;
    place_read(folder, &now);
    if (outcome->status != MH_OK)
        judge_breach(scene, tally, "%s: the next run fails: %s", what, outcome->message);
    else if (!place_equal(&now, &scene->after, true))
        judge_breach(scene, tally, "%s: the next run does not converge: %s", what,
                     place_difference(&now, &scene->after));
    place_clear(&now);
}

/* A folder that is there already is refused, and so is one that a killed run left half made: it may be another run's. */
static void next_tree(const struct scene *scene, const char *folder, const char *what, enum found found,
                      bool leftovers, struct tally *tally)
{
    struct outcome outcome;
    run(scene, folder, &outcome);
    if (found == FOUND_NEW) {
        if (outcome.status != MH_INVALID || leftovers)
            judge_breach(scene, tally, "%s: the next run does not see that the folder is there", what);
        return;
    }
    if (leftovers) {
        if (outcome.status != MH_IN_USE || !strstr(outcome.message, SCENE_TREE ".mapihttp-new"))
            judge_breach(scene, tally, "%s: the next run does not name the leftover: %s", what, outcome.message);
        place_remove_leftovers(folder);
        run(scene, folder, &outcome);
    }
    check_converged(scene, folder, what, &outcome, tally);
}

void judge_next(const struct scene *scene, const char *folder, const char *what, enum found found, bool leftovers,
                struct tally *tally)
{
    struct outcome outcome;
    if (scene->tree) {
        next_tree(scene, folder, what, found, leftovers, tally);
        return;
    }
    run(scene, folder, &outcome);
    check_converged(scene, folder, what, &outcome, tally);
    if (outcome.status == MH_OK && outcome.changed != (found == FOUND_OLD))
        judge_breach(scene, tally, "%s: the next run says changed: %d", what, outcome.changed);
}
