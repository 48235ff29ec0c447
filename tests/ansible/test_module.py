# SPDX-License-Identifier: MIT
"""mapihttp_offline in the real engine: what goes in, what comes out, what a person sees."""

import json
import os

import pytest
from conftest import OFFLINE, SPECS, states
from support import hives

BEFORE = {"ann.V6": "disabled", "bob.V6": "absent", "chau.V6": "other"}
AFTER = dict.fromkeys(BEFORE, "enabled")
ANN = {"ann.V6": "enabled", "bob.V6": "absent", "chau.V6": "other"}

# What is asked ("STORE" is the store's folder), and the states afterwards.
GOOD = {
    "a mapping": ({"state": "enabled", "store": "STORE"}, AFTER),
    "k=v": ("state=enabled store=STORE", AFTER),
    "k=v with a list": ("state=enabled store=STORE users=ann.V6", ANN),
    "k=v with two items": ("state=absent store=STORE users=ann.V6,chau.V6", dict.fromkeys(BEFORE, "absent")),
    "k=v with a boolean": ("state=enabled store=STORE check=yes", BEFORE),
    "k=v with no": ("state=enabled store=STORE check=no", AFTER),
    "a list": ({"state": "enabled", "store": "STORE", "users": ["ann.V6"]}, ANN),
    "a list with a pattern": ({"state": "enabled", "store": "STORE", "exclude": ["[bc]*", "b*", "c*"]}, ANN),
    "a string for a list": ({"state": "enabled", "store": "STORE", "exclude": "bob.V6, chau.V6"}, ANN),
    "hives": ({"state": "enabled", "hives": ["STORE/ann.V6/NTUSER.DAT"]}, ANN),
    "check": ({"state": "enabled", "store": "STORE", "check": True}, BEFORE),
    "check as Ansible's string": ({"state": "enabled", "store": "STORE", "check": "yes"}, BEFORE),
    "null": ({"state": "enabled", "store": "STORE", "users": None, "root": None, "hives": None, "restore": None,
              "check": None, "exclude": None}, AFTER),
    "a variable": ({"state": "{{ wanted }}", "store": "STORE"}, AFTER),
    "a variable that is a list": ({"state": "enabled", "store": "STORE", "users": "{{ people }}"}, ANN),
    "a variable within a list": ({"state": "enabled", "store": "STORE", "users": ["{{ people[0] }}"]}, ANN),
    "an expression that is a boolean": ({"state": "enabled", "store": "STORE", "check": "{{ 1 == 1 }}"}, BEFORE),
    "an expression that is a number": ({"state": "enabled", "store": "STORE", "check": "{{ 0 + 1 }}"}, BEFORE),
    "a joined list": ({"state": "enabled", "store": "STORE", "users": "{{ people | join(',') }}"}, ANN),
    "an expression that is omitted": ({"state": "enabled", "store": "STORE", "users": "{{ nobody | default(omit) }}"},
                                      AFTER),
    "restore": ({"restore": [{"id": "STORE/ann.V6/NTUSER.DAT", "value": {"type": "REG_DWORD", "data": 0}}],
                 "store": "STORE"}, ANN),
    "restore of nothing there": ({"restore": [{"id": "STORE/chau.V6/NTUSER.DAT", "value": None}], "store": "STORE"},
                                 {**BEFORE, "chau.V6": "absent"}),
}

