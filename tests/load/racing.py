# SPDX-License-Identifier: MIT
"""Several runs of the program at once, and whether what they say fits together."""

import json
import os
import random
import subprocess
import time

import pytest

from support import hives, oracles, tool

ROUNDS = int(os.environ.get("MAPIHTTP_RACES") or 25)
STATES = {"enabled": (4, bytes(4)), "disabled": (4, b"\1\0\0\0"), "absent": None}


def start(verb, request):
    """Starts the program; its standard input is there already, so that nothing keeps it waiting."""
    process = subprocess.Popen(tool.command(verb), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    process.stdin.write(json.dumps(request).encode())
    process.stdin.close()
    process.stdin = None
    return process


def end(process):
    """Its result, as tool.run gives it; it ended by itself, with a result and nothing else."""
    out, err = process.communicate(timeout=tool.TIMEOUT)
    assert process.returncode in (0, 1, 2) and err == b"", (process.returncode, err, out)
    result = json.loads(out)
    problems = [e.message for e in tool.validator("result").iter_errors(result)]
    assert not problems, problems
    assert "error" not in result, result
    return tool.Outcome(process.returncode, out, err, result)


def while_running(processes, do):
    """Does one thing after the other until all have ended; fails when one does not end, and kills them."""
    last = time.monotonic() + tool.TIMEOUT
    while running := [process for process in processes if process.poll() is None]:
        if time.monotonic() > last:
            for process in running:
                process.kill()
                process.communicate()
            pytest.fail(f"{len(running)} of {len(processes)} runs had not ended after {tool.TIMEOUT} s")
        do()


def value_in(path):
    """The value as libhivex reads it: (type, data) or None."""
    tree = oracles.bare(oracles.hivex_dump(path))
    found, missing = oracles.find(tree, hives.KEY)
    return next(((t, d) for n, t, d in tree[found] if not missing and n == hives.NAME), None)


def as_value(told):
    """A value of a result as (type, data) or None."""
    if told is None:
        return None
    if told["type"] == "REG_DWORD":
        return 4, told["data"].to_bytes(4, "little")
    assert told["type"] == "REG_SZ", told
    return 1, told["data"].encode("utf-16-le") + b"\0\0"


def is_chain(first, steps, last):
    """Whether the steps (before, after) can have been made one after the other, from `first` to `last`."""
    if not steps:
        return first == last
    return any(before == first and is_chain(after, steps[:i] + steps[i + 1:], last)
               for i, (before, after) in enumerate(steps) if (before, after) not in steps[:i])


def jobs(dice, count):
    """What `count` runs are to do: two at least write, and not the same."""
    first, second = dice.sample(sorted(STATES), 2)
    more = [("apply", first), ("apply", second)]
    while len(more) < count:
        more.append((dice.choice(["apply", "check", "get"]), dice.choice(sorted(STATES))))
    dice.shuffle(more)
    return more


def seeded(*what):
    """A random generator of its own for each test, the same in every run."""
    return random.Random("/".join(map(str, what)))
