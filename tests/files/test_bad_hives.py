# SPDX-License-Identifier: MIT
"""Broken, foreign and hostile hives: refused with the right kind, byte for byte untouched, and alone in it.

A hive is read along the way to the value only. So damage elsewhere does not keep it from being read, nor four
bytes from being changed in place; but a hive whose structure is to change is gone through as a whole before.
"""

import shutil
import struct
import sys

import pytest

from support import hives
from support.tool import call

NIL = 0xFFFFFFFF
FAR = 0x7FFFFFF8
PATH = ["", "Software", r"Software\Microsoft", r"Software\Microsoft\Exchange"]
ROOT, SOFTWARE, MICROSOFT, EXCHANGE = PATH
BESIDE = "Environment"


class Damage:
    """A hive of the builder being damaged, at places by name: see hives.offsets."""

    def __init__(self, path, places):
        self.data = bytearray(path.read_bytes())
        self.places = places

    def nk(self, key):
        return self.places[key]["nk"]

    def list(self, key):
        return self.places[key]["list"]

    def vk(self, key=EXCHANGE, name=hives.NAME):
        return self.places[key]["value"][name]["vk"]

    def value_data(self, key=EXCHANGE, name=hives.NAME):
        return self.places[key]["value"][name]["data"]

    def cell(self, at):
        """The cell offset of what stands at a file offset."""
        return at - 4 - 4096

    def free(self):
        """The offset of a free cell."""
        at = 4096 + 32
        while True:
            size = struct.unpack_from("<i", self.data, at)[0]
            if size > 0:
                return at - 4096
            at -= size

    def put(self, form, at, *numbers):
        struct.pack_into("<" + form, self.data, at, *numbers)

    def get32(self, at):
        return struct.unpack_from("<I", self.data, at)[0]


def at_nk(key, offset, number, form="I"):
    return lambda d: d.put(form, d.nk(key) + offset, number)


def at_list(key, offset, number, form="I"):
    return lambda d: d.put(form, d.list(key) + offset, number)


def at_vk(offset, number, form="I", key=EXCHANGE, name=hives.NAME):
    return lambda d: d.put(form, d.vk(key, name) + offset, number)


def at_base(offset, number, form="I"):
    return lambda d: d.put(form, offset, number)


def cell_size(where, number):
    """The size field of the cell that holds the named thing."""
    return lambda d: d.put("i", where(d) - 4, number)


def segments(d, name):
    """The file offsets of the contents of a big value's segment list."""
    return d.get32(d.value_data(EXCHANGE, name) + 4) + 4096 + 4


