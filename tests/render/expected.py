# SPDX-License-Identifier: MIT
"""What `render` is to print, byte for byte: {(format, state): bytes}. Made of what the formats' own documents say, with
nothing of the program's."""

import json

from support import preg

KEY, NAME = preg.KEY, preg.NAME
STATES = {"enabled": 0, "disabled": 1, "absent": None}
FILES = ("reg", "pol", "gpp", "lgpo", "samba", "intune")
UNSAYABLE = {("intune", "absent")}
ADMX_INSTALL = "./Device/Vendor/MSFT/Policy/ConfigOperations/ADMXInstall/MapiHttp/Policy/MapiHttp"
ADMX_POLICY = "./User/Vendor/MSFT/Policy/Config/MapiHttp~Policy~MapiHttp/MapiHttp_Use"
GRAPH = "#microsoft.graph."


def guid(thing, state):
    return "{6D617069-6874-8000-80%02X-0000000000%02X}" % (thing, 1 + list(STATES).index(state) if state else 0)


def crlf(*lines):
    return "".join(line + "\r\n" for line in lines)


def reg(state, number):
    value = "-" if number is None else f"dword:{number:08x}"
    text = crlf("Windows Registry Editor Version 5.00", "", rf"[HKEY_CURRENT_USER\{KEY}]", f'"{NAME}"={value}', "")
    return b"\xff\xfe" + text.encode("utf-16-le")


def pol(state, number):
    return preg.pol(preg.DELETES if number is None else (KEY, NAME, 4, number.to_bytes(4, "little")))


def gpp(state, number):
    image, action, type_, value = (8, "D", "REG_SZ", "") if number is None else (12, "U", "REG_DWORD", f"{number:08X}")
    return crlf(
        '<?xml version="1.0" encoding="utf-8"?>',
        '<RegistrySettings clsid="{A3CCFC41-DFDB-43a5-8D26-0FE8B954DA51}">'
        f'<Registry clsid="{{9CD4B2F4-923D-47f5-A062-E897DD1DAD50}}" name="{NAME}" status="{NAME}" image="{image}" '
        f'changed="2000-01-01 00:00:00" uid="{guid(4, state)}">'
        f'<Properties action="{action}" displayDecimal="0" default="0" hive="HKEY_CURRENT_USER" key="{KEY}" '
        f'name="{NAME}" type="{type_}" value="{value}"/></Registry>',
        "</RegistrySettings>").encode()


def lgpo(state, number):
    action = "DELETE" if number is None else f"DWORD:{number}"
    return crlf(f"; Outlook MAPI over HTTP {state}", "", "User", KEY, NAME, action, "").encode()


def one_line(value):
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def samba(state, number):
    more = {} if number is None else {"type": "REG_DWORD", "data": number}
    return one_line([{"keyname": KEY, "valuename": NAME, "class": "USER", **more}])


def intune(state, number):
    title = f"Outlook MAPI over HTTP {state}"
    settings = [("mapihttp.admx", ADMX_INSTALL, "(the text of admx/mapihttp.admx)"),
                (title, ADMX_POLICY, f"<{state}/>")]
    return one_line({
        "@odata.type": f"{GRAPH}windows10CustomConfiguration", "displayName": title,
        "omaSettings": [{"@odata.type": f"{GRAPH}omaSettingString", "displayName": name, "omaUri": uri, "value": value}
                        for name, uri, value in settings]})


FILE = {(name, state): globals()[name](state, number) for name in FILES for state, number in STATES.items()
        if (name, state) not in UNSAYABLE}


# The backup: {path below out: bytes}, folders as None.
OPERATIONS = "http://www.microsoft.com/GroupPolicy/GPOOperations"
SYSTEM, USERS, CONTROLLERS = "0101000000000005 12000000", "0101000000000005 0b000000", "0101000000000005 09000000"
ADMINISTRATORS, OWNER = "0102000000000005 20000000 20020000", "0101000000000003 00000000"
APPLY = "8ffdaced b3ff d111 b41d00a0c968f939"
ACES = [f"0502 2800 00010000 01000000 {APPLY} {USERS}",
        f"0002 1400 94000200 {USERS}", f"0002 1400 94000200 {CONTROLLERS}",
        f"0002 1400 ff000f00 {SYSTEM}", f"0002 1800 ff000f00 {ADMINISTRATORS}", f"000a 1400 ff000f00 {OWNER}"]
SECURITY = bytes.fromhex(f"0100 0490 {'00' * 12} 14000000 0400 9800 0600 0000 {' '.join(ACES)}").hex(" ")


def element(name, text):
    return f"<{name}><![CDATA[{text}]]></{name}>"


def instance(state, xmlns=""):
    return f"<BackupInst{xmlns}>" + "".join(element(*one) for one in (
        ("GPOGuid", guid(1, state)), ("GPODomain", "mapihttp.invalid"), ("GPODomainGuid", guid(3, None)),
        ("GPODomainController", "mapihttp.invalid"), ("BackupTime", "2000-01-01T00:00:00"), ("ID", guid(2, state)),
        ("Comment", ""), ("GPODisplayName", f"Outlook MAPI over HTTP {state}"))) + "</BackupInst>"


def backup_xml(state):
    registry = "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"
    settings = "".join((
        element("ID", guid(1, state)), element("Domain", "mapihttp.invalid"),
        f"<SecurityDescriptor>{SECURITY}</SecurityDescriptor>",
        element("DisplayName", f"Outlook MAPI over HTTP {state}"),
        element("Options", 0), element("UserVersionNumber", 65537), element("MachineVersionNumber", 0),
        "<MachineExtensionGuids/>",
        element("UserExtensionGuids", f"[{registry}{{D02B1F73-3407-48AE-BA88-E8213C6761F1}}]"), "<WMIFilter/>"))
    source = rf"\\mapihttp.invalid\sysvol\mapihttp.invalid\Policies\{guid(1, state)}\User\registry.pol"
    return crlf(
        '<?xml version="1.0" encoding="utf-8"?><GroupPolicyBackupScheme bkp:version="2.0" '
        f'bkp:type="GroupPolicyBackupTemplate" xmlns:bkp="{OPERATIONS}" xmlns="{OPERATIONS}">',
        "    <GroupPolicyObject><SecurityGroups/><FilePaths/>"
        f"<GroupPolicyCoreSettings>{settings}</GroupPolicyCoreSettings>",
        f'        <GroupPolicyExtension bkp:ID="{registry}" bkp:DescName="Registry">',
        r'            <FSObjectFile bkp:Path="%GPO_USER_FSPATH%\registry.pol" '
        rf'bkp:SourceExpandedPath="{source}" bkp:Location="DomainSysvol\GPO\User\registry.pol"/>',
        "        </GroupPolicyExtension>",
        "    </GroupPolicyObject>",
        "</GroupPolicyBackupScheme>").encode()


def backup(state):
    top, manifest = guid(2, state), f"{OPERATIONS}/Manifest"
    backups = f'<Backups xmlns="{manifest}" xmlns:mfst="{manifest}" mfst:version="1.0">{instance(state)}</Backups>'
    xmlns = f' xmlns="{manifest}"'
    return {
        "manifest.xml": crlf(backups).encode(), top: None, f"{top}/Backup.xml": backup_xml(state),
        f"{top}/bkupInfo.xml": crlf(instance(state, xmlns)).encode(), f"{top}/DomainSysvol": None,
        f"{top}/DomainSysvol/GPO": None, f"{top}/DomainSysvol/GPO/User": None,
        f"{top}/DomainSysvol/GPO/User/registry.pol": pol(state, STATES[state])}
