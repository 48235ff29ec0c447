/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "os/windows/native.h"
#include "os/windows/wide.h"
#include "registry/live/live.h"

/* The key below a user's hive, name by name. */
static const char *const steps[] = {"Software", "Microsoft", "Exchange"};
#define STEPS (sizeof(steps) / sizeof(steps[0]))

struct live_hive {
    struct mh_hive base;
    const struct mh_profile *profile;
    char *root;             /* its name under HKEY_USERS */
    struct mh_mount mount;  /* when this loaded it */
    bool pending;           /* `wanted` is to be committed */
    struct mh_value wanted;
};

static struct live_hive *hive_of(struct mh_hive *hive)
{
    return (struct live_hive *)hive;
}

/* Takes over `root`. */
static int make_hive(const struct mh_profile *profile, char *root, struct live_hive **ret_hive,
                     struct mh_error *err)
{
    struct live_hive *hive = root ? calloc(1, sizeof(*hive)) : NULL;
    if (!hive) {
        free(root);
        return mh_error_no_memory(err);
    }
    hive->base.ops = &mh_live_ops;
    hive->profile = profile;
    hive->root = root;
    *ret_hive = hive;
    return MH_OK;
}

int mh_loaded_open(const struct mh_profile *profile, struct mh_hive **ret_hive, struct mh_error *err)
{
    struct live_hive *hive = NULL;
    int status = make_hive(profile, mh_text_copy(profile->sid), &hive, err);
    if (status != MH_OK)
        return status;
    hive->base.live = true;
    *ret_hive = &hive->base;
    return MH_OK;
}

int mh_mounted_open(const struct mh_profile *profile, struct mh_hive **ret_hive, struct mh_error *err)
{
    struct mh_mount mount = {0};
    struct live_hive *hive = NULL;
    int status = mh_mount(profile->hive, &mount, err);
    if (status != MH_OK)
        return status;
    status = make_hive(profile, mh_narrow_text(mount.name), &hive, err);
    if (status != MH_OK) {
        (void)mh_unmount(&mount, NULL);
        return status;
    }
    hive->mount = mount;
    *ret_hive = &hive->base;
    return MH_OK;
}

static int open_root(const struct live_hive *hive, HKEY *ret_root, struct mh_error *err)
{
    struct mh_error why = {0};
    int status = mh_regkey_open(HKEY_USERS, hive->root, KEY_READ, ret_root, &why);
    if (status == MH_NOT_FOUND)
        return mh_error_set(err, MH_IN_USE, "its user logged off meanwhile; try again");
    if (status != MH_OK && err)
        *err = why;
    return status;
}

/* Exactly as it is, of any type and size. */
static int read_exactly(const struct live_hive *hive, struct mh_value *ret_value, struct mh_error *err)
{
    HKEY root;
    HKEY key = NULL;
    struct mh_error why = {0};
    int status = open_root(hive, &root, err);
    if (status != MH_OK)
        return status;
    status = mh_regkey_open(root, MH_VALUE_KEY, KEY_QUERY_VALUE, &key, &why);
    if (status == MH_OK) {
        status = mh_regkey_read(key, MH_VALUE_NAME, ret_value, err);
    } else if (status == MH_NOT_FOUND) {
        *ret_value = (struct mh_value){0};
        status = MH_OK;
    } else if (err) {
        *err = why;
    }
    mh_regkey_close(key);
    RegCloseKey(root);
    return status;
}

static bool is_text(DWORD type)
{
    return type == REG_SZ || type == REG_EXPAND_SZ || type == REG_MULTI_SZ;
}

/* One call says it of nearly everybody; Windows' own number says why it did not. */
static LSTATUS read_at_once(const struct live_hive *hive, struct mh_value *ret_value)
{
    uint8_t data[16];
    DWORD type = 0;
    DWORD size = sizeof(data);
    char *path = mh_text_format("%s\\" MH_VALUE_KEY, hive->root);
    wchar_t *wide = path ? mh_wide(path) : NULL;
    LSTATUS number = wide ? RegGetValueW(HKEY_USERS, wide, L"" MH_VALUE_NAME, RRF_RT_ANY | RRF_NOEXPAND, &type,
                                         data, &size)
                          : ERROR_OUTOFMEMORY;
    free(path);
    free(wide);
    if (number == ERROR_SUCCESS && is_text(type))
        return ERROR_MORE_DATA; /* it may have got a terminator that is not there */
    if (number == ERROR_SUCCESS && mh_value_make(type, data, size, ret_value) < 0)
        return ERROR_OUTOFMEMORY;
    return number;
}

