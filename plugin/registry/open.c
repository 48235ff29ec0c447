/* SPDX-License-Identifier: MIT */
#include "registry/open.h"

#include "registry/offline/offline.h"

static int at_field(int status, struct mh_error *err, const char *field)
{
    if (status != MH_OK)
        mh_error_at(err, field);
    return status;
}

int mh_registry_open(const struct mh_request *request, struct mh_registry **ret_registry,
                     struct mh_error *err)
{
    if (request->root)
        return at_field(mh_volume_open(request->root, ret_registry, err), err, "root");
    if (request->store)
        return at_field(mh_store_open(request->store, ret_registry, err), err, "store");
    if (request->hives.count > 0)
        return at_field(mh_hives_open(&request->hives, ret_registry, err), err, "hives");
    return mh_live_open(ret_registry, err);
}
