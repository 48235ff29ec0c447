/* SPDX-License-Identifier: MIT */
#include "core/plan.h"

#include <stdlib.h>

#include "core/state.h"

/* The value that the profile is to have. Returns 1 when there is one, 0 when it is fine as it is. */
static int target(const struct mh_desired *desired, const struct mh_selected *selected,
                  const struct mh_observation *observation, struct mh_value *ret_value)
{
    if (observation->error)
        return 0;
    if (selected->restore) {
        if (mh_value_equal(&selected->restore->value, &observation->value))
            return 0;
        return mh_value_copy(&selected->restore->value, ret_value) < 0 ? -1 : 1;
    }
    if (desired->state == MH_STATE_NONE || mh_state_satisfies(desired->state, observation->state))
        return 0;
    return mh_state_target(desired->state, ret_value) < 0 ? -1 : 1;
}

int mh_plan_make(const struct mh_desired *desired, const struct mh_selection *selection,
                 const struct mh_observation *observations, struct mh_step **ret_steps,
                 struct mh_error *err)
{
    struct mh_step *steps = calloc(selection->count + 1, sizeof(*steps));
    if (!steps)
        return mh_error_no_memory(err);
    for (size_t i = 0; i < selection->count; i++) {
        int wanted = target(desired, &selection->items[i], &observations[i], &steps[i].value);
        if (wanted < 0) {
            mh_steps_free(steps, selection->count);
            return mh_error_no_memory(err);
        }
        if (wanted > 0)
            steps[i].action = steps[i].value.present ? MH_SET : MH_REMOVE;
    }
    *ret_steps = steps;
    return MH_OK;
}

void mh_steps_free(struct mh_step *steps, size_t count)
{
    for (size_t i = 0; steps && i < count; i++) {
        mh_value_clear(&steps[i].value);
        mh_error_free(steps[i].error);
        mh_texts_clear(&steps[i].remarks);
    }
    free(steps);
}

void mh_observations_free(struct mh_observation *observations, size_t count)
{
    for (size_t i = 0; observations && i < count; i++) {
        mh_value_clear(&observations[i].value);
        mh_error_free(observations[i].error);
        mh_texts_clear(&observations[i].remarks);
    }
    free(observations);
}
