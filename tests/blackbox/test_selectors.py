# SPDX-License-Identifier: MIT
"""Who is meant: every kind of selector, in users and in exclude, and what comes of those that mean nobody."""

import pytest
from support import hives
from support.hives import dword, sid
from support.tool import call, run

ENTRA = "S-1-12-1-3441312547-1137383217-2157372550-3222152301"
OTHER = "S-1-5-21-1-2-3-500"
NGUYEN = f"{hives.PREFIX}-1004"
STRASSE = f"{hives.PREFIX}-1005"
SYSTEM, LOCAL, NETWORK = "S-1-5-18", "S-1-5-19", "S-1-5-20"
POOL = "S-1-5-82-3006700770-424185619-1745488364-794895919-4004696415"
SERVICES = {
    SYSTEM: (r"%systemroot%\system32\config\systemprofile", "Windows/System32/config/systemprofile"),
    LOCAL: (r"%systemroot%\ServiceProfiles\LocalService", "Windows/ServiceProfiles/LocalService"),
    NETWORK: (r"%systemroot%\ServiceProfiles\NetworkService", "Windows/ServiceProfiles/NetworkService"),
    POOL: (r"C:\Users\DefaultAppPool", "Users/DefaultAppPool"),
}
FOLDERS = {ENTRA: "dora", OTHER: "Administrator", NGUYEN: "Nguyễn Thị Ánh", STRASSE: "Jörg Straße"}
PEOPLE = sorted([sid("ann"), sid("bob"), sid("cai"), *FOLDERS])


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A volume with seven people, four service accounts and a Default profile; only to be read."""
    top = tmp_path_factory.mktemp("volume")
    more = [(who, rf"C:\Users\{name}") for who, name in FOLDERS.items()]
    more += [(who, path) for who, (path, _) in SERVICES.items()]
    spec = hives.user(dword(1))
    hives.volume(top, dict.fromkeys(hives.PEOPLE, spec), more=more, default=spec)
    places = [f"Users/{name}" for name in FOLDERS.values()] + [place for _, place in SERVICES.values()]
    hives.make_all([(top / place / "NTUSER.DAT", spec) for place in places])
    return top


def chosen(root, users=None, exclude=None):
    done = call("get", {"root": str(root), "users": users, "exclude": exclude})
    return done, [p["id"] for p in done.result["profiles"]]


ANN, BOB, CAI = sid("ann"), sid("bob"), sid("cai")
MEANS = [
    ("nothing given is all", None, PEOPLE),
    ("all", ["all"], PEOPLE),
    ("all in capitals", ["ALL"], PEOPLE),
    ("default", ["default"], ["default"]),
    ("default in another case", ["Default"], ["default"]),
    ("all and default", ["all", "default"], [*PEOPLE, "default"]),
    ("a SID", [ANN], [ANN]),
    ("a SID in lower case", [ANN.lower()], [ANN]),
    ("an Entra SID", [ENTRA], [ENTRA]),
    ("a folder's name", ["ann"], [ANN]),
    ("a folder's name in another case", ["aNN"], [ANN]),
    ("a folder's name with blanks", ["Nguyễn Thị Ánh"], [NGUYEN]),
    ("a Vietnamese name in capitals", ["NGUYỄN THỊ ÁNH"], [NGUYEN]),
    ("a Vietnamese name in small letters", ["nguyễn thị ánh"], [NGUYEN]),
    ("a German name in capitals, but for the ß", ["JÖRG STRAßE"], [STRASSE]),
    ("a star alone is everybody", ["*"], PEOPLE),
    ("a star at the end", ["a*"], sorted([ANN, OTHER])),
    ("a star at the start", ["*i"], [CAI]),
    ("a star within", ["A*r"], [OTHER]),
    ("a question mark is one character", ["b?b"], [BOB]),
    ("a question mark is one character, not one byte", ["Nguy?n Th? ?nh"], [NGUYEN]),
    ("a question mark is not none", ["ann?"], []),
    ("question marks alone", ["???"], sorted([ANN, BOB, CAI])),
    ("wildcards in another case", ["NGUYỄN*"], [NGUYEN]),
    ("a star in a SID", [f"{hives.PREFIX}-*"], sorted([ANN, BOB, CAI, NGUYEN, STRASSE])),
    ("a star of all SIDs reaches people only", ["S-1-5-*"], [p for p in PEOPLE if p != ENTRA]),
    ("wildcards that match nobody", ["z*"], []),
    ("a service account by its SID", [SYSTEM], [SYSTEM]),
    ("a service account by its folder's name", ["LocalService"], [LOCAL]),
    ("a star never reaches a service account", ["*Service"], []),
    ("a star never reaches an application pool", ["DefaultApp*"], []),
    ("a star never reaches the Default profile", ["Def*"], []),
    ("several", ["cai", "ann"], [ANN, CAI]),
    ("one named twice is one", ["ann", "ann"], [ANN]),
    ("one named in several ways is one", ["ann", ANN, "a*", "all"], PEOPLE),
    ("loaded in files is nobody", ["loaded"], []),
]


@pytest.mark.parametrize(("users", "ids"), [m[1:] for m in MEANS], ids=[m[0] for m in MEANS])
def test_users_means(root, users, ids):
    done, seen = chosen(root, users)
    assert (seen, done.code) == (ids, 0)


LEAVES = [
    ("a SID", None, [ANN], [p for p in PEOPLE if p != ANN]),
    ("a folder's name in another case", None, ["ANN"], [p for p in PEOPLE if p != ANN]),
    ("a Vietnamese name in capitals", None, ["NGUYỄN THỊ ÁNH"], [p for p in PEOPLE if p != NGUYEN]),
    ("a star", None, [f"{hives.PREFIX}-*"], sorted([ENTRA, OTHER])),
    ("a question mark", ["ann", "bob"], ["?ob"], [ANN]),
    ("everybody", None, ["all"], []),
    ("default", ["all", "default"], ["default"], PEOPLE),
    ("all leaves default", ["all", "default"], ["all"], ["default"]),
    ("a star leaves default", ["all", "default"], ["*"], ["default"]),
    ("a star leaves service accounts", [SYSTEM, "ann"], ["*"], [SYSTEM]),
    ("a service account", [SYSTEM, LOCAL], [SYSTEM], [LOCAL]),
    ("one that is named in users", ["ann", "bob"], ["ann"], [BOB]),
    ("somebody who is not meant anyway", ["ann"], ["bob"], [ANN]),
    ("nobody, by wildcards", ["ann"], ["z*"], [ANN]),
    ("several", None, ["all", "ann"], []),
]


@pytest.mark.parametrize(("users", "exclude", "ids"), [m[1:] for m in LEAVES], ids=[m[0] for m in LEAVES])
def test_exclude_leaves_out(root, users, exclude, ids):
    done, seen = chosen(root, users, exclude)
    assert (seen, done.code, done.result["warnings"]) == (ids, 0, [])


@pytest.mark.parametrize("selector", ["ann", "*", "all", ANN])
def test_the_order_of_selectors_does_not_matter(root, selector):
    assert chosen(root, [selector, "bob"])[1] == chosen(root, ["bob", selector])[1]


NOBODY = ["anm", f"{hives.PREFIX}-9999", "CONTOSO\\ann", "current", "Nguyễn", "ss", "JÖRG STRASSE", "an",
          "annn", "NTUSER.DAT", r"C:\Users\ann", "Users"]


@pytest.mark.parametrize("selector", NOBODY)
def test_a_selector_that_means_nobody_is_a_failed_entry(root, selector):
    done, seen = chosen(root, [selector, "bob"])
    entry = next(p for p in done.result["profiles"] if p["id"] == selector)
    assert sorted(seen) == sorted([selector, BOB])
    assert (entry["outcome"], entry["error"]["kind"], done.code) == ("failed", "not_found", 2)
    assert (entry["state"], entry["before"], entry["after"]) == (None, None, None)


def test_a_typo_twice_is_one_failed_entry(root):
    assert chosen(root, ["anm", "anm"])[1] == ["anm"]


def test_with_a_typo_the_others_converge(tmp_path):
    root = hives.volume(tmp_path, {"ann": hives.user(dword(1)), "bob": hives.user(dword(1))})
    done = call("apply", {"state": "enabled", "root": str(root), "users": ["anm", "bob"]})
    assert done.profile(BOB)["outcome"] == "changed"
    assert (done.code, done.result["changed"], done.result["failed"]) == (2, True, True)
    assert call("get", {"root": str(root), "users": ["bob"]}).profile(BOB)["state"] == "enabled"


def test_who_is_not_meant_is_not_touched(tmp_path):
    root = hives.volume(tmp_path, {"ann": hives.user(dword(1)), "bob": hives.user(dword(1))},
                        default=hives.user(dword(1)))
    before = hives.snapshot(root / "Users" / "ann"), hives.snapshot(root / "Users" / "Default")
    call("apply", {"state": "enabled", "root": str(root), "users": ["bob"]})
    assert (hives.snapshot(root / "Users" / "ann"), hives.snapshot(root / "Users" / "Default")) == before


@pytest.mark.parametrize("selector", ["anm", f"{hives.PREFIX}-9999"])
def test_an_exclude_that_means_nobody_is_a_warning(root, selector):
    done, seen = chosen(root, ["ann"], [selector])
    assert (seen, done.code, len(done.result["warnings"])) == ([ANN], 0, 1)
    assert selector in done.result["warnings"][0]


def test_no_service_account_is_in_all(root):
    assert not set(chosen(root, ["all"])[1]) & set(SERVICES)


@pytest.mark.parametrize("which", PEOPLE + list(SERVICES))
def test_every_id_is_a_selector(root, which):
    assert chosen(root, [which])[1] == [which]


def names(folder, *files):
    hives.make_all([(folder / name, hives.user(dword(1))) for name in files])
    return folder


def test_every_listed_hive_is_a_profile_without_users(tmp_path):
    names(tmp_path, "ann.dat", "bob.dat")
    done = run("get", "hives=ann.dat,bob.dat", cwd=tmp_path)
    assert [p["id"] for p in done.result["profiles"]] == ["ann.dat", "bob.dat"]


TWICE = [["x.dat", "x.dat"], ["x.dat", "./x.dat"], ["./x.dat", "x.dat"], ["x.dat", "sub/../x.dat"],
         ["x.dat", ".//x.dat"]]


@pytest.mark.parametrize("paths", TWICE, ids=" ".join)
def test_a_hive_listed_twice_is_one_profile(tmp_path, paths):
    names(tmp_path, "x.dat", "sub/y.dat")
    done = call("apply", {"state": "enabled", "hives": paths}, cwd=tmp_path)
    assert [p["id"] for p in done.result["profiles"]] == [paths[0]]
    assert (done.code, done.result["counts"]["changed"]) == (0, 1)


def test_a_relative_and_an_absolute_path_of_one_hive_are_one_profile(tmp_path):
    names(tmp_path, "x.dat")
    done = call("get", {"hives": [str(tmp_path / "x.dat"), "x.dat"]}, cwd=tmp_path)
    assert [p["id"] for p in done.result["profiles"]] == [str(tmp_path / "x.dat")]


def test_a_missing_hive_listed_twice_is_one_failed_profile(tmp_path):
    done = call("get", {"hives": ["no.dat", "no.dat"]}, cwd=tmp_path)
    assert [(p["id"], p["error"]["kind"]) for p in done.result["profiles"]] == [("no.dat", "not_found")]


def test_undo_of_a_hive_listed_twice_takes_it_back(tmp_path):
    names(tmp_path, "x.dat")
    undo = call("apply", {"state": "enabled", "hives": ["./x.dat", "x.dat"]}, cwd=tmp_path).result["undo"]
    assert call("apply", undo, cwd=tmp_path).code == 0
    assert call("get", {"hives": ["x.dat"]}, cwd=tmp_path).result["profiles"][0]["state"] == "disabled"


def test_a_missing_hive_is_a_failed_profile_and_the_others_converge(tmp_path):
    names(tmp_path, "ann.dat", "zed.dat")
    done = call("apply", {"state": "enabled", "hives": ["ann.dat", "no.dat", "zed.dat"]}, cwd=tmp_path)
    assert [p["outcome"] for p in done.result["profiles"]] == ["changed", "failed", "changed"]
    assert (done.profile("no.dat")["error"]["kind"], done.code) == ("not_found", 2)


HIVES = [
    ("the path as given", ["p/ann/NTUSER.DAT"], ["p/ann/NTUSER.DAT"]),
    ("the folder's name", ["BOB"], ["p/bob/NTUSER.DAT"]),
    ("wildcards of the folder's name", ["?n*"], ["p/ann/NTUSER.DAT"]),
    ("a star", ["*"], ["p/ann/NTUSER.DAT", "p/bob/NTUSER.DAT"]),
    ("all", ["all"], ["p/ann/NTUSER.DAT", "p/bob/NTUSER.DAT"]),
]


@pytest.mark.parametrize(("users", "ids"), [m[1:] for m in HIVES], ids=[m[0] for m in HIVES])
def test_users_chooses_among_hives(tmp_path, users, ids):
    names(tmp_path, "p/ann/NTUSER.DAT", "p/bob/NTUSER.DAT")
    done = call("get", {"hives": ["p/ann/NTUSER.DAT", "p/bob/NTUSER.DAT"], "users": users}, cwd=tmp_path)
    assert ([p["id"] for p in done.result["profiles"]], done.code) == (ids, 0)


@pytest.mark.parametrize("selector", ["default", "current", "zed"])
def test_hives_have_no_such_profile(tmp_path, selector):
    names(tmp_path, "ann.dat")
    done = call("get", {"hives": ["ann.dat"], "users": [selector]}, cwd=tmp_path)
    assert (done.kinds, done.code) == (["not_found"], 2)


def test_exclude_leaves_a_hive_out(tmp_path):
    names(tmp_path, "ann.dat", "bob.dat")
    done = call("get", {"hives": ["ann.dat", "bob.dat"], "exclude": ["bob.dat"]}, cwd=tmp_path)
    assert [p["id"] for p in done.result["profiles"]] == ["ann.dat"]


@pytest.mark.linux
@pytest.mark.parametrize("name", ["a*b.dat", "a?b.dat", "*"])
def test_an_id_means_its_profile_even_if_it_looks_like_another_selector(tmp_path, name):
    names(tmp_path, name, "axb.dat")
    done = call("get", {"hives": [name, "axb.dat"], "users": [name]}, cwd=tmp_path)
    assert [(p["id"], p["outcome"]) for p in done.result["profiles"]] == [(name, "observed")]


@pytest.mark.linux
@pytest.mark.parametrize("where", ["store", "hives"])
def test_undo_means_the_profile_whose_name_has_wildcards(tmp_path, where):
    names(tmp_path, "s/a*/NTUSER.DAT", "s/ab/NTUSER.DAT")
    target = {"store": "s"} if where == "store" else {"hives": ["s/a*/NTUSER.DAT", "s/ab/NTUSER.DAT"]}
    done = call("apply", {"state": "enabled", "users": ["s/a*/NTUSER.DAT"], **target}, cwd=tmp_path)
    assert call("apply", done.result["undo"], cwd=tmp_path).result["counts"]["changed"] == 1
