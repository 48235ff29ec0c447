# SPDX-License-Identifier: MIT
"""The machine itself, and what Wine does and does not do as Windows does: the other tests rest on these facts.

One that fails with another Wine says which of them is to be looked at again; docs/windows.md lists them.
"""

import pytest
from support import hives, wine
from support.wine import OFF, ON, VALUES, Refused

REPARSE_POINT = 0x400
SHARING_VIOLATION, NOT_REGISTRY_FILE, NONE_MAPPED = 32, 1017, 1332


def refusal(machine, *command):
    with pytest.raises(Refused) as refused:
        machine.hands.ask(*command)
    return refused.value.args[0]


@pytest.mark.parametrize("value", [value for value in VALUES if value.raw], ids=lambda value: value.name)
def test_any_value_can_be_put_and_read_back(machine, value):
    machine.loaded("ann", value)
    assert machine.of("ann") == value.raw


def test_the_machine_is_empty_again(machine):
    before = machine.hands.ask("keys", "HKU"), machine.hands.ask("keys", wine.PROFILE_LIST)
    machine.loaded("ann", OFF)
    machine.unloaded("bob", ON)
    machine.default(ON)
    machine.start()
    machine.clear()
    assert (machine.hands.ask("keys", "HKU"), machine.hands.ask("keys", wine.PROFILE_LIST)) == before
    assert not machine.folder("ann").exists() and not machine.folder("bob").exists()


@pytest.fixture
def text(machine, tmp_path):
    path = tmp_path / "text"
    path.write_bytes(wine.text_hive(OFF))
    return machine, path


def test_wine_mounts_its_own_format(text):
    machine, path = text
    machine.hands.ask("load", "other", wine.windows_path(path))
    try:
        assert machine.of("other") == OFF.raw
    finally:
        machine.hands.ask("unload", "other")
    assert "other" not in machine.hands.ask("keys", "HKU")


def test_wine_does_not_write_a_mount_back(text):
    machine, path = text
    machine.hands.ask("load", "other", wine.windows_path(path))
    machine.put("other", ON)
    machine.hands.ask("unload", "other")
    assert path.read_bytes() == wine.text_hive(OFF)


def test_wine_refuses_the_format_of_windows_but_leaves_an_empty_key(machine, tmp_path):
    hives.make(tmp_path / "real", wine.user(OFF))
    assert refusal(machine, "load", "other", wine.windows_path(tmp_path / "real")) == NOT_REGISTRY_FILE
    assert machine.hands.ask("keys", "HKU\\other") == []
    machine.hands.ask("unload", "other")
    assert "other" not in machine.hands.ask("keys", "HKU")


def test_wine_mounts_no_file_that_is_held(text):
    machine, path = text
    machine.hands.ask("hold", wine.windows_path(path), 0)
    assert refusal(machine, "load", "other", wine.windows_path(path)) == SHARING_VIOLATION


def test_wine_unloads_a_mount_that_is_not_there_no_more(machine):
    assert refusal(machine, "unload", "other") == wine.NOT_FOUND


def test_wine_keeps_a_lock(machine):
    bob = machine.unloaded("bob")
    assert bob
    machine.hands.ask("hold", r"C:\users\bob\NTUSER.DAT", 0)
    assert refusal(machine, "hold", r"C:\users\bob\NTUSER.DAT", 7) == SHARING_VIOLATION


def attributes(machine, path):
    by_name, by_handle, links = map(int, machine.hands.ask("attributes", path))
    return bool(by_name & REPARSE_POINT), bool(by_handle & REPARSE_POINT), links


def test_wine_counts_hard_links(machine):
    machine.unloaded("bob")
    machine.hive("bob").with_name("again").hardlink_to(machine.hive("bob"))
    assert attributes(machine, r"C:\users\bob\NTUSER.DAT") == (False, False, 2)


def test_wine_shows_a_link_to_a_folder_by_its_name_only(machine):
    machine.folder("real").mkdir()
    machine.folder("link").symlink_to("real")
    assert attributes(machine, r"C:\users\link")[:2] == (True, False)


def test_wine_shows_no_link_to_a_file(machine):
    machine.unloaded("bob")
    machine.hive("bob").with_name("link").symlink_to("NTUSER.DAT")
    assert attributes(machine, r"C:\users\bob\link")[:2] == (False, False)


def test_wine_knows_the_account_of_the_user_only(machine):
    assert machine.account.count("\\") == 1
    assert machine.own.startswith("S-1-5-21-")


def test_wine_finds_an_account_by_its_exact_name_only(machine):
    domain, name = machine.account.split("\\")
    machine.hands.ask("lookup", f"{domain.swapcase()}\\{name}")
    assert refusal(machine, "lookup", f"{domain}\\{name.swapcase()}") == NONE_MAPPED


def test_wine_keeps_no_list_of_what_is_mounted_from_where(text):
    machine, path = text
    machine.hands.ask("load", "other", wine.windows_path(path))
    try:
        assert machine.names("values", wine.HIVE_LIST) == []
    finally:
        machine.hands.ask("unload", "other")


def test_wine_shows_32_bit_programs_the_same_profile_list(machine):
    machine.entry(f"{wine.DOMAIN}-1", r"C:\users\nobody")
    other = wine.PROFILE_LIST.replace("Software", r"Software\Wow6432Node")
    assert f"{wine.DOMAIN}-1" in machine.hands.ask("keys", other)


def test_wines_token_has_the_privileges_to_mount(machine):
    held = {name.lstrip("+") for name in machine.hands.ask("privileges")}
    assert {"SeRestorePrivilege", "SeBackupPrivilege"} <= held
