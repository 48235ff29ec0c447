# SPDX-License-Identifier: MIT
"""The execution functions, as people and the master call them: answers, exit codes, test mode, and the way back."""

import json

import pytest
from salt_minion import by_person
from support import hives, tool
from support.hives import dword


def test_get_hands_back_the_result(minion, store):
    told = minion.call("mapihttp.get", store=str(store), exclude="bob")
    assert not list(tool.validator("result").iter_errors(told))
    assert [p["state"] for p in told["profiles"]] == ["disabled", "absent"]


def test_get_of_what_cannot_be_had_hands_back_why(minion, tmp_path):
    told = minion.call("mapihttp.get", store=str(tmp_path / "nowhere"))
    assert (told["failed"], told["error"]["kind"]) == (True, "not_found")


@pytest.mark.parametrize("verb", ["check", "apply"])
def test_what_is_told_of_drift(minion, store, verb):
    before = hives.contents(store)
    told = minion.call(f"mapihttp.{verb}", state="allowed", store=str(store), name="nobody is off")
    assert (told["name"], told["result"]) == ("nobody is off", None if verb == "check" else True)
    assert by_person(told["changes"]) == {"ann": (1, 0)}
    assert (hives.contents(store) == before) is (verb == "check")


@pytest.mark.parametrize("verb", ["check", "apply"])
def test_what_is_told_where_nothing_is_to_be_done(minion, store, verb):
    told = minion.call(f"mapihttp.{verb}", state="allowed", store=str(store), users="bob,chau")
    assert told == {"name": "mapihttp", "result": True, "changes": {}, "comment": "2 of 2 profiles compliant"}


@pytest.mark.parametrize("verb", ["check", "apply", "get"])
@pytest.mark.parametrize(("fields", "word"), [
    ({"usrs": "all"}, "usrs"), ({"state": "banana"}, "state"), ({"state": 5}, "state"), ({"users": 5}, "users"),
    ({"restore": [{"id": 5, "value": None}]}, "restore"), ({"name": 5}, "name")], ids=str)
def test_what_is_wrong_is_refused_and_nothing_written(minion, store, verb, fields, word):
    before = hives.snapshot(store)
    told = minion.call(f"mapihttp.{verb}", **{"store": str(store), **fields})
    assert (told["failed"] is True) if verb == "get" else (told["result"] is False)
    assert word in told["msg" if verb == "get" else "comment"]
    assert hives.snapshot(store) == before


def test_a_state_is_needed(minion, store):
    told = minion.call("mapihttp.apply", store=str(store))
    assert told["result"] is False and "state is missing" in told["comment"]


@pytest.mark.parametrize("given", [True, "yes", 1], ids=str)
def test_apply_in_test_mode_writes_nothing(minion, store, given):
    before = hives.snapshot(store)
    told = minion.call("mapihttp.apply", state="enabled", store=str(store), test=given)
    assert (told["result"], set(by_person(told["changes"]))) == (None, {"ann", "chau"})
    assert hives.snapshot(store) == before


@pytest.mark.parametrize(("options", "result"), [({}, None), ({"test": None}, None), ({"test": False}, True)], ids=str)
def test_apply_goes_by_the_minions_own_test_mode(new_minion, program, store, options, result):
    minion = new_minion(test=True, mapihttp={"binary": str(program)})
    assert minion.call("mapihttp.apply", state="enabled", store=str(store), **options)["result"] is result


def restore_of(changes):
    return [{"id": id_, "value": change["old"]} for id_, change in changes.items()]


@pytest.mark.parametrize("state", ["enabled", "disabled", "absent", "allowed"])
def test_what_a_state_changed_can_be_put_back(minion, tmp_path, state):
    store = hives.store(tmp_path / "profiles", {
        "ann": hives.user(dword(1)), "bob": hives.user(hives.value("REG_SZ", "0")), "chau": hives.user(),
        "dan": hives.user(hives.value("REG_BINARY", hex="00ff"))})

    def values():
        return [p["before"] for p in minion.call("mapihttp.get", store=str(store))["profiles"]]

    before = values()
    changes = minion.state(state, {"store": str(store)})["changes"]
    assert values() != before
    told = minion.call("mapihttp.apply", store=str(store), restore=restore_of(changes))
    assert (told["result"], len(told["changes"])) == (True, len(changes))
    assert values() == before


def test_the_way_back_of_a_volume(minion, tmp_path):
    root = hives.volume(tmp_path / "volume", {"ann": hives.user(dword(1))}, default=hives.user())
    changes = minion.state("enabled", {"root": str(root), "users": ["all", "default"]})["changes"]
    told = minion.call("mapihttp.apply", root=str(root), restore=restore_of(changes))
    assert told["changes"] == {i: {"old": c["new"], "new": c["old"]} for i, c in changes.items()}


# What salt-call itself does with it: its exit code is what a script sees.
def test_the_exit_code_of_drift(minion, store):
    code, told = minion.salt_json("mapihttp.check", "state=allowed", f"store={store}", "users=ann,bob")
    assert (code, told["result"]) == (1, None)


def test_the_exit_code_of_compliance(minion, store):
    code, told = minion.salt_json("mapihttp.check", "state=allowed", f"store={store}", "users=[bob, chau]")
    assert (code, told["result"]) == (0, True)


def test_the_exit_code_of_a_get_that_fails(minion, tmp_path):
    code, told = minion.salt_json("mapihttp.get", f"store={tmp_path}/nowhere")
    assert (code, told["failed"]) == (1, True)


def test_the_exit_code_of_a_state_that_fails(minion, tmp_path):
    (minion.roots / "fails.sls").write_text(
        json.dumps({"outlook": {"mapihttp.enabled": [{"store": str(tmp_path / "nowhere")}]}}))
    code, told = minion.salt_json("state.apply", "fails")
    assert (code, [t["result"] for t in told.values()]) == (1, [False])


def test_apply_from_the_command_line_and_back(minion, store):
    _, told = minion.salt_json("mapihttp.apply", "state=absent", f"store={store}")
    assert by_person(told["changes"]) == {"ann": (1, None), "bob": (0, None)}
    code, back = minion.salt_json("mapihttp.apply", f"store={store}",
                                  f"restore={json.dumps(restore_of(told['changes']))}")
    assert (code, by_person(back["changes"])) == (0, {"ann": (None, 1), "bob": (None, 0)})


def test_words_without_a_field_get_the_usage(minion):
    code, out, err = minion.salt_call("mapihttp.check", "allowed")
    assert code == 1 and "salt '*' mapihttp.check" in out and "Traceback" not in out + err


def test_version(minion):
    wanted = tool.run("version").result["version"]
    assert minion.call("mapihttp.version") == wanted


def test_every_function_is_documented_with_an_example(minion):
    told = minion.salt_json("sys.doc", "mapihttp")[1]
    assert set(told) == {f"mapihttp.{name}" for name in ("get", "check", "apply", "version")}
    assert not [name for name, text in told.items() if f"salt '*' {name}" not in text]
