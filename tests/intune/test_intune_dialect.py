# SPDX-License-Identifier: MIT
"""What the program says to Intune: `mapihttp intune detect|remediate`, one line of figures and an exit code."""

import json
import re

import pytest
from support import hives, tool
from support.hives import dword

OFF = hives.user(dword(1))
LINE = re.compile(rb"(compliant|drift|remediated|failed): [ -~]+\n")
FIGURES = r"(\w+): (\d+) profiles?, (\d+) compliant, (\d+) (?:would change|changed), (\d+) skipped, (\d+) failed"


@pytest.fixture
def store(tmp_path):
    """ann is turned off, bob and chau have no value."""
    people = {"ann.V6": OFF, "bob.V6": hives.user(), "chau.V6": hives.user()}
    return hives.store(tmp_path / "store", people)


def say(verb, *arguments, given=b""):
    """Runs it; holds what it says against what Intune shows: one line, nothing on standard error."""
    done = tool.run("intune", verb, *arguments, stdin=given, check_result=False)
    assert done.err == b"" and done.code in (0, 1)
    assert LINE.fullmatch(done.out) and len(done.out) <= 2048, done.out
    assert done.out.startswith((b"compliant", b"remediated")) == (done.code == 0)
    return done.out.decode().rstrip("\n"), done.code


def figures(line):
    """(verdict, profiles, compliant, changed, skipped, failed)"""
    found = re.match(FIGURES, line)
    assert found, line
    return found[1], *map(int, found.groups()[1:])


def test_drift_is_detected_and_nothing_is_written(store):
    before = hives.snapshot(store)
    line, code = say("detect", "state=allowed", f"store={store}")
    assert (figures(line), code) == (("drift", 3, 2, 1, 0, 0), 1)
    assert hives.snapshot(store) == before


def test_remediation_converges_and_then_all_is_compliant(store):
    line, code = say("remediate", "state=allowed", f"store={store}")
    assert (figures(line), code) == (("remediated", 3, 2, 1, 0, 0), 0)
    line, code = say("detect", "state=allowed", f"store={store}")
    assert (figures(line), code) == (("compliant", 3, 3, 0, 0, 0), 0)


def test_a_remediation_with_nothing_to_do_writes_nothing(store):
    say("remediate", "state=allowed", f"store={store}")
    before = hives.snapshot(store)
    line, code = say("remediate", "state=allowed", f"store={store}")
    assert (figures(line), code) == (("compliant", 3, 3, 0, 0, 0), 0)
    assert hives.snapshot(store) == before


@pytest.mark.parametrize(("verb", "figure"), [("detect", ("failed", 3, 1, 1, 0, 1)),
                                              ("remediate", ("failed", 3, 1, 1, 0, 1))])
def test_a_profile_that_fails_is_counted_by_its_kind(store, verb, figure):
    (store / "bob.V6" / "NTUSER.DAT").write_bytes(b"junk")
    line, code = say(verb, "state=allowed", f"store={store}")
    assert (figures(line), code) == (figure, 1) and line.endswith("(corrupt 1)")
    assert (store / "bob.V6" / "NTUSER.DAT").read_bytes() == b"junk"


def test_kinds_are_counted_each(store):
    for name in ("bob.V6", "chau.V6"):
        (store / name / "NTUSER.DAT").write_bytes(b"junk")
    line, _ = say("detect", "state=allowed", f"store={store}", "users=*,nobody")
    assert sorted(re.search(r"\((.*)\)$", line)[1].split(", ")) == ["corrupt 2", "not_found 1"]


def test_nobody_is_named(store):
    (store / "bob.V6" / "NTUSER.DAT").write_bytes(b"junk")
    for verb in ("detect", "remediate"):
        line, _ = say(verb, "state=allowed", f"store={store}", "users=*,CONTOSO\\nobody,S-1-5-21-1-2-3-1001")
        assert not re.search(r"ann|bob|chau|nobody|CONTOSO|S-1-|store|[\\/]", line), line


@pytest.mark.parametrize("verb", ["detect", "remediate"])
def test_a_refusal_names_no_path(tmp_path, verb):
    line, code = say(verb, "state=allowed", f"store={tmp_path}/ann")
    assert (line.split(";")[0], code) == ("failed: the request was refused: not_found, field store", 1)


def test_one_profile_is_said_in_the_singular(store):
    line, _ = say("detect", "state=allowed", f"store={store}", "users=ann.V6")
    assert line.startswith("drift: 1 profile, ")


def test_many_profiles_are_still_one_line(tmp_path):
    top = hives.store(tmp_path / "store", {f"user{i:03}": OFF for i in range(200)})
    for path in sorted(top.rglob("NTUSER.DAT"))[::2]:
        path.write_bytes(b"junk")
    assert figures(say("detect", "state=allowed", f"store={top}")[0]) == ("failed", 200, 0, 100, 0, 100)


def test_without_arguments_the_request_comes_as_json(store):
    given = json.dumps({"state": "allowed", "store": str(store)}).encode()
    assert figures(say("detect", given=given)[0])[0] == "drift"
    assert figures(say("remediate", given=given)[0])[0] == "remediated"


def test_a_remediation_that_is_only_to_check_writes_nothing(store):
    before = hives.snapshot(store)
    line, code = say("remediate", "state=allowed", f"store={store}", "check=true")
    assert (figures(line)[0], code) == ("drift", 1)
    assert hives.snapshot(store) == before


REFUSED = {
    "no state": [], "an unknown state": ["state=on"], "an unknown field": ["state=allowed", "usres=all"],
    "no value": ["state"], "no key": ["=allowed"], "a state twice": ["state=allowed", "state=enabled"],
    "two places": ["state=allowed", "root=/x"], "no boolean": ["state=allowed", "check=perhaps"],
    "a list as text": ["restore=all"]}


@pytest.mark.parametrize("verb", ["detect", "remediate"])
@pytest.mark.parametrize("arguments", REFUSED.values(), ids=REFUSED.keys())
def test_a_wrong_request_is_refused_whole(store, verb, arguments):
    before = hives.snapshot(store)
    line, code = say(verb, f"store={store}", *arguments)
    assert (line.startswith("failed: the request was refused: invalid"), code) == (True, 1)
    assert hives.snapshot(store) == before


GARBAGE = {"nothing": b"", "no JSON": b"state=allowed", "a list": b"[]", "two values": b"{}{}", "half": b'{"state":',
           "no UTF-8": b'{"state":"\xff"}', "a line end in a key": b'{"a\\nb":1}', "a letter beyond ASCII":
           '{"Zo\u00eb":1}'.encode(), "a control character in a key": b'{"a\\u001b[31m":1}',
           "a long key": b'{"%s":1}' % (b"x" * 5000), "a long value": b'{"state":"%s"}' % (b"x" * 5000)}


@pytest.mark.parametrize("given", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_one_line_too(given):
    line, code = say("detect", given=given)
    assert (line.startswith("failed: the request was refused: invalid"), code) == (True, 1)


@pytest.mark.parametrize("arguments", [(), ("look",), ("look", "state=allowed")], ids=" ".join)
def test_a_word_that_is_neither_fails(arguments):
    done = tool.run("intune", *arguments, check_result=False)
    assert done.code != 0 and done.out.startswith(b"failed: ") and done.out.count(b"\n") == 1
