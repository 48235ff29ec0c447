# SPDX-License-Identifier: MIT
"""Loaded profiles: every state from every value, what the result says and what an independent reader finds."""

import os
import subprocess

import pytest
from support import tool, wine
from support.tool import call, run
from support.wine import EXCHANGE, NAME, OFF, ON, VALUE, VALUES

ZERO, ONE = VALUE["0"], VALUE["1"]
WANTED = {"enabled": lambda _: ZERO, "disabled": lambda _: ONE, "absent": lambda _: VALUE["absent"],
          "allowed": lambda before: before if before.state in ("enabled", "absent") else ZERO}
# One person for each value, and one whose whole key is missing.
PEOPLE = {**{value.name: value for value in VALUES}, "no key": VALUE["absent"]}
PAIRS = [pytest.param(state, person, id=f"{state} from {person}") for state in WANTED for person in PEOPLE]


class Course:
    """What came of: check, apply, again, check again, undo; the registry after each."""

    def __init__(self, machine, state):
        machine.clear()
        for person, value in PEOPLE.items():
            machine.loaded(f"user {person}", value, key=person != "no key")
        self.people = {person: machine.sid(f"user {person}") for person in PEOPLE}
        whom, request = list(self.people.values()), {"state": state, "users": list(self.people.values())}
        self.registry, self.done = [], []

        def step(verb, request):
            self.done.append(call(verb, request))
            self.registry.append(dict(zip(PEOPLE, machine.values_of(whom))))

        for verb in ("get", "check", "apply", "apply", "check"):
            step(verb, request)
        self.undo = self.done[2].result["undo"]
        step("apply", self.undo)

    def of(self, which, person):
        return next(p for p in self.done[which].result["profiles"] if p["id"] == self.people[person])


GET, CHECK, APPLY, AGAIN, CHECK_AGAIN, UNDO = range(6)


@pytest.fixture(scope="module")
def courses(one_machine):
    made = {state: Course(one_machine, state) for state in WANTED}
    yield made
    one_machine.clear()


@pytest.mark.parametrize(("state", "person"), PAIRS)
def test_get_shows_the_value_and_changes_nothing(courses, state, person):
    profile, value = courses[state].of(GET, person), PEOPLE[person]
    assert (profile["state"], profile["before"], profile["source"], profile["outcome"]) == (
        value.state, value.shown, "live", "observed")
    assert courses[state].registry[GET][person] == value.raw


@pytest.mark.parametrize(("state", "person"), PAIRS)
def test_a_check_says_what_would_be_and_changes_nothing(courses, state, person):
    profile, value = courses[state].of(CHECK, person), PEOPLE[person]
    wanted = WANTED[state](value)
    assert (profile["state"], profile["before"], profile["after"], profile["outcome"]) == (
        value.state, value.shown, wanted.shown, "compliant" if wanted is value else "changed")
    assert courses[state].registry[CHECK][person] == value.raw


@pytest.mark.parametrize(("state", "person"), PAIRS)
def test_apply_makes_it_so(courses, state, person):
    profile, value = courses[state].of(APPLY, person), PEOPLE[person]
    wanted = WANTED[state](value)
    assert courses[state].registry[APPLY][person] == wanted.raw
    assert (profile["state"], profile["before"], profile["after"], profile["outcome"], profile["error"]) == (
        value.state, value.shown, wanted.shown, "compliant" if wanted is value else "changed", None)


@pytest.mark.parametrize(("state", "person"), PAIRS)
def test_a_second_apply_changes_nothing(courses, state, person):
    profile, wanted = courses[state].of(AGAIN, person), WANTED[state](PEOPLE[person])
    assert (profile["outcome"], profile["state"], profile["after"]) == ("compliant", wanted.state, wanted.shown)
    assert courses[state].registry[AGAIN][person] == wanted.raw


@pytest.mark.parametrize(("state", "person"), PAIRS)
def test_undo_brings_back_exactly_what_was_there(courses, state, person):
    value = PEOPLE[person]
    restored = [entry for entry in courses[state].undo["restore"] if entry["id"] == courses[state].people[person]]
    assert courses[state].registry[UNDO][person] == value.raw
    assert restored == ([] if WANTED[state](value) is value else [
        {"id": courses[state].people[person], "value": value.shown}])


@pytest.mark.parametrize("state", WANTED)
def test_exit_codes_and_what_the_result_says_as_a_whole(courses, state):
    done = courses[state].done
    changed = sum(WANTED[state](value) is not value for value in PEOPLE.values())
    assert [d.code for d in done] == [0, 1, 0, 0, 0, 0]
    assert [d.result["changed"] for d in done] == [False, True, True, False, False, True]
    assert [d.result["counts"]["changed"] for d in done] == [0, changed, changed, 0, 0, changed]
    assert [d.result["state"] for d in done] == [None, state, state, state, state, None]
    assert ["undo" in d.result for d in done] == [False, False, True, False, False, True]
    assert not any(d.result["failed"] for d in done)


