# SPDX-License-Identifier: MIT
"""A folder of profile folders: what in it is a profile, what each is called, and what is left alone."""

import os

import pytest
from support import hives
from support.hives import dword, sid
from support.tool import call

OFF = hives.user(dword(1))
SYSTEM = "S-1-5-18"


@pytest.fixture
def store(tmp_path):
    """Makes a store of hives that say disabled, at these paths."""
    def build(*paths):
        hives.make_all([(tmp_path / "store" / path, OFF) for path in paths])
        (tmp_path / "store").mkdir(exist_ok=True)
        return tmp_path / "store"

    return build


def ask(verb, store, **more):
    request = {"store": str(store), **({} if verb == "get" else {"state": "enabled"}), **more}
    return call(verb, request)


def ids(done):
    return [p["id"] for p in done.result["profiles"]]


@pytest.mark.parametrize("name", ["NTUSER.DAT", "ntuser.dat", "NTUser.dat", "NTUSER.MAN", "ntuser.man"])
def test_a_folder_with_a_hive_is_a_profile(store, name):
    top = store(f"ann/{name}")
    done = ask("apply", top)
    profile = done.profile("ann")
    assert (done.code, profile["outcome"], profile["hive"]) == (0, "changed", str(top / "ann" / name))
    assert (profile["id"], profile["path"], profile["sid"]) == (profile["hive"], str(top / "ann"), None)


@pytest.mark.parametrize(("man", "dat"), [("NTUSER.MAN", "NTUSER.DAT"), ("ntuser.man", "NTUSER.DAT"),
                                          ("NTUSER.MAN", "ntuser.dat")])
def test_of_both_the_mandatory_one_is_taken_with_a_warning(store, man, dat):
    top = store(f"ann/{man}", f"ann/{dat}")
    before = hives.snapshot(top / "ann" / dat)
    done = ask("apply", top)
    assert [p["hive"] for p in done.result["profiles"]] == [str(top / "ann" / man)]
    assert len(done.result["warnings"]) == 1
    assert hives.snapshot(top / "ann" / dat) == before


def test_two_hives_that_differ_only_in_case_are_not_guessed_between(store):
    top = store("ann/ntuser.dat", "ann/Ntuser.dat", "bob/NTUSER.DAT")
    before = hives.snapshot(top / "ann")
    done = ask("apply", top)
    assert sorted(p["outcome"] for p in done.result["profiles"]) == ["changed", "failed"]
    assert (done.code, hives.snapshot(top / "ann")) == (2, before)


NO_PROFILES = [
    ("an empty folder", "x/", None),
    ("a folder with other files", "x/ntuser.ini", "x"),
    ("a folder with a hive further down", "x/sub/NTUSER.DAT", OFF),
    ("a hive of another name", "x/USRCLASS.DAT", OFF),
    ("a hive's backup", "x/NTUSER.DAT.bak", OFF),
    ("a hive's log alone", "x/NTUSER.DAT.LOG1", "x"),
    ("a file", "x", "x"),
    ("a hive in the store itself", "NTUSER.DAT", OFF),
    ("a file named as a profile", "ann.V6", "x"),
]


@pytest.mark.parametrize(("path", "content"), [n[1:] for n in NO_PROFILES], ids=[n[0] for n in NO_PROFILES])
def test_what_is_no_profile_is_left_alone(store, path, content):
    top = store("bob/NTUSER.DAT")
    place = top / path
    (place if path.endswith("/") else place.parent).mkdir(parents=True, exist_ok=True)
    if isinstance(content, str):
        place.write_text(content)
    elif content:
        hives.make(place, content)
    done = ask("apply", top)
    assert (ids(done), done.code, done.result["warnings"]) == ([str(top / "bob/NTUSER.DAT")], 0, [])


def test_an_empty_store_has_nobody(store):
    done = ask("apply", store())
    assert (done.result["profiles"], done.result["changed"], done.code) == ([], False, 0)


def test_a_store_may_be_named_with_a_slash_at_the_end(store):
    top = store("ann/NTUSER.DAT")
    assert ids(ask("get", f"{top}/")) == [str(top / "ann/NTUSER.DAT")]


def test_a_store_may_be_named_through_a_link(store, tmp_path):
    store("ann/NTUSER.DAT")
    (tmp_path / "link").symlink_to("store")
    assert ask("apply", tmp_path / "link").result["counts"]["changed"] == 1


