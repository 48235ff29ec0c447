# SPDX-License-Identifier: MIT
"""Hives that must change are mounted: under a name of our own, and never left so.

Wine mounts hives of its own text format only, and does not write them back. Such a hive is one that the engine does
not read. To show what comes of one that it does read, the file is exchanged when it was opened: it is in Windows'
format to be read, and in Wine's to be mounted.
"""

import os
import re
import subprocess

import pytest
from support import hives, tool, wine
from support.inotify import Openings
from support.tool import call, run
from support.wine import ABSENT, OFF, ON

NOT_REGISTRY_FILE = 1017
TRIES = 20
FOLLOWERS = 30
DEAD = "mapihttp-99996-1dc0ffee-1"




def foreign(machine, name, value):
    """A person whose hive only the system itself reads: here one in Wine's format."""
    who = machine.unloaded(name, value)
    machine.hive(name).write_bytes(wine.text_hive(value))
    return who


ONE = wine.VALUE["1"]
MOUNTED = [("enabled", OFF, ON), ("enabled", ABSENT, ON), ("enabled", wine.VALUE["2"], ON), ("disabled", ON, ONE),
           ("disabled", ABSENT, ONE), ("absent", OFF, ABSENT), ("absent", ON, ABSENT), ("allowed", OFF, ON)]


def watched(machine, verb, request):
    """The outcome of a run, and the names of what it mounted, as far as they were seen."""
    machine.hands.ask("watch")
    done = call(verb, request)
    changed, *names = machine.hands.ask("seen")
    return done, changed == "changed", [name for name in names if name.startswith(wine.MOUNT)]


@pytest.mark.parametrize(("state", "before", "after"), MOUNTED, ids=[f"{s} from {b.name}" for s, b, _ in MOUNTED])
def test_what_must_change_is_mounted_changed_and_unmounted(machine, state, before, after):
    ann = foreign(machine, "ann", before)
    done, mounted, _ = watched(machine, "apply", {"state": state, "users": [ann]})
    profile = done.profile(ann)
    assert (done.code, profile["outcome"], profile["state"], profile["before"], profile["after"]) == (
        0, "changed", before.state, before.shown, after.shown)
    assert mounted and machine.mounts() == []
    assert done.result["undo"] == {"restore": [{"id": ann, "value": before.shown}]}


@pytest.mark.parametrize("verb", ["get", "check"])
def test_looking_mounts_nothing_even_where_only_the_system_could_read(machine, verb):
    ann, bob = foreign(machine, "ann", OFF), machine.unloaded("bob", OFF)
    done, mounted, _ = watched(machine, verb, {"state": "enabled", "users": [ann, bob]})
    assert (done.code, done.profile(ann)["error"]["kind"], mounted) == (2, "unsupported", False)
    assert done.profile(bob)["state"] == "disabled"


def test_a_mounted_hive_that_is_compliant_is_unmounted_too(machine):
    ann = foreign(machine, "ann", ON)
    done, _, _ = watched(machine, "apply", {"state": "enabled", "users": [ann]})
    assert (done.code, done.profile(ann)["outcome"], machine.mounts()) == (0, "compliant", [])


def test_the_default_profile_is_mounted_too(machine):
    machine.default(OFF)
    machine.hive("Default").write_bytes(wine.text_hive(OFF))
    done, mounted, _ = watched(machine, "apply", {"state": "enabled", "users": ["default"]})
    assert (done.code, done.profile("default")["outcome"], mounted) == (0, "changed", True)
    assert machine.mounts() == []


def test_several_are_mounted_each_under_a_name_of_its_own(machine):
    people = [foreign(machine, f"user{number}", OFF) for number in range(8)]
    for _ in range(TRIES):  # a mount is short: till more than one was seen
        done, _, seen = watched(machine, "apply", {"state": "enabled", "users": people})
        assert (done.code, done.result["counts"]["changed"]) == (0, len(people))
        assert machine.mounts() == []
        if len(seen) > 1:
            break
    assert 1 < len(seen) <= 2 * len(people)
    assert all(re.fullmatch(r"mapihttp-\d+-[0-9a-f-]+", name) for name in seen)


def test_a_mount_that_is_locked_is_in_use(machine):
    ann, bob = foreign(machine, "ann", OFF), foreign(machine, "bob", OFF)
    machine.hands.ask("hold", r"C:\users\ann\NTUSER.DAT", 0)
    done = call("apply", {"state": "enabled", "users": [ann, bob]})
    assert (done.code, done.kinds, done.profile(bob)["outcome"]) == (2, ["in_use"], "changed")
    assert machine.mounts() == []


def test_a_hard_link_is_not_mounted(machine):
    ann = foreign(machine, "ann", OFF)
    machine.hive("ann").with_name("again").hardlink_to(machine.hive("ann"))
    done, mounted, _ = watched(machine, "apply", {"state": "enabled", "users": [ann]})
    assert (done.code, done.kinds, mounted) == (2, ["unsupported"], False)


