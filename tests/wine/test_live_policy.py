# SPDX-License-Identifier: MIT
"""Group Policy: who manages a value, and what the machine's policy declares."""

import struct

import pytest
from support import preg, wine
from support.tool import call, run
from support.wine import ABSENT, EXCHANGE, NAME, OFF, ON, POLICY

OURS = (EXCHANGE, NAME, 4, b"\0\0\0\0")
OTHERS = (r"Software\Policies\Microsoft\Windows\System", "EnableSmartScreen", 4, b"\1\0\0\0")


# Who manages it.

def managed(machine, name="ann"):
    done = run("get")
    assert done.code == 0 and done.err == b""
    return done.profile(machine.sid(name))["managed_by"]


def with_pol(machine, content, name="ann"):
    machine.loaded(name, OFF)
    if content is not None:
        (machine.folder(name) / "ntuser.pol").write_bytes(content)


MANAGED = {
    "ours": [OURS],
    "ours among others": [OTHERS, OURS, OTHERS],
    "ours in another case": [(EXCHANGE.upper(), NAME.lower(), 4, b"\1\0\0\0")],
    "ours as text": [(EXCHANGE, NAME, 1, wine.text("0"))],
    "ours is deleted": [(EXCHANGE, f"**del.{NAME}", 1, wine.text(" "))],
}
FREE = {
    "no records": [],
    "others": [OTHERS] * 3,
    "another value of the key": [(EXCHANGE, "Other", 4, b"\0\0\0\0")],
    "our name in another key": [(r"Software\Policies\Microsoft\Exchange", NAME, 4, b"\0\0\0\0")],
    "a longer name": [(EXCHANGE, NAME + "2", 4, b"\0\0\0\0")],
    "our name as data": [(EXCHANGE, "Other", 1, wine.text(rf"[{EXCHANGE};{NAME};4;0]"))],
}


@pytest.mark.parametrize("how", MANAGED)
def test_a_policy_that_holds_the_value_manages_it(machine, how):
    with_pol(machine, preg.pol(*MANAGED[how]))
    assert managed(machine) == "group_policy"


@pytest.mark.parametrize("how", FREE)
def test_a_policy_of_other_values_does_not(machine, how):
    with_pol(machine, preg.pol(*FREE[how]))
    assert managed(machine) is None


def test_without_a_policy_nobody_manages_it(machine):
    with_pol(machine, None)
    assert managed(machine) is None


@pytest.mark.parametrize(("newer", "older", "by"), [
    (preg.pol(OURS), None, "group_policy"), (preg.pol(), preg.pol(OURS), None),
    (preg.pol(OTHERS, OURS), preg.pol(), "group_policy")])
def test_where_newer_versions_of_windows_keep_it(machine, newer, older, by):
    with_pol(machine, older)
    place = machine.drive / "ProgramData/Microsoft/GroupPolicy/Users" / machine.sid("ann")
    place.mkdir(parents=True)
    (place / "ntuser.pol").write_bytes(newer)
    assert managed(machine) == by


def test_one_persons_policy_is_not_anothers(machine):
    with_pol(machine, preg.pol(OURS), "ann")
    machine.loaded("bob", OFF)
    assert (managed(machine, "ann"), managed(machine, "bob")) == ("group_policy", None)


@pytest.mark.parametrize("verb", ["check", "apply"])
def test_every_verb_says_so(machine, verb):
    with_pol(machine, preg.pol(OURS))
    assert call(verb, {"state": "enabled"}).profile(machine.sid("ann"))["managed_by"] == "group_policy"


def test_a_managed_value_is_converged_all_the_same(machine):
    with_pol(machine, preg.pol(OURS))
    call("apply", {"state": "enabled"})
    assert machine.of("ann") == ON.raw


WHOLE = preg.pol(OTHERS, OURS)
BROKEN = {
    "empty": b"", "short": b"PReg", "another signature": b"XReg" + WHOLE[4:],
    "another version": b"PReg" + struct.pack("<I", 2) + WHOLE[8:],
    "cut in a record": WHOLE[:-9], "cut in a letter": WHOLE[:41], "no bracket": WHOLE[:8] + b"x" + WHOLE[9:],
    "a size beyond the end": WHOLE[:-12] + struct.pack("<I", 0xFFFFFFFF) + WHOLE[-8:],
    "noise": bytes(range(256)) * 64, "a key without an end": WHOLE[:8] + "[".encode("utf-16-le") + b"a\0" * 60000,
    "zeros": bytes(4096),
}


