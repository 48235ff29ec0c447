/* SPDX-License-Identifier: MIT */
#ifndef MH_REGISTRY_SOFTWARE_H
#define MH_REGISTRY_SOFTWARE_H

#include "mapihttp/error.h"
#include "mapihttp/profile.h"
#include "mapihttp/value.h"

/*
 * A machine's HKEY_LOCAL_MACHINE\Software (its 64-bit view), wherever it is: of the running Windows, or in
 * the SOFTWARE hive of a volume. Keys are paths below it, with "\" between names; names are UTF-8, compared
 * without regard to case. Each function returns an enum mh_status, and has set err when it is not MH_OK.
 */
typedef int mh_visit_value(void *visitor, const struct mh_value *value, struct mh_error *err);

struct mh_software {
    /* The value; absent (and MH_OK) when it or a key on the way is not there. `name` NULL or "" is the key's
     * default value. The caller clears it. */
    int (*value)(void *context, const char *key, const char *name, struct mh_value *ret_value,
                 struct mh_error *err);

    /* Appends the names of the key's subkeys, in any order. MH_NOT_FOUND when the key is not there. */
    int (*subkeys)(void *context, const char *key, struct mh_texts *names, struct mh_error *err);

    /* Calls `visit` for every value of the key, in any order, until it returns anything but MH_OK; not once
     * when the key is not there. */
    int (*values)(void *context, const char *key, mh_visit_value *visit, void *visitor,
                  struct mh_error *err);

    void *context;

    /* When the subkeys of a key have been asked for, several threads may ask for values of those at once, as long
     * as nobody asks for anything else. */
    bool concurrent;
};

static inline int mh_software_value(const struct mh_software *software, const char *key, const char *name,
                                    struct mh_value *ret_value, struct mh_error *err)
{
    return software->value(software->context, key, name, ret_value, err);
}

static inline int mh_software_subkeys(const struct mh_software *software, const char *key,
                                      struct mh_texts *names, struct mh_error *err)
{
    return software->subkeys(software->context, key, names, err);
}

static inline int mh_software_values(const struct mh_software *software, const char *key,
                                     mh_visit_value *visit, void *visitor, struct mh_error *err)
{
    return software->values(software->context, key, visit, visitor, err);
}

/*
 * The text of a REG_SZ or REG_EXPAND_SZ value as UTF-8, on the heap, up to its first NUL; broken units
 * become U+FFFD. *ret_text is NULL for an absent value and one of another type.
 */
int mh_value_text(const struct mh_value *value, char **ret_text, struct mh_error *err);

/* mh_software_value and mh_value_text in one. */
int mh_software_text(const struct mh_software *software, const char *key, const char *name,
                     char **ret_text, struct mh_error *err);

#endif
