/* SPDX-License-Identifier: MIT */
#include "core/desired.h"

#include <stdlib.h>

static int add_all(struct mh_texts *texts, const struct mh_texts *more)
{
    for (size_t i = 0; i < more->count; i++)
        if (mh_texts_add(texts, more->items[i]) < 0)
            return -1;
    return 0;
}

bool mh_desired_needs_policy(enum mh_verb verb, const struct mh_request *request)
{
    return verb != MH_VERB_GET && request->state == MH_STATE_POLICY;
}

static int fill(struct mh_desired *desired, const struct mh_request *request,
                const struct mh_policy *policy)
{
    if (request->users.count == 0 && mh_texts_add(&desired->users, "all") < 0)
        return -1;
    if (add_all(&desired->users, &request->users) < 0 ||
        add_all(&desired->exclude, &request->exclude) < 0 ||
        add_all(&desired->exclude, &policy->exclude) < 0)
        return -1;
    return policy->default_profile ? mh_texts_add(&desired->users, "default") : 0;
}

int mh_desired_make(enum mh_verb verb, const struct mh_request *request,
                    const struct mh_policy *policy, struct mh_desired *ret_desired,
                    struct mh_error *err)
{
    struct mh_desired desired = {
        .state = verb == MH_VERB_GET ? MH_STATE_NONE : request->state,
        .restore = request->has_restore ? request->restore : NULL,
        .restore_count = request->restore_count,
    };
    if (mh_desired_needs_policy(verb, request)) {
        desired.state = policy->state;
        desired.nothing = policy->state == MH_STATE_NONE;
    }
    if (fill(&desired, request, policy) < 0) {
        mh_desired_clear(&desired);
        return mh_error_no_memory(err);
    }
    *ret_desired = desired;
    return MH_OK;
}

void mh_desired_clear(struct mh_desired *desired)
{
    mh_texts_clear(&desired->users);
    mh_texts_clear(&desired->exclude);
    *desired = (struct mh_desired){0};
}

void mh_policy_clear(struct mh_policy *policy)
{
    mh_texts_clear(&policy->exclude);
    *policy = (struct mh_policy){0};
}

void mh_request_clear(struct mh_request *request)
{
    mh_texts_clear(&request->users);
    mh_texts_clear(&request->exclude);
    mh_texts_clear(&request->hives);
    free(request->root);
    free(request->store);
    for (size_t i = 0; i < request->restore_count; i++) {
        free(request->restore[i].id);
        mh_value_clear(&request->restore[i].value);
    }
    free(request->restore);
    *request = (struct mh_request){0};
}
