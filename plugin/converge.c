/* SPDX-License-Identifier: MIT */
#include "converge.h"

#include <stdlib.h>

#include "core/plan.h"
#include "core/state.h"
#include "os/threads.h"

/* What the threads share; each works on profiles of its own. */
struct job {
    struct mh_registry *registry;
    const struct mh_selection *selection;
    struct mh_observation *observations;
    struct mh_step *steps;
    size_t *pending; /* the steps to carry out */
};

static void spread(struct job *job, size_t count, void (*work)(void *context, size_t i),
                   const struct mh_audience *audience)
{
    static const struct mh_audience nobody;
    const struct mh_audience *who = audience ? audience : &nobody;
    if (job->registry->concurrent) {
        mh_parallel(count, work, job, who->tick, who->context);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        work(job, i);
        if (who->tick)
            who->tick(who->context, i + 1, count);
    }
}

static struct mh_error *keep(const struct mh_profile *profile, struct mh_error *err)
{
    if (profile->hive)
        mh_error_wrap(err, "%s", profile->hive);
    return mh_error_copy(err);
}

static int look(struct mh_registry *registry, const struct mh_profile *profile,
                struct mh_observation *observation, struct mh_error *err)
{
    struct mh_hive *hive;
    int status = mh_hive_open(registry, profile, MH_READ, &hive, err);
    if (status != MH_OK)
        return status;
    hive->remarks = &observation->remarks;
    observation->recovered = hive->recovered;
    observation->live = hive->live;
    status = mh_hive_read(hive, &observation->value, err);
    mh_hive_close(hive);
    return status;
}

/* Not to know whether the change will last is no reason not to make it. */
static void ask_managed(struct mh_registry *registry, const struct mh_profile *profile,
                        struct mh_observation *observation)
{
    struct mh_error err = {0};
    if (mh_registry_managed(registry, profile, &observation->managed, &err) != MH_OK)
        (void)mh_texts_addf(&observation->remarks, "%s: whether Group Policy sets the value is not known: %s",
                            profile->id, err.message);
}

static void observe_one(void *context, size_t i)
{
    struct job *job = context;
    struct mh_observation *observation = &job->observations[i];
    const struct mh_profile *profile = job->selection->items[i].profile;
    struct mh_error err = {0};
    if (profile->problem)
        observation->error = mh_error_copy(profile->problem);
    else if (look(job->registry, profile, observation, &err) != MH_OK)
        observation->error = keep(profile, &err);
    else
        observation->state = mh_state_of(&observation->value);
    if (!observation->error)
        ask_managed(job->registry, profile, observation);
}

int mh_observe(struct mh_registry *registry, const struct mh_selection *selection,
               const struct mh_audience *audience, struct mh_observation **ret_observations,
               struct mh_error *err)
{
    struct job job = {.registry = registry, .selection = selection};
    job.observations = calloc(selection->count + 1, sizeof(*job.observations));
    if (!job.observations)
        return mh_error_no_memory(err);
    spread(&job, selection->count, observe_one, audience);
    *ret_observations = job.observations;
    return MH_OK;
}

/* What somebody else converged meanwhile is done; what they changed otherwise is theirs. */
static int check_unmoved(struct mh_hive *hive, const struct mh_observation *observation,
                         const struct mh_step *step, bool *ret_done, struct mh_error *err)
{
    struct mh_value now;
    int status = mh_hive_read(hive, &now, err);
    if (status != MH_OK)
        return status;
    bool same = mh_value_equal(&now, &observation->value);
    *ret_done = mh_value_equal(&now, &step->value);
    mh_value_clear(&now);
    return same || *ret_done ? MH_OK
                : mh_error_set(err, MH_IN_USE,
                               "another process changed the value meanwhile; try again");
}

static int carry_out(struct mh_registry *registry, const struct mh_profile *profile,
                     const struct mh_observation *observation, struct mh_step *step,
                     struct mh_error *err)
{
    struct mh_hive *hive;
    bool done = false;
    int status = mh_hive_open(registry, profile, MH_WRITE, &hive, err);
    if (status != MH_OK)
        return status;
    hive->remarks = &step->remarks;
    status = check_unmoved(hive, observation, step, &done, err);
    if (status == MH_OK && !done)
        status = step->action == MH_SET ? mh_hive_write(hive, &step->value, err)
                                        : mh_hive_remove(hive, err);
    if (status == MH_OK)
        status = mh_hive_commit(hive, err);
    step->done = hive->committed;
    mh_hive_close(hive);
    return status;
}

static void apply_one(void *context, size_t i)
{
    struct job *job = context;
    size_t at = job->pending[i];
    const struct mh_profile *profile = job->selection->items[at].profile;
    struct mh_error err = {0};
    if (carry_out(job->registry, profile, &job->observations[at], &job->steps[at], &err) != MH_OK)
        job->steps[at].error = keep(profile, &err);
}

int mh_apply(struct mh_registry *registry, const struct mh_selection *selection,
             struct mh_observation *observations, const struct mh_audience *audience,
             struct mh_step *steps, struct mh_error *err)
{
    struct job job = {.registry = registry,
                      .selection = selection,
                      .observations = observations,
                      .steps = steps};
    size_t count = 0;
    job.pending = calloc(selection->count + 1, sizeof(*job.pending));
    if (!job.pending)
        return mh_error_no_memory(err);
    for (size_t i = 0; i < selection->count; i++)
        if (steps[i].action != MH_KEEP)
            job.pending[count++] = i;
    spread(&job, count, apply_one, audience);
    free(job.pending);
    return MH_OK;
}
