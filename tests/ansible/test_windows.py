# SPDX-License-Identifier: MIT
"""win_mapihttp in the real engine: mapihttp.exe under Wine, found as Ansible finds modules for Windows hosts."""

import pytest
from conftest import WIN
from support import hives, wine
from support.wine import OFF, ON, windows_path

EVERYBODY = {"state": "enabled", "users": ["ann", "bob"]}


@pytest.fixture
def people(machine):
    """ann is logged on and bob is not; both are disabled."""
    machine.loaded("ann", OFF)
    machine.unloaded("bob", OFF)
    return machine


def test_a_check_looks_at_everybody_and_changes_nothing(ansible, people):
    before = hives.snapshot(people.hive("bob"))
    run, result = ansible.one(WIN, EVERYBODY, "--check", "--diff", connection="wine")
    assert (result["changed"], result["msg"]) == (True, "2 of 2 profiles would change"), run.out + run.err
    assert people.of("ann") == OFF.raw and hives.snapshot(people.hive("bob")) == before
    ann = f"{people.sid('ann')} (C:\\users\\ann\\NTUSER.DAT)"
    assert f"--- before: {ann}\n+++ after: {ann}\n@@ -1 +1 @@\n-MapiHttpDisabled: REG_DWORD 1\n" in run.out


def test_what_is_asked_for_is_so_afterwards_and_a_second_run_changes_nothing(ansible, people):
    request = {"state": "enabled", "users": ["ann"]}
    run = ansible.play({"name": "first", WIN: request}, {"name": "second", WIN: request}, connection="wine")
    assert (run.of("first")["changed"], run.of("second")["changed"]) == (True, False), run.out + run.err
    assert people.of("ann") == ON.raw


def test_the_undo_puts_it_back(ansible, people):
    run = ansible.play({"name": "forth", WIN: {"state": "absent", "users": ["ann"]}, "register": "done"},
                       {"name": "back", WIN: {"restore": "{{ done.undo.restore }}"}}, connection="wine")
    assert run.of("back")["changed"] and people.of("ann") == OFF.raw, run.out + run.err


def test_k_v(ansible, people):
    run, result = ansible.one(WIN, "state=enabled users=ann,bob check=yes", connection="wine")
    assert result["counts"]["changed"] == 2 and people.of("ann") == OFF.raw, run.out + run.err


def test_hives_on_the_host(ansible, machine, store):
    hive = store / "ann.V6" / "NTUSER.DAT"
    run, result = ansible.one(WIN, {"state": "enabled", "hives": [windows_path(hive)]}, connection="wine")
    assert result["changed"] and result["profiles"][0]["state"] == "disabled", run.out + run.err


BAD = {
    "an unknown option": ({"state": "enabled", "stat": "x"}, "invalid", "stat"),
    "an unknown state": ({"state": "on"}, "invalid", "state"),
    "a wrong type": ({"state": "enabled", "users": 5}, "invalid", "users"),
    "no state": ({"users": ["ann"]}, "invalid", "state"),
    "a root that is not there": ({"state": "enabled", "root": "C:\\nowhere"}, "not_found", "root"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_refused_with_its_reason(ansible, people, case):
    request, kind, field = BAD[case]
    run, result = ansible.one(WIN, request, connection="wine")
    assert run.code == 2 and (result["error"]["kind"], result["error"]["field"]) == (kind, field), run.out + run.err
    assert result["msg"] == result["error"]["message"] and people.of("ann") == OFF.raw


def test_a_broken_hive_fails_the_task_and_stops_nobody_else(ansible, people):
    hives.patch(people.hive("bob"), (4096, b"nope"))
    broken = hives.snapshot(people.hive("bob"))
    run, result = ansible.one(WIN, EVERYBODY, connection="wine")
    assert result["failed"] and result["changed"], run.out + run.err
    assert people.of("ann") == ON.raw and hives.snapshot(people.hive("bob")) == broken


def test_the_policy_of_the_machine_decides(ansible, people):
    people.set(wine.POLICY, "State", (wine.REG_SZ, wine.text("enabled")))
    run, result = ansible.one(WIN, {"state": "policy", "users": ["ann"]}, connection="wine")
    assert (result["changed"], result["state"]) == (True, "enabled"), run.out + run.err
    assert people.of("ann") == ON.raw


def test_where_programs_do_not_run_the_task_fails_and_nothing_is_changed(ansible, people):
    run, result = ansible.one(WIN, {"state": "enabled", "users": ["ann"]}, connection="local")
    assert run.code == 2 and result["failed"] and people.of("ann") == OFF.raw, run.out + run.err
