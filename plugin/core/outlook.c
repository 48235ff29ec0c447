/* SPDX-License-Identifier: MIT */
#include "mapihttp/outlook.h"

#include <stdlib.h>

#include "core/array.h"
#include "core/text.h"

const char *mh_outlook_kind_name(enum mh_outlook_kind kind)
{
    static const char *const names[] = {
#define NAME(constant, name) name,
        MH_OUTLOOK_KINDS(NAME)
#undef NAME
    };
    return names[kind];
}

int mh_outlook_add_process(struct mh_outlook *outlook, const char *sid, uint32_t id)
{
    if (mh_array_reserve((void **)&outlook->processes, sizeof(*outlook->processes), outlook->process_count,
                         &outlook->process_capacity) < 0)
        return -1;
    char *copy = mh_text_copy(sid);
    if (!copy)
        return -1;
    outlook->processes[outlook->process_count++] = (struct mh_outlook_process){.sid = copy, .id = id};
    return 0;
}

void mh_outlook_clear_processes(struct mh_outlook *outlook)
{
    for (size_t i = 0; i < outlook->process_count; i++)
        free(outlook->processes[i].sid);
    free(outlook->processes);
    outlook->processes = NULL;
    outlook->process_count = 0;
    outlook->process_capacity = 0;
}

void mh_outlook_clear(struct mh_outlook *outlook)
{
    for (size_t i = 0; i < outlook->install_count; i++)
        free(outlook->installs[i].version);
    free(outlook->installs);
    mh_outlook_clear_processes(outlook);
    *outlook = (struct mh_outlook){0};
}

static bool has_running(const struct mh_outlook *outlook, const char *sid)
{
    for (size_t i = 0; i < outlook->process_count; i++)
        if (mh_text_equal(outlook->processes[i].sid, sid))
            return true;
    return false;
}

bool mh_outlook_runs_for(const struct mh_outlook *outlook, const char *sid, bool *ret_runs)
{
    *ret_runs = sid && has_running(outlook, sid);
    return sid && (*ret_runs || outlook->running_known);
}

bool mh_outlook_lacks_mapi_http(const struct mh_outlook *outlook)
{
    for (size_t i = 0; i < outlook->install_count; i++)
        if (outlook->installs[i].support != MH_SUPPORT_NO)
            return false;
    return outlook->install_count > 0;
}
