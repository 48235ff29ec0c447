# SPDX-License-Identifier: MIT
"""What happens when the program is not there, is another one, or dies: told in a sentence, never a stack trace.
And where the program is looked for."""

import os
import shutil

import pytest
from salt_minion import Minion

pytestmark = pytest.mark.linux

GOOD = '{"name":"x","result":true,"changes":{},"comment":""}'
# A program's script, and the words of the fault.
FAULTS = {
    "says nothing": ("exit 0", ["gave no result (exit code 0): it said nothing"]),
    "says no JSON": ("echo This program cannot be run in DOS mode.", ["gave no result", "DOS mode"]),
    "complains": ("echo no such option >&2; exit 64", ["gave no result (exit code 64): no such option"]),
    "says bytes": (r"printf '\377\376\000'", ["gave no result"]),
    "says a list": ("echo '[]'", ["gave no result (exit code 0): []"]),
    "says half of it": ("echo '{\"name\":'", ["gave no result"]),
    "says it twice": (f"echo '{GOOD}'; echo '{GOOD}'", ["gave no result"]),
    "says it without end": ("yes [ | head -c 300000 | tr -d '\\n'", ["gave no result", "[[["]),
    "is killed": (f"echo '{GOOD}'; kill -9 $$", ["gave no result (exit code -9)"]),
    "fails after an answer": (f"echo '{GOOD}'; exit 70", ["gave no result (exit code 70)"]),
    "another object": ("echo '{}'", ["gave no result that Salt knows: {}"]),
    "contradicts itself": (f"echo '{GOOD}'; exit 1", ["gave no result that Salt knows"]),
    "no result in it": ("echo '" + GOOD.replace('"result"', '"failed"') + "'", ["no result that Salt knows"]),
    "a number for the result": ("echo '" + GOOD.replace("true", "1") + "'", ["no result that Salt knows"]),
    "a list for the changes": ("echo '" + GOOD.replace("{}", "[]") + "'", ["no result that Salt knows"]),
    "null for the comment": ("echo '" + GOOD.replace('""', "null") + "'", ["no result that Salt knows"]),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Where the minion is told that its program is."""
    return tmp_path_factory.mktemp("place") / "mapihttp"


@pytest.fixture(scope="module")
def misled(program, place, tmp_path_factory):
    made = Minion(tmp_path_factory.mktemp("misled"), mapihttp={"binary": str(place)})
    yield made
    made.close()


def put(path, script, mode=0o755):
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(mode)


@pytest.mark.parametrize(("script", "words"), FAULTS.values(), ids=FAULTS)
def test_a_program_at_fault_fails_the_state(misled, place, script, words):
    put(place, script)
    told = misled.state("enabled", {})
    assert (told["result"], told["changes"]) == (False, {})
    assert not [word for word in words if word not in told["comment"]], told["comment"]
    assert len(told["comment"]) < 500


@pytest.mark.parametrize(("script", "words"), FAULTS.values(), ids=FAULTS)
def test_a_program_at_fault_fails_the_function(misled, place, script, words):
    put(place, script)
    told = misled.ask("mapihttp.check", state="enabled")
    assert not [word for word in words if word not in told["error"]], told


@pytest.mark.parametrize("answer", ['{"failed":true}', GOOD, '{"version":1}'])
def test_an_answer_that_is_none_to_this_question(misled, place, answer):
    put(place, f"echo '{answer}'")
    assert "no result that Salt knows" in misled.ask("mapihttp.get")["error"]
    assert "did not tell its version" in misled.ask("mapihttp.version")["error"]


def not_there(place):
    place.unlink(missing_ok=True)


def not_to_be_run(place):
    put(place, "exit 0", mode=0o644)


def of_another_system(place):
    place.write_bytes(b"MZ\x90\x00" * 1000)
    place.chmod(0o755)


@pytest.mark.parametrize(("make", "word"), [
    (not_there, "is no program"), (not_to_be_run, "is no program"), (of_another_system, "cannot be run: ")])
@pytest.mark.parametrize("test", [False, True])
def test_what_cannot_be_started(misled, place, make, word, test):
    make(place)
    told = misled.state("enabled", {}, test=test)
    assert told["result"] is False and word in told["comment"] and str(place) in told["comment"]
    assert "context" not in told["comment"]
    for function in ("get", "check", "apply", "version"):
        assert word in misled.ask(f"mapihttp.{function}")["error"]


def test_salt_call_says_it_in_one_line(misled, place):
    not_there(place)
    code, out, err = misled.salt_call("mapihttp.get")
    assert code == 1 and "Traceback" not in out + err
    assert err.splitlines()[-1].startswith("Error running 'mapihttp.get': mapihttp:binary is ")


@pytest.fixture
def bare(new_minion):
    """A minion that is told nothing of where the program is."""
    one = new_minion()
    one.salt_call("saltutil.sync_all")
    return one


def version_from(minion, **env):
    """(exit code, all that was printed)"""
    code, out, err = minion.salt_call("mapihttp.version", **env)
    assert "Traceback" not in out + err
    return code, out + err


PATH = "/usr/bin:/bin"


def saying(path, version):
    path.parent.mkdir(parents=True, exist_ok=True)
    put(path, f"echo '{{\"version\":\"{version}\"}}'")


def test_where_it_is_looked_for_without_being_told(bare, tmp_path):
    code, text = version_from(bare, PATH=PATH)
    assert code == 1 and "put it into PATH or to salt://mapihttp/mapihttp, or set mapihttp:binary" in text
    saying(bare.roots / "mapihttp" / "mapihttp", "of the master")
    (bare.roots / "mapihttp" / "mapihttp").chmod(0o644)
    assert "of the master" in version_from(bare, PATH=PATH)[1]
    saying(tmp_path / "bin" / "mapihttp", "of the path")
    assert "of the path" in version_from(bare, PATH=f"{PATH}:{tmp_path}/bin")[1]


def test_the_current_folder_is_no_place(bare):
    saying(bare.folder / "mapihttp", "of the folder")
    assert version_from(bare, PATH=f".::{PATH}")[0] == 1


@pytest.mark.parametrize("option", [
    {"mapihttp": {"binary": "salt://tools/m"}}, {"mapihttp:binary": "salt://tools/m"},
    {"grains": {"mapihttp": {"binary": "salt://tools/m"}}}], ids=str)
def test_it_can_be_told(new_minion, option):
    minion = new_minion(**option)
    minion.salt_call("saltutil.sync_all")
    saying(minion.roots / "tools" / "m", "told")
    assert "told" in version_from(minion)[1]


@pytest.mark.parametrize("told", ["salt://tools/nothing", "mapihttp", 5, ["a"]], ids=str)
def test_told_of_what_is_none_it_is_not_looked_for_elsewhere(new_minion, tmp_path, told):
    minion = new_minion(mapihttp={"binary": told})
    minion.salt_call("saltutil.sync_all")
    saying(tmp_path / "bin" / "mapihttp", "of the path")
    code, text = version_from(minion, PATH=f"{tmp_path}/bin:{os.environ['PATH']}")
    assert code == 1 and f"mapihttp:binary is {told}, which is no program" in text


def test_the_copy_of_the_master_is_run_where_it_lies(bare, program):
    folder = bare.roots / "mapihttp"
    folder.mkdir()
    shutil.copy(program, folder / "mapihttp")
    assert version_from(bare, PATH=PATH)[0] == 0
