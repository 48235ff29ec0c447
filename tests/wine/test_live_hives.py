# SPDX-License-Identifier: MIT
"""Hives that are locked, broken, linked, mandatory, not closed cleanly, or that change while they are looked at."""

import os
import shutil
import signal
import subprocess

import pytest
from support import hives, tool, wine
from support.hives import dword
from support.inotify import Openings
from support.tool import call, command
from support.wine import OFF, ON

FOLLOWERS = 40
HELD_ALONE = 0


def with_ann(machine):
    """Somebody who is logged on: whatever is wrong with others, she is converged."""
    return machine.loaded("ann", OFF)


def converges_ann(machine, done, ann):
    return done.profile(ann)["outcome"] == "changed" and machine.of("ann") == ON.raw


# Locked.

@pytest.mark.parametrize("verb", ["get", "check", "apply"])
def test_a_locked_hive_is_in_use_and_the_others_go_on(machine, verb):
    bob, cai = machine.unloaded("bob", OFF), machine.unloaded("cai", ON)
    machine.hands.ask("hold", r"C:\users\bob\NTUSER.DAT", HELD_ALONE)
    done = call(verb, {"state": "enabled", "users": [bob, cai]})
    assert (done.code, done.kinds) == (2, ["in_use"])
    assert done.profile(bob)["error"]["kind"] == "in_use"
    assert done.profile(cai)["state"] == "enabled"


def test_a_lock_stops_nobody_else_from_being_converged(machine):
    ann, bob = with_ann(machine), machine.unloaded("bob", OFF)
    machine.hands.ask("hold", r"C:\users\bob\NTUSER.DAT", HELD_ALONE)
    done = call("apply", {"state": "enabled", "users": [ann, bob]})
    assert converges_ann(machine, done, ann) and done.code == 2


def test_who_is_logged_on_is_not_disturbed_by_the_lock_on_the_own_hive(machine):
    ann = with_ann(machine)
    machine.hive("ann").write_bytes(b"held by Windows itself")
    machine.hands.ask("hold", r"C:\users\ann\NTUSER.DAT", HELD_ALONE)
    done = call("apply", {"state": "enabled", "users": [ann]})
    assert converges_ann(machine, done, ann) and done.code == 0


def test_a_hive_that_others_share_is_read(machine):
    bob = machine.unloaded("bob", OFF)
    machine.hands.ask("hold", r"C:\users\bob\NTUSER.DAT", 7)
    assert call("get", {"users": [bob]}).profile(bob)["state"] == "disabled"


# Broken.

def cut(path):
    path.write_bytes(path.read_bytes()[:4096 + 32])


def scribble(path):
    hives.patch(path, (4096 + 32, b"\xff" * 512))


def version(path):
    hives.patch(path, (24, b"\x09\0\0\0"))


BROKEN = {
    "empty": (lambda path: path.write_bytes(b""), "corrupt"),
    "text": (lambda path: path.write_bytes(b"[InternetShortcut]\r\n" * 999), "corrupt"),
    "cut": (cut, "corrupt"),
    "cells overwritten": (scribble, "corrupt"),
    "a version from the future": (version, "unsupported"),
}


@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("verb", ["get", "check"])
def test_a_broken_hive_is_said_to_be_so(machine, how, verb):
    bob, cai = machine.unloaded("bob", OFF), machine.unloaded("cai", ON)
    damage, kind = BROKEN[how]
    damage(machine.hive("bob"))
    before = hives.snapshot(machine.folder("bob"))
    done = call(verb, {"state": "enabled"})
    assert (done.code, done.profile(bob)["error"]["kind"], done.profile(cai)["state"]) == (2, kind, "enabled")
    assert hives.snapshot(machine.folder("bob")) == before


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_hive_is_left_as_it_is_and_the_others_converge(machine, how):
    ann, bob = with_ann(machine), machine.unloaded("bob", OFF)
    BROKEN[how][0](machine.hive("bob"))
    before = hives.snapshot(machine.folder("bob"))
    done = call("apply", {"state": "enabled", "users": [ann, bob]})
    assert converges_ann(machine, done, ann)
    assert (done.code, done.profile(bob)["outcome"]) == (2, "failed")
    assert hives.snapshot(machine.folder("bob")) == before
    assert machine.mounts() == []


def test_a_hive_that_was_not_closed_cleanly_is_read_with_its_logs(machine):
    spec = {**hives.user(dword(1), minor=5), "log": {"root": hives.user(dword(0))["root"]}}
    bob = machine.unloaded("bob", spec=spec)
    before = hives.snapshot(machine.folder("bob"))
    profile = call("get", {"users": [bob]}).profile(bob)
    assert (profile["state"], profile["recovered"]) == ("enabled", True)
    assert hives.snapshot(machine.folder("bob")) == before


@pytest.mark.parametrize("verb", ["get", "check"])
def test_without_its_logs_it_is_dirty(machine, verb):
    bob = machine.unloaded("bob", spec=hives.user(dword(1), dirty=True))
    done = call(verb, {"state": "enabled", "users": [bob]})
    assert (done.code, done.kinds) == (2, ["dirty"])


# Not what it seems.

def directory(path):
    path.unlink()
    path.mkdir()


def hard_link(path):
    os.link(path, path.with_name("again"))


# Links of other kinds are not seen by handles in Wine (test_machine.py).
NOT_PLAIN = {"a folder": directory, "a hard link": hard_link}


