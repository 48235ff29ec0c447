/* SPDX-License-Identifier: MIT */
#ifndef MH_OUTLOOK_VERSION_H
#define MH_OUTLOOK_VERSION_H

#include <stdbool.h>
#include <stdint.h>

#include "mapihttp/outlook.h"

/* A version, as far as it is known: major, minor, build, revision. */
struct mh_version {
    uint16_t parts[4];
    int known; /* how many of them, one at least */
};

/* Takes one to four numbers with stops between them. Returns false when the text is anything else. */
bool mh_version_parse(const char *text, struct mh_version *ret_version);

/* Below, at or above 0, as `a` is older than, the same as, or newer than `b`. Parts not known count as 0. */
int mh_version_compare(const struct mh_version *a, const struct mh_version *b);

/*
 * What an Outlook of that version can do; MH_SUPPORT_UNKNOWN also for a text that is no version.
 *
 *     16 and later   can
 *     15.0 (2013)    from 15.0.4569.1503 on, which is Service Pack 1
 *     14.0 (2010)    from 14.0.7147 on, the builds of April 2015: Microsoft asks for Service Pack 2,
 *                    KB2956191 and KB2965295, the last two of that month. No document was found that says
 *                    what build of OUTLOOK.EXE comes with KB2965295; 14.0.7145 is of March.
 *     before         cannot
 */
enum mh_outlook_support mh_version_support(const char *text);

#endif
