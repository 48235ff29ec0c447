# SPDX-License-Identifier: MIT
"""The role `converge`: it hands over what it is given, and keeps the undo."""

import json
import stat

import pytest
from conftest import states
from support import hives
from support.wine import OFF, ON

BEFORE = {"ann.V6": "disabled", "bob.V6": "absent", "chau.V6": "other"}
ALLOWED = {"ann.V6": "enabled", "bob.V6": "absent", "chau.V6": "enabled"}


def converge(ansible, *arguments, connection="local", **variables):
    variables = {f"converge_{name}": value if isinstance(value, (bool, list, dict)) else str(value)
                 for name, value in variables.items()}
    task = {"name": "role", "ansible.builtin.include_role": {"name": "mapihttp.outlook.converge"}, "vars": variables}
    shown = {"name": "shown", "ansible.builtin.debug": {"var": "converge_result"}}
    return ansible.play(task, shown, arguments=arguments, connection=connection)


def test_nobody_is_turned_off_by_default(ansible, store):
    run = converge(ansible, store=store)
    assert run.code == 0 and states(store) == ALLOWED, run.out + run.err
    assert run.of("shown")["converge_result"]["msg"] == "2 of 3 profiles changed"


def test_it_finds_nothing_to_do_the_second_time(ansible, store):
    converge(ansible, store=store)
    before = hives.snapshot(store)
    run = converge(ansible, store=store)
    assert "changed=0 " in run.out and hives.snapshot(store) == before


def test_check_mode_writes_nothing(ansible, store, tmp_path):
    before = hives.snapshot(store)
    run = converge(ansible, "--check", store=store, undo_file=tmp_path / "undo.json")
    assert run.of("shown")["converge_result"]["check"] and run.code == 0, run.out + run.err
    assert hives.snapshot(store) == before and not (tmp_path / "undo.json").exists()


@pytest.mark.parametrize("variables, after", [
    ({"state": "absent"}, dict.fromkeys(BEFORE, "absent")),
    ({"state": "enabled", "users": ["ann.V6"]}, {**BEFORE, "ann.V6": "enabled"}),
    ({"state": "enabled", "exclude": ["b*", "c*"]}, {**BEFORE, "ann.V6": "enabled"}),
], ids=["state", "users", "exclude"])
def test_what_it_is_given_is_handed_over(ansible, store, variables, after):
    run = converge(ansible, store=store, **variables)
    assert states(store) == after, run.out + run.err


def test_hives_are_handed_over(ansible, store):
    run = converge(ansible, hives=[f"{store}/ann.V6/NTUSER.DAT"])
    assert states(store) == {**BEFORE, "ann.V6": "enabled"}, run.out + run.err


def test_a_volume_is_handed_over(ansible, tmp_path):
    root = hives.volume(tmp_path / "volume", {"ann": hives.user(hives.dword(1))})
    run = converge(ansible, root=root)
    assert run.of("shown")["converge_result"]["counts"]["changed"] == 1, run.out + run.err


def test_the_undo_is_kept_for_its_owner_and_takes_it_back(ansible, store, tmp_path):
    kept = tmp_path / "undo.json"
    converge(ansible, store=store, state="enabled", undo_file=kept)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    undo = json.loads(kept.read_text())
    run = converge(ansible, store=undo["store"], restore=undo["restore"])
    assert states(store) == BEFORE, run.out + run.err


def test_the_undo_is_kept_when_a_profile_failed(ansible, store, tmp_path):
    hives.patch(store / "bob.V6" / "NTUSER.DAT", (4096, b"nope"))
    run = converge(ansible, store=store, state="enabled", undo_file=tmp_path / "undo.json")
    assert run.code == 2 and len(json.loads((tmp_path / "undo.json").read_text())["restore"]) == 2, run.out + run.err


def test_a_run_that_changes_nothing_leaves_the_undo_alone(ansible, store, tmp_path):
    for _ in range(2):
        converge(ansible, store=store, state="enabled", undo_file=tmp_path / "undo.json")
    assert len(json.loads((tmp_path / "undo.json").read_text())["restore"]) == 3


def test_without_a_folder_for_the_undo_nothing_is_changed(ansible, store, tmp_path):
    before = hives.snapshot(store)
    run = converge(ansible, store=store, undo_file=tmp_path / "no" / "undo.json")
    assert run.code == 2 and "nothing was changed" in run.out + run.err and hives.snapshot(store) == before


@pytest.mark.parametrize("variables", [{"state": "on"}, {"users": {"ann.V6": 1}}, {"windows": "perhaps"}],
                         ids=lambda one: next(iter(one)))
def test_what_the_role_does_not_take_is_refused(ansible, store, variables):
    before = hives.snapshot(store)
    run = converge(ansible, store=store, **variables)
    assert run.code == 2 and f"converge_{next(iter(variables))}" in run.out + run.err, run.out + run.err
    assert hives.snapshot(store) == before


def test_a_host_without_any_place_fails_with_the_reason(ansible):
    run = converge(ansible)
    assert run.code == 2 and "hives" in run.out + run.err


def test_it_takes_the_windows_module_on_a_windows_host(ansible, machine):
    machine.loaded("ann", OFF)
    run = converge(ansible, connection="wine", windows=True, users=["ann"])
    assert run.code == 0 and machine.of("ann") == ON.raw, run.out + run.err


@pytest.mark.parametrize("connection, shell, windows", [
    ("local", None, False), ("ssh", None, False), ("winrm", None, True), ("psrp", None, True),
    ("ansible.builtin.psrp", None, True), ("ssh", "powershell", True), ("ssh", "cmd", True), ("ssh", "sh", False)])
def test_a_windows_host_is_known_by_its_connection(ansible, connection, shell, windows):
    known = {"name": "known", "ansible.builtin.debug": {"msg": "{{ converge_windows }}"}}
    run = ansible.play(known, connection=connection, variables={
        "ansible_connection": connection, **({"ansible_shell_type": shell} if shell else {})},
        vars_files=[str(ansible.installed / "roles/converge/defaults/main.yml")])
    assert run.of("known")["msg"] is windows, run.out + run.err
