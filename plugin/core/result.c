/* SPDX-License-Identifier: MIT */
#include "core/result.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/plan.h"
#include "core/select.h"

const char *mh_outcome_name(enum mh_outcome outcome)
{
    static const char *const names[] = {
#define NAME(constant, name) name,
        MH_OUTCOMES(NAME)
#undef NAME
    };
    return names[outcome];
}

/* Listed, but there is nothing to converge; or there was when it was listed, and is no more. */
static bool is_nobody(const struct mh_result *result, size_t i)
{
    const struct mh_profile *profile = result->selection.items[i].profile;
    return profile->skipped || (profile->sid && result->observations[i].error->status == MH_NOT_FOUND);
}

/* Somebody else made the very change meanwhile. */
static bool was_beaten(const struct mh_result *result, size_t i)
{
    return result->verb == MH_VERB_APPLY && !result->check && !result->steps[i].done;
}

static enum mh_outcome outcome_of(const struct mh_result *result, size_t i)
{
    const struct mh_selected *selected = &result->selection.items[i];
    if (result->observations[i].error)
        return is_nobody(result, i) && !selected->named ? MH_OUTCOME_SKIPPED : MH_OUTCOME_FAILED;
    if (result->steps[i].error)
        return MH_OUTCOME_FAILED;
    if (result->steps[i].action != MH_KEEP && !was_beaten(result, i))
        return MH_OUTCOME_CHANGED;
    return result->verb == MH_VERB_GET ? MH_OUTCOME_OBSERVED : MH_OUTCOME_COMPLIANT;
}

bool mh_result_is_changed(const struct mh_result *result, size_t i)
{
    return result->outcomes[i] == MH_OUTCOME_CHANGED || result->steps[i].done;
}

/* Outlook reads the value only when it starts. */
static bool needs_restart(const struct mh_result *result, size_t i)
{
    bool runs = false;
    return mh_result_is_changed(result, i) &&
           mh_outlook_runs_for(&result->outlook, result->selection.items[i].profile->sid, &runs) && runs;
}

/* "1 of 3 profiles changed, 1 failed": the first figure is what the reader asked for. */
static void describe(struct mh_result *result)
{
    const size_t *counts = result->counts;
    size_t all = result->selection.count;
    const char *plural = all == 1 ? "" : "s";
    char *msg = result->msg;
    size_t size = sizeof(result->msg);
    int used;
    if (all == 0)
        used = snprintf(msg, size, "no profile to look at");
    else if (result->verb == MH_VERB_GET)
        used = snprintf(msg, size, "%zu of %zu profile%s observed", counts[MH_OUTCOME_OBSERVED], all,
                        plural);
    else if (counts[MH_OUTCOME_CHANGED] == 0)
        used = snprintf(msg, size, "%zu of %zu profile%s compliant", counts[MH_OUTCOME_COMPLIANT],
                        all, plural);
    else
        used = snprintf(msg, size, "%zu of %zu profile%s %s", counts[MH_OUTCOME_CHANGED], all,
                        plural, result->check ? "would change" : "changed");
    if (counts[MH_OUTCOME_SKIPPED] > 0)
        used += snprintf(msg + used, size - (size_t)used, ", %zu skipped",
                         counts[MH_OUTCOME_SKIPPED]);
    if (counts[MH_OUTCOME_FAILED] > 0)
        snprintf(msg + used, size - (size_t)used, ", %zu failed", counts[MH_OUTCOME_FAILED]);
}

int mh_result_reserve(struct mh_result *result, struct mh_error *err)
{
    result->outcomes = calloc(result->selection.count + 1, sizeof(*result->outcomes));
    return result->outcomes ? MH_OK : mh_error_no_memory(err);
}

void mh_result_settle(struct mh_result *result)
{
    if (result->error.status != MH_OK) {
        result->failed = true;
        snprintf(result->msg, sizeof(result->msg), "%s", result->error.message);
        return;
    }
    for (size_t i = 0; i < result->selection.count; i++) {
        result->outcomes[i] = outcome_of(result, i);
        result->counts[result->outcomes[i]]++;
        result->changed = result->changed || mh_result_is_changed(result, i);
        result->restart_required = result->restart_required || needs_restart(result, i);
    }
    result->failed = result->counts[MH_OUTCOME_FAILED] > 0;
    describe(result);
}

const struct mh_value *mh_result_value_after(const struct mh_result *result, size_t i)
{
    const struct mh_step *step = &result->steps[i];
    bool reached = step->action != MH_KEEP && (!step->error || step->done);
    return reached ? &step->value : &result->observations[i].value;
}

const struct mh_error *mh_result_error_of(const struct mh_result *result, size_t i)
{
    return result->observations[i].error ? result->observations[i].error : result->steps[i].error;
}

int mh_result_exit_code(const struct mh_result *result)
{
    if (result->failed)
        return 2;
    return result->check && result->changed ? 1 : 0;
}

void mh_result_clear(struct mh_result *result)
{
    mh_observations_free(result->observations, result->selection.count);
    mh_steps_free(result->steps, result->selection.count);
    free(result->outcomes);
    mh_selection_clear(&result->selection);
    mh_profiles_clear(&result->profiles);
    mh_texts_clear(&result->warnings);
    mh_outlook_clear(&result->outlook);
    mh_texts_clear(&result->hives);
    free(result->root);
    free(result->store);
    *result = (struct mh_result){0};
}