@pytest.mark.parametrize("how", NOT_PLAIN)
@pytest.mark.parametrize("verb", ["get", "check", "apply"])
def test_nothing_but_a_plain_file_with_one_link_is_opened(machine, how, verb):
    ann, bob = with_ann(machine), machine.unloaded("bob", OFF)
    NOT_PLAIN[how](machine.hive("bob"))
    done = call(verb, {"state": "enabled", "users": [ann, bob]})
    assert (done.code, done.profile(bob)["error"]["kind"]) == (2, "unsupported")
    assert machine.mounts() == []
    if verb == "apply":
        assert converges_ann(machine, done, ann)


# Mandatory.

def test_a_mandatory_profile_is_read(machine):
    bob = machine.unloaded("bob", OFF, file="NTUSER.MAN")
    profile = call("get", {"users": [bob]}).profile(bob)
    assert (profile["state"], profile["hive"].lower()) == ("disabled", r"c:\users\bob\ntuser.man")


def test_of_both_files_the_mandatory_one_is_taken_with_a_warning(machine):
    bob = machine.unloaded("bob", OFF, file="NTUSER.MAN")
    hives.make(machine.hive("bob"), wine.user(ON))
    done = call("get", {"users": [bob]})
    assert done.profile(bob)["state"] == "disabled"
    assert any("NTUSER.MAN" in warning for warning in done.result["warnings"])


def test_names_of_hives_are_found_without_regard_to_case(machine):
    bob = machine.unloaded("bob", OFF, file="ntuser.dat")
    assert call("get", {"users": [bob]}).profile(bob)["state"] == "disabled"


# Changing while it is looked at. What happens is put where the first of many other hives is opened.

def at_first_opening(machine, react, arguments):
    """Runs; `react` is called while the first of FOLLOWERS hives is being opened, the program being stopped."""
    for number in range(FOLLOWERS):
        machine.unloaded(f"a{number:02}", ON)
    paths = [machine.hive(f"a{number:02}") for number in range(FOLLOWERS)]
    done = []

    def stop_and_react(_):
        if not done:
            done.append(True)
            os.kill(process.pid, signal.SIGSTOP)
            try:
                react()
            finally:
                os.kill(process.pid, signal.SIGCONT)

    process = None
    with Openings(paths, stop_and_react):
        process = subprocess.Popen(command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(timeout=tool.TIMEOUT)
        finally:
            process.kill()
            process.wait()
    assert done, "no hive was opened"
    return tool.Outcome(process.returncode, out, err, tool.json.loads(out))


@pytest.mark.parametrize("locked", [False, True])
def test_a_user_who_logs_on_meanwhile_is_found(machine, locked):
    """Her hive is listed as unloaded, then loaded and, as Windows does, locked."""
    zoe = f"{wine.DOMAIN}-9001"

    def log_on():
        machine.load(zoe, OFF)
        if locked:
            machine.hands.ask("hold", r"C:\users\zoe\NTUSER.DAT", HELD_ALONE)

    machine.unloaded("zoe", ON, sid=zoe)
    done = at_first_opening(machine, log_on, ["get"])
    profile = done.profile(zoe)
    if locked:
        assert (profile["outcome"], profile["source"], profile["state"]) == ("observed", "live", "disabled")
    else:  # either look is right: the file is what it was
        assert (profile["source"], profile["state"]) in (("live", "disabled"), ("file", "enabled"))


def test_a_user_who_logs_on_meanwhile_is_converged(machine):
    zoe = f"{wine.DOMAIN}-9001"

    def log_on():
        machine.load(zoe, OFF)
        machine.hands.ask("hold", r"C:\users\zoe\NTUSER.DAT", HELD_ALONE)

    machine.unloaded("zoe", ON, sid=zoe)
    done = at_first_opening(machine, log_on, ["apply", "state=enabled"])
    assert (done.code, done.profile(zoe)["outcome"], machine.of("zoe")) == (0, "changed", ON.raw)
    assert machine.mounts() == []


def test_a_profile_that_vanishes_meanwhile_is_skipped(machine):
    machine.unloaded("zoe", ON, sid=f"{wine.DOMAIN}-9001")
    done = at_first_opening(machine, lambda: shutil.rmtree(machine.folder("zoe")), ["get"])
    profile = done.profile(machine.sid("zoe"))
    assert (profile["outcome"], profile["error"]["kind"]) == ("skipped", "not_found")
    assert (done.code, done.err) == (0, b"")
    assert done.result["counts"]["observed"] == FOLLOWERS + 1


def test_a_user_who_logs_off_meanwhile_fails_alone(machine):
    zoe = machine.loaded("zoe", OFF, sid=f"{wine.DOMAIN}-9001")
    done = at_first_opening(machine, lambda: machine.hands.ask("wipe", rf"HKU\{zoe}"), ["get"])
    profile = done.profile(zoe)
    assert profile["outcome"] in ("observed", "failed", "skipped")
    assert done.code == (2 if profile["outcome"] == "failed" else 0)
    assert done.result["counts"]["observed"] >= FOLLOWERS + 1


def test_a_user_who_logs_off_meanwhile_gets_no_hive_in_memory(machine):
    """A key that is made below HKEY_USERS in place of the hive that went would be nobody's."""
    zoe = machine.loaded("zoe", OFF, sid=f"{wine.DOMAIN}-9001")
    at_first_opening(machine, lambda: machine.hands.ask("wipe", rf"HKU\{zoe}"), ["apply", "state=enabled"])
    assert zoe not in machine.hands.ask("keys", "HKU")