# What is asked, and what is said: the kind, the field and a part of the message.
BAD = {
    "an unknown option": ({"stat": "enabled", "store": "STORE"}, "invalid", "stat", "stat"),
    "an unknown option that is not ASCII": ({"state": "enabled", "store": "STORE", "größe": 1}, "invalid", "größe",
                                            "größe"),
    "an unknown option, k=v": ("state=enabled store=STORE user=ann.V6", "invalid", "user", "user"),
    "an unknown state": ({"state": "on", "store": "STORE"}, "invalid", "state", "enabled"),
    "a state in capitals": ({"state": "Enabled", "store": "STORE"}, "invalid", "state", "enabled"),
    "a state that YAML makes a boolean": ({"state": True, "store": "STORE"}, "invalid", "state", "state"),
    "a state that is a list": ({"state": ["enabled"], "store": "STORE"}, "invalid", "state", "state"),
    "no state": ({"store": "STORE"}, "invalid", "state", "state"),
    "a state that is null": ({"state": None, "store": "STORE"}, "invalid", "state", "state"),
    "a state that is empty": ({"state": "", "store": "STORE"}, "invalid", "state", "state"),
    "nothing": ({}, "invalid", "state", "state"),
    "no place": ({"state": "enabled"}, "unsupported", None, "store"),
    "two places": ({"state": "enabled", "store": "STORE", "root": "/nowhere"}, "invalid", "store", "root"),
    "a store that is not there": ({"state": "enabled", "store": "STORE/no"}, "not_found", "store", "no"),
    "a store that is a mapping": ({"state": "enabled", "store": {"path": "STORE"}}, "invalid", "store", "store"),
    "a store that is a number": ({"state": "enabled", "store": 5}, "invalid", "store", "store"),
    "a store that is empty": ({"state": "enabled", "store": ""}, "invalid", "store", "store"),
    "users that is a number": ({"state": "enabled", "store": "STORE", "users": 5}, "invalid", "users", "users"),
    "users that is an empty list": ({"state": "enabled", "store": "STORE", "users": []}, "invalid", "users", "users"),
    "users with a number": ({"state": "enabled", "store": "STORE", "users": ["ann.V6", 5]}, "invalid", "users",
                            "users"),
    "users with an empty item": ({"state": "enabled", "store": "STORE", "users": "ann.V6,,bob.V6"}, "invalid", "users",
                                 "users"),
    "check that is no boolean": ({"state": "enabled", "store": "STORE", "check": "maybe"}, "invalid", "check", "check"),
    "check that is a list": ({"state": "enabled", "store": "STORE", "check": []}, "invalid", "check", "check"),
    "restore and state": ({"state": "enabled", "store": "STORE", "restore": [
        {"id": "STORE/ann.V6/NTUSER.DAT", "value": None}]}, "invalid", "restore", "state"),
    "restore that is a string": ({"store": "STORE", "restore": "ann.V6"}, "invalid", "restore", "restore"),
    "restore without a value": ({"store": "STORE", "restore": [{"id": "STORE/ann.V6/NTUSER.DAT"}]}, "invalid",
                                "restore", "value"),
    "restore of an unknown type": ({"store": "STORE", "restore": [
        {"id": "STORE/ann.V6/NTUSER.DAT", "value": {"type": "REG_WORD", "data": 1}}]}, "invalid", "restore", "REG_WORD"),
    "restore of a number that is too large": ({"store": "STORE", "restore": [
        {"id": "STORE/ann.V6/NTUSER.DAT", "value": {"type": "REG_DWORD", "data": 2 ** 32}}]}, "invalid", "restore",
        "restore"),
    "policy, of a store": ({"state": "policy", "store": "STORE"}, "unsupported", "state", "policy"),
}


def put(request, folder):
    """The request with the store's folder in it."""
    text = json.dumps(request, ensure_ascii=False)
    return json.loads(text.replace("STORE", str(folder)))


def asked_together(ansible, folder, cases):
    """Each case on a store of its own, in one run. Returns {case: (store, what was in it, result)} and the run."""
    stores = {case: folder / f"{number}" / "store" for number, case in enumerate(cases)}
    hives.make_all([(store / name / "NTUSER.DAT", spec) for store in stores.values() for name, spec in SPECS.items()])
    before = {case: hives.snapshot(store) for case, store in stores.items()}
    tasks = [{"name": f"case {case}", OFFLINE: put(cases[case][0], store), "ignore_errors": True}
             for case, store in stores.items()]
    run = ansible.play(*tasks, variables={"wanted": "enabled", "people": ["ann.V6"]})
    return {case: (store, before[case], run.of(f"case {case}")) for case, store in stores.items()}, run


