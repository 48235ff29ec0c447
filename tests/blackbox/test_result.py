# SPDX-License-Identifier: MIT
"""The result, field by field; what a refusal looks like; undo; and the plain verbs."""

import json
import re

import pytest
from support import hives
from support.hives import dword, sid
from support.tool import PROJECT, call, run, validator

OFF = hives.user(dword(1))
ON = hives.user(dword(0))
ANN, BOB, CAI = sid("ann"), sid("bob"), sid("cai")
PROFILE = {"id", "sid", "account", "path", "hive", "source", "outcome", "state", "before", "after",
           "managed_by", "outlook_running", "recovered", "error"}
RESULT = {"changed", "failed", "check", "state", "msg", "counts", "restart_required", "profiles", "warnings"}


@pytest.fixture
def root(tmp_path):
    """A volume where ann is disabled, bob is enabled, cai has no folder, and Default is disabled."""
    hives.volume(tmp_path / "v", {"ann": OFF, "bob": ON}, more=[(CAI, r"C:\Users\cai")], default=OFF)
    return tmp_path / "v"


def ask(verb, root, **more):
    request = {"root": str(root), **({} if verb == "get" else {"state": "enabled"}), **more}
    return call(verb, request)


def of(done, who):
    return next(p for p in done.result["profiles"] if p["id"] == who)


@pytest.mark.parametrize(("verb", "more"), [("get", set()), ("check", set()), ("apply", {"undo"})])
def test_the_result_has_these_fields(root, verb, more):
    assert set(ask(verb, root).result) == RESULT | more


@pytest.mark.parametrize("verb", ["get", "check", "apply"])
def test_every_profile_has_these_fields_whatever_came_of_it(root, verb):
    done = ask(verb, root, users=["all", "nobody"])
    assert [set(p) for p in done.result["profiles"]] == [PROFILE] * 4


@pytest.mark.parametrize(("verb", "outcomes"), [
    ("get", ["observed", "observed", "skipped"]), ("check", ["changed", "compliant", "skipped"]),
    ("apply", ["changed", "compliant", "skipped"])])
def test_outcomes(root, verb, outcomes):
    assert [p["outcome"] for p in ask(verb, root).result["profiles"]] == outcomes


@pytest.mark.parametrize(("verb", "same"), [("get", "observed"), ("check", "compliant"),
                                            ("apply", "compliant")])
def test_counts_are_those_of_the_profiles(root, verb, same):
    done = ask(verb, root, users=["all", "nobody"])
    outcomes = [p["outcome"] for p in done.result["profiles"]]
    assert done.result["counts"] == {"profiles": 4, **{
        name: outcomes.count(name) for name in (same, "changed", "skipped", "failed")}}


@pytest.mark.parametrize("verb", ["get", "check", "apply"])
def test_counts_add_up(root, verb):
    counts = ask(verb, root, users=["all", "default", "nobody"]).result["counts"]
    assert counts.pop("profiles") == sum(counts.values())


@pytest.mark.parametrize(("verb", "check", "told"), [
    ("get", None, False), ("check", None, True), ("check", False, True), ("apply", None, False),
    ("apply", True, True)])
def test_check_tells_whether_it_was_one(root, verb, check, told):
    assert ask(verb, root, check=check).result["check"] is told


@pytest.mark.parametrize("state", ["enabled", "disabled", "absent", "allowed"])
def test_state_is_the_desired_one(root, state):
    assert ask("check", root, state=state).result["state"] == state


def test_state_is_null_for_restore(root):
    done = call("check", {"root": str(root), "restore": [{"id": ANN, "value": None}]})
    assert done.result["state"] is None


def test_state_of_a_profile_is_the_one_before(root):
    assert of(ask("apply", root), ANN)["state"] == "disabled"