@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("verb", ["get", "apply"])
def test_a_broken_policy_file_breaks_nothing(machine, how, verb):
    with_pol(machine, BROKEN[how])
    done = call(verb, {"state": "enabled"})
    profile = done.profile(machine.sid("ann"))
    assert (done.code, profile["outcome"], done.err) == (0, "observed" if verb == "get" else "changed", b"")


@pytest.mark.parametrize("prepare", ["folder", "locked", "link"])
def test_a_policy_file_that_cannot_be_read_breaks_nothing(machine, prepare):
    with_pol(machine, preg.pol(OURS))
    path = machine.folder("ann") / "ntuser.pol"
    if prepare == "folder":
        path.unlink()
        path.mkdir()
    elif prepare == "locked":
        machine.hands.ask("hold", r"C:\users\ann\ntuser.pol", 0)
    else:
        path.unlink()
        path.symlink_to("/dev/zero")
    done = run("get", "users=ann")
    assert (done.code, done.profile(machine.sid("ann"))["state"]) == (0, "disabled")


# What the machine declares.

def declare(machine, state=None, default=None, exclude=()):
    machine.hands.ask("key", POLICY)
    if state is not None:
        machine.set(POLICY, "State", (1, wine.text(state)))
    if default is not None:
        machine.set(POLICY, "DefaultProfile", (4, struct.pack("<I", default)))
    for number, name in enumerate(exclude):
        machine.set(rf"{POLICY}\Exclude", str(number), (1, wine.text(name)))


def people(machine):
    machine.loaded("ann", OFF)
    machine.loaded("bob", OFF)
    return machine


def apply_policy(machine, **more):
    return call("apply", {"state": "policy", **more})


@pytest.mark.parametrize(("state", "after"), [("enabled", ON), ("disabled", OFF), ("absent", ABSENT), ("allowed", ON)])
def test_the_policys_state_is_applied(machine, state, after):
    declare(people(machine), state)
    done = apply_policy(machine)
    assert (done.code, done.result["state"]) == (0, state)
    assert machine.values_of(["ann", "bob"]) == [after.raw] * 2


def test_a_check_compares_with_the_policy(machine):
    declare(people(machine), "enabled")
    assert run("check", "state=policy").code == 1
    apply_policy(machine)
    assert run("check", "state=policy").code == 0


@pytest.mark.parametrize(("number", "there"), [(1, True), (0, False), (None, False)])
def test_the_default_profile_is_added(machine, number, there):
    declare(people(machine), "enabled", number)
    machine.default(ON)
    ids = [p["id"] for p in apply_policy(machine).result["profiles"]]
    assert ("default" in ids) is there


@pytest.mark.parametrize("name", ["bob", "BOB", "b*", f"{wine.DOMAIN}-1002"])
def test_who_is_excluded_by_policy_is_left_out(machine, name):
    declare(people(machine), "enabled", exclude=[name])
    apply_policy(machine)
    assert machine.values_of(["ann", "bob"]) == [ON.raw, OFF.raw]


def test_the_requests_exclude_counts_too(machine):
    declare(people(machine), "enabled", exclude=["bob"])
    apply_policy(machine, exclude=["ann"])
    assert machine.values_of(["ann", "bob"]) == [OFF.raw, OFF.raw]


@pytest.mark.parametrize("how", ["no key", "no State"])
@pytest.mark.parametrize(("verb", "changed"), [("check", False), ("apply", False)])
def test_without_a_policy_there_is_nothing_to_do(machine, how, verb, changed):
    people(machine)
    if how == "no State":
        declare(machine, default=1, exclude=["ann"])
    done = call(verb, {"state": "policy"})
    assert (done.code, done.result["changed"], done.result["state"], done.result["failed"]) == (
        0, changed, None, False)
    assert len(done.result["warnings"]) >= 1
    assert machine.values_of(["ann", "bob"]) == [OFF.raw] * 2


@pytest.mark.parametrize("state", ["on", "", "policy", "enabled "])
def test_a_wrong_policy_refuses_the_request(machine, state):
    declare(people(machine), state)
    done = apply_policy(machine)
    assert (done.code, done.result["error"]["kind"], done.result["profiles"]) == (2, "invalid", [])
    assert machine.values_of(["ann", "bob"]) == [OFF.raw] * 2



def test_get_does_not_read_the_policy(machine):
    declare(people(machine), "no state")
    assert call("get", {"state": "policy"}).code == 0
