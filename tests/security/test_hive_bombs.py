# SPDX-License-Identifier: MIT
"""Hives and logs that claim more than there is, or lead in circles: whatever they say, the work is bounded by what they
hold. Memory and processor time are limits that the kernel keeps (prlimit), reads are counted (strace)."""

import struct

import pytest
import tracing
from grounds import but_for_names, survey
from support import hives
from support.tool import run
from test_bad_hives import EXCHANGE, FAR, MICROSOFT, ROOT, SOFTWARE, Damage

pytestmark = pytest.mark.linux

MEMORY = 64 << 20
READS = 3000  # of the hive; a whole one of these sizes read key by key, value by value, takes less
# The huge numbers of a count or a size, and one that is only a little too large.
HUGE = [0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 0x10000]
WAYS = {"get": ["get"], "in place": ["apply", "state=enabled"], "structure": ["apply", "state=absent"]}
NEIGHBOURS = [hives.value("REG_BINARY", {"fill": 40000}, "Big"), hives.value("REG_SZ", "text", "Text")]


def nk(key, offset, form="I"):
    return lambda d, number: d.put(form, d.nk(key) + offset, number & (0xFFFF if form == "H" else 0xFFFFFFFF))


def vk(offset, name=hives.NAME):
    return lambda d, number: d.put("I", d.vk(EXCHANGE, name) + offset, number)


COUNTS = {
    **{f"subkeys of {key or 'the root'}": nk(key, 20) for key in (ROOT, SOFTWARE, MICROSOFT, EXCHANGE)},
    "volatile subkeys": nk(EXCHANGE, 24), "values": nk(EXCHANGE, 36), "values of the root": nk(ROOT, 36),
    "longest name": nk(MICROSOFT, 52), "longest value": nk(EXCHANGE, 64), "name": nk(EXCHANGE, 72, "H"),
    "class": nk(EXCHANGE, 74, "H"), "data": vk(4), "data of a neighbour": vk(4, "Text"), "big data": vk(4, "Big"),
    "name of a value": lambda d, number: d.put("H", d.vk() + 2, number & 0xFFFF),
    "elements of a list": lambda d, number: d.put("H", d.list(MICROSOFT) + 2, number & 0xFFFF),
    "segments": lambda d, number: d.put("H", d.value_data(EXCHANGE, "Big") + 2, number & 0xFFFF),
    "bins": lambda d, number: d.put("I", 40, number), "a bin": lambda d, number: d.put("I", 4096 + 8, number),
    "a cell": lambda d, number: d.put("I", d.nk(EXCHANGE) - 4, number),
    "users of a descriptor": lambda d, number: d.put("I", d.places[EXCHANGE]["sk"] + 12, number),
    "a descriptor": lambda d, number: d.put("I", d.places[EXCHANGE]["sk"] + 16, number),
}


def damaged(folder, spec, damage):
    folder.mkdir(exist_ok=True)
    path = folder / "hive"
    hive = Damage(path, hives.offsets(spec, path))
    damage(hive)
    path.write_bytes(hive.data)
    hives.patch(path)
    return path


def bounded(tmp_path, path, way, reads=READS):
    """One run within the limits: it ends by itself, with an answer; what it read of the hive is counted."""
    log = tmp_path / "reads.log"
    before = but_for_names(survey(path.parent))
    tracing.need()
    done = run(*WAYS[way], f"hives={path}", wrapper=[
        "strace", "-f", "-qq", "-e", "trace=pread64", "-o", log, "prlimit", f"--as={MEMORY}", "--cpu=5"])
    assert done.code in (0, 2), done
    assert 0 < len(log.read_bytes().splitlines()) <= reads
    if done.code == 2:
        assert done.kinds[0] in ("corrupt", "dirty", "unsupported"), done.out
        assert but_for_names(survey(path.parent)) == before
    return done


def sound_when_changed(done, path, way):
    """Of a hive in which nothing was damaged but its log. (One that needs no change stays dirty.)"""
    if done.code == 0 and way != "get" and done.result["changed"]:
        hives.check(path)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", COUNTS)
