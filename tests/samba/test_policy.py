# SPDX-License-Identifier: MIT
"""Registry.pol in a Group Policy object of a domain: what Samba's own tools read there, keep of it, and apply."""

import pytest
from domain import REGISTRY, parts_of
from rendering import APPLIED, POL, rendered
from support import hives, preg
from support.tool import call

samba_preg = pytest.importorskip("samba.dcerpc.preg", reason="python3-samba is not there")
ndr = pytest.importorskip("samba.ndr", reason="python3-samba is not there")

RECORDS = {"enabled": (preg.KEY, preg.NAME, 4, 0), "disabled": (preg.KEY, preg.NAME, 4, 1),
           "absent": (preg.KEY, f"**del.{preg.NAME}", 1, " ")}


def unpack(data):
    return ndr.ndr_unpack(samba_preg.file, data)


@pytest.fixture(scope="module")
def resultant_set(domain, policies):
    return domain.resultant_set()


def test_samba_reads_the_record(state):
    (entry,) = unpack(rendered("pol", state)).entries
    assert (entry.keyname, entry.valuename, entry.type, entry.data) == RECORDS[state]


def test_samba_would_write_the_same_bytes(state):
    pol = rendered("pol", state)
    assert ndr.ndr_pack(unpack(pol)) == pol


def test_samba_refuses_it_cut_short(state):
    with pytest.raises(RuntimeError):
        unpack(rendered("pol", state)[:-1])


def test_sysvol_gives_back_the_same_bytes(policy, state):
    assert policy.get(POL) == rendered("pol", state)


def test_fetched(policy, state):
    folder = policy.fetch()
    assert (folder / "User" / "Registry.pol").read_bytes() == rendered("pol", state)


def test_listed(domain, policies):
    said = domain.samba_tool("gpo", "listall")
    assert all(f"display name : {policy.name}\n" in said for policy in policies.values())


def test_shown_with_the_version_of_the_user_half(domain, policy):
    said = domain.samba_tool("gpo", "show", policy.guid)
    assert f"display name : {policy.name}\n" in said and "version      : 65536\n" in said


def test_both_versions_are_one(policy):
    assert policy.version() == (0x10000, 0x10000)


def test_the_extensions_are_in_order_and_registry_is_among_them(policy):
    names = [extension for extension, *_ in parts_of(policy.attribute("gPCUserExtensionNames"))]
    assert names == sorted(names) and REGISTRY in names


def test_access_lists_of_sysvol_and_directory_agree(domain, policies):
    assert "do not match" not in domain.samba_tool("gpo", "aclcheck")


def test_meant_for_the_user(domain, policies):
    said = domain.samba_tool("gpo", "list", "ann")
    assert all(f"{policy.name} {policy.guid}" in said for policy in policies.values())


def test_applied_to_the_user(resultant_set, policy, state):
    assert resultant_set[policy.name] == APPLIED[state]


def test_an_object_that_is_not_linked_is_not_applied(domain):
    policy = domain.create("not linked").publish({POL: rendered("pol", "disabled")})
    assert policy.name not in domain.resultant_set()


def test_a_new_state_replaces_the_old_one(domain):
    policy = domain.create("changed").publish({POL: rendered("pol", "disabled")}).link()
    before = domain.resultant_set()["changed"]
    policy.publish({POL: rendered("pol", "enabled")}, version=2)
    assert (before, domain.resultant_set()["changed"]) == (APPLIED["disabled"], APPLIED["enabled"])
    assert policy.version() == (0x20000, 0x20000)


def test_backed_up_and_restored(policy, state):
    backup = policy.fetch("backup")
    restored = policy.restore(backup, f"{policy.name}, restored")
    assert restored.get(POL) == rendered("pol", state)
    assert restored.attribute("gPCUserExtensionNames") == policy.attribute("gPCUserExtensionNames")


def test_what_the_controller_gives_is_known_as_group_policy(policy, tmp_path):
    """Windows keeps what it was given as ntuser.pol."""
    value = {"name": hives.NAME, "type": "REG_DWORD", "data": 1}
    store = hives.store(tmp_path / "store", {"ann": hives.user(value), "bob": hives.user(value)})
    (store / "ann" / "ntuser.pol").write_bytes((policy.fetch() / "User" / "Registry.pol").read_bytes())
    done = call("get", {"store": str(store)})
    assert {p["path"][-3:]: p["managed_by"] for p in done.result["profiles"]} == {"ann": "group_policy", "bob": None}
