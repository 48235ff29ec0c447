# SPDX-License-Identifier: MIT
"""What goes wrong: the exit code of its kind, nothing on stdout, each error a trace, and no byte changed."""

import json
import os
import shutil

import pytest
from engine import EngineError
from support import hives
from support.hives import dword
from support.tool import run

OFF = hives.user(dword(1))
OPERATIONS = ["get", "test", "set", "whatif", "export"]


def perform(engine, operation, properties):
    if operation == "whatif":
        return engine.set(properties, what_if=True)
    return getattr(engine, operation)(properties)


@pytest.fixture
def hive(tmp_path):
    return hives.make(tmp_path / "ann.dat", OFF)


# What the engine itself refuses never comes to the resource.
UNFIT = [
    ("an unknown property", {"colour": "red"}),
    ("a state that is none", {"state": "on"}),
    ("a state of the wrong type", {"state": 1}),
    ("users as one string", {"users": "all"}),
    ("hives that are none", {"hives": []}),
    ("a boolean of the other dialects", {"check": True}),
]


@pytest.mark.parametrize("more", [u[1] for u in UNFIT], ids=[u[0] for u in UNFIT])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_schema_keeps_out(engine, hive, operation, more):
    before = hives.snapshot(hive.parent)
    with pytest.raises(EngineError, match="schema"):
        perform(engine, operation, {"state": "enabled", "hives": [str(hive)], **more})
    assert engine.calls == [] and hives.snapshot(hive.parent) == before


# What only the resource can refuse.
@pytest.mark.parametrize("state", ["mixed", "other", None])
@pytest.mark.parametrize("operation", ["test", "set", "whatif"])
def test_what_cannot_be_desired_is_refused(engine, hive, operation, state):
    before = hives.snapshot(hive.parent)
    with pytest.raises(EngineError) as refused:
        perform(engine, operation, {"hives": [str(hive)], **({"state": state} if state else {})})
    assert (refused.value.code, engine.calls[-1].out) == (1, b"")
    assert engine.traces[-1][0] == "error" and "state" in engine.traces[-1][1]
    assert hives.snapshot(hive.parent) == before


@pytest.mark.parametrize("operation", OPERATIONS)
def test_targets_exclude_each_other(engine, hive, operation):
    with pytest.raises(EngineError) as refused:
        perform(engine, operation, {"state": "enabled", "hives": [str(hive)], "store": str(hive.parent)})
    assert refused.value.code == 1


# By hand, without the engine.
GARBAGE = [
    ("no JSON", b"state=enabled"),
    ("half of it", b'{"state":"enabled"'),
    ("an array", b"[]"),
    ("a string", b'"enabled"'),
    ("null", b"null"),
    ("two values", b'{"state":"enabled"}{}'),
    ("no UTF-8", b'{"state":"\xff"}'),
    ("a key twice", b'{"state":"enabled","state":"absent"}'),
    ("an unknown property", b'{"state":"enabled","colour":"red"}'),
    ("a wrong type", b'{"state":1}'),
    ("a list of the wrong type", b'{"state":"enabled","users":{}}'),
    ("a field of other dialects", b'{"state":"enabled","check":true}'),
    ("what it has no room for", b'{"restore":[]}'),
    ("a megabyte", b'{"state":"enabled","users":["' + b"x" * 1048576 + b'"]}'),
]


def errors_of(done):
    said = [json.loads(line) for line in done.err.decode("ascii").splitlines()]
    assert said and all(list(one) == ["error"] and one["error"] for one in said), done.err
    return [one["error"] for one in said]


@pytest.mark.parametrize("stdin", [g[1] for g in GARBAGE], ids=[g[0] for g in GARBAGE])
@pytest.mark.parametrize("word", ["get", "test", "set", "whatif", "whatif-diff", "export"])
def test_garbage_is_refused(word, stdin):
    done = run("dsc", word, stdin=stdin)
    assert (done.code, done.out, len(errors_of(done))) == (1, b"", 1)


@pytest.mark.parametrize("words", [[], ["delete"], ["GET"], ["get", "set"], ["get", "state=enabled"]],
                         ids=" ".join)
