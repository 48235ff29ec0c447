# SPDX-License-Identifier: MIT
"""The resource as the engine calls it: get, test, set, what-if and export, over hives, a store and a volume."""

import json

import pytest
from engine import RELEASES, Engine, EngineError
from support import hives
from support.hives import dword, value

SPECS = {"enabled": hives.user(dword(0)), "disabled": hives.user(dword(1)), "absent": hives.user(),
         "other": hives.user(value("REG_SZ", "0"))}
OFF = SPECS["disabled"]
NAMES = ["ann", "bob", "cai"]


def make_hives(top, specs):
    return {"hives": [str(hives.make(top / f"{name}.dat", spec)) for name, spec in specs.items()]}


def make_store(top, specs):
    return {"store": str(hives.store(top / "store", specs))}


def make_root(top, specs):
    return {"root": str(hives.volume(top / "root", specs))}


TARGETS = {"hives": make_hives, "store": make_store, "root": make_root}


def people(*states):
    return {name: SPECS[state] for name, state in zip(NAMES, states, strict=False)}


@pytest.fixture(params=TARGETS)
def target(request):
    return TARGETS[request.param]


def states(engine, place):
    """What is there now, profile by profile, sorted by their ids."""
    return [one.get("state") for one in Engine(engine.folder).export(place)]


FOUND = [
    (["enabled"], "enabled"), (["disabled"], "disabled"), (["absent"], "absent"), (["other"], "other"),
    (["enabled", "enabled"], "enabled"), (["other", "other"], "other"), (["absent", "enabled"], "mixed"),
    (["disabled", "enabled", "other"], "mixed"),
]


@pytest.mark.parametrize(("there", "state"), FOUND, ids=lambda x: x if isinstance(x, str) else "+".join(x))
def test_get_answers_what_all_share(engine, tmp_path, target, there, state):
    place = target(tmp_path, people(*there))
    assert engine.get(place) == {"state": state, **place}


@pytest.mark.parametrize("asked", ["enabled", "policy", "mixed", "other"])
def test_get_ignores_what_is_desired(engine, tmp_path, asked):
    place = make_hives(tmp_path, people("disabled"))
    assert engine.get({"state": asked, **place}) == {"state": "disabled", **place}


def test_get_answers_no_state_where_there_is_nobody(engine, tmp_path):
    (tmp_path / "empty").mkdir()
    place = {"store": str(tmp_path / "empty")}
    assert engine.get(place) == place


def test_get_writes_nothing(engine, tmp_path, target):
    place = target(tmp_path, people("disabled", "other"))
    before = hives.snapshot(tmp_path)
    engine.get(place)
    assert hives.snapshot(tmp_path) == before


ECHOED = [
    {"users": ["ann", "B*"]},
    {"users": ["all"], "exclude": ["cai"]},
    {"users": ["ann", "bob"], "exclude": []},
]


@pytest.mark.parametrize("asked", ECHOED, ids=json.dumps)
@pytest.mark.parametrize("operation", ["get", "test", "set"])
def test_what_was_asked_comes_back_as_it_was(engine, tmp_path, operation, asked):
    place = {**make_root(tmp_path, people("enabled", "enabled", "disabled")), **asked}
    answer = getattr(engine, operation)({"state": "enabled", **place})
    found = answer.get("actualState", answer.get("afterState", answer))
    assert {k: v for k, v in found.items() if k != "_inDesiredState"} == {"state": "enabled", **place}


def test_a_path_that_is_not_ascii_comes_back(engine, tmp_path):
    place = {"hives": [str(hives.make(tmp_path / "Nguyễn 😀" / "NTUSER.DAT", OFF))]}
    assert engine.test({"state": "disabled", **place})["inDesiredState"] is True
    assert engine.calls[-1].out.isascii()


@pytest.mark.linux
def test_without_input_it_is_this_windows(engine):
    with pytest.raises(EngineError) as refused:
        engine.get()
    assert (refused.value.code, refused.value.message.split(":")[0]) == (7, "unsupported")
    assert engine.calls[0].stdin is None