def test_a_mount_that_the_system_does_not_list_is_left_alone(machine):
    """A path can be made to lead elsewhere between the look at the file and the mount: Windows lists what it took.

    Wine lists nothing; a list that holds others only says that ours is not what was asked for.
    """
    ann = foreign(machine, "ann", OFF)
    machine.set(wine.HIVE_LIST, r"\REGISTRY\USER\S-1-5-18", (1, wine.text(r"\Device\HarddiskVolume3\other.dat")))
    done, mounted, _ = watched(machine, "apply", {"state": "enabled", "users": [ann]})
    assert (done.code, done.kinds, done.result["changed"], mounted) == (2, ["unsupported"], False, True)
    assert machine.mounts() == []


class Exchange:
    """While it lasts, hives in Windows' format are exchanged for others in Wine's when they are first opened."""

    def __init__(self, machine, values):
        self.others = {}
        for folder, value in values.items():
            path = machine.hive(folder)
            self.others[path] = path.with_name("other")
            self.others[path].write_bytes(wine.text_hive(value))
        self.openings = Openings(self.others, lambda path: os.replace(self.others[path], path))

    def __enter__(self):
        self.openings.__enter__()

    def __exit__(self, *error):
        self.openings.__exit__(*error)
        for other in self.others.values():
            other.unlink(missing_ok=True)


@pytest.mark.parametrize("then", [OFF, ON, ABSENT], ids=lambda value: value.name)
def test_a_hive_that_the_engine_read_is_mounted_to_be_changed(machine, then):
    """What is mounted is what counts, whatever was read before."""
    for _ in range(TRIES):  # till it was exchanged in time
        machine.clear()
        ann = machine.unloaded("ann", OFF)
        for number in range(FOLLOWERS):
            machine.unloaded(f"z{number:02}", ON)
        with Exchange(machine, {"ann": then}):
            done = call("apply", {"state": "enabled", "exclude": ["current"]})
        if not done.kinds:
            break
    assert (done.code, done.profile(ann)["after"]) == (0, ON.shown)
    assert machine.mounts() == []


# Wine refuses the format of Windows: a mount that fails.

@pytest.fixture
def refused(machine):
    machine.unloaded("bob", OFF)
    machine.loaded("ann", OFF)
    return machine


def test_a_mount_that_fails_changes_no_file(refused):
    before = hives.snapshot(refused.folder("bob"))
    done = call("apply", {"state": "enabled", "users": ["ann", "bob"]})
    profile = done.profile(refused.sid("bob"))
    assert (done.code, profile["outcome"], profile["after"]) == (2, "failed", OFF.shown)
    assert profile["error"]["code"] == NOT_REGISTRY_FILE
    assert hives.snapshot(refused.folder("bob")) == before


def test_a_mount_that_fails_stops_nobody_else(refused):
    done = call("apply", {"state": "enabled", "users": ["ann", "bob"]})
    assert refused.of("ann") == ON.raw
    assert [entry["id"] for entry in done.result["undo"]["restore"]] == [refused.sid("ann")]


def test_a_mount_that_fails_leaves_nothing_behind(refused):
    call("apply", {"state": "enabled", "users": ["ann", "bob"]})
    assert refused.mounts() == []


def test_a_mount_that_fails_is_seen_before_nothing_is_said_to_be_changed(refused):
    done = call("apply", {"state": "enabled", "users": ["bob"]})
    assert (done.result["changed"], "undo" in done.result) == (False, False)


# What killed runs leave.

@pytest.fixture
def leftover(machine, tmp_path):
    """A hive that a run which is no more has left mounted."""
    hive = tmp_path / "hive"
    hive.write_bytes(wine.text_hive(OFF))
    machine.hands.ask("load", DEAD, wine.windows_path(hive))
    assert machine.mounts() == [DEAD]
    return machine


def test_the_next_apply_unloads_what_a_killed_run_left(leftover):
    assert call("apply", {"state": "enabled", "users": ["current"]}).code == 0
    assert leftover.mounts() == []


def test_an_apply_that_has_nothing_to_change_unloads_it_too(leftover):
    done = call("apply", {"state": "absent", "users": ["current"]})
    assert (done.code, done.result["changed"], leftover.mounts()) == (0, False, [])


@pytest.mark.parametrize(("verb", "more"), [("get", {}), ("check", {"state": "absent"}),
                                            ("apply", {"state": "absent", "check": True})])
def test_looking_leaves_it_where_it_is(leftover, verb, more):
    call(verb, more)
    assert leftover.mounts() == [DEAD]


def test_many_leftovers_of_several_runs(machine, tmp_path):
    (tmp_path / "hive").write_bytes(wine.text_hive(OFF))
    for number in range(20):
        machine.hands.ask("load", f"mapihttp-{99000 + 4 * number}-1dc0ffee{number}-{number}",
                          wine.windows_path(tmp_path / "hive"))
    call("apply", {"state": "enabled", "users": ["current"]})
    assert machine.mounts() == []