def test_an_unknown_call_is_refused(hive, words):
    before = hives.snapshot(hive.parent)
    done = run("dsc", *words, stdin={"state": "enabled", "hives": [str(hive)]})
    assert (done.code, done.out, len(errors_of(done))) == (1, b"", 1)
    assert hives.snapshot(hive.parent) == before


# A hive that fails, by kind.
def cut_off(path):
    os.truncate(path, 4096)


def later_version(path):
    hives.patch(path, (24, b"\x07\0\0\0"))


def dirty(path):
    hives.make(path, hives.user(dword(1), dirty=True))


HARMS = [("gone", 2, "not_found", os.unlink), ("without its logs", 5, "dirty", dirty),
         ("cut off", 6, "corrupt", cut_off), ("of a later version", 7, "unsupported", later_version)]


@pytest.mark.parametrize(("code", "kind", "harm"), [h[1:] for h in HARMS], ids=[h[0] for h in HARMS])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_failing_hive(engine, tmp_path, operation, code, kind, harm):
    path = hives.make(tmp_path / "ann.dat", OFF)
    harm(path)
    before = hives.snapshot(tmp_path)
    with pytest.raises(EngineError) as failed:
        perform(engine, operation, {"state": "enabled", "hives": [str(path)]})
    assert (failed.value.code, failed.value.message.split(":")[0]) == (code, kind)
    assert engine.calls[-1].out == b"" and engine.text == []
    assert [level for level, _ in engine.traces] == ["error"] * len(engine.traces) != []
    assert any(str(path) in message for _, message in engine.traces)
    assert hives.snapshot(tmp_path) == before


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_target_that_is_not_there(engine, tmp_path, operation):
    with pytest.raises(EngineError) as failed:
        perform(engine, operation, {"state": "enabled", "store": str(tmp_path / "nowhere")})
    assert failed.value.code == 2


def test_a_selector_that_means_nobody(engine, tmp_path):
    root = hives.volume(tmp_path / "root", {"ann": OFF})
    with pytest.raises(EngineError) as failed:
        engine.test({"state": "enabled", "root": str(root), "users": ["an"]})
    assert failed.value.code == 2 and any("an" in message.split(":")[0] for _, message in engine.traces)


def test_policy_where_there_can_be_none(engine, hive):
    with pytest.raises(EngineError) as failed:
        engine.test({"state": "policy", "hives": [str(hive)]})
    assert failed.value.code == 7


def one_of_two(tmp_path):
    good = hives.make(tmp_path / "ann.dat", OFF)
    bad = hives.make(tmp_path / "bob.dat", OFF)
    cut_off(bad)
    return good, bad


def test_one_failure_does_not_keep_the_others_from_converging(engine, tmp_path):
    good, bad = one_of_two(tmp_path)
    before = hives.snapshot(bad)
    with pytest.raises(EngineError) as failed:
        engine.set({"state": "enabled", "hives": [str(bad), str(good)]})
    assert failed.value.code == 6 and any(str(bad) in message for _, message in engine.traces)
    assert run("get", stdin={"hives": [str(good)]}).result["profiles"][0]["state"] == "enabled"
    assert hives.snapshot(bad) == before


def test_get_of_some_that_could_be_read_is_mixed(engine, tmp_path):
    good, bad = one_of_two(tmp_path)
    assert engine.get({"hives": [str(bad), str(good)]})["state"] == "mixed"
    assert any(level == "error" and str(bad) in message for level, message in engine.traces)


def test_export_has_those_that_could_be_read(engine, tmp_path):
    good, bad = one_of_two(tmp_path)
    assert [one["users"] for one in engine.export({"hives": [str(bad), str(good)]})] == [[str(good)]]
    assert any(level == "error" and str(bad) in message for level, message in engine.traces)


def test_the_manifest_alone_is_no_resource(engine, installed, tmp_path):
    """That the stand-in starts what lies beside the manifest, and nothing else."""
    shutil.copy(next(installed.glob("*.json")), tmp_path)
    engine.folder = tmp_path
    with pytest.raises((FileNotFoundError, EngineError)):
        engine.get({"hives": ["x"]})
