# SPDX-License-Identifier: MIT
"""Every key and every value of a hive, as the engine reads it, against regipy and libhivex: type, size and data.

Both read the hive as it lies there, without its logs. Where the engine replays these, they are given the hive after
somebody else has: Windows, regipy or the builder.
"""

import os
import shutil
import struct
from pathlib import Path

import pytest

from engine import Dump
from support import hives, oracles

# The binding of libhivex complains, some time later, about each hive that it could not open.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
CORPUS = os.environ.get("MAPIHTTP_CORPUS", "")

# Dirty hives with logs that count: the file that Windows made of them, or the logs in regipy's order.
RECOVERED = {
    "yarp/NewDirtyHive1/NewDirtyHive": "yarp/NewDirtyHive1/RecoveredHive_Windows10",
    "yarp/OldDirtyHive/OldDirtyHive": "yarp/OldDirtyHive/RecoveredHive_Windows7",
    "regipy-transactions/NTUSER.DAT": [".LOG1"],
    "regipy-usrclass/UsrClass.dat": [".LOG1", ".LOG2"],
}
# Refused for their base block alone. They are read once more, with it made right.
BASE_BLOCK = {"regipy-bagmru/NTUSER.DAT": "dirty", "yarp/BadLogHive1/BadLogHive": "dirty", "yarp/GarbageHive": "corrupt"}
# Refused as `corrupt`. What libhivex and regipy do: None where they refuse, too, else how many keys they find. libhivex
# refuses each as the engine does. regipy looks at no checksum, and reads the one key of a hive whose checksum is wrong;
# nor does it look at a cell's mark, and reads a free cell as if it were a key (see test_a_free_cell_is_no_key).
CORRUPT = {
    "plaso/corrupt_sub_key_list.hiv": {"hivex": None, "regipy": 101},
    "yarp/GarbageHive": {"hivex": None, "regipy": 1},
    "yarp/TruncatedHive": {"hivex": None, "regipy": None},
}


def is_hive(path):
    """A primary file, not a log of one."""
    with open(path, "rb") as file:
        head = file.read(32)
    return head[:4] == b"regf" and head[28:32] == bytes(4)


def found_in(folder):
    top = Path(folder)
    return [str(path.relative_to(top)) for path in sorted(top.rglob("*")) if path.is_file() and is_hive(path)]


HIVES = found_in(CORPUS) if CORPUS else []
READABLE = [name for name in HIVES if name not in RECOVERED and name not in BASE_BLOCK and name not in CORRUPT]


def known(names):
    """Those that this corpus has; one to be skipped where there is no corpus."""
    return [name for name in names if name in HIVES] or ["no-corpus"]


def agree(tally, dump, path, readers=tuple(oracles.ORACLES)):
    """The engine and the oracles find the same in a hive. Of data that the engine withholds, type and size."""
    assert dump.kind is None, dump.message
    for oracle in readers:
        tree = oracles.bare(oracles.ORACLES[oracle](path))
        for here, name in dump.withheld:
            tree[here] = tuple(sorted((n, t, len(d) if n == name else d) for n, t, d in tree[here]))
        assert dump.tree == tree, f"{oracle}: {oracles.difference(dump.tree, tree)}"
    tally["hives"] += 1
    tally["keys"] += len(dump.tree)
    tally["values"] += dump.values
    tally["of these with data over 256 KiB, which the engine withholds"] += len(dump.withheld)


@pytest.mark.corpus
@pytest.mark.parametrize("name", READABLE or ["no-corpus"])
def test_real_hives(corpus, tally, name):
    """Clean ones, whole or odd: what is there is read alike."""
    dump = Dump(corpus / name)
    assert not dump.recovered
    agree(tally, dump, corpus / name)


def replayed(corpus, name, folder):
    """The hive after somebody else has replayed its logs, and who can read it then."""
    by = RECOVERED[name]
    if isinstance(by, str):
        return corpus / by, tuple(oracles.ORACLES)
    path = corpus / name
    secondary = struct.unpack_from("<I", path.read_bytes(), 8)[0]
    logs = [path.with_name(path.name + suffix) for suffix in by]
    first = {log: struct.unpack_from("<I", log.read_bytes(), 4)[0] for log in logs}
    used = sorted((log for log in logs if first[log] >= secondary), key=first.get)
    oracles.regipy_recover(path, used, folder / "replayed")
    # regipy leaves the base block as it was, which libhivex then takes no more.
    return folder / "replayed", ("regipy",)


@pytest.mark.corpus
@pytest.mark.parametrize("name", known(RECOVERED))
def test_real_dirty_hives(corpus, tmp_path, tally, name):
    """What the engine replays in memory is what Windows, or regipy, makes of the same logs."""
    dump = Dump(corpus / name)
    assert dump.recovered
    agree(tally, dump, *replayed(corpus, name, tmp_path))