def test_what_a_running_process_has_mounted_stays(machine, tmp_path):
    """Two runs at once: neither takes the other's mount away."""
    (tmp_path / "hive").write_bytes(wine.text_hive(OFF))
    pid, began = machine.hands.ask("process")
    name = f"mapihttp-{pid}-{began}-1"
    machine.hands.ask("load", name, wine.windows_path(tmp_path / "hive"))
    call("apply", {"state": "enabled", "users": ["current"]})
    assert machine.mounts() == [name]


def test_a_process_number_that_came_again_does_not_keep_it(machine, tmp_path):
    (tmp_path / "hive").write_bytes(wine.text_hive(OFF))
    pid, began = machine.hands.ask("process")
    machine.hands.ask("load", f"mapihttp-{pid}-{int(began, 16) - 10_000_000:x}-1",
                      wine.windows_path(tmp_path / "hive"))
    call("apply", {"state": "enabled", "users": ["current"]})
    assert machine.mounts() == []


@pytest.mark.parametrize("name", ["mapihttp", "xmapihttp-99996-1-1", "S-1-5-21-7-7-7-7", "mapihttp-notes",
                                  "mapihttp-"])
def test_no_other_name_is_unloaded(machine, tmp_path, name):
    (tmp_path / "hive").write_bytes(wine.text_hive(OFF))
    machine.hands.ask("load", name, wine.windows_path(tmp_path / "hive"))
    try:
        call("apply", {"state": "enabled", "users": ["current"]})
        assert name in machine.hands.ask("keys", "HKU")
    finally:
        machine.hands.ask("unload", name)


def test_a_leftover_is_no_profile(leftover):
    assert [p["id"] for p in run("get").result["profiles"]] == [leftover.own]


# Without the rights to mount.

@pytest.fixture(params=["SeRestorePrivilege,SeBackupPrivilege", "SeRestorePrivilege", "SeBackupPrivilege"])
def unprivileged(request, machine, monkeypatch):
    """The program runs with a token that lacks these."""
    monkeypatch.setattr(tool, "PREFIX", [*tool.PREFIX, str(machine.program), "without", request.param])
    monkeypatch.setattr(tool, "PROGRAM", wine.windows_path(tool.PROGRAM))
    return machine


def test_the_token_really_lacks_them(unprivileged):
    done = subprocess.run([*tool.PREFIX, wine.windows_path(unprivileged.program)], input=b"privileges\n",
                          capture_output=True, check=True, timeout=tool.TIMEOUT)
    for name in tool.PREFIX[-1].split(","):
        assert name not in done.stdout.decode() and "SeShutdownPrivilege" in done.stdout.decode()


def test_without_privileges_what_must_be_mounted_is_denied(unprivileged):
    bob = unprivileged.unloaded("bob", OFF)
    before = hives.snapshot(unprivileged.folder("bob"))
    unprivileged.hands.ask("watch")
    done = call("apply", {"state": "enabled", "users": [bob]})
    profile = done.profile(bob)
    assert (done.code, profile["error"]["kind"], profile["state"]) == (2, "access_denied", "disabled")
    assert unprivileged.hands.ask("seen")[0] == "same"
    assert hives.snapshot(unprivileged.folder("bob")) == before


def test_the_message_says_what_is_needed(unprivileged):
    bob = unprivileged.unloaded("bob", OFF)
    message = call("apply", {"state": "enabled", "users": [bob]}).profile(bob)["error"]["message"]
    assert re.search("administrator|SYSTEM|elevated|SeRestorePrivilege", message, re.IGNORECASE), message


def test_without_privileges_the_own_profile_is_converged(unprivileged):
    unprivileged.put(unprivileged.own, OFF)
    bob = unprivileged.unloaded("bob", OFF)
    done = call("apply", {"state": "enabled"})
    assert done.profile(unprivileged.own)["outcome"] == "changed"
    assert unprivileged.of(unprivileged.own) == ON.raw
    assert (done.code, done.profile(bob)["error"]["kind"]) == (2, "access_denied")


def test_without_privileges_current_alone_is_all_well(unprivileged):
    unprivileged.put(unprivileged.own, OFF)
    unprivileged.unloaded("bob", OFF)
    done = call("apply", {"state": "enabled", "users": ["current"]})
    assert (done.code, done.err, unprivileged.of(unprivileged.own)) == (0, b"", ON.raw)


@pytest.mark.parametrize("verb", ["get", "check"])
def test_without_privileges_looking_works(unprivileged, verb):
    bob = unprivileged.unloaded("bob", OFF)
    done = call(verb, {"state": "disabled", "users": [bob]})
    assert (done.code, done.profile(bob)["state"]) == (0, "disabled")


def test_without_privileges_what_is_compliant_is_compliant(unprivileged):
    bob = unprivileged.unloaded("bob", ON)
    assert call("apply", {"state": "enabled", "users": [bob]}).code == 0


def test_without_privileges_a_leftover_breaks_nothing(unprivileged, tmp_path):
    (tmp_path / "hive").write_bytes(wine.text_hive(OFF))
    unprivileged.hands.ask("load", DEAD, wine.windows_path(tmp_path / "hive"))
    done = call("apply", {"state": "disabled", "users": ["current"]})
    assert (done.code, unprivileged.of(unprivileged.own)) == (0, OFF.raw)
