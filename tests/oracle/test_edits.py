# SPDX-License-Identifier: MIT
"""Every kind of edit on every kind of hive, held against two other readers: nothing but the value changes."""

import shutil
import struct

import pytest

from support import hives, oracles
from support.tool import call, run

DWORD = {0: (4, b"\0\0\0\0"), 1: (4, b"\1\0\0\0")}
OFF = {"state": "disabled"}
ON = {"state": "enabled"}
GONE = {"state": "absent"}
NEIGHBOURS = [hives.value("REG_SZ", "text", "First"), hives.value("REG_BINARY", {"fill": 900}, "Second"),
              hives.value("REG_SZ", "", ""), hives.dword(7, "Fourth")]


def put_back(type_, data):
    return {"restore": {"type": type_, "data": data}}


def filled(size):
    """The builder's pattern: no two neighbouring segments of it are alike."""
    return bytes((7 * i + 13 * (i // 256)) % 256 for i in range(size))


def binary(size):
    return put_back("REG_BINARY", filled(size).hex()), (3, filled(size))


def text(string):
    return string.encode("utf-16-le") + b"\0\0"


KEYS = hives.KEY
# name: values before, keys that are there, what is asked, the value after (None: none).
EDITS = {
    "create-value": ([], KEYS, OFF, DWORD[1]),
    "create-value-among-others": (NEIGHBOURS, KEYS, OFF, DWORD[1]),
    "create-exchange": ([], KEYS[:2], OFF, DWORD[1]),
    "create-microsoft": ([], KEYS[:1], OFF, DWORD[1]),
    "create-software": ([], (), OFF, DWORD[1]),
    "change-dword": ([hives.dword(0)], KEYS, OFF, DWORD[1]),
    "change-dword-among-others": ([*NEIGHBOURS, hives.dword(1)], KEYS, ON, DWORD[0]),
    "change-dword-to-odd": ([hives.dword(1)], KEYS, put_back("REG_DWORD", 0xFEDCBA98),
                            (4, b"\x98\xba\xdc\xfe")),
    "sz-to-dword": ([hives.value("REG_SZ", "0")], KEYS, ON, DWORD[0]),
    "empty-sz-to-dword": ([hives.value("REG_SZ")], KEYS, ON, DWORD[0]),
    "long-sz-to-dword": ([hives.value("REG_SZ", "x" * 3000)], KEYS, ON, DWORD[0]),
    "big-binary-to-dword": ([hives.value("REG_BINARY", {"fill": 50000})], KEYS, ON, DWORD[0]),
    "big-endian-to-dword": ([hives.value("REG_DWORD_BIG_ENDIAN", 0)], KEYS, ON, DWORD[0]),
    "qword-to-dword": ([hives.value("REG_QWORD", 0)], KEYS, ON, DWORD[0]),
    "own-cell-dword": ([hives.dword(1, inline=False)], KEYS, ON, DWORD[0]),
    "short-dword": ([hives.value("REG_DWORD", {"fill": 2})], KEYS, ON, DWORD[0]),
    "empty-dword": ([hives.value("REG_DWORD")], KEYS, ON, DWORD[0]),
    "long-dword": ([hives.value("REG_DWORD", {"fill": 8})], KEYS, ON, DWORD[0]),
    "delete-only-value": ([hives.dword(1)], KEYS, GONE, None),
    "delete-first": ([hives.dword(1), *NEIGHBOURS], KEYS, GONE, None),
    "delete-last": ([*NEIGHBOURS, hives.dword(1)], KEYS, GONE, None),
    "delete-middle": ([*NEIGHBOURS[:2], hives.value("REG_SZ", "x" * 40), *NEIGHBOURS[2:]], KEYS, GONE, None),
    "delete-big": ([*NEIGHBOURS, hives.value("REG_BINARY", {"fill": 40000})], KEYS, GONE, None),
    "delete-own-cell": ([hives.dword(1, inline=False)], KEYS, GONE, None),
    "restore-nothing": ([hives.dword(1)], KEYS, {"restore": None}, None),
    "restore-sz": ([hives.dword(1)], KEYS, put_back("REG_SZ", "größer \U0001f600"),
                   (1, text("größer \U0001f600"))),
    "restore-expand-sz": ([hives.dword(1)], KEYS, put_back("REG_EXPAND_SZ", "%A%"), (2, text("%A%"))),
    "restore-multi-sz": ([hives.dword(1)], KEYS, put_back("REG_MULTI_SZ", ["one", "two"]),
                         (7, text("one") + text("two") + b"\0\0")),
    "restore-qword": ([hives.dword(1)], KEYS, put_back("REG_QWORD", 5), (11, struct.pack("<Q", 5))),
    "restore-into-nothing": ([], (), put_back("REG_SZ", "new"), (1, text("new"))),
    "restore-same-size": ([hives.value("REG_BINARY", {"fill": 100})], KEYS,
                          put_back("REG_BINARY", "ff" * 100), (3, b"\xff" * 100)),
    **{f"restore-binary-{size}": ([hives.dword(1)], KEYS, *binary(size))
       for size in (0, 1, 3, 4, 5, 8, 100, 16343, 16344, 16345, 16348, 32688, 32689, 40000)},
    "restore-binary-40000-over-20000": ([hives.value("REG_BINARY", {"fill": 20000})], KEYS, *binary(40000)),
    "restore-binary-100-over-40000": ([hives.value("REG_BINARY", {"fill": 40000})], KEYS, *binary(100)),
}


def spec_of(values, keys=KEYS, **options):
    return hives.user(*values, keys=keys, **options)


def microsoft(spec):
    return spec["root"]["keys"][0]["keys"][0]


def siblings(spec, count, depth=1, name="Key{:04}"):
    """Adds `count` keys beside the key that is at `depth` (or is to be made there)."""
    node = spec["root"]
    for _ in range(depth):
        node = node["keys"][0]
    node["keys"] = [*node.get("keys", []), *({"name": name.format(i)} for i in range(count))]
    return spec


def with_names(spec, names):
    for parent in (spec["root"], spec["root"]["keys"][0], microsoft(spec)):
        parent["keys"] += [{"name": name} for name in names]
    return spec


def with_values(spec, *values):
    spec["root"].setdefault("values", []).extend(values)
    for child in spec["root"]["keys"]:
        child.setdefault("values", []).extend(values)
    return spec


def with_security(spec):
    for number, child in enumerate(spec["root"]["keys"]):
        child["security"] = number + 1
    microsoft(spec)["security"] = 40
    microsoft(spec)["class"] = "Shell"
    return spec


LATIN = ["Élan", "éclair", "ÿ", "Ärger", "Exchangé", "ß", "Ex", "Exch", "Exchangf"]
WIDE = ["Ключ", "日本語", "Exchange\u0416", "\u0131nfo", "E\U0001f600", "ﬀ", "ǅ", "ŉ"]
BIG = [hives.value("REG_BINARY", {"fill": 17000}, "B1"), hives.value("REG_BINARY", {"fill": 100000}, "B2"),
       hives.value("REG_NONE", name="Zero"), hives.value("REG_DWORD", {"fill": 8}, "OddDword"),
       {"name": "OddType", "type": 0x12345, "hex": "0102030405"}]
BASE = {"values": NEIGHBOURS}
# What the hive around the edit is like: a spec made of the edit's own, and its options.
HIVES = {
    "minor-3": lambda spec: {**spec, "minor": 3},
    "minor-4": lambda spec: {**spec, "minor": 4},
    "minor-5": lambda spec: {**spec, "minor": 5},
}
AROUND = {
    "bare": lambda spec: spec,
    "minor-3-li": lambda spec: {**siblings(spec, 40, 0), "minor": 3, "lists": "li"},
    "minor-3-lf": lambda spec: {**siblings(spec, 40, 0), "minor": 3, "lists": "lf"},
    "minor-5-li": lambda spec: {**siblings(spec, 40, 0), "lists": "li"},
    "minor-5-lf": lambda spec: {**siblings(spec, 40, 0), "lists": "lf"},
    "minor-5-lh": lambda spec: {**siblings(spec, 40, 0), "lists": "lh"},
    "ri-of-3": lambda spec: {**siblings(spec, 20, 0), "leaf_max": 3},
    "ri-of-1": lambda spec: {**siblings(spec, 9, 0), "leaf_max": 1},
    "ri-of-lf": lambda spec: {**siblings(spec, 20, 0), "leaf_max": 5, "minor": 3, "lists": "lf"},
    "ri-of-li": lambda spec: {**siblings(spec, 20, 0), "leaf_max": 5, "minor": 4, "lists": "li"},
    "free": lambda spec: {**siblings(spec, 60, 0), "free": 60},
    "one-free": lambda spec: {**spec, "free": 1},
    "slack": lambda spec: {**spec, "slack": 5000},
    "slack-of-pages": lambda spec: {**spec, "slack": 65536},
    "bulk": lambda spec: {**spec, "size": 300000, "free": 100},
    "big-values": lambda spec: with_values(spec, *BIG),
    "big-values-plain": lambda spec: {**with_values(spec, *BIG), "minor": 3},
    "windows-10": lambda spec: {**spec, "sequence": [4000000000, 4000000000], "name": r"\??\C:\U\NTUSER.DAT"},
}
# Those that need Software and Microsoft to be there.
DEEP = {
    "latin-names": lambda spec: with_names(spec, LATIN),
    "wide-names": lambda spec: with_names(spec, WIDE),
    "all-names-lf": lambda spec: {**with_names(spec, LATIN + WIDE), "minor": 3},
    "all-names-li": lambda spec: {**with_names(spec, LATIN + WIDE), "lists": "li"},
    "all-names-ri": lambda spec: {**with_names(spec, LATIN + WIDE), "leaf_max": 4},
    "securities": with_security,
}
TYPICAL = ["create-value", "create-value-among-others", "create-exchange", "create-microsoft",
           "create-software", "change-dword", "sz-to-dword", "own-cell-dword", "delete-middle",
           "restore-binary-40000"]
CASES = [(edit, name, around) for edit in EDITS for name, around in HIVES.items()]
CASES += [(edit, name, around) for edit in TYPICAL for name, around in AROUND.items()]
CASES += [(edit, name, around) for edit in TYPICAL if len(EDITS[edit][1]) >= 2
          for name, around in DEEP.items()]


def ask(wanted, path):
    """Carries out what is wanted of one hive."""
    if "restore" not in wanted:
        return call("apply", {**wanted, "hives": [str(path)]})
    return call("apply", {"restore": [{"id": str(path), "value": wanted["restore"]}], "hives": [str(path)]})


def is_in_place(before, path, after):
    """Whether the edit is a change of four bytes: then nothing else is written, no timestamp either."""
    found, missing = oracles.find(before, KEYS)
    old = [v for v in before[found].values if v[0].upper() == hives.NAME.upper()]
    return not missing and bool(old) and old[0][1] == 4 == (after or (0,))[0] and is_inline(path)


def is_inline(path):
    """Whether the value's data are in its node: the name follows it in the file."""
    data = path.read_bytes()
    node = data.find(hives.NAME.encode()) - 20
    assert data[node:node + 2] == b"vk"
    return struct.unpack_from("<I", data, node + 4)[0] == 0x80000004


def timestamps_differ(before, after):
    return {path for path in before.keys() & after.keys() if before[path].timestamp != after[path].timestamp}


def may_be_touched(before, after):
    """The key of the value; where keys were made, the one that got a new subkey."""
    made = after.keys() - before.keys()
    return {oracles.find(before, KEYS)[0]} if made else {oracles.find(after, KEYS)[0]}


def hold(path, wanted, after, *, check_options=(), before=None):
    """Carries out an edit and holds the hive against both oracles and the checker."""
    before = before or oracles.dumps(path)
    leaks = hives.counts(path, *check_options)["leaks"]
    in_place = is_in_place(before["hivex"], path, after)
    done = ask(wanted, path)
    assert (done.code, done.result["changed"]) == (0, True), done.out
    trees = oracles.dumps(path)
    for oracle, tree in trees.items():
        expected = oracles.bare(oracles.changed(before[oracle], KEYS, hives.NAME, after))
        assert oracles.bare(tree) == expected, oracles.difference(expected, oracles.bare(tree))
        differ = timestamps_differ(before[oracle], tree)
        assert differ == (set() if in_place else may_be_touched(before[oracle], tree))
    hives.check(path, *check_options)
    assert hives.counts(path, *check_options)["leaks"] <= leaks
    content, stat = path.read_bytes(), path.stat()
    again = ask(wanted, path)
    assert (again.code, again.result["changed"]) == (0, False)
    assert path.read_bytes() == content and path.stat().st_mtime_ns == stat.st_mtime_ns
    return done


@pytest.mark.parametrize("edit,around", [pytest.param(e, a, id=f"{e}-on-{n}") for e, n, a in CASES])
def test_only_the_value_changes(tmp_path, edit, around):
    """The tree after is the tree before, but for the value and the keys it needs."""
    values, keys, wanted, after = EDITS[edit]
    hold(hives.make(tmp_path / "NTUSER.DAT", around(spec_of(values, keys))), wanted, after)


COUNTS = [0, 1, 2, 505, 506, 507, 1011, 1012, 1013, 2000]
LISTS = {"lf": {"minor": 3, "lists": "lf"}, "lh": {"minor": 5, "lists": "lh"},
         "li": {"minor": 3, "lists": "li"}, "lh-leaf-1000": {"minor": 5, "leaf_max": 1000},
         "lf-leaf-65535": {"minor": 3, "lists": "lf", "leaf_max": 65535},
         "ri-of-li-1012": {"minor": 4, "lists": "li", "leaf_max": 1012}}
PLACES = {"before-all": "Zz{:04}", "after-all": "Aa{:04}"}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("lists", LISTS)
@pytest.mark.parametrize("count", COUNTS)
def test_a_key_among_many(tmp_path, count, lists, place):
    """A new key finds its place among many: leaves grow, split, and become leaves of an ri."""
    if count > 1013 and place == "before-all" and lists != "lh":
        count = 1500
    spec = {**spec_of([], KEYS[:2], beside=False), **LISTS[lists]}
    hold(hives.make(tmp_path / "h", siblings(spec, count, 2, PLACES[place])), OFF, DWORD[1])


@pytest.mark.parametrize("count", [507, 1013, 1519, 3000])
def test_a_key_in_the_middle_of_an_ri(tmp_path, count):
    """Half of the siblings come before the new key: it belongs into a leaf in the middle."""
    spec = spec_of([], KEYS[:2], beside=False)
    siblings(spec, count // 2, 2, "Aa{:04}")
    siblings(spec, count - count // 2, 2, "Zz{:04}")
    hold(hives.make(tmp_path / "h", spec), OFF, DWORD[1])


@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize("count", [506, 1012])
def test_full_lists_at_every_level(tmp_path, count, level):
    """Full leaves below the root, Software and Microsoft, where the next key is missing."""
    spec = spec_of([], KEYS[:level], beside=False)
    hold(hives.make(tmp_path / "h", siblings(spec, count, level, "T{:04}")), OFF, DWORD[1])


@pytest.mark.parametrize("count", [1, 2, 3, 500, 1022, 1023, 5000])
def test_a_value_among_many(tmp_path, count):
    """The value list grows with the value, and shrinks with it."""
    many = [hives.dword(i, f"V{i}") for i in range(count)]
    path = hives.make(tmp_path / "h", spec_of(many))
    hold(path, OFF, DWORD[1])
    hold(path, GONE, None)


@pytest.mark.parametrize("spelling", ["SOFTWARE/MICROSOFT/EXCHANGE/MAPIHTTPDISABLED",
                                      "software/microsoft/exchange/mapihttpdisabled"])
@pytest.mark.parametrize("lists", ["li", "lf", "lh"])
def test_names_keep_their_case(tmp_path, spelling, lists):
    """Keys and value are found whatever their case, and stay as they are spelled."""
    *keys, name = spelling.split("/")
    root = {"name": keys[2], "values": [hives.value("REG_SZ", "0", name)]}
    for key in reversed(keys[:2]):
        root = {"name": key, "keys": [root]}
    spec = {"root": {"name": "ROOT", "keys": [root]}, "lists": lists, "minor": 5}
    path = hives.make(tmp_path / "h", spec)
    assert ask(ON, path).code == 0
    assert oracles.bare(oracles.dumps(path)["hivex"])[tuple(keys)] == ((name, *DWORD[0]),)
    hives.check(path)


@pytest.mark.parametrize("edit", [e for e in EDITS if EDITS[e][2] is not EDITS["restore-nothing"][2]])
def test_undo_restores_the_tree(tmp_path, edit):
    """What `undo` says brings back every value, and leaks nothing."""
    values, keys, wanted, _ = EDITS[edit]
    path = hives.make(tmp_path / "h", spec_of(values, keys))
    before = oracles.dumps(path)["hivex"]
    undo = ask(wanted, path).result["undo"]
    done = call("apply", undo)
    assert (done.code, done.result["changed"]) == (0, True), done.out
    old = {**{KEYS[:n]: () for n in (1, 2, 3)}, **oracles.bare(before)}
    new = oracles.bare(oracles.dumps(path)["hivex"])
    assert new == old, oracles.difference(old, new)
    hives.check(path)


def test_many_edits_leak_nothing(tmp_path):
    """Back and forth, again and again: the hive does not grow, for free cells are used again."""
    path = hives.make(tmp_path / "h", spec_of([hives.dword(1)]))
    wanted = [put_back("REG_SZ", "x" * 200), binary(20000)[0], GONE, OFF, binary(5000)[0], ON]
    sizes = []
    for _ in range(4):
        for one in wanted:
            assert ask(one, path).code == 0
            hives.check(path)
        sizes.append(path.stat().st_size)
    assert sizes[0] == sizes[-1] and hives.counts(path)["leaks"] == 0


def test_free_cells_are_used_again(tmp_path):
    """A hive with room does not grow."""
    path = hives.make(tmp_path / "h", {**siblings(spec_of([], KEYS[:1]), 100, 0), "free": 100})
    size, free = path.stat().st_size, hives.counts(path)["free_bytes"]
    assert ask(OFF, path).code == 0
    assert path.stat().st_size == size and hives.counts(path)["free_bytes"] < free


def test_the_slack_is_kept(tmp_path):
    """Bytes after the hive's end are not part of it, and stay."""
    path = hives.make(tmp_path / "h", spec_of([]))
    size = path.stat().st_size
    tail = bytes(range(256)) * 20
    path.write_bytes(path.read_bytes() + tail)
    assert ask(OFF, path).code == 0
    assert path.read_bytes()[size:] == tail


def test_sequence_numbers_and_checksum(tmp_path):
    """A new image is clean, and newer than the old one."""
    path = hives.make(tmp_path / "h", spec_of([], sequence=[77, 77]))
    assert ask(OFF, path).code == 0
    first, second = struct.unpack_from("<II", path.read_bytes(), 4)
    assert first == second == 78


def test_in_place_changes_four_bytes(tmp_path):
    """A number for a number: nothing but its bytes is written."""
    path = hives.make(tmp_path / "h", spec_of([hives.dword(0)]))
    old = path.read_bytes()
    assert ask(put_back("REG_DWORD", 0xFFFFFFFF), path).code == 0
    new = path.read_bytes()
    differ = [i for i, (a, b) in enumerate(zip(old, new)) if a != b]
    assert len(new) == len(old) and len(differ) == 4 and differ[3] - differ[0] == 3 and differ[0] % 4 == 0


IN_16 = {"create-value": False, "create-exchange": False, "sz-to-dword": False, "delete-only-value": False,
         "own-cell-dword": False, "change-dword": True, "change-dword-among-others": True}


@pytest.mark.parametrize("edit", IN_16)
def test_version_16_is_changed_in_place_only(tmp_path, edit):
    """1.6 hives have features that this engine does not know: what is more than four bytes is refused."""
    values, keys, wanted, after = EDITS[edit]
    path = hives.make(tmp_path / "h", {**spec_of(values, keys), "minor": 6})
    if IN_16[edit]:
        hold(path, wanted, after)
        return
    before = hives.snapshot(tmp_path)
    done = ask(wanted, path)
    assert (done.code, done.kinds) == (2, ["unsupported"])
    assert hives.snapshot(tmp_path) == before


def test_sequence_numbers_used_up(tmp_path):
    """They cannot be raised any more: refused, for the hive would look older than its logs."""
    path = hives.make(tmp_path / "h", spec_of([], sequence=[0xFFFFFFFF, 0xFFFFFFFF]))
    before = hives.snapshot(tmp_path)
    done = ask(OFF, path)
    assert (done.code, done.kinds) == (2, ["unsupported"])
    assert hives.snapshot(tmp_path) == before


CLEAN = ["plaso/NTUSER-WIN7.DAT", "plaso/NTUSER-RunTests.DAT", "plaso/NTUSER-CCLEANER.DAT",
         "plaso/100_sub_keys.hiv", "plaso-xp/ntuser.dat", "winreg-kb/NTUSER.DAT", "notatin/NTUSER.DAT",
         "yarp/BigDataHive", "yarp/UnicodeHive", "yarp/ManySubkeysHive",
         "yarp/NewDirtyHive1/RecoveredHive_Windows10",
         "yarp/OldDirtyHive/RecoveredHive_Windows7", "python-registry/REORGANIZED_VALUES_TESTS",
         "python-registry/UNICODE_TESTS"]
# This one has cells that nothing refers to, as Windows left them.
LEAKY = {"yarp/NewDirtyHive1/RecoveredHive_Windows10": ["--allow-leaks"]}


def copy(corpus, name, folder):
    """A copy of a hive of the corpus and of the logs beside it, writable."""
    source = corpus / name
    for path in source.parent.glob(source.name + "*"):
        shutil.copyfile(path, folder / path.name)
    return folder / source.name


@pytest.mark.corpus
@pytest.mark.parametrize("name", CLEAN)
def test_real_hives(corpus, tmp_path, name):
    """Create, restore of a big value, back to a number, change, and delete, on hives of real machines."""
    path = copy(corpus, name, tmp_path)
    logs = {p: p.read_bytes() for p in tmp_path.iterdir() if p != path}
    options = LEAKY.get(name, [])
    for wanted, after in [(OFF, DWORD[1]), (ON, DWORD[0]), binary(40000), (OFF, DWORD[1]), (GONE, None)]:
        hold(path, wanted, after, check_options=options)
    assert {p: p.read_bytes() for p in tmp_path.iterdir() if p != path} == logs


@pytest.mark.corpus
@pytest.mark.parametrize("name", CLEAN)
def test_real_hives_are_read_without_a_trace(corpus, tmp_path, name):
    """get and check agree with the oracles, and touch nothing."""
    path = copy(corpus, name, tmp_path)
    tree = oracles.dumps(path)["hivex"]
    found, missing = oracles.find(tree, KEYS)
    absent = bool(missing) or hives.NAME not in [v[0] for v in tree[found].values]
    before = hives.snapshot(tmp_path)
    assert absent == (run("get", f"hives={path}").result["profiles"][0]["state"] == "absent")
    assert call("check", {**OFF, "hives": [str(path)]}).code == 1
    assert hives.snapshot(tmp_path) == before


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["regipy-transactions/NTUSER.DAT", "regipy-usrclass/UsrClass.dat",
                                  "yarp/NewDirtyHive1/NewDirtyHive", "yarp/OldDirtyHive/OldDirtyHive"])
def test_recovered_hives_can_be_edited(corpus, tmp_path, name):
    """After the apply that recovers them, dirty hives are hives like all others."""
    path = copy(corpus, name, tmp_path)
    options = ["--allow-leaks"]
    assert ask(OFF, path).code == 0
    for wanted, after in [(ON, DWORD[0]), binary(20000), (OFF, DWORD[1]), (GONE, None)]:
        hold(path, wanted, after, check_options=options)
