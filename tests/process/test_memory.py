# SPDX-License-Identifier: MIT
"""Memory is out at every allocation of a whole run: just once, or from there on for ever."""

import pytest
import scenes
from stage import FOR_EVER

ALL = scenes.LOOKS + scenes.CHANGES + scenes.DIALECTS + scenes.RENDERS + scenes.WORDS + scenes.REFUSED


@pytest.mark.parametrize("lasts", [False, True], ids=["once", "for-ever"])
@pytest.mark.parametrize("scene", ALL, ids=str)
def test_memory_is_out(perform, scene, lasts):
    """Whatever is then not done is said, and nothing else is harmed."""
    numbers = range(1, perform.clean.allocations + 1)
    done = perform.perform(numbers, lambda here, number: here.run(scene, first=number, last=FOR_EVER if lasts else number),
                           at_most=None if lasts else 1, kinds={"internal"})
    assert all(one.failed for one in done)
    assert len(done) == perform.clean.allocations