def test_counts_and_sizes_that_are_huge(tmp_path, name, way):
    for number in HUGE:
        spec = hives.user(hives.dword(1), *NEIGHBOURS, minor=5, free=8)
        bounded(tmp_path, damaged(tmp_path / "h", spec, lambda d, n=number: COUNTS[name](d, n)), way)


def one_leaf_many_times(minor, count):
    """An ri list made of the data of a value: every element leads to the same leaf, which leads to a key."""
    spec = hives.user(hives.dword(1), hives.value("REG_BINARY", {"fill": 4 * count + 4}, "Big"), minor=minor)

    def damage(d):
        at = d.value_data(EXCHANGE, "Big")
        leaf = d.get32(d.nk(MICROSOFT) + 28)
        d.put("2sH", at, b"ri", min(count, 0xFFFF))
        for i in range(count):
            d.put("I", at + 4 + 4 * i, leaf)
        d.put("I", d.nk(MICROSOFT) + 28, d.cell(at))
    return spec, damage


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("subkeys", [3, 12000, 0xFFFFFFFF])
def test_one_leaf_named_by_4000_elements(tmp_path, subkeys, way):
    """A small file could keep a reader busy for hours: 4,000 lists of 3 keys each."""
    spec, damage = one_leaf_many_times(3, 4000)

    def both(d):
        damage(d)
        d.put("I", d.nk(MICROSOFT) + 20, subkeys)
    done = bounded(tmp_path, damaged(tmp_path / "h", spec, both), way)
    # Who only reads stops at the key that it looks for, which is in the first leaf.
    assert done.kinds == ([] if subkeys == 3 and way != "structure" else ["corrupt"])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("levels", [1, 2, 200])
def test_lists_of_lists_of_lists(tmp_path, levels, way):
    """ri lists within ri lists, and in a circle: two levels are all there may be."""
    spec = hives.user(hives.dword(1), hives.value("REG_BINARY", {"fill": 8 * 400}, "Big"), minor=3)

    def damage(d):
        at = d.value_data(EXCHANGE, "Big")
        for i in range(levels):
            inner = at + 8 * ((i + 1) % levels)
            d.put("2sHI", at + 8 * i, b"ri", 1, d.cell(inner) & ~7)
        d.put("I", d.nk(MICROSOFT) + 28, d.cell(at))
    assert bounded(tmp_path, damaged(tmp_path / "h", spec, damage), way).kinds == ["corrupt"]


def values_all_one(minor, count, of):
    """A list of values made of the data of a value: every element is the same one."""
    spec = hives.user(hives.dword(1), hives.value("REG_BINARY", {"fill": 4 * count}, "Big"), minor=minor)

    def damage(d):
        at = d.value_data(EXCHANGE, "Big")
        one = d.cell(d.vk(EXCHANGE, of))
        for i in range(count):
            d.put("I", at + 4 * i, one)
        d.put("I", d.nk(EXCHANGE) + 40, d.cell(at))
        d.put("I", d.nk(EXCHANGE) + 36, count)
    return spec, damage


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("of", ["Big", hives.NAME])
def test_one_value_named_by_20000_elements(tmp_path, of, way):
    """A key has no more values than the hive can hold."""
    spec, damage = values_all_one(3, 20000, of)
    bounded(tmp_path, damaged(tmp_path / "h", spec, damage), way, reads=3 * 20000)


ENTRY = "<4sIIIIIQQ"
LOG_SIZES = [0xFFFFFE00, 0x7FFFFE00, 0x10000000]


def marvin(data):
    """The hash of HvLE log entries."""
    low, high, most = 0x7A4E55C5, 0x82EF4D88, 0xFFFFFFFF

    def rotate(number, bits):
        return (number << bits | number >> (32 - bits)) & most
    padded = data + b"\x80" + bytes(-(len(data) + 1) % 4) + bytes(4)
    for (number,) in struct.iter_unpack("<I", padded):
        low = low + number & most
        high ^= low
        low = rotate(low, 20) + high & most
        high = rotate(high, 9) ^ low
        low = rotate(low, 27) + high & most
        high = rotate(high, 19)
    return high << 32 | low


