# SPDX-License-Identifier: MIT
"""managed_by: whose value Group Policy wrote, as the ntuser.pol in the profile's folder tells."""

import pytest
from support import hives, preg
from support.tool import call

OFF = {"name": hives.NAME, "type": "REG_DWORD", "data": 1}
CASES = [
    ("none", None, None),
    ("ours", preg.pol(preg.OTHER, preg.OURS), "group_policy"),
    ("others", preg.pol(preg.OTHER), None),
    ("removes it", preg.pol(preg.DELETES), "group_policy"),
    ("nothing in it", preg.pol(), None),
]


@pytest.fixture
def store(tmp_path):
    return hives.store(tmp_path / "store", {"ann": hives.user(OFF), "bob": hives.user(OFF)})


def managed(done):
    return {p["path"].rsplit("/", 1)[-1].rsplit("\\", 1)[-1]: p["managed_by"] for p in done.result["profiles"]}


@pytest.mark.parametrize(("content", "by"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
@pytest.mark.parametrize("name", ["ntuser.pol", "NTUSER.POL"])
def test_store(store, content, by, name):
    if content is not None:
        (store / "ann" / name).write_bytes(content)
    done = call("get", {"store": str(store)})
    assert (done.code, managed(done)) == (0, {"ann": by, "bob": None})


def test_root(tmp_path):
    root = hives.volume(tmp_path / "root", {"ann": hives.user(OFF), "bob": hives.user(OFF)})
    (root / "Users" / "bob" / "ntuser.pol").write_bytes(preg.pol(preg.OURS))
    done = call("check", {"root": str(root), "state": "enabled"})
    assert managed(done) == {"ann": None, "bob": "group_policy"}


@pytest.mark.parametrize(("newer", "older", "by"), [
    (preg.pol(preg.OURS), None, "group_policy"), (preg.pol(), preg.pol(preg.OURS), None),
    (preg.pol(preg.OTHER, preg.OURS), preg.pol(), "group_policy"), (None, preg.pol(preg.OURS), "group_policy")])
@pytest.mark.parametrize("case", [str, str.lower], ids=["as Windows spells it", "in another case"])
def test_root_where_newer_windows_keep_it(tmp_path, newer, older, by, case):
    root = hives.volume(tmp_path / "root", {"ann": hives.user(OFF), "bob": hives.user(OFF)})
    place = root / case("ProgramData") / case("Microsoft") / case("GroupPolicy") / case("Users")
    (place / hives.sid("bob")).mkdir(parents=True)
    if newer is not None:
        (place / hives.sid("bob") / "ntuser.pol").write_bytes(newer)
    if older is not None:
        (root / "Users" / "bob" / "NTUSER.POL").write_bytes(older)
    done = call("get", {"root": str(root)})
    assert (done.code, managed(done), done.result["warnings"]) == (0, {"ann": None, "bob": by}, [])


def test_a_change_is_made_all_the_same(store):
    (store / "ann" / "ntuser.pol").write_bytes(preg.pol(preg.OURS))
    done = call("apply", {"store": str(store), "state": "enabled"})
    assert (done.code, done.profile("ann")["outcome"], managed(done)["ann"]) == (0, "changed", "group_policy")


BROKEN = {
    "empty": b"", "another signature": b"XReg" + preg.pol(preg.OURS)[4:], "cut": preg.pol(preg.OURS)[:-3],
    "more behind it": preg.pol(preg.OURS) + b"x", "text": b"<xml/>",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_one_is_a_warning_and_stops_nothing(store, content):
    (store / "ann" / "ntuser.pol").write_bytes(content)
    done = call("apply", {"store": str(store), "state": "enabled"})
    assert (done.code, done.result["counts"]["changed"], managed(done)["ann"]) == (0, 2, None)
    assert [w for w in done.result["warnings"] if "ann" in w and "Group Policy" in w]


@pytest.mark.linux
def test_a_link_is_not_followed(store, tmp_path):
    (tmp_path / "elsewhere.pol").write_bytes(preg.pol(preg.OURS))
    (store / "ann" / "ntuser.pol").symlink_to(tmp_path / "elsewhere.pol")
    done = call("get", {"store": str(store)})
    assert (done.code, managed(done)["ann"], len(done.result["warnings"])) == (0, None, 1)
