# SPDX-License-Identifier: MIT
"""The states: what they change and tell, test mode, requisites, and how they fail."""

import json
import os

import pytest
from salt_minion import by_person
from support import hives
from support.hives import dword

# What each state changes in the store of ann (1), bob (0) and chau (nothing).
CHANGES = {
    "enabled": {"ann": (1, 0), "chau": (None, 0)},
    "disabled": {"bob": (0, 1), "chau": (None, 1)},
    "absent": {"ann": (1, None), "bob": (0, None)},
    "allowed": {"ann": (1, 0)},
}
TYPED = {"type": "REG_DWORD", "data": 1}


def values(minion, store):
    found = minion.call("mapihttp.get", store=str(store))["profiles"]
    return {p["path"].replace("\\", "/").rpartition("/")[2]: p["before"] and p["before"]["data"] for p in found}


@pytest.mark.parametrize("state", CHANGES)
def test_a_state_converges_every_profile(minion, store, state):
    before = values(minion, store)
    told = minion.state(state, {"store": str(store)})
    assert (told["result"], by_person(told["changes"])) == (True, CHANGES[state])
    assert values(minion, store) == {**before, **{name: new for name, (_, new) in CHANGES[state].items()}}


@pytest.mark.parametrize("state", CHANGES)
def test_a_second_run_changes_nothing(minion, store, state):
    minion.state(state, {"store": str(store)})
    settled = hives.snapshot(store)
    told = minion.state(state, {"store": str(store)})
    assert (told["result"], told["changes"]) == (True, {})
    assert hives.snapshot(store) == settled


@pytest.mark.parametrize("state", CHANGES)
def test_test_mode_tells_what_would_change_and_writes_nothing(minion, store, state):
    before = hives.snapshot(store)
    told = minion.state(state, {"store": str(store)}, test=True)
    assert (told["result"], by_person(told["changes"])) == (None, CHANGES[state])
    assert hives.snapshot(store) == before


def test_test_mode_is_true_where_nothing_is_pending(minion, store):
    minion.state("allowed", {"store": str(store)})
    told = minion.state("allowed", {"store": str(store)}, test=True)
    assert (told["result"], told["changes"]) == (True, {})


# How test mode is asked for: within the state, and of the whole run.
@pytest.mark.parametrize(("field", "run"), [
    ({"test": True}, {}), ({"test": True}, {"test": False}), ({"test": False}, {"test": True}),
    ({"test": None}, {"test": True}), ({"check": True}, {})], ids=str)
def test_who_asks_for_a_test_gets_one(minion, store, field, run):
    before = hives.snapshot(store)
    told = minion.state("enabled", {"store": str(store), **field}, **run)
    assert (told["result"], set(by_person(told["changes"]))) == (None, {"ann", "chau"})
    assert hives.snapshot(store) == before


def test_a_minion_that_always_tests_writes_only_when_told(new_minion, program, store):
    minion = new_minion(test=True, mapihttp={"binary": str(program)})
    assert minion.state("allowed", {"store": str(store)})["result"] is None
    assert minion.state("allowed", {"store": str(store)}, test=False)["result"] is True


def test_a_change_has_types_too(minion, tmp_path):
    path = hives.make(tmp_path / "bob" / "NTUSER.DAT", hives.user(hives.value("REG_SZ", "0")))
    told = minion.state("enabled", {"hives": [str(path)]})
    (change,) = told["changes"].values()
    assert change == {"old": {"type": "REG_SZ", "data": "0"}, "new": {"type": "REG_DWORD", "data": 0}}


def test_a_volume_its_users_and_exceptions(minion, tmp_path):
    off = hives.user(dword(1))
    root = hives.volume(tmp_path / "volume", {"ann": off, "bob": off}, default=off)
    told = minion.state("enabled", {"root": str(root), "users": ["all", "default"], "exclude": ["bob"]})
    assert (told["result"], set(told["changes"])) == (True, {hives.sid("ann"), "default"})


@pytest.mark.parametrize("policy", ["enabled", "absent"])
def test_a_volumes_own_policy(minion, tmp_path, policy):
    root = hives.volume(tmp_path / "volume", {"ann": hives.user(dword(1))},
                        policy=[{"name": "State", "type": "REG_SZ", "data": policy}])
    told = minion.state("policy", {"root": str(root)})
    after = {"enabled": {"type": "REG_DWORD", "data": 0}, "absent": None}[policy]
    assert (told["result"], told["changes"]) == (True, {hives.sid("ann"): {"old": TYPED, "new": after}})


