# SPDX-License-Identifier: MIT
"""What the program says as a task of Bolt or Puppet Enterprise: `mapihttp bolt`, parameters on standard input."""

import json

import pytest
from support import hives, tool
from support.hives import dword

OFF = hives.user(dword(1))


@pytest.fixture
def store(tmp_path):
    """ann is turned off, bob has no value."""
    return hives.store(tmp_path / "store", {"ann": OFF, "bob": hives.user()})


def say(given, *arguments):
    """Runs it with what is given as it is; holds the answer against the contract."""
    if not isinstance(given, bytes):
        given = json.dumps(given).encode()
    done = tool.run(*arguments, stdin=given, check_result=False)
    assert done.err == b"" and done.out.isascii() and done.out.endswith(b"\n") and done.out.count(b"\n") == 1
    answer = json.loads(done.out)
    native = {key: value for key, value in answer.items() if key != "_error"}
    assert not [e.message for e in tool.validator("result").iter_errors(native)]
    assert answer["failed"] == ("_error" in answer) == (done.code == 1) and done.code in (0, 1)
    if answer["failed"]:
        assert set(answer["_error"]) == {"msg", "kind", "details"} and answer["_error"]["msg"] == answer["msg"]
    return answer


def ask(given):
    return say(given, "bolt")


def test_converges(store):
    answer = ask({"state": "enabled", "store": str(store), "_task": "mapihttp"})
    assert (answer["changed"], answer["check"], answer["counts"]["changed"]) == (True, False, 2)


def test_a_second_run_changes_nothing(store):
    ask({"state": "allowed", "store": str(store)})
    before = hives.snapshot(store)
    answer = ask({"state": "allowed", "store": str(store)})
    assert (answer["changed"], answer["counts"]["compliant"]) == (False, 2)
    assert hives.snapshot(store) == before


@pytest.mark.parametrize("noop", [True, "true", "yes", 1])
def test_noop_says_what_would_change_and_writes_nothing(store, noop):
    before = hives.snapshot(store)
    answer = ask({"state": "enabled", "store": str(store), "_noop": noop})
    assert (answer["changed"], answer["check"]) == (True, True) and "undo" not in answer
    assert hives.snapshot(store) == before


@pytest.mark.parametrize("noop", [False, "no", None])
def test_noop_that_is_false_is_none(store, noop):
    assert not ask({"state": "enabled", "store": str(store), "_noop": noop})["check"]


@pytest.mark.parametrize("noop", ["perhaps", [], {}, 2])
def test_noop_that_is_no_boolean_is_refused(store, noop):
    """Rather than taken for a run in earnest."""
    before = hives.snapshot(store)
    answer = ask({"state": "enabled", "store": str(store), "_noop": noop})
    assert (answer["_error"]["kind"], answer["error"]["field"]) == ("mapihttp/invalid", "_noop")
    assert hives.snapshot(store) == before


def test_names_that_begin_with_an_underscore_are_the_runners(store):
    answer = ask({"state": "allowed", "store": str(store), "_task": "mapihttp", "_installdir": "C:\\x",
                  "_target": {"uri": "ssh://a"}, "_whatever": [1, {"a": None}], "_": 1})
    assert answer["counts"]["changed"] == 1


@pytest.mark.parametrize("frame", [
    b"\xef\xbb\xbf%s", b"%s\r\n", b"\xef\xbb\xbf%s\r\n", b"\r\n%s", b" %s \n\n"],
    ids=["mark", "crlf", "mark and crlf", "crlf before", "blanks"])
def test_what_powershell_puts_around_it_is_no_matter(store, frame):
    given = frame % json.dumps({"state": "allowed", "store": str(store)}).encode()
    assert ask(given)["counts"]["changed"] == 1


def test_line_ends_of_windows_within_it_are_no_matter(store):
    given = json.dumps({"state": "allowed", "store": str(store)}, indent=2).replace("\n", "\r\n").encode()
    assert ask(given)["changed"]


def test_without_any_argument_it_is_a_task(store):
    assert say({"state": "allowed", "store": str(store)})["changed"]


