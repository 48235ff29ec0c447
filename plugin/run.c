/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <string.h>

#include "accounts.h"
#include "converge.h"
#include "core/desired.h"
#include "core/plan.h"
#include "core/result.h"
#include "core/select.h"
#include "core/text.h"
#include "outlook/outlook.h"
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

static int choose(struct mh_registry *registry, struct mh_desired *desired,
                  const struct mh_audience *audience, struct mh_result *result, struct mh_error *err)
{
    if (desired->nothing)
        return MH_OK;
    registry->tick = audience ? audience->tick : NULL;
    registry->tick_context = audience ? audience->context : NULL;
    int status = mh_registry_list(registry, &result->profiles, &result->warnings, err);
    if (status == MH_OK)
        status = mh_accounts_learn(registry, desired, &result->profiles, &result->warnings, err);
    if (status == MH_OK)
        status = mh_select(desired, &result->profiles, &result->selection, &result->warnings, err);
    if (status == MH_OK && audience && audience->person)
        mh_accounts_name(registry, &result->selection, &result->profiles);
    return status;
}

/* That it cannot be told is no reason not to do what was asked. */
static int ask_outlook(struct mh_registry *registry, struct mh_result *result, struct mh_error *err)
{
    struct mh_error why = {0};
    bool looks = result->verb != MH_VERB_APPLY || result->check;
    int added = 0;
    if (mh_registry_outlook(registry, looks, &result->outlook, &why) != MH_OK)
        added = mh_texts_addf(&result->warnings, "Outlook: %s", why.message);
    else if (mh_outlook_lacks_mapi_http(&result->outlook))
        added = mh_texts_add(&result->warnings,
                             "no Outlook that is installed here supports MAPI over HTTP, whatever the value "
                             "says; update it");
    return added < 0 ? mh_error_no_memory(err) : MH_OK;
}

#define LOOK_BACK 8u

/* What is true of all alike was said of one of the last. */
static int add_once(struct mh_texts *warnings, const char *text)
{
    for (size_t i = warnings->count; i > 0 && i + LOOK_BACK > warnings->count; i--)
        if (strcmp(warnings->items[i - 1], text) == 0)
            return 0;
    return mh_texts_add(warnings, text);
}

/* What came up on the way, profile by profile. */
static int gather_remarks(struct mh_result *result, struct mh_error *err)
{
    for (size_t i = 0; i < result->selection.count; i++) {
        const struct mh_texts *both[] = {&result->observations[i].remarks, &result->steps[i].remarks};
        for (size_t k = 0; k < 2; k++)
            for (size_t m = 0; m < both[k]->count; m++)
                if (add_once(&result->warnings, both[k]->items[m]) < 0)
                    return mh_error_no_memory(err);
    }
    return MH_OK;
}

static int travel(enum mh_verb verb, const struct mh_request *request,
                  const struct mh_audience *audience, struct mh_result *result, struct mh_error *err)
{
    struct mh_registry *registry = NULL;
    struct mh_desired desired = {0};
    bool writes = verb == MH_VERB_APPLY && !result->check;
    int status = copy_target(request, result, err);
    if (status == MH_OK)
        status = open_registry(request, writes, &registry, err);
    if (status == MH_OK)
        status = make_desired(verb, request, registry, &desired, &result->warnings, err);
    if (status == MH_OK) {
        result->state = desired.state;
        status = choose(registry, &desired, audience, result, err);
    }
    if (status == MH_OK)
        status = ask_outlook(registry, result, err);
    if (status == MH_OK)
        status = mh_observe(registry, &result->selection, audience, &result->observations, err);
    if (status == MH_OK)
        status = mh_plan_make(&desired, &result->selection, result->observations, &result->steps, err);
    if (status == MH_OK)
        status = mh_result_reserve(result, err);
    if (status == MH_OK && writes)
        status = mh_apply(registry, &result->selection, result->observations, audience, result->steps,
                          err);
    if (status == MH_OK)
        (void)gather_remarks(result, err);
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

void mh_run(enum mh_verb verb, const struct mh_request *request, const struct mh_audience *audience,
            struct mh_result *ret_result)
{
    bool check = verb == MH_VERB_CHECK || (verb == MH_VERB_APPLY && request->check);
    struct mh_error err = {0};
    *ret_result = (struct mh_result){.verb = verb, .check = check};
    if (verb != MH_VERB_GET && request->state != MH_STATE_POLICY)
        ret_result->state = request->state;
    int status = travel(verb, request, audience, ret_result, &err);
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
