/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "core/state.h"
#include "render/render.h"

#define OPERATIONS "http://www.microsoft.com/GroupPolicy/GPOOperations"
#define MANIFEST OPERATIONS "/Manifest"

/* The extension that applies a Registry.pol, and the tool that edits the user's ([MS-GPREG] 1.9). */
#define EXTENSION "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"
#define TOOL "{D02B1F73-3407-48AE-BA88-E8213C6761F1}"

/* Where it would have been taken. Nobody's: an import puts its own domain in place of that. */
#define DOMAIN "mapihttp.invalid"

/* 1 in the directory (the upper half) and 1 in SYSVOL; 0 would say that there is nothing to apply. */
#define USER_VERSION "65537"
#define MACHINE_VERSION "0"

#define POL "registry.pol"

/*
 * What a new GPO allows ([MS-DTYP] 2.4.6, without owner and group), but that Administrators stand in the place of the
 * domain's and the forest's own groups, whose SIDs nobody here can know:
 *   D:P(OA;CI;CR;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;AU)(A;CI;LCRPLORC;;;AU)(A;CI;LCRPLORC;;;ED)
 *   (A;CI;CCDCLCSWRPWPDTLOSDRCWDWO;;;SY)(A;CI;...;;;BA)(A;CIIO;...;;;CO)
 * An import takes no notice of it.
 */
#define SECURITY                                                                                     \
    "01 00 04 90 00 00 00 00 00 00 00 00 00 00 00 00 14 00 00 00 04 00 98 00 06 00 00 00 05 02 28 00 " \
    "00 01 00 00 01 00 00 00 8f fd ac ed b3 ff d1 11 b4 1d 00 a0 c9 68 f9 39 01 01 00 00 00 00 00 05 " \
    "0b 00 00 00 00 02 14 00 94 00 02 00 01 01 00 00 00 00 00 05 0b 00 00 00 00 02 14 00 94 00 02 00 " \
    "01 01 00 00 00 00 00 05 09 00 00 00 00 02 14 00 ff 00 0f 00 01 01 00 00 00 00 00 05 12 00 00 00 " \
    "00 02 18 00 ff 00 0f 00 01 02 00 00 00 00 00 05 20 00 00 00 20 02 00 00 00 0a 14 00 ff 00 0f 00 " \
    "01 01 00 00 00 00 00 03 00 00 00 00"

static void put_element(struct mh_buffer *buffer, const char *name, const char *text)
{
    mh_buffer_print(buffer, "<%s><![CDATA[%s]]></%s>", name, text, name);
}

static void put_title(struct mh_buffer *buffer, const char *name, enum mh_state state)
{
    mh_buffer_print(buffer, "<%s><![CDATA[" MH_RENDER_TITLE " %s]]></%s>", name, mh_state_name(state), name);
}

static void put_guid(struct mh_buffer *buffer, const char *name, enum mh_render_thing thing, enum mh_state state)
{
    put_element(buffer, name, mh_render_guid(thing, state).text);
}

/* What is said of a backup both in the folder of all of them and in its own. */
static void put_instance(enum mh_state state, const char *xmlns, struct mh_buffer *buffer)
{
    mh_buffer_print(buffer, "<BackupInst%s>", xmlns);
    put_guid(buffer, "GPOGuid", MH_RENDER_GPO, state);
    put_element(buffer, "GPODomain", DOMAIN);
    put_guid(buffer, "GPODomainGuid", MH_RENDER_DOMAIN, MH_STATE_NONE);
    put_element(buffer, "GPODomainController", DOMAIN);
    put_element(buffer, "BackupTime", MH_RENDER_DATE "T" MH_RENDER_TIME);
    put_guid(buffer, "ID", MH_RENDER_BACKUP, state);
    put_element(buffer, "Comment", "");
    put_title(buffer, "GPODisplayName", state);
    mh_buffer_puts(buffer, "</BackupInst>");
}

