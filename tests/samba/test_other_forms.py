# SPDX-License-Identifier: MIT
"""The other files that an administrator of a Samba domain may take: a GPO backup, which Samba itself cannot import, an
item of Group Policy Preferences, and the JSON of `samba-tool gpo load`."""

import importlib.util
import json
import xml.etree.ElementTree as ElementTree

import pytest
from domain import EXTENSIONS, parts_of
from rendering import APPLIED, POL, STATES, rendered

misc = pytest.importorskip("samba.dcerpc.misc", reason="python3-samba is not there")
samba_preg = pytest.importorskip("samba.dcerpc.preg", reason="python3-samba is not there")
security = pytest.importorskip("samba.dcerpc.security", reason="python3-samba is not there")
ndr = pytest.importorskip("samba.ndr", reason="python3-samba is not there")

PREFERENCES = r"User\Preferences\Registry\Registry.xml"
PREFERENCE_EXTENSIONS = ("[{00000000-0000-0000-0000-000000000000}{BEE07A6A-EC9F-4659-B8C9-0B1937907C83}]"
                         "[{B087BE9D-ED37-454F-AF9C-04291E351182}{BEE07A6A-EC9F-4659-B8C9-0B1937907C83}]")
# What every user and computer of a domain may do with an object: list, read, and read who may.
AUTHENTICATED_MAY_READ = ("S-1-5-11", 0x20094)


class Backup:
    """A GPO backup, as its Backup.xml tells of it."""

    def __init__(self, folder):
        (path,) = folder.glob("*/Backup.xml")
        self.root = ElementTree.parse(path).getroot()
        self.space = self.root.tag.partition("}")[0] + "}"
        self.files = {}
        for element in self.root.iter(f"{self.space}FSObjectFile"):
            attributes = {key.rpartition("}")[2]: value for key, value in element.attrib.items()}
            place = attributes["Path"].replace("%GPO_USER_FSPATH%", "User")
            self.files[place] = path.parent.joinpath(*attributes["Location"].split("\\")).read_bytes()

    def text(self, name):
        return self.root.findtext(f".//{self.space}{name}")


@pytest.fixture(scope="module")
def backups(tmp_path_factory):
    found = {}
    for state in STATES:
        folder = tmp_path_factory.mktemp("backup") / "out"
        rendered("backup", state, out=folder)
        found[state] = Backup(folder)
    return found


@pytest.fixture(scope="module")
def imported(domain, backups):
    """What a client of the domain is told of objects made of the backups."""
    for state, backup in backups.items():
        domain.create(f"imported {state}").publish(backup.files, backup.text("UserExtensionGuids")).link()
    return domain.resultant_set()


def test_an_imported_backup_is_applied(imported, state):
    assert imported[f"imported {state}"] == APPLIED[state]


def test_a_backup_names_the_extension_that_reads_registry_policy_and_no_other(backups, state):
    assert parts_of(backups[state].text("UserExtensionGuids")) == parts_of(EXTENSIONS)


def test_a_backup_has_a_version_in_both_places(backups, state):
    version = int(backups[state].text("UserVersionNumber"))
    assert version >> 16 == version & 0xFFFF > 0


def test_samba_reads_the_access_list_of_a_backup(backups, state):
    data = bytes.fromhex(backups[state].text("SecurityDescriptor"))
    descriptor = ndr.ndr_unpack(security.descriptor, data)
    assert AUTHENTICATED_MAY_READ in {(str(ace.trustee), ace.access_mask) for ace in descriptor.dacl.aces}
    assert ndr.ndr_pack(descriptor) == data


@pytest.fixture(scope="module")
def preferences(domain):
    return {state: domain.create(f"preferences {state}").publish({PREFERENCES: rendered("gpp", state)},
                                                                PREFERENCE_EXTENSIONS) for state in STATES}


def test_preferences_come_back_from_sysvol(preferences, state):
    assert preferences[state].get(PREFERENCES) == rendered("gpp", state)


def test_preferences_are_backed_up_and_restored(preferences, state):
    restored = preferences[state].restore(preferences[state].fetch("backup"), f"preferences {state}, restored")
    assert restored.get(PREFERENCES) == rendered("gpp", state)
    assert parts_of(restored.attribute("gPCUserExtensionNames")) == parts_of(PREFERENCE_EXTENSIONS)


def entry_of(record):
    entry = samba_preg.entry()
    entry.keyname, entry.valuename = record["keyname"], record["valuename"]
    entry.type, entry.data = getattr(misc, record["type"]), record["data"]
    return entry


@pytest.mark.parametrize("state", ["enabled", "disabled"])
def test_the_json_says_what_registry_pol_says(state):
    (record,) = json.loads(rendered("samba", state))
    assert record["class"] == "USER"
    pol = samba_preg.file()
    pol.header.signature, pol.header.version, pol.num_entries = "PReg", 1, 1
    pol.entries = [entry_of(record)]
    assert ndr.ndr_pack(pol) == rendered("pol", state)


def test_the_json_of_absent_names_what_the_others_write():
    (record,) = json.loads(rendered("samba", "absent"))
    (written,) = json.loads(rendered("samba", "enabled"))
    assert record == {name: written[name] for name in ("keyname", "valuename", "class")}


def load(domain, policy, verb, content):
    path = domain.scratch() / "content.json"
    path.write_bytes(content)
    domain.samba_tool("gpo", verb, policy.guid, f"--content={path}")


# Debian 12's Samba has no such command yet.
if importlib.util.find_spec("samba.policies"):
    @pytest.mark.parametrize("state", ["enabled", "disabled"])
    def test_the_json_is_loaded(domain, state):
        policy = domain.create(f"loaded {state}")
        load(domain, policy, "load", rendered("samba", state))
        assert policy.get(POL) == rendered("pol", state)

    def test_the_json_of_absent_is_removed(domain):
        policy = domain.create("removed")
        load(domain, policy, "load", rendered("samba", "disabled"))
        load(domain, policy, "remove", rendered("samba", "absent"))
        assert list(ndr.ndr_unpack(samba_preg.file, policy.get(POL)).entries) == []
