/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "os/file.h"

void mh_entries_clear(struct mh_entries *entries)
{
    for (size_t i = 0; i < entries->count; i++)
        free(entries->items[i].name);
    free(entries->items);
    *entries = (struct mh_entries){0};
}

static int by_name(const void *a, const void *b)
{
    const struct mh_entry *left = a;
    const struct mh_entry *right = b;
    return strcmp(left->name, right->name);
}

void mh_entries_sort(struct mh_entries *entries)
{
    if (entries->count > 1)
        qsort(entries->items, entries->count, sizeof(*entries->items), by_name);
}

bool mh_entry_is_wanted(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; names && i < count; i++)
        if (mh_text_equal(name, names[i]))
            return true;
    return !names;
}

int mh_dir_list(struct mh_dir *dir, struct mh_entries *ret_entries, struct mh_error *err)
{
    return mh_dir_pick(dir, NULL, 0, ret_entries, err);
}

int mh_entries_find(const struct mh_entries *entries, const char *name,
                    const struct mh_entry **ret_entry, struct mh_error *err)
{
    const struct mh_entry *alike = NULL;
    size_t count = 0;
    for (size_t i = 0; i < entries->count; i++) {
        const struct mh_entry *entry = &entries->items[i];
        if (strcmp(entry->name, name) == 0) {
            *ret_entry = entry;
            return MH_OK;
        }
        if (mh_text_equal(entry->name, name)) {
            alike = entry;
            count++;
        }
    }
    if (count > 1)
        return mh_error_set(err, MH_UNSUPPORTED,
                            "%zu names there differ from %s only in case; keep one of them", count,
                            name);
    *ret_entry = alike;
    return MH_OK;
}

int mh_entry_check_file(const char *name, enum mh_entry_kind kind, struct mh_error *err)
{
    if (kind == MH_ENTRY_FILE)
        return MH_OK;
    return mh_error_set(err, MH_UNSUPPORTED,
                        "%s is no plain file, or a link, or kept elsewhere (a reparse point); it is not opened", name);
}

int mh_dir_find(struct mh_dir *dir, const char *name, char **ret_name, enum mh_entry_kind *ret_kind,
                struct mh_error *err)
{
    struct mh_entries entries = {0};
    const struct mh_entry *entry = NULL;
    bool found;
    mh_dir_look(dir, name, ret_kind, &found);
    int status = found ? MH_OK : mh_dir_pick(dir, &name, 1, &entries, err);
    if (status == MH_OK && !found)
        status = mh_entries_find(&entries, name, &entry, err);
    if (status == MH_OK) {
        const char *really = found ? name : entry ? entry->name : NULL;
        *ret_name = really ? mh_text_copy(really) : NULL;
        if (really && !*ret_name)
            status = mh_error_no_memory(err);
        if (entry)
            *ret_kind = entry->kind;
    }
    mh_entries_clear(&entries);
    return status;
}