static void put_core_settings(enum mh_state state, struct mh_buffer *buffer)
{
    mh_buffer_puts(buffer, "<GroupPolicyCoreSettings>");
    put_guid(buffer, "ID", MH_RENDER_GPO, state);
    put_element(buffer, "Domain", DOMAIN);
    mh_buffer_puts(buffer, "<SecurityDescriptor>" SECURITY "</SecurityDescriptor>");
    put_title(buffer, "DisplayName", state);
    put_element(buffer, "Options", "0");
    put_element(buffer, "UserVersionNumber", USER_VERSION);
    put_element(buffer, "MachineVersionNumber", MACHINE_VERSION);
    mh_buffer_puts(buffer, "<MachineExtensionGuids/>");
    put_element(buffer, "UserExtensionGuids", "[" EXTENSION TOOL "]");
    mh_buffer_puts(buffer, "<WMIFilter/></GroupPolicyCoreSettings>\r\n");
}

static void put_extension(enum mh_state state, struct mh_buffer *buffer)
{
    mh_buffer_puts(buffer, "        <GroupPolicyExtension bkp:ID=\"" EXTENSION "\" bkp:DescName=\"Registry\">\r\n"
                           "            <FSObjectFile bkp:Path=\"%GPO_USER_FSPATH%\\" POL "\"");
    mh_buffer_print(buffer,
                    " bkp:SourceExpandedPath=\"\\\\" DOMAIN "\\sysvol\\" DOMAIN "\\Policies\\%s\\User\\" POL "\"",
                    mh_render_guid(MH_RENDER_GPO, state).text);
    mh_buffer_puts(buffer, " bkp:Location=\"DomainSysvol\\GPO\\User\\" POL "\"/>\r\n"
                           "        </GroupPolicyExtension>\r\n");
}

static void put_backup(enum mh_state state, struct mh_buffer *buffer)
{
    mh_buffer_puts(buffer, "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                           "<GroupPolicyBackupScheme bkp:version=\"2.0\" bkp:type=\"GroupPolicyBackupTemplate\" "
                           "xmlns:bkp=\"" OPERATIONS "\" xmlns=\"" OPERATIONS "\">\r\n"
                           "    <GroupPolicyObject><SecurityGroups/><FilePaths/>");
    put_core_settings(state, buffer);
    put_extension(state, buffer);
    mh_buffer_puts(buffer, "    </GroupPolicyObject>\r\n</GroupPolicyBackupScheme>\r\n");
}

static void put_information(enum mh_state state, struct mh_buffer *buffer)
{
    put_instance(state, " xmlns=\"" MANIFEST "\"", buffer);
    mh_buffer_puts(buffer, "\r\n");
}

static void put_manifest(enum mh_state state, struct mh_buffer *buffer)
{
    mh_buffer_puts(buffer, "<Backups xmlns=\"" MANIFEST "\" xmlns:mfst=\"" MANIFEST "\" mfst:version=\"1.0\">");
    put_instance(state, "", buffer);
    mh_buffer_puts(buffer, "</Backups>\r\n");
}

static void add_file(struct mh_tree *tree, const char *path, enum mh_state state,
                     void (*put)(enum mh_state state, struct mh_buffer *buffer))
{
    struct mh_buffer bytes = {0};
    put(state, &bytes);
    mh_tree_add_file(tree, path, &bytes);
}

void mh_render_backup(enum mh_state state, struct mh_tree *tree)
{
    static const struct {
        const char *path; /* below the backup's own folder */
        void (*put)(enum mh_state state, struct mh_buffer *buffer); /* NULL: a folder */
    } items[] = {
        {"", NULL},
        {"/Backup.xml", put_backup},
        {"/bkupInfo.xml", put_information},
        {"/DomainSysvol", NULL},
        {"/DomainSysvol/GPO", NULL},
        {"/DomainSysvol/GPO/User", NULL},
        {"/DomainSysvol/GPO/User/" POL, mh_render_pol},
    };
    char path[128];
    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        snprintf(path, sizeof(path), "%s%s", mh_render_guid(MH_RENDER_BACKUP, state).text, items[i].path);
        if (items[i].put)
            add_file(tree, path, state, items[i].put);
        else
            mh_tree_add_folder(tree, path);
    }
    add_file(tree, "manifest.xml", state, put_manifest);
}