@pytest.mark.parametrize("within", [True, False], ids=["to a folder of the store", "to a folder outside"])
def test_a_folder_that_is_a_link_is_not_followed(store, tmp_path, within):
    top = store("bob/NTUSER.DAT")
    hives.make(tmp_path / "outside/NTUSER.DAT", OFF)
    (top / "ann").symlink_to("bob" if within else tmp_path / "outside")
    before = hives.snapshot(tmp_path / "outside")
    done = ask("apply", top)
    assert done.profile("bob")["outcome"] == "changed"
    assert done.result["counts"]["changed"] == 1
    assert hives.snapshot(tmp_path / "outside") == before


@pytest.mark.linux
def test_a_hive_that_is_a_link_is_not_followed(store, tmp_path):
    top = store("bob/NTUSER.DAT")
    hives.make(tmp_path / "outside.dat", OFF)
    (top / "ann").mkdir()
    (top / "ann/NTUSER.DAT").symlink_to(tmp_path / "outside.dat")
    before = hives.snapshot(tmp_path / "outside.dat")
    done = ask("apply", top)
    assert (done.kinds, done.code, done.result["counts"]["changed"]) == (["unsupported"], 2, 1)
    assert hives.snapshot(tmp_path / "outside.dat") == before


DEFAULT_NAMES = ["Default", "DEFAULT", "default", "Default User", "Default User.V6", "Default.V6"]


@pytest.mark.parametrize("name", DEFAULT_NAMES)
def test_a_default_folder_is_not_in_all(store, name):
    top = store(f"{name}/NTUSER.DAT", "ann/NTUSER.DAT")
    assert ids(ask("get", top)) == [str(top / "ann/NTUSER.DAT")]


@pytest.mark.parametrize("name", DEFAULT_NAMES)
def test_a_default_folder_is_not_reached_by_wildcards(store, name):
    assert ids(ask("get", store(f"{name}/NTUSER.DAT"), users=["*", "D*"])) == []


@pytest.mark.parametrize("name", DEFAULT_NAMES)
def test_a_default_folder_is_meant_by_default(store, name):
    done = ask("apply", store(f"{name}/NTUSER.DAT", "ann/NTUSER.DAT"), users=["default"])
    assert ([p["outcome"] for p in done.result["profiles"]], done.code) == (["changed"], 0)


def test_the_default_profile_is_called_default(store):
    assert ids(ask("get", store("Default/NTUSER.DAT"), users=["default"])) == ["default"]


@pytest.mark.parametrize("name", DEFAULT_NAMES)
def test_undo_finds_the_default_folder_again(store, name):
    top = store(f"{name}/NTUSER.DAT")
    undo = ask("apply", top, users=["default"]).result["undo"]
    assert call("apply", undo).result["counts"]["changed"] == 1


@pytest.mark.parametrize("name", ["Defaults", "My Default", "Default.V6.old", "DefaultUser"])
def test_a_folder_that_is_only_called_alike_is_a_persons(store, name):
    assert len(ids(ask("get", store(f"{name}/NTUSER.DAT")))) == 1


def test_without_a_default_folder_default_is_not_found(store):
    done = ask("apply", store("ann/NTUSER.DAT"), users=["default"])
    assert (done.kinds, done.code) == (["not_found"], 2)


def test_a_folder_named_as_a_sid_is_known_by_it(store):
    profile = ask("apply", store(f"{sid('ann')}/NTUSER.DAT")).result["profiles"][0]
    assert (profile["id"], profile["sid"], profile["outcome"]) == (sid("ann"), sid("ann"), "changed")


def test_a_folder_named_as_a_service_accounts_sid_is_not_in_all(store):
    assert ids(ask("get", store(f"{SYSTEM}/NTUSER.DAT"), users=["all", "*"])) == []


def test_a_folder_named_as_a_service_accounts_sid_can_be_named(store):
    assert ids(ask("get", store(f"{SYSTEM}/NTUSER.DAT"), users=[SYSTEM])) == [SYSTEM]


@pytest.mark.parametrize("selector", ["ann.V6", "ANN.v6", "ann*", "*.V6"])
def test_a_folder_is_meant_by_its_name(store, selector):
    top = store("ann.V6/NTUSER.DAT", "bob/NTUSER.DAT")
    assert ids(ask("get", top, users=[selector])) == [str(top / "ann.V6/NTUSER.DAT")]


def test_the_versions_of_one_persons_profile_are_profiles_of_their_own(store):
    assert len(ids(ask("get", store("ann/NTUSER.DAT", "ann.V2/NTUSER.DAT", "ann.V6/NTUSER.DAT")))) == 3