def patch_entry(log, entry, size=None, bins=None, pages=None, page=None, offset=None):
    """Changes the first entry of a log and makes its hashes right again. page, offset: of its first page."""
    data = bytearray(log.read_bytes())
    real = struct.unpack_from("<I", data, entry + 4)[0]
    for at, number in ((4, size), (16, bins), (20, pages), (40, offset), (44, page)):
        if number is not None:
            struct.pack_into("<I", data, entry + at, number)
    struct.pack_into("<Q", data, entry + 24, marvin(bytes(data[entry + 40:entry + real])))
    struct.pack_into("<Q", data, entry + 32, marvin(bytes(data[entry:entry + 32])))
    log.write_bytes(data)


LOGS = {
    **{f"an entry of {size:#x} bytes": {"size": size} for size in LOG_SIZES},
    **{f"bins of {bins:#x} bytes": {"bins": bins} for bins in (0xFFFFF000, 0x20000000, 0x1FFFF000, 0x10000000)},
    **{f"{pages:#x} pages": {"pages": pages} for pages in (0xFFFFFFFF, 0x20000000, 0x1FFFFFFF, 60)},
    **{f"a page of {page:#x} bytes": {"page": page} for page in (0xFFFFFFFF, 0xFFFFF000, 0x80000000)},
    **{f"a page at {offset:#x}": {"offset": offset} for offset in (0xFFFFF000, 0x7FFFF000, 0x20000000, FAR)},
}


def dirty(folder, **log):
    root = hives.user(hives.dword(0))["root"]
    return hives.make(folder / "h" / "hive", {**hives.user(hives.dword(1), minor=5), "log": {"root": root, **log}})


def test_the_hash_is_the_one_of_the_builder(tmp_path):
    """Else the logs below would be refused for their hashes, whatever else is in them."""
    path = dirty(tmp_path)
    log = path.with_name("hive.LOG1")
    before = log.read_bytes()
    patch_entry(log, 512)
    assert log.read_bytes() == before


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", LOGS)
def test_logs_that_ask_for_memory(tmp_path, name, way):
    path = dirty(tmp_path)
    patch_entry(path.with_name("hive.LOG1"), 512, **LOGS[name])
    sound_when_changed(bounded(tmp_path, path, way), path, way)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", [1 << 20, 15 << 20])
def test_a_sparse_log_that_makes_the_hive_longer(tmp_path, size, way):
    """A hive does not become longer than it and its logs are together."""
    path = dirty(tmp_path)
    log = path.with_name("hive.LOG1")
    patch_entry(log, 512, bins=size)
    with open(log, "r+b") as file:
        file.truncate(size)
    sound_when_changed(bounded(tmp_path, path, way), path, way)


@pytest.mark.parametrize("way", ["get", "structure"])
def test_a_sparse_hive_of_512_mebibytes(tmp_path, way):
    """Of a clean one only the way to the value is read; to be changed it would have to be in memory, which is said."""
    path = hives.make(tmp_path / "h" / "hive", hives.user(hives.dword(1), minor=5))
    with open(path, "r+b") as file:
        file.truncate((512 << 20) + 4096)
    head = bytearray(path.read_bytes()[:4096 + 32])
    struct.pack_into("<I", head, 40, 512 << 20)
    checksum = 0
    for number in struct.unpack_from("<127I", head):
        checksum ^= number
    struct.pack_into("<I", head, 508, checksum)
    with open(path, "r+b") as file:
        file.write(head)
    done = run(*WAYS[way], f"hives={path}", wrapper=["prlimit", f"--as={MEMORY}", "--cpu=5"])
    assert (done.code, done.kinds) == ((0, []) if way == "get" else (2, ["internal"])), done.out
