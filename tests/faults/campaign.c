/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "faults/campaign.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults/disk.h"
#include "faults/judge.h"
#include "faults/need.h"
#include "faults/seam.h"
#include "mapihttp/status.h"

/* In these messages alone a failed run says that the new state may be there. */
static const char *const said_so[] = {"in place, but", "could not be put back"};

/* What the contract calls it. */
static int status_of(int number)
{
    switch (number) {
    case EIO:
        return MH_IO;
    case ENOSPC:
    case EDQUOT:
        return MH_NO_SPACE;
    case EACCES:
        return MH_ACCESS_DENIED;
    default:
        return MH_INTERNAL; /* EMFILE */
    }
}

/* One case: the faults of a run, and how it is told. */
struct attempt {
    struct seam_fault faults[2];
    size_t count;
    char text[160];
};

static const char *const actions[] = {"fails",         "is cut short",    "is done but fails",
                                      "killed before", "killed after it", "killed within it"};

static void describe(struct attempt *attempt)
{
    int length = 0;
    for (size_t i = 0; i < attempt->count; i++) {
        const struct seam_fault *fault = &attempt->faults[i];
        const char *number = fault->number ? strerrorname_np(fault->number) : "";
        length += snprintf(attempt->text + length, sizeof(attempt->text) - (size_t)length, "%scall %zu, %s, %s %s",
                           i ? "; " : "", fault->at, seam_at(fault->at)->name, actions[fault->action], number);
    }
}

static size_t run(const struct scene *scene, const char *folder, struct attempt *attempt,
                  struct outcome *ret_outcome)
{
    scene_put(scene, folder);
    seam_begin(attempt->faults, attempt->count, scene->lacking);
    scene_run(scene, folder, ret_outcome);
    size_t calls = seam_end();
    describe(attempt);
    return calls;
}

/* The third run: it says that all is as it should be, and writes nothing. */
static void check_quiet(const struct scene *scene, const char *folder, struct tally *tally)
{
    struct outcome outcome;
    disk_begin(folder, &scene->after);
    seam_begin(NULL, 0, scene->lacking);
    scene_run(scene, folder, &outcome);
    seam_end();
    disk_end();
    if (disk_record()->calls > 0)
        judge_breach(scene, tally, "a run with nothing to do writes");
    if (!scene->tree && (outcome.status != MH_OK || outcome.changed))
        judge_breach(scene, tally, "a run with nothing to do: changed %d, %s", outcome.changed, outcome.message);
}

bool campaign_begin(struct scene *scene, const char *folder, struct tally *tally)
{
    struct attempt attempt = {.count = 0};
    struct outcome outcome;
    tally->calls = run(scene, folder, &attempt, &outcome);
    place_read(folder, &scene->after);
    if (outcome.status != MH_OK || !outcome.changed)
        judge_breach(scene, tally, "without a fault: changed %d, %s", outcome.changed, outcome.message);
    if (place_has_leftovers(&scene->after) || place_equal(&scene->before, &scene->after, false))
        judge_breach(scene, tally, "without a fault it leaves what it should not");
    const struct place_entry *hive = place_find(&scene->before, SCENE_HIVE);
    if (hive && !place_same_rights(hive, place_find(&scene->after, SCENE_HIVE)))
        judge_breach(scene, tally, "without a fault it gives the hive other rights");
    check_quiet(scene, folder, tally);
    return tally->breaches == 0;
}

static bool says_so(const struct outcome *outcome)
{
    for (size_t i = 0; i < sizeof(said_so) / sizeof(said_so[0]); i++)
        if (strstr(outcome->message, said_so[i]))
            return true;
    return false;
}

/* A fault that nobody is to notice. */
static bool is_harmless(const struct seam_fault *fault)
{
    return fault->action == SEAM_HALF || (fault->action == SEAM_FAIL && fault->number == EINTR);
}

/* What was reported is what is there, and failure is called by its name. */
static void judge_report(const struct scene *scene, const struct attempt *attempt, const struct outcome *outcome,
                         enum found found, struct tally *tally)
{
    bool failed = outcome->status != MH_OK;
    bool harmless = true;
    bool right = false;
    for (size_t i = 0; i < attempt->count; i++) {
        harmless = harmless && is_harmless(&attempt->faults[i]);
        right = right || outcome->status == status_of(attempt->faults[i].number);
    }
    if (!failed && found != FOUND_NEW)
        judge_loss(scene, tally, "%s: success is reported, and the old state is there", attempt->text);
    if (failed && found == FOUND_NEW && !says_so(outcome))
        judge_breach(scene, tally, "%s: the new state is there, and it says: %s", attempt->text, outcome->message);
    if (failed && harmless)
        judge_breach(scene, tally, "%s: it is noticed: %s", attempt->text, outcome->message);
    if (failed && !harmless && !right)
        judge_breach(scene, tally, "%s: it says %s: %s", attempt->text, mh_status_kind(outcome->status),
                     outcome->message);
    if (failed && !*outcome->message)
        judge_breach(scene, tally, "%s: it does not say why", attempt->text);
}

/* Who is told that nothing was made does not remove it. */
static bool made_unseen(const struct seam_fault *fault)
{
    const char *name = seam_at(fault->at)->name;
    return fault->action == SEAM_DECEIVE && (strcmp(name, "openat") == 0 || strcmp(name, "mkdirat") == 0);
}