READ = "corrupt", "corrupt", "corrupt"   # get, a change in place, a change of the structure
DEEP = None, None, "corrupt"             # only who goes through the whole hive sees it
PLAIN = {"minor": 5, "free": 8}
# Damage on the way to the value; the kinds are those of READ unless told.
ON_THE_WAY = {
    "list-out-of-hive": at_list(SOFTWARE, 4, FAR),
    "list-element-nil": at_list(SOFTWARE, 4, NIL),
    "list-element-misaligned": lambda d: d.put("I", d.list(SOFTWARE) + 4, d.get32(d.list(SOFTWARE) + 4) + 4),
    "list-element-in-bin-header": at_list(SOFTWARE, 4, 8),
    "list-element-at-end": lambda d: d.put("I", d.list(SOFTWARE) + 4, d.get32(40)),
    "list-element-last-8-bytes": lambda d: d.put("I", d.list(SOFTWARE) + 4, d.get32(40) - 8),
    "list-element-free": lambda d: d.put("I", d.list(SOFTWARE) + 4, d.free()),
    "list-element-itself": lambda d: d.put("I", d.list(SOFTWARE) + 4, d.cell(d.list(SOFTWARE))),
    "list-element-value": lambda d: d.put("I", d.list(SOFTWARE) + 4, d.cell(d.vk())),
    "list-nil": at_nk(SOFTWARE, 28, NIL),
    "list-far": at_nk(SOFTWARE, 28, FAR),
    "list-is-the-key": lambda d: d.put("I", d.nk(SOFTWARE) + 28, d.cell(d.nk(SOFTWARE))),
    "list-is-free": lambda d: d.put("I", d.nk(SOFTWARE) + 28, d.free()),
    "list-signature": at_list(SOFTWARE, 0, 0x7878, "H"),
    "list-count": at_list(SOFTWARE, 2, 0xFFFF, "H"),
    "list-count-zero": at_list(SOFTWARE, 2, 0, "H"),
    "list-cell-free": cell_size(lambda d: d.list(SOFTWARE), 16),
    "list-cell-tiny": cell_size(lambda d: d.list(SOFTWARE), -8),
    "nk-signature": at_nk(EXCHANGE, 0, 0x7878, "H"),
    "nk-signature-of-root": at_nk(ROOT, 0, 0x7878, "H"),
    "nk-name-beyond-cell": at_nk(EXCHANGE, 72, 40, "H"),
    "nk-name-huge": at_nk(EXCHANGE, 72, 0xFFFF, "H"),
    "nk-name-empty": at_nk(EXCHANGE, 72, 0, "H"),
    "nk-parent": at_nk(EXCHANGE, 16, 32),
    "nk-parent-nil": at_nk(MICROSOFT, 16, NIL),
    "nk-cell-zero": cell_size(lambda d: d.nk(EXCHANGE), 0),
    "nk-cell-odd": cell_size(lambda d: d.nk(EXCHANGE), -90),
    "nk-cell-free": cell_size(lambda d: d.nk(EXCHANGE), 88),
    "nk-cell-small": cell_size(lambda d: d.nk(EXCHANGE), -40),
    "nk-cell-past-end": cell_size(lambda d: d.nk(EXCHANGE), -0x100000),
    "nk-cell-lowest": cell_size(lambda d: d.nk(EXCHANGE), -0x80000000),
    "value-list-nil": at_nk(EXCHANGE, 40, NIL),
    "value-list-far": at_nk(EXCHANGE, 40, FAR),
    "value-list-is-the-key": lambda d: d.put("I", d.nk(EXCHANGE) + 40, d.cell(d.nk(EXCHANGE))),
    "value-list-is-free": lambda d: d.put("I", d.nk(EXCHANGE) + 40, d.free()),
    "value-count": at_nk(EXCHANGE, 36, 1000),
    "value-count-huge": at_nk(EXCHANGE, 36, NIL),
    "value-out-of-hive": lambda d: d.put("I", d.places[EXCHANGE]["values"], FAR),
    "value-nil": lambda d: d.put("I", d.places[EXCHANGE]["values"], NIL),
    "value-is-the-list": lambda d: d.put("I", d.places[EXCHANGE]["values"],
                                         d.cell(d.places[EXCHANGE]["values"])),
    "value-is-the-key": lambda d: d.put("I", d.places[EXCHANGE]["values"], d.cell(d.nk(EXCHANGE))),
    "vk-signature": at_vk(0, 0x7878, "H"),
    "vk-name-beyond-cell": at_vk(2, 0x100, "H"),
    "vk-inline-5": at_vk(4, 0x80000005),
    "vk-inline-huge": at_vk(4, 0xFFFFFFFF),
    "vk-cell-free": cell_size(lambda d: d.vk(), 40),
    "root-nil": at_base(36, NIL),
    "root-zero": at_base(36, 0),
    "root-far": at_base(36, FAR),
    "root-misaligned": at_base(36, 36),
    "root-is-a-value": lambda d: d.put("I", 36, d.cell(d.vk())),
    "root-is-free": lambda d: d.put("I", 36, d.free()),
    "bins-size-odd": at_base(40, 4097),
    "bins-size-zero": at_base(40, 0),
    "bins-size-beyond-file": at_base(40, 0x100000),
    "bins-size-below-cells": lambda d: (d.put("I", 40, 4096)),
    "bins-size-negative": (at_base(40, 0xFFFFF000), ("corrupt",) * 3),
    "type-log": at_base(28, 6),
    "type-old-log": at_base(28, 1),
    "type-unknown": at_base(28, 77),
    "signature": at_base(0, 0x78787878),
    "minor-0": (at_base(24, 0), ("unsupported",) * 3),
    "minor-1": (at_base(24, 1), ("unsupported",) * 3),
    "minor-2": (at_base(24, 2), ("unsupported",) * 3),
    "minor-7": (at_base(24, 7), ("unsupported",) * 3),
    "major-0": (at_base(20, 0), ("unsupported",) * 3),
    "major-2": (at_base(20, 2), ("unsupported",) * 3),
    "dirty": (at_base(4, 99), ("dirty",) * 3),
    "ktm": (at_base(144, 1), (None, "dirty", "dirty")),
    "ktm-and-others": (at_base(144, 3), (None, "dirty", "dirty")),
    **{f"symlink-{depth}": (lambda d, key=key: d.put("H", d.nk(key) + 2, 0x30), ("unsupported",) * 3)
       for depth, key in enumerate(PATH)},
    **{f"predefined-{depth}": (lambda d, key=key: d.put("H", d.nk(key) + 2, 0x60), ("unsupported",) * 3)
       for depth, key in enumerate(PATH)},
}