@pytest.mark.parametrize("state", WANTED)
def test_stdout_is_one_line_of_ascii_and_stderr_is_empty(courses, state):
    for done in courses[state].done:
        assert done.out.isascii() and done.out.endswith(b"}\n") and done.out.count(b"\n") == 1
        assert b"\r" not in done.out
        assert done.err == b""


@pytest.mark.parametrize("check", [False, True])
def test_windows_own_reg_finds_what_apply_said(machine, check):
    who = machine.loaded("ann", OFF)
    run("apply", "state=enabled", f"users={who}", f"check={str(check).lower()}")
    seen = subprocess.run([*tool.PREFIX, "reg", "query", rf"HKU\{who}\{EXCHANGE}", "/v", NAME],
                          capture_output=True, check=True, timeout=tool.TIMEOUT).stdout
    assert [line.split() for line in seen.decode().splitlines() if NAME in line] == [
        [NAME, "REG_DWORD", "0x1" if check else "0x0"]]


def test_get_and_check_make_no_key(machine):
    who = machine.loaded("ann", key=False)
    for verb in ("get", "check"):
        call(verb, {"state": "enabled", "users": [who]})
    assert machine.hands.ask("keys", rf"HKU\{who}") == ["Environment"]


@pytest.mark.parametrize("state", ["absent", "allowed"])
def test_where_nothing_is_to_be_there_no_key_is_made(machine, state):
    who = machine.loaded("ann", key=False)
    assert call("apply", {"state": state, "users": [who]}).result["changed"] is False
    assert machine.hands.ask("keys", rf"HKU\{who}") == ["Environment"]


def test_what_is_beside_the_value_stays(machine):
    who = machine.loaded("ann", OFF)
    machine.set(rf"HKU\{who}\{EXCHANGE}", "Other", (4, b"\7\0\0\0"))
    machine.set(rf"HKU\{who}\{EXCHANGE}", "", (1, wine.text("unnamed")))
    machine.hands.ask("key", rf"HKU\{who}\{EXCHANGE}\Below")
    for state in ("enabled", "absent", "disabled"):
        assert call("apply", {"state": state, "users": [who]}).code == 0
    assert machine.value(rf"HKU\{who}\{EXCHANGE}", "Other") == (4, b"\7\0\0\0")
    assert machine.value(rf"HKU\{who}\{EXCHANGE}", "") == (1, wine.text("unnamed"))
    assert machine.hands.ask("keys", rf"HKU\{who}\{EXCHANGE}") == ["Below"]


def test_the_keys_stay_when_the_value_goes(machine):
    who = machine.loaded("ann", OFF)
    call("apply", {"state": "absent", "users": [who]})
    assert machine.hands.ask("keys", rf"HKU\{who}\Software\Microsoft") == ["Exchange"]


def test_names_of_keys_and_values_compare_without_regard_to_case(machine):
    who = machine.loaded("ann", key=False)
    machine.set(rf"HKU\{who}\SOFTWARE\microsoft\EXCHANGE", NAME.upper(), (4, b"\1\0\0\0"))
    done = call("apply", {"state": "enabled", "users": [who]})
    assert (done.result["changed"], machine.of("ann")) == (True, (4, b"\0\0\0\0"))
    assert machine.hands.ask("values", rf"HKU\{who}\{EXCHANGE}") == [NAME.upper()]


def test_classes_of_a_user_are_not_a_profile(machine):
    who = machine.loaded("ann", OFF, classes=True)
    machine.set(rf"HKU\{who}_Classes\{EXCHANGE}", NAME, (4, b"\1\0\0\0"))
    done = call("apply", {"state": "enabled"})
    assert sorted(p["id"] for p in done.result["profiles"]) == sorted([machine.own, who])
    assert machine.of(f"{who}_Classes") == (4, b"\1\0\0\0")


def test_the_systems_default_user_is_not_the_default_profile(machine):
    machine.default(ON)
    machine.put(".Default", OFF)
    try:
        done = run("get", "users=all,default")
        assert done.profile("default")["state"] == "enabled"
        assert not any("DEFAULT" in (p["sid"] or "").upper() for p in done.result["profiles"])
        call("apply", {"state": "enabled", "users": ["all", "default"]})
        assert machine.of(".Default") == OFF.raw
    finally:
        machine.hands.ask("wipe", rf"HKU\.Default\{EXCHANGE}")


