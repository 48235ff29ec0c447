# SPDX-License-Identifier: MIT
"""The dialects on the running Windows: what is said of people, and of those whose Outlook runs."""

import json

import pytest
from support.tool import run
from support.wine import OFF, ON

ENABLED = {"state": "enabled", "users": ["all"]}


@pytest.fixture
def people(machine):
    """The user who runs the tests and somebody else who is logged on, both turned off."""
    machine.put(machine.own, OFF)
    machine.loaded("ann", OFF)
    return machine


def speak(*arguments, stdin):
    return run(*arguments, stdin=stdin, check_result=False)


def number(running):
    """What Windows calls the process by."""
    return int(running.ask("id")[0])


def lines(done):
    return [json.loads(line) for line in done.out.splitlines()]


def test_ansible_converges_from_a_file_with_a_name_of_any_script(people, tmp_path):
    file = tmp_path / "lập trình viên 🧑.json"
    file.write_text(json.dumps({**ENABLED, "_ansible_diff": True}), encoding="utf-8")
    done = run(file)
    assert (done.code, done.result["counts"]["changed"], len(done.result["diff"])) == (0, 2, 2)
    assert people.of("ann") == people.of(people.own) == ON.raw


def test_salt_tests_without_a_change_and_then_changes(people):
    tested = lines(speak("salt", "apply", stdin={**ENABLED, "name": "outlook", "test": True}))[0]
    assert tested["result"] is None and people.of("ann") == OFF.raw
    done = lines(speak("salt", "apply", stdin={**ENABLED, "name": "outlook"}))[0]
    assert done["result"] is True and set(done["changes"]) == set(tested["changes"]) and people.of("ann") == ON.raw


def test_dsc_names_the_outlook_that_must_restart(people):
    outlook = people.start()
    done = speak("dsc", "set", stdin=ENABLED)
    after, differing = lines(done)
    assert (done.code, differing, after["state"]) == (0, ["state"], "enabled")
    assert after["_restartRequired"] == [{"process": {"name": "OUTLOOK.EXE", "id": number(outlook)}}]


def test_dsc_names_every_outlook_of_a_user_and_each_by_its_own_number(people):
    first, second = people.start(), people.start(folder="fake/again")
    restarts = lines(speak("dsc", "set", stdin=ENABLED))[0]["_restartRequired"]
    assert sorted(entry["process"]["id"] for entry in restarts) == sorted([number(first), number(second)])


def test_dsc_asks_for_no_restart_where_nothing_changed(people):
    people.put(people.own, ON)
    people.start()
    assert "_restartRequired" not in lines(speak("dsc", "set", stdin=ENABLED))[0]


def test_salt_says_that_outlook_must_restart(people):
    people.start()
    comment = lines(speak("salt", "apply", stdin={**ENABLED, "name": "outlook"}))[0]["comment"]
    assert "Outlook must be restarted" in comment


def test_bolt_with_no_argument_at_all(people):
    done = run(stdin={**ENABLED, "_noop": True, "_task": "mapihttp"})
    assert (done.code, done.result["check"], done.result["counts"]["changed"]) == (0, True, 2)
    assert people.of("ann") == OFF.raw


def test_intune_counts_and_says_that_outlook_must_restart(people):
    people.start()
    detected = speak("intune", "detect", "state=allowed", stdin=b"")
    assert (detected.code, detected.err) == (1, b"")
    assert detected.out == (b"drift: 2 profiles, 0 compliant, 2 would change, 0 skipped, 0 failed; "
                            b"Outlook would have to restart\n")
    done = speak("intune", "remediate", "state=allowed", stdin=b"")
    assert (done.code, done.out.split(b":")[0]) == (0, b"remediated")
    assert done.out.endswith(b"; Outlook must restart\n")


def test_dsc_exports_everybody_logged_on_or_not(people):
    people.unloaded("bob", OFF)
    found = {line["users"][0]: line["state"] for line in lines(speak("dsc", "export", stdin=b""))}
    assert found == {people.own: "disabled", people.sid("ann"): "disabled", people.sid("bob"): "disabled"}