def list_twice(d):
    """The first value is in the list twice; the last one, ours, is still there."""
    values = d.places[EXCHANGE]["values"]
    d.put("I", values + 4, d.get32(values))


def child_is_ancestor(d):
    """A key beside the way names the root as its child."""
    d.put("I", d.list(r"Beside\Inner"), *struct.unpack_from("<I", d.data, d.list(r"Beside\Inner")))
    d.put("I", d.list(r"Beside\Inner") + 4, d.cell(d.nk(ROOT)))


def names_itself(d):
    """A key beside the way names itself as its child."""
    d.put("I", d.list(r"Beside\Inner") + 4, d.cell(d.nk(r"Beside\Inner")))


def two_parents(d):
    """Two keys share a child."""
    d.put("I", d.list(r"Beside\Inner") + 4, d.cell(d.nk(BESIDE)))


def bin_header(offset, number):
    return lambda d: d.put("I", 4096 + offset, number)


# Damage beside the way.
BESIDE_THE_WAY = {
    "nk-signature": at_nk(BESIDE, 0, 0x7878, "H"),
    "nk-name": at_nk(BESIDE, 72, 0xFFFF, "H"),
    "nk-parent": at_nk(BESIDE, 16, 32 + 8),
    "nk-cell-zero": cell_size(lambda d: d.nk(BESIDE), 0),
    "nk-cell-odd": cell_size(lambda d: d.nk(BESIDE), -89),
    "nk-cell-free": cell_size(lambda d: d.nk(BESIDE), 88),
    "nk-cell-crossing": cell_size(lambda d: d.nk(BESIDE), -0x10000),
    "free-cell-zero": lambda d: d.put("i", d.free() + 4096, 0),
    "free-cell-odd": lambda d: d.put("i", d.free() + 4096, 12),
    "free-cell-crossing": lambda d: d.put("i", d.free() + 4096, 0x10000),
    "list-element": at_list(r"Beside", 4, FAR),
    "list-count": at_list("Beside", 2, 500, "H"),
    "list-signature": at_list("Beside", 0, 0x7878, "H"),
    "subkey-count": at_nk("Beside", 20, 2),
    "list-is-shared": lambda d: d.put("I", d.nk(BESIDE) + 28, d.cell(d.list("Beside"))) or d.put(
        "I", d.nk(BESIDE) + 20, 1),
    "child-is-ancestor": child_is_ancestor,
    "names-itself": names_itself,
    "two-parents": two_parents,
    "value-list": at_nk(BESIDE, 40, FAR),
    "value-count": at_nk(BESIDE, 36, 500),
    "value-listed-twice": list_twice,
    "vk-signature": at_vk(0, 0x7878, "H", BESIDE, "TEMP"),
    "vk-data": at_vk(8, FAR, "I", BESIDE, "TEMP"),
    "vk-data-free": lambda d: d.put("I", d.vk(BESIDE, "TEMP") + 8, d.free()),
    "vk-size": at_vk(4, 5000, "I", BESIDE, "TEMP"),
    "vk-inline-5": at_vk(4, 0x80000005, "I", BESIDE, "TEMP"),
    "vk-data-is-shared": lambda d: d.put("I", d.vk(BESIDE, "TEMP") + 8, d.cell(d.nk(ROOT))),
    "db-signature": lambda d: d.put("H", d.value_data(EXCHANGE, "Big"), 0x7878),
    "db-count": lambda d: d.put("H", d.value_data(EXCHANGE, "Big") + 2, 9),
    "db-list": lambda d: d.put("I", d.value_data(EXCHANGE, "Big") + 4, FAR),
    "db-segment": lambda d: d.put("I", segments(d, "Big"), FAR),
    "db-segment-twice": lambda d: d.put("I", segments(d, "Big"), d.get32(segments(d, "Big") + 4)),
    "db-segment-short": lambda d: d.put("I", segments(d, "Big") + 4, d.free()),
    "sk-nil": at_nk(BESIDE, 44, NIL),
    "sk-far": at_nk(BESIDE, 44, FAR),
    "sk-is-a-key": lambda d: d.put("I", d.nk(BESIDE) + 44, d.cell(d.nk(ROOT))),
    "sk-nil-on-the-way": at_nk(EXCHANGE, 44, NIL),
    "sk-signature": lambda d: d.put("H", d.places[BESIDE]["sk"], 0x7878),
    "class-far": lambda d: d.put("IH", d.nk(BESIDE) + 48, FAR, 0) or d.put("H", d.nk(BESIDE) + 74, 8),
    "bin-signature": bin_header(0, 0x78787878),
    "bin-offset": bin_header(4, 4096),
    "bin-size-zero": bin_header(8, 0),
    "bin-size-odd": bin_header(8, 4097),
    "bin-size-beyond": bin_header(8, 0x100000),
}
BAD = {f"on-the-way-{name}": case if isinstance(case, tuple) else (case, READ)
       for name, case in ON_THE_WAY.items()}