@pytest.mark.parametrize("users", ["ann", ["ann"], "ann,nobody*"])
def test_lists_may_be_one_string(store, users):
    answer = ask({"state": "enabled", "store": str(store), "users": users})
    assert [p["path"].replace("\\", "/") for p in answer["profiles"]] == [f"{store}/ann"]


def test_the_undo_of_a_result_takes_it_back(store):
    before = ask({"state": "enabled", "store": str(store), "_noop": True})
    answer = ask({"state": "enabled", "store": str(store)})
    ask({**answer["undo"], "_task": "mapihttp"})
    after = ask({"state": "enabled", "store": str(store), "_noop": True})
    assert [p["before"] for p in after["profiles"]] == [p["before"] for p in before["profiles"]]


REFUSED = [
    ("an unknown parameter", {"state": "enabled", "usres": "all"}, "usres"),
    ("an unknown state", {"state": "on"}, "state"),
    ("a state of another type", {"state": 1}, "state"),
    ("users of another type", {"state": "enabled", "users": {"a": 1}}, "users"),
    ("a state and a restore", {"state": "enabled", "restore": []}, None),
    ("no state", {}, "state"),
    ("restore that is no list", {"restore": "all"}, "restore"),
]


@pytest.mark.parametrize(("given", "field"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_a_wrong_request_is_refused_whole(store, given, field):
    before = hives.snapshot(store)
    answer = ask({"store": str(store), **given})
    assert (answer["_error"]["kind"], answer["profiles"]) == ("mapihttp/invalid", [])
    assert answer["_error"]["details"] == answer["error"]
    if field:
        assert answer["error"]["field"] == field
    assert hives.snapshot(store) == before


GARBAGE = {
    "nothing": b"", "blanks": b" \r\n", "no JSON": b"state=enabled", "half of it": b'{"state":', "a list": b"[]",
    "a string": b'"enabled"', "null": b"null", "two values": b'{"state":"enabled"}{}', "a mark alone": b"\xef\xbb\xbf",
    "two marks": b'\xef\xbb\xbf\xef\xbb\xbf{"state":"enabled"}', "no UTF-8": b'{"state":"\xff"}',
    "UTF-16": '{"state":"enabled"}'.encode("utf-16"), "one key twice": b'{"state":"enabled","state":"absent"}',
    "too much": b'{"state":"' + b"x" * (1 << 20) + b'"}', "NUL": b'{"state":"enabled"}\0'}


@pytest.mark.parametrize("given", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_fails_with_a_message(given):
    answer = ask(given)
    assert answer["_error"]["kind"] == "mapihttp/invalid" and answer["_error"]["msg"]


def test_a_profile_that_fails_names_its_kind_and_the_others_go_on(store):
    (store / "ann" / "NTUSER.DAT").write_bytes(b"junk")
    answer = ask({"state": "enabled", "store": str(store)})
    (failed,) = answer["_error"]["details"]["profiles"]
    assert (answer["_error"]["kind"], failed["kind"], answer["changed"]) == ("mapihttp/corrupt", "corrupt", True)
    assert set(failed) == {"id", "kind", "message"} and failed["id"].replace("\\", "/").endswith("ann/NTUSER.DAT")
    assert (store / "ann" / "NTUSER.DAT").read_bytes() == b"junk"


def test_the_kind_is_that_of_the_first_profile_that_failed(store):
    (store / "bob" / "NTUSER.DAT").write_bytes(b"junk")
    answer = ask({"state": "enabled", "store": str(store), "users": ["ann", "bob", "nobody"]})
    kinds = [profile["kind"] for profile in answer["_error"]["details"]["profiles"]]
    assert sorted(kinds) == ["corrupt", "not_found"] and answer["_error"]["kind"] == f"mapihttp/{kinds[0]}"


def test_a_folder_that_is_not_there(tmp_path):
    answer = ask({"state": "enabled", "store": str(tmp_path / "none")})
    assert answer["_error"]["kind"] == "mapihttp/not_found"
    assert answer["_error"]["details"]["kind"] == "not_found"