# (what is there, what is desired, whether it complies, the state that test answers, and the states after a set)
COMPLIANCE = [
    (["enabled", "enabled"], "enabled", True, "enabled", ["enabled", "enabled"]),
    (["disabled"], "disabled", True, "disabled", ["disabled"]),
    (["absent"], "absent", True, "absent", ["absent"]),
    (["absent", "enabled"], "allowed", True, "allowed", ["absent", "enabled"]),
    (["absent"], "allowed", True, "allowed", ["absent"]),
    (["enabled", "disabled"], "enabled", False, "mixed", ["enabled", "enabled"]),
    (["disabled", "disabled"], "enabled", False, "disabled", ["enabled", "enabled"]),
    (["other"], "enabled", False, "other", ["enabled"]),
    (["absent"], "enabled", False, "absent", ["enabled"]),
    (["enabled"], "absent", False, "enabled", ["absent"]),
    (["enabled", "absent"], "disabled", False, "mixed", ["disabled", "disabled"]),
    (["absent", "disabled", "other"], "allowed", False, "mixed", ["absent", "enabled", "enabled"]),
    (["disabled"], "allowed", False, "disabled", ["enabled"]),
]
IDS = [f"{'+'.join(case[0])} should be {case[1]}" for case in COMPLIANCE]


@pytest.mark.parametrize(("there", "desired", "complies", "state", "after"), COMPLIANCE, ids=IDS)
def test_test_tells_whether_it_complies(engine, tmp_path, there, desired, complies, state, after):
    place = make_root(tmp_path, people(*there))
    before = hives.snapshot(tmp_path)
    answer = engine.test({"state": desired, **place})
    assert answer["actualState"] == {"state": state, **place, "_inDesiredState": complies}
    assert (answer["inDesiredState"], answer["differingProperties"]) == (complies, [] if complies else ["state"])
    assert hives.snapshot(tmp_path) == before


@pytest.mark.parametrize(("there", "desired", "complies", "state", "after"), COMPLIANCE, ids=IDS)
def test_set_converges(engine, tmp_path, target, there, desired, complies, state, after):
    place = target(tmp_path, people(*there))
    answer = engine.set({"state": desired, **place})
    assert answer["afterState"] == {"state": desired, **place}
    assert answer["changedProperties"] == ([] if complies else ["state"])
    assert states(engine, place) == after
    assert engine.verbs == ["get", "set"] and engine.traces == [] and engine.text == []


def test_set_tells_what_was_there_before(engine, tmp_path):
    place = make_store(tmp_path, people("disabled", "other"))
    assert engine.set({"state": "enabled", **place})["beforeState"] == {"state": "mixed", **place}


@pytest.mark.parametrize("desired", ["enabled", "disabled", "absent", "allowed"])
def test_a_second_set_changes_nothing(engine, tmp_path, target, desired):
    place = target(tmp_path, people("absent", "disabled", "other"))
    engine.set({"state": desired, **place})
    before = hives.snapshot(tmp_path)
    assert engine.set({"state": desired, **place})["changedProperties"] == []
    assert hives.snapshot(tmp_path) == before


@pytest.mark.parametrize(("there", "desired", "complies", "state", "after"), COMPLIANCE, ids=IDS)
def test_what_if_foretells_and_writes_nothing(engine, tmp_path, there, desired, complies, state, after):
    place = make_root(tmp_path, people(*there))
    before = hives.snapshot(tmp_path)
    answer = engine.set({"state": desired, **place}, what_if=True)
    said = answer["afterState"].pop("_metadata")["whatIf"]
    assert answer["afterState"] == {"state": desired, **place}
    assert answer["changedProperties"] == ([] if complies else ["state"])
    assert len(said) == sum(old != new for old, new in zip(there, after, strict=True))
    assert hives.snapshot(tmp_path) == before


SAID = [("disabled", "enabled", "from REG_DWORD 1 to REG_DWORD 0"),
        ("absent", "disabled", "from absent to REG_DWORD 1"),
        ("other", "absent", 'from REG_SZ "0" to absent')]


@pytest.mark.parametrize(("there", "desired", "text"), SAID)
def test_what_if_says_what_would_change(engine, tmp_path, there, desired, text):
    answer = engine.set({"state": desired, **make_root(tmp_path, people(there))}, what_if=True)
    assert answer["afterState"]["_metadata"]["whatIf"] == [
        f"{hives.sid('ann')}: MapiHttpDisabled would change {text}"]


def test_what_if_by_hand_is_one_line(installed, tmp_path):
    """For who calls it without the engine; the manifest's is the other, of two lines."""
    engine = Engine(installed)
    engine.manifest["whatIf"] = {**engine.manifest["whatIf"], "args": ["dsc", "whatif"], "return": "state"}
    answer = engine.set({"state": "enabled", **make_hives(tmp_path, people("disabled"))}, what_if=True)
    assert len(answer["afterState"]["_metadata"]["whatIf"]) == 1


# The policy of a volume.
def declared(top, text, *more, **options):
    entries = [] if text is None else [value("REG_SZ", text, "State")]
    return {"root": str(hives.volume(top / "root", people("disabled", "absent"), policy=[*entries, *more],
                                     default=OFF, **options))}


