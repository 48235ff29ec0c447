/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <string.h>

#include "converge.h"
#include "core/desired.h"
#include "core/plan.h"
#include "core/result.h"
#include "core/select.h"
#include "core/text.h"
#include "registry/open.h"

/* Where the request's values live is part of its undo. */
static int copy_target(const struct mh_request *request, struct mh_result *result,
                       struct mh_error *err)
{
    result->root = request->root ? mh_text_copy(request->root) : NULL;
    result->store = request->store ? mh_text_copy(request->store) : NULL;
    if ((request->root && !result->root) || (request->store && !result->store))
        return mh_error_no_memory(err);
    for (size_t i = 0; i < request->hives.count; i++)
        if (mh_texts_add(&result->hives, request->hives.items[i]) < 0)
            return mh_error_no_memory(err);
    return MH_OK;
}

/* Only an apply that is no check ever sees a registry that writes. */
static int open_registry(const struct mh_request *request, bool writes,
                         struct mh_registry **ret_registry, struct mh_error *err)
{
    struct mh_registry *registry;
    int status = mh_registry_open(request, &registry, err);
    if (status == MH_OK && !writes)
        status = mh_readonly_open(registry, &registry, err);
    if (status == MH_OK)
        *ret_registry = registry;
    return status;
}

static int make_desired(enum mh_verb verb, const struct mh_request *request,
                        struct mh_registry *registry, struct mh_desired *ret_desired,
                        struct mh_texts *warnings, struct mh_error *err)
{
    struct mh_policy policy = {0};
    int status = MH_OK;
    if (mh_desired_needs_policy(verb, request))
        status = mh_registry_policy(registry, &policy, err);
    if (status == MH_OK)
        status = mh_desired_make(verb, request, &policy, ret_desired, err);
    mh_policy_clear(&policy);
    if (status == MH_OK && ret_desired->nothing &&
        mh_texts_add(warnings, "no policy is configured (HKLM\\Software\\Policies\\MapiHttp): nothing "
                               "to do") < 0)
        status = mh_error_no_memory(err);
    return status;
}

static int choose(struct mh_registry *registry, const struct mh_desired *desired,
                  const struct mh_progress *progress, struct mh_result *result, struct mh_error *err)
{
    if (desired->nothing)
        return MH_OK;
    registry->tick = progress ? progress->tick : NULL;
    registry->tick_context = progress ? progress->context : NULL;
    int status = mh_registry_list(registry, &result->profiles, &result->warnings, err);
    if (status == MH_OK)
        status = mh_select(desired, &result->profiles, &result->selection, &result->warnings, err);
    return status;
}

static int travel(enum mh_verb verb, const struct mh_request *request,
                  const struct mh_progress *progress, struct mh_result *result, struct mh_error *err)
{
    struct mh_registry *registry = NULL;
    struct mh_desired desired = {0};
    bool writes = verb == MH_VERB_APPLY && !result->check;
    int status = copy_target(request, result, err);
    if (status == MH_OK)
        status = open_registry(request, writes, &registry, err);
    if (status == MH_OK)
        status = make_desired(verb, request, registry, &desired, &result->warnings, err);
    if (status == MH_OK)
        result->state = desired.state;
    if (status == MH_OK)
        status = choose(registry, &desired, progress, result, err);
    if (status == MH_OK)
        status = mh_observe(registry, &result->selection, progress, &result->observations, err);
    if (status == MH_OK)
        status = mh_plan_make(&desired, &result->selection, result->observations, &result->steps, err);
    if (status == MH_OK)
        status = mh_result_reserve(result, err);
    if (status == MH_OK && writes)
        status = mh_apply(registry, &result->selection, result->observations, progress, result->steps,
                          err);
    mh_desired_clear(&desired);
    mh_registry_free(registry);
    return status;
}

/* What was gathered before a refusal is not part of it. */
static void refuse(enum mh_verb verb, bool check, enum mh_state state, const struct mh_error *why,
                   struct mh_result *result)
{
    mh_result_clear(result);
    result->verb = verb;
    result->check = check;
    result->state = state;
    result->error = *why;
    mh_result_settle(result);
}

void mh_run(enum mh_verb verb, const struct mh_request *request, const struct mh_progress *progress,
            struct mh_result *ret_result)
{
    bool check = verb == MH_VERB_CHECK || (verb == MH_VERB_APPLY && request->check);
    struct mh_error err = {0};
    *ret_result = (struct mh_result){.verb = verb, .check = check};
    if (verb != MH_VERB_GET && request->state != MH_STATE_POLICY)
        ret_result->state = request->state;
    int status = travel(verb, request, progress, ret_result, &err);
    if (status == MH_OK)
        mh_result_settle(ret_result);
    else
        refuse(verb, check, ret_result->state, &err, ret_result);
}

void mh_run_refused(enum mh_verb verb, const struct mh_error *why, struct mh_result *ret_result)
{
    *ret_result = (struct mh_result){0};
    refuse(verb, verb == MH_VERB_CHECK, MH_STATE_NONE, why, ret_result);
}