static void judge(const struct scene *scene, const char *folder, const struct attempt *attempt,
                  const struct outcome *outcome, struct tally *tally)
{
    bool leftovers = false;
    enum found found = judge_found(scene, folder, attempt->text, &leftovers, tally);
    if (found == FOUND_NEITHER)
        return;
    if (outcome)
        judge_report(scene, attempt, outcome, found, tally);
    bool excused = attempt->count > 1 || place_has_leftovers(&scene->before) || made_unseen(&attempt->faults[0]);
    if (outcome && leftovers && !excused)
        judge_breach(scene, tally, "%s: a leftover stays", attempt->text);
    judge_next(scene, folder, attempt->text, found, leftovers, tally);
}

/* Whether to try it at all: not where nothing would differ. */
static bool applies(const struct seam_call *call, enum seam_action action, int number)
{
    bool writes = call->traits & (SEAM_WRITES | SEAM_CHANGES);
    switch (action) {
    case SEAM_HALF:
        return (call->traits & (SEAM_READS | SEAM_WRITES)) && call->size > 1;
    case SEAM_DECEIVE:
        return writes;
    case SEAM_KILL_HALFWAY: /* the kernel copies within a page without being interrupted */
        return (call->traits & SEAM_WRITES) && call->size > 4096;
    default:
        break;
    }
    if (number == ENOSPC || number == EDQUOT)
        return writes;
    return (number != EACCES && number != EMFILE) || (call->traits & SEAM_OPENS);
}

struct way {
    enum seam_action action;
    int number;
};

static const struct way ways[] = {
    {SEAM_FAIL, EIO},    {SEAM_FAIL, ENOSPC}, {SEAM_FAIL, EDQUOT}, {SEAM_FAIL, EACCES},
    {SEAM_FAIL, EMFILE}, {SEAM_FAIL, EINTR},  {SEAM_HALF, 0},      {SEAM_DECEIVE, EIO},
};

/* After the first fault each call that is left to make fails too: those that clean up, among them. */
static void fail_twice(const struct scene *scene, const char *folder, const struct attempt *first, size_t last,
                       struct tally *tally)
{
    for (size_t at = first->faults[0].at + 1; at <= last; at++) {
        struct outcome outcome;
        struct attempt attempt = {.faults = {first->faults[0], {.at = at, .action = SEAM_FAIL}}, .count = 2};
        attempt.faults[1].number = first->faults[0].action == SEAM_HALF ? ENOSPC : EIO;
        run(scene, folder, &attempt, &outcome);
        judge(scene, folder, &attempt, &outcome, tally);
        tally->doubles++;
    }
}

/* The calls that an undisturbed run makes. The caller frees them. */
static struct seam_call *list_calls(const struct scene *scene, const char *folder, size_t *ret_count)
{
    struct attempt none = {.count = 0};
    struct outcome outcome;
    *ret_count = run(scene, folder, &none, &outcome);
    struct seam_call *list = need_memory(calloc(*ret_count, sizeof(*list)));
    for (size_t i = 0; i < *ret_count; i++)
        list[i] = *seam_at(i);
    return list;
}

void campaign_faults(const struct scene *scene, const char *folder, struct tally *tally)
{
    struct outcome outcome;
    size_t calls;
    struct seam_call *list = list_calls(scene, folder, &calls);
    for (size_t i = 0; i < calls; i++) {
        for (size_t j = 0; j < sizeof(ways) / sizeof(ways[0]); j++) {
            struct attempt attempt = {.faults = {{i, ways[j].action, ways[j].number}}, .count = 1};
            if (!applies(&list[i], ways[j].action, ways[j].number))
                continue;
            size_t made = run(scene, folder, &attempt, &outcome);
            judge(scene, folder, &attempt, &outcome, tally);
            tally->faults++;
            /* What does not stop a run is not followed by more than the run itself; but a device is full at once. */
            if (ways[j].number == EIO && outcome.status != MH_OK)
                fail_twice(scene, folder, &attempt, made - 1, tally);
            else if (ways[j].action == SEAM_HALF && (list[i].traits & SEAM_WRITES))
                fail_twice(scene, folder, &attempt, i + 3, tally);
        }
    }
    free(list);
}

/* In a process of its own, which ends as a killed one does: nothing is cleaned up. */
static void kill_once(const struct scene *scene, const char *folder, struct attempt *attempt, struct tally *tally)
{
    struct outcome outcome;
    int status;
    scene_put(scene, folder);
    fflush(stdout);
    pid_t child = fork();
    NEED(child >= 0);
    if (child == 0) {
        seam_begin(attempt->faults, attempt->count, scene->lacking);
        scene_run(scene, folder, &outcome);
        _exit(0);
    }
    NEED(waitpid(child, &status, 0) == child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != SEAM_KILLED)
        judge_breach(scene, tally, "%s: it was not reached, or the process died otherwise", attempt->text);
    judge(scene, folder, attempt, NULL, tally);
    tally->kills++;
}

void campaign_kills(const struct scene *scene, const char *folder, struct tally *tally)
{
    size_t calls;
    struct seam_call *list = list_calls(scene, folder, &calls);
    for (size_t i = 0; i < calls; i++) {
        for (enum seam_action action = SEAM_KILL_BEFORE; action <= SEAM_KILL_HALFWAY; action++) {
            struct attempt attempt = {.faults = {{i, action, 0}}, .count = 1};
            snprintf(attempt.text, sizeof(attempt.text), "call %zu, %s, %s", i, list[i].name, actions[action]);
            if (applies(&list[i], action, 0))
                kill_once(scene, folder, &attempt, tally);
        }
    }
    free(list);
}