/* That nothing was found may mean that there is nobody any more. */
static int read_absent(const struct live_hive *hive, struct mh_value *ret_value, struct mh_error *err)
{
    HKEY root;
    int status = open_root(hive, &root, err);
    if (status != MH_OK)
        return status;
    RegCloseKey(root);
    *ret_value = (struct mh_value){0};
    return MH_OK;
}

int mh_live_read(struct mh_hive *base, struct mh_value *ret_value, struct mh_error *err)
{
    const struct live_hive *hive = hive_of(base);
    if (hive->pending)
        return mh_value_copy(&hive->wanted, ret_value) < 0 ? mh_error_no_memory(err) : MH_OK;
    LSTATUS number = read_at_once(hive, ret_value);
    if (number == ERROR_SUCCESS)
        return MH_OK;
    return number == ERROR_FILE_NOT_FOUND ? read_absent(hive, ret_value, err)
                                          : read_exactly(hive, ret_value, err);
}

int mh_live_write(struct mh_hive *base, const struct mh_value *value, struct mh_error *err)
{
    struct live_hive *hive = hive_of(base);
    struct mh_value copy = {0};
    if (mh_value_copy(value, &copy) < 0)
        return mh_error_no_memory(err);
    mh_value_clear(&hive->wanted);
    hive->wanted = copy;
    hive->pending = true;
    return MH_OK;
}

int mh_live_remove(struct mh_hive *base, struct mh_error *err)
{
    const struct mh_value absent = {0};
    return mh_live_write(base, &absent, err);
}

/* A link that leads nowhere: to make a key there would be to make its target. */
static bool is_link(HKEY parent, const wchar_t *name)
{
    HKEY key = NULL;
    bool is = RegOpenKeyExW(parent, name, REG_OPTION_OPEN_LINK, KEY_QUERY_VALUE, &key) == ERROR_SUCCESS;
    mh_regkey_close(key);
    return is;
}

/* With REG_OPTION_OPEN_LINK none is followed that is put there meanwhile; it would be opened itself. */
static LSTATUS make_key(HKEY parent, const wchar_t *name, REGSAM access, HKEY *ret_key)
{
    HKEY key = NULL;
    DWORD how = 0;
    LSTATUS number = RegCreateKeyExW(parent, name, 0, NULL, REG_OPTION_OPEN_LINK, access, NULL, &key, &how);
    if (number == ERROR_SUCCESS && how == REG_OPENED_EXISTING_KEY) {
        RegCloseKey(key);
        return RegOpenKeyExW(parent, name, 0, access, ret_key);
    }
    if (number == ERROR_SUCCESS)
        *ret_key = key;
    return number;
}

static int open_step(HKEY parent, const char *name, REGSAM access, bool make, HKEY *ret_key,
                     struct mh_error *err)
{
    wchar_t *wide = mh_wide(name);
    if (!wide)
        return mh_error_no_memory(err);
    LSTATUS number = RegOpenKeyExW(parent, wide, 0, access, ret_key);
    bool link = number == ERROR_FILE_NOT_FOUND && is_link(parent, wide);
    if (number == ERROR_FILE_NOT_FOUND && make && !link)
        number = make_key(parent, wide, access, ret_key);
    free(wide);
    if (link)
        return mh_error_set(err, MH_UNSUPPORTED, "the key %s is a link; links are not followed", name);
    if (number != ERROR_SUCCESS)
        return mh_error_win32(err, (DWORD)number, "cannot open the key %s", name);
    return MH_OK;
}

/* Goes down step by step, so that no key is made behind a link. */
static int open_key(HKEY root, bool make, HKEY *ret_key, struct mh_error *err)
{
    HKEY at = root;
    int status = MH_OK;
    for (size_t i = 0; status == MH_OK && i < STEPS; i++) {
        HKEY next = NULL;
        status = open_step(at, steps[i], i + 1 < STEPS ? KEY_READ : KEY_READ | KEY_SET_VALUE, make, &next, err);
        if (status == MH_OK)
            status = mh_regkey_check_direct(at, next, steps[i], err);
        if (at != root)
            RegCloseKey(at);
        at = next;
    }
    if (status == MH_OK)
        *ret_key = at;
    else
        mh_regkey_close(at == root ? NULL : at);
    return status;
}

/*
 * Of a text without terminator Windows looks at what is behind it, and takes it for one if it is 0: there must
 * be something else.
 */
static LSTATUS put_value(HKEY key, const struct mh_value *value)
{
    uint8_t *bytes = malloc((size_t)value->size + 4);
    if (!bytes)
        return ERROR_OUTOFMEMORY;
    if (value->size > 0)
        memcpy(bytes, value->data, value->size);
    memset(bytes + value->size, 0xFF, 4);
    LSTATUS number = RegSetValueExW(key, L"" MH_VALUE_NAME, 0, value->type, bytes, value->size);
    free(bytes);
    return number;
}

