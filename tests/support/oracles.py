# SPDX-License-Identifier: MIT
"""What other people's readers find in a hive: libhivex and regipy, each as one comparable dict.

A dump is {path: Key}. A path is a tuple of names below the root, () the root itself; where two subkeys of one
key have the same name, the later ones are called NAME#2, NAME#3 ... Values are sorted (name, type, bytes).
Data are the raw bytes; neither reader's idea of a type's meaning is used.
"""

import os
import struct
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

try:
    import hivex
except ImportError as missing:
    hivex, NO_HIVEX = None, str(missing)
try:
    from regipy import recovery as regipy_recovery
    from regipy import registry as regipy
    from regipy import structs as regipy_structs
except ImportError as missing:
    regipy, NO_REGIPY = None, str(missing)

BASE = 4096
INLINE = 0x80000000
TYPES = {"REG_NONE": 0, "REG_SZ": 1, "REG_EXPAND_SZ": 2, "REG_BINARY": 3, "REG_DWORD": 4, "REG_MULTI_SZ": 7,
         "REG_QWORD": 11}


@dataclass(frozen=True)
class Key:
    """One key: its values, and when it was last written (a FILETIME)."""

    values: tuple
    timestamp: int


def named(names, name):
    """`name`, or NAME#2 when it is already among `names`; adds it there."""
    again, number = name, 1
    while again in names:
        number += 1
        again = f"{name}#{number}"
    names.add(again)
    return again


def hivex_value(hive, value):
    """Type and bytes of a value. libhivex fails with EFAULT where there are none and no place for them."""
    type_, size = hive.value_type(value)
    return (type_, b"") if size == 0 else hive.value_value(value)


def hivex_dump(path, unsafe=False):
    """The tree as libhivex reads it."""
    if hivex is None:
        pytest.skip(f"python3-hivex is not there: {NO_HIVEX}")
    hive = hivex.Hivex(os.fspath(path), unsafe=unsafe)
    tree, waiting = {}, [((), hive.root())]
    while waiting:
        here, node = waiting.pop()
        values = ((hive.value_key(v), *hivex_value(hive, v)) for v in hive.node_values(node))
        tree[here] = Key(tuple(sorted(values)), hive.node_timestamp(node) & (1 << 64) - 1)
        names = set()
        waiting += [((*here, named(names, hive.node_name(n))), n) for n in hive.node_children(node)]
    return tree


def regipy_name(raw, latin1):
    return raw.decode("latin-1") if latin1 else raw.decode("utf-16-le", errors="replace")


def regipy_values(node, stream):
    """A key's values by regipy's structures; its own iter_values interprets data, and fails on odd ones."""
    if not node.values_count:
        return
    stream.seek(BASE + 4 + node.header.values_list_offset)
    for cell in struct.unpack(f"<{node.values_count}I", stream.read(4 * node.values_count)):
        stream.seek(BASE + 4 + cell)
        vk = regipy_structs.VALUE_KEY.parse_stream(stream)
        size = vk.data_size & ~INLINE
        if vk.data_size & INLINE:
            data = struct.pack("<I", vk.data_offset)[:size]
        elif size == 0:
            data = b""
        else:
            found = node.read_value(vk, stream)
            data = found.value
            if size > 16344 and data[:2] == b"db":
                data = node._parse_indirect_block(stream, found)
        yield regipy_name(vk.name, vk.flags.VALUE_COMP_NAME), int(vk.data_type), data


def regipy_dump(path):
    """The tree as regipy reads it."""
    if regipy is None:
        pytest.skip(f"regipy is not there: {NO_REGIPY}")
    hive = regipy.RegistryHive(os.fspath(path))
    stream = hive._stream
    tree, waiting = {}, [((), hive.root)]
    while waiting:
        here, node = waiting.pop()
        values = tuple(sorted(regipy_values(node, stream)))
        tree[here] = Key(values, node.header.last_modified)
        names = set()
        for child in node.iter_subkeys():
            place = stream.tell()
            name = regipy_name(child.header.key_name_string, child.header.flags.KEY_COMP_NAME)
            waiting.append(((*here, named(names, name)), child))
            stream.seek(place)
    return tree


ORACLES = {"hivex": hivex_dump, "regipy": regipy_dump}


def dumps(path):
    """{oracle: tree} of one hive; they agree, or it is a failure."""
    trees = {name: dump(path) for name, dump in ORACLES.items()}
    first, second = (bare(tree) for tree in trees.values())
    assert first == second, difference(first, second)
    return trees


def bare(tree):
    """The tree without its timestamps."""
    return {path: key.values for path, key in tree.items()}


def difference(before, after):
    """What differs between two trees, short enough to read."""
    lines = [f"- {path}" for path in sorted(before.keys() - after.keys())[:5]]
    lines += [f"+ {path}" for path in sorted(after.keys() - before.keys())[:5]]
    for path in sorted(before.keys() & after.keys()):
        if before[path] != after[path] and len(lines) < 15:
            lines.append(f"! {path}: {str(before[path])[:300]} -> {str(after[path])[:300]}")
    return "\n".join(lines)


def find(tree, names):
    """The path in `tree` that is `names` but for case, as far as it is there: the path, what is missing."""
    here = ()
    for depth, name in enumerate(names):
        below = [path for path in tree if path[:-1] == here and len(path) == depth + 1
                 and path[-1].upper() == name.upper()]
        if not below:
            return here, tuple(names[depth:])
        here = below[0]
    return here, ()


def changed(tree, names, name, value):
    """The tree with the value `name` of the key `names` set to (type, bytes), or removed when None.

    Keys that are missing are made, unless it is to be removed. Names compare without regard to case.
    """
    here, missing = find(tree, names)
    result = dict(tree)
    if value is None and missing:
        return result
    for part in missing:
        here = (*here, part)
        result[here] = Key((), 0)
    kept = tuple(v for v in result[here].values if v[0].upper() != name.upper())
    if value is not None:
        same = [v[0] for v in result[here].values if v[0].upper() == name.upper()]
        kept = tuple(sorted((*kept, ((same or [name])[0], *value))))
    result[here] = replace(result[here], values=kept)
    return result


def regipy_recover(hive, logs, out):
    """regipy's own replay of a hive's logs, given in the order in which they are to be replayed."""
    if regipy is None:
        pytest.skip(f"regipy is not there: {NO_REGIPY}")
    here = Path(hive).read_bytes()
    for log in logs:
        # It refuses pages beyond the file's end, where recovery makes the file grow; it takes no zeros amiss.
        Path(out).write_bytes(here.ljust(len(here) + 4 * len(Path(log).read_bytes()), b"\0"))
        regipy_recovery.apply_transaction_logs(os.fspath(out), os.fspath(log),
                                               restored_hive_path=os.fspath(out) + ".next")
        here = Path(os.fspath(out) + ".next").read_bytes()
    Path(out).write_bytes(here)
    Path(os.fspath(out) + ".next").unlink()
