/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults/campaign.h"
#include "faults/disk.h"
#include "faults/judge.h"
#include "faults/need.h"
#include "faults/seam.h"
#include "mapihttp/status.h"

/* What a state is judged by. */
struct power {
    const struct scene *scene;
    const char *folder;
    struct tally *tally;
    char text[120];
    bool succeeded; /* the run reported success: what it did is to last */
    bool only_losses;
};

static void visit(void *context, bool over)
{
    struct power *power = context;
    bool leftovers = false;
    power->tally->cuts++;
    enum found found = judge_found(power->scene, power->folder, power->text, &leftovers, power->tally);
    if (over && found == FOUND_OLD)
        judge_loss(power->scene, power->tally, "%s: success was reported, and the old state is back", power->text);
    if (found != FOUND_NEITHER && !power->only_losses)
        judge_next(power->scene, power->folder, power->text, found, leftovers, power->tally);
}

static size_t record(const struct power *power, const struct seam_fault *faults, size_t count,
                     struct outcome *ret_outcome)
{
    scene_put(power->scene, power->folder);
    disk_begin(power->folder, &power->scene->before);
    seam_begin(faults, count, power->scene->lacking);
    scene_run(power->scene, power->folder, ret_outcome);
    size_t calls = seam_end();
    disk_end();
    return calls;
}

/* Then the power fails: in what was flushed last nobody may trust. */
static void cut_after_fault(struct power *power, const struct seam_fault *fault, const char *name,
                            struct disk_seen *seen)
{
    struct outcome outcome;
    record(power, fault, 1, &outcome);
    power->succeeded = outcome.status == MH_OK;
    snprintf(power->text, sizeof(power->text), "the power fails after call %zu, %s, %s %s", fault->at, name,
             fault->action == SEAM_HALF ? "was cut short" : "failed",
             fault->number ? strerrorname_np(fault->number) : "");
    disk_states(power->succeeded, seen, visit, power);
}

void campaign_cuts(const struct scene *scene, const char *folder, struct tally *tally)
{
    static const struct seam_fault ways[] = {
        {0, SEAM_FAIL, EIO}, {0, SEAM_FAIL, EINTR}, {0, SEAM_DECEIVE, EIO}, {0, SEAM_HALF, 0}};
    struct power power = {.scene = scene, .folder = folder, .tally = tally, .text = "the power fails"};
    struct disk_seen seen = {0};
    struct outcome outcome;
    size_t calls = record(&power, NULL, 0, &outcome);
    struct seam_call *list = need_memory(calloc(calls, sizeof(*list)));
    for (size_t i = 0; i < calls; i++)
        list[i] = *seam_at(i);
    power.succeeded = outcome.status == MH_OK;
    disk_states(power.succeeded, &seen, visit, &power);
    for (size_t i = 0; i < calls; i++) {
        for (size_t j = 0; j < sizeof(ways) / sizeof(ways[0]); j++) {
            struct seam_fault fault = ways[j];
            bool writes = list[i].traits & (SEAM_WRITES | SEAM_CHANGES);
            fault.at = i;
            if (writes && (fault.action != SEAM_HALF || (list[i].traits & SEAM_WRITES)))
                cut_after_fault(&power, &fault, list[i].name, &seen);
        }
    }
    disk_seen_clear(&seen);
    free(list);
}

void campaign_writer(void (*write)(const struct scene *scene, const char *folder), const struct scene *scene,
                     const char *folder, struct tally *tally)
{
    struct power power = {.scene = scene,
                          .folder = folder,
                          .tally = tally,
                          .text = "the power fails",
                          .succeeded = true,
                          .only_losses = true};
    struct disk_seen seen = {0};
    scene_put(scene, folder);
    disk_begin(folder, &scene->before);
    seam_begin(NULL, 0, 0);
    write(scene, folder);
    seam_end();
    disk_end();
    disk_states(power.succeeded, &seen, visit, &power);
    disk_seen_clear(&seen);
}