@pytest.mark.corpus
@pytest.mark.parametrize("name", known(BASE_BLOCK))
def test_real_hives_with_a_bad_base_block(corpus, tmp_path, tally, name):
    """Refused; but there is nothing in them that would be read otherwise."""
    assert Dump(corpus / name).kind == BASE_BLOCK[name]
    path = tmp_path / "hive"
    shutil.copyfile(corpus / name, path)
    hives.patch(path, (4, path.read_bytes()[8:12]))
    agree(tally, Dump(path), path)


def count_of(read, path):
    """How many keys an oracle finds; None when it refuses."""
    try:
        return len(read(path))
    except Exception:  # each has its own ways to fail
        return None


@pytest.mark.corpus
@pytest.mark.parametrize("name", known(CORRUPT))
def test_real_corrupt_hives(corpus, name):
    """Refused, and what others make of them is what this table says."""
    dump = Dump(corpus / name)
    assert dump.kind == "corrupt"
    assert {oracle: count_of(read, corpus / name) for oracle, read in oracles.ORACLES.items()} == CORRUPT[name]


def test_a_free_cell_is_no_key(tmp_path):
    """Why the engine refuses what regipy reads: the mark of the cell alone makes the difference."""
    path = tmp_path / "h"
    places = hives.offsets(hives.user(), path)
    key = places["Environment"]["nk"]
    size = struct.unpack_from("<i", path.read_bytes(), key - 4)[0]
    assert Dump(path).kind is None and size < 0
    hives.patch(path, (key - 4, struct.pack("<i", -size)))
    assert Dump(path).kind == "corrupt"
    assert count_of(oracles.hivex_dump, path) is None
    assert ("Environment",) in oracles.regipy_dump(path)


NAMES = ["plain", "UPPER", "ünïcödé", "Đặng", "日本語", "😀", "a b", "x" * 255]
SIZES = [0, 1, 2, 3, 4, 5, 8, 16343, 16344, 16345, 32688, 32689, 40000, 262144, 262145, 300000]


def rich(**options):
    """A hive with each kind of name, type and size."""
    values = [hives.value("REG_BINARY", {"fill": size}, f"v{size}") for size in SIZES]
    values += [hives.value(number, {"fill": 6}, f"t{number}") for number in (*range(12), 0x10000, 0xFFFFFFFF)]
    values += [hives.value("REG_SZ", "text", name) for name in ("", *NAMES, "n" * 3000, "đ" * 3000)]
    values += [hives.dword(7, "own-cell", inline=False)]
    keys = [{"name": name, "class": "class", "security": number, "values": [hives.dword(number, name)]}
            for number, name in enumerate(NAMES)]
    keys += [{"name": f"Many{number:04}"} for number in range(600)]
    root = hives.tree(hives.dword(1))
    root["keys"].append({"name": "Rich", "values": values, "keys": keys})
    return {"root": root, **options}


MADE = {
    "1.3-lf": rich(minor=3), "1.3-li": rich(minor=3, lists="li"), "1.4": rich(minor=4), "1.5-lh": rich(minor=5),
    "1.5-lf": rich(minor=5, lists="lf"), "1.5-li": rich(minor=5, lists="li"), "1.6": rich(minor=6),
    "1.5-leaf-7": rich(leaf_max=7), "1.5-leaf-1": rich(leaf_max=1), "1.3-leaf-9": rich(minor=3, leaf_max=9),
    "free": rich(free=200), "slack": rich(slack=5000),
}


@pytest.mark.parametrize("name", MADE)
def test_made_hives(tmp_path, tally, name):
    """Every version, kind of list, kind of name, type, and size at each limit."""
    path = hives.make(tmp_path / "h", MADE[name])
    dump = Dump(path)
    assert not dump.recovered and len(dump.withheld) == 2
    agree(tally, dump, path)


LOGS = {
    "hvle": {}, "hvle-512": {"align": 512}, "hvle-two-files": {"files": 2, "entries": 6},
    "hvle-swapped": {"files": 2, "entries": 6, "swap": True}, "dirt": {"format": "dirt"},
}


# Without its base block only one log counts: tests/oracle/test_recovery.py.
DIRTY_MADE = [(name, minor, damage) for name in LOGS for minor in (3, 5) for damage in (None, "base")
              if not (damage and LOGS[name].get("files") == 2)]


@pytest.mark.parametrize("name,minor,damage", DIRTY_MADE)
def test_made_dirty_hives(tmp_path, tally, name, minor, damage):
    """The logs turn a small hive into a rich one: read with them, as the builder's recovered hive."""
    options = {"minor": minor, **({"damage": damage} if damage else {})}
    spec = {**hives.user(hives.value("REG_SZ", "0"), **options), "log": {"root": rich()["root"], **LOGS[name]}}
    path = tmp_path / "h"
    recovered = hives.make_recovered(path, spec)
    dump = Dump(path)
    assert dump.recovered
    agree(tally, dump, recovered)