@pytest.fixture(scope="module")
def good(ansible, tmp_path_factory):
    return asked_together(ansible, tmp_path_factory.mktemp("good"), GOOD)[0]


@pytest.fixture(scope="module")
def bad(ansible, tmp_path_factory):
    return asked_together(ansible, tmp_path_factory.mktemp("bad"), BAD)


@pytest.mark.parametrize("case", GOOD)
def test_what_is_asked_for_is_so_afterwards(good, case):
    store, _, result = good[case]
    assert not result["failed"], result["msg"]
    assert states(store) == GOOD[case][1]


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_refused_with_its_reason(bad, case):
    store, before, result = bad[0][case]
    _, kind, field, part = BAD[case]
    assert (result["failed"], result["changed"], result["error"]["kind"]) == (True, False, kind), result
    assert result["error"].get("field") == field, result["error"]
    assert part in result["msg"] and result["msg"] == result["error"]["message"]
    assert hives.snapshot(store) == before


def test_a_person_is_told_what_is_wrong(bad):
    said = bad[1].out + bad[1].err
    assert bad[0]["a state in capitals"][2]["msg"] in said
    assert "MODULE FAILURE" not in said


def test_a_check_writes_nothing_and_tells_what_would_change(ansible, store):
    before = hives.snapshot(store)
    _, result = ansible.one(OFFLINE, {"state": "enabled", "store": str(store)}, "--check")
    assert (result["changed"], result["check"], result["msg"]) == (True, True, "3 of 3 profiles would change")
    assert "undo" not in result and hives.snapshot(store) == before


def test_a_second_run_changes_nothing(ansible, store):
    request = {"state": "enabled", "store": str(store)}
    run = ansible.play({"name": "first", OFFLINE: request}, {"name": "second", OFFLINE: request})
    between = hives.snapshot(store)
    assert (run.of("first")["changed"], run.of("second")["changed"]) == (True, False)
    assert run.of("second")["msg"] == "3 of 3 profiles compliant"
    assert not ansible.one(OFFLINE, request)[1]["changed"] and hives.snapshot(store) == between


def test_what_a_person_sees_of_a_difference(ansible, store):
    run, result = ansible.one(OFFLINE, {"state": "enabled", "store": str(store)}, "--check", "--diff")
    one, two, three = (f"{store}/{name}/NTUSER.DAT" for name in SPECS)
    shown = [line for line in run.out.splitlines() if line[:1] in "+-@" and line]
    assert shown == [
        f"--- before: {one}", f"+++ after: {one}", "@@ -1 +1 @@",
        "-MapiHttpDisabled: REG_DWORD 1", "+MapiHttpDisabled: REG_DWORD 0",
        f"--- before: {two}", f"+++ after: {two}", "@@ -0,0 +1 @@", "+MapiHttpDisabled: REG_DWORD 0",
        f"--- before: {three}", f"+++ after: {three}", "@@ -1 +1 @@",
        '-MapiHttpDisabled: REG_SZ "0"', "+MapiHttpDisabled: REG_DWORD 0"]
    assert len(result["diff"]) == 3


@pytest.mark.parametrize("arguments, there", [((), False), (("--diff",), True)])
def test_a_difference_is_told_only_when_asked_for(ansible, store, arguments, there):
    _, result = ansible.one(OFFLINE, {"state": "enabled", "store": str(store)}, *arguments)
    assert result["changed"] and ("diff" in result) == there


def test_nothing_is_shown_where_nothing_differs(ansible, store):
    run, result = ansible.one(OFFLINE, {"state": "absent", "users": ["bob.V6"], "store": str(store)}, "--diff")
    assert not result["changed"] and "MapiHttpDisabled" not in run.out


