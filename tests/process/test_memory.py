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


@pytest.mark.parametrize("scene", [scenes.ENDLESS], ids=str)
def test_endless_input(perform, scene):
    """It is read no further than a request may be long, and not at all where it can be put nowhere."""
    here = perform.theatres[0]
    count = here.run(scene, endless=True).allocations
    for number in range(1, count + 1):
        done = here.run(scene, first=number, last=FOR_EVER, endless=True)
        assert done.code == scene.trouble and (done.out or done.err)


@pytest.mark.parametrize("scene", [scenes.ABSENT], ids=str)
def test_memory_is_out_for_threads(perform, scene):
    """Several threads find at once that there is none, and one of them says so."""
    count = perform.clean.allocations

    def act(here, number):
        return here.run(scene, first=number, last=FOR_EVER, processors=2)

    done = perform.perform(range(1, count, count // 100), act)
    assert {one.code for one in done} == {scene.trouble}
    assert [one.err for one in done if one.err.count(b"\n") > 1] == []