def test_no_policy_is_no_failure_but_told(minion, tmp_path):
    root = hives.volume(tmp_path / "volume", {"ann": hives.user(dword(1))})
    told = minion.state("policy", {"root": str(root)})
    assert (told["result"], told["changes"]) == (True, {}) and "\nwarning: " in told["comment"]


@pytest.mark.linux
@pytest.mark.parametrize("name", [r"new\nancy", "two\nlines", 'q"uote', "Nguyễn 𝒜"])
def test_a_path_reaches_the_program_as_it_is(minion, tmp_path, name):
    path = hives.make(tmp_path / name / "NTUSER.DAT", hives.user(dword(1)))
    told = minion.state("enabled", {"hives": [str(path)]})
    assert (told["result"], list(told["changes"])) == (True, [str(path)])


def test_the_name_is_only_a_label(minion, store):
    fields = [{"store": str(store)}, {"name": "MAPI over HTTP"}]
    assert minion.apply({"x": {"mapihttp.allowed": fields}})["MAPI over HTTP"]["result"] is True


# What Salt takes for itself must not be taken for a field.
SALTS_OWN = {"aggregate": True, "failhard": True, "fire_event": True, "order": 1, "parallel": True,
             "reload_modules": True, "retry": {"attempts": 2, "interval": 0}, "umask": "022", "unless": "false",
             "names": ["one", "two"]}


@pytest.mark.parametrize(("keyword", "given"), SALTS_OWN.items(), ids=SALTS_OWN)
def test_what_salt_takes_for_itself_is_no_field(minion, store, keyword, given):
    told = minion.apply({"outlook": {"mapihttp.allowed": [{"store": str(store)}, {keyword: given}]}})
    assert [t["result"] for t in told.values()] == [True] * (2 if keyword == "names" else 1)
    assert [by_person(t["changes"]) for t in told.values() if t["changes"]] == [{"ann": (1, 0)}]


def test_a_field_may_come_of_what_a_function_returns(minion, store):
    told = minion.state("allowed", {"store": f"__slot__:salt:test.echo({store})"})
    assert by_person(told["changes"]) == {"ann": (1, 0)}


# A service that must be restarted when something changed; here it is a file that is made.
def with_service(store, service, requisite, **fields):
    ours = [{"store": str(store)}, *({k: v} for k, v in fields.items())]
    return {"outlook": {"mapihttp.enabled": ours},
            "service": {"file.touch": [{"name": str(service)}, {requisite: [{"mapihttp": "outlook"}]}]}}


@pytest.mark.parametrize("requisite", ["onchanges", "prereq"])
def test_what_waits_for_changes_runs_when_there_are_some(minion, store, tmp_path, requisite):
    service = tmp_path / "restarted"
    minion.apply(with_service(store, service, requisite))
    assert service.exists() and values(minion, store)["ann"] == 0


@pytest.mark.parametrize("requisite", ["onchanges", "prereq"])
def test_what_waits_for_changes_does_not_run_without(minion, store, tmp_path, requisite):
    minion.state("enabled", {"store": str(store)})
    service = tmp_path / "restarted"
    minion.apply(with_service(store, service, requisite))
    assert not service.exists()


def test_what_waits_for_changes_is_foretold_in_test_mode(minion, store, tmp_path):
    service = tmp_path / "restarted"
    told = minion.apply(with_service(store, service, "onchanges"), test=True)
    assert told[str(service)]["result"] is None and not service.exists()


def test_what_watches_is_called_when_something_changed(minion, store, tmp_path):
    sls = {"outlook": {"mapihttp.enabled": [{"store": str(store)}]},
           "service": {"cmd.wait": [{"name": f"touch {tmp_path}/restarted"}, {"watch": [{"mapihttp": "outlook"}]}]}}
    minion.apply(sls)
    assert (tmp_path / "restarted").exists()


def test_watching_something_is_requiring_it(minion, store, tmp_path):
    sls = {"file": {"file.touch": [{"name": str(tmp_path / "new")}]},
           "outlook": {"mapihttp.allowed": [{"store": str(store)}, {"watch": [{"id": "file"}]}]}}
    told = minion.apply(sls)["outlook"]
    assert (told["result"], by_person(told["changes"])) == (True, {"ann": (1, 0)})