def test_the_undo_of_a_run_puts_everything_back(ansible, store):
    request = {"restore": "{{ done.undo.restore }}", "store": "{{ done.undo.store }}"}
    run = ansible.play({"name": "forth", OFFLINE: {"state": "enabled", "store": str(store)}, "register": "done"},
                       {"name": "see", OFFLINE: {"state": "enabled", "store": str(store), "check": True}},
                       {"name": "back", OFFLINE: request})
    assert not run.of("see")["changed"] and run.of("back")["changed"], run.out
    assert states(store) == BEFORE


def test_one_bad_hive_fails_the_task_and_stops_nobody_else(ansible, store):
    hives.patch(store / "bob.V6" / "NTUSER.DAT", (4096, b"nope"))
    broken = hives.snapshot(store / "bob.V6")
    run, result = ansible.one(OFFLINE, {"state": "enabled", "store": str(store)})
    assert run.code == 2 and result["failed"] and result["changed"]
    assert [p["outcome"] for p in result["profiles"]] == ["changed", "failed", "changed"]
    assert len(result["undo"]["restore"]) == 2
    assert result["msg"] in run.out + run.err and hives.snapshot(store / "bob.V6") == broken


def test_a_selector_that_means_nobody_fails_the_task(ansible, store):
    before = hives.snapshot(store)
    _, result = ansible.one(OFFLINE, {"state": "enabled", "store": str(store), "users": ["anne.V6"]})
    assert result["failed"] and result["profiles"][0]["error"]["kind"] == "not_found"
    assert hives.snapshot(store) == before


def test_warnings_are_shown(ansible, store):
    run, result = ansible.one(OFFLINE, {"state": "enabled", "store": str(store), "exclude": ["anne.V6"]})
    said = run.out + run.err
    assert not result["failed"] and "[WARNING]" in said and "anne.V6" in said


def test_text_that_is_not_ascii_goes_both_ways(ansible, tmp_path):
    hives.store(tmp_path / "Größe €", {"Jürgen 日本": hives.user(hives.dword(1))})
    run, result = ansible.one(OFFLINE, {"state": "enabled", "store": str(tmp_path / "Größe €"), "users": ["jürgen*"]})
    assert result["changed"] and result["profiles"][0]["path"].endswith("Größe €/Jürgen 日本"), run.out


def test_ansible_has_nothing_to_complain_about(ansible, store):
    run, _ = ansible.one(OFFLINE, {"state": "enabled", "store": str(store)}, "--diff", "-vvv")
    assert run.code == 0 and "WARNING" not in run.out + run.err, run.out + run.err
    assert "DEPRECAT" not in run.out + run.err


def test_an_ad_hoc_command(ansible, store):
    done = ansible.tool("ansible", "localhost", "-m", OFFLINE, "-a", f"state=enabled store={store}", "--check")
    assert done.returncode == 0 and '"msg": "3 of 3 profiles would change"' in done.stdout, done.stdout + done.stderr
    assert states(store) == BEFORE


def test_it_runs_asynchronously(ansible, store):
    _, result = ansible.one(OFFLINE, {"state": "enabled", "store": str(store)}, **{"async": 60, "poll": 1})
    assert result["changed"] and states(store) == AFTER


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody without a password")
def test_it_runs_as_whom_the_task_becomes(ansible, store):
    _, result = ansible.one(OFFLINE, {"state": "enabled", "store": str(store)}, become=True, become_method="su",
                            vars={"ansible_become_flags": ""})
    assert result["changed"] and states(store) == AFTER


def test_no_python_is_needed_on_the_host(ansible, store):
    _, result = ansible.one(OFFLINE, {"state": "enabled", "store": str(store)},
                            vars={"ansible_python_interpreter": "/nowhere/python"})
    assert result["changed"]
