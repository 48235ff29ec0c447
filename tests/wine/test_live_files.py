# SPDX-License-Identifier: MIT
"""Profiles that nobody has loaded: observed in their files, nothing mounted, nothing touched."""

import pytest
from support import hives, wine
from support.tool import call, run
from support.wine import OFF, VALUES


@pytest.fixture(scope="module")
def files(module_machine):
    """One person for each value, nobody of them logged on; a Default profile."""
    for value in VALUES:
        module_machine.unloaded(f"user {value.name}", value)
    module_machine.default(OFF)
    return module_machine


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.name)
def test_get_reads_the_file(files, value):
    profile = run("get").profile(files.sid(f"user {value.name}"))
    assert (profile["state"], profile["before"], profile["source"], profile["outcome"]) == (
        value.state, value.shown, "file", "observed")
    assert not profile["outlook_running"]


@pytest.mark.parametrize("state", ["enabled", "disabled", "absent", "allowed"])
def test_a_check_compares_the_file(files, state):
    done = run("check", f"state={state}", "users=all,default")
    right = {"allowed": ("enabled", "absent")}.get(state, (state,))
    for value in VALUES:
        assert done.profile(files.sid(f"user {value.name}"))["outcome"] == (
            "compliant" if value.state in right else "changed")
    assert (done.code, done.result["failed"]) == (1, False)


@pytest.mark.parametrize("arguments", [("get",), ("check", "state=enabled"), ("check", "state=disabled"),
                                       ("apply", "state=enabled", "check=true")], ids=" ".join)
def test_looking_touches_no_file_and_mounts_nothing(files, arguments):
    before = hives.snapshot(files.drive / "users")
    files.hands.ask("watch")
    done = run(*arguments, "users=all,default")
    changed, *names = files.hands.ask("seen")
    assert done.result["counts"]["profiles"] == len(VALUES) + 2
    assert (changed, sorted(names)) == ("same", sorted(files.users))
    assert hives.snapshot(files.drive / "users") == before


def test_the_watch_would_see_a_mount(files, tmp_path):
    (tmp_path / "hive").write_bytes(wine.text_hive(OFF))
    files.hands.ask("watch")
    files.hands.ask("load", "mapihttp-watched", wine.windows_path(tmp_path / "hive"))
    files.hands.ask("unload", "mapihttp-watched")
    assert files.hands.ask("seen")[0] == "changed"


def test_an_apply_that_finds_all_compliant_mounts_nothing(files):
    people = [files.sid(f"user {name}") for name in ("absent", "0")]
    before = hives.snapshot(files.drive / "users")
    files.hands.ask("watch")
    done = call("apply", {"state": "allowed", "users": people})
    assert (done.code, done.result["counts"]["compliant"]) == (0, 2)
    assert files.hands.ask("seen")[0] == "same"
    assert hives.snapshot(files.drive / "users") == before


def test_no_file_is_left_open_or_made(files):
    before = sorted(path for path in files.drive.joinpath("users").rglob("*"))
    run("get")
    assert sorted(path for path in files.drive.joinpath("users").rglob("*")) == before
