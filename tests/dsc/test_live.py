# SPDX-License-Identifier: MIT
"""The resource in a running Windows: its people, who must restart Outlook, the machine's own policy. Only where
the Windows program is under test."""

import pytest
import yaml
from engine import EngineError
from support.preg import text
from support.tool import PROJECT
from support.wine import ABSENT, OFF, ON, POLICY, REG_SZ, VALUE


def restarts(*running):
    return [{"process": {"name": "OUTLOOK.EXE", "id": int(one.ask("process")[0])}} for one in running]


def test_without_input_it_is_everybody_here(engine, machine):
    machine.put(machine.own, OFF)
    machine.loaded("ann", OFF)
    assert engine.get() == {"state": "disabled"}
    assert engine.calls[0].stdin is None


def test_people_who_differ_are_mixed(engine, machine):
    machine.loaded("ann", OFF)
    machine.unloaded("bob", ON)
    assert engine.get({"users": ["all"]}) == {"state": "mixed", "users": ["all"]}


@pytest.mark.parametrize(("value", "state"), [(ABSENT, "absent"), (ON, "enabled"), (OFF, "disabled"),
                                              (VALUE["REG_SZ 0"], "other")], ids=lambda x: getattr(x, "name", x))
def test_the_own_profile(engine, machine, value, state):
    machine.put(machine.own, value)
    assert engine.get({"users": ["current"]}) == {"state": state, "users": ["current"]}


def test_set_converges_everybody(engine, machine):
    machine.loaded("ann", OFF)
    machine.loaded("bob", VALUE["REG_SZ 0"])
    machine.unloaded("chau", ON)
    wanted = {"state": "enabled", "users": ["all"]}
    answer = engine.set(wanted)
    assert (answer["beforeState"]["state"], answer["afterState"]) == ("mixed", wanted)
    assert machine.values_of(["ann", "bob", machine.own]) == [ON.raw] * 3
    assert engine.set(wanted)["changedProperties"] == []
    assert engine.test(wanted)["inDesiredState"] is True


def test_set_names_the_outlook_that_must_restart(engine, machine):
    machine.put(machine.own, OFF)
    machine.loaded("ann", OFF)
    running = machine.start()
    answer = engine.set({"state": "enabled"})["afterState"]
    assert answer == {"state": "enabled", "_restartRequired": restarts(running)}
    assert "_restartRequired" not in engine.set({"state": "enabled"})["afterState"]


def test_set_names_every_outlook_of_a_person(engine, machine):
    machine.put(machine.own, OFF)
    running = [machine.start(), machine.start(folder="fake/again")]
    answer = engine.set({"state": "allowed", "users": ["current"]})["afterState"]
    assert sorted(answer["_restartRequired"], key=str) == sorted(restarts(*running), key=str)


def test_no_restart_where_only_others_changed(engine, machine):
    machine.put(machine.own, ON)
    machine.loaded("ann", OFF)
    machine.start()
    assert engine.set({"state": "enabled"})["afterState"] == {"state": "enabled"}


def test_what_if_changes_nobody(engine, machine):
    machine.put(machine.own, OFF)
    machine.loaded("ann", VALUE["REG_SZ 0"])
    machine.start()
    answer = engine.set({"state": "enabled"}, what_if=True)
    said = answer["afterState"]["_metadata"]["whatIf"]
    assert [line.split(":")[0] for line in said] == sorted([machine.own, machine.sid("ann")])
    assert machine.values_of([machine.own, "ann"]) == [OFF.raw, VALUE["REG_SZ 0"].raw]
    assert machine.mounts() == [] and answer["changedProperties"] == ["state"]


def test_export_is_one_line_for_each_person(engine, machine):
    machine.put(machine.own, ON)
    machine.loaded("ann", OFF)
    machine.unloaded("bob")
    wanted = {machine.own: "enabled", machine.sid("ann"): "disabled", machine.sid("bob"): "absent"}
    assert engine.export() == [{"state": wanted[who], "users": [who]} for who in sorted(wanted)]


def test_what_was_exported_is_put_back(engine, machine):
    machine.put(machine.own, OFF)
    machine.loaded("ann", ABSENT)
    kept = engine.export()
    engine.set({"state": "enabled"})
    for one in kept:
        engine.set(one)
    assert machine.values_of([machine.own, "ann"]) == [OFF.raw, None]


def test_the_policy_of_the_machine(engine, machine):
    machine.set(POLICY, "State", (REG_SZ, text("enabled")))
    machine.put(machine.own, OFF)
    machine.loaded("ann", ON)
    assert engine.test({"state": "policy"})["actualState"] == {"state": "mixed", "_inDesiredState": False}
    assert engine.set({"state": "policy"})["afterState"] == {"state": "policy"}
    assert machine.values_of([machine.own, "ann"]) == [ON.raw] * 2


def test_no_policy_is_nothing_to_do(engine, machine):
    machine.put(machine.own, OFF)
    assert engine.set({"state": "policy"})["changedProperties"] == []
    assert machine.of(machine.own) == OFF.raw
    assert {level for level, _ in engine.traces} == {"warn"}


def test_a_person_who_is_not_there_keeps_nobody_else_from_converging(engine, machine):
    machine.put(machine.own, OFF)
    with pytest.raises(EngineError) as failed:
        engine.set({"state": "enabled", "users": ["current", "nobody"]})
    assert failed.value.code == 2 and machine.of(machine.own) == ON.raw


def document(name):
    return yaml.safe_load((PROJECT / "examples" / "dsc" / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["mapihttp.dsc.config.yaml", "configuration.winget"])
def test_the_example_for_this_machine(engine, machine, name):
    machine.default(ON)
    machine.put(machine.own, OFF)
    machine.loaded("ann")
    assert [result["inDesiredState"] for _, result in engine.configure("test", document(name))] == [False]
    assert [result["changedProperties"] for _, result in engine.configure("set", document(name))] == [["state"]]
    assert machine.values_of([machine.own, "ann"]) == [ON.raw, None]
    assert [result["inDesiredState"] for _, result in engine.configure("test", document(name))] == [True]


def test_the_example_for_the_policy(engine, machine):
    machine.set(POLICY, "State", (REG_SZ, text("disabled")))
    engine.configure("set", document("policy.dsc.config.yaml"))
    assert machine.of(machine.own) == OFF.raw


@pytest.mark.parametrize(("value", "holds"), [(ON, True), (OFF, False)], ids=["it holds", "it fails"])
def test_the_example_that_asserts(engine, machine, value, holds):
    machine.put(machine.own, value)
    if holds:
        engine.configure("set", document("assert.dsc.config.yaml"))
    else:
        with pytest.raises(EngineError, match="assertion"):
            engine.configure("set", document("assert.dsc.config.yaml"))
    assert machine.of(machine.own) == value.raw
