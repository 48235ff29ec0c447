# SPDX-License-Identifier: MIT
"""The plans: evaluated by Puppet itself; the targets are played by folders (bolt.rb)."""

import pytest
from support import hives
from support.hives import dword

pytestmark = pytest.mark.linux
OFF, UNSET = hives.user(dword(1)), hives.user()


@pytest.fixture
def machines(tmp_path):
    """a drifts, b is compliant, c holds a hive that is none."""
    for name, spec in {"a": OFF, "b": UNSET, "c": UNSET}.items():
        hives.store(tmp_path / name / "profiles", {"ann.V6": spec, "bob.V6": UNSET})
    (tmp_path / "c" / "profiles" / "ann.V6" / "NTUSER.DAT").write_bytes(b"junk")
    return tmp_path


@pytest.fixture
def plan(bolt, machines):
    folders = {name: str(machines / name) for name in "abc"}
    return lambda name, **parameters: bolt(do="plan", plan=f"mapihttp::{name}", parameters=parameters,
                                           machines=folders)


def fleet(plan, *targets, **more):
    return plan("fleet", targets=list(targets), store="profiles", **more)


def test_fleet_says_who_drifts_and_writes_nothing(plan, machines):
    before = hives.snapshot(machines)
    report = fleet(plan, "a", "b")
    assert report == {"state": "allowed", "compliant": ["b"], "drifted": ["a"], "failed": {}, "restart_outlook": [],
                      "undo": {}}
    assert hives.snapshot(machines) == before


def test_fleet_fails_with_its_report_when_a_target_fails(plan, machines):
    before = hives.snapshot(machines)
    failure = fleet(plan, "a", "b", "c")["_failure"]
    assert (failure["kind"], failure["msg"]) == ("mapihttp/failed", "1 of 3 targets failed")
    report = failure["details"]
    assert (report["compliant"], report["drifted"], list(report["failed"])) == (["b"], ["a"], ["c"])
    assert report["failed"]["c"].startswith("mapihttp/corrupt: ")
    assert hives.snapshot(machines) == before


def test_fleet_converges_when_told_to_and_undo_takes_it_back(plan, machines):
    report = fleet(plan, "a", "b", state="enabled", apply=True)
    assert (report["changed"], report["compliant"], sorted(report["undo"])) == (["a", "b"], [], ["a", "b"])
    assert fleet(plan, "a", "b", state="enabled")["drifted"] == []
    back = plan("undo", undo=report["undo"])
    assert (back["restored"], back["failed"]) == (["a", "b"], {})
    assert fleet(plan, "a", "b")["drifted"] == ["a"]


def test_what_a_failing_target_changed_is_in_the_undo(plan, machines):
    report = fleet(plan, "c", state="enabled", apply=True)["_failure"]["details"]
    assert report["changed"] == [] and list(report["undo"]) == ["c"]
    assert plan("undo", undo=report["undo"])["restored"] == ["c"]


def test_undo_fails_with_its_report_when_a_target_fails(plan, machines):
    report = fleet(plan, "a", state="enabled", apply=True)
    (machines / "a" / "profiles" / "ann.V6" / "NTUSER.DAT").write_bytes(b"junk")
    failure = plan("undo", undo=report["undo"])["_failure"]
    assert failure["kind"] == "mapihttp/failed" and list(failure["details"]["failed"]) == ["a"]


@pytest.mark.parametrize(("more", "drifted"), [
    ({}, ["a"]), ({"users": "bob*"}, []), ({"exclude": "ann.V6"}, []), ({"exclude": ["bob.V6"]}, ["a"]),
    ({"state": "absent"}, ["a"]), ({"state": "disabled", "users": ["ann.V6"]}, ["b"])])
def test_fleet_takes_the_tasks_selectors(plan, more, drifted):
    assert fleet(plan, "a", "b", **more)["drifted"] == drifted


@pytest.mark.parametrize("wrong", [
    {"state": "on"}, {"users": 1}, {"apply": "yes"}, {"targets": 5}, {"colour": "red"}, {"exclude": ""}])
def test_wrong_parameters_never_reach_a_target(plan, machines, wrong):
    before = hives.snapshot(machines)
    failure = plan("fleet", **{"targets": ["a"], "store": "profiles", "apply": True, **wrong})["_failure"]
    assert next(iter(wrong)) in failure["msg"]
    assert hives.snapshot(machines) == before


def test_fleet_means_the_default_profile_too_where_there_is_one(plan, machines):
    hives.volume(machines / "a" / "volume", {"ann": UNSET}, default=OFF)
    report = plan("fleet", targets="a", root="volume", apply=True)
    assert report["undo"]["a"] == {"restore": [{"id": "default", "value": {"type": "REG_DWORD", "data": 1}}],
                                   "root": "volume"}
