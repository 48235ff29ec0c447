/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "registry/live/live.h"

#include <sddl.h>

#include "core/print.h"
#include "core/text.h"
#include "os/windows/native.h"
#include "os/windows/wide.h"

#define EVENT_CHANGED 100
#define STRINGS 5

/* The SID and, without asking anybody else, the name. */
static char *who_asks(void)
{
    char *sid = NULL;
    wchar_t name[257];
    DWORD units = sizeof(name) / sizeof(name[0]);
    if (mh_process_sid(&sid, NULL) != MH_OK)
        return NULL;
    char *user = GetUserNameW(name, &units) ? mh_narrow_text(name) : mh_text_copy("");
    char *who = user ? mh_text_format("%s (%s)", sid, user) : NULL;
    free(sid);
    free(user);
    return who;
}

#define SHOWN_MAX 32u /* bytes of data */

/* "REG_DWORD 1", "REG_SZ 30000000", "not there"; on the heap. */
static char *describe(const struct mh_value *value)
{
    char buffer[16];
    char hex[2 * SHOWN_MAX + 1] = "";
    uint32_t number;
    if (!value->present)
        return mh_text_copy("not there");
    const char *type = mh_type_name(value->type, buffer);
    if (mh_value_dword(value, &number))
        return mh_text_format("%s %lu", type, (unsigned long)number);
    for (uint32_t i = 0; i < value->size && i < SHOWN_MAX; i++)
        snprintf(hex + 2 * (size_t)i, 3, "%02X", value->data[i]);
    return mh_text_format("%s %s%s", type, hex, value->size > SHOWN_MAX ? "..." : "");
}

/* Names and paths are other people's; who reads the log is to see them, not to be shown something else by them. */
static wchar_t *shown(const char *text)
{
    struct mh_buffer safe = {0};
    (void)mh_text_print(&safe, text);
    wchar_t *wide = safe.failed ? NULL : mh_wide(safe.text ? safe.text : "");
    mh_buffer_clear(&safe);
    return wide;
}

static int report(const char *const *texts, PSID user, struct mh_error *err)
{
    wchar_t *strings[STRINGS] = {0};
    BOOL logged = FALSE;
    DWORD number = ERROR_OUTOFMEMORY;
    bool whole = true;
    for (size_t i = 0; i < STRINGS; i++) {
        strings[i] = texts[i] ? shown(texts[i]) : NULL;
        whole = whole && strings[i];
    }
    HANDLE log = whole ? RegisterEventSourceW(NULL, L"mapihttp") : NULL;
    if (log) {
        logged = ReportEventW(log, EVENTLOG_INFORMATION_TYPE, 0, EVENT_CHANGED, user, STRINGS, 0,
                              (const wchar_t **)strings, NULL);
        number = GetLastError();
        DeregisterEventSource(log);
    } else if (whole) {
        number = GetLastError();
    }
    for (size_t i = 0; i < STRINGS; i++)
        free(strings[i]);
    return logged ? MH_OK : mh_error_win32(err, number, "cannot write to the Application log");
}

/* The event's own user field; it may stay empty. */
static PSID binary_sid(const char *sid)
{
    PSID binary = NULL;
    wchar_t *wide = sid ? mh_wide(sid) : NULL;
    if (wide)
        (void)ConvertStringSidToSidW(wide, &binary);
    free(wide);
    return binary;
}

int mh_event_changed(const struct mh_profile *profile, const struct mh_value *before,
                     const struct mh_value *after, struct mh_error *err)
{
    const char *whose = profile->sid ? profile->sid : profile->id;
    char *old = describe(before);
    char *new = describe(after);
    char *who = who_asks();
    char *sentence = old && new && who
                         ? mh_text_format("mapihttp changed %s\\%s of %s (%s) from %s to %s, asked by %s.",
                                          MH_VALUE_KEY, MH_VALUE_NAME, whose,
                                          profile->hive ? profile->hive : "HKEY_USERS", old, new, who)
                         : NULL;
    const char *const texts[STRINGS] = {sentence, whose, old, new, who};
    PSID user = binary_sid(profile->sid);
    int status = report(texts, user, err);
    LocalFree(user);
    free(old);
    free(new);
    free(who);
    free(sentence);
    return status;
}