BAD |= {f"beside-{name}": (case, DEEP) for name, case in BESIDE_THE_WAY.items()}
NEIGHBOURS = [hives.value("REG_SZ", "text", "First"), hives.value("REG_SZ", "text", "Second"),
              hives.value("REG_BINARY", {"fill": 40000}, "Big")]


def spec_of(*values, **options):
    """Exchange with the given values; keys beside the way, one of them two deep."""
    spec = hives.user(*values, **PLAIN, **options)
    spec["root"]["keys"].append({"name": "Beside", "keys": [{"name": "Inner", "keys": [{"name": "Leaf"}]}]})
    return spec


def make(folder, spec, damage):
    folder.mkdir()
    path = folder / "bad"
    hive = Damage(path, hives.offsets(spec, path))
    damage(hive)
    path.write_bytes(hive.data)
    hives.patch(path)
    return path


def hold(bad, good, kind, verb, **request):
    """One run over a bad hive and a good one: the bad fails as told, the good one is as it should be."""
    before = hives.snapshot(bad.parent)
    done = call(verb, {**request, "hives": [str(good), str(bad)]})
    profile = done.profile(bad.name)
    found = profile["error"] and profile["error"]["kind"]
    assert found == kind, profile
    assert done.profile(good.name)["error"] is None
    if kind is None:
        return profile
    assert done.code == 2 and done.result["failed"]
    assert (profile["state"], profile["before"]) == (None, None) or verb == "apply"
    assert hives.snapshot(bad.parent) == before
    return profile


KINDS = ["get", "check", "in-place", "structure"]


@pytest.mark.parametrize("how", KINDS)
@pytest.mark.parametrize("name", BAD)
def test_damaged_hives(tmp_path, name, how):
    """Reading, and both kinds of change, of a hive with one thing wrong."""
    damage, kinds = BAD[name]
    kind = kinds[max(0, KINDS.index(how) - 1)]
    bad = make(tmp_path / "b", spec_of(*NEIGHBOURS, hives.dword(1)), damage)
    good = hives.make(tmp_path / "g" / "good", hives.user(hives.dword(1)))
    request = {"get": {}, "check": {"state": "enabled"}, "in-place": {"state": "enabled"},
               "structure": {"state": "absent"}}[how]
    profile = hold(bad, good, kind, how if how in ("get", "check") else "apply", **request)
    if "state" in request and how != "check":
        after = call("get", {"hives": [str(good)]}).result["profiles"][0]["state"]
        assert after == request["state"]
        if kind is None:
            found = call("get", {"hives": [str(bad)]}).result["profiles"][0]
            assert (profile["outcome"], found["state"]) == ("changed", request["state"])