def rename_to_no_utf8(top, name, new):
    os.rename(os.fsencode(top / name), os.fsencode(top) + b"/" + new)


@pytest.mark.linux
@pytest.mark.parametrize("verb", ["get", "check", "apply"])
def test_a_folder_whose_name_is_no_utf8_fails_and_the_others_converge(store, verb):
    top = store("ann/NTUSER.DAT", "bob/NTUSER.DAT")
    rename_to_no_utf8(top, "bob", b"b\xffb")
    done = ask(verb, top)
    assert sorted(p["outcome"] for p in done.result["profiles"]) == [
        "failed", "observed"] if verb == "get" else ["changed", "failed"]
    assert (done.kinds, done.code) == (["unsupported"], 2)


@pytest.mark.linux
def test_two_folders_whose_names_are_no_utf8_are_two_failures(store):
    top = store("ann/NTUSER.DAT", "bob/NTUSER.DAT")
    rename_to_no_utf8(top, "ann", b"x\xff")
    rename_to_no_utf8(top, "bob", b"x\xfe")
    done = ask("apply", top)
    assert done.result["counts"] == {"profiles": 2, "compliant": 0, "changed": 0, "skipped": 0, "failed": 2}


ODD_NAMES = ["Nguyễn Thị Ánh", "𝒜nn", "a b", "a'b", "a,b", "-o", "a=b", "$(id)", "...", "%41nn",
             *(pytest.param(name, marks=pytest.mark.linux) for name in ("a'b\"c", "a\\b"))]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_are_names(store, name):
    top = store(f"{name}/NTUSER.DAT")
    done = ask("apply", top)
    assert (ids(done), done.result["counts"]["changed"]) == ([str(top / name / "NTUSER.DAT")], 1)
    assert call("apply", done.result["undo"]).result["counts"]["changed"] == 1


def test_no_two_profiles_have_one_id(store):
    names = [*DEFAULT_NAMES, sid("ann"), sid("ann").lower(), "all", "*"]
    top = store(*(f"{name}/NTUSER.DAT" for name in names))
    seen = ids(ask("get", top, users=["all", "default"]))
    assert len(seen) == len(set(seen)) == len(names)


@pytest.mark.linux
def test_a_folder_whose_name_is_no_utf8_takes_no_other_ones_id(store):
    top = store("a%FF/NTUSER.DAT", "x/NTUSER.DAT")
    rename_to_no_utf8(top, "x", b"a\xff")
    seen = ids(ask("get", top))
    assert len(set(seen)) == len(seen) == 2


def test_undo_finds_each_of_several_default_folders(store):
    top = store(*(f"{name}/NTUSER.DAT" for name in DEFAULT_NAMES))
    before = hives.contents(top)
    undo = ask("apply", top, users=["default"]).result["undo"]
    call("apply", undo)
    assert hives.contents(top) == before


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """A store of 300 profiles, three of them broken, after `apply`: the store and the outcome."""
    top = tmp_path_factory.mktemp("crowd")
    specs = {f"user{i:03}": OFF for i in range(300)}
    hives.store(top, {**specs, "user100": hives.user(dword(1), dirty=True)})
    (top / "user000/NTUSER.DAT").write_bytes(b"")
    (top / "user299/NTUSER.DAT").write_bytes(b"no hive " * 1024)
    broken = {name: hives.snapshot(top / name) for name in ("user000", "user100", "user299")}
    return top, ask("apply", top), broken


def test_of_many_the_broken_ones_fail_and_the_others_converge(crowd):
    _, done, _ = crowd
    assert done.result["counts"] == {
        "profiles": 300, "compliant": 0, "changed": 297, "skipped": 0, "failed": 3}
    assert (done.code, done.kinds) == (2, ["corrupt", "corrupt", "dirty"])


def test_of_many_the_others_did_converge(crowd):
    top, _, _ = crowd
    states = [p["state"] for p in ask("get", top).result["profiles"]]
    assert (states.count("enabled"), states.count(None)) == (297, 3)


def test_of_many_the_broken_ones_are_untouched(crowd):
    top, _, broken = crowd
    assert {name: hives.snapshot(top / name) for name in broken} == broken


def test_of_many_every_one_is_told_in_order(crowd):
    top, done, _ = crowd
    assert ids(done) == [str(top / f"user{i:03}" / "NTUSER.DAT") for i in range(300)]


def test_of_many_undo_has_those_that_changed(crowd):
    _, done, _ = crowd
    assert len(done.result["undo"]["restore"]) == 297
