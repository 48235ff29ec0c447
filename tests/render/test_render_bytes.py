# SPDX-License-Identifier: MIT
"""What `render` prints, byte for byte, and always the same."""

import pytest
from expected import FILE, STATES, backup, guid
from support import tool

FILES = [pytest.param(name, state, id=f"{name} {state}") for name, state in FILE]


@pytest.mark.parametrize(("name", "state"), FILES)
def test_file(name, state, rendered):
    assert rendered(name, state) == FILE[name, state]


@pytest.mark.parametrize(("name", "state"), FILES)
def test_json_on_standard_input_asks_for_the_same(name, state):
    done = tool.run("render", name, stdin={"state": state, "out": None}, check_result=False)
    assert (done.code, done.err, done.out) == (0, b"", FILE[name, state])


@pytest.mark.parametrize(("name", "state"), FILES)
@pytest.mark.linux
def test_neither_clock_nor_place_nor_locale_is_in_it(name, state, tmp_path):
    env = {"TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8", "PATH": "/usr/bin:/bin"}
    done = tool.run("render", name, f"state={state}", env=env, cwd=tmp_path, check_result=False)
    assert done.out == FILE[name, state] and not list(tmp_path.iterdir())


def contents(folder):
    return {path.relative_to(folder).as_posix(): None if path.is_dir() else path.read_bytes()
            for path in folder.rglob("*")}


@pytest.mark.parametrize("state", STATES)
def test_backup(state, backups):
    made = backups(state)
    assert contents(made.out) == backup(state)
    assert made.id == guid(2, state)


@pytest.mark.parametrize("out", ["new", "new/", "new//", "./new", "empty", "empty/", "empty/new", "Tr\u00fc\u1eddng"])
def test_where_a_backup_goes(out, tmp_path):
    (tmp_path / "empty").mkdir()
    done = tool.run("render", "backup", stdin={"state": "enabled", "out": out}, cwd=tmp_path)
    assert (done.code, done.err, done.result) == (0, b"", {"backup_id": guid(2, "enabled")})
    assert contents(tmp_path / out) == backup("enabled")
    assert {path.name for path in tmp_path.iterdir()} == {"empty", (tmp_path / out).relative_to(tmp_path).parts[0]}


def test_guids_tell_things_and_states_apart():
    guids = [guid(thing, state) for thing in (1, 2, 4) for state in STATES] + [guid(3, None)]
    assert len(set(guids)) == len(guids)


def test_a_backup_is_made_once(tmp_path):
    out = tmp_path / "out"
    codes = [tool.run("render", "backup", f"state={state}", f"out={out}").code for state in ("enabled", "disabled")]
    assert codes == [0, 2] and contents(out) == backup("enabled")
