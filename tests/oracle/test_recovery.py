# SPDX-License-Identifier: MIT
"""Dirty hives: what is read is what the logs make of them; when no log does, nothing is guessed."""

import shutil
import struct

import pytest

from support import hives, oracles
from support.tool import call, run

OFF = {"state": "disabled"}
ON = {"state": "enabled"}
OTHER = {"name": hives.NAME, "type": "REG_SZ", "data": "from the log"}


def user(*values, **more):
    return hives.user(*values, **more)


def rooted(*values, **more):
    return user(*values, **more)["root"]


def step(number):
    """A tree whose value is `number`; each has a key of its own too, so that lists change."""
    root = rooted(hives.dword(number))
    root["keys"].append({"name": f"Step{number:03}"})
    return root


def many(count):
    root = rooted(hives.dword(0))
    root["keys"] += [{"name": f"Grown{i:03}", "values": [hives.value("REG_SZ", "x" * 200, "V")]}
                     for i in range(count)]
    return root


def dirty(after, options=None, before=None, **log):
    return {**user(before or hives.dword(1), minor=5), **(options or {}), "log": {"root": after, **log}}


AFTER = rooted(hives.dword(0))
STEPS = [step(n) for n in (2, 3, 4, 5, 6)]
DIRT = {"format": "dirt"}
# name: a dirty hive; the builder says what recovery makes of it.
HIVES = {
    "one-entry": dirty(AFTER),
    "aligned-to-512": dirty(AFTER, align=512),
    "many-entries": dirty(many(60), entries=9),
    "many-entries-512": dirty(many(60), entries=9, align=512),
    "two-files": dirty(many(60), files=2, entries=2),
    "two-files-many-entries": dirty(many(60), files=2, entries=9),
    "two-files-swapped": dirty(many(60), files=2, entries=9, swap=True),
    "steps": dirty(STEPS),
    "steps-two-files": dirty(STEPS, files=2),
    "steps-two-files-swapped": dirty(STEPS, files=2, swap=True),
    "gap": dirty(STEPS, {"sequence": [255, 256]}, sequence=287),
    "gap-two-files": dirty(STEPS, {"sequence": [567, 566]}, sequence=2000, files=2),
    "high-numbers": dirty(STEPS, {"sequence": [0xFFFFFF01, 0xFFFFFF00]}),
    "growth": dirty(many(400)),
    "growth-with-slack": dirty(many(400), {"slack": 8192}),
    "growth-past-slack": dirty(many(400), {"slack": 512}, entries=3),
    "value-made": dirty(AFTER, before=hives.dword(9, "Another")),
    "value-removed": dirty(rooted(hives.dword(9, "Another"))),
    "exchange-removed": dirty(rooted(keys=hives.KEY[:2])),
    "other-type": dirty(rooted(OTHER)),
    "minor-3": dirty(AFTER, {"minor": 3}),
    "bulk": dirty(AFTER, {"size": 400000}),
    "dirt": dirty(AFTER, {"minor": 3}, **DIRT),
    "dirt-5": dirty(AFTER, **DIRT),
    "dirt-growth": dirty(many(400), {"minor": 3}, **DIRT),
    "dirt-bulk": dirty(AFTER, {"minor": 3, "size": 400000}, **DIRT),
    "broken-base": dirty(AFTER, {"damage": "base"}),
    "broken-base-steps": dirty(STEPS, {"damage": "base"}),
    "broken-base-growth": dirty(many(400), {"damage": "base"}),
    "broken-base-slack": dirty(AFTER, {"damage": "base", "slack": 9000}),
    "broken-base-dirt": dirty(AFTER, {"damage": "base", "minor": 3}, **DIRT),
    "broken-base-dirt-growth": dirty(many(400), {"damage": "base", "minor": 3}, **DIRT),
}


def value_of(tree):
    """MapiHttpDisabled in a dump: (type, bytes), or None."""
    found, missing = oracles.find(tree, hives.KEY)
    return next(((t, d) for n, t, d in tree[found].values if not missing and n == hives.NAME), None)


def asked(path, verb="get", **request):
    return call(verb, {**request, "hives": [str(path)]})


def as_value(result):
    """A value of a result as (type, bytes)."""
    if result is None:
        return None
    data = result["data"]
    if result["type"] == "REG_DWORD":
        return 4, struct.pack("<I", data)
    return 1, data.encode("utf-16-le") + b"\0\0"


