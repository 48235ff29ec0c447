# SPDX-License-Identifier: MIT
"""Many profiles, and several runs at once."""

import subprocess

import pytest
from support import tool
from support.tool import call, command, run
from support.wine import OFF, ON, VALUES

MANY = 500


@pytest.fixture(scope="module")
def many(module_machine):
    return module_machine, module_machine.many_loaded(MANY, VALUES)


def test_all_of_many_are_observed(many):
    machine, names = many
    done = run("get")
    seen = {p["id"]: (p["state"], p["before"]) for p in done.result["profiles"]}
    assert (done.code, done.result["counts"]["observed"]) == (0, MANY + 1)
    assert [seen[machine.sid(name)] for name in names] == [
        (VALUES[i % len(VALUES)].state, VALUES[i % len(VALUES)].shown) for i in range(MANY)]


def test_each_of_many_has_a_folder(many):
    machine, names = many
    folders = {p["id"]: p["path"] for p in run("get").result["profiles"]}
    assert [folders[machine.sid(name)] for name in names] == [rf"C:\users\{name}" for name in names]


@pytest.mark.parametrize("state", ["enabled", "disabled"])
def test_all_of_many_are_counted(many, state):
    right = sum(VALUES[i % len(VALUES)].state == state for i in range(MANY))
    done = run("check", f"state={state}", "exclude=current")
    assert done.result["counts"] == {"profiles": MANY, "compliant": right, "changed": MANY - right, "skipped": 0,
                                     "failed": 0}


def test_one_of_many_is_found(many):
    machine, names = many
    done = run("get", "users=P0123")
    assert [p["id"] for p in done.result["profiles"]] == [machine.sid(names[123])]


def test_many_are_sorted(many):
    ids = [p["id"] for p in run("get").result["profiles"]]
    assert ids == sorted(ids) and len(set(ids)) == MANY + 1


def test_many_are_changed_and_changed_back(many):
    machine, names = many
    before = machine.values_of(names)
    wrong = sum(raw != ON.raw for raw in before)
    done = call("apply", {"state": "enabled", "exclude": ["current"]})
    assert (done.code, done.result["counts"]["changed"]) == (0, wrong)
    assert set(machine.values_of(names)) == {ON.raw}
    assert call("apply", done.result["undo"]).code == 0
    assert machine.values_of(names) == before


# Several at once.

def at_once(*runs):
    """Starts them together; their outcomes."""
    started = [subprocess.Popen(command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE) for arguments in runs]
    done = []
    for process in started:
        try:
            out, err = process.communicate(timeout=tool.TIMEOUT)
        finally:
            process.kill()
            process.wait()
        done.append((process.returncode, tool.json.loads(out), err))
    return done


def test_two_that_want_the_same(many):
    machine, names = many
    assert [(code, err) for code, _, err in at_once(*[("apply", "state=enabled")] * 2)] == [(0, b"")] * 2
    assert set(machine.values_of(names)) == {ON.raw}


def test_two_that_want_different_things(many):
    machine, names = many
    done = at_once(("apply", "state=enabled"), ("apply", "state=disabled"))
    # What one reads back may be what the other wrote: that is told, not hidden.
    for code, result, err in done:
        kinds = {p["error"]["kind"] for p in result["profiles"] if p["error"]}
        assert kinds <= {"in_use"} and code == (2 if kinds else 0) and err == b""
    assert set(machine.values_of(names)) <= {ON.raw, OFF.raw}


def test_a_check_beside_an_apply(many):
    _, names = many
    done = at_once(("apply", "state=disabled"), ("check", "state=enabled"), ("get",))
    assert [code for code, _, _ in done][0::2] == [0, 0] and done[1][0] in (0, 1)
    assert all(len(result["profiles"]) == len(names) + 1 for _, result, _ in done)
