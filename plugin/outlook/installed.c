/* SPDX-License-Identifier: MIT */
#include "outlook/outlook.h"

#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "core/text.h"
#include "outlook/version.h"

#define APP_PATH "Microsoft\\Windows\\CurrentVersion\\App Paths\\OUTLOOK.EXE"

enum { KINDS = 2 };

/* The Offices that may be there, and their names in paths. */
static const struct generation {
    const char *version;
    const char *folder;
    const char *configuration; /* of Click-to-Run; NULL: not of that kind */
} generations[] = {
    {"16.0", "Office16", "Microsoft\\Office\\ClickToRun\\Configuration"},
    {"15.0", "Office15", "Microsoft\\Office\\15.0\\ClickToRun\\Configuration"},
    {"14.0", "Office14", NULL},
    {"12.0", "Office12", NULL},
};

/* HKLM\Software as 64-bit and as 32-bit programs see it; a 32-bit Windows has the first only. */
static const char *const views[] = {"", "WOW6432Node\\"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One generation being looked up: of each kind there can be one, for its two bitnesses exclude each other. */
struct look {
    const struct mh_software *software;
    int (*file_version)(const char *path, bool *ret_there, char **ret_version, struct mh_error *err);
    const struct generation *generation;
    bool found[KINDS];      /* says where its OUTLOOK.EXE is */
    char *versions[KINDS];  /* of that file; NULL: not known */
    char *configured;       /* the version that Click-to-Run reports; NULL: it is not there */
    bool configured_in;     /* and Outlook is in it, as far as its configuration tells */
    struct mh_error *err;
};

static void look_clear(struct look *look)
{
    for (int i = 0; i < KINDS; i++)
        free(look->versions[i]);
    free(look->configured);
}

/* A text of the key made of the view and the rest. */
static int get_text(struct look *look, const char *view, const char *key, const char *name, char **ret_text)
{
    char *path = mh_text_format("%s%s", view, key);
    if (!path)
        return mh_error_no_memory(look->err);
    int status = mh_software_text(look->software, path, name, ret_text, look->err);
    free(path);
    return status;
}

/* Click-to-Run publishes the same keys as Windows Installer; only there the folder is one in "root". */
static enum mh_outlook_kind kind_of(const char *folder)
{
    return mh_text_match("*\\root\\Office*", folder) ? MH_OUTLOOK_CLICK_TO_RUN : MH_OUTLOOK_MSI;
}

/* What an uninstalled Office left in the registry is told by the file that is gone. Where all is known
 * already it is not opened: that may have it scanned for viruses first. */
static int note_folder(struct look *look, const char *folder)
{
    enum mh_outlook_kind kind = kind_of(folder);
    size_t length = strlen(folder);
    bool known = kind == MH_OUTLOOK_CLICK_TO_RUN && look->configured && look->configured_in;
    bool there = true;
    if (length == 0 || look->found[kind])
        return MH_OK;
    if (look->file_version && !known) {
        char *path = mh_text_format("%s%sOUTLOOK.EXE", folder, folder[length - 1] == '\\' ? "" : "\\");
        if (!path)
            return mh_error_no_memory(look->err);
        int status = look->file_version(path, &there, &look->versions[kind], look->err);
        free(path);
        if (status != MH_OK)
            return status;
    }
    look->found[kind] = there;
    return MH_OK;
}

static int look_at_install_root(struct look *look, const char *view)
{
    char *folder = NULL;
    char *key = mh_text_format("Microsoft\\Office\\%s\\Outlook\\InstallRoot", look->generation->version);
    if (!key)
        return mh_error_no_memory(look->err);
    int status = get_text(look, view, key, "Path", &folder);
    free(key);
    if (status == MH_OK && folder)
        status = note_folder(look, folder);
    free(folder);
    return status;
}

/* The program's path, which may be quoted: *path becomes its folder. Returns false when that is of another
 * generation. */
static bool cut_to_folder(char **path, const char *name)
{
    *path += **path == '"';
    char *end = strrchr(*path, '\\');
    if (!end)
        return false;
    *end = '\0';
    const char *last = strrchr(*path, '\\');
    return last && mh_text_equal(last + 1, name);
}

static int look_at_app_path(struct look *look, const char *view)
{
    char *text = NULL;
    int status = get_text(look, view, APP_PATH, NULL, &text);
    char *folder = text;
    if (status == MH_OK && folder && cut_to_folder(&folder, look->generation->folder))
        status = note_folder(look, folder);
    free(text);
    return status;
}

/* Whether one of the names in the list is that. */
static bool lists(const char *list, const char *name)
{
    static const char separators[] = ",; ";
    for (list += strspn(list, separators); *list; list += strspn(list, separators)) {
        size_t length = strcspn(list, separators);
        char *item = mh_text_copyn(list, length);
        bool same = item && mh_text_equal(item, name);
        free(item);
        if (same)
            return true;
        list += length;
    }
    return false;
}

/* Products of Click-to-Run that never have Outlook in them, by their ids ("VisioProRetail"). */
static bool is_without(const char *product)
{
    static const char *const patterns[] = {
        "Access*", "Excel*", "Groove*", "Home2*", "HomeStudent2*", "HomeStudentRetail", "InfoPath*",
        "LanguagePack*", "Lync*", "OneNote*", "PowerPoint*", "Project*", "Publisher*", "SkypeforBusiness*",
        "SPD*", "Visio*", "Word*"};
    for (size_t i = 0; i < COUNT(patterns); i++)
        if (mh_text_match(patterns[i], product))
            return true;
    return false;
}

static int is_excluded(struct look *look, const char *view, const char *product, bool *ret_excluded)
{
    char *apps = NULL;
    char *name = mh_text_format("%s.ExcludedApps", product);
    if (!name)
        return mh_error_no_memory(look->err);
    int status = get_text(look, view, look->generation->configuration, name, &apps);
    free(name);
    *ret_excluded = apps && lists(apps, "outlook"); /* "outlookforwindows" is another program */
    free(apps);
    return status;
}

/* Goes through the products of an Office until one has Outlook in it; where none is named, it may. */
static int look_at_products(struct look *look, const char *view, char *products)
{
    static const char separators[] = ",; ";
    int status = MH_OK;
    look->configured_in = !products || !products[strspn(products, separators)];
    for (char *at = products; status == MH_OK && at && *at && !look->configured_in;) {
        bool excluded = false;
        char *product = at + strspn(at, separators);
        at = product + strcspn(product, separators);
        if (*at)
            *at++ = '\0';
        if (!*product || is_without(product))
            continue;
        status = is_excluded(look, view, product, &excluded);
        look->configured_in = status == MH_OK && !excluded;
    }
    return status;
}

static int look_at_configuration(struct look *look, const char *view)
{
    const char *key = look->generation->configuration;
    char *products = NULL;
    if (!key || look->configured)
        return MH_OK;
    int status = get_text(look, view, key, "VersionToReport", &look->configured);
    if (status != MH_OK || !look->configured)
        return status;
    status = get_text(look, view, key, "ProductReleaseIds", &products);
    if (status == MH_OK)
        status = look_at_products(look, view, products);
    free(products);
    return status;
}

static int look_everywhere(struct look *look)
{
    int status = MH_OK;
    for (size_t i = 0; status == MH_OK && i < COUNT(views); i++)
        status = look_at_configuration(look, views[i]);
    for (size_t i = 0; status == MH_OK && i < COUNT(views); i++)
        status = look_at_install_root(look, views[i]);
    for (size_t i = 0; status == MH_OK && i < COUNT(views); i++)
        status = look_at_app_path(look, views[i]);
    return status;
}

static bool is_newer(const char *a, const char *b)
{
    struct mh_version version = {0};
    struct mh_version other = {0};
    mh_version_parse(a, &version);
    mh_version_parse(b, &other);
    return mh_version_compare(&version, &other) > 0;
}

int mh_outlook_add_install(struct mh_outlook *outlook, const char *version, enum mh_outlook_kind kind)
{
    void *items = outlook->installs;
    struct mh_outlook_install install = {.kind = kind, .support = mh_version_support(version)};
    if (mh_array_reserve(&items, sizeof(install), outlook->install_count, &outlook->install_capacity) < 0)
        return -1;
    outlook->installs = items;
    install.version = mh_text_copy(version);
    if (!install.version)
        return -1;
    size_t at = outlook->install_count++;
    for (; at > 0 && is_newer(version, outlook->installs[at - 1].version); at--)
        outlook->installs[at] = outlook->installs[at - 1];
    outlook->installs[at] = install;
    return 0;
}

static int add(struct look *look, struct mh_outlook *outlook, enum mh_outlook_kind kind, const char *version)
{
    struct mh_version parsed;
    if (!version || !mh_version_parse(version, &parsed) || parsed.known < 2)
        version = look->generation->version;
    if (mh_outlook_add_install(outlook, version, kind) < 0)
        return mh_error_no_memory(look->err);
    return MH_OK;
}

static int conclude(struct look *look, struct mh_outlook *outlook)
{
    int status = MH_OK;
    const char *click_to_run = look->configured ? look->configured : look->versions[MH_OUTLOOK_CLICK_TO_RUN];
    if (look->found[MH_OUTLOOK_CLICK_TO_RUN] || (look->configured && look->configured_in))
        status = add(look, outlook, MH_OUTLOOK_CLICK_TO_RUN, click_to_run);
    if (status == MH_OK && look->found[MH_OUTLOOK_MSI])
        status = add(look, outlook, MH_OUTLOOK_MSI, look->versions[MH_OUTLOOK_MSI]);
    return status;
}

int mh_outlook_installed(const struct mh_software *software,
                         int (*file_version)(const char *path, bool *ret_there, char **ret_version,
                                             struct mh_error *err),
                         struct mh_outlook *outlook, struct mh_error *err)
{
    struct mh_outlook found = {0};
    int status = MH_OK;
    for (size_t i = 0; status == MH_OK && i < COUNT(generations); i++) {
        struct look look = {
            .software = software, .file_version = file_version, .generation = &generations[i], .err = err};
        status = look_everywhere(&look);
        if (status == MH_OK)
            status = conclude(&look, &found);
        look_clear(&look);
    }
    if (status != MH_OK) {
        mh_outlook_clear(&found);
        return status;
    }
    outlook->installs = found.installs;
    outlook->install_count = found.install_count;
    outlook->install_capacity = found.install_capacity;
    outlook->installs_known = true;
    return MH_OK;
}