def highest(folder):
    """The highest sequence number in a folder's logs."""
    numbers = [0]
    for log in folder.iterdir():
        if ".log" in log.name.lower():
            data = log.read_bytes()
            numbers.append(struct.unpack_from("<I", data, 4)[0])
            numbers += [struct.unpack_from("<I", data, at + 12)[0] for at in range(512, len(data), 512)
                        if data[at:at + 4] == b"HvLE"]
    return max(numbers)


def opposite(value):
    return OFF if value == (4, bytes(4)) else ON


@pytest.mark.parametrize("verb", ["get", "check"])
@pytest.mark.parametrize("name", HIVES)
def test_what_is_read_is_what_the_logs_say(tmp_path, name, verb):
    """The value is that of the recovered hive, and no file is touched."""
    path = tmp_path / "NTUSER.DAT"
    expected = value_of(oracles.hivex_dump(hives.make_recovered(path, HIVES[name])))
    before = hives.snapshot(tmp_path)
    profile = asked(path, verb, **({} if verb == "get" else OFF)).result["profiles"][0]
    assert (profile["recovered"], profile["error"]) == (True, None)
    assert as_value(profile["before"]) == expected
    assert hives.snapshot(tmp_path) == before


@pytest.mark.parametrize("name", HIVES)
def test_apply_writes_the_recovered_hive(tmp_path, name):
    """The new hive is the recovered one with the change: clean, sound, and newer than its logs."""
    path = tmp_path / "NTUSER.DAT"
    recovered = oracles.dumps(hives.make_recovered(path, HIVES[name]))
    logs = {p: p.read_bytes() for p in tmp_path.iterdir() if ".LOG" in p.name}
    wanted = opposite(value_of(recovered["hivex"]))
    after = (4, b"\1\0\0\0" if wanted is OFF else bytes(4))
    done = asked(path, "apply", **wanted)
    assert (done.code, done.result["profiles"][0]["recovered"]) == (0, True), done.out
    for oracle, tree in oracles.dumps(path).items():
        expected = oracles.bare(oracles.changed(recovered[oracle], hives.KEY, hives.NAME, after))
        assert oracles.bare(tree) == expected, oracles.difference(expected, oracles.bare(tree))
    hives.check(path)
    first, second = struct.unpack_from("<II", path.read_bytes(), 4)
    assert first == second > highest(tmp_path)
    assert {p: p.read_bytes() for p in logs} == logs


@pytest.mark.parametrize("name", ["steps", "two-files", "dirt", "gap", "broken-base"])
def test_a_written_hive_is_clean(tmp_path, name):
    """After the apply the logs are of no account, and a second apply writes nothing."""
    path = hives.make(tmp_path / "NTUSER.DAT", HIVES[name])
    assert asked(path, "apply", state="absent").code == 0
    before = hives.snapshot(tmp_path)
    profile = asked(path).result["profiles"][0]
    assert (profile["state"], profile["recovered"]) == ("absent", False)
    again = asked(path, "apply", state="absent")
    assert (again.code, again.result["changed"]) == (0, False)
    assert hives.snapshot(tmp_path) == before


@pytest.mark.parametrize("name", ["one-entry", "dirt", "broken-base"])
def test_a_compliant_dirty_hive_is_left_alone(tmp_path, name):
    """There is nothing to converge, so recovery stays Windows' business."""
    path = hives.make(tmp_path / "NTUSER.DAT", HIVES[name])
    before = hives.snapshot(tmp_path)
    done = asked(path, "apply", **ON)
    assert (done.code, done.result["changed"]) == (0, False)
    assert done.result["profiles"][0]["recovered"]
    assert hives.snapshot(tmp_path) == before


NAMES = {
    "ntuser.dat": ["ntuser.dat.log1", "ntuser.dat.log2"],
    "NTUSER.DAT": ["ntuser.dat.LOG1", "ntuser.dat.LOG2"],
    "ntuser.DAT": ["NTUSER.DAT.LOG1", "NTUSER.DAT.LOG2"],
    "NTUSER.MAN": ["NTUSER.MAN.LOG1", "NTUSER.MAN.LOG2"],
    "hive": ["hive.LOG1", "hive.log2"],
    "h.dat": ["h.dat.LOG2", "h.dat.LOG1"],
    "g.dat": ["g.dat.LOG", "g.dat.LOG1"],
}


@pytest.mark.parametrize("name", NAMES)
def test_logs_are_found_whatever_their_case(tmp_path, name):
    """Windows' names have no case; which log is which their contents say."""
    made = hives.make(tmp_path / "made", HIVES["steps-two-files"])
    folder = tmp_path / "folder"
    folder.mkdir()
    shutil.copy(made, folder / name)
    for number, log in enumerate(NAMES[name]):
        shutil.copy(f"{made}.LOG{number + 1}", folder / log)
    profile = asked(folder / name).result["profiles"][0]
    assert (profile["recovered"], profile["before"]) == (True, {"type": "REG_DWORD", "data": 6})