def test_a_check_of_restore_tells_whether_undo_would_change_something(machine):
    who = machine.loaded("ann", OFF)
    undo = call("apply", {"state": "enabled", "users": [who]}).result["undo"]
    assert call("check", undo).code == 1
    assert call("apply", undo).code == 0
    assert call("check", undo).code == 0


def test_restore_puts_back_any_type(machine):
    values = [value for value in VALUES if value.raw]
    people = {machine.loaded(f"user {value.name}", ON): value for value in values}
    done = call("apply", {"restore": [{"id": who, "value": value.shown} for who, value in people.items()]})
    assert done.code == 0
    assert machine.values_of(people) == [value.raw for value in values]


@pytest.mark.parametrize(("arguments", "code"), [
    (("get",), 0), (("check", "state=absent"), 0), (("check", "state=enabled"), 1), (("apply", "state=enabled"), 0),
    (("check", "state=enabled", "users=nobody.here"), 2), (("check",), 2), (("check", "state=on"), 2)])
def test_exit_codes_with_the_users_own_profile(machine, arguments, code):
    done = run(*arguments)
    assert (done.code, done.result["failed"]) == (code, code == 2)


def test_the_own_profile_is_hkey_current_user(machine):
    run("apply", "state=disabled", "users=current")
    seen = subprocess.run([*tool.PREFIX, "reg", "query", rf"HKCU\{EXCHANGE}", "/v", NAME], env=os.environ,
                          capture_output=True, check=True, timeout=tool.TIMEOUT).stdout.decode()
    assert seen.split()[-3:] == [NAME, "REG_DWORD", "0x1"]
    assert run("check", "state=disabled", "users=current").code == 0


# A user may put links into the own hive, and whoever runs this may write where the user may not.

LINKS = {"Exchange": EXCHANGE, "Microsoft": r"Software\Microsoft", "Software": "Software"}


@pytest.fixture(params=LINKS)
def linked(request, machine):
    """In ann's hive a key on the way to the value is a link to bob's."""
    machine.loaded("bob", OFF)
    machine.loaded("ann", key=False)
    above = LINKS[request.param].rpartition("\\")[0]
    machine.hands.ask("key", rf"HKU\{machine.sid('ann')}\{above}".rstrip("\\"))
    machine.link(rf"HKU\{machine.sid('ann')}\{LINKS[request.param]}", rf"{machine.sid('bob')}\{LINKS[request.param]}")
    assert machine.of("ann") == OFF.raw
    return machine


@pytest.mark.parametrize("place", LINKS)
def test_no_key_is_made_behind_a_link_in_the_registry(machine, place):
    """One that leads to no key: to make a key there would be to make it at the link's end."""
    ann, bob = machine.loaded("ann", key=False), machine.loaded("bob", key=False)
    above = LINKS[place].rpartition("\\")[0]
    machine.hands.ask("key", rf"HKU\{ann}\{above}".rstrip("\\"))
    machine.hands.ask("key", rf"HKU\{bob}")
    machine.link(rf"HKU\{ann}\{LINKS[place]}", rf"{bob}\Ghost")
    before = machine.names("keys", rf"HKU\{bob}")
    done = call("apply", {"state": "enabled", "users": ["ann"]})
    assert (done.code, done.kinds, done.result["changed"]) == (2, ["unsupported"], False)
    assert machine.names("keys", rf"HKU\{bob}") == before
    assert machine.names("keys", rf"HKU\{bob}\Ghost") == []


# Lengths at which what lies behind the bytes in memory is more likely to be zero.
@pytest.mark.parametrize("units", [1, 2, 3, 6, 7, 8, 15, 127, 128, 1000])
@pytest.mark.parametrize("kind", ["REG_SZ", "REG_EXPAND_SZ", "REG_MULTI_SZ"])
def test_a_text_without_an_end_is_put_back_without_one(machine, kind, units):
    ann = machine.loaded("ann", OFF)
    data = "4100" * units
    value = {"type": kind, "data": data if kind == "REG_MULTI_SZ" else {"hex": data}}
    done = call("apply", {"restore": [{"id": ann, "value": value}]})
    assert (done.code, done.result["changed"]) == (0, True)
    assert machine.of("ann")[1] == b"A\0" * units


@pytest.mark.parametrize("state", ["enabled", "absent"])
def test_nothing_is_written_through_a_link_in_the_registry(linked, state):
    done = call("apply", {"state": state, "users": ["ann"]})
    assert linked.of("bob") == OFF.raw
    assert (done.code, done.kinds, done.result["changed"]) == (2, ["unsupported"], False)