@pytest.mark.parametrize(("verb", "changed"), [("get", False), ("check", True), ("apply", True)])
def test_changed_tells_that_something_was_or_would_be_written(root, verb, changed):
    assert ask(verb, root).result["changed"] is changed


def test_failed_is_false_where_profiles_were_only_skipped(root):
    done = ask("apply", root)
    assert (done.result["failed"], done.code) == (False, 0)


def test_failed_is_true_where_one_profile_failed(root):
    assert ask("apply", root, users=["all", "nobody"]).result["failed"] is True


@pytest.mark.parametrize(("verb", "more"), [("get", {}), ("check", {}), ("apply", {}),
                                            ("apply", {"users": ["nobody"]})])
def test_msg_is_one_line_for_people(root, verb, more):
    assert re.fullmatch(r"[^\n]+", ask(verb, root, **more).result["msg"])


def test_msg_has_the_figures(root):
    assert "1 of 3" in ask("apply", root).result["msg"]


def test_files_tell_nothing_of_outlook_group_policy_and_accounts(root):
    profile = of(ask("apply", root), ANN)
    assert (profile["source"], profile["outlook_running"], profile["managed_by"], profile["account"]) == (
        "file", None, None, None)


def test_files_never_need_a_restart(root):
    assert ask("apply", root).result["restart_required"] is False


def test_where_a_profile_is(root):
    profile = of(ask("get", root), ANN)
    assert (profile["sid"], profile["path"], profile["hive"]) == (
        ANN, r"C:\Users\ann", str(root / "Users/ann/NTUSER.DAT"))


def test_where_a_hive_is(tmp_path):
    hives.make(tmp_path / "ann/NTUSER.DAT", OFF)
    profile = call("get", {"hives": ["ann/NTUSER.DAT"]}, cwd=tmp_path).result["profiles"][0]
    assert (profile["id"], profile["sid"], profile["hive"]) == ("ann/NTUSER.DAT", None, "ann/NTUSER.DAT")


def test_a_compliant_profile_is_after_as_before(root):
    profile = of(ask("apply", root), BOB)
    assert profile["before"] == profile["after"] == {"type": "REG_DWORD", "data": 0}


def test_a_skipped_profile_has_a_reason_and_no_values(root):
    profile = of(ask("apply", root), CAI)
    assert (profile["state"], profile["before"], profile["after"], profile["error"]["kind"]) == (
        None, None, None, "not_found")


def test_an_errors_message_names_the_file(tmp_path):
    (tmp_path / "broken.dat").write_bytes(b"")
    done = call("get", {"hives": ["broken.dat"]}, cwd=tmp_path)
    assert "broken.dat" in done.result["profiles"][0]["error"]["message"]


def test_an_errors_code_is_the_systems_number(tmp_path):
    done = call("get", {"hives": ["gone.dat"]}, cwd=tmp_path)
    assert done.result["profiles"][0]["error"]["code"] == 2


def test_profiles_are_sorted_by_id(tmp_path):
    names = ["b", "a", "B", "A", "á", "10", "9", "z.1", "z"]
    hives.make_all([(tmp_path / f"{name}/NTUSER.DAT", OFF) for name in names])
    done = call("get", {"hives": [f"{name}/NTUSER.DAT" for name in names]}, cwd=tmp_path)
    ids = [p["id"] for p in done.result["profiles"]]
    assert ids == sorted(ids, key=str.encode) and len(ids) == len(names)


def test_profiles_of_all_kinds_are_sorted_by_id(root):
    ids = [p["id"] for p in ask("get", root, users=["zed", "default", "all", "Abe"]).result["profiles"]]
    assert ids == ["Abe", ANN, BOB, CAI, "default", "zed"]


def test_the_result_is_one_line_of_ascii(tmp_path):
    hives.store(tmp_path, {"Nguyễn Thị Ánh": OFF, "𝒜nn": OFF, "a\nb": OFF})
    done = call("get", {"store": str(tmp_path)})
    assert (done.out.isascii(), done.out.count(b"\n"), done.out[-2:], len(done.result["profiles"])) == (
        True, 1, b"}\n", 3)
    assert rb"Nguy\u1ec5n" in done.out.replace(rb"\u1EC5", rb"\u1ec5")