@pytest.mark.parametrize(("text", "after"), [("enabled", ["enabled", "enabled"]), ("allowed", ["enabled", "absent"]),
                                             ("absent", ["absent", "absent"])])
def test_policy_is_converged_to(engine, tmp_path, text, after):
    place = declared(tmp_path, text)
    assert engine.test({"state": "policy", **place})["inDesiredState"] is False
    assert engine.set({"state": "policy", **place})["afterState"] == {"state": "policy", **place}
    assert states(engine, place) == after
    assert engine.test({"state": "policy", **place})["actualState"] == {
        "state": "policy", **place, "_inDesiredState": True}


def test_a_policy_that_is_not_there_is_nothing_to_do_and_a_warning(engine, tmp_path):
    place = declared(tmp_path, None)
    assert engine.test({"state": "policy", **place})["inDesiredState"] is True
    assert engine.set({"state": "policy", **place})["changedProperties"] == []
    assert {level for level, _ in engine.traces} == {"warn"}


def test_a_warning_is_a_trace(engine, tmp_path):
    place = make_root(tmp_path, people("enabled"))
    hives.make(tmp_path / "root" / "Users" / "zed" / "NTUSER.DAT", OFF)
    assert engine.test({"state": "enabled", **place})["inDesiredState"] is True
    assert [level for level, _ in engine.traces] == ["warn"] and "zed" in engine.traces[0][1]


def test_nobody_there_complies(engine, tmp_path):
    (tmp_path / "empty").mkdir()
    answer = engine.test({"state": "enabled", "store": str(tmp_path / "empty")})
    assert (answer["inDesiredState"], answer["differingProperties"]) == (True, [])


# Export.
def test_export_is_one_line_for_each_profile(engine, tmp_path):
    place = make_root(tmp_path, people("disabled", "other", "absent"))
    assert engine.export(place) == [
        {"state": state, "users": [hives.sid(name)], **place}
        for name, state in zip(NAMES, ["disabled", "other", "absent"], strict=True)]
    assert engine.calls[0].out.count(b"\n") == 3


@pytest.mark.parametrize(("asked", "names"), [({"users": ["default"]}, ["default"]), ({"exclude": ["ann"]}, ["bob"]),
                                              ({"users": ["b*"]}, ["bob"]), ({"users": ["nobody*"]}, [])])
def test_export_selects(engine, tmp_path, asked, names):
    root = hives.volume(tmp_path / "root", people("disabled", "enabled"), default=OFF)
    ids = [one["users"][0] for one in engine.export({"root": str(root), **asked})]
    assert ids == [name if name == "default" else hives.sid(name) for name in names]


@pytest.mark.parametrize("release", RELEASES)
def test_what_was_exported_is_put_back(installed, tmp_path, target, release):
    engine = Engine(installed, release)
    place = target(tmp_path, people("disabled", "absent", "enabled"))
    kept = engine.export(place)
    for desired in ("disabled", "enabled"):
        engine.set({"state": desired, **place})
        for one in kept:
            engine.set(one)
        assert states(engine, place) == ["disabled", "absent", "enabled"]


def test_export_writes_nothing(engine, tmp_path, target):
    place = target(tmp_path, people("disabled", "other"))
    before = hives.snapshot(tmp_path)
    engine.export(place)
    assert hives.snapshot(tmp_path) == before


# What a document says about a resource is the engine's own affair.
@pytest.mark.parametrize("metadata", [{}, {"description": "x"}, {"winget": {"securityContext": "elevated"}}])
@pytest.mark.parametrize("release", RELEASES)
def test_metadata_of_a_document_makes_no_difference(installed, tmp_path, release, metadata):
    engine = Engine(installed, release)
    place = make_hives(tmp_path, people("enabled"))
    document = {"$schema": "https://aka.ms/dsc/schemas/v3/bundled/config/document.json",
                "resources": [{"name": "x", "type": "MapiHttp.Outlook/UserState", "metadata": metadata,
                               "properties": {"state": "enabled", **place}}]}
    ((_, answer),) = engine.configure("test", document)
    assert (answer["inDesiredState"], answer["differingProperties"]) == (True, [])


@pytest.mark.parametrize("member", ["_inDesiredState", "_metadata", "_restartRequired"])
@pytest.mark.parametrize("operation", ["get", "test", "set", "export"])
def test_what_only_comes_out_is_ignored_where_it_goes_in(engine, tmp_path, operation, member):
    answers = {"_inDesiredState": True, "_metadata": {"whatIf": []}, "_restartRequired": []}
    place = make_hives(tmp_path, people("enabled"))
    before = hives.snapshot(tmp_path)
    getattr(engine, operation)({"state": "enabled", **place, member: answers[member]})
    assert hives.snapshot(tmp_path) == before
