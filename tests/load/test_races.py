# SPDX-License-Identifier: MIT
"""Several mapihttp at once on one store: every hive is whole, and what they say can have happened.

Whatever was written was written to what was seen before: the changes that the runs report of one hive can be put into
a row, from the value before all of them to the value that is there in the end. Bounded by rounds, not by time.
"""

import os
from collections import Counter

import pytest

import crowd
import racing
from support import hives

SHAPES = {**crowd.WHOLE, "large": hives.user(size=200000), "large-disabled": hives.user(hives.dword(1), size=200000),
          "large-free": hives.user(hives.value("REG_SZ", "0"), size=200000, free=50),
          "large-dirty": {**crowd.LOGGED, "size": 200000}}


def make(folder):
    return hives.store(folder / "store", SHAPES)


def written(profile):
    """The step of a profile that a run says it has made; None where it has made none."""
    if profile["outcome"] != "changed":
        return None
    return racing.as_value(profile["before"]), racing.as_value(profile["after"])


def hold_together(name, told, before, after):
    """What the runs tell of one hive, and what was and is there. told: (verb, profile) of each run."""
    steps = [step for verb, profile in told if verb == "apply" and (step := written(profile))]
    assert racing.is_chain(before, steps, after), (name, before, steps, after)
    there = {before, *(value for step in steps for value in step)}
    for verb, profile in told:
        if profile["error"]:
            assert profile["error"]["kind"] == "in_use", (name, profile)
            continue
        assert racing.as_value(profile["before"]) in there, (name, profile, there)
        if verb == "apply":
            assert racing.as_value(profile["after"]) in there, (name, profile, there)


def one_round(top, work, tally):
    """All at once; then everything that they said is held against what is there."""
    paths = {name: top / name / "NTUSER.DAT" for name in SHAPES}
    before = {name: racing.value_in(path) if not is_dirty(path) else read(path) for name, path in paths.items()}
    running = [(verb, racing.start(verb, {"store": str(top), **({} if verb == "get" else {"state": state})}))
               for verb, state in work]
    done = [(verb, racing.end(process)) for verb, process in running]
    for name, path in paths.items():
        after = racing.value_in(path) if not is_dirty(path) else read(path)
        told = [(verb, outcome.profile(f"/{name}/NTUSER.DAT")) for verb, outcome in done]
        hold_together(name, told, before[name], after)
        tally.update(profile["error"]["kind"] if profile["error"] else profile["outcome"] for verb, profile in told
                     if verb == "apply")
    for _, outcome in done:
        assert outcome.result["counts"]["profiles"] == len(SHAPES)


def is_dirty(path):
    head = path.read_bytes()[4:12]
    return head[:4] != head[4:]


def read(path):
    """The value of a hive that libhivex cannot read: with its logs."""
    return racing.as_value(racing.end(racing.start("get", {"hives": [str(path)]})).result["profiles"][0]["before"])


@pytest.mark.parametrize("runs", [2, 3, 6])
def test_many_at_once(room, say, runs):
    """Two writers at least, of different minds, and who looks."""
    top, tally = make(room(64 << 20)), Counter()
    dice = racing.seeded("races", runs)
    for _ in range(racing.ROUNDS):
        one_round(top, racing.jobs(dice, runs), tally)
    assert tally["changed"] > 0  # whoever only ever gave way would pass everything else
    for name in SHAPES:
        path = top / name / "NTUSER.DAT"
        if not is_dirty(path):
            hives.check(path)
        assert {p for p in os.listdir(path.parent) if not p.startswith("NTUSER.DAT.LOG")} == {"NTUSER.DAT"}
    say(f"races: {runs} at once, {racing.ROUNDS} rounds on {len(SHAPES)} hives: "
        + ", ".join(f"{number} {what}" for what, number in sorted(tally.items())))


def test_afterwards_one_run_converges(room):
    """Nothing of a race stays in the way."""
    top, dice = make(room(64 << 20)), racing.seeded("after")
    tally = Counter()
    for _ in range(3):
        one_round(top, racing.jobs(dice, 4), tally)
    assert tally["changed"] > 0
    assert racing.end(racing.start("apply", {"store": str(top), "state": "enabled"})).code == 0
    assert {racing.value_in(top / name / "NTUSER.DAT") for name in SHAPES} == {racing.STATES["enabled"]}