def test_what_requires_a_state_that_failed_does_not_run(minion, tmp_path):
    service = tmp_path / "restarted"
    told = minion.apply(with_service(tmp_path / "nowhere", service, "require"))
    assert told["outlook"]["result"] is False and told[str(service)]["result"] is False
    assert not service.exists()


# What is done to bob's hive, and a word of what is told then.
BROKEN = {
    "dirty": (hives.user(dword(1), dirty=True), lambda path: None, "log"),
    "corrupt": (hives.user(dword(1)), lambda path: os.truncate(path, 4096), "NTUSER.DAT"),
    "no hive": (hives.user(dword(1)), lambda path: path.write_bytes(b"MZ" * 5000), "NTUSER.DAT"),
}


@pytest.mark.parametrize("test", [False, True])
@pytest.mark.parametrize(("spec", "harm", "word"), BROKEN.values(), ids=BROKEN)
def test_a_profile_that_fails_is_told_and_the_others_converge(minion, tmp_path, spec, harm, word, test):
    store = hives.store(tmp_path / "profiles", {"ann": hives.user(dword(1)), "bob": spec})
    path = store / "bob" / "NTUSER.DAT"
    harm(path)
    before = hives.snapshot(path)
    told = minion.state("enabled", {"store": str(store)}, test=test)
    assert (told["result"], by_person(told["changes"])) == (False, {"ann": (1, 0)})
    first, second = told["comment"].splitlines()
    assert "1 failed" in first and "bob" in second and word in second
    assert hives.snapshot(path) == before and (values(minion, store)["ann"] == 0) is not test


def test_logs_are_replayed_as_anywhere(minion, tmp_path):
    spec = hives.user(dword(0), log={"format": "hvle", "root": hives.tree(dword(1))})
    store = hives.store(tmp_path / "profiles", {"ann": spec})
    told = minion.state("enabled", {"store": str(store)})
    assert (told["result"], by_person(told["changes"])) == (True, {"ann": (1, 0)})


# Fields that are refused, and the word that says which.
REFUSED = {
    "an unknown field": ({"usrs": ["all"]}, "usrs"),
    "a field of another tool": ({"timeout": 5}, "timeout"),
    "a map for users": ({"users": {"all": True}}, "users"),
    "a number for users": ({"users": 5}, "users"),
    "a list within the list": ({"users": [["all"]]}, "users"),
    "a truth for exclude": ({"exclude": True}, "exclude"),
    "a list for root": ({"root": ["/mnt"]}, "root"),
    "a number for hives": ({"hives": 5}, "hives"),
    "two targets": ({"root": "/mnt/windows"}, "root"),
    "restore": ({"restore": []}, "restore"),
    "no boolean for check": ({"check": "banana"}, "check"),
    "a person who is not there": ({"users": ["nobody"]}, "nobody"),
}


@pytest.mark.parametrize("test", [False, True])
@pytest.mark.parametrize(("fields", "word"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_refused_and_nothing_written(minion, store, fields, word, test):
    before = hives.snapshot(store)
    told = minion.state("enabled", {"store": str(store), **fields}, test=test)
    assert (told["result"], told["changes"]) == (False, {}) and word in told["comment"]
    assert hives.snapshot(store) == before


def test_what_json_cannot_say_is_refused(minion, store):
    before = hives.snapshot(store)
    sls = f"outlook:\n  mapihttp.enabled:\n    - store: {store}\n    - exclude: !!binary aGk=\n"
    told = minion.apply(sls)["outlook"]
    assert (told["result"], told["changes"]) == (False, {}) and "JSON" in told["comment"]
    assert hives.snapshot(store) == before


def test_there_is_no_state_of_another_name(minion, store):
    told = minion.state("banana", {"store": str(store)})
    assert told["result"] is False and "'mapihttp.banana' was not found" in told["comment"]


@pytest.mark.linux
def test_nothing_live_is_told_with_what_to_give(minion):
    told = minion.state("enabled", {})
    assert told["result"] is False and "give root" in told["comment"]


def test_the_documented_return(minion, store):
    told = minion.state("enabled", {"store": str(store)})
    assert json.dumps(told["comment"]) == '"2 of 3 profiles changed"'


def test_states_without_their_module_say_what_to_sync(new_minion, program):
    minion = new_minion(mapihttp={"binary": str(program)})
    (minion.roots / "_modules").unlink()
    told = minion.state("enabled", {})
    assert told["result"] is False and "saltutil.sync_modules" in told["comment"]