def test_names_come_back_as_they_were(tmp_path):
    names = {"Nguyễn Thị Ánh", "𝒜nn", "a\nb", "tab\t", "q\"uote", "\x1b[31m", "\x7f"}
    hives.store(tmp_path, dict.fromkeys(names, OFF))
    done = call("get", {"store": str(tmp_path)})
    assert {p["path"].rsplit("/", 1)[1] for p in done.result["profiles"]} == names


def test_the_same_request_gives_the_same_bytes(root):
    assert ask("check", root).out == ask("check", root).out


# A refusal.
REFUSED = [({"state": "enabled", "root": "nowhere"}, "not_found"), ({"state": "on"}, "invalid"),
           ({}, "invalid"), ({"state": "enabled"}, "unsupported"),
           ({"state": "policy", "store": "."}, "unsupported")]
# Without a target it is the running Windows, where there is one.
REFUSALS = [pytest.param(*r, id=json.dumps(r[0]), marks=[pytest.mark.linux] if r[0] == {"state": "enabled"} else [])
            for r in REFUSED]


@pytest.mark.parametrize("verb", ["check", "apply"])
@pytest.mark.parametrize(("request_", "kind"), REFUSALS)
def test_a_refusal_has_this_shape(tmp_path, verb, request_, kind):
    done = call(verb, request_, legal=False, cwd=tmp_path)
    assert set(done.result) == RESULT | {"error"}
    assert (done.code, done.result["error"]["kind"], done.result["changed"], done.result["failed"]) == (
        2, kind, False, True)
    assert (done.result["profiles"], done.result["warnings"]) == ([], [])
    assert set(done.result["counts"].values()) == {0}


@pytest.mark.parametrize(("request_", "kind"), REFUSALS)
def test_a_refusals_msg_is_the_errors_message(tmp_path, request_, kind):
    done = call("apply", request_, legal=False, cwd=tmp_path)
    assert done.result["error"]["kind"] == kind
    assert done.result["msg"] == done.result["error"]["message"] != ""


def test_a_long_name_in_a_refusal_is_still_a_result():
    done = call("apply", {"Nguyễn" * 5000: 1}, legal=False)
    assert (done.code, done.result["error"]["kind"]) == (2, "invalid")


@pytest.mark.parametrize("more", ["x", "Thị", "\u0007"])
def test_a_refused_field_is_named(more):
    done = call("apply", {f"field{more}": 1}, legal=False)
    assert done.result["error"]["field"] == f"field{more}"


# undo
def targets(top):
    hives.volume(top / "root", {"ann": OFF, "bob": ON}, default=OFF)
    hives.store(top / "store", {"ann": OFF, "bob": ON})
    hives.make_all([(top / "ann.dat", OFF), (top / "bob.dat", ON)])
    return {"root": "root", "store": "store", "hives": ["bob.dat", "ann.dat"]}


@pytest.mark.parametrize("target", ["root", "store", "hives"])
def test_undo_carries_the_target_as_it_was_given(tmp_path, target):
    where = {target: targets(tmp_path)[target]}
    undo = call("apply", {"state": "enabled", **where}, cwd=tmp_path).result["undo"]
    assert {name: value for name, value in undo.items() if name != "restore"} == where


@pytest.mark.parametrize(("target", "changed"), [("root", ANN), ("store", "store/ann/NTUSER.DAT"),
                                                 ("hives", "ann.dat")])
def test_undo_has_only_those_that_changed(tmp_path, target, changed):
    where = {target: targets(tmp_path)[target]}
    undo = call("apply", {"state": "enabled", **where}, cwd=tmp_path).result["undo"]
    assert [item["id"].replace("\\", "/") for item in undo["restore"]] == [changed]
    assert [item["value"] for item in undo["restore"]] == [{"type": "REG_DWORD", "data": 1}]


