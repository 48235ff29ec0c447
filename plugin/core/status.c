/* SPDX-License-Identifier: MIT */
#include "mapihttp/status.h"

const char *mh_status_kind(int status)
{
    static const char *const kinds[] = {
        "ok",
#define KIND(constant, kind, when) kind,
        MH_STATUSES(KIND)
#undef KIND
    };
    return (status >= 0 && status < MH_STATUS_COUNT) ? kinds[status] : kinds[MH_INTERNAL];
}