@pytest.mark.parametrize("suffix", [".LOG", ".LOG1", ".LOG2", ".log"])
def test_an_old_log_by_any_of_its_names(tmp_path, suffix):
    """Vista and 7 call the old kind .LOG1, XP calls it .LOG."""
    path = hives.make(tmp_path / "h", HIVES["dirt"])
    (tmp_path / "h.LOG").rename(tmp_path / f"h{suffix}")
    assert asked(path).result["profiles"][0]["state"] == "enabled"


def entries(log):
    """Where a log's entries stand: (offset, size)."""
    data, at, found = log.read_bytes(), 512, []
    while data[at:at + 4] == b"HvLE":
        found.append((at, struct.unpack_from("<I", data, at + 4)[0]))
        at += found[-1][1]
    return found


def cut_last(log):
    at, size = entries(log)[-1]
    log.write_bytes(log.read_bytes()[:at + size // 2])


def cut_in_header(log):
    at, _ = entries(log)[-1]
    log.write_bytes(log.read_bytes()[:at + 20])


def flip(index, where):
    def damage(log):
        at, size = entries(log)[index]
        data = bytearray(log.read_bytes())
        data[at + (where if where >= 0 else size + where)] ^= 0x10
        log.write_bytes(data)
    return damage


def zero_last(log):
    at, size = entries(log)[-1]
    hives.patch(log, (at, bytes(size)), seal=False)


# name: the damage to a log of steps 2, 3, 4, 5, 6; the value that is left, None: nothing is.
TORN = {
    "last-cut": (cut_last, 5),
    "last-cut-in-header": (cut_in_header, 5),
    "last-zero": (zero_last, 5),
    "last-page": (flip(-1, -100), 5),
    "last-sequence": (flip(-1, 12), 5),
    "last-hash": (flip(-1, 24), 5),
    "last-head-hash": (flip(-1, 32), 5),
    "last-size": (flip(-1, 5), 5),
    "third-page": (flip(2, 1000), 3),
    "second-size": (flip(1, 5), 2),
    "first-page": (flip(0, 1000), None),
    "first-signature": (flip(0, 0), None),
    "all-gone": (lambda log: log.write_bytes(log.read_bytes()[:512]), None),
    "base-checksum": (lambda log: hives.patch(log, (508, b"\1\2\3\4"), seal=False), None),
    "base-signature": (lambda log: hives.patch(log, (0, b"xegf")), None),
    "base-sequences-differ": (lambda log: hives.patch(log, (8, b"\x63")), None),
    "base-type": (lambda log: hives.patch(log, (28, b"\0")), None),
    "empty": (lambda log: log.write_bytes(b""), None),
    "cut-in-base": (lambda log: log.write_bytes(log.read_bytes()[:300]), None),
    "no-log": (lambda log: log.unlink(), None),
}


@pytest.mark.parametrize("name", TORN)
def test_torn_logs(tmp_path, name):
    """Entries count up to the first that is not whole; without any the hive is `dirty` and untouched."""
    path = hives.make(tmp_path / "h", HIVES["steps"])
    damage, left = TORN[name]
    damage(tmp_path / "h.LOG1")
    before = hives.snapshot(tmp_path)
    done = asked(path)
    if left is not None:
        assert done.result["profiles"][0]["before"] == {"type": "REG_DWORD", "data": left}
        return
    assert (done.code, done.kinds) == (2, ["dirty"])
    assert asked(path, "check", **OFF).kinds == asked(path, "apply", **OFF).kinds == ["dirty"]
    assert hives.snapshot(tmp_path) == before


def test_a_torn_log_is_written_up_to_its_tear(tmp_path):
    """What apply writes is the tree of the last whole entry with the change."""
    path = hives.make(tmp_path / "h", HIVES["steps"])
    cut_last(tmp_path / "h.LOG1")
    assert asked(path, "apply", **ON).code == 0
    tree = oracles.bare(oracles.dumps(path)["hivex"])
    assert ("Step005",) in tree and ("Step006",) not in tree
    assert value_of(oracles.hivex_dump(path)) == (4, bytes(4))
    hives.check(path)


def test_a_torn_first_log_leaves_a_gap(tmp_path):
    """The second log does not follow the first any more: nothing says what is in between."""
    path = hives.make(tmp_path / "h", HIVES["steps-two-files"])
    cut_last(tmp_path / "h.LOG1")
    before = hives.snapshot(tmp_path)
    assert asked(path, "apply", **ON).kinds == ["dirty"]
    assert hives.snapshot(tmp_path) == before


# The sequence numbers of a hive, the first entry's of its log of five; whether that is used.
SEQUENCES = {
    "log-begins-at-secondary": ([10, 9], 9, True),
    "log-begins-at-primary": ([10, 9], 10, True),
    "log-begins-later": ([10, 9], 500, True),
    "log-begins-before": ([10, 9], 8, False),
    "log-ends-before": ([10, 9], 3, False),
    "log-reaches-over": ([10, 9], 6, False),
    "primary-below-secondary": ([255, 256], 256, True),
    "primary-below-secondary-before": ([255, 256], 255, False),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_stale_logs(tmp_path, name):
    """A log is from after the hive's last flush when it begins at the secondary number or later."""
    sequence, first, used = SEQUENCES[name]
    path = hives.make(tmp_path / "h", dirty(STEPS, {"sequence": sequence}, sequence=first))
    done = asked(path)
    assert done.kinds == ([] if used else ["dirty"])
    assert not used or done.result["profiles"][0]["before"]["data"] == 6


@pytest.mark.parametrize("stale", [1, 2])
def test_a_stale_log_beside_a_good_one(tmp_path, stale):
    """The stale one is left out."""
    old = hives.make(tmp_path / "old", dirty([step(70), step(71)], {"sequence": [4, 3]}))
    path = hives.make(tmp_path / "h", dirty(STEPS, {"sequence": [10, 9]}))
    (tmp_path / "h.LOG1").rename(tmp_path / f"h.LOG{3 - stale}")
    shutil.copy(f"{old}.LOG1", tmp_path / f"h.LOG{stale}")
    assert asked(path).result["profiles"][0]["before"]["data"] == 6


@pytest.mark.parametrize("second", [15, 13, 500], ids=["one-missing", "overlapping", "far-away"])
def test_logs_that_do_not_follow_one_another(tmp_path, second):
    """Entries 9 to 13 in one, 14 missing or twice: `dirty`."""
    spec = dirty([step(80), step(81)], {"sequence": [10, 9]}, sequence=second)
    other = hives.make(tmp_path / "other", spec)
    path = hives.make(tmp_path / "h", dirty(STEPS, {"sequence": [10, 9]}))
    shutil.copy(f"{other}.LOG1", tmp_path / "h.LOG2")
    before = hives.snapshot(tmp_path)
    done = asked(path, "apply", **OFF)
    assert (done.code, done.kinds) == (2, ["dirty"])
    assert hives.snapshot(tmp_path) == before


def test_a_clean_hive_ignores_newer_logs(tmp_path):
    """Entries beside a clean hive are history, whatever their numbers; what is written goes beyond them."""
    path = hives.make(tmp_path / "h", dirty(STEPS, {"sequence": [10, 9]}, sequence=900))
    hives.patch(path, (8, struct.pack("<I", 10)))
    profile = asked(path).result["profiles"][0]
    assert (profile["state"], profile["recovered"]) == ("disabled", False)
    assert asked(path, "apply", state="absent").code == 0
    first, second = struct.unpack_from("<II", path.read_bytes(), 4)
    assert first == second > 904
    assert asked(path).result["profiles"][0]["state"] == "absent"


def test_a_broken_base_block_uses_the_latest_log_only(tmp_path):
    """Without it nothing tells how old a log is: that with the latest entries counts, alone."""
    old = hives.make(tmp_path / "old", dirty([step(70), step(71)], {"sequence": [8, 7]}))
    path = hives.make(tmp_path / "h", dirty(STEPS, {"sequence": [10, 9], "damage": "base"}))
    shutil.copy(f"{old}.LOG1", tmp_path / "h.LOG2")
    assert asked(path).result["profiles"][0]["before"]["data"] == 6


@pytest.mark.parametrize("name", ["broken-base", "broken-base-dirt"])
def test_a_broken_base_block_without_logs(tmp_path, name):
    """No log supplies it: `corrupt`."""
    path = hives.make(tmp_path / "h", HIVES[name])
    for log in tmp_path.glob("h.LOG*"):
        log.unlink()
    assert asked(path).kinds == asked(path, "apply", **OFF).kinds == ["corrupt"]


@pytest.mark.parametrize("damage", ["base", None])
def test_an_old_log_of_another_time(tmp_path, damage):
    """An old log belongs to the hive that was last written when it says."""
    options = {"minor": 3, "timestamp": 0x01D9000000000000, **({"damage": damage} if damage else {})}
    path = hives.make(tmp_path / "h", dirty(AFTER, options, **DIRT))
    assert asked(path).result["profiles"][0]["state"] == "enabled"
    hives.patch(tmp_path / "h.LOG", (12, struct.pack("<Q", 0x01D9000000000001)))
    assert asked(path).kinds == ["corrupt" if damage else "dirty"]


@pytest.mark.parametrize("keep", [0, 511, 512, 600, 1023, 1024, 1500, -1])
def test_an_old_log_cut_short(tmp_path, keep):
    """An old log is used as a whole or not at all."""
    path = hives.make(tmp_path / "h", HIVES["dirt"])
    log = tmp_path / "h.LOG"
    log.write_bytes(log.read_bytes()[:keep])
    before = hives.snapshot(tmp_path)
    assert asked(path).kinds == asked(path, "apply", **OFF).kinds == ["dirty"]
    assert hives.snapshot(tmp_path) == before


def test_two_logs_that_differ_only_in_case(tmp_path):
    """Which one Windows would take cannot be known: refused."""
    path = hives.make(tmp_path / "h", HIVES["one-entry"])
    (tmp_path / "h.LOG1").rename(tmp_path / "h.log1")
    shutil.copy(tmp_path / "h.log1", tmp_path / "h.Log1")
    assert asked(path).kinds == ["unsupported"]


def copy(corpus, name, folder):
    source = corpus / name
    for path in source.parent.glob(source.name + "*"):
        shutil.copyfile(path, folder / path.name)
    return folder / source.name


@pytest.mark.corpus
@pytest.mark.parametrize("hive,recovered", [
    ("yarp/NewDirtyHive1/NewDirtyHive", "yarp/NewDirtyHive1/RecoveredHive_Windows10"),
    ("yarp/OldDirtyHive/OldDirtyHive", "yarp/OldDirtyHive/RecoveredHive_Windows7")])
def test_as_windows_recovers_them(corpus, tmp_path, hive, recovered):
    """The tree is the one that Windows made, with our keys and value."""
    path = copy(corpus, hive, tmp_path)
    assert asked(path, "apply", **OFF).code == 0
    for oracle, tree in oracles.dumps(path).items():
        windows = oracles.ORACLES[oracle](corpus / recovered)
        expected = oracles.bare(oracles.changed(windows, hives.KEY, hives.NAME, (4, b"\1\0\0\0")))
        assert oracles.bare(tree) == expected, oracles.difference(expected, oracles.bare(tree))
    hives.check(path, "--allow-leaks")


@pytest.mark.corpus
@pytest.mark.parametrize("hive,logs", [
    ("regipy-transactions/NTUSER.DAT", [".LOG1"]),
    ("regipy-usrclass/UsrClass.dat", None),
    ("yarp/NewDirtyHive1/NewDirtyHive", None)])
def test_as_regipy_recovers_them(corpus, tmp_path, hive, logs):
    """The tree is the one that regipy's replay of the same logs gives, with our keys and value."""
    path = copy(corpus, hive, tmp_path)
    found = [tmp_path / (path.name + suffix) for suffix in logs or (".LOG1", ".LOG2")]
    secondary = struct.unpack_from("<I", path.read_bytes(), 8)[0]
    used = sorted((struct.unpack_from("<I", log.read_bytes(), 4)[0], log) for log in found)
    oracles.regipy_recover(path, [log for first, log in used if first >= secondary], tmp_path / "regipy")
    expected = oracles.bare(oracles.changed(oracles.regipy_dump(tmp_path / "regipy"), hives.KEY, hives.NAME,
                                            (4, b"\1\0\0\0")))
    assert asked(path, "apply", **OFF).code == 0
    tree = oracles.bare(oracles.dumps(path)["regipy"])
    assert tree == expected, oracles.difference(expected, tree)
    hives.check(path, "--allow-leaks")


@pytest.mark.corpus
@pytest.mark.parametrize("hive", ["regipy-bagmru/NTUSER.DAT", "yarp/BadLogHive1/BadLogHive"])
def test_real_hives_without_usable_logs(corpus, tmp_path, hive):
    """No logs, or logs whose checksums are wrong: `dirty`, and no byte changes."""
    path = copy(corpus, hive, tmp_path)
    before = hives.snapshot(tmp_path)
    for verb in ("get", "check", "apply"):
        done = run(verb, "state=disabled", f"hives={path}")
        assert (done.code, done.kinds) == (2, ["dirty"])
    assert hives.snapshot(tmp_path) == before
