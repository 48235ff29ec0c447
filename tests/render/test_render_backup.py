# SPDX-License-Identifier: MIT
"""The backup of a Group Policy Object: what its files say must fit together, and it must be made as a real one is."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import PureWindowsPath

import pytest
from expected import STATES
from samba.dcerpc import preg as samba_preg
from samba.dcerpc import security
from samba.ndr import ndr_unpack

SCHEME = "{http://www.microsoft.com/GroupPolicy/GPOOperations}"
MANIFEST = "{http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest}"
GUID = r"\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}"
# The extension for Registry.pol, and the tool that edits the user's half.
EXTENSIONS = "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F73-3407-48AE-BA88-E8213C6761F1}]"


@pytest.fixture(params=STATES)
def made(request, backups):
    return backups(request.param)


def tree(path):
    return ElementTree.parse(path).getroot()


def texts(element):
    return {child.tag.partition("}")[2]: child.text or "" for child in element}


def listed_files(folder):
    """The elements that name the files of a backup."""
    return list(tree(folder / "Backup.xml").iter(f"{SCHEME}FSObjectFile"))


def settings(folder):
    return texts(tree(folder / "Backup.xml").find(f".//{SCHEME}GroupPolicyCoreSettings"))


def test_the_folder_is_the_backups_id(made):
    assert re.fullmatch(GUID, made.id)
    assert {path.name for path in made.out.iterdir()} == {"manifest.xml", made.id}


def test_the_manifest_and_the_backup_say_the_same_of_it(made):
    (listed,) = tree(made.out / "manifest.xml")
    own = tree(made.own / "bkupInfo.xml")
    assert listed.tag == own.tag == f"{MANIFEST}BackupInst"
    assert texts(listed) == texts(own) and texts(own)["ID"] == made.id


def test_the_object_is_one_in_all_files(made):
    information, core = texts(tree(made.own / "bkupInfo.xml")), settings(made.own)
    assert (information["GPOGuid"], information["GPODomain"], information["GPODisplayName"]) == (
        core["ID"], core["Domain"], core["DisplayName"])
    assert re.fullmatch(GUID, core["ID"]) and core["ID"] != made.id
    assert all(core["ID"] in file.get(f"{SCHEME}SourceExpandedPath") for file in listed_files(made.own))


def test_only_the_user_half_is_there(made):
    core = settings(made.own)
    assert core["UserExtensionGuids"] == EXTENSIONS and core["MachineExtensionGuids"] == ""
    # The half in the directory and the half in SYSVOL: where they differ, consoles complain.
    user = int(core["UserVersionNumber"])
    assert user >> 16 == user & 0xFFFF > 0 and core["MachineVersionNumber"] == "0"


def test_every_file_is_where_the_backup_says(made):
    listed = [file.get(f"{SCHEME}Location") for file in listed_files(made.own)]
    there = {path.relative_to(made.own).as_posix() for path in (made.own / "DomainSysvol").rglob("*") if path.is_file()}
    assert {PureWindowsPath(path).as_posix() for path in listed} == there == {"DomainSysvol/GPO/User/registry.pol"}


@pytest.mark.parametrize("state", STATES)
def test_the_policy_file_is_that_of_the_format_pol(state, backups, rendered):
    content = (backups(state).own / "DomainSysvol/GPO/User/registry.pol").read_bytes()
    assert content == rendered("pol", state) and ndr_unpack(samba_preg.file, content).num_entries == 1


def test_the_security_descriptor(made):
    """What a new object has, with no SID of any domain in it."""
    descriptor = ndr_unpack(security.descriptor, bytes.fromhex(settings(made.own)["SecurityDescriptor"]))
    assert (descriptor.owner_sid, descriptor.group_sid, descriptor.sacl) == (None, None, None)
    sids = {str(ace.trustee) for ace in descriptor.dacl.aces}
    assert sids == {"S-1-5-11", "S-1-5-9", "S-1-5-18", "S-1-5-32-544", "S-1-3-0"}
    apply = [ace for ace in descriptor.dacl.aces if ace.type == security.SEC_ACE_TYPE_ACCESS_ALLOWED_OBJECT]
    assert [str(ace.trustee) for ace in apply] == ["S-1-5-11"]


def shape(element):
    """Names, order and attributes of an element and what is in it; whatever its texts are."""
    return element.tag, sorted(element.keys()), [shape(child) for child in element]


def skeleton(folder):
    """The shape of Backup.xml, without what is in it for a real domain's groups and for parts that ours has not."""
    root = tree(folder / "Backup.xml")
    (whole,) = root
    for element in whole.findall(f"{SCHEME}SecurityGroups"):
        element.clear()
    for extension in whole.findall(f"{SCHEME}GroupPolicyExtension"):
        if extension.get(f"{SCHEME}ID") not in EXTENSIONS:
            whole.remove(extension)
        for element in extension.findall(f"{SCHEME}FSObjectFile"):
            if element.get(f"{SCHEME}Location") is None:  # it matched no file
                extension.remove(element)
    return shape(root)


@pytest.mark.gpo_backup
def test_it_is_made_as_a_real_one_is(real_backup, made):
    real = [folder for folder in real_backup.iterdir() if (folder / "Backup.xml").is_file()]
    assert real
    for folder in real:
        assert re.fullmatch(GUID, folder.name)
        assert skeleton(made.own) == skeleton(folder)
        assert shape(tree(made.own / "bkupInfo.xml")) == shape(tree(folder / "bkupInfo.xml"))


@pytest.mark.gpo_backup
def test_what_a_real_one_says_of_a_users_policy_is_said_alike(real_backup, made):
    own = tree(made.own / "Backup.xml")
    for folder in (folder for folder in real_backup.iterdir() if (folder / "Backup.xml").is_file()):
        theirs = tree(folder / "Backup.xml")
        assert own.attrib == theirs.attrib
        ours, all_theirs = ({file.get(f"{SCHEME}Path"): file.get(f"{SCHEME}Location") for file in listed_files(one)}
                            for one in (made.own, folder))
        assert ours.items() <= all_theirs.items()
        assert settings(folder)["UserExtensionGuids"] == settings(made.own)["UserExtensionGuids"] == EXTENSIONS
        assert settings(folder)["UserVersionNumber"] == settings(made.own)["UserVersionNumber"]
