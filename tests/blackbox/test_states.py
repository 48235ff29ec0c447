# SPDX-License-Identifier: MIT
"""Every desired state from every state before, in every kind of target: what is written, what is told, that a
second run and a check write nothing, and that undo brings back exactly what was there."""

import shutil
from collections import namedtuple

import pytest
from support import hives
from support.hives import KEY, dword, value
from support.tool import call


def number(data):
    return {"type": "REG_DWORD", "data": data}


def fill(count):
    """The builder's pattern of `count` bytes, as the result writes bytes."""
    return bytes((7 * i + 13 * (i // 256)) % 256 for i in range(count)).hex().upper()


# `values`: what the builder puts there; `seen`: the value as the result tells it; `state`: what it means.
Before = namedtuple("Before", "values seen state keys", defaults=("other", KEY))


def text(hex_, type_="REG_SZ"):
    return Before([value(type_, hex=hex_)], {"type": type_, "data": {"hex": hex_}})


def raw(type_, hex_):
    return Before([value(type_, hex=hex_)], {"type": type_, "data": hex_})


def plain(type_, data):
    return Before([value(type_, data)], {"type": type_, "data": data})


def filled(count):
    return Before([value("REG_BINARY", {"fill": count})], {"type": "REG_BINARY", "data": fill(count)})


BEFORE = {
    "no value": Before([], None, "absent"),
    "no key Exchange": Before([], None, "absent", KEY[:2]),
    "no key Microsoft": Before([], None, "absent", KEY[:1]),
    "no key Software": Before([], None, "absent", ()),
    "values with other names": Before([dword(1, "MapiHttpDisabledX"), dword(1, ""), dword(1, "MapiHttp")],
                                      None, "absent"),
    "DWORD 0": Before([dword(0)], number(0), "enabled"),
    "DWORD 1": Before([dword(1)], number(1), "disabled"),
    "DWORD 2": Before([dword(2)], number(2)),
    "DWORD 4294967295": Before([dword(4294967295)], number(4294967295)),
    "DWORD 0 in a cell": Before([dword(0, inline=False)], number(0), "enabled"),
    "DWORD 1 in a cell": Before([dword(1, inline=False)], number(1), "disabled"),
    "DWORD 1 among others": Before([dword(0, "A"), value("REG_SZ", "x", "B"), dword(1), dword(2, "Z")],
                                   number(1), "disabled"),
    "names in another case": Before([dword(1, "mapihttpDISABLED")], number(1), "disabled",
                                    ("SOFTWARE", "microsoft", "EXCHANGE")),
    "DWORD of no bytes": raw("REG_DWORD", ""),
    "DWORD of 1 byte": raw("REG_DWORD", "00"),
    "DWORD of 8 bytes": raw("REG_DWORD", "0100000000000000"),
    "SZ 0": plain("REG_SZ", "0"),
    "SZ empty": plain("REG_SZ", ""),
    "SZ not ASCII": plain("REG_SZ", "Nguyễn 𝒜"),
    "SZ of no bytes": text(""),
    "SZ without terminator": text("3000"),
    "SZ of odd length": text("300000"),
    "SZ with a lone surrogate": text("00D80000"),
    "SZ with a NUL inside": text("3000000031000000"),
    "SZ with two terminators": text("300000000000"),
    "EXPAND_SZ": plain("REG_EXPAND_SZ", "%TEMP%"),
    "EXPAND_SZ without terminator": text("2500", "REG_EXPAND_SZ"),
    "MULTI_SZ": plain("REG_MULTI_SZ", ["one", "two"]),
    "MULTI_SZ of nothing": plain("REG_MULTI_SZ", []),
    "MULTI_SZ without the last terminator": raw("REG_MULTI_SZ", "610000006200"),
    "MULTI_SZ with an empty text inside": raw("REG_MULTI_SZ", "610000000000620000000000"),
    "MULTI_SZ of no bytes": raw("REG_MULTI_SZ", ""),
    "QWORD 0": plain("REG_QWORD", 0),
    "QWORD 2^63 - 1": plain("REG_QWORD", 2 ** 63 - 1),
    "QWORD 2^63": raw("REG_QWORD", "0000000000000080"),
    "QWORD of 4 bytes": raw("REG_QWORD", "01000000"),
    "NONE empty": raw("REG_NONE", ""),
    "BINARY 0": raw("REG_BINARY", "00000000"),
    "BINARY of 300 bytes": filled(300),
    "BINARY of 40,000 bytes": filled(40000),
    "DWORD_BIG_ENDIAN 1": raw("REG_DWORD_BIG_ENDIAN", "00000001"),
    "LINK": raw("REG_LINK", "61006200"),
    "RESOURCE_LIST": Before([value(8, hex="01")], {"type": "REG_RESOURCE_LIST", "data": "01"}),
    "a type without a name": Before([value(0xBEEF, hex="0102")], {"type": "0x0000BEEF", "data": "0102"}),
    "the highest type": Before([value(0xFFFFFFFF, hex="0000")], {"type": "0xFFFFFFFF", "data": "0000"}),
}
COMMON = ["no value", "no key Software", "DWORD 0", "DWORD 1", "SZ 0", "QWORD 0", "BINARY of 40,000 bytes"]

WANTED = {"enabled": number(0), "disabled": number(1), "absent": None, "allowed": number(0)}


def complies(desired, state):
    return state in (("enabled", "absent") if desired == "allowed" else (desired,))


def after(desired, before):
    return before.seen if complies(desired, before.state) else WANTED[desired]


def pairs(names=BEFORE, moving=False):
    """(desired state, name of the state before); `moving`: only where there is something to do."""
    return [(desired, name) for desired in WANTED for name in names
            if not moving or not complies(desired, BEFORE[name].state)]


EVERY = ([("hives", *pair) for pair in pairs()] + [("store", *pair) for pair in pairs(COMMON)]
         + [("root", *pair) for pair in pairs(COMMON)])
MOVING = ([("hives", *pair) for pair in pairs(moving=True)]
          + [(target, *pair) for target in ("store", "root") for pair in pairs(COMMON, moving=True)])


@pytest.fixture(scope="module")
def stock(tmp_path_factory):
    """One hive of each state before, and a SOFTWARE hive that lists ann; to be copied."""
    top = tmp_path_factory.mktemp("stock")
    hives.make_all([(top / name, hives.user(*b.values, keys=b.keys)) for name, b in BEFORE.items()])
    hives.make(top / "SOFTWARE", hives.software([(hives.sid("ann"), r"C:\Users\ann")]))
    return top


PLACE = {"hives": "ann.dat", "store": "store/ann/NTUSER.DAT", "root": "root/Users/ann/NTUSER.DAT"}


@pytest.fixture
def scene(stock, tmp_path):
    """Puts ann's hive in a target; returns its path, and the request's member that names the target."""
    def put(path, name):
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(stock / name, path)

    def build(target, name):
        path = tmp_path / PLACE[target]
        put(path, name)
        if target == "root":
            put(tmp_path / "root/Windows/System32/config/SOFTWARE", "SOFTWARE")
        return path, {"hives": [str(path)]} if target == "hives" else {target: str(tmp_path / target)}

    return build


def told(profile):
    return {name: profile[name] for name in ("outcome", "state", "before", "after", "error")}


@pytest.mark.parametrize(("target", "desired", "name"), EVERY)
def test_apply_converges_and_tells_before_and_after(scene, target, desired, name):
    path, where = scene(target, name)
    before, compliant = BEFORE[name], complies(desired, BEFORE[name].state)
    done = call("apply", {"state": desired, **where})
    assert told(done.profile("NTUSER.DAT" if target != "hives" else "ann.dat")) == {
        "outcome": "compliant" if compliant else "changed", "state": before.state, "before": before.seen,
        "after": after(desired, before), "error": None}
    assert (done.code, done.result["changed"], done.result["failed"]) == (0, not compliant, False)
    hives.check(path)


@pytest.mark.parametrize(("target", "desired", "name"), EVERY)
def test_get_sees_what_apply_told(scene, target, desired, name):
    _, where = scene(target, name)
    call("apply", {"state": desired, **where})
    assert call("get", where).result["profiles"][0]["before"] == after(desired, BEFORE[name])


@pytest.mark.parametrize(("target", "desired", "name"), EVERY)
def test_check_tells_the_same_and_writes_nothing(scene, tmp_path, target, desired, name):
    _, where = scene(target, name)
    before, compliant = BEFORE[name], complies(desired, BEFORE[name].state)
    untouched = hives.snapshot(tmp_path)
    done = call("check", {"state": desired, **where})
    assert hives.snapshot(tmp_path) == untouched
    assert told(done.result["profiles"][0]) == {
        "outcome": "compliant" if compliant else "changed", "state": before.state, "before": before.seen,
        "after": after(desired, before), "error": None}
    assert (done.code, done.result["changed"]) == (0 if compliant else 1, not compliant)


@pytest.mark.parametrize(("target", "desired", "name"), EVERY)
def test_a_second_apply_changes_no_byte(scene, tmp_path, target, desired, name):
    _, where = scene(target, name)
    call("apply", {"state": desired, **where})
    settled = hives.snapshot(tmp_path)
    done = call("apply", {"state": desired, **where})
    assert hives.snapshot(tmp_path) == settled
    assert (done.code, done.result["changed"], "undo" in done.result) == (0, False, False)


@pytest.mark.parametrize(("target", "desired", "name"), MOVING)
def test_check_after_apply_is_compliant(scene, target, desired, name):
    _, where = scene(target, name)
    call("apply", {"state": desired, **where})
    assert call("check", {"state": desired, **where}).code == 0


@pytest.mark.parametrize(("target", "desired", "name"), MOVING)
def test_undo_brings_back_exactly_what_was_there(scene, target, desired, name):
    path, where = scene(target, name)
    was = call("get", where).result["profiles"][0]["before"]
    undo = call("apply", {"state": desired, **where}).result["undo"]
    done = call("apply", undo)
    assert (done.code, done.result["changed"]) == (0, True)
    assert call("get", where).result["profiles"][0]["before"] == was == BEFORE[name].seen
    hives.check(path)


@pytest.mark.parametrize(("desired", "name"), pairs(COMMON, moving=True))
def test_undo_of_the_undo_is_the_desired_state_again(scene, desired, name):
    _, where = scene("hives", name)
    undo = call("apply", {"state": desired, **where}).result["undo"]
    again = call("apply", undo).result["undo"]
    call("apply", again)
    assert call("check", {"state": desired, **where}).code == 0


@pytest.mark.parametrize("name", BEFORE)
def test_get_tells_the_value_and_writes_nothing(scene, tmp_path, name):
    _, where = scene("hives", name)
    untouched = hives.snapshot(tmp_path)
    done = call("get", where)
    assert hives.snapshot(tmp_path) == untouched
    assert told(done.result["profiles"][0]) == {
        "outcome": "observed", "state": BEFORE[name].state, "before": BEFORE[name].seen,
        "after": BEFORE[name].seen, "error": None}


@pytest.mark.parametrize("name", ["DWORD 1", "SZ 0", "DWORD 1 among others"])
def test_absent_never_deletes_the_key(scene, name):
    path, where = scene("hives", name)
    keys = hives.counts(path)["keys"]
    call("apply", {"state": "absent", **where})
    assert hives.counts(path)["keys"] == keys


@pytest.mark.parametrize(("name", "made"), [("no key Exchange", 1), ("no key Microsoft", 2),
                                            ("no key Software", 3)])
def test_the_keys_on_the_way_are_made(scene, name, made):
    path, where = scene("hives", name)
    keys = hives.counts(path)["keys"]
    call("apply", {"state": "enabled", **where})
    assert hives.counts(path)["keys"] == keys + made


@pytest.mark.parametrize("name", ["no key Exchange", "no key Software"])
def test_no_key_is_made_for_a_value_that_shall_be_absent(scene, name):
    path, where = scene("hives", name)
    untouched = hives.snapshot(path)
    call("apply", {"state": "absent", **where})
    assert hives.snapshot(path) == untouched


@pytest.mark.parametrize("desired", ["enabled", "absent"])
def test_the_values_beside_it_stay(scene, desired):
    path, where = scene("hives", "DWORD 1 among others")
    values = hives.counts(path)["values"]
    call("apply", {"state": desired, **where})
    assert hives.counts(path)["values"] == values - (desired == "absent")


def test_undo_brings_back_a_value_of_256_kib(tmp_path):
    path = hives.make(tmp_path / "ann.dat", hives.user(value("REG_BINARY", {"fill": 262144})))
    undo = call("apply", {"state": "enabled", "hives": [str(path)]}).result["undo"]
    call("apply", undo)
    after_ = call("get", {"hives": [str(path)]}).result["profiles"][0]["before"]
    assert after_ == {"type": "REG_BINARY", "data": fill(262144)}


@pytest.mark.parametrize("verb", ["get", "check", "apply"])
def test_a_value_above_256_kib_is_not_read(tmp_path, verb):
    path = hives.make(tmp_path / "ann.dat", hives.user(value("REG_BINARY", {"fill": 262145})))
    before = hives.snapshot(path)
    done = call(verb, {"hives": [str(path)], **({} if verb == "get" else {"state": "enabled"})})
    assert (done.code, done.kinds) == (2, ["unsupported"])
    assert hives.snapshot(path) == before


@pytest.mark.parametrize("minor", [3, 4, 5, 6])
def test_every_hive_version_converges(tmp_path, minor):
    path = hives.make(tmp_path / "ann.dat", hives.user(dword(1), minor=minor))
    done = call("apply", {"state": "enabled", "hives": [str(path)]})
    assert (done.code, done.result["profiles"][0]["after"]) == (0, number(0))
    hives.check(path)