@pytest.mark.parametrize("target", ["root", "store", "hives"])
def test_undo_is_a_request(tmp_path, target):
    where = {target: targets(tmp_path)[target]}
    undo = call("apply", {"state": "enabled", **where}, cwd=tmp_path).result["undo"]
    assert validator("request").is_valid(undo)


def test_undo_calls_the_default_profile_default(root):
    undo = ask("apply", root, users=["default"]).result["undo"]
    assert [entry["id"] for entry in undo["restore"]] == ["default"]


def test_undo_says_null_where_there_was_nothing(tmp_path):
    hives.make(tmp_path / "ann.dat", hives.user())
    undo = call("apply", {"state": "enabled", "hives": ["ann.dat"]}, cwd=tmp_path).result["undo"]
    assert undo["restore"] == [{"id": "ann.dat", "value": None}]


def test_undo_touches_nobody_else(root):
    undo = ask("apply", root).result["undo"]
    before = hives.snapshot(root / "Users/bob"), hives.snapshot(root / "Users/Default")
    call("apply", undo)
    assert (hives.snapshot(root / "Users/bob"), hives.snapshot(root / "Users/Default")) == before


def test_undo_is_there_although_somebody_failed(root):
    done = ask("apply", root, users=["all", "nobody"])
    assert [entry["id"] for entry in done.result["undo"]["restore"]] == [ANN]


@pytest.mark.parametrize(("verb", "more"), [("get", {}), ("check", {}), ("apply", {"check": True}),
                                            ("apply", {"users": ["bob"]}), ("apply", {"users": ["nobody"]})])
def test_undo_is_not_there_where_nothing_was_written(root, verb, more):
    assert "undo" not in ask(verb, root, **more).result


def test_undo_can_be_checked_first(root):
    undo = ask("apply", root).result["undo"]
    assert (call("check", undo).code, call("apply", undo).code, call("check", undo).code) == (1, 0, 0)


# The plain verbs.
@pytest.mark.parametrize("which", ["request", "result"])
def test_schema_prints_the_documented_one(which):
    done = run("schema", which, check_result=False)
    documented = json.loads((PROJECT / "docs" / f"{which}.schema.json").read_text(encoding="utf-8"))
    assert (json.loads(done.out), done.code, done.err) == (documented, 0, b"")


@pytest.mark.parametrize("which", ["request", "result"])
def test_a_schema_is_indented_for_people(which):
    done = run("schema", which, "-o", "table", check_result=False)
    documented = json.loads((PROJECT / "docs" / f"{which}.schema.json").read_text(encoding="utf-8"))
    assert (json.loads(done.out), done.code, done.err) == (documented, 0, b"")
    assert done.out.startswith(b'{\n  "$schema"') and done.out.endswith(b"\n}\n")


@pytest.mark.parametrize("which", ["request", "result"])
def test_a_schemas_examples_satisfy_it(which):
    schema = json.loads(run("schema", which, check_result=False).out)
    assert not [example for example in schema["examples"] if not validator(which).is_valid(example)]


def test_version_is_that_of_the_project():
    done = run("version")
    project = re.search(r"project\(mapihttp VERSION ([\d.]+)", (PROJECT / "CMakeLists.txt").read_text())
    assert (done.result, done.code, done.err) == ({"version": project[1]}, 0, b"")


def test_help_fits_a_terminal():
    done = run("help")
    assert (max(map(len, done.out.decode().splitlines())) <= 80, done.code, done.err) == (True, 0, b"")


@pytest.mark.parametrize("verb", ["version", "help"])
def test_the_plain_verbs_do_not_read_stdin(verb):
    assert run(verb, stdin=b"} no JSON").code == 0