@pytest.mark.parametrize("minor", [3, 5])
@pytest.mark.parametrize("name,damage", [
    ("first-leaf-far", lambda d: d.put("I", d.list(MICROSOFT) + 4, FAR)),
    ("first-leaf-nil", lambda d: d.put("I", d.list(MICROSOFT) + 4, NIL)),
    ("nested", lambda d: d.put("I", d.list(MICROSOFT) + 4, d.cell(d.list(MICROSOFT)))),
    ("nested-in-another", lambda d: d.put("I", d.list(MICROSOFT) + 4, d.cell(d.list(ROOT)))),
    ("leaf-is-a-key", lambda d: d.put("I", d.list(MICROSOFT) + 4, d.cell(d.nk(ROOT)))),
    ("leaf-is-free", lambda d: d.put("I", d.list(MICROSOFT) + 4, d.free())),
    ("leaf-signature", lambda d: d.put("H", d.places[MICROSOFT]["leaves"][0], 0x7878)),
    ("leaf-count", lambda d: d.put("H", d.places[MICROSOFT]["leaves"][0] + 2, 999)),
    ("count", lambda d: d.put("H", d.list(MICROSOFT) + 2, 999)),
    ("count-zero", lambda d: d.put("H", d.list(MICROSOFT) + 2, 0)),
])
def test_damaged_lists_of_lists(tmp_path, name, damage, minor):
    """An ri list on the way, broken: corrupt for everybody."""
    spec = {**spec_of(hives.dword(1)), "leaf_max": 1, "minor": minor}
    bad = make(tmp_path / "b", spec, damage)
    good = hives.make(tmp_path / "g" / "good", hives.user(hives.dword(1)))
    for verb, state in [("get", None), ("check", "enabled"), ("apply", "enabled"), ("apply", "absent")]:
        hold(bad, good, "corrupt", verb, **({"state": state} if state else {}))


@pytest.mark.parametrize("name,damage", [
    ("signature", lambda d: d.put("H", d.value_data(), 0x7878)),
    ("count-less", lambda d: d.put("H", d.value_data() + 2, 2)),
    ("count-more", lambda d: d.put("H", d.value_data() + 2, 4)),
    ("count-zero", lambda d: d.put("H", d.value_data() + 2, 0)),
    ("count-most", lambda d: d.put("H", d.value_data() + 2, 0xFFFF)),
    ("list-far", lambda d: d.put("I", d.value_data() + 4, FAR)),
    ("list-is-the-record", lambda d: d.put("I", d.value_data() + 4, d.cell(d.value_data()))),
    ("segment-far", lambda d: d.put("I", segments(d, hives.NAME) + 4, FAR)),
    ("segment-is-free", lambda d: d.put("I", segments(d, hives.NAME), d.free())),
    ("segment-is-short", lambda d: d.put("I", segments(d, hives.NAME), d.cell(d.value_data()))),
    ("size-more", lambda d: d.put("I", d.vk() + 4, 50000)),
    ("size-less", lambda d: d.put("I", d.vk() + 4, 17000)),
    ("data-far", lambda d: d.put("I", d.vk() + 8, FAR)),
    ("data-is-free", lambda d: d.put("I", d.vk() + 8, d.free())),
])
def test_damaged_big_data(tmp_path, name, damage):
    """Our value itself is big, and its segments are wrong: it cannot be read, so it is not overwritten."""
    bad = make(tmp_path / "b", spec_of(hives.value("REG_BINARY", {"fill": 40000})), damage)
    good = hives.make(tmp_path / "g" / "good", hives.user(hives.dword(1)))
    for verb, state in [("get", None), ("check", "enabled"), ("apply", "enabled"), ("apply", "absent")]:
        hold(bad, good, "corrupt", verb, **({"state": state} if state else {}))


@pytest.mark.parametrize("name,damage", [
    ("far", lambda d: d.put("I", d.vk() + 8, FAR)),
    ("nil", lambda d: d.put("I", d.vk() + 8, NIL)),
    ("free", lambda d: d.put("I", d.vk() + 8, d.free())),
    ("longer-than-its-cell", lambda d: d.put("I", d.vk() + 4, 4000)),
])
def test_damaged_data_cells(tmp_path, name, damage):
    """Our value has a cell for its data, and that is wrong."""
    bad = make(tmp_path / "b", spec_of(hives.dword(1, inline=False)), damage)
    good = hives.make(tmp_path / "g" / "good", hives.user(hives.dword(1)))
    for verb, state in [("get", None), ("check", "enabled"), ("apply", "enabled"), ("apply", "absent")]:
        hold(bad, good, "corrupt", verb, **({"state": state} if state else {}))


