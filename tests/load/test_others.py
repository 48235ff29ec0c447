# SPDX-License-Identifier: MIT
"""mapihttp on a store while another program is at its hives: nothing of the other's is lost, nothing is torn.

Bounded by rounds: in each, three runs are started, and the other does one thing after the other until they have ended.
"""

import os
from collections import Counter

import pytest

import crowd
import other
import racing
from support import hives

NAMES = [f"user{number}" for number in range(8)]
WORK = [("apply", "enabled"), ("apply", "disabled"), ("check", "enabled")]
WRITTEN = [racing.STATES[state] for verb, state in WORK if verb == "apply"]
# What a hive may be called of which the other has done something at that moment. `unsupported`: a link.
KINDS = {"in_use", "corrupt", "not_found", "unsupported"}


def one_round(top, others, tally):
    running = [racing.start(verb, {"store": str(top), "state": state}) for verb, state in WORK]
    racing.while_running(running, others.step)
    for process in running:
        done = racing.end(process)
        assert set(done.kinds) <= KINDS, done.out
        tally.update(p["error"]["kind"] if p["error"] else p["outcome"] for p in done.result["profiles"])
    others.finish()
    others.hold_against(WRITTEN)


def is_converged(top, others):
    """With nobody else at them, all that are whole converge, and what was cut is corrupt."""
    done = racing.end(racing.start("apply", {"store": str(top), "state": "enabled"}))
    for profile in done.result["profiles"]:
        there = others.there[profile["id"].rsplit("/", 2)[1]]
        whole = isinstance(there, other.Version)
        assert (profile["error"] is None) == whole and (whole or profile["error"]["kind"] == "corrupt"), profile
    others.hold_against([racing.STATES["enabled"]])


def left_over(folder):
    return [path for path in folder.rglob("*") if "mapihttp-new" in path.name or path.name == "theirs"]


@pytest.mark.parametrize("seed", range(4))
def test_another_program_is_at_the_hives(room, say, seed):
    folder = room(64 << 20)
    (folder / "templates").mkdir()
    (folder / "store").mkdir()
    templates = crowd.Templates(folder / "templates")
    others = other.Other(folder / "store", NAMES, templates, racing.seeded("others", seed))
    before, tally = hives.snapshot(folder / "outside"), Counter()
    try:
        for _ in range(racing.ROUNDS):
            one_round(others.top, others, tally)
    finally:
        others.finish()
    assert tally["changed"] > 0
    is_converged(others.top, others)
    assert hives.snapshot(folder / "outside") == before
    assert not left_over(folder) and not os.listdir(others.aside)
    say(f"another at the hives, seed {seed}, {racing.ROUNDS} rounds of {len(WORK)}: it did {others.tally.total()} things ("
        + ", ".join(f"{number} {what}" for what, number in sorted(others.tally.items())) + "); of ours: "
        + ", ".join(f"{number} {what}" for what, number in sorted(tally.items())))
