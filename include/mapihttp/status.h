/* SPDX-License-Identifier: MIT */
#ifndef MAPIHTTP_STATUS_H
#define MAPIHTTP_STATUS_H

/*
 * What can go wrong, by kind: the one list of which the statuses and their names in JSON are made, and
 * which the table in docs/contract.md is held against by a test. X(constant, kind in JSON, when).
 */
#define MH_STATUSES(X)                                                                             \
    X(INVALID, "invalid", "the request is wrong (`field` names where)")                            \
    X(NOT_FOUND, "not_found", "no such profile, file or folder")                                   \
    X(ACCESS_DENIED, "access_denied", "more rights are needed; the message says which")            \
    X(IN_USE, "in_use", "another process has the hive open")                                       \
    X(DIRTY, "dirty", "not closed cleanly, and no logs that bring it up to date")                  \
    X(CORRUPT, "corrupt", "the structure is broken; nothing was written")                          \
    X(UNSUPPORTED, "unsupported", "this system or this hive version cannot do it")                 \
    X(NO_SPACE, "no_space", "the device is full; the old file is whole")                           \
    X(IO, "io", "the device failed; the old file is whole")                                        \
    X(INTERNAL, "internal", "a defect of mapihttp")

enum mh_status {
    MH_OK = 0,
#define MH_STATUS_CONSTANT(constant, kind, when) MH_##constant,
    MH_STATUSES(MH_STATUS_CONSTANT)
#undef MH_STATUS_CONSTANT
    MH_STATUS_COUNT
};

/*
 * The kind of `status` as the contract spells it ("not_found"); "ok" for MH_OK, "internal" for a number
 * that is no status. Never NULL; nothing to free.
 */
const char *mh_status_kind(int status);

#endif
