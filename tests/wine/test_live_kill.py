# SPDX-License-Identifier: MIT
"""Killed at random moments: every value is the old or the new one, files are whole, and the next run cleans up."""

import os
import random
import subprocess
import threading
import time

from support import hives, wine
from support.inotify import Openings
from support.tool import TIMEOUT, call, command
from support.wine import OFF, ON

ROUNDS = 100
PAIRS = 12
STATES = {"enabled": ON, "disabled": OFF}


def kill(machine, state, delay, at_work):
    """Starts an apply and kills it after `delay`, at_work: since it opened its first hive. Whether it still ran."""
    began = threading.Event()
    with Openings([machine.hive("u00")], lambda _: began.set()):
        process = subprocess.Popen(command("apply", f"state={state}"), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            if at_work:
                assert began.wait(TIMEOUT)
            process.wait(delay)
            return False
        except subprocess.TimeoutExpired:
            return True
        finally:
            process.kill()
            process.wait(TIMEOUT)


def complete(machine, state):
    """A run that nobody kills: when the first hive was opened, and when it ended, in seconds."""
    began, opened = time.monotonic(), []
    with Openings([machine.hive("u00")], lambda _: opened.append(time.monotonic())):
        done = call("apply", {"state": state})
    ended = time.monotonic()
    # The news of the opening may come after the end on a machine with much to do.
    return done, (opened or [ended])[0] - began, ended - began


def test_killed_at_random_moments_and_run_again(machine, record_property):
    seed = int(os.environ.get("MAPIHTTP_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"MAPIHTTP_SEED={seed}")
    record_property("seed", seed)
    chance, loaded = random.Random(seed), [machine.own]
    machine.put(machine.own, OFF)
    for number in range(PAIRS):  # one after the other: who is logged on, whose hive must be mounted
        loaded.append(machine.loaded(f"l{number:02}", OFF))
        machine.unloaded(f"u{number:02}", OFF)
        machine.hive(f"u{number:02}").write_bytes(wine.text_hive(OFF))
    # Wine writes no mount back. So whatever happens, no byte of these may change.
    files, state = hives.contents(machine.drive / "users"), "enabled"
    _, first, last = complete(machine, state)
    killed = amid = left = 0
    turn = -1
    while killed < ROUNDS and turn < 3 * ROUNDS:
        turn += 1
        old, state = STATES[state], "disabled" if state == "enabled" else "enabled"
        # Every second one dies while it works, the others at any time.
        at_work = turn % 2 == 1
        killed += kill(machine, state, chance.uniform(0, max(last - first, 0) if at_work else last), at_work)
        seen = set(machine.values_of(loaded))
        amid += len(seen) > 1
        left += len(machine.mounts()) > 0
        where = f"turn {turn}, MAPIHTTP_SEED={seed}"
        assert seen <= {old.raw, STATES[state].raw}, where
        assert hives.contents(machine.drive / "users") == files, where
        done, first, last = complete(machine, state)
        assert (done.code, machine.mounts()) == (0, []), where
        assert set(machine.values_of(loaded)) == {STATES[state].raw}, where
        assert hives.contents(machine.drive / "users") == files, where
    told = f"{killed} of {turn + 1} were killed: {amid} amid the values, {left} with a mount left"
    print(told)
    record_property("killed", told)
    assert killed == ROUNDS and amid > 0 and left > 0
