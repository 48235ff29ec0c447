# SPDX-License-Identifier: MIT
"""The plans: evaluated by Puppet itself; the targets are played by folders (bolt.rb)."""

import shutil

import pytest
from bolt_module import DIES, NO_ANSWER, stage, write_program
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


@pytest.fixture
def broken(bolt, machines, tmp_path):
    """Runs a plan where the program, or with `tasks` what runs it, is these words."""
    def run(text, tasks, name, **parameters):
        path = stage(tmp_path / "modules", write_program(tmp_path / "mapihttp", text))
        if tasks:
            shutil.copy(tmp_path / "mapihttp", path / "mapihttp" / "tasks" / "linux.sh")
        return bolt(path=str(path), do="plan", plan=f"mapihttp::{name}", parameters=parameters,
                    machines={"a": str(machines / "a")})["_failure"]["details"]

    return run


PLANS = {"fleet": {"targets": "a", "store": "profiles"},
         "fleet to apply": {"targets": "a", "store": "profiles", "apply": True},
         "undo": {"undo": {"a": {"restore": [], "store": "profiles"}}}}


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize(("text", "kind"), [
    (NO_ANSWER["prints nothing"], "mapihttp/no_result"), (NO_ANSWER["prints garbage"], "mapihttp/no_result"),
    (DIES["dies by a signal"], "puppetlabs.tasks/task-error")], ids=["nothing", "garbage", "signal"])
def test_a_target_without_a_result_has_failed(broken, plan, text, kind):
    report = broken(text, False, plan.split()[0], **PLANS[plan])
    assert list(report["failed"]) == ["a"] and report["failed"]["a"].startswith(f"{kind}: ")
    assert not any(report.get(member) for member in ("compliant", "drifted", "changed", "restored", "undo"))


@pytest.mark.parametrize("plan", ["fleet", "undo"])
@pytest.mark.parametrize("answer", ["", "done", "{}", '{"changed":"no"}', '{"changed":null}', '{"changed":0}'])
def test_the_plans_take_no_task_by_its_exit_code(broken, plan, answer):
    """Should what runs the program ever hand on what is no result."""
    report = broken(f"#!/bin/sh\nprintf %s '{answer}'\n", True, plan, **PLANS[plan])
    assert report["failed"] == {"a": "mapihttp/no_result: the task gave no result"}
    assert not any(report.get(member) for member in ("compliant", "drifted", "changed", "restored"))
