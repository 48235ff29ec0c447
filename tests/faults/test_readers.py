# SPDX-License-Identifier: MIT
"""The hives that all the cases of `faults` are made of, as libhivex and regipy read them.

After every fault, kill and power cut the program has found the hive to be one of two, byte for byte: as it was, or as
a run without faults makes it. Here both are opened by others, and the second is the first with the one value changed.
"""

import hashlib
import json

import pytest

from support import hives, oracles
from support.tool import BUILD

IMAGES = sorted((BUILD / "tests" / "images").glob("*.json"))
known = {}


def dumped(path):
    """Both readers' trees of an image; each distinct one is read once."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest not in known:
        known[digest] = oracles.dumps(path)
    return known[digest]


def expected(tree, wanted):
    value = None if wanted["data"] is None else (wanted["type"], bytes.fromhex(wanted["data"]))
    return oracles.changed(tree, hives.KEY, hives.NAME, value)


@pytest.mark.skipif(not IMAGES, reason="no images: the program `faults` left none")
@pytest.mark.parametrize("image", IMAGES, ids=lambda path: path.stem)
def test_both_states_are_read_by_others(image):
    """The new tree is the old one with the value changed, for both readers."""
    before, after = dumped(image.with_suffix(".before")), dumped(image.with_suffix(".after"))
    wanted = json.loads(image.read_text(encoding="utf-8"))
    for name, tree in before.items():
        want, have = oracles.bare(expected(tree, wanted)), oracles.bare(after[name])
        assert have == want, f"{wanted['label']}, {name}:\n{oracles.difference(want, have)}"
