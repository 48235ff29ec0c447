/* SPDX-License-Identifier: MIT */
#ifndef MH_USAGE_H
#define MH_USAGE_H

/* What `help` prints. */
extern const char mh_usage[];

#endif