def test_a_value_beyond_what_can_be_put_back(tmp_path):
    """More than 256 KiB: it would be lost for undo, so it is left alone."""
    bad = hives.make(tmp_path / "b" / "bad", hives.user(hives.value("REG_BINARY", {"fill": 262145})))
    good = hives.make(tmp_path / "g" / "good", hives.user(hives.dword(1)))
    for verb, state in [("get", None), ("check", "enabled"), ("apply", "enabled"), ("apply", "absent")]:
        hold(bad, good, "unsupported", verb, **({"state": state} if state else {}))


def test_pending_transactions_matter_only_when_written(tmp_path):
    """A compliant hive with the KTM flag is compliant."""
    bad = make(tmp_path / "b", spec_of(hives.dword(0)), at_base(144, 1))
    before = hives.snapshot(bad)
    assert call("check", {"state": "enabled", "hives": [str(bad)]}).code == 0
    assert call("apply", {"state": "enabled", "hives": [str(bad)]}).code == 0
    assert hives.snapshot(bad) == before


def nested(depth):
    node = {"name": "Deep"}
    for _ in range(depth):
        node = {"name": "Deep", "keys": [node]}
    spec = hives.user(hives.dword(1))
    spec["root"]["keys"].append(node)
    return spec


@pytest.mark.parametrize("depth,kind", [(400, None), (510, None), (600, "corrupt"), (990, "corrupt")])
def test_deep_trees(tmp_path, depth, kind):
    """Windows takes 512 levels; beyond that the hive is not gone through, but our value can be read."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10000)
    try:
        bad = hives.make(tmp_path / "b" / "bad", nested(depth))
    finally:
        sys.setrecursionlimit(limit)
    good = hives.make(tmp_path / "g" / "good", hives.user(hives.dword(1)))
    hold(bad, good, None, "get")
    hold(bad, good, kind, "apply", state="absent")


@pytest.mark.parametrize("state", ["enabled", "absent"])
@pytest.mark.parametrize("first", [hives.dword(1), hives.value("REG_SZ", "1")], ids=["dword", "sz"])
def test_two_values_of_our_name(tmp_path, first, state):
    """Either refused, or what apply says it did is so afterwards."""
    path = hives.make(tmp_path / "h", hives.user(first, hives.value("REG_SZ", "again")))
    before = hives.snapshot(tmp_path)
    done = call("apply", {"state": state, "hives": [str(path)]})
    if done.code != 0:
        assert done.kinds == ["corrupt"] and hives.snapshot(tmp_path) == before
        return
    assert call("check", {"state": state, "hives": [str(path)]}).code == 0


def rename(old, new):
    """Gives the key beside Exchange another name, of the same length, with its hash in the list."""
    def damage(d):
        value = 0
        for char in new.upper():
            value = (value * 37 + ord(char)) & 0xFFFFFFFF
        nk, at = d.nk(rf"{MICROSOFT}\{old}"), d.list(MICROSOFT) + 4
        d.data[nk + 76:nk + 76 + len(new)] = new.encode()
        while d.get32(at) != d.cell(nk):
            at += 8
        d.put("I", at + 4, value)
    return damage


@pytest.mark.parametrize("old,new", [("Office", "Zffice"), ("Windows", "Aindows")],
                         ids=["too-late", "too-early"])
def test_no_key_is_made_in_an_unsorted_list(tmp_path, old, new):
    """Where it belongs cannot be told: Windows searches by halves."""
    spec = spec_of()
    spec["root"]["keys"][0]["keys"][0]["keys"] = [{"name": "Azure"}, {"name": "Office"}, {"name": "Windows"}]
    bad = make(tmp_path / "b", spec, rename(old, new))
    good = hives.make(tmp_path / "g" / "good", hives.user(hives.dword(1)))
    hold(bad, good, "corrupt", "apply", state="enabled")


def test_subkeys_of_one_name(tmp_path):
    """Two keys Exchange: which one Windows finds cannot be told, so nothing is made or removed there."""
    spec = spec_of(hives.dword(1))
    spec["root"]["keys"][0]["keys"][0]["keys"].append({"name": "Exchangf", "values": [hives.dword(1)]})
    bad = make(tmp_path / "b", spec, rename("Exchangf", "Exchange"))
    good = hives.make(tmp_path / "g" / "good", hives.user(hives.dword(1)))
    hold(bad, good, "corrupt", "apply", state="absent")


FILES = {
    "empty": (b"", "corrupt"),
    "100-bytes": (b"regf" + bytes(96), "corrupt"),
    "text": (b"This is no hive.\n" * 600, "corrupt"),
    "zeros": (bytes(16384), "corrupt"),
    "signature-only": (b"regf" + bytes(16380), "corrupt"),
}


@pytest.mark.parametrize("verb", ["get", "check", "apply"])
@pytest.mark.parametrize("name", FILES)
def test_files_that_are_no_hives(tmp_path, name, verb):
    """A file of something else."""
    content, kind = FILES[name]
    bad = tmp_path / "b" / "bad"
    bad.parent.mkdir()
    bad.write_bytes(content)
    good = hives.make(tmp_path / "g" / "good", hives.user(hives.dword(1)))
    hold(bad, good, kind, verb, **({"state": "enabled"} if verb != "get" else {}))


@pytest.mark.parametrize("size", [511, 512, 4095, 4096, 4097, 8191, -1])
@pytest.mark.parametrize("verb", ["get", "apply"])
def test_hives_cut_short(tmp_path, size, verb):
    """A copy that broke off."""
    bad = hives.make(tmp_path / "b" / "bad", spec_of(hives.dword(1), size=20000))
    bad.write_bytes(bad.read_bytes()[:size])
    good = hives.make(tmp_path / "g" / "good", hives.user(hives.dword(1)))
    hold(bad, good, "corrupt", verb, **({"state": "enabled"} if verb != "get" else {}))


@pytest.mark.parametrize("format_,suffix", [("hvle", ".LOG1"), ("dirt", ".LOG")])
@pytest.mark.parametrize("verb", ["get", "apply"])
def test_a_log_given_as_a_hive(tmp_path, format_, suffix, verb):
    """The name of the log instead of that of the hive."""
    root = hives.user(hives.dword(1))["root"]
    made = hives.make(tmp_path / "m" / "h", {**hives.user(), "log": {"format": format_, "root": root}})
    bad = tmp_path / "b" / "bad"
    bad.parent.mkdir()
    shutil.copy(f"{made}{suffix}", bad)
    good = hives.make(tmp_path / "g" / "good", hives.user(hives.dword(1)))
    hold(bad, good, "corrupt", verb, **({"state": "enabled"} if verb != "get" else {}))


# Real and made-up hives of other people's tests: the kinds of get, and of a change.
CORPUS = {
    "yarp/TruncatedHive": ("corrupt", "corrupt"),
    "yarp/GarbageHive": ("corrupt", "corrupt"),
    "yarp/BadListHive": (None, "corrupt"),
    "plaso/corrupt_sub_key_list.hiv": (None, "corrupt"),
    "yarp/WrongOrderHive": (None, "corrupt"),
    "yarp/DuplicateSubkeysHive": (None, "corrupt"),
    "yarp/BadLogHive1/BadLogHive": ("dirty", "dirty"),
    "regipy-bagmru/NTUSER.DAT": ("dirty", "dirty"),
}


@pytest.mark.corpus
@pytest.mark.parametrize("verb", ["get", "check", "apply"])
@pytest.mark.parametrize("name", CORPUS)
def test_bad_hives_of_the_corpus(corpus, tmp_path, name, verb):
    """Hives that others broke, or found broken."""
    (tmp_path / "b").mkdir()
    bad = tmp_path / "b" / "bad"
    for path in (corpus / name).parent.glob((corpus / name).name + "*"):
        shutil.copyfile(path, tmp_path / "b" / path.name.replace((corpus / name).name, "bad"))
    good = hives.make(tmp_path / "g" / "good", hives.user(hives.dword(1)))
    kind = CORPUS[name][verb == "apply"]
    hold(bad, good, kind, verb, **({"state": "enabled"} if verb != "get" else {}))