static int set_value(HKEY key, const struct mh_value *value, bool *ret_written, struct mh_error *err)
{
    LSTATUS number = value->present ? put_value(key, value) : RegDeleteValueW(key, L"" MH_VALUE_NAME);
    *ret_written = number == ERROR_SUCCESS;
    if (number == ERROR_FILE_NOT_FOUND && !value->present)
        return MH_OK;
    if (number != ERROR_SUCCESS)
        return mh_error_win32(err, (DWORD)number, "cannot change the value");
    number = RegFlushKey(key);
    if (number != ERROR_SUCCESS)
        return mh_error_win32(err, (DWORD)number, "the value is changed, but cannot be flushed to the device");
    return MH_OK;
}

static int check_written(HKEY key, const struct mh_value *wanted, struct mh_error *err)
{
    struct mh_value now = {0};
    int status = mh_regkey_read(key, MH_VALUE_NAME, &now, err);
    if (status == MH_OK && !mh_value_equal(&now, wanted))
        status = mh_error_set(err, MH_IN_USE, "what was written is not what is read back: another process "
                                              "changed it; try again");
    mh_value_clear(&now);
    return status;
}

/* *ret_written tells whether the value was changed, which it may be though not all went well. */
static int write_through(const struct live_hive *hive, bool *ret_written, struct mh_error *err)
{
    HKEY root;
    HKEY key = NULL;
    struct mh_error why = {0};
    int status = open_root(hive, &root, err);
    if (status != MH_OK)
        return status;
    status = open_key(root, hive->wanted.present, &key, &why);
    if (status == MH_OK)
        status = set_value(key, &hive->wanted, ret_written, &why);
    if (status == MH_OK)
        status = check_written(key, &hive->wanted, &why);
    mh_regkey_close(key);
    RegCloseKey(root);
    if (status == MH_NOT_FOUND && !hive->wanted.present)
        return MH_OK; /* without the key there is no value */
    if (status != MH_OK && err)
        *err = why;
    return status;
}

static void remark(struct live_hive *hive, const char *text)
{
    if (hive->base.remarks)
        (void)mh_texts_addf(hive->base.remarks, "%s: %s", hive->profile->id, text);
}

/* The same words for everybody: said again, they are not repeated. */
static void log_change(struct live_hive *hive, const struct mh_value *before)
{
    struct mh_error why = {0};
    if (mh_event_changed(hive->profile, before, &hive->wanted, &why) != MH_OK && hive->base.remarks)
        (void)mh_texts_addf(hive->base.remarks, "changes are missing in the event log: %s", why.message);
}

/* Whose hive Windows will not keep. */
static void warn_of_loss(struct live_hive *hive)
{
    const char *folder = hive->profile->path;
    if (hive->base.live && folder && mh_live_is_mandatory(folder))
        remark(hive, "the profile is mandatory, the change is lost at logoff");
}

/* What is left to say of a change that was made. */
static void tell(struct live_hive *hive, const struct mh_value *before)
{
    hive->base.committed = true;
    log_change(hive, before);
    warn_of_loss(hive);
}

/* Its user may log on at any moment: it is unloaded at once, whatever came of it. */
int mh_live_commit(struct mh_hive *base, struct mh_error *err)
{
    struct live_hive *hive = hive_of(base);
    struct mh_value before = {0};
    struct mh_error stuck = {0};
    bool written = false;
    if (!hive->pending)
        return MH_OK;
    hive->pending = false;
    int status = mh_live_read(base, &before, err);
    if (status == MH_OK && !mh_value_equal(&before, &hive->wanted))
        status = write_through(hive, &written, err);
    if (mh_unmount(&hive->mount, &stuck) != MH_OK && status == MH_OK)
        status = mh_error_native(err, stuck.status, stuck.code, "%s%s", written ? "the value is changed, but " : "",
                                 stuck.message);
    else if (stuck.status != MH_OK)
        remark(hive, stuck.message);
    if (written)
        tell(hive, &before);
    mh_value_clear(&before);
    return status;
}

void mh_live_close(struct mh_hive *base)
{
    struct mh_error why = {0};
    if (!base)
        return;
    struct live_hive *hive = hive_of(base);
    if (mh_unmount(&hive->mount, &why) != MH_OK)
        remark(hive, why.message);
    mh_value_clear(&hive->wanted);
    free(hive->root);
    free(hive);
}
