/* SPDX-License-Identifier: MIT */
#ifndef MAPIHTTP_OUTLOOK_H
#define MAPIHTTP_OUTLOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapihttp/profile.h"

/* How an Outlook was installed. X(constant, name in JSON). */
#define MH_OUTLOOK_KINDS(X)                                                                        \
    X(CLICK_TO_RUN, "click_to_run")                                                                \
    X(MSI, "msi")

enum mh_outlook_kind {
#define MH_OUTLOOK_KIND_CONSTANT(constant, name) MH_OUTLOOK_##constant,
    MH_OUTLOOK_KINDS(MH_OUTLOOK_KIND_CONSTANT)
#undef MH_OUTLOOK_KIND_CONSTANT
};

/* Whether an Outlook can speak MAPI over HTTP at all: what our value allows or not. */
enum mh_outlook_support {
    MH_SUPPORT_UNKNOWN, /* of its version too little is known: "14.0" */
    MH_SUPPORT_NO,
    MH_SUPPORT_YES      /* 2016 and later; 2013 SP1; 2010 SP2 with the updates of April 2015 */
};

/* One Outlook that is installed. Outlook for Windows that comes from the Store ("new Outlook") is none:
 * it knows neither MAPI nor our value. */
struct mh_outlook_install {
    char *version;              /* "16.0.17928.20114"; as precise as the machine says, at least "16.0" */
    enum mh_outlook_kind kind;
    enum mh_outlook_support support;
};

/* One OUTLOOK.EXE that runs. */
struct mh_outlook_process {
    char *sid;   /* for whom */
    uint32_t id; /* the system's number of it */
};

/* What is known of Outlook on the machine. Zero-initialised: nothing. */
struct mh_outlook {
    bool installs_known;        /* `installs` was looked up: without any, none is installed */
    struct mh_outlook_install *installs; /* sorted by version, the newest first */
    size_t install_count;
    size_t install_capacity;
    bool running_known;         /* `processes` is complete: for who is not in it, none runs */
    struct mh_outlook_process *processes; /* which run now; true, complete or not */
    size_t process_count;
    size_t process_capacity;
};

void mh_outlook_clear(struct mh_outlook *outlook);

/* "click_to_run" ...; never NULL, nothing to free. */
const char *mh_outlook_kind_name(enum mh_outlook_kind kind);

/* Adds one that runs for `sid`. Returns 0, or -1 when memory is out. */
int mh_outlook_add_process(struct mh_outlook *outlook, const char *sid, uint32_t id);

/* Forgets those that run. */
void mh_outlook_clear_processes(struct mh_outlook *outlook);

/*
 * Whether an OUTLOOK.EXE runs for the user `sid`: *ret_runs says so, and is to be believed only where this
 * returns true. It returns false where that is not known, as for a `sid` that is NULL.
 */
bool mh_outlook_runs_for(const struct mh_outlook *outlook, const char *sid, bool *ret_runs);

/* Whether Outlook is installed, and none of those that are can use MAPI over HTTP, as far as is known. */
bool mh_outlook_lacks_mapi_http(const struct mh_outlook *outlook);

#endif
